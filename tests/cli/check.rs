//! `check`: the table, the JSON report, filters, and what a failure looks like.

use crate::command::{Corpus, Ran, run};
use insta::assert_snapshot;
use serde_json::Value;

/// The closing line `N passed, N failed`.
fn counts(ran: &Ran) -> (usize, usize) {
    let closing = ran.stdout.lines().last().unwrap();
    let (passed, failed) = closing.strip_suffix(" failed").unwrap().split_once(" passed, ").unwrap();
    (passed.parse().unwrap(), failed.parse().unwrap())
}

#[test]
fn the_built_in_corpus_conforms_with_and_without_the_word() {
    let (passed, failed) = counts(&run(["check"]).exits(0));
    assert!(passed > 1000 && failed == 0, "{passed} passed, {failed} failed");
    let nothing: [&str; 0] = [];
    assert_eq!(counts(&run(nothing).exits(0)), (passed, 0));
}

#[test]
fn schemes_that_are_not_named_may_be_broken() {
    let corpus = Corpus::copied(&["flipsnack"]);
    corpus.write("broken/scheme.yaml", "title: [");
    corpus.run(&["check"]).exits(2).complains("broken/scheme.yaml:");
    corpus.run(&["check", "broken", "flipsnack/documented"]).exits(2).complains("broken/scheme.yaml:");
    assert!(counts(&corpus.run(&["check", "flipsnack/documented"]).exits(0)).0 > 0);
    corpus.run(&["lint"]).exits(2).complains("broken/scheme.yaml:");
}

#[test]
fn names_narrow_the_run_to_a_scheme_a_topic_or_a_vector() {
    let (whole, _) = counts(&run(["check", "flipsnack"]).exits(0));
    assert_eq!(counts(&run(["flipsnack"]).exits(0)).0, whole);
    let (topic, _) = counts(&run(["check", "flipsnack/documented"]).exits(0));
    assert!(topic > 1 && topic < whole, "{topic} of {whole}");
    assert_eq!(counts(&run(["check", "flipsnack/documented/example"]).exits(0)), (1, 0));
    let (two, _) = counts(&run(["check", "flipsnack/documented", "rfc1321"]).exits(0));
    let (other, _) = counts(&run(["check", "rfc1321"]).exits(0));
    assert_eq!(two, topic + other);
}

#[test]
fn a_name_that_nothing_has_is_exit_code_4() {
    for name in ["nothing", "flipsnac", "flipsnack/documented/exampl"] {
        let ran = run(["check", name]).exits(4).complains("no vector has this name");
        assert_eq!(counts(&ran), (0, 0));
    }
}

#[test]
fn the_table_has_one_line_a_scheme() {
    let ran = run(["check", "rfc1321", "rfc2202"]).exits(0);
    let rows: Vec<&str> = ran.stdout.lines().take_while(|line| !line.is_empty()).collect();
    let names: Vec<_> = rows.iter().map(|row| row.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["scheme", "rfc1321", "rfc2202"]);
    let head: Vec<_> = rows[0].split_whitespace().collect();
    assert_eq!(head, ["scheme", "vectors", "passed", "failed", "discrepancies", "readings", "time"]);
}

#[test]
fn json_has_exactly_the_documented_keys() {
    let ran = run(["check", "--format", "json"]).exits(0);
    let report = ran.json();
    let schemes = report["schemes"].as_array().unwrap();
    assert!(schemes.len() > 10);
    for scheme in schemes {
        let keys: Vec<&str> = scheme.as_object().unwrap().keys().map(String::as_str).collect();
        let counts = ["vectors", "passed", "failed", "not_run", "known", "beside", "discrepancies", "statements"];
        assert_eq!(keys, [&["scheme"], &counts[..]].concat());
        assert_eq!(scheme["passed"], scheme["vectors"]);
        assert_eq!(scheme["failed"], 0);
    }
    for nothing in ["failures", "beside", "not_run", "causes", "frameworks"] {
        assert_eq!(report[nothing], Value::Array(Vec::new()));
    }
    assert_eq!(report.as_object().unwrap().len(), 6);
}

#[test]
fn a_check_has_every_form_of_report_that_a_test_has() {
    run(["check", "rfc1321", "--format", "junit"]).exits(0).prints("<testsuite name=\"rfc1321\"");
    let page = run(["check", "rfc1321", "--format", "html"]).exits(0).prints("It conforms: ");
    assert!(page.stdout.starts_with("<!DOCTYPE html>"));
    let corpus = Corpus::copied(&["flipsnack", "rfc1321"]);
    corpus.edit("flipsnack/documented.yaml", OLD, NEW);
    let again = format!("again: countersign check flipsnack/documented/illustration --corpus {}", corpus.name());
    corpus.run(&["check", "flipsnack"]).exits(1).prints(&again);
}

