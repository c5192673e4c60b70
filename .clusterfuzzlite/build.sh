#!/usr/bin/env bash
# Builds every fuzz target for ClusterFuzzLite and OSS-Fuzz: into $OUT goes each target with its
# seeds, its dictionary where it has one, and its options. The engine sets the variables.
set -euo pipefail
cd "$SRC/countersign"
[[ $FUZZING_ENGINE == libfuzzer ]] || { echo "FUZZING_ENGINE is $FUZZING_ENGINE; the targets are built for libfuzzer" >&2; exit 1; }
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$WORK/target}

# Seeds that are made from the corpus, by a program that is built for this machine and without instrumentation.
env -u RUSTFLAGS -u CFLAGS -u CXXFLAGS cargo run --quiet --manifest-path fuzz/Cargo.toml --no-default-features --example seeds

# RUSTFLAGS and CFLAGS are the engine's; cargo-fuzz adds the instrumentation to them.
if [[ $SANITIZER == coverage ]]; then
    # The engine's cargo builds no target that needs a feature when it is asked for a fuzz build.
    (cd fuzz && cargo build --bins)
    built=$CARGO_TARGET_DIR/debug
else
    triple=$ARCHITECTURE-unknown-linux-gnu
    cargo fuzz build --sanitizer "$SANITIZER" --target "$triple"
    built=$CARGO_TARGET_DIR/$triple/release
fi

for source in fuzz/fuzz_targets/*.rs; do
    target=$(basename "$source" .rs)
    cp "$built/$target" "$OUT/"
    cp fuzz/libfuzzer.options "$OUT/$target.options"
    rm -f "$OUT/${target}_seed_corpus.zip"
    # Names are kept without folders; two files of one name are an error of zip.
    find "fuzz/seeds/$target" "fuzz/regressions/$target" -type f ! -name .gitkeep |
        zip -q -j -@ "$OUT/${target}_seed_corpus.zip"
    if [[ -f fuzz/dictionaries/$target.dict ]]; then
        cp "fuzz/dictionaries/$target.dict" "$OUT/"
    fi
done
