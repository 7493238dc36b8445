#!/usr/bin/env bash
# Puts llama.cpp's prebuilt runtime under .deps/llama (include/, lib/, and backend, one word):
#   llama.sh cpu|vulkan|cuda12|cuda13
# The CPU's runtime is the base and a GPU adds its files to lib/, so changing between them relinks
# nothing. The caller holds .deps/lock. An existing runtime stays whole until the new one is.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"
# shellcheck source=setup/pins.sh
source setup/pins.sh
variant=$1

base_pins="$node_llama_version $runtime_cpu_sha256 $headers_sha256"
gpu_sha256=runtime_${variant}_sha256
pins="$variant ${!gpu_sha256} $base_pins"
pins_before=$(cat .deps/llama/pins 2>/dev/null || true)
[ "$pins_before" != "$pins" ] || exit 0

need_space . 2000
work=$PWD/.deps/work
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"

# Leaves a working npm on PATH.
npm_client() {
  if npm --version >/dev/null 2>&1; then return; fi
  setup/node.sh "$work/node"
  PATH=$work/node/bin:$PATH
}

# fetch_runtime PACKAGE SHA256 MEMBER: a package's libraries into lib/.
fetch_runtime() {
  step "fetching $1" setup/fetch.sh npm "@node-llama-cpp/$1" "$node_llama_version" "$2" "$work/$1"
  tar -xmzf "$work/$1" -C "$work/llama/lib" --wildcards --no-anchored --transform 's,.*/,,' "$3"
  rm "$work/$1"
}

# tar's -m gives every file today's date: the build must see that a header is another one.
fetch_base() {
  mkdir -p "$work"/llama/{lib,include}
  npm_client
  fetch_runtime linux-x64 "$runtime_cpu_sha256" '*.so'
  # The names that a linker looks for.
  (cd "$work/llama/lib" && ln -s libllama.v*.so libllama.so && ln -s libggml.v*.so libggml.so)

  step "fetching llama.cpp's headers" setup/fetch.sh npm node-llama-cpp "$node_llama_version" \
    "$headers_sha256" "$work/headers"
  tar -xzf "$work/headers" -C "$work" package/llama/gitRelease.bundle
  git clone -q --bare "$work/package/llama/gitRelease.bundle" "$work/llama.git"
  git --git-dir="$work/llama.git" archive HEAD include ggml/include |
    tar -xm -C "$work/llama/include" --transform 's,.*/,,' --wildcards '*.h'
}

if [[ $pins_before == *" $base_pins" ]]; then
  cp -a .deps/llama "$work/llama"
  rm -f "$work"/llama/lib/lib{ggml-vulkan,ggml-cuda}.so "$work"/llama/lib/libcu*.so*
else
  fetch_base
fi
if [ "$variant" != cpu ]; then npm_client; fi
case $variant in
  vulkan) fetch_runtime linux-x64-vulkan "$runtime_vulkan_sha256" libggml-vulkan.so ;;
  cuda13) fetch_runtime linux-x64-cuda "$runtime_cuda13_sha256" libggml-cuda.so ;;
  cuda12) fetch_runtime linux-x64-cuda-ext "$runtime_cuda12_sha256" libggml-cuda.so ;;
esac

# CUDA's libraries: the loader's own, else links to a toolkit's, else (13 only) from their wheels.
if [[ $variant == cuda* ]]; then
  version=${variant#cuda}
  for library in libcudart libcublas libcublasLt; do
    if found=$(setup/cuda_library.sh "$library.so.$version"); then
      ln -s "$found" "$work/llama/lib/"
    fi
  done
  if ldd "$work/llama/lib/libggml-cuda.so" | grep -qE 'lib(cudart|cublas).*not found'; then
    [ "$version" = 13 ] || fail "CUDA $version's libraries (libcudart, libcublas) are missing"
    step "fetching CUDA's runtime" setup/fetch.sh pypi nvidia-cuda-runtime \
      "$cuda_runtime_version" "$cuda_runtime_sha256" "$work/cudart.whl"
    step "fetching CUDA's libcublas (423 MB)" setup/fetch.sh pypi nvidia-cublas \
      "$cublas_version" "$cublas_sha256" "$work/cublas.whl"
    for wheel in cudart cublas; do
      python3 - "$work/$wheel.whl" "$work/llama/lib" <<'PYTHON'
import pathlib, re, shutil, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for member in wheel.namelist():
    name = pathlib.PurePath(member).name
    if re.fullmatch(r"lib(cudart|cublas|cublasLt)\.so\.\d+", name):
        with wheel.open(member) as source, open(f"{sys.argv[2]}/{name}", "wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
PYTHON
      rm "$work/$wheel.whl"
    done
  fi
fi

echo "${variant%1[23]}" >"$work/llama/backend"
echo "$pins" >"$work/llama/pins"
if [ -e .deps/llama ]; then mv .deps/llama "$work/old"; fi
mv "$work/llama" .deps/llama
