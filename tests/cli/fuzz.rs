//! `countersign fuzz`: the wrong implementation is the reference with one edited scheme.

use crate::command::{COUNTERSIGN, Corpus, Ran, run};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The file is signed that the document excludes.
pub const SIGNS_THE_FILE: (&str, &str) = ("- except: [signature, file]", "- except: [signature]");
/// A mistake that shows with other secrets than those of the corpus alone.
pub const ENCODES_THE_SECRET: (&str, &str) = (
    "concat: [credential.secret, stage.canonical_query]",
    "concat: [[credential.secret, { percent-encode: unreserved }], stage.canonical_query]",
);

/// Fuzzes the reference with another scheme.
pub fn fuzz(subject: &Corpus, options: &[&str]) -> Ran {
    let arguments = ["fuzz", "--scheme", "flipsnack", "--cases", "3000"];
    run(arguments.iter().chain(options).chain(&subject.subject()))
}

fn without_time(ran: Ran) -> Value {
    let mut report = ran.json();
    report.as_object_mut().unwrap().remove("seconds");
    report
}

#[test]
fn a_difference_is_found_shrunk_named_and_found_again() {
    let corpus = Corpus::edited(SIGNS_THE_FILE);
    let json = || without_time(fuzz(&corpus, &["--seed", "3", "--format", "json"]).exits(1));
    let first = json();
    assert_eq!(first, json(), "the same seed");
    let named = first["findings"].as_array().unwrap().iter().any(|finding| {
        let candidate = &finding["diagnosis"]["candidates"][0]["parts"][0]["mutant"];
        candidate.as_str().is_some_and(|id| id.starts_with("signs-what-is-excluded"))
    });
    assert!(named, "{first:#}");
    let ran = fuzz(&corpus, &["--seed", "3"]).exits(1).prints("The simplest input that shows it:");
    ran.prints("again: countersign fuzz --scheme flipsnack --seed 3 --cases 3000 -- ");
}

#[test]
fn findings_become_vectors_that_the_reference_passes() {
    let place = Corpus::copied(&["flipsnack"]);
    let wrong = Corpus::edited(SIGNS_THE_FILE);
    fuzz(&wrong, &["--seed", "3", "--promote", place.name()]).exits(1).complains("vectors were written to");
    let found = place.read("flipsnack/found.yaml");
    assert!(found.contains("countersign fuzz --scheme flipsnack --seed 3"), "{found}");
    place.run(&["export"]).exits(0);
    place.run(&["check", "flipsnack/found"]).exits(0).prints(" 0 failed");
}

#[test]
fn the_reference_does_not_differ_from_itself() {
    fuzz(&Corpus::copied(&["flipsnack"]), &["--seed", "3"]).exits(0).prints("0 differ");
    run(["fuzz", "--scheme", "nothing", "--", "true"]).exits(2).complains("unknown scheme `nothing`");
    run(["fuzz", "--scheme", "flipsnack", "--", "no-such-program"]).exits(3).complains("cannot be started");
}

/// `fuzz` of the reference on the scheme that `new` writes.
fn fuzz_demo(corpus: &Corpus, options: &[&str]) -> Ran {
    corpus.put(&[&["fuzz", "--scheme", "demo"], options].concat(), &corpus.subject())
}

#[test]
fn time_means_time() {
    // As many cases as are put where nothing is said take half as long.
    let start = Instant::now();
    let demo = Corpus::demo();
    let ran = fuzz_demo(&demo, &["--time", "4", "--seed", "1", "--format", "json"]).exits(0);
    let report = ran.json();
    assert!(report["seconds"].as_f64().unwrap() >= 4.0, "{}", report["seconds"]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let both = fuzz_demo(&demo, &["--time", "60", "--cases", "100"]).exits(0);
    both.prints("100 cases in ");
    // Nor does a batch go on when its time is over: each of these cases takes 0.2 s and a start.
    let start = Instant::now();
    let script = format!("{COUNTERSIGN} adapter | {{ head -n 1; sleep 60; }}");
    let slow = ["fuzz", "--scheme", "flipsnack", "--time", "1", "--timeout", "0.2", "--", "sh", "-c", &script];
    run(slow).exits(1).prints("time-out");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
}

#[test]
fn a_run_ends_in_which_the_reference_has_no_answer() {
    let demo = Corpus::demo();
    demo.edit("demo/sign.yaml", "{ key_id: \"demo\",", "{ key_id: \"demo\", other: \"x\",");
    let ran = fuzz_demo(&demo, &["--cases", "1"]).exits(4);
    ran.complains("the reference itself has no answer to any input; `countersign check demo` says more");
}

/// What `sign` or `verify` prints of a finding's input, with the scheme of this corpus.
fn repeated(finding: &Value, corpus: &Corpus) -> String {
    let given = Corpus::empty();
    given.write("given.json", finding["given"].to_string());
    let command = if finding["given"]["sign"].is_object() { "sign" } else { "verify" };
    let ran = corpus.run(&[command, &given.named("given.json"), "--scheme", "flipsnack", "--show-secrets"]);
    assert!(ran.code < 2, "{}", ran.stderr);
    ran.stdout
}

#[test]
fn a_finding_repeats_as_it_stands() {
    let wrong = Corpus::edited(ENCODES_THE_SECRET);
    let json = ["--seed", "3", "--format", "json"];
    let report = fuzz(&wrong, &[&json[..], &["--show-secrets"]].concat()).exits(1).json();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty(), "{report}");
    let right = Corpus::copied(&["flipsnack"]);
    for finding in findings {
        let results = finding["expect"]["results"].as_array().into_iter().flatten();
        let mut expected = results.map(|result| &result["outcome"]).chain([&finding["expect"]["stages"]["signature"]]);
        assert!(expected.all(|it| repeated(finding, &right).contains(it.as_str().unwrap_or_default())), "{finding:#}");
        assert_ne!(repeated(finding, &right), repeated(finding, &wrong), "{finding:#}");
    }
    let withheld = fuzz(&wrong, &json).exits(1).stdout;
    assert!(withheld.contains("\"secret\": \"***\"") && !withheld.contains("123ABCDE"), "{withheld}");
}
