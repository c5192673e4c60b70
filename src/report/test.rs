//! The report on a run against a subject: for a terminal, and as JSON.

use super::diagnosis::{cause_text, cause_title};
use super::json::run_json;
use super::text::{failures_text, table};
use crate::diagnosis::RunCause;
use crate::runner::{Run, Verdict};
use crate::subject::Conduct;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Who was tested, a table by scheme, what went wrong, the failures, and a closing line
/// `N passed, N failed`.
pub fn test_text(run: &Run, causes: &[RunCause<'_>], again: &str) -> String {
    let mut out = String::new();
    if let Some(subject) = &run.subject {
        let _ = writeln!(out, "{} {} ({})\n", subject.name, subject.version, subject.language);
    }
    out.push_str(&schemes(run));
    for (i, cause) in causes.iter().enumerate() {
        let (name, operation) = (&cause.entry.name, &cause.cause.diagnosis.operation);
        let vectors = cause.failures.len();
        let _ = writeln!(out, "\n{}. {name}, {operation}: {vectors} of the failures", i + 1);
        for line in cause_text(cause).lines() {
            let _ = writeln!(out, "{}", format!("   {line}").trim_end());
        }
    }
    out.push_str(&failures_text(run, again));
    out.push_str(&not_run(run));
    if let Some(why) = &run.broken_off {
        let _ = writeln!(out, "\nThe run was broken off: {why}.");
    }
    out.push_str(&conduct_text(&run.conduct));
    let _ = writeln!(out, "\n{:.2} s", run.elapsed.as_secs_f64());
    let _ = writeln!(out, "{} passed, {} failed, {} skipped", run.passed(), run.failed(), run.not_run());
    out
}

fn schemes(run: &Run) -> String {
    let head = ["scheme", "vectors", "passed", "failed", "known", "not run"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for scheme in run.schemes.iter().filter(|scheme| scheme.not_run() < scheme.vectors()) {
        let counts = [scheme.vectors(), scheme.passed(), scheme.failed(), scheme.known(), scheme.not_run()];
        let cells = counts.iter().map(ToString::to_string);
        rows.push(std::iter::once(scheme.scheme.clone()).chain(cells).collect());
    }
    table(&rows)
}

/// Why vectors did not run, with how many each reason kept from running.
fn not_run(run: &Run) -> String {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for result in run.schemes.iter().flat_map(|scheme| &scheme.results) {
        if let Verdict::NotRun(why) | Verdict::Skipped(why) = &result.verdict {
            *reasons.entry(why).or_default() += 1;
        }
    }
    let mut out = String::new();
    for (why, times) in reasons {
        let _ = write!(out, "\n{times} not run: {why}");
    }
    if out.is_empty() { out } else { out + "\n" }
}

/// What the subject did beside answering.
pub(super) fn conduct_text(conduct: &Conduct) -> String {
    let mut out = String::new();
    for breach in &conduct.breaches {
        let times = if breach.times > 1 { format!(", {} times", breach.times) } else { String::new() };
        let _ = writeln!(out, "\nThe subject {}{times}: {}", breach.what, breach.example);
    }
    if conduct.restarts > 0 {
        let times = if conduct.restarts > 1 { format!("{} times", conduct.restarts) } else { "once".to_owned() };
        let _ = writeln!(out, "\nThe subject was started again {times}.");
    }
    if !conduct.stderr.trim().is_empty() {
        let _ = writeln!(out, "\nThe subject wrote to standard error:");
        conduct.stderr.trim_end().lines().for_each(|line| {
            let _ = writeln!(out, "    | {line}");
        });
    }
    out
}

/// [`run_json`] with `causes`: `[{"scheme", "operation", "finding", "vectors", "diagnosis"}]`.
pub fn test_json(run: &Run, causes: &[RunCause<'_>]) -> Value {
    let cause = |cause: &RunCause<'_>| {
        json!({
            "scheme": cause.entry.name,
            "operation": cause.cause.diagnosis.operation,
            "finding": cause_title(cause),
            "vectors": cause.failures.iter().map(|failure| &failure.vector).collect::<Vec<_>>(),
            "diagnosis": super::diagnosis_json(cause.entry, &cause.cause.diagnosis, &[]),
        })
    };
    let mut report = run_json(run);
    report["causes"] = causes.iter().map(cause).collect();
    report
}
