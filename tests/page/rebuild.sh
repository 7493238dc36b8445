#!/usr/bin/env bash
# Whether a page that has changed is in the program after a build, also where only the bytes of a file
# are others, by whatever cache of compilations this machine has: rebuild.sh CMAKE COMPILER
set -euo pipefail
cmake=$1 compiler=$2
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
page=$work/page
mkdir -p "$page/assets"

launcher=()
if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
export CCACHE_DIR=$work/cache
"$cmake" -G Ninja -S "$source/tests/page" -B "$work/build" -DKAI_SOURCE="$source" \
  -DKAI_PAGE="$page" -DCMAKE_CXX_COMPILER="$compiler" "${launcher[@]}" >"$work/log"

# says WORDS: whether that is all that the program has, after a build.
says() {
  "$cmake" --build "$work/build" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  local said
  said=$("$work/build/print_page")
  [ "$said" = "$1" ] || { printf 'expected:\n%s\ngot:\n%s\n' "$1" "$said"; exit 1; }
}
html='/index.html text/html; charset=utf-8'
script='/assets/a-1.js text/javascript; charset=utf-8'

says ""
echo -n one >"$page/index.html"
says "$html one"
echo -n two >"$page/index.html" # as long, and soon after: only the bytes tell
says "$html two"
echo -n one >"$page/index.html" # what a cache has seen before
says "$html one"
echo -n hello >"$page/assets/a-1.js"
echo packed >"$page/assets/a-1.js.gz"
says "$script hello
$html one"
rm "$page/assets/a-1.js"
says "$html one"
