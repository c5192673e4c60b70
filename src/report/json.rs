//! The report as JSON.

use crate::runner::{CaseResult, Difference, Run, Verdict};
use serde_json::{Value, json};

/// `{"schemes": [{"scheme", "vectors", "passed", "failed", "not_run", "known", "discrepancies", "statements"}],
/// "failures": […], "not_run": […]}`; of a subject also `subject` and `conduct`.
pub fn run_json(run: &Run) -> Value {
    let schemes = run.schemes.iter().map(|scheme| {
        json!({
            "scheme": scheme.scheme,
            "vectors": scheme.vectors(),
            "passed": scheme.passed(),
            "failed": scheme.failed(),
            "not_run": scheme.not_run(),
            "known": scheme.known(),
            "discrepancies": scheme.discrepancies,
            "statements": scheme.statements,
        })
    });
    let failures = run.failures().into_iter().map(failure_json);
    let results = run.schemes.iter().flat_map(|scheme| &scheme.results);
    let not_run = results.filter_map(|result| match &result.verdict {
        Verdict::Skipped(why) | Verdict::NotRun(why) => Some(json!({ "vector": result.vector, "why": why })),
        _ => None,
    });
    let mut report = json!({
        "schemes": schemes.collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "not_run": not_run.collect::<Vec<_>>(),
    });
    if let Some(subject) = &run.subject {
        let breach = |breach: &crate::subject::Breach| json!({ "what": breach.what, "example": breach.example, "times": breach.times });
        report["subject"] = json!({ "name": subject.name, "version": subject.version, "language": subject.language });
        report["conduct"] = json!({
            "breaches": run.conduct.breaches.iter().map(breach).collect::<Vec<_>>(),
            "restarts": run.conduct.restarts,
            "broken_off": run.broken_off,
        });
    }
    report
}

pub(super) fn failure_json(result: &CaseResult) -> Value {
    let differences = result.verdict.differences().iter().map(|difference| match difference {
        Difference::Value { what, expected, found } => json!({ "what": what, "expected": expected, "found": found }),
        Difference::Other { what, expected, found } => json!({ "what": what, "expected": expected, "found": found }),
    });
    json!({
        "vector": result.vector,
        "reading": result.reading,
        "kind": result.verdict.failure().map(|kind| kind.to_string()),
        "says": super::verdict_says(&result.verdict),
        "differences": differences.collect::<Vec<_>>(),
    })
}
