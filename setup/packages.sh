#!/usr/bin/env bash
# Installs the system packages of packages.tsv that are missing: packages.sh PURPOSE…
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"

[ "$(uname -sm)" = "Linux x86_64" ] ||
  fail "kai's prebuilt llama.cpp is for Linux on x86-64, and this is $(uname -sm)"

system=$(. /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_ID:-}") || system=
case $system in
  "debian 12") column=2 ;;
  "ubuntu 24.04") column=3 ;;
  *) column=0 ;;
esac

# packages COLUMN PURPOSE…: the names of the purposes' lines.
packages() {
  awk -F'\t' -v column="$1" -v purposes=" ${*:2} " \
    '!/^#/ && index(purposes, " " $1 " ") { print $column }' setup/packages.tsv | sort
}

if [ "$column" = 0 ]; then
  needed=$(packages 2 "$@" | tr '\n' ' ')
  told=.deps/told-$*
  [ -e "$told" ] || say "kai is tested on Debian 12; this is \"$system\". It needs what Debian 12 calls: $needed"
  for tool in git clang++-19 ld.lld-19 cmake ninja ccache python3; do
    command -v "$tool" >/dev/null || fail "$tool is missing. Install by hand what Debian 12 calls: $needed"
  done
  python3 -m pip --version >/dev/null 2>&1 || fail "pip for python3 is missing: install it by hand"
  touch "$told"
  exit 0
fi

# dpkg says the truth faster than a stamp file could lie.
missing=$(comm -23 <(packages "$column" "$@") \
  <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u))
[ -n "$missing" ] || exit 0
mapfile -t missing <<<"$missing"

as_root=()
if [ "$(id -u)" != 0 ]; then
  # Without a terminal only a sudo that asks for no password helps.
  if sudo -n true 2>/dev/null; then as_root=(sudo -n)
  elif [ -t 0 ] && command -v sudo >/dev/null; then as_root=(sudo)
  else
    fail "${#missing[@]} packages are missing, and you are neither root nor have sudo." \
      "Let root run: apt-get install -y --no-install-recommends ${missing[*]}"
  fi
fi
[ "$column" = 2 ] || say "$system: the package names are untested"
need_space /usr $((150 * ${#missing[@]} + 200))

apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
  -o Acquire::Retries=1 -o DPkg::Lock::Timeout=300)
step "reading the list of packages" "${apt[@]}" update
step "installing ${#missing[@]} system packages for: $*" \
  "${apt[@]}" install --no-install-recommends "${missing[@]}"
