//! Subjects that hang or die, on one case, on every case or at the end, and what they leave behind.

use super::runs::{FEW, all_at_once, passed_and_failed, signing, subject};
use crate::command::Ran;
use countersign::case::Case;
use countersign::corpus::{self, Files};
use countersign::runner::{Asked, Filter, Under};
use countersign::subject::{Connection, Delivery, Limits, Process};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

/// Text that stands in one vector of the topic alone.
const ONE: &str = "Fall 🍂 2018";
/// That vector.
const VECTOR: &str = "flipsnack/sign/value-emoji";

/// Each of ten more starts answers one case and loses one; the first start only shows that it works.
fn not_run_after_ten_restarts() -> String {
    format!("{} not run: it was started again 10 times, and that is the limit", signing() - 20)
}

#[track_caller]
fn only_one_is_lost(run: Ran, kind: &str) -> Ran {
    run.prints(&format!("FAILED {VECTOR} ({kind})")).prints(&passed_and_failed(signing() - 1, 1))
}

#[test]
fn one_case_that_hangs_is_lost_alone() {
    for mode in ["hangs-on-one-case", "never-answers-one-case"] {
        let Some(test) = subject(mode, &[ONE]) else { return };
        let run = test.with(&["--timeout", "1"]).run().exits(1).within(15);
        only_one_is_lost(run, "time-out").prints("no reply within 1 s");
    }
}

#[test]
fn one_case_that_kills_is_lost_alone() {
    let Some(test) = subject("dies-on-one-case", &[ONE]) else { return };
    let run = only_one_is_lost(test.run().exits(1).within(15), "crash");
    run.prints("it ended with exit status 7 before it replied").prints("    | Traceback: the last words");
    let Some(test) = subject("killed-by-a-signal", &[ONE]) else { return };
    only_one_is_lost(test.run().exits(1).within(15), "crash").prints("signal: 11");
}

#[test]
fn the_beginning_of_its_last_words_is_shown_too() {
    let Some(test) = subject("dies-with-its-message-first", &[ONE]) else { return };
    let run = only_one_is_lost(test.run().exits(1).within(15), "crash");
    let run = run.prints(
        "it ended with exit status 1 before it replied; it wrote to standard error: \
         | subject.rb:7: no such key (KeyError) | from frame 0 | from frame 1",
    );
    run.prints("lines left out] | from frame 35").prints("| from frame 39 | the last words again: ");
}

#[test]
fn whoever_hangs_on_every_case_uses_up_its_restarts() {
    let Some(test) = subject("hangs-on-every-case", &["1"]) else { return };
    let run = test.with(&["--timeout", "0.3"]).run().exits(3).within(25);
    let run = run.prints("(time-out)").prints(&not_run_after_ten_restarts());
    run.prints("The subject could not be asked to the end: it was started again 10 times");
}

#[test]
fn whoever_dies_on_every_case_uses_up_its_restarts() {
    let Some(test) = subject("dies-on-every-case", &["1"]) else { return };
    let run = test.run().exits(3).within(25).prints("(crash)").prints("    | Traceback: the last words");
    run.prints(&not_run_after_ten_restarts());
    let Some(test) = subject("dies-on-every-case", &["0"]) else { return };
    let run = test.run().exits(3).within(10).complains("the first case shows that the adapter is broken");
    run.complains("exit status 7").complains("    | Traceback: the last words");
}

#[test]
fn an_early_end_with_status_0_is_a_crash() {
    let Some(test) = subject("exits-early", &[]) else { return };
    test.only(&FEW).run().exits(1).within(15).prints("(crash)").prints("it ended with exit status 0 before it replied");
}

#[test]
fn dying_when_several_messages_wait_is_said_though_every_case_passes() {
    let Some(test) = subject("dies-of-company", &[]) else { return };
    let run = test.run().exits(3).within(15).prints(&passed_and_failed(signing(), 0));
    run.prints("The subject failed when it had several messages, though on none of them alone: it ended with exit status 3 before");
}

