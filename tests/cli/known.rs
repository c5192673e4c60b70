//! Known divergences of a subject: what passes, what is stale, and the file that is written.

use crate::authoring::{LOWER, UPPER};
use crate::command::{Corpus, DEMO_SIGNATURE, Ran, run};

/// A corpus with two vectors, of which the reference differs on the first.
struct Diverging(Corpus);

const WRONG: &str = "0000e63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7";
const REASON: &str = "the device cannot be mended";

impl Diverging {
    fn new() -> Diverging {
        let corpus = Corpus::demo();
        let text = corpus.read("demo/sign.yaml");
        let vectors = text.find("  - name: \"first\"").unwrap();
        let second = text[vectors..].replace("\"first\"", "\"second\"");
        corpus.write("demo/sign.yaml", text + &second);
        corpus.edit("demo/sign.yaml", DEMO_SIGNATURE, WRONG);
        Diverging(corpus)
    }

    fn test(&self, options: &[&str]) -> Ran {
        let known = self.0.named("known.yaml");
        self.0.put(&[&["test", "--known", &known], options].concat(), &self.0.subject())
    }

    /// With the divergence on record, and a reason for it.
    fn on_record() -> Diverging {
        let diverging = Diverging::new();
        diverging.test(&["--write-known"]).exits(0);
        diverging.0.edit("known.yaml", "no reason given yet", REASON);
        diverging
    }
}

#[test]
fn what_is_not_on_record_fails_until_it_is_written() {
    let diverging = Diverging::new();
    diverging.0.write("known.yaml", "divergences: []\n");
    diverging.test(&[]).exits(1).prints("\n1 passed, 1 failed, 0 skipped\n");
    let ran = diverging.test(&["--write-known"]).exits(0).prints("\n1 passed, 0 failed, 1 skipped\n");
    ran.complains("known divergences without a reason: 1");
    let line = format!("      - \"stage signature: expected {WRONG}, found {DEMO_SIGNATURE}\"\n");
    assert!(diverging.0.read("known.yaml").ends_with(&line), "{}", diverging.0.read("known.yaml"));
}

#[test]
fn an_expected_divergence_passes() {
    let ran = Diverging::on_record().test(&[]).exits(0).prints("\n1 passed, 0 failed, 1 skipped\n");
    assert_eq!(ran.stderr, "");
    let row = ran.stdout.lines().find(|line| line.starts_with("demo ")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>(), ["demo", "2", "1", "0", "1", "0"], "one is known");
}

#[test]
fn a_divergence_that_no_longer_occurs_fails() {
    let diverging = Diverging::on_record();
    diverging.0.edit("demo/sign.yaml", WRONG, DEMO_SIGNATURE);
    let ran = diverging.test(&[]).exits(1).prints("FAILED demo/sign/first (stale divergence)");
    ran.prints("on record as a known divergence, and does not differ any more");
    diverging.test(&["--write-known"]).exits(0);
    assert!(diverging.0.read("known.yaml").ends_with("\ndivergences: []\n"));
    diverging.test(&[]).exits(0);
}

#[test]
fn a_divergence_that_differs_otherwise_fails() {
    let diverging = Diverging::on_record();
    diverging.0.edit("demo/sign.yaml", WRONG, &WRONG.replace("0000", "1111"));
    let ran = diverging.test(&[]).exits(1).prints("FAILED demo/sign/first (stale divergence)");
    ran.prints("differs otherwise than on record");
    diverging.test(&["--write-known"]).exits(0);
    let text = diverging.0.read("known.yaml");
    assert!(text.contains("expected 1111") && !text.contains("expected 0000"), "{text}");
    assert!(text.contains(REASON), "the reason is lost: {text}");
}

#[test]
fn what_is_known_is_known_with_fresh_credentials() {
    let (corpus, wrong) = (Corpus::demo(), Corpus::demo());
    let known = corpus.named("known.yaml");
    let test = |options: &[&str]| corpus.put(&[&["test", "--known", &known], options].concat(), &wrong.subject());
    wrong.edit("demo/scheme.yaml", LOWER, UPPER);
    test(&["--write-known"]).exits(0);
    for seed in ["1", "2"] {
        test(&["--rekey", seed]).exits(0).prints("\n0 passed, 0 failed, 1 skipped\n");
    }
    // What is not on record is not known.
    wrong.edit("demo/scheme.yaml", "join: \"&\"", "join: \";\"");
    test(&["--rekey", "1"]).exits(1).prints("(stale divergence)");
    test(&["--rekey", "1", "--write-known"]).exits(2).complains("cannot be used with");
}

#[test]
fn writing_keeps_what_was_not_a_part_of_the_run() {
    let diverging = Diverging::on_record();
    diverging.test(&["--write-known", "--only", "demo/sign/second"]).exits(0);
    let text = diverging.0.read("known.yaml");
    assert!(text.contains("\"demo/sign/first\"") && text.contains(REASON), "{text}");
    diverging.test(&[]).exits(0);
}

#[test]
fn a_wrong_file_is_exit_code_2_with_its_line() {
    let diverging = Diverging::new();
    let entry = |name: &str, reason: &str| format!("  - vector: \"{name}\"\n{reason}    differs: [\"time-out\"]\n");
    let reason = "    reason: \"none\"\n";
    let (first, lost) = (entry("demo/sign/first", reason), entry("demo/sign/lost", reason));
    for (entries, line, says) in [
        (format!("{first}{lost}"), 5, "there is no vector `demo/sign/lost`; `countersign list vectors` lists them"),
        (format!("{first}{first}"), 5, "`demo/sign/first` stands twice"),
        (entry("demo/sign/first", ""), 2, "missing field `reason`"),
        (format!("{first}    colour: \"red\"\n"), 5, "unknown field `colour`"),
    ] {
        diverging.0.write("known.yaml", format!("divergences:\n{entries}"));
        let ran = diverging.test(&[]).exits(2).complains(says);
        assert!(ran.stderr.contains(&format!("known.yaml:{line}:")), "line {line}: {}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    }
    run(["test", "--write-known", "--", "true"]).exits(2).complains("--known");
}
