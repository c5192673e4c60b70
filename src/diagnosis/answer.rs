//! Answers as sets of hashed facets, so that partial and whole answers compare by one mechanism.

use super::PlacedField;
use super::model::{Observation, Seen};
use crate::bytes::Bytes;
use crate::case::{Judgement, Reply};
use crate::request::Request;
use crate::scheme::{AddedField, Destination, Program, Scratch};
use crate::trial::PreparedCase;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A facet of an answer and its value: a stage and its bytes, a message and whether it is accepted.
pub(super) type Facet = (u64, u64);

/// All facets of an answer, by facet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Answer(Vec<Facet>);

/// How much of a judgement is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// All that was seen of it.
    Whole,
    /// Whether the message was accepted, and its stages: not the class, status, code and text of a refusal.
    Outcome,
}

/// What a candidate does to an observed case, seen by what the scheme does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CandidateEffect {
    /// All that was observed is what it answers.
    pub fits: bool,
    /// It changes something into what was observed.
    pub supported: bool,
    /// It changes something that was observed as the scheme has it.
    pub refuted: bool,
    /// It changes something into what neither the scheme has nor was observed.
    pub conflicts: bool,
    /// It refuses a message that the scheme accepts, and so was observed.
    pub refuses: bool,
}

impl CandidateEffect {
    /// Returns whether it answers something else than the scheme.
    pub(super) fn changes(self) -> bool {
        self.supported || self.refuted || self.conflicts
    }
}

/// Property that an answer must have to explain an observation.
#[derive(Debug)]
pub(super) enum Wanted {
    /// All of these.
    All(Answer),
    /// One of these.
    Any(Answer),
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

pub(super) fn stage(name: &str, value: &Bytes) -> Facet {
    (hash(("stage", name)), hash(value))
}

impl Answer {
    pub(super) fn of(reply: &Reply) -> Answer {
        Answer::down_to(Depth::Whole, reply)
    }

    fn down_to(depth: Depth, reply: &Reply) -> Answer {
        let mut facets = Vec::new();
        match reply {
            Reply::Signed(signed) => {
                facets.extend(signed.stages.iter().map(|(name, value)| stage(name, value)));
                signed.signed_request.iter().for_each(|request| of_request(request, &mut facets));
            }
            Reply::Verified(results) => {
                facets.push((hash("results"), hash(results.len())));
                results.iter().enumerate().for_each(|(i, result)| of_judgement(i, result, depth, &mut facets));
            }
            Reply::Error(_) => facets.push((hash("error"), 0)),
            Reply::Skipped(_) => {}
        }
        Answer::from(facets)
    }

    /// The value of a facet.
    pub(super) fn get(&self, facet: u64) -> Option<u64> {
        self.0.binary_search_by_key(&facet, |f| f.0).ok().map(|i| self.0[i].1)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Facet> {
        self.0.iter()
    }
}

impl From<Vec<Facet>> for Answer {
    fn from(mut facets: Vec<Facet>) -> Answer {
        facets.sort_unstable();
        Answer(facets)
    }
}

/// The facet of a field that signing adds; letters of header fields count alike in either case.
fn placed(into: Destination, name: &str) -> u64 {
    match into {
        Destination::Header => hash(("placed", into, name.to_ascii_lowercase())),
        _ => hash(("placed", into, name)),
    }
}

fn of_request(request: &Request, facets: &mut Vec<Facet>) {
    facets.push((hash("target"), hash(&request.target)));
    facets.push((hash("body"), hash(&request.body)));
    // Fields of one name are compared together, in order.
    let mut fields: Vec<(Vec<u8>, &Bytes)> =
        request.headers.iter().map(|(name, value)| (name.0.to_ascii_lowercase(), value)).collect();
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    let by_name = || fields.chunk_by(|(one, _), (other, _)| one == other);
    // A field that is not sent differs as well.
    facets.push((hash("headers"), hash(by_name().map(|same| &same[0].0).collect::<Vec<_>>())));
    for same in by_name() {
        let values: Vec<&Bytes> = same.iter().map(|(_, value)| *value).collect();
        facets.push((hash(("header", &same[0].0)), hash(values)));
    }
}

/// The value of acceptance, or of refusal.
fn accepts(accept: bool) -> u64 {
    hash(("accept", accept))
}

fn of_judgement(i: usize, judgement: &Judgement, depth: Depth, facets: &mut Vec<Facet>) {
    let mut push = |what: &str, value: u64| facets.push((hash((i, what)), value));
    push("accept", accepts(judgement.accept));
    if depth == Depth::Whole {
        push("reply", hash(judgement.reply.is_error()));
        if let Some(class) = judgement.class {
            push("class", hash(class.to_string()));
        }
        let details = [("status", &judgement.status), ("code", &judgement.code), ("message", &judgement.message)];
        for (what, detail) in details {
            if let Some(detail) = detail {
                push(what, hash(detail));
            }
        }
    }
    facets.extend(judgement.stages.iter().map(|(name, value)| (hash((i, "stage", name)), hash(value))));
}

impl Wanted {
    /// Returns what explains an observation; `shown` are the stages that one observed value may be.
    pub(super) fn of(observation: &Observation, shown: &[String], depth: Depth) -> Wanted {
        match &observation.seen {
            Seen::Reply(reply) => Wanted::All(Answer::down_to(depth, reply)),
            Seen::Value(value) => Wanted::Any(shown.iter().map(|name| stage(name, value)).collect::<Vec<_>>().into()),
            Seen::Fields(fields) => {
                let field = |field: &PlacedField| (placed(field.into, &field.name), hash(&field.value.0[..]));
                let none_else = std::iter::once((hash("other fields"), 0));
                Wanted::All(fields.iter().map(field).chain(none_else).collect::<Vec<_>>().into())
            }
        }
    }

