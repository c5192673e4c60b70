//! The report as JUnit XML: a suite a scheme, a case a vector, and a suite for how a subject behaved.

use super::diagnosis::cause_text;
use super::text::failure_text;
use super::words;
use crate::case::FailureKind;
use crate::diagnosis::RunCause;
use crate::printable::{self, COLUMNS};
use crate::runner::{CaseResult, Run, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report; a failure says first what explains it.
pub fn run_junit(run: &Run, causes: &[RunCause<'_>]) -> String {
    let mut report = Report::new("countersign");
    report.set_time(run.elapsed);
    for scheme in &run.schemes {
        let mut suite = TestSuite::new(scheme.scheme.as_str());
        suite.add_test_cases(scheme.results.iter().map(|result| case(result, causes)));
        report.add_test_suite(suite);
    }
    report.add_test_suites(run.subject.as_ref().map(|subject| conduct(run, &words::subject(subject))));
    // Every text that is written can be written as XML: what XML forbids is left out of it.
    let xml = report.to_string().unwrap_or_default();
    // The schema by which Jenkins reads knows no `skipped` of all suites together, only of each.
    xml.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1)
}

fn case(result: &CaseResult, causes: &[RunCause<'_>]) -> TestCase {
    let name = match &result.reading {
        Some(reading) => format!("{} under {reading}", result.vector),
        None => result.vector.clone(),
    };
    let mut case = TestCase::new(name, status(result, causes));
    let topic = result.vector.rsplit_once('/').map_or(result.vector.as_str(), |(topic, _)| topic);
    case.set_classname(topic.replace('/', "."));
    case
}

fn status(result: &CaseResult, causes: &[RunCause<'_>]) -> TestCaseStatus {
    let Some(kind) = result.verdict.failure() else {
        return match &result.verdict {
            Verdict::Skipped(_) | Verdict::NotRun(_) | Verdict::Known(_) | Verdict::Beside(_) => {
                let says = words::verdict_says(&result.verdict).unwrap_or_default();
                let mut status = TestCaseStatus::skipped();
                status.set_message(&*printable::text(&says));
                status
            }
            _ => TestCaseStatus::success(),
        };
    };
    let is_error =
        matches!(kind, FailureKind::Error | FailureKind::Crash | FailureKind::TimeOut | FailureKind::Protocol);
    let mut status =
        TestCaseStatus::non_success(if is_error { NonSuccessKind::Error } else { NonSuccessKind::Failure });
    let cause = causes.iter().find(|cause| cause.failures.iter().any(|failure| std::ptr::eq(*failure, result)));
    let explained = cause.map_or(String::new(), |cause| format!("{}\n", cause_text(cause, COLUMNS)));
    status.set_type(kind.to_string());
    status.set_message(format!("{kind}: {}", result.comment));
    status.set_description(format!("{explained}{}", failure_text(result, COLUMNS)));
    status
}

/// Returns how the subject behaved: one that answers rightly and breaks the protocol does not conform.
fn conduct(run: &Run, subject: &str) -> TestSuite {
    let text = words::conduct(run).text(COLUMNS);
    let is_sound = run.conduct.breaches.is_empty() && run.broken_off.is_none();
    let mut status = TestCaseStatus::success();
    if !is_sound {
        status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("conduct").set_message("the run was broken off, or the subject broke the protocol");
        status.set_description(text.as_str());
    }
    let mut case = TestCase::new(subject, status);
    case.set_classname("conduct");
    if is_sound && !text.is_empty() {
        case.set_system_err(text);
    }
    let mut suite = TestSuite::new("conduct");
    suite.add_test_case(case);
    suite
}
