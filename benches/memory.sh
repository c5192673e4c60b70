#!/usr/bin/env bash
# Peak memory of the commands that run long, as the operating system accounts for it when each has
# ended: the largest resident set, in KiB.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v /usr/bin/time >/dev/null || { echo "memory: /usr/bin/time (GNU time) is needed" >&2; exit 2; }
cargo build --quiet --release
countersign=${CARGO_TARGET_DIR:-target}/release/countersign

peak() {
  local name=$1 report
  shift
  report=$(mktemp)
  if /usr/bin/time -f '%M %e' -o "$report" "$countersign" "$@" >/dev/null; then
    printf '%-24s %8d KiB %8.1f s\n' "$name" $(tail -n 1 "$report")
  else
    printf '%-24s failed\n' "$name" && return 1
  fi
  rm -f "$report"
}

peak check check
peak mutants mutants
peak "mutants --second-order" mutants --second-order
if "$countersign" help fuzz >/dev/null 2>&1; then
  # The reference behind the protocol stands in for an implementation.
  peak "fuzz, 10,000 cases" fuzz --scheme "$(basename "$(dirname "$(ls vectors/*/verify.yaml | head -1)")")" \
    --cases 10000 -- "$countersign" adapter
else
  echo "fuzz                     not measured: this version has no such command"
fi
