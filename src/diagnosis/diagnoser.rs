//! The diagnosis of one operation: the scheme itself, then its readings and mutants, then pairs of these.

use super::bench::{Bench, Single};
use super::foreign::{Foreign, PlacedField, VerifierSays};
use super::form::Form;
use super::model::{Conclusion, Diagnosis, Observation, Part, Seen, Tried, Watch};
use super::search::{Hit, Observed, Search};
use super::{pairs, rank};
use crate::case::{Case, Reply, SignTask, Task, Time};
use crate::corpus::Entry;
use crate::parallel;
use crate::scheme::{AddedField, Destination, Random, Scratch};
use std::sync::atomic::{AtomicUsize, Ordering};

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
        let (verdict, tried) = verdict(&Search::new(&self.bench, observations, watch));
        Diagnosis { operation: self.bench.name.clone(), observations: observations.len(), verdict, tried }
    }

    /// Diagnoses a request that somebody else signed under this variant, and that the verifier has judged: the signers of
    /// the candidates sign it anew. Where no two signatures of one message are alike, no candidate is tried.
    pub fn diagnose_foreign(
        &self,
        variant: Option<&str>,
        mut foreign: Foreign,
        judged: VerifierSays,
        watch: Watch<'_>,
    ) -> Diagnosis {
        let operation = self.bench.name.clone();
        let known = match judged {
            VerifierSays::Accepted => Some(Conclusion::Right),
            _ => self.bench.base_under(variant).and_then(|base| foreign.undecided(base)).map(Conclusion::Undecided),
        };
        if let Some(verdict) = known {
            return Diagnosis { operation, observations: 1, verdict, tried: Tried::default() };
        }
        let case = Case {
            scheme: self.bench.entry.name.clone(),
            operation,
            variant: variant.map(str::to_owned),
            reading: None,
            task: Task::Verify(foreign.message.clone()),
        };
        if self.bench.base_under(variant).is_some_and(|base| !Random::of(&base.operation()).stages.is_empty()) {
            // No mistake gives the same signature twice.
            let verdict = Conclusion::Unexplained { evidence: None };
            return Diagnosis { operation: case.operation, observations: 1, verdict, tried: Tried::default() };
        }
        self.find_misnamed(&case, &mut foreign);
        let signed = |task: SignTask| {
            let case = Case { task: Task::Sign(Box::new(task)), ..case.clone() };
            Observation { case, seen: Seen::Fields(foreign.fields.clone()) }
        };
        // What the time in the request stands for may be open.
        let others = foreign.other_times.iter().map(|at| Time::try_from(at.to_string()).ok());
        let times = std::iter::once(foreign.task.time.clone()).chain(others);
        let mut diagnoses =
            times.map(|time| self.diagnose_while(&[signed(SignTask { time, ..foreign.task.clone() })], watch));
        let mut diagnosis = diagnoses.next().unwrap_or_else(|| unreachable!("there is one time, or none"));
        let explains = |other: &Diagnosis| !matches!(other.verdict, Conclusion::Unexplained { .. });
        if !explains(&diagnosis) {
            let otherwise = || self.read_otherwise(&case, &foreign, &signed, watch);
            diagnosis = diagnoses.find(explains).or_else(otherwise).unwrap_or(diagnosis);
        }
        if let (Conclusion::Right, VerifierSays::Refused(refused)) = (&diagnosis.verdict, judged) {
            diagnosis.verdict = Conclusion::Refused(refused);
        }
        diagnosis
    }

    /// Adds to the fields of a request those that signing adds under another name, in the header.
    fn find_misnamed(&self, case: &Case, foreign: &mut Foreign) {
        let case = Case { task: Task::Sign(Box::new(foreign.task.clone())), ..case.clone() };
        let Some(base) = self.bench.base_under(case.variant.as_deref()) else { return };
        let headers = &foreign.task.request.headers;
        let mut found = Vec::new();
        let mut look = |field: &AddedField<'_>| {
            let is_there = foreign.fields.iter().any(|own| own.into == field.into && own.name == field.name);
            let same = headers.iter().filter(|(_, value)| !is_there && value.as_slice() == field.value);
            found.extend(same.map(|(name, value)| PlacedField {
                into: Destination::Header,
                name: name.to_string(),
                value: value.clone(),
            }));
        };
        // Where it cannot be signed, there is nothing to look for.
        let _ = self.bench.prepared(&case).fields(&base.program, &mut Scratch::default(), &mut look);
        foreign.fields.extend(found);
    }

    /// The diagnosis where a mistake is in what the request says of its signer: this is then read as the mistaken wrote it.
    fn read_otherwise(
        &self,
        case: &Case,
        foreign: &Foreign,
        signed: &(dyn Fn(SignTask) -> Observation + Sync),
        watch: Watch<'_>,
    ) -> Option<Diagnosis> {
        let singles = &self.bench.singles;
        let done = AtomicUsize::new(0);
        let explained = |scratch: &mut Scratch, single: &Single| {
            if !watch(done.fetch_add(1, Ordering::Relaxed), singles.len()) {
                return None;
            }
            let observation = signed(foreign.read_by(self.bench.implementation(self.bench.made(single), case)?)?);
            Search::explains(&self.bench, single, &observation, scratch).then_some(observation)
        };
        let found = parallel::map_with(singles, Scratch::default, explained).into_iter().flatten().next()?;
        Some(self.diagnose_while(&[found], watch))
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
