//! Replays what the fuzz targets have learnt, and pseudo-random inputs, on stable and without a
//! fuzzer: every seed, every regression, and 1,000 inputs each that are the same in every run.

use countersign_fuzz::seeds;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::{env, fs};

const INPUTS: u64 = 1000;

#[test]
fn canonicalisation() {
    replay("canonicalisation", countersign_fuzz::canonicalisation::run);
}

#[test]
fn digests() {
    replay("digests", countersign_fuzz::digests::run);
}

#[test]
fn encodings() {
    replay("encodings", countersign_fuzz::encodings::run);
}

#[test]
fn injectivity() {
    replay("injectivity", countersign_fuzz::injectivity::run);
}

#[test]
fn loaders() {
    replay("loaders", countersign_fuzz::loaders::run);
}

#[test]
fn messages() {
    replay("messages", countersign_fuzz::messages::run);
}

#[test]
fn operators() {
    replay("operators", countersign_fuzz::operators::run);
}

#[test]
fn replies() {
    replay("replies", countersign_fuzz::replies::run);
}

#[test]
fn subject() {
    replay("subject", countersign_fuzz::subject::run);
}

#[test]
fn tampering() {
    replay("tampering", countersign_fuzz::tampering::run);
}

#[test]
fn verify() {
    replay("verify", countersign_fuzz::verify::run);
}

#[test]
fn work() {
    replay("work", countersign_fuzz::work::run);
}

/// What `cargo run --example seeds` writes is what is there.
#[test]
fn made_seeds_are_those_of_the_corpus() {
    let made = seeds::made();
    let mut on_disk = BTreeMap::new();
    for target in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")).expect("seeds can be read") {
        let target = target.expect("an entry can be read").file_name().to_string_lossy().into_owned();
        for (name, bytes) in files("seeds", &target) {
            let path = Path::new(&name).strip_prefix("seeds").expect("it is named so").to_owned();
            if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(seeds::PREFIX)) {
                on_disk.insert(path, bytes);
            }
        }
    }
    let differing = made.iter().filter(|(path, bytes)| on_disk.get(*path) != Some(*bytes)).map(|(path, _)| path);
    let left = on_disk.keys().filter(|path| !made.contains_key(*path));
    let stale: Vec<_> = differing.chain(left).collect();
    assert!(stale.is_empty(), "`cargo run --example seeds` in fuzz/ would change {} seeds: {stale:?}", stale.len());
}

fn replay(target: &str, run: fn(&[u8])) {
    let seeds = files("seeds", target);
    assert!(!seeds.is_empty(), "seeds/{target} holds no seed");
    let mut failed = Vec::new();
    let mut try_one = |name: String, bytes: &[u8]| {
        // One failing input must not hide the others.
        if catch_unwind(AssertUnwindSafe(|| run(bytes))).is_err() {
            failed.push(format!("{name}: {}", kept(target, &name, bytes)));
        }
    };
    for (name, bytes) in seeds.iter().chain(&files("regressions", target)) {
        try_one(name.clone(), bytes);
    }
    for i in 0..INPUTS {
        try_one(format!("pseudo-random-{i}"), &pseudo_random(i, &seeds));
    }
    let first = failed.iter().take(10).cloned().collect::<Vec<_>>().join("\n");
    assert!(failed.is_empty(), "{} inputs of {target} failed; the panics are above; the first:\n{first}", failed.len());
}

/// Name and bytes of every file of a folder.
fn files(folder: &str, target: &str) -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    // A target has seeds, and need not have regressions.
    let entries = fs::read_dir(&directory).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    paths.retain(|path| path.file_name().is_some_and(|name| name != ".gitkeep"));
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        (format!("{folder}/{target}/{name}"), fs::read(path).expect("a seed can be read"))
    };
    paths.iter().map(read).collect()
}

/// Where a failing input is to be found: seeds are files already, others become one on request.
fn kept(target: &str, name: &str, bytes: &[u8]) -> String {
    match env::var_os("KEEP_FAILING_INPUTS") {
        Some(directory) if !name.contains('/') => {
            let path = Path::new(&directory).join(format!("{target}-{name}"));
            fs::write(&path, bytes).expect("the directory in KEEP_FAILING_INPUTS can be written");
            path.display().to_string()
        }
        _ => format!("{} bytes; with KEEP_FAILING_INPUTS=DIRECTORY generated ones are written there", bytes.len()),
    }
}

/// The i-th input: random bytes, or a seed with a few changes.
fn pseudo_random(i: u64, seeds: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut random = Random(i + 1);
    if i.is_multiple_of(2) {
        let length = random.below(600);
        return (0..length).map(|_| random.next() as u8).collect();
    }
    let mut bytes = seeds[random.below(seeds.len())].1.clone();
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len() + 1);
        let end = bytes.len().min(at + random.below(12));
        match random.below(4) {
            0 => drop(bytes.drain(at..end)),
            1 => bytes.insert(at, random.next() as u8),
            2 => bytes[at..end].iter_mut().for_each(|byte| *byte = random.next() as u8),
            _ => {
                let other = &seeds[random.below(seeds.len())].1;
                let from = random.below(other.len() + 1);
                let to = other.len().min(from + random.below(40));
                bytes.splice(at..end, other[from..to].iter().copied());
            }
        }
    }
    bytes
}

/// SplitMix64: the same numbers on every machine, and no crate.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
