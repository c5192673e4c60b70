//! Observations, and diagnoses of them.

use super::{PlacedField, Undecided};
use crate::bytes::Bytes;
use crate::case::{AnswerPart, Case, Difference, Reply, Time};
use crate::mutation::Mutant;
use crate::runner::{self};
use crate::scheme::Refused;

/// One case, and what an implementation was seen to answer.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The case. Its reading is not looked at: readings are among the explanations.
    pub case: Case,
    /// Part of the answer that was seen.
    pub seen: Seen,
}

/// Part of an answer that was seen.
#[derive(Debug, Clone)]
pub enum Seen {
    /// A reply, as far as it goes: what it leaves out (a stage, the signed request, the class of a
    /// refusal) is not compared. A skipped case says nothing.
    Reply(Reply),
    /// One value of signing: the signature, or a field that holds it.
    Value(Bytes),
    /// The fields that signing added to a request.
    Fields(Vec<PlacedField>),
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

/// Diagnosis of the observations of one operation.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The operation.
    pub operation: String,
    /// Number of observations.
    pub observations: usize,
    /// The answer.
    pub verdict: Conclusion,
    /// Count of what was tried.
    pub tried: Tried,
}

impl Diagnosis {
    /// Returns whether nothing explains what was seen, and what the scheme derives is told.
    pub fn has_stages(&self) -> bool {
        matches!(&self.verdict, Conclusion::Unexplained(unexplained) if !unexplained.stages.is_empty())
    }
}

/// The answer.
#[derive(Debug, Clone)]
pub enum Conclusion {
    /// The scheme as it is decided on explains every observation.
    Right,
    /// The signature is right, and the verifier refuses the message for something else.
    Refused(Refused),
    /// Whether the signature is right cannot be told without secrets.
    Undecided(Undecided),
    /// These explain every observation.
    Explained(Explained),
    /// It refuses every message that is right, or accepts every one that is wrong; nothing else can be said then.
    Indifferent {
        /// Tells whether it accepts.
        accepts: bool,
        /// Number of these messages.
        messages: usize,
        /// Variant that they all are of, where those of others are judged otherwise.
        variant: Option<String>,
    },
    /// It accepts and refuses what the scheme does, and gives other reasons for refusing.
    OtherReasons(Vec<OtherReason>),
    /// All is right but the time: the one that is signed is not the one that is sent.
    AnotherTime {
        /// The time that was signed.
        signed: Time,
        /// The time that was sent.
        sent: Time,
    },
    /// Nothing that was tried does.
    Unexplained(Unexplained),
}

/// What is said of a refusal beside the scheme's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherReason {
    /// Class, status, code and text, as the scheme has them.
    pub expected: String,
    /// The same, as they were seen.
    pub found: String,
    /// Number of messages.
    pub messages: usize,
}

/// What is known though nothing explains what was seen.
#[derive(Debug, Clone, Default)]
pub struct Unexplained {
    /// Name of the vector that the stages are of, where it is one.
    pub vector: Option<String>,
    /// What the scheme derives on the first observation that differs, in order.
    pub stages: Vec<ExpectedStage>,
    /// Mistakes that explain some of what was seen, those that explain most first.
    pub nearest: Vec<Nearest>,
}

/// A stage as the scheme derives it, and what was seen of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedStage {
    /// Its name.
    pub name: String,
    /// Its value, `***` for a secret in it; none where it is a secret by itself.
    pub expected: Option<Bytes>,
    /// Tells whether the implementation showed the same; none where it did not show it.
    pub is_same: Option<bool>,
}

/// A mistake that explains something, and what speaks against it.
#[derive(Debug, Clone)]
pub struct Nearest {
    /// The mistake.
    pub explanation: Explanation,
    /// Number of observations that it explains, of those that differ from the scheme.
    pub explains: usize,
    /// Number of those.
    pub of: usize,
    /// Vectors that speak against it: those that the scheme explains and it does not, then those that neither does.
    pub against: Vec<String>,
}

/// Explanations of every observation.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Behaviour classes, the most plausible first; never empty.
    pub candidates: Vec<Candidate>,
    /// Effect of the first of them, shown on the first observation that differs.
    pub evidence: Evidence,
    /// Vector that would tell them apart, where there are several and a vector does.
    pub tell_apart: Option<TellApart>,
}

/// The first thing that differs from what the scheme answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// A stage.
    Stage {
        /// Its name.
        stage: String,
        /// Value that the scheme derives; `***` for a secret.
        expected: Bytes,
        /// Value that the implementation must have derived; `***` for a secret. None where nothing is
        /// known of it.
        found: Option<Bytes>,
    },
    /// A stage that is made from a secret and differs in a way that cannot be shown without it.
    HiddenStage {
        /// Its name.
        stage: String,
    },
    /// The signed request: all stages are alike.
    Request,
    /// Judgements, in words.
    Judgements {
        /// The scheme's.
        expected: String,
        /// The implementation's.
        found: String,
    },
    /// One of both has no answer.
    Error {
        /// Tells whether the implementation is the one.
        by_implementation: bool,
    },
}

/// A vector on which the candidates differ.
#[derive(Debug, Clone)]
pub struct TellApart {
    /// Its full name.
    pub vector: String,
    /// Values that the first candidates give for it; candidates that give the same are not told
    /// apart by it.
    pub gives: Vec<Prediction>,
}

/// Value that a candidate gives for a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prediction {
    /// This value.
    Value(Bytes),
    /// This judgement of the first message that is not as the others', in words.
    Judgement(String),
    /// An error.
    Error,
    /// Something that is not shown: it holds a secret in clear.
    Hidden,
}

impl Explained {
    /// Number of candidates beyond which nothing is explained.
    pub const MOST: usize = 5;

    /// Returns whether there are too many candidates for an answer.
    pub fn is_open(&self) -> bool {
        self.candidates.len() > Explained::MOST
    }
}

/// A behaviour class: explanations that answer every vector of the operation alike.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// Its explanations, the simplest first; never empty.
    pub class: Vec<Explanation>,
    /// Number of observations that it explains: all of them.
    pub explains: usize,
    /// Number of those that are not what the scheme answers.
    pub differing: usize,
    /// Number of vectors of the operation that show it.
    pub shows_in: usize,
}

/// Mistake of an implementation: one part, or two.
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

/// Count of what was tried.
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
    /// Readings, mutants and pairs left untried since the [`Watch`] had them left.
    pub out_of_time: usize,
}

/// Hears before each candidate how many were tried, and of how many; says whether to go on.
pub type Watch<'w> = &'w (dyn Fn(usize, usize) -> bool + Sync);

/// Number of pairs that are tried at most.
pub const MOST_PAIRS: usize = 40_000;

impl Tried {
    /// All candidates, the scheme itself among them.
    pub fn candidates(&self) -> usize {
        1 + self.readings + self.mutants + self.pairs
    }
}
