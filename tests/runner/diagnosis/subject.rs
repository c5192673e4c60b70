//! Wrong implementations run as subjects, made from the scheme by its edits.

use crate::setting::systems;
use countersign::case::{Case, Reply};
use countersign::corpus::Entry;
use countersign::diagnosis::{Explanation, Observation, Part, Seen};
use countersign::scheme::{Edit, Program, Scheme};
use countersign::trial::Reference;
use std::sync::Arc;

/// Every operation of every system of the corpus.
pub fn operations() -> Vec<(&'static Entry, &'static str)> {
    let all = systems().flat_map(|entry| entry.scheme.operations.keys().map(move |name| (entry, name.as_str())));
    let all: Vec<_> = all.collect();
    assert!(all.len() > 4, "too few operations to test anything");
    all
}

/// The cases of the vectors of an operation.
pub fn cases(entry: &Entry, operation: &str) -> Vec<Case> {
    let of = entry.vectors().filter(|(_, vector)| vector.given.operation == operation);
    of.map(|(topic, vector)| entry.case(topic, vector, None)).collect()
}

/// What an implementation answers that does what an explanation says; where that does not touch the
/// variant of a case, it answers as the scheme.
pub fn replies(entry: &Entry, explanation: &Explanation, cases: &[Case]) -> Vec<Reply> {
    let variants = std::iter::once(None).chain(entry.scheme.variants.keys().map(|name| Some(name.as_str())));
    let schemes: Vec<(Option<&str>, Arc<Scheme>)> =
        variants.map(|variant| (variant, Arc::new(edited(entry, explanation, variant)))).collect();
    let mut subjects: Vec<(Option<&str>, Reference<'_>)> = schemes
        .iter()
        .map(|(variant, scheme)| (*variant, Reference::new([(entry.name.as_str(), scheme)].into())))
        .collect();
    let answer = |case: &Case| {
        let (_, subject) = subjects.iter_mut().find(|(variant, _)| *variant == case.variant.as_deref()).unwrap();
        // Why an implementation fails is not compared.
        match subject.answer(&Case { variant: None, ..case.clone() }) {
            Reply::Error(_) => Reply::Error(String::new()),
            reply => reply,
        }
    };
    cases.iter().map(answer).collect()
}

fn edited(entry: &Entry, explanation: &Explanation, variant: Option<&str>) -> Scheme {
    let scheme = entry.scheme.resolved(variant, None).unwrap();
    let applies = |part: &Part| match part {
        Part::Mutant(mutant) => mutant.variant.is_none() || mutant.variant.as_deref() == variant,
        Part::Reading(_) => true,
    };
    if !explanation.0.iter().all(applies) {
        return scheme;
    }
    let mut mutants: Vec<Edit> = Vec::new();
    let mut readings: Vec<Edit> = Vec::new();
    for part in &explanation.0 {
        match part {
            Part::Mutant(mutant) => mutants.extend(mutant.edits.clone()),
            Part::Reading(name) => readings.extend(entry.scheme.readings[name].edits.clone()),
        }
    }
    // The last edit of mutants first, so that none moves the node of another.
    mutants.reverse();
    mutants.extend(readings);
    let mut edited = scheme.clone();
    for (name, operation) in &mut edited.operations {
        match scheme.edited(name, &mutants) {
            Ok(found) if Program::compile(&scheme, &found).is_ok() => *operation = found,
            _ => return scheme,
        }
    }
    edited
}

/// Observations of what differs from the scheme, and of the first few that do not; none where
/// nothing differs.
pub fn observations(
    cases: &[Case],
    base: &[Reply],
    seen: &[Reply],
    differing: usize,
    agreeing: usize,
) -> Vec<Observation> {
    let pick = |differs: bool, most: usize| {
        let wanted = (0..cases.len()).filter(move |&i| (base[i] != seen[i]) == differs);
        wanted.take(most).map(|i| Observation { case: cases[i].clone(), seen: Seen::Reply(seen[i].clone()) })
    };
    let differing: Vec<Observation> = pick(true, differing).collect();
    if differing.is_empty() { differing } else { differing.into_iter().chain(pick(false, agreeing)).collect() }
}

/// Runs a test for several operations at once.
pub fn in_parallel<T: Send>(run: impl Fn(&'static Entry, &'static str) -> T + Sync) -> Vec<T> {
    let operations = operations();
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            operations.iter().map(|&(entry, operation)| scope.spawn(|| run(entry, operation))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
