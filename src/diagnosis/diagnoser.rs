//! The diagnosis of one operation: the scheme itself, then its readings and mutants, then pairs of these.

use super::answer::Depth;
use super::bench::Bench;
use super::form::Form;
use super::model::{Conclusion, Diagnosis, Observation, Seen, Tried, Watch};
use super::search::{Hit, Search};
use super::{evidence, pairs, rank};
use crate::case::{Case, Reply};
use crate::corpus::Entry;

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
        Diagnoser::knowing(entry, operation, &[])
    }

    /// The same for code that may know these fields of query and form alone.
    pub(super) fn knowing(entry: &'e Entry, operation: &str, fields: &[String]) -> Option<Diagnoser<'e>> {
        Bench::new(entry, operation, fields).map(|bench| Diagnoser { bench })
    }

    /// The name of the operation.
    pub fn operation(&self) -> &str {
        &self.bench.name
    }

    /// Diagnoses observations of this operation, however long it takes.
    pub fn diagnose(&self, observations: &[Observation]) -> Diagnosis {
        self.diagnose_while(observations, &|_, _| true)
    }

    /// Diagnoses with candidates left untried once the watch says so. The scheme itself is always tried.
    pub fn diagnose_while(&self, observations: &[Observation], watch: Watch<'_>) -> Diagnosis {
        let search = Search::new(&self.bench, observations, 0..observations.len(), Depth::Whole, watch);
        let (verdict, tried) = verdict(&search, true);
        Diagnosis { operation: self.bench.name.clone(), observations: observations.len(), verdict, tried }
    }

    /// The same without pairs.
    pub(super) fn diagnose_alone(&self, observations: &[Observation], watch: Watch<'_>) -> Diagnosis {
        let search = Search::new(&self.bench, observations, 0..observations.len(), Depth::Whole, watch);
        let (verdict, tried) = verdict(&search, false);
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
/// these if these are wanted.
fn verdict(search: &Search<'_, '_>, with_pairs: bool) -> (Conclusion, Tried) {
    let mut tried = Tried::default();
    if search.differing == 0 {
        return (Conclusion::Right, tried);
    }
    let rows = search.rows(&mut tried);
    let mut found: Vec<Hit<'_>> = rows.iter().filter(|row| row.fits()).map(|row| row.hit.clone()).collect();
    if found.is_empty() && with_pairs {
        let pairs = pairs::search(search, &rows, &mut tried);
        found = pairs.iter().map(|[one, other]| one.and(other)).collect();
    }
    let mut verdict = rank::verdict(search, found, &mut tried);
    if let Conclusion::Unexplained(unexplained) = &mut verdict {
        unexplained.nearest = evidence::nearest(search, &rows);
    }
    (verdict, tried)
}
