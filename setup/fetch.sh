#!/usr/bin/env bash
# Fetches one pinned package with its registry's own client and verifies it:
#   fetch.sh pypi|npm NAME VERSION SHA256 FILE
# FILE comes into being only whole and right. A failed download is tried once more.
set -euo pipefail
registry=$1 name=$2 version=$3 sha256=$4 file=$5

temp=$(mktemp -d "$(dirname "$file")/fetch.XXXXXX")
trap 'rm -rf "$temp"' EXIT
export TMPDIR=$temp

# Clients keep neither caches nor half-done files outside the temp folder. `pip download` needs no
# venv: Debian's externally-managed rule is about installing.
download() {
  find "$temp" -mindepth 1 -delete
  case $registry in
    pypi) python3 -m pip download -q --no-deps --only-binary=:all: --no-cache-dir \
      --disable-pip-version-check -d "$temp" "$name==$version" ;;
    npm) npm pack --loglevel=error --cache "$temp/cache" --pack-destination "$temp" "$name@$version" ;;
  esac || return 1
  sha256sum --check --status <<<"$sha256  $(find "$temp" -maxdepth 1 -type f)" || {
    echo "$name $version is not what setup/pins.sh expects (sha256)"
    return 1
  }
}

download || { echo "trying $name once more"; download; }
mv "$(find "$temp" -maxdepth 1 -type f)" "$file"
