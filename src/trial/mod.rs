//! One case put to an implementation of its scheme: the reference, the single-fault proof, permitted readings.
//!
//! Here corpus and evaluation meet.

mod fault;
mod growth;
mod reading;
mod reference;
mod round_trip;

pub(crate) use fault::replay;
pub use fault::single_fault;
pub(crate) use reading::answered;
pub use reading::{expectation, expected_readings};
pub use reference::Reference;
pub(crate) use reference::{PreparedCase, answer, checked, sign, verify_each};
pub(crate) use round_trip::judged;
pub use round_trip::{RoundTrips, round_trips};

use crate::corpus::Entry;

/// Returns what is wrong with one scheme's vectors that only evaluation shows: refusals that are not
/// single-fault, messages that are signed and not accepted, and records of permitted readings that are stale.
pub fn lint_entry(entry: &Entry) -> Vec<String> {
    let mut findings = fault::prove_single_faults(entry);
    findings.extend(round_trips(entry).refused);
    findings.extend(growth::stages_too_long(entry));
    if expected_readings(entry) != entry.readings {
        findings.push(format!("{}/readings.yaml is stale; `countersign export` writes it", entry.name));
    }
    findings
}
