# shellcheck shell=bash
# What the set-up scripts share; sourced, never run. Goes to the repository's root. Everything is
# said on stderr, so that `make ask … >file` holds the answer alone.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

say() { printf 'kai: %s\n' "$*" >&2; }

fail() {
  printf 'kai: error: %s\n' "$*" >&2
  exit 1
}

# step WORDS COMMAND…: runs a program, says how long it took; shows its output only if it fails.
step() {
  local words=$1 begin=$SECONDS log
  shift
  log=$(mktemp)
  say "$words …"
  if "$@" >"$log" 2>&1 </dev/null; then
    rm -f "$log"
    say "$words: $((SECONDS - begin)) s"
  else
    tail -n 30 "$log" | sed 's/^/  /' >&2
    local cause
    cause=$(cause_of "$log")
    rm -f "$log"
    fail "$words failed${cause:+: $cause}"
  fi
}

# Remedy for what a failed command wrote to a file; nothing if it is none of the usual causes.
cause_of() {
  if grep -qiE 'no space left|not enough free|disk quota|ENOSPC' "$1"; then
    echo "the disk is full. Free 3 GB and run the same command again"
  elif grep -qiE 'could not resolve|name resolution|timed out|connection (refused|reset|broken)|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network is unreachable|no matching distribution|failed to fetch|SSLError|max retries' "$1"; then
    echo "a package registry cannot be reached. Check the network (and proxy) and run the same command again"
  elif grep -q 'is not what setup/pins.sh expects' "$1"; then
    echo "the registry sent another file than the pinned one, so it is not used. Try once more, then with a newer kai (git pull)"
  fi
}

# need_space FOLDER MB: stops if the folder's disk has less.
need_space() {
  local free
  free=$(df --output=avail -BM "$1" | tail -n 1 | tr -dc 0-9)
  [ "$free" -ge "$2" ] || fail "$1 has $free MB free and $2 MB are needed. Free some space and run the same command again"
}

# hold FILE: this script goes on alone; a second one in the same place waits.
hold() {
  mkdir -p "$(dirname "$1")"
  exec {lock}>"$1"
  flock -n "$lock" || {
    say "another make is at work on $(dirname "$1"): waiting for it"
    flock "$lock"
  }
}
