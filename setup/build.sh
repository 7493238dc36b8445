#!/usr/bin/env bash
# Brings kai to the state that a purpose needs, doing only what is not done yet:
#   build.sh setup|ask|web|sim|test|bench|bench-quality|bench-pc|bench-machine|bench-load|bench-web|sanitize|fuzz|torture
# packages, llama.cpp, models (in the background), configure, build, check of the GPU.
# KAI_BACKEND=cpu|vulkan|cuda picks the backend; KAI_WERROR=ON makes warnings errors.
set -euo pipefail
# shellcheck source=setup/lib.sh
source "$(dirname "$0")/lib.sh"
purpose=$1

preset=release options=() packages=(build) targets=(kai kai-worker) models=(embedding)
case $purpose in
  setup | ask) models=() ;;
  web) models=() ;;
  sim) targets=(kai-sim) models=() ;;
  test) options=(-DKAI_TESTS=ON) packages+=(test) targets=(all) ;;
  bench) options=(-DKAI_BENCH=ON) packages+=(bench) targets+=(kai-bench) ;;
  bench-quality) options=(-DKAI_BENCH=ON) packages+=(bench) targets=(kai-bench-quality) ;;
  bench-pc) options=(-DKAI_BENCH=ON) packages+=(bench) targets=(kai-bench-pc) models=() ;;
  bench-machine) options=(-DKAI_BENCH=ON) packages+=(bench) targets+=(kai-bench-machine) models=() ;;
  bench-load) options=(-DKAI_BENCH=ON) packages+=(bench) targets+=(kai-bench-load) models=() ;;
  bench-web) options=(-DKAI_BENCH=ON) packages+=(test bench) targets+=(kai-bench-fill) models=() ;;
  sanitize) preset=asan packages+=(test) targets=(all) ;;
  fuzz) preset=fuzz packages+=(test) targets=(fuzz) ;;
  torture) packages+=(test) models=() ;;
  *) fail "build.sh: unknown purpose \"$purpose\"" ;;
esac
if [ -n "${KAI_WERROR:-}" ]; then options+=("-DKAI_WERROR=$KAI_WERROR"); fi
folder=build/$preset

hold .deps/lock
setup/packages.sh "${packages[@]}"
case $purpose in test | sanitize) setup/clients.sh && setup/promtool.sh ;; esac
# Only these need Node. Once it is made, the page is kept current whatever is built.
case $purpose in web | test | sanitize | bench-web) setup/web.sh ;; *) [ ! -d build/web ] || setup/web.sh ;; esac

# The models come from the network while the compiler keeps the cores busy. Its own process group,
# so that an interrupt or a failed build ends it with its children.
set -m
setup/models.sh "${models[@]}" </dev/null &
fetching=$!
set +m
trap 'kill -INT -- "-$fetching" 2>/dev/null || true; wait "$fetching" 2>/dev/null || true' EXIT

# A GPU that this runtime could not use is not tried again until something changes.
choice=$(setup/backend.sh)
IFS=$'\t' read -r variant why <<<"$choice"
if [ -z "${KAI_BACKEND:-}" ] && [ "$variant" = "$(cat .deps/refused 2>/dev/null)" ]; then
  variant=cpu why="the $variant backend found no device here before; KAI_BACKEND=${variant%1[23]} tries again"
fi
before=$(cat .deps/llama/pins 2>/dev/null || true)
setup/llama.sh "$variant"
if [ "$before" != "$(cat .deps/llama/pins)" ]; then say "llama.cpp runs on: ${variant%1[23]} ($why)"; fi

# cached OPTION: whether the build folder is configured so already.
cached() { grep -qE "^${1%%=*}:[A-Z]+=${1#*=}\$" "$folder/CMakeCache.txt"; }

configured() {
  [ -e "$folder/build.ninja" ] || return 1
  # A clone that was moved: CMake's cache names the old place and is of no use.
  grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" "$folder/CMakeCache.txt" || {
    rm -rf "$folder"
    return 1
  }
  local option
  for option in "${options[@]}"; do cached "${option#-D}" || return 1; done
}

# As many compilers as cores, but each may take 1 GB.
jobs=$(awk -v cores="$(nproc)" '/MemAvailable/ { gb = int($2 / 1048576)
  print gb < 1 ? 1 : gb < cores ? gb : cores }' /proc/meminfo)

build() {
  local begin=$SECONDS
  # A terminal gets ninja's own counter; a log gets silence, or the failure.
  if [ -t 2 ]; then
    NINJA_STATUS='kai: building %f/%t, %e s ' cmake --build "$folder" -j "$jobs" --target "$@" >&2
  else
    cmake --build "$folder" -j "$jobs" --target "$@" -- --quiet 2>&1 | sed '/^ninja: no work to do/d' >&2
  fi || fail "the build failed; the compiler's words are above"
  if [ $((SECONDS - begin)) -gt 0 ]; then say "building ${*}: $((SECONDS - begin)) s"; fi
}

if [ "$purpose" != setup ]; then
  configured || step "configuring $folder" cmake --preset "$preset" "${options[@]}"
  say_once=$folder/.announced
  if [ ! -e "$say_once" ]; then say "building ${targets[*]}: some minutes the first time …"; fi
  build "${targets[@]}"
  touch "$say_once"
fi

# The chosen GPU must really show up in the worker; else its library goes and the CPU answers.
checked="$variant $(sha256sum <.deps/llama/pins)"
if [ "$variant" != cpu ] && [ -x build/release/kai-worker ] &&
  [ "$checked" != "$(cat .deps/checked 2>/dev/null)" ]; then
  if devices=$(timeout 60 build/release/kai-worker devices 2>&1) &&
    grep -q '"kind":"gpu"' <<<"$devices"; then
    echo "$checked" >.deps/checked
    rm -f .deps/refused
  elif [ -n "${KAI_BACKEND:-}" ]; then
    fail "KAI_BACKEND=$KAI_BACKEND: llama.cpp finds no such device (build/release/kai-worker devices)." \
      "Update the GPU's driver, or use KAI_BACKEND=cpu"
  else
    echo "$variant" >.deps/refused
    setup/llama.sh cpu
    say "llama.cpp runs on: cpu (the $variant backend finds no device; after a change of drivers" \
      "KAI_BACKEND=${variant%1[23]} tries it again)"
  fi
fi

wait "$fetching" || fail "the starter models are missing; see above"
trap - EXIT
