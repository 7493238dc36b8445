#!/usr/bin/env bash
# Puts the clients of clients.txt into .deps/clients, for the tests that speak to kai with them.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"

# Wheels are made for one version of Python: another one has them put in anew.
wanted="$(python3 -c 'import sys; print(sys.version_info[:2])') $(sha256sum <setup/clients.txt)"
[ "$wanted" != "$(cat .deps/clients/wanted 2>/dev/null)" ] || exit 0
rm -rf .deps/clients .deps/clients.new
# Into a folder of its own: Debian's rule against pip is about the system's Python.
step "fetching clients of other programs, for the tests" python3 -m pip install -q --no-deps \
  --only-binary=:all: --no-cache-dir --disable-pip-version-check --require-hashes \
  --target .deps/clients.new -r setup/clients.txt
echo "$wanted" >.deps/clients.new/wanted
mv .deps/clients.new .deps/clients
