//! Levels: what decides the exit code of `test`, and what is reported beside it.

use super::command::{Corpus, DEMO_SIGNATURE, Ran};

const WRONG: &str = "0000e63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7";

/// What a run says of a wrong expectation of this level.
fn test(level: &str, options: &[&str]) -> Ran {
    let corpus = Corpus::demo();
    corpus.edit("demo/sign.yaml", DEMO_SIGNATURE, WRONG);
    corpus.edit("demo/sign.yaml", "    given:\n", &format!("    level: \"{level}\"\n    given:\n"));
    corpus.put(&[&["test"], options].concat(), &corpus.subject())
}

#[test]
fn what_must_and_should_be_decides_and_decisions_stand_beside_it() {
    for level in ["must", "should"] {
        test(level, &[]).exits(1).prints("0 passed, 1 failed, 0 skipped");
    }
    let beside = "Differs from expectations that do not decide";
    let ran = test("decision", &[]).exits(0).prints(beside).prints("demo/sign/first (decision, wrong value)");
    ran.prints("0 passed, 0 failed, 1 skipped");
}

#[test]
fn another_level_can_decide() {
    let ran = test("decision", &["--level", "decision"]).exits(1).prints("0 passed, 1 failed, 0 skipped");
    ran.prints("--level decision");
    test("should", &["--level", "must"]).exits(0).prints("demo/sign/first (should, wrong value)");
    test("must", &["--level", "must"]).exits(1);
    test("must", &["--level", "may"]).exits(2).complains("one of must, should, decision");
}

#[test]
fn every_form_of_report_tells_what_stands_beside() {
    let json: serde_json::Value =
        serde_json::from_str(&test("decision", &["--format", "json"]).exits(0).stdout).unwrap();
    assert_eq!((&json["schemes"][0]["beside"], &json["schemes"][0]["failed"]), (&1.into(), &0.into()));
    assert_eq!(
        (&json["beside"][0]["vector"], &json["beside"][0]["level"]),
        (&"demo/sign/first".into(), &"decision".into())
    );
    let skipped = "differs where the expectation does not decide: stage signature";
    test("decision", &["--format", "junit"]).exits(0).prints("failures=\"0\"").prints(skipped);
    test("decision", &["--format", "html"]).exits(0).prints("Differs where nothing decides: 1");
}
