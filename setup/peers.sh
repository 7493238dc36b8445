#!/usr/bin/env bash
# Puts gateways of others into .deps/peers, for `make bench-load` to measure beside kai: LiteLLM's
# proxy and Portkey's gateway, which needs a Node (18 or newer) on the PATH. Some 600 MB; without
# this the benchmark leaves them out.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"

wanted="$(python3 -c 'import sys; print(sys.version_info[:2])') $(cat setup/peers/* | sha256sum)"
[ "$wanted" != "$(cat .deps/peers/wanted 2>/dev/null)" ] || exit 0
command -v npm >/dev/null || fail "npm is missing: install nodejs and npm by hand"
need_space . 1500
rm -rf .deps/peers
mkdir -p .deps/peers
python3 -m venv .deps/peers/litellm
step "fetching LiteLLM" .deps/peers/litellm/bin/pip install -q --no-deps --only-binary=:all: \
  --no-cache-dir --disable-pip-version-check -r setup/peers/litellm.txt
cp setup/peers/package*.json .deps/peers/
step "fetching Portkey" npm ci --prefix .deps/peers --no-audit --no-fund --loglevel=error
ln -s "$(command -v node)" .deps/peers/node
echo "$wanted" >.deps/peers/wanted
