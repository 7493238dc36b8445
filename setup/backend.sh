#!/usr/bin/env bash
# Says which llama.cpp backend suits this PC: one line, VARIANT<tab>WHY, where VARIANT is cpu,
# vulkan, cuda12 or cuda13. KAI_BACKEND=cpu|vulkan|cuda decides by hand; one that cannot work is
# an error with the remedy.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin:/sbin  # ldconfig, for users other than root

wanted=${KAI_BACKEND:-auto}
known=$(ldconfig -p 2>/dev/null || true)

# In the loader's folders, a CUDA toolkit's, or fetched here before.
has_library() {
  grep -qF "$1 (" <<<"$known" || [ -e ".deps/llama/lib/$1" ] ||
    setup/cuda_library.sh "$1" >/dev/null
}

answer() {
  printf '%s\t%s\n' "$1" "$2"
  exit 0
}

# CUDA 13 runs on drivers from 580. The package carries machine code for some cards only; for the
# others the driver translates, which takes one as new as the package's CUDA 13.1 (590): with 580 an
# H200 (9.0) finds the device and fails at its first step. Unknown counts as new.
suits_cuda13() {
  local driver card
  driver=$(sed -nE '1s/.* ([0-9]{3,})\.[0-9.]+ .*/\1/p' /proc/driver/nvidia/version 2>/dev/null) || true
  driver=${driver:-590}
  [ "$driver" -ge 580 ] || return 1
  for card in $(nvidia-smi --query-gpu=compute_cap --format=csv,noheader 2>/dev/null |
    tr -d . | grep -xE '[0-9]+'); do
    case $card in
      86 | 89 | 120 | 121) ;;
      *) [ "$card" -ge 75 ] && [ "$driver" -ge 590 ] || return 1 ;;
    esac
  done
}

# Sets `cuda` to the variant, or `cuda_lacks` to what is in the way.
probe_cuda() {
  cuda='' cuda_lacks=''
  if ! has_library libcuda.so.1; then
    if [ ! -e /proc/driver/nvidia/version ]; then cuda_lacks="no NVIDIA driver"; else
      cuda_lacks="an NVIDIA kernel driver without libcuda.so.1"
    fi
    return
  fi
  local version=12 library
  if suits_cuda13; then version=13; fi
  cuda=cuda$version
  for library in libcudart libcublas libcublasLt; do
    has_library "$library.so.$version" || cuda_lacks="an NVIDIA card, but no CUDA $version libraries"
  done
}

# Sets `vulkan_lacks` to what is in the way, empty if nothing is.
probe_vulkan() {
  local nodes=(/dev/dri/renderD*) drivers
  drivers=$(find /usr/share/vulkan/icd.d /etc/vulkan/icd.d -name '*.json' 2>/dev/null |
    grep -v lvp_icd) || true
  vulkan_lacks=''
  if [ ! -e "${nodes[0]}" ]; then vulkan_lacks="no GPU (/dev/dri)"
  elif [ ! -r "${nodes[0]}" ] || [ ! -w "${nodes[0]}" ]; then
    vulkan_lacks="a GPU that you may not open (join the group that owns ${nodes[0]})"
  elif ! has_library libvulkan.so.1 || [ -z "$drivers" ]; then
    vulkan_lacks="a GPU without a Vulkan driver (on Debian: libvulkan1 mesa-vulkan-drivers)"
  fi
}

probe_cuda
probe_vulkan

case $wanted in
  cpu) answer cpu "KAI_BACKEND says so" ;;
  vulkan)
    [ -z "$vulkan_lacks" ] || fail "KAI_BACKEND=vulkan cannot work: found $vulkan_lacks"
    answer vulkan "KAI_BACKEND says so"
    ;;
  cuda)
    [ -n "$cuda" ] || fail "KAI_BACKEND=cuda cannot work: found $cuda_lacks. Install NVIDIA's driver"
    # llama.sh fetches the libraries of CUDA 13 if they are missing; for CUDA 12 it cannot.
    [ -z "$cuda_lacks" ] || [ "$cuda" = cuda13 ] ||
      fail "KAI_BACKEND=cuda cannot work: found $cuda_lacks. Install them, or driver 590 or newer"
    answer "$cuda" "KAI_BACKEND says so"
    ;;
  auto) ;;
  *) fail "KAI_BACKEND is cpu, vulkan or cuda, not \"$wanted\"" ;;
esac

if [ -n "$cuda" ] && [ -z "$cuda_lacks" ]; then answer "$cuda" "an NVIDIA card and its CUDA libraries"; fi
if [ -z "$vulkan_lacks" ]; then answer vulkan "a GPU with a Vulkan driver"; fi
if [ "$cuda" = cuda13 ]; then
  answer cpu "found $cuda_lacks (KAI_BACKEND=cuda fetches them, 425 MB) and $vulkan_lacks"
fi
answer cpu "found $cuda_lacks and $vulkan_lacks"
