//! The report as JUnit XML: a suite a scheme, a case a vector.

use super::diagnosis::cause_text;
use super::text::{failure_text, verdict_says};
use crate::diagnosis::RunCause;
use crate::runner::{CaseResult, Kind, Run, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// The report; a failure says first what explains it.
pub fn run_junit(run: &Run, causes: &[RunCause<'_>]) -> String {
    let mut report = Report::new("countersign");
    report.set_time(run.elapsed);
    for scheme in &run.schemes {
        let mut suite = TestSuite::new(scheme.scheme.as_str());
        let cases = scheme.results.iter().map(|result| case(result, causes));
        suite.add_test_cases(cases);
        report.add_test_suite(suite);
    }
    // Every text that is written can be written as XML: what XML forbids is left out of it.
    report.to_string().unwrap_or_default()
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
            Verdict::Skipped(_) | Verdict::NotRun(_) | Verdict::Known(_) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(verdict_says(&result.verdict).unwrap_or_default());
                status
            }
            _ => TestCaseStatus::success(),
        };
    };
    let is_error = matches!(kind, Kind::Error | Kind::Crash | Kind::TimeOut | Kind::Protocol);
    let mut status =
        TestCaseStatus::non_success(if is_error { NonSuccessKind::Error } else { NonSuccessKind::Failure });
    let cause = causes.iter().find(|cause| cause.failures.iter().any(|failure| std::ptr::eq(*failure, result)));
    let explained = cause.map_or(String::new(), |cause| format!("{}\n", cause_text(cause)));
    status.set_type(kind.to_string());
    status.set_message(format!("{kind}: {}", result.comment));
    status.set_description(format!("{explained}{}", failure_text(result)));
    status
}
