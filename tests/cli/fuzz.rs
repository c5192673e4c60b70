//! `countersign fuzz`: the wrong implementation is the reference with one edited scheme.

use crate::command::{Corpus, Ran, run};
use serde_json::Value;
use std::time::{Duration, Instant};

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
    assert!(
        text.contains("The simplest input that shows it:")
            && text.contains("again: countersign fuzz --scheme flipsnack --seed 3 --cases 3000 -- "),
        "{text}"
    );
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

/// `fuzz` of the reference on the scheme that `new` writes.
fn fuzz_demo(corpus: &Corpus, options: &[&str]) -> Ran {
    let path = corpus.path().to_str().unwrap();
    let subject = ["--", env!("CARGO_BIN_EXE_countersign"), "adapter", "--corpus", path];
    run(["fuzz", "--scheme", "demo", "--corpus", path].iter().chain(options).chain(&subject))
}

#[test]
fn time_means_time() {
    // As many cases as are put where nothing is said take half as long.
    let start = Instant::now();
    let demo = Corpus::demo();
    let ran = fuzz_demo(&demo, &["--time", "4", "--seed", "1", "--format", "json"]).exits(0);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(report["seconds"].as_f64().unwrap() >= 4.0, "{}", report["seconds"]);
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    let both = fuzz_demo(&demo, &["--time", "60", "--cases", "100"]).exits(0);
    both.prints("100 cases in ");
    // Nor does a batch go on when its time is over: each of these cases takes 0.2 s and a start.
    let start = Instant::now();
    let script = format!("{} adapter | {{ head -n 1; sleep 60; }}", env!("CARGO_BIN_EXE_countersign"));
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
    let (command, file) =
        (if finding["given"]["sign"].is_object() { "sign" } else { "verify" }, given.file("given.json"));
    let folder = corpus.path().to_str().unwrap();
    let options = ["--scheme", "flipsnack", "--show-secrets", "--corpus", folder];
    let arguments = [command, file.to_str().unwrap()];
    let ran = run(arguments.iter().chain(&options));
    assert!(ran.code < 2, "{}", ran.stderr);
    ran.stdout
}

#[test]
fn a_finding_repeats_as_it_stands() {
    // A mistake that shows with other secrets than those of the corpus alone.
    let wrong = Corpus::copied(&["flipsnack"]);
    let encoded = "concat: [[credential.secret, { percent-encode: unreserved }], stage.canonical_query]";
    wrong.edit("flipsnack/scheme.yaml", "concat: [credential.secret, stage.canonical_query]", encoded);
    let report = fuzz(&wrong, &["--format", "json", "--show-secrets"]).exits(1).stdout;
    let findings = serde_json::from_str::<Value>(&report).unwrap()["findings"].as_array().unwrap().clone();
    assert!(!findings.is_empty(), "{report}");
    let right = Corpus::copied(&["flipsnack"]);
    for finding in &findings {
        let results = finding["expect"]["results"].as_array().into_iter().flatten();
        let mut expected = results.map(|result| &result["outcome"]).chain([&finding["expect"]["stages"]["signature"]]);
        assert!(expected.all(|it| repeated(finding, &right).contains(it.as_str().unwrap_or_default())), "{finding:#}");
        assert_ne!(repeated(finding, &right), repeated(finding, &wrong), "{finding:#}");
    }
    let withheld = fuzz(&wrong, &["--format", "json"]).exits(1).stdout;
    assert!(withheld.contains("\"secret\": \"***\"") && !withheld.contains("123ABCDE"), "{withheld}");
}