#[test]
fn the_report_goes_to_a_file_when_asked() {
    let place = Corpus::empty();
    let ran = run(["check", "rfc1321", "--format", "json", "--output", &place.named("report.json")]).exits(0);
    assert_eq!(ran.stdout, "");
    let report: Value = serde_json::from_str(&place.read("report.json")).unwrap();
    assert_eq!(report["schemes"][0]["scheme"], "rfc1321");
    run(["check", "rfc1321", "--output", &place.named("no/such/folder")]).exits(2).complains("cannot be written");
}

const OLD: &str = "canonical_query: \"action3apiKey2collectionHash1\"";
const NEW: &str = "canonical_query: \"action3apiKey2collectionHash2\"";

#[test]
fn one_changed_byte_fails_exactly_one_vector_and_shows_where() {
    let corpus = Corpus::copied(&["flipsnack", "rfc1321"]);
    let (all, _) = counts(&corpus.run(&["check"]).exits(0));
    corpus.edit("flipsnack/documented.yaml", OLD, NEW);
    let ran = corpus.run(&["check"]).exits(1);
    assert_eq!(counts(&ran), (all - 1, 1));
    let failed = |line: &&str| line.starts_with("FAILED") && !line.contains(" under the reading ");
    assert_eq!(
        ran.stdout.lines().filter(failed).collect::<Vec<_>>(),
        ["FAILED flipsnack/documented/illustration (wrong value)"]
    );

    let decided = ran.stdout.split("\n\n").find(|part| part.starts_with("FAILED")).unwrap();
    assert_snapshot!(corpus.redacted(decided), @r"
    FAILED flipsnack/documented/illustration (wrong value)
      The small illustration of steps 1 and 2, with the MD5 that its string really
      has.
      stage canonical_query differs
        expected  …on3apiKey2collectionHash2
                                           ^
        found     …on3apiKey2collectionHash1
                                           ^
        first difference at byte 28: expected 29 bytes, found 29
      again: countersign check flipsnack/documented/illustration --corpus CORPUS
    ");
}

#[test]
fn a_failure_in_json_has_both_values() {
    let corpus = Corpus::copied(&["flipsnack", "rfc1321"]);
    corpus.edit("flipsnack/documented.yaml", OLD, NEW);
    let ran = corpus.run(&["check", "flipsnack/documented", "--format", "json"]).exits(1);
    let report = ran.json();
    assert_eq!(report["schemes"][0]["failed"], 1);
    let failure = &report["failures"][0];
    assert_eq!(failure["vector"], "flipsnack/documented/illustration");
    assert_eq!(failure["reading"], Value::Null);
    let difference = &failure["differences"][0];
    assert_eq!(difference["what"], "stage canonical_query");
    assert_eq!(difference["expected"], "action3apiKey2collectionHash2");
    assert_eq!(difference["found"], "action3apiKey2collectionHash1");
}

#[test]
fn a_stage_that_a_secret_is_in_differs_without_being_shown() {
    for format in ["text", "json", "junit", "html"] {
        let corpus = Corpus::copied(&["flipsnack", "rfc1321"]);
        let printed = "string_to_sign: \"secretKeyaction3apiKey2collectionHash1\"";
        corpus.edit("flipsnack/documented.yaml", printed, &printed.replace("Hash1", "Hash2"));
        let ran = corpus.run(&["check", "flipsnack/documented", "--format", format]).exits(1).prints("string_to_sign");
        assert!(!ran.stdout.contains("secretKey"), "{format}: {}", ran.stdout);
    }
}

#[test]
fn a_wrong_outcome_class_or_detail_fails() {
    for (old, new, says) in [
        ("outcome: \"accept\"", "outcome: \"reject\", class: \"expired\"", "outcome: expected reject, found accept"),
        ("class: \"signature-mismatch\"", "class: \"expired\"", "class: expected expired, found signature-mismatch"),
        ("code: \"44\"", "code: \"45\"", "code: expected 45, found 44"),
    ] {
        let corpus = Corpus::copied(&["flipsnack", "rfc1321"]);
        corpus.edit("flipsnack/verify.yaml", old, new);
        let ran = corpus.run(&["check", "flipsnack"]).exits(1).prints(says);
        assert_eq!(counts(&ran).1, 1, "{}", ran.stdout);
    }
}
