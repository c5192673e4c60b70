//! Runs a subject over vectors and compares what it answers with what is expected.
//!
//! Here corpus and evaluation meet.

mod carry;
mod compare;
mod difference;
mod exposed;
mod fault;
mod growth;
mod known;
mod plan;
mod reading;
mod rekey;
mod run;
mod sent;
mod verdict;

pub use compare::compare;
pub use difference::{AnswerPart, Compared, Difference, Kind, RequestPart};
pub use fault::{apply_change, prove_single_faults, single_fault};
use growth::stages_too_long;
pub use known::{Divergence, Known, NO_REASON};
pub use plan::{Asked, Filter, Under};
pub(crate) use reading::expected_of;
pub use reading::{expectation, expected_readings};
pub use rekey::{Rekeyed, rekey};
pub use run::{CaseResult, Run, SchemeRun, check, test};
pub use verdict::Verdict;

use crate::corpus::Entry;

/// What is wrong with one scheme's vectors that only evaluation shows: refusals that are not
/// single-fault, and records of permitted readings that are stale.
pub fn lint_entry(entry: &Entry) -> Vec<String> {
    let mut findings = prove_single_faults(entry);
    findings.extend(stages_too_long(entry));
    findings.extend(entry.scheme.lint_unused().iter().map(|finding| format!("{}: {finding}", entry.name)));
    if expected_readings(entry) != entry.readings {
        findings.push(format!("{}/readings.yaml is stale; `countersign export` writes it", entry.name));
    }
    findings
}
