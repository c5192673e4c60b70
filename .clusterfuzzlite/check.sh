#!/usr/bin/env bash
# Runs build.sh with the variables that the engine sets, in folders of its own, checks what it leaves
# as the engine would, and runs each target for SECONDS (10 unless given). Usage:
# .clusterfuzzlite/check.sh [SECONDS]. Needs nightly Rust, cargo-fuzz, zip and objdump.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export SRC=$folder/src OUT=$folder/out WORK=$folder/work
mkdir "$SRC" "$OUT" "$WORK"
ln -s "$PWD" "$SRC/countersign"
cp .clusterfuzzlite/build.sh "$SRC/"

export FUZZING_ENGINE=libfuzzer FUZZING_LANGUAGE=rust SANITIZER=address ARCHITECTURE
ARCHITECTURE=$(uname -m)
export CFLAGS="-O1 -fno-omit-frame-pointer" CXXFLAGS="-O1 -fno-omit-frame-pointer"
export RUSTFLAGS="--cfg fuzzing -Zsanitizer=$SANITIZER -Cdebuginfo=1 -Cforce-frame-pointers"
# Less optimised than on a cluster, so that the gate does not wait for it.
export RUSTFLAGS="$RUSTFLAGS -Ccodegen-units=16" CARGO_PROFILE_RELEASE_OPT_LEVEL=1
# The engine's image has one toolchain; here the nightly is asked for, and what it builds is kept.
export RUSTUP_TOOLCHAIN=nightly CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/fuzz/target}

bash -eu "$SRC/build.sh"
python3 .clusterfuzzlite/check_out.py "$OUT"
python3 fuzz/run.py "${1:-10}" --built "$OUT"
