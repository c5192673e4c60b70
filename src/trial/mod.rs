//! One case put to an implementation of its scheme: the reference, the single-fault proof, permitted readings.
//!
//! Here corpus and evaluation meet.

mod fault;
mod growth;
mod reading;
mod reference;

pub(crate) use fault::replay;
pub use fault::single_fault;
pub(crate) use reading::answered;
pub use reading::{expectation, expected_readings};
pub use reference::Reference;
pub(crate) use reference::{PreparedCase, answer, sign, verify_each};

use crate::corpus::Entry;

/// What is wrong with one scheme's vectors that only evaluation shows: refusals that are not
/// single-fault, and records of permitted readings that are stale.
pub fn lint_entry(entry: &Entry) -> Vec<String> {
    let mut findings = fault::prove_single_faults(entry);
    findings.extend(growth::stages_too_long(entry));
    findings.extend(entry.scheme.lint_unused().iter().map(|finding| format!("{}: {finding}", entry.name)));
    if expected_readings(entry) != entry.readings {
        findings.push(format!("{}/readings.yaml is stale; `countersign export` writes it", entry.name));
    }
    findings
}
