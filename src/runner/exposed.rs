//! Comparison with a subject that need not show everything: stages that it exposes, in order; the
//! signature, which it must show; and the request that it would send, by what it means.

use super::sent::compare_sent;
use crate::case::{AnswerPart, Difference};
use crate::case::{Case, Expect, ExpectedResult, Judgement, Reply, Signed, Task};
use crate::case::{compare, compare_results};
use crate::corpus::Entry;
use crate::scheme::{Operation, shown};
use crate::trial::Reference;

/// Returns what differs, the first stage first; empty where what is shown is as expected.
pub(super) fn compare_exposed(
    entry: &Entry,
    expect: &Expect,
    case: &Case,
    reply: &Reply,
    reference: &mut Reference<'_>,
) -> Vec<Difference> {
    match (&case.task, reply) {
        (Task::Sign(task), Reply::Signed(signed)) => {
            let mut differences = compare_stages(&entry.scheme.operations[&case.operation], expect, signed);
            if let Some(found) = &signed.signed_request {
                differences.extend(compare_sent(entry, case, task, found, reference));
            }
            differences
        }
        (Task::Verify(_), Reply::Verified(found)) => {
            let expected = shown_by(expect, found);
            compare_results(&expected, found)
        }
        _ => compare(expect, reply),
    }
}

fn compare_stages(operation: &Operation, expect: &Expect, signed: &Signed) -> Vec<Difference> {
    let expected = &expect.stages;
    let mut differences: Vec<Difference> = expected
        .iter()
        .filter_map(|(name, expected)| {
            Difference::of_bytes(AnswerPart::Stage(name.clone()), expected, signed.stages.get(name)?)
        })
        .collect();
    let is_stage = |name: &String| operation.derive.contains_key(name) || expected.contains_key(name);
    for name in signed.stages.keys().filter(|name| !is_stage(name)) {
        let known = operation.derive.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let stage = AnswerPart::Stage(name.clone());
        differences.push(Difference::other(stage, format!("one of {known}"), "no such stage"));
    }
    let signatures = shown(operation);
    let is_there = signatures.iter().any(|name| signed.stages.contains_key(name)) || signed.signed_request.is_some();
    if !is_there && !signatures.is_empty() {
        let wanted = format!("stage {} or the signed request", signatures.join(" or "));
        differences.push(Difference::other(AnswerPart::Answer, wanted, "neither"));
    }
    differences
}

/// The expected results without stages that the subject does not show.
fn shown_by(expect: &Expect, found: &[Judgement]) -> Vec<ExpectedResult> {
    let mut expected = expect.results.clone();
    for (expected, found) in expected.iter_mut().zip(found) {
        expected.stages.retain(|name, _| found.stages.contains_key(name));
    }
    expected
}