    pub(super) fn explained_by(&self, answer: &Answer) -> bool {
        let has = |&(facet, value): &Facet| answer.get(facet) == Some(value);
        match self {
            Wanted::All(facets) => facets.iter().all(has),
            Wanted::Any(facets) => facets.iter().any(has),
        }
    }

    /// An answer, as far as it is wanted.
    pub(super) fn of_these(&self, answer: &Answer) -> Answer {
        let (Wanted::All(wanted) | Wanted::Any(wanted)) = self;
        Answer(answer.iter().filter(|(facet, _)| wanted.get(*facet).is_some()).copied().collect())
    }

    /// Returns what an answer says of this, where the scheme has another.
    pub(super) fn effect(&self, base: &Answer, own: &Answer) -> CandidateEffect {
        let fits = self.explained_by(own);
        let (Wanted::All(facets) | Wanted::Any(facets)) = self;
        let mut effect = CandidateEffect { fits, ..CandidateEffect::default() };
        for &(facet, value) in facets.iter() {
            match (base.get(facet), own.get(facet)) {
                (base, own) if own == base => {}
                (base, own) if own == Some(value) => {
                    effect.supported = true;
                    effect.refuses |= base == Some(accepts(true));
                }
                (base, _) if base == Some(value) => effect.refuted = true,
                _ => effect.conflicts = true,
            }
        }
        effect
    }

    /// A program's answer to a prepared case, as far as it is wanted: of a signer, only the stages where no request
    /// is. What a message holds beside is not kept, since it may be large and candidates are many.
    pub(super) fn seen(&self, case: &PreparedCase, program: &Program, scratch: &mut Scratch) -> Answer {
        let (Wanted::All(wanted) | Wanted::Any(wanted)) = self;
        let mut facets = Vec::new();
        if wanted.get(hash("other fields")).is_some() {
            let mut others = 0;
            let mut look = |field: &AddedField<'_>| match placed(field.into, field.name) {
                facet if wanted.get(facet).is_some() => {
                    // Of two fields of one name, the later one takes the place of the first.
                    facets.retain(|(other, _)| *other != facet);
                    facets.push((facet, hash(field.value)));
                }
                _ => others += 1,
            };
            return match case.fields(program, scratch, &mut look) {
                Some(Ok(())) => [facets, vec![(hash("other fields"), others)]].concat().into(),
                Some(Err(why)) => Answer::of(&Reply::Error(why)),
                None => Answer::of(&case.answer(program, scratch)),
            };
        }
        let mut look = |name: &str, value: &[u8]| {
            let facet = hash(("stage", name));
            facets.extend(wanted.get(facet).map(|_| (facet, hash(value))));
        };
        let whole = wanted.get(hash("target")).is_some();
        match if whole { None } else { case.stages(program, scratch, &mut look) } {
            None => Answer::of(&case.answer(program, scratch)),
            Some(Err(why)) => Answer::of(&Reply::Error(why)),
            Some(Ok(())) => facets.into(),
        }
    }

    /// Returns whether a program's answer to a prepared case explains it.
    pub(super) fn met_by(&self, case: &PreparedCase, program: &Program, scratch: &mut Scratch) -> bool {
        self.explained_by(&self.seen(case, program, scratch))
    }

    /// Returns whether two changes together may give this, if each changes what it changes alone; or, where one
    /// `refuses` messages, if what it refuses cannot be accepted by the other.
    pub(super) fn fits(&self, base: &Answer, one: &Answer, other: &Answer, refuses: bool) -> bool {
        let both = |facet: u64| one.get(facet) != base.get(facet) && other.get(facet) != base.get(facet);
        let refused = |facet: u64, value: u64| refuses && value == accepts(false) && base.get(facet) == Some(value);
        let fits = |&(facet, value): &Facet| match (one.get(facet), other.get(facet)) {
            _ if both(facet) || refused(facet, value) => true,
            (one, other) if one == base.get(facet) => other == Some(value),
            (one, _) => one == Some(value),
        };
        match self {
            Wanted::All(facets) => facets.iter().all(fits),
            Wanted::Any(facets) => facets.iter().any(fits),
        }
    }
}
