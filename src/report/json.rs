//! The report as JSON.

use crate::runner::{Difference, Failure, Run};
use serde_json::{Value, json};

/// `{"schemes": [{"scheme", "vectors", "passed", "failed", "discrepancies", "statements"}], "failures": […]}`.
pub fn run_json(run: &Run) -> Value {
    let schemes = run.schemes.iter().map(|scheme| {
        json!({
            "scheme": scheme.scheme,
            "vectors": scheme.vectors,
            "passed": scheme.passed,
            "failed": scheme.vectors - scheme.passed,
            "discrepancies": scheme.discrepancies,
            "statements": scheme.statements,
        })
    });
    let failures = run.schemes.iter().flat_map(|scheme| &scheme.failures).map(failure_json);
    json!({ "schemes": schemes.collect::<Vec<_>>(), "failures": failures.collect::<Vec<_>>() })
}

fn failure_json(failure: &Failure) -> Value {
    let differences = failure.differences.iter().map(|difference| match difference {
        Difference::Value { what, expected, found } => json!({ "what": what, "expected": expected, "found": found }),
        Difference::Other { what, expected, found } => json!({ "what": what, "expected": expected, "found": found }),
    });
    json!({ "vector": failure.vector, "reading": failure.reading, "differences": differences.collect::<Vec<_>>() })
}
