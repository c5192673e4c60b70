//! The diagnosis of one operation: the scheme itself, then its readings and mutants, then pairs of these.

use super::bench::{Bench, Single};
use super::form::Form;
use super::model::{Conclusion, Diagnosis, Observation, Part, Seen, Tried, Watch};
use super::search::{Hit, Observed, Search};
use super::{pairs, rank};
use crate::case::{Case, Reply};
use crate::corpus::Entry;
use crate::parallel;
use crate::scheme::Scratch;

/// Diagnoses observations, operation by operation, in the order in which these first occur.
///
/// ```
/// use countersign::corpus::{Files, load};
/// use countersign::diagnosis::{Observation, Seen, Conclusion, diagnose};
///
/// let corpus = load(&Files::built_in()).unwrap();
/// let entry = &corpus.entries[0];
/// let (topic, vector) = entry.vectors().find(|(_, vector)| !vector.expect.stages.is_empty()).unwrap();
/// let (_, value) = vector.expect.stages.last().unwrap();
/// let case = entry.case(topic, vector, None);
/// let diagnosis = diagnose(entry, &[Observation { case, seen: Seen::Value(value.clone()) }]);
/// assert!(matches!(diagnosis[0].verdict, Conclusion::Right));
/// ```
pub fn diagnose(entry: &Entry, observations: &[Observation]) -> Vec<Diagnosis> {
    let mut operations: Vec<&str> = Vec::new();
    let says = |o: &&Observation| !matches!(o.seen, Seen::Reply(Reply::Skipped(_)));
    for observation in observations.iter().filter(says) {
        let name = observation.case.operation.as_str();
        if !operations.contains(&name) && entry.scheme.operations.contains_key(name) {
            operations.push(name);
        }
    }
    let of = |name: &str| {
        let own = observations.iter().filter(|o| o.case.operation == name).cloned();
        Diagnoser::new(entry, name).map(|diagnoser| diagnoser.diagnose(&own.collect::<Vec<_>>()))
    };
    operations.into_iter().filter_map(of).collect()
}

/// The candidates of one operation, prepared once for several diagnoses.
pub struct Diagnoser<'e> {
    pub(super) bench: Bench<'e>,
}

impl<'e> Diagnoser<'e> {
    /// Prepares; `None` where the scheme has no such operation.
    pub fn new(entry: &'e Entry, operation: &str) -> Option<Diagnoser<'e>> {
        Bench::new(entry, operation).map(|bench| Diagnoser { bench })
    }

    /// Diagnoses observations of this operation, however long it takes.
    pub fn diagnose(&self, observations: &[Observation]) -> Diagnosis {
        self.diagnose_while(observations, &|_, _| true)
    }

    /// Diagnoses with candidates left untried once the watch says so. The scheme itself is always tried.
    pub fn diagnose_while(&self, observations: &[Observation], watch: Watch<'_>) -> Diagnosis {
        let (verdict, tried) = verdict(&Search::new(&self.bench, observations, watch));
        Diagnosis { operation: self.bench.name.clone(), observations: observations.len(), verdict, tried }
    }

    /// Forms in which the scheme, then its readings and mutants write a value that could be meant by
    /// [`Seen::Value`] for this case, as they are asked for; no more once the watch says so. None where that
    /// value is a secret in clear, of which no form is told.
    pub fn forms(&self, case: &Case, watch: Watch<'_>) -> impl Iterator<Item = Form> {
        self.bench.forms(case, watch)
    }
}

impl std::fmt::Debug for Diagnoser<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Diagnoser({})", self.bench.name)
    }
}

/// The answer, and how much was tried for it: the scheme itself, then its readings and mutants, then pairs of
/// these.
fn verdict<'b>(search: &Search<'b, '_>) -> (Conclusion, Tried) {
    let mut tried = Tried::default();
    if search.differing == 0 {
        return (Conclusion::Right, tried);
    }
    let singles = &search.bench.singles;
    let trial = search.trial(singles.len());
    let alone = |scratch: &mut Scratch, single: &'b Single| {
        let explains = |o: &Observed<'_>| o.wanted.explained_by(&search.single_answer(single, o, scratch));
        trial.goes_on().then(|| search.observed.iter().all(explains))
    };
    let explains = parallel::map_with(singles, Scratch::default, alone);
    let mut found = Vec::new();
    for (single, explains) in singles.iter().zip(explains) {
        match (explains, &single.part) {
            (None, _) => tried.out_of_time += 1,
            (Some(_), Some(Part::Reading(_))) => tried.readings += 1,
            (Some(_), _) => tried.mutants += 1,
        }
        found.extend((explains == Some(true)).then(|| Hit { parts: vec![single] }));
    }
    if found.is_empty() {
        found = pairs::search(search, &mut tried);
    }
    (rank::verdict(search, found, &mut tried), tried)
}
