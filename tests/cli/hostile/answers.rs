//! Wrong answers, answers that are none, and honest answers that come otherwise than expected.

use super::runs::{passed_and_failed, signing, subject};
use crate::command::Ran;

fn verify(mode: &str) -> Option<Ran> {
    Some(subject(mode, &[])?.only(&["flipsnack/documented", "flipsnack/weaknesses"]).run())
}

fn sign(mode: &str) -> Option<Ran> {
    Some(subject(mode, &[])?.run())
}

/// The kinds of the failures, as the report lists them.
fn kinds(stdout: &str) -> Vec<&str> {
    let failed = stdout.lines().filter(|line| line.starts_with("FAILED "));
    failed.map(|line| line.rsplit_once(" (").unwrap().1.trim_end_matches(')')).collect()
}

#[test]
fn whoever_accepts_all_is_told_of_false_accepts() {
    let Some(run) = verify("accepts-all") else { return };
    let run = run.exits(1);
    assert!(!kinds(&run.stdout).is_empty() && kinds(&run.stdout).iter().all(|kind| *kind == "false accept"));
}

#[test]
fn whoever_rejects_all_is_told_of_false_rejects() {
    let Some(run) = verify("rejects-all") else { return };
    let run = run.exits(1);
    assert!(!kinds(&run.stdout).is_empty() && kinds(&run.stdout).iter().all(|kind| *kind == "false reject"));
}

#[test]
fn false_accepts_come_before_false_rejects() {
    let names = ["flipsnack/documented", "flipsnack/weaknesses/"];
    let Some(test) = subject("accepts-and-rejects-the-wrong-way-round", &[]) else { return };
    let run = test.only(&names).run().exits(1);
    let kinds = kinds(&run.stdout);
    let first_reject = kinds.iter().position(|kind| *kind == "false reject").expect("a false reject is shown");
    assert!(first_reject > 0 && kinds[..first_reject].iter().all(|kind| *kind == "false accept"), "{kinds:?}");
    assert!(!kinds[first_reject..].contains(&"false accept"), "{kinds:?}");
}

#[test]
fn skipping_everything_is_no_success() {
    let Some(run) = sign("skips-everything") else { return };
    run.exits(4).complains("no vector ran").prints(&format!("{} not run: not today", signing()));
}

#[test]
fn an_error_is_neither_acceptance_nor_refusal() {
    let Some(run) = verify("errors-everywhere") else { return };
    let run = run.exits(1).within(10).prints("the subject reports an error: no key store");
    assert!(kinds(&run.stdout).iter().all(|kind| *kind == "error"));
    assert!(run.stdout.contains("\n0 passed, "), "{}", run.stdout);
    assert!(!run.stdout.contains("Your code"), "errors alone explain nothing:\n{}", run.stdout);
}

#[test]
fn texts_of_a_subject_cannot_pass_for_the_report() {
    let Some(test) = subject("forges-the-report", &[]) else { return };
    let names = ["flipsnack/documented", "flipsnack/weaknesses", "flipsnack/sign/many-parameters"];
    let run = test.only(&names).run().exits(1);
    for line in run.stdout.lines().filter(|line| line.contains("999 passed")) {
        assert!(!line.starts_with("999"), "{}", run.stdout);
    }
    assert!(run.stdout.contains("999 passed"), "the subject said nothing:\n{}", run.stdout);
    assert!(!run.stdout.contains('\x1b'), "a control character reached the terminal");
}

#[test]
fn replies_of_megabytes_take_bounded_memory_and_a_short_report() {
    for mode in ["huge-errors", "huge-stages", "huge-wrong-type", "many-stages"] {
        let Some(run) = sign(mode) else { return };
        let run = run.exits(3).within(30).in_megabytes(400).prints("MB in all, far more than replies need");
        assert!(run.stdout.len() < 200_000, "{mode}: a report of {} bytes", run.stdout.len());
    }
}

#[test]
fn honest_answers_pass_in_whatever_order_and_pace() {
    for mode in ["honest-one", "signed-request-alone", "reverse-order", "random-order", "slow-but-honest"] {
        let Some(run) = sign(mode) else { return };
        run.exits(0).within(20).prints(&passed_and_failed(signing(), 0));
    }
}

#[test]
fn replies_of_a_wrong_shape_are_broken_replies() {
    for (mode, says) in [
        ("several-kinds-of-reply", "none or several of `stages` or `signed_request`, `results`, `skipped` and `error`"),
        ("neither-kind-of-reply", "none or several of `stages` or `signed_request`, `results`, `skipped` and `error`"),
        ("unknown-field", "unknown field `colour`"),
        ("number-for-a-string", "invalid type: integer `5`, expected a string"),
    ] {
        let Some(run) = sign(mode) else { return };
        let run = run.exits(1).within(20).prints(says).prints(&passed_and_failed(0, signing()));
        assert!(kinds(&run.stdout).iter().all(|kind| *kind == "broken reply"));
    }
}

#[test]
fn a_seq_is_the_number_that_was_sent_once() {
    let text = "its `seq` is the string \"1\", and must be the number 1";
    for (mode, says) in [
        ("seq-as-string", text),
        ("seq-missing", "wrote a reply without `seq`: `{\"stages\""),
        ("seq-unknown", "replied to a `seq` that was not sent: `{\"seq\": 100001"),
        ("echoes-cases", "unknown field `op`"),
        ("a-list", "wrote a line that is no JSON object: `[{\"seq\": 1, "),
        ("other-answer", "it answered `sign` with results"),
    ] {
        let Some(test) = subject(mode, &[]) else { return };
        test.with(&["--timeout", "0.5"]).run().exits(3).within(10).complains("the first case shows").complains(says);
    }
    let Some(run) = sign("seq-twice") else { return };
    run.exits(3).prints("The subject replied twice to one message, ").prints(&passed_and_failed(signing(), 0));
}

#[test]
fn lines_beside_the_protocol_are_counted_and_shown() {
    for (mode, says) in [
        ("noise-between-replies", "no JSON object, {once more} times: `DEBUG: a case`"),
        ("empty-lines-between-replies", "no JSON object, {each} times: ``"),
        ("invalid-utf-8", "not UTF-8, {each} times: `\\xff\\xfe`"),
        ("deep-nesting", "no JSON object, {each} times: `[[["),
    ] {
        let Some(test) = subject(mode, &[]) else { return };
        // The first case is put once more, alone, before all.
        let (each, once_more) = (signing().to_string(), (signing() + 1).to_string());
        let says = format!("The subject wrote a line that is {says}").replace("{each}", &each);
        test.run().exits(3).within(20).prints(&says.replace("{once more}", &once_more));
    }
}
