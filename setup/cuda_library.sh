#!/usr/bin/env bash
# Prints the path of a CUDA library that lies outside the loader's folders: cuda_library.sh NAME
set -euo pipefail
shopt -s nullglob
IFS=: read -ra folders <<<"${LD_LIBRARY_PATH:-}"
for folder in "${folders[@]}" /usr/local/cuda*/lib64 /usr/local/cuda*/targets/x86_64-linux/lib \
  /opt/cuda/lib64 /usr/lib/wsl/lib; do
  if [ -n "$folder" ] && [ -e "$folder/$1" ]; then
    echo "$folder/$1"
    exit 0
  fi
done
exit 1
