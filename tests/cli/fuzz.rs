//! `countersign fuzz`: the wrong implementation is the reference with one edited scheme.

use crate::command::{Corpus, Ran, run};
use serde_json::Value;

/// The corpus with a scheme that signs what the document excludes.
fn wrong() -> Corpus {
    let corpus = Corpus::copied(&["flipsnack"]);
    corpus.edit("flipsnack/scheme.yaml", "- except: [signature, file]", "- except: [signature]");
    corpus
}

fn fuzz(corpus: &Corpus, options: &[&str]) -> Ran {
    let reference = env!("CARGO_BIN_EXE_countersign");
    let subject = ["--", reference, "adapter", "--corpus", corpus.path().to_str().unwrap()];
    let arguments = ["fuzz", "--scheme", "flipsnack", "--seed", "3", "--cases", "3000"];
    run(arguments.iter().chain(options).chain(&subject))
}

fn without_time(report: &str) -> Value {
    let mut report: Value = serde_json::from_str(report).unwrap();
    report.as_object_mut().unwrap().remove("seconds");
    report
}

#[test]
fn a_difference_is_found_shrunk_named_and_found_again() {
    let corpus = wrong();
    let first = without_time(&fuzz(&corpus, &["--format", "json"]).exits(1).stdout);
    assert_eq!(first, without_time(&fuzz(&corpus, &["--format", "json"]).exits(1).stdout), "the same seed");
    let named = first["findings"].as_array().unwrap().iter().any(|finding| {
        let candidate = &finding["diagnosis"]["candidates"][0]["parts"][0]["mutant"];
        candidate.as_str().is_some_and(|id| id.starts_with("signs-what-is-excluded"))
    });
    assert!(named, "{first:#}");
    let text = fuzz(&corpus, &[]).exits(1).stdout;
    assert!(text.contains("The simplest input that shows it:") && text.contains("again: --seed 3"), "{text}");
}

#[test]
fn findings_become_vectors_that_the_reference_passes() {
    let place = Corpus::copied(&["flipsnack"]);
    fuzz(&wrong(), &["--promote", place.path().to_str().unwrap()]).exits(1).complains("vectors were written to");
    let found = place.read("flipsnack/found.yaml");
    assert!(found.contains("countersign fuzz --scheme flipsnack --seed 3"), "{found}");
    place.run(&["export"]).exits(0);
    place.run(&["check", "flipsnack/found"]).exits(0).prints(" 0 failed");
}

#[test]
fn the_reference_does_not_differ_from_itself() {
    fuzz(&Corpus::copied(&["flipsnack"]), &[]).exits(0).prints("0 differ");
    run(["fuzz", "--scheme", "nothing", "--", "true"]).exits(2).complains("unknown scheme `nothing`");
    run(["fuzz", "--scheme", "flipsnack", "--", "no-such-program"]).exits(3).complains("cannot be started");
}
