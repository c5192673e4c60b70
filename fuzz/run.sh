#!/usr/bin/env bash
# Builds every fuzz target and runs each for SECONDS (10 unless given), the same way every time.
# Usage: fuzz/run.sh [SECONDS]. Needs nightly Rust and cargo-fuzz.
set -euo pipefail
duration=${1:-10}
cd "$(dirname "$0")/.."
# No sanitizer: neither the library nor the targets hold unsafe code, and without one a run tries
# several times as many inputs. Debug assertions and overflow checks stay on.
options=(--features libfuzzer --sanitizer none)
# The flags that a cluster uses, too.
mapfile -t flags < <(sed -n 's/^\([a-z_]*\) = \(.*\)$/-\1=\2/p' fuzz/libfuzzer.options)
# All are built first, so that a broken one shows before any time is spent.
cargo +nightly fuzz build "${options[@]}"
for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    echo "== $target: $duration s"
    mkdir -p "fuzz/corpus/$target"
    words=()
    if [[ -f fuzz/dictionaries/$target.dict ]]; then
        words=("-dict=fuzz/dictionaries/$target.dict")
    fi
    # New inputs go to the first folder; the others are only read.
    cargo +nightly fuzz run "${options[@]}" "$target" \
        "fuzz/corpus/$target" "fuzz/seeds/$target" "fuzz/regressions/$target" -- \
        -seed=1 "-max_total_time=$duration" -print_final_stats=1 "${flags[@]}" "${words[@]}"
done
