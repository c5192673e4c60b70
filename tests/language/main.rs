//! The language of schemes: its items one by one, and properties of every scheme in the corpus and the fixtures,
//! found by walking them: inputs are made from what each scheme says of itself, and no scheme is named.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more, or for others.

mod base;
mod checks;
mod noise;
mod order;
mod panics;
mod printed;
mod round_trip;
mod secrets;
#[path = "../setting/mod.rs"]
mod setting;
mod steps;
mod structure;
mod tampering;
mod times;

use countersign::corpus::{self, Corpus, Files};
use proptest::test_runner::{Config, FileFailurePersistence, RngSeed, TestRunner};
use std::path::Path;
use std::sync::LazyLock;

/// The corpus and the fixtures, as files.
pub static FILES: LazyLock<Vec<Files>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["vectors", "tests/fixtures/schemes"].map(|directory| Files::in_directory(&root.join(directory)).unwrap()).into()
});

/// The same, loaded.
pub static CORPORA: LazyLock<Vec<Corpus>> = LazyLock::new(|| {
    FILES.iter().map(|files| corpus::load(files).unwrap_or_else(|errors| panic!("{}", errors[0]))).collect()
});

/// A runner whose cases are the same every time, unless the environment asks for others.
pub fn runner(cases: u32) -> TestRunner {
    let mut config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/proptest-regressions.txt"))),
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    TestRunner::new(config)
}
