#!/usr/bin/env bash
# Puts promtool into .deps/promtool, for the test that has it check kai's metrics: out of the
# distribution's package of Prometheus, which is not installed, since that would start a server.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"

[ ! -x .deps/promtool/promtool ] || exit 0
command -v apt-get >/dev/null || { say "promtool is not here: its test is left out"; exit 0; }

unpack() (
  cd "$1"
  apt-get -q download prometheus
  dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool
)

need_space .deps 200
folder=$(mktemp -d .deps/promtool.XXXXXX)
trap 'rm -rf "$folder"' EXIT
step "fetching promtool, for the tests" unpack "$folder"
mkdir -p .deps/promtool
mv "$folder/usr/bin/promtool" .deps/promtool/promtool
