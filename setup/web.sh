#!/usr/bin/env bash
# Makes the dashboard, web/, into build/web, from where the build puts it into kai; with the pinned
# Node, and nothing where nothing has changed.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"

setup/node.sh .deps/node
export PATH=$PWD/.deps/node/bin:$PATH

locked="$(cat .deps/node/version) $(sha256sum <web/package-lock.json)"
if [ "$locked" != "$(cat web/node_modules/.kai 2>/dev/null)" ]; then
  need_space web 300
  step "fetching what the page is made with" \
    npm ci --prefix web --ignore-scripts --no-audit --no-fund --loglevel=error
  echo "$locked" >web/node_modules/.kai
fi

# The types of the API come from the server's description of itself.
made_of=$(find web src/api/openapi.json docs/answer.schema.json -path web/node_modules -prune -o \
  -path web/src/api/schema.ts -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
[ "$made_of $locked" != "$(cat build/web/.made 2>/dev/null)" ] || exit 0
step "making the page" npm run --prefix web build
echo "$made_of $locked" >build/web/.made
