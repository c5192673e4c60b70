#!/bin/sh
# How long libFuzzer takes to find a signer with one mistake: one in Rust, in process, with the
# coverage of its code; one in Python, behind the adapter protocol. Each must be found within 30 s.
# Usage: fuzz/third-parties.sh. Needs nightly Rust, cargo-fuzz and Python 3.
set -eu
cd "$(dirname "$0")/.."
options="--sanitizer none"
reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT

# find NAME TARGET OPTION...: runs a target until it fails, and says after how long it did.
find() {
    name=$1 target=$2
    shift 2
    corpus="$reports/$name"
    mkdir "$corpus"
    before=$(date +%s%N)
    if cargo +nightly fuzz run $options "$@" "$target" "$corpus" -- -seed=1 -max_total_time=30 \
        "-artifact_prefix=$reports/" >"$reports/$name.log" 2>&1; then
        echo "$name: not found within 30 s"
        exit 1
    fi
    after=$(date +%s%N)
    if ! grep -q '^Your code' "$reports/$name.log"; then
        cat "$reports/$name.log"
        exit 1
    fi
    echo "$name: found in $(((after - before) / 1000000)) ms: $(grep -m 1 '^Your code' "$reports/$name.log")"
}

cargo +nightly fuzz build $options --fuzz-dir examples/oauth1-request wrong
cargo +nightly fuzz build $options subject
find rust wrong --fuzz-dir examples/oauth1-request
export COUNTERSIGN_SUBJECT="python3 -B tests/properties/wrong_signer.py" COUNTERSIGN_SCHEME=flipsnack
find python subject
