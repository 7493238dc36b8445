#!/usr/bin/env bash
# Every fuzz target in turn: tests/fuzz/run.sh [SECONDS each, 30]. What is found lies in
# build/fuzz/finds, one file an input; run its target with it to see it again. Corpora grow in
# build/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-30}
case $seconds in
  '' | *[!0-9]* | 0) echo "run.sh: \"$seconds\" is no number of seconds" >&2 && exit 2 ;;
esac
mkdir -p build/fuzz/finds
failed=()
for seeds in tests/fuzz/corpus/*/; do
  name=$(basename "$seeds")
  corpus=build/fuzz/corpus/$name log=build/fuzz/$name.log
  mkdir -p "$corpus"
  if UBSAN_OPTIONS=print_stacktrace=1 "build/fuzz/fuzz_$name" -max_total_time="$seconds" \
    -timeout=10 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=1 \
    -artifact_prefix="build/fuzz/finds/$name-" "$corpus" "$seeds" >"$log" 2>&1; then
    runs=$(awk '/number_of_executed_units/ { print $2 }' "$log")
    printf '%-16s %10s inputs, nothing found\n' "$name" "$runs"
  else
    failed+=("$name")
    printf '%-16s FAILED\n' "$name"
    tail -n 40 "$log"
  fi
done
[ ${#failed[@]} -eq 0 ] || {
  echo "run.sh: found something in ${failed[*]}; the inputs are in build/fuzz/finds" >&2
  exit 1
}
