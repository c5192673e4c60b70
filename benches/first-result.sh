#!/usr/bin/env bash
# The times that somebody meets first, from nothing: of `cargo run --release`, of `cargo test`, and of `check`.
#
# Each is built in an empty target directory, after what it depends on has been fetched. Two figures stand for each: the
# wall time, which counts on a machine with two idle cores, and the processor time of all that was started (user and
# system), which changes less where others use the machine too. `check` is run twenty times; the median counts.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(mktemp -d)
trap 'rm -rf "$target"' EXIT
export CARGO_TARGET_DIR=$target
TIMEFORMAT='%R %U %S'

# timed COMMAND…: wall and processor time in seconds; what it prints is thrown away.
timed() { { time "$@" >/dev/null 2>"$target.said" || { cat "$target.said" >&2; exit 1; }; } 2>&1 | tail -n 1; }

# row NAME WALL-AIM: reads wall, user and system time.
row() {
  local wall user system
  read -r wall user system
  awk -v name="$1" -v wall="$wall" -v cpu="$(awk "BEGIN { print $user + $system }")" -v aim="$2" \
    'BEGIN { printf "%-28s %10.1f %10.1f   at most %s\n", name, wall, cpu, aim }'
}

cargo fetch --quiet --locked
printf 'on %s processors, of which %s were busy before\n\n' "$(nproc)" "$(cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || echo '?')"
printf '%-28s %10s %10s\n' '' 'wall' 'processor'
timed cargo run --release | row 'cargo run --release, s' '125 s'
countersign=$target/release/countersign
for _ in $(seq 20); do timed "$countersign" check; done | sort -n | sed -n 10p | awk '{ print $1 * 1000, $2 * 1000, $3 * 1000 }' |
  row 'check, ms' '100 ms'
timed cargo test --no-run | row 'cargo test, to be built, s' '210 s'
timed cargo test | row 'cargo test, to be run, s' '90 s'
