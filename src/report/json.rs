//! The report on a run as JSON.

use super::diagnosis::{self, cause_title, frameworks_json};
use super::words::{not_run, verdict_says};
use crate::case::Difference;
use crate::diagnosis::RunCause;
use crate::runner::{CaseResult, Run, Verdict};
use crate::subject::Breach;
use serde_json::{Value, json};

/// `{"schemes": [{"scheme", "vectors", "passed", "failed", "not_run", "known", "beside", "discrepancies", "statements"}],
/// "failures": […], "beside": […], "not_run": […], "causes": [{"scheme", "operation", "finding", "vectors", "diagnosis"}],
/// "frameworks": [{"framework", "code"}]}`; of a
/// subject also `subject` and `conduct`.
pub fn run_json(run: &Run, causes: &[RunCause<'_>]) -> Value {
    let schemes = run.schemes.iter().map(|scheme| {
        json!({
            "scheme": scheme.scheme,
            "vectors": scheme.vectors(),
            "passed": scheme.passed(),
            "failed": scheme.failed(),
            "not_run": scheme.not_run(),
            "known": scheme.known(),
            "beside": scheme.beside(),
            "discrepancies": scheme.discrepancies,
            "statements": scheme.statements,
        })
    });
    let failures = run.failures().into_iter().map(failure_json);
    let beside = run.results().filter(|result| matches!(result.verdict, Verdict::Beside(_)));
    let not_run = not_run(run).into_iter().flat_map(|(why, results)| {
        results.into_iter().map(move |result| json!({ "vector": result.vector, "why": why }))
    });
    let mut report = json!({
        "schemes": schemes.collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
        "beside": beside.map(failure_json).collect::<Vec<_>>(),
        "not_run": not_run.collect::<Vec<_>>(),
        "causes": causes.iter().map(cause_json).collect::<Vec<_>>(),
        "frameworks": frameworks_json(causes.iter().map(|cause| &cause.cause.diagnosis)),
    });
    if let Some(subject) = &run.subject {
        let breach = |breach: &Breach| json!({ "what": breach.what, "example": breach.example.to_string(), "times": breach.times });
        report["subject"] = json!({ "name": subject.name, "version": subject.version, "language": subject.language });
        report["conduct"] = json!({
            "breaches": run.conduct.breaches.iter().map(breach).collect::<Vec<_>>(),
            "restarts": run.conduct.restarts,
            "broken_off": run.broken_off,
        });
    }
    report
}

fn failure_json(result: &CaseResult) -> Value {
    let differences = result.verdict.differences().iter().map(|difference| match difference {
        Difference::Value { what, expected, found } => {
            json!({ "what": what.to_string(), "expected": expected, "found": found })
        }
        Difference::Other { what, expected, found } => {
            json!({ "what": what.to_string(), "expected": expected, "found": found })
        }
    });
    json!({
        "vector": result.vector,
        "reading": result.reading,
        "level": result.level,
        "gains": result.gains,
        "kind": result.verdict.failure().map(|kind| kind.to_string()),
        "says": verdict_says(&result.verdict),
        "differences": differences.collect::<Vec<_>>(),
    })
}

fn cause_json(cause: &RunCause<'_>) -> Value {
    json!({
        "scheme": cause.entry.name,
        "operation": cause.cause.diagnosis.operation,
        "finding": cause_title(cause),
        "vectors": cause.failures.iter().map(|failure| &failure.vector).collect::<Vec<_>>(),
        "diagnosis": diagnosis::cause_json(cause.entry, &cause.cause.diagnosis, &[]),
    })
}
