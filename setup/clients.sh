#!/usr/bin/env bash
# Puts the clients of clients.txt and of tests/clients/node into .deps/clients, and Node into
# .deps/node, for the tests that speak to kai with them.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"

setup/node.sh .deps/node
# Wheels are made for one version of Python: another one has them put in anew.
wanted="$(python3 -c 'import sys; print(sys.version_info[:2])') $(
  cat setup/clients.txt tests/clients/node/package-lock.json | sha256sum
)"
[ "$wanted" != "$(cat .deps/clients/wanted 2>/dev/null)" ] || exit 0
rm -rf .deps/clients .deps/clients.new
# Into a folder of its own: Debian's rule against pip is about the system's Python.
step "fetching clients of other programs, for the tests" python3 -m pip install -q --no-deps \
  --only-binary=:all: --no-cache-dir --no-compile --disable-pip-version-check --require-hashes \
  --target .deps/clients.new -r setup/clients.txt
cp tests/clients/node/package*.json .deps/clients.new/
PATH=$PWD/.deps/node/bin:$PATH step "fetching clients that run on Node" npm ci \
  --prefix .deps/clients.new --cache .deps/clients.new/npm-cache --no-audit --no-fund \
  --ignore-scripts --loglevel=error
rm -rf .deps/clients.new/npm-cache
echo "$wanted" >.deps/clients.new/wanted
mv .deps/clients.new .deps/clients
