//! Diagnosis: which plausible wrong implementation gives exactly what was observed.
//!
//! Data flows observations → answers of the scheme, its readings, mutants and pairs → behaviour
//! classes → evidence. May use `scheme`, `corpus`, `subject`, `mutation` and the verdicts of `runner`.

mod advice;
mod answer;
mod bench;
mod cause;
mod curl;
mod evidence;
mod form;
mod http;
mod masked;
mod pairs;
mod rank;
mod recover;
mod run;
mod search;
mod words;

pub use advice::mistake;
pub use cause::Cause;
pub use evidence::Evidence;
pub use form::{Form, form};
pub use http::{Unreadable, parse_request};
pub use rank::{Gives, TellApart};
pub use recover::{Recovered, recover};
pub use run::{RunCause, explain_run};

use crate::bytes::Bytes;
use crate::corpus::Entry;
use crate::mutation::Mutant;
use crate::runner::{self, AnswerPart, Difference};
use crate::subject::{Case, Reply};
use bench::Bench;

/// One case, and what an implementation was seen to answer.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The case. Its reading is not looked at: readings are among the explanations.
    pub case: Case,
    /// What was seen.
    pub seen: Seen,
}

/// What was seen of an answer.
#[derive(Debug, Clone)]
pub enum Seen {
    /// A reply, as far as it goes: what it leaves out (a stage, the signed request, the class of a
    /// refusal) is not compared. A skipped case says nothing.
    Reply(Reply),
    /// One value of signing: the signature, or a field that holds it.
    Value(Bytes),
}

impl Seen {
    /// A reply that was judged: without its signed request unless that is all that differs. Requests
    /// that mean the same may be written in many ways, and a stage that differs says more.
    pub fn of(reply: &Reply, verdict: &runner::Verdict) -> Seen {
        let mut reply = reply.clone();
        let differences = verdict.differences();
        let is_request = |difference: &Difference| matches!(difference.what().part, AnswerPart::SignedRequest(_));
        if let Reply::Signed(signed) = &mut reply
            && (differences.is_empty() || !differences.iter().all(is_request))
        {
            signed.signed_request = None;
        }
        Seen::Reply(reply)
    }
}

/// What the observations of one operation show.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The operation.
    pub operation: String,
    /// How many observations there are.
    pub observations: usize,
    /// The answer.
    pub verdict: Verdict,
    /// What was tried.
    pub tried: Tried,
}

/// One of three answers.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// The scheme as it is decided on explains every observation.
    Right,
    /// These explain every observation.
    Explained(Explained),
    /// Nothing that was tried does.
    Unexplained {
        /// What the scheme answers, where the first observation differs.
        evidence: Option<Evidence>,
    },
}

/// What explains every observation.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Behaviour classes, the most plausible first; never empty.
    pub candidates: Vec<Candidate>,
    /// What the first of them does, shown on the first observation that differs.
    pub evidence: Evidence,
    /// What would tell them apart, where there are several and a vector does.
    pub tell_apart: Option<TellApart>,
}

/// A behaviour class: explanations that answer every vector of the operation alike.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its explanations, the simplest first; never empty.
    pub class: Vec<Explanation>,
    /// How many observations it explains: all of them.
    pub explains: usize,
    /// How many of them are not what the scheme answers.
    pub differing: usize,
    /// How many vectors of the operation show it.
    pub shows_in: usize,
}

/// What an implementation does that the scheme does not: one part, or two.
#[derive(Debug, Clone)]
pub struct Explanation(pub Vec<Part>);

/// A part of an explanation.
#[derive(Debug, Clone)]
pub enum Part {
    /// It follows a reading that the document permits.
    Reading(String),
    /// It makes a mistake.
    Mutant(Mutant),
}

impl Part {
    /// The id of the mutant or reading.
    pub fn id(&self) -> &str {
        match self {
            Part::Reading(name) => name,
            Part::Mutant(mutant) => &mutant.id,
        }
    }
}

/// How much was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tried {
    /// Readings.
    pub readings: usize,
    /// Mutants.
    pub mutants: usize,
    /// Pairs of these.
    pub pairs: usize,
    /// Pairs left untried since there were more than [`MOST_PAIRS`].
    pub left: usize,
}

/// How many pairs are tried at most.
pub const MOST_PAIRS: usize = 40_000;

impl Tried {
    /// All candidates, the scheme itself among them.
    pub fn candidates(&self) -> usize {
        1 + self.readings + self.mutants + self.pairs
    }
}

/// Diagnoses observations, operation by operation, in the order in which these first occur.
///
/// ```
/// use countersign::corpus::{Files, load};
/// use countersign::diagnosis::{Observation, Seen, Verdict, diagnose};
/// use countersign::subject::Case;
///
/// let corpus = load(&Files::built_in()).unwrap();
/// let entry = &corpus.entries[0];
/// let (topic, vector) = entry.vectors().find(|(_, vector)| !vector.expect.stages.is_empty()).unwrap();
/// let (_, value) = vector.expect.stages.last().unwrap();
/// let case = Case::of(&entry.name, topic, vector, None);
/// let diagnosis = diagnose(entry, &[Observation { case, seen: Seen::Value(value.clone()) }]);
/// assert!(matches!(diagnosis[0].verdict, Verdict::Right));
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
    bench: Bench<'e>,
}

impl<'e> Diagnoser<'e> {
    /// Prepares; `None` where the scheme has no such operation.
    pub fn new(entry: &'e Entry, operation: &str) -> Option<Diagnoser<'e>> {
        Bench::new(entry, operation).map(|bench| Diagnoser { bench })
    }

    /// Diagnoses observations of this operation.
    pub fn diagnose(&self, observations: &[Observation]) -> Diagnosis {
        let search = search::Search::new(&self.bench, observations);
        let (verdict, tried) = search.verdict();
        Diagnosis { operation: self.bench.name.clone(), observations: observations.len(), verdict, tried }
    }

    /// Forms in which the scheme and its mutants write a value that could be meant by
    /// [`Seen::Value`] for this case; the scheme's own first. None where that value is a secret in
    /// clear, of which no form is told.
    pub fn forms(&self, case: &Case) -> Vec<Form> {
        self.bench.forms(case)
    }
}

impl std::fmt::Debug for Diagnoser<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Diagnoser({})", self.bench.name)
    }
}
