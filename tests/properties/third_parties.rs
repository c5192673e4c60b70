//! An implementation behind the adapter protocol with one mistake, twenty lines of Python, is found
//! by the inputs of the target `subject` in less than 30 s; the right one is not found fault with.

use crate::subject::{Driven, Settings};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program of this repository, driven; `None` where there is no Python.
fn driven(program: &str, scheme: Option<&str>) -> Option<Driven> {
    let found = Command::new("python3").arg("--version").stdout(Stdio::null()).status().is_ok();
    let required = std::env::var_os("COUNTERSIGN_REQUIRE_ADAPTERS").is_some();
    assert!(found || !required, "python3 is not on this machine");
    if !found {
        eprintln!("python3 is not on this machine: {program} is not asked");
        return None;
    }
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(program);
    let subject = Some(format!("python3 -B {}", program.display()));
    let settings = Settings { subject, scheme: scheme.map(str::to_owned), corpus: None };
    Some(Driven::start(&settings).unwrap_or_else(|why| panic!("{why}")))
}

/// Eighty bytes, the same for the same number.
fn pseudo_random(number: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(number);
    std::iter::repeat_with(|| random.u8(..)).take(80).collect()
}

#[test]
fn a_wrong_signer_in_python_is_found_and_its_mistake_named() {
    let Some(mut driven) = driven("tests/properties/wrong_signer.py", Some("flipsnack")) else { return };
    let start = Instant::now();
    let report = (0..200_000).find_map(|number| driven.put(&pseudo_random(number)).err());
    let report = report.expect("the mistake is not found");
    println!("found after {} answers in {:.2?}:\n{report}", driven.compared(), start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let first = report.lines().next().unwrap_or_default();
    assert!(first.starts_with("Your code sorts equal names by value"), "{report}");
}

#[test]
fn right_adapters_are_not_found_fault_with() {
    let Some(mut driven) = driven("adapters/python/countersign_adapter.py", None) else { return };
    for number in 0..2_000 {
        driven.put(&pseudo_random(number)).unwrap_or_else(|report| panic!("{report}"));
    }
    assert!(driven.compared() > 1_000, "{} answers", driven.compared());
}

#[test]
fn what_cannot_be_asked_is_said_and_not_passed_over() {
    let start = |subject: &str| Driven::start(&Settings { subject: Some(subject.into()), ..Settings::default() });
    let why = start("no-such-program").err().expect("there is no such program");
    assert!(why.contains("cannot be started"), "{why}");
    let nothing = Settings { scheme: Some("no-such-scheme".into()), ..Settings::default() };
    let why = Driven::start(&nothing).err().expect("there is no such scheme");
    assert!(why.contains("does not implement no-such-scheme"), "{why}");
}
