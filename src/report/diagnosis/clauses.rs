//! What an implementation does, in words: a clause for each mistake.

use crate::corpus::Entry;
use crate::diagnosis::{self, Explanation, Part};

/// Returns what an implementation does, as a sentence about the reader's code.
pub(super) fn finding(entry: &Entry, explanation: &Explanation) -> String {
    match clauses(entry, explanation).as_slice() {
        [one] => format!("Your code {one}."),
        several => format!("Your code does two things that the scheme does not: it {}.", several.join("; and it ")),
    }
}

/// Returns the sentence as a clause.
pub(super) fn in_short(entry: &Entry, explanation: &Explanation) -> String {
    format!("it {}", clauses(entry, explanation).join("; and it "))
}

/// What an implementation does, one mistake after another: one that is made at several places is one.
fn clauses(entry: &Entry, explanation: &Explanation) -> Vec<String> {
    let kind = |part: &Part| match part {
        Part::Mutant(mutant) => Some((mutant.operator.id, mutant.detail.clone())),
        Part::Reading(_) => None,
    };
    let is_one = |one: &Part, other: &Part| kind(one).is_some() && kind(one) == kind(other);
    let clause = |parts: &[Part]| match &parts[0] {
        Part::Mutant(first) => {
            let places = parts[1..].iter().filter_map(|part| match part {
                Part::Mutant(mutant) => Some(diagnosis::place(&mutant.at)),
                Part::Reading(_) => None,
            });
            let mut says = diagnosis::mistake(entry, first);
            for place in places.filter(|place| !place.is_empty()) {
                if !says.contains(&place) {
                    says += &format!(" and{}", place.trim_start_matches(','));
                }
            }
            says
        }
        Part::Reading(name) => {
            let says = entry.scheme.readings.get(name).map_or("", |reading| &reading.says);
            format!("follows `{name}`, a reading that the document permits: {}", says.trim_end_matches('.'))
        }
    };
    explanation.0.chunk_by(is_one).map(clause).collect()
}
