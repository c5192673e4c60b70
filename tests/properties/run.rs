//! The properties on stable: every seed, every regression, and bytes that proptest makes, which are any, or a seed
//! with some damage. They are the same in every run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` ask for more, or for
//! others.

use crate::seeds::{PREFIX, Seeds, made};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::{fmt, fs};

macro_rules! properties {
    ($($name:ident: $cases:literal,)+) => {
        const NAMES: &[&str] = &[$(stringify!($name)),+];
        $(#[test]
        fn $name() {
            hold(stringify!($name), $cases, crate::$name::run);
        })+
    };
}

properties! {
    canonicalisation: 2000,
    checks: 150,
    digests: 1000,
    encodings: 1000,
    injectivity: 1000,
    loaders: 1000,
    messages: 1000,
    operators: 1000,
    replies: 1000,
    subject: 1000,
    tampering: 3000,
    verify: 1000,
    work: 1000,
}

/// A fuzzer holds what is held here.
#[test]
fn every_property_is_a_fuzz_target() {
    let mut targets: Vec<PathBuf> = files("fuzz_targets").into_iter().map(|(path, _)| path).collect();
    targets.sort();
    let expected: Vec<PathBuf> = NAMES.iter().map(|name| format!("{name}.rs").into()).collect();
    assert_eq!(targets, expected);
}

static MADE: LazyLock<Seeds> = LazyLock::new(made);

/// Bytes that print as text where they are text.
#[derive(Clone)]
struct Input(Vec<u8>);

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

fn hold(target: &str, cases: u32, run: fn(&[u8])) {
    let is_kept = |path: &PathBuf| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with(PREFIX));
    let mut inputs = files(&format!("seeds/{target}"));
    inputs.retain(|(path, _)| is_kept(path));
    let made = MADE.iter().filter(|(path, _)| path.starts_with(target));
    inputs.extend(made.map(|(path, bytes)| (path.clone(), bytes.clone())));
    let seeds: Vec<Vec<u8>> = inputs.iter().map(|(_, bytes)| bytes.clone()).collect();
    assert!(!seeds.is_empty(), "{target} has no seed");
    inputs.extend(files(&format!("regressions/{target}")));
    // One failing input must not hide the others.
    inputs.retain(|(_, bytes)| catch_unwind(AssertUnwindSafe(|| run(bytes))).is_err());
    let failed: Vec<&PathBuf> = inputs.iter().map(|(path, _)| path).collect();
    assert!(failed.is_empty(), "{} inputs of {target} fail, and their panics are above: {failed:?}", failed.len());

    let damaged = (any::<Index>(), vec(damage(), 1..6)).prop_map(move |(seed, damage)| {
        let mut bytes = seed.get(&seeds).clone();
        damage.iter().for_each(|damage| damage.apply(&mut bytes));
        bytes
    });
    let bytes = prop_oneof![vec(any::<u8>(), 0..600), damaged].prop_map(Input);
    let held = runner(cases).run(&bytes, |Input(bytes)| {
        run(&bytes);
        Ok(())
    });
    if let Err(TestError::Fail(why, Input(bytes))) = &held {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}.bin"));
        fs::write(&path, bytes).expect("the folder of tests can be written");
        panic!("{target}: {why}\nagain with the bytes in {}: {:?}", path.display(), Input(bytes.clone()));
    }
    held.unwrap_or_else(|error| panic!("{target}: {error:?}"));
}

/// A runner whose cases are the same every time, unless the environment asks for others.
fn runner(cases: u32) -> TestRunner {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(1);
    }
    TestRunner::new(config)
}

/// Name and bytes of every file of a folder of `fuzz/`; there need not be such a folder.
fn files(folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(folder);
    let entries = fs::read_dir(&folder).into_iter().flatten();
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let paths = paths.filter(|path| path.file_name().is_some_and(|name| name != ".gitkeep"));
    paths.map(|path| (path.file_name().unwrap_or_default().into(), fs::read(&path).expect("it can be read"))).collect()
}

/// One change of bytes: of lines, of words, or of a few bytes.
#[derive(Debug, Clone)]
struct Damage {
    how: u8,
    from: Index,
    to: Index,
    bytes: Vec<u8>,
}

fn damage() -> impl Strategy<Value = Damage> {
    let one = (0u8..8, any::<Index>(), any::<Index>(), vec(any::<u8>(), 1..12));
    one.prop_map(|(how, from, to, bytes)| Damage { how, from, to, bytes })
}

impl Damage {
    fn apply(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return text.clone_from(&self.bytes);
        }
        let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
        let (from, to) = (self.from.index(lines.len()), self.to.index(lines.len()));
        let at = self.from.index(text.len());
        let end = (at + self.bytes.len()).min(text.len());
        match self.how {
            0 if lines.len() > 1 => drop(lines.remove(from)),
            1 => lines.swap(from, to),
            2 => lines.insert(to, lines[from].clone()),
            3 => lines[from].insert(0, b' '),
            4 => text.truncate(at),
            5 => text[at] = self.bytes[0],
            6 => drop(text.splice(at..end, self.bytes.iter().copied())),
            _ => {
                let words: Vec<&[u8]> = text.split(|b| !b.is_ascii_alphanumeric() && *b != b'-').collect();
                let word = self.to.get(&words).to_vec();
                text.splice(at..end, word);
            }
        }
        if self.how < 4 {
            *text = lines.concat();
        }
    }
}