#[test]
fn being_slow_with_several_messages_is_no_fault_where_each_is_right_alone() {
    let Some(test) = subject("slow-in-company", &["10"]) else { return };
    let run = test.with(&["--timeout", "1"]).run().exits(0).within(20).prints(&passed_and_failed(signing(), 0));
    run.prints("The subject was started again 1 time");
}

/// One that is slow with many at once gets fewer, or it would use up its restarts.
#[test]
fn being_slow_with_several_messages_costs_few_restarts() {
    let Some(test) = subject("slow-in-company", &["100"]) else { return };
    let corpus = corpus::load(&Files::built_in()).unwrap();
    let entry = corpus.entries.iter().find(|entry| entry.name == "flipsnack").unwrap();
    let asked = Asked::of(entry, &Filter::default(), Under::Decision);
    let cases: Vec<Case> = asked.iter().map(|asked| asked.case(true)).cycle().take(3000).collect();
    let limits = Limits { reply: Duration::from_secs(4), restarts: 2, ..Limits::default() };
    let mut process = Process::new(test.command(), limits);
    process.hello().unwrap();
    let mut replies = 0;
    process.put(&cases, &mut |_, outcome| {
        replies += usize::from(matches!(outcome, Delivery::Reply(_)));
        ControlFlow::Continue(())
    });
    let conduct = process.finish();
    assert_eq!((replies, conduct.breaches()), (cases.len(), 0), "{:?}", conduct.breaches);
}

#[test]
fn whoever_cannot_start_again_does_not_conform() {
    let directory = tempfile::tempdir().unwrap();
    let lock = directory.path().join("lock");
    let Some(test) = subject("starts-only-once", &[ONE, lock.to_str().unwrap()]) else { return };
    let run = test.run().exits(3).within(15).prints(" not run: it could not be started again: ");
    run.prints("The subject could not be asked to the end: it could not be started again: ")
        .prints("the lock file is there");
}

#[test]
fn the_end_is_bounded_too() {
    all_at_once(&["hangs-at-the-end", "ignores-stop"], |mode| {
        let Some(test) = subject(mode, &[]) else { return };
        let run = test.run().exits(3).within(10).prints(&passed_and_failed(signing(), 0));
        run.prints("The subject did not end well after `stop`: it still ran 2 s later, and was ended");
    });
    let Some(test) = subject("floods-at-the-end", &[]) else { return };
    let run = test.run().exits(3).within(10).prints("The subject went on writing when everything was answered");
    run.prints("The subject did not end well after `stop`");
    let Some(test) = subject("exits-badly-at-the-end", &[]) else { return };
    test.run().exits(3).prints("The subject did not end well after `stop`: it ended with exit status 5");
}

#[track_caller]
pub fn is_gone(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.is_empty(), "the subject started no child");
    for id in text.lines() {
        // What nobody has waited for yet is a name and nothing more.
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        assert!(status.is_empty() || status.contains("State:\tZ"), "process {id} is left:\n{status}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_child_survives() {
    let says = "The subject left processes behind, which were ended: 1 of them";
    for (mode, code, says) in [
        ("leaves-a-child", 3, says),
        ("leaves-a-child-in-its-own-session", 3, says),
        ("leaves-a-daemon", 3, says),
        ("leaves-children-and-dies", 3, "it ended with exit status 7 before it replied"),
        ("leaves-children-and-hangs", 3, ""),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("children");
        let Some(test) = subject(mode, &[file.to_str().unwrap()]) else { return };
        test.with(&["--timeout", "0.5", "--start-timeout", "2"]).only(&FEW).run().exits(code).within(25).prints(says);
        is_gone(&file);
    }
    let Some(test) = subject("child-that-forks-for-ever", &[]) else { return };
    test.run().exits(3).within(15).prints("The subject left processes behind, which were ended: ");
}

#[cfg(target_os = "linux")]
#[test]
fn orphans_that_end_do_not_pile_up() {
    let Some(test) = subject("starts-orphans-that-end", &[ONE]) else { return };
    test.with(&["--timeout", "15"]).run().exits(0).within(30);
}
