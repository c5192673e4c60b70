//! The candidates of one operation: the scheme, its readings and mutants, compiled when first needed.

use super::answer::Answer;
use super::{Explanation, Form, Part, Watch, form};
use crate::bytes::Bytes;
use crate::case::{Case, Reply};
use crate::corpus::Entry;
use crate::mutation::{bases, catalogue, with_known_fields};
use crate::parallel;
use crate::scheme::{Edit, EditKind, Implementation, Scratch, Secrecy, shown};
use crate::trial::PreparedCase;
use crate::yaml::Segment;
use indexmap::IndexMap;
use std::sync::OnceLock;

/// The candidates of one operation.
pub(super) struct Bench<'e> {
    pub entry: &'e Entry,
    /// Name of the operation.
    pub name: String,
    /// Names of the stages that an observed value may be.
    pub shown: Vec<String>,
    /// The vectors of the operation, by full name.
    pub probes: Vec<(String, Case)>,
    /// Cases of the observations, prepared.
    ready: Vec<PreparedCase>,
    /// The scheme under each variant.
    variants: Vec<(Option<String>, Implementation)>,
    /// The scheme as it is decided on.
    pub base: Single,
    /// Readings, then mutants.
    pub singles: Vec<Single>,
}

/// One candidate, and what it answers to the vectors.
pub(super) struct Single {
    pub part: Option<Part>,
    edits: Vec<Edit>,
    /// Places of the edits, and whether each puts something in beside its place, which stays as it is.
    places: Vec<(Vec<Segment>, bool)>,
    made: OnceLock<Made>,
    /// Its answer to each vector that was asked for.
    answers: OnceLock<Vec<OnceLock<Answer>>>,
}

/// A candidate under each variant; `None` where its edits do not apply.
pub(super) struct Made(Vec<Option<Implementation>>);

impl Single {
    fn new(part: Option<Part>, edits: Vec<Edit>, places: Vec<(Vec<Segment>, bool)>) -> Single {
        Single { part, edits, places, made: OnceLock::new(), answers: OnceLock::new() }
    }

    fn is_mutant(&self) -> bool {
        matches!(self.part, Some(Part::Mutant(_)))
    }

    /// Returns whether it changes nothing but what is derived.
    pub(super) fn derives(&self) -> bool {
        self.edits.iter().all(|edit| edit.at.word(1) == Some("derive"))
    }

    /// The candidate as an implementation of one variant.
    fn of(&self, variant: Option<&str>, base: &Implementation) -> Option<Implementation> {
        match &self.part {
            Some(Part::Mutant(mutant)) if mutant.variant.is_some() && mutant.variant.as_deref() != variant => None,
            Some(Part::Mutant(mutant)) => mutant.of(base).ok(),
            _ => base.edited(&self.edits.iter().collect::<Vec<_>>()).ok(),
        }
    }

    /// Returns whether both can be made at once: neither edits a node of the other, nor below one that the other changes.
    pub(super) fn goes_with(&self, other: &Single) -> bool {
        type Place = (Vec<Segment>, bool);
        let changes = |(one, beside): &Place, other: &[Segment]| other.starts_with(one) && !(*beside && other != one);
        let clash = |one: &Place, other: &Place| changes(one, &other.0) || changes(other, &one.0);
        !self.places.iter().any(|one| other.places.iter().any(|other| clash(one, other)))
    }
}

impl<'e> Bench<'e> {
    /// Of an operation of a scheme; somebody may know these fields of query and form alone.
    pub(super) fn new(entry: &'e Entry, name: &str, fields: &[String]) -> Option<Bench<'e>> {
        let operation = entry.scheme.operations.get(name)?;
        let mut variants = Vec::new();
        for (variant, mut operations) in bases(&entry.scheme) {
            variants.extend(operations.swap_remove(name).map(|base| (variant, base)));
        }
        let single = |(part, edits): (Part, Vec<Edit>)| {
            let own = match &part {
                Part::Mutant(mutant) => mutant.variant.clone(),
                Part::Reading(_) => None,
            };
            let base = variants.iter().find(|(variant, _)| *variant == own);
            let beside = |edit: &Edit| matches!(edit.change, EditKind::InsertBefore(_) | EditKind::InsertAfter(_));
            let places = base.map_or_else(Vec::new, |(_, base)| base.places(&edits));
            let places = places.into_iter().map(|(place, edit)| (place, beside(edit))).collect();
            Single::new(Some(part), edits, places)
        };
        let own =
            |edits: &[Edit]| edits.iter().filter(|edit| edit.at.word(0) == Some(name)).cloned().collect::<Vec<_>>();
        let readings =
            entry.scheme.readings.iter().map(|(id, reading)| (Part::Reading(id.clone()), own(&reading.edits)));
        let mutants = catalogue(&entry.scheme).mutants.into_iter().filter(|mutant| mutant.operation == name);
        let known = with_known_fields(&entry.scheme, name, fields);
        let mutants = mutants.chain(known).map(|mutant| (Part::Mutant(mutant.clone()), mutant.edits));
        let parts = readings.chain(mutants).filter(|(_, edits)| !edits.is_empty());
        let singles = parts.map(single).collect();
        let vectors = entry.vectors().filter(|(_, vector)| vector.given.operation == name);
        let probe = |(topic, vector)| (entry.full_name(topic, vector), entry.case(topic, vector, None));
        let probes: Vec<(String, Case)> = vectors.map(probe).collect();
        Some(Bench {
            entry,
            name: name.to_owned(),
            shown: shown(operation),
            ready: probes.iter().map(|(_, case)| prepared(&variants, case)).collect(),
            probes,
            variants,
            base: Single::new(None, Vec::new(), Vec::new()),
            singles,
        })
    }

    /// The parts of an explanation.
    pub(super) fn parts(&self, explanation: &Explanation) -> Vec<&Single> {
        let id = |single: &Single| single.part.as_ref().map(|part| part.id().to_owned());
        let named = |part: &Part| self.singles.iter().find(|single| id(single).as_deref() == Some(part.id()));
        explanation.0.iter().filter_map(named).collect()
    }

    /// A candidate of one or several parts; `None` where its edits apply to no variant.
    pub(super) fn make(&self, parts: &[&Single]) -> Option<Made> {
        let made = Made((0..self.variants.len()).map(|variant| self.together(parts, variant)).collect());
        made.0.iter().any(Option::is_some).then_some(made)
    }

    /// A candidate of one or several parts under one variant, of those that apply to it; `None` where none does.
    pub(super) fn together(&self, parts: &[&Single], variant: usize) -> Option<Implementation> {
        // What stands later is edited first, so that it does not move what stands before; readings come last, in order.
        let mutants = parts.iter().rev().filter(|part| part.is_mutant());
        let ordered = mutants.chain(parts.iter().filter(|part| !part.is_mutant()));
        let mut ordered = ordered.filter_map(|part| self.one(part, variant));
        let first = ordered.next()?;
        match ordered.next() {
            None => Some(first.clone()),
            Some(second) => ordered.try_fold(first.and(second).ok()?, |all, part| all.and(part).ok()),
        }
    }

    fn one<'s>(&self, single: &'s Single, variant: usize) -> Option<&'s Implementation> {
        self.made(single).0[variant].as_ref()
    }

    /// Mutants that make one mistake at several places: it may be made at all of them.
    pub(super) fn groups(&self) -> Vec<Vec<&Single>> {
        let mut kinds: IndexMap<_, Vec<&Single>> = IndexMap::new();
        for single in &self.singles {
            if let Some(Part::Mutant(mutant)) = &single.part {
                let same = kinds.entry(mutant.kind()).or_default();
                if same.iter().all(|other| other.goes_with(single)) {
                    same.push(single);
                }
            }
        }
        kinds.into_values().filter(|same| same.len() > 1).collect()
    }

    /// The number of the variant that a case is of.
    pub(super) fn variant(&self, case: &Case) -> Option<usize> {
        self.variants.iter().position(|(variant, _)| *variant == case.variant)
    }

    /// The scheme under a variant.
    pub(super) fn base_under(&self, variant: Option<&str>) -> Option<&Implementation> {
        self.variants.iter().find(|(own, _)| own.as_deref() == variant).map(|(_, base)| base)
    }

    /// One candidate; one that cannot be evaluated answers as the scheme.
    pub(super) fn made<'s>(&self, single: &'s Single) -> &'s Made {
        let make = || Made(self.variants.iter().map(|(variant, base)| single.of(variant.as_deref(), base)).collect());
        single.made.get_or_init(make)
    }

    /// Returns what a candidate does to a case: its implementation, or the scheme's own.
    pub(super) fn implementation<'s>(&'s self, made: &'s Made, case: &Case) -> Option<&'s Implementation> {
        let variant = self.variant(case)?;
        Some(made.0[variant].as_ref().unwrap_or(&self.variants[variant].1))
    }

    /// A case, prepared for the scheme itself.
    pub(super) fn prepared(&self, case: &Case) -> PreparedCase {
        prepared(&self.variants, case)
    }

    pub(super) fn reply(&self, made: &Made, case: &Case, scratch: &mut Scratch) -> Reply {
        self.reply_to(made, case, &self.prepared(case), scratch)
    }

    /// Returns what a candidate answers to a case that is prepared.
    pub(super) fn reply_to(&self, made: &Made, case: &Case, ready: &PreparedCase, scratch: &mut Scratch) -> Reply {
        match self.implementation(made, case) {
            Some(implementation) => ready.answer(&implementation.program, scratch),
            None => Reply::Error("the scheme has no such variant".into()),
        }
    }

    /// Stages that a candidate derives of a request to sign, or of the first of several messages, as far as it gets.
    pub(super) fn stages(&self, made: &Made, case: &Case) -> IndexMap<String, Bytes> {
        let mut stages = IndexMap::new();
        let mut keep = |name: &str, value: &[u8]| {
            stages.insert(name.to_owned(), Bytes(value.to_vec()));
        };
        if let Some(implementation) = self.implementation(made, case) {
            let (program, ready) = (&implementation.program, self.prepared(case));
            let signs = ready.stages(program, &mut Scratch::default(), &mut keep).is_some();
            // What is refused is not told: without checks all is told.
            if !signs && let Ok(without) = implementation.without_checks(|check| check.test.is("account")) {
                ready.derived(&without.program, &mut Scratch::default(), &mut keep);
            }
        }
        stages
    }

    /// Stages that may hold a secret in clear in what a candidate does to a case.
    pub(super) fn secrecy(&self, made: &Made, case: &Case) -> Secrecy {
        let secrecy = |one: &Implementation| Secrecy::of(one.scheme(), &one.operation());
        self.implementation(made, case).map(secrecy).unwrap_or_default()
    }

    /// Returns what a candidate answers to each vector of the operation.
    pub(super) fn answers(&self, made: &Made) -> Vec<Answer> {
        let answer = |scratch: &mut Scratch, ((_, case), ready): (&(String, Case), &PreparedCase)| {
            Answer::of(&self.reply_to(made, case, ready, scratch))
        };
        parallel::map_with(self.probes.iter().zip(&self.ready), Scratch::default, answer)
    }

    /// Returns the answer of one part to a vector, which is kept.
    pub(super) fn single_answer<'s>(&self, single: &'s Single, probe: usize, scratch: &mut Scratch) -> &'s Answer {
        let all = single.answers.get_or_init(|| self.probes.iter().map(|_| OnceLock::new()).collect());
        all[probe].get_or_init(|| {
            let case = &self.probes[probe].1;
            Answer::of(&self.reply_to(self.made(single), case, &self.ready[probe], scratch))
        })
    }

    /// Returns the answers of one part to every vector.
    pub(super) fn single_answers(&self, single: &Single) -> Vec<Answer> {
        let answer = |scratch: &mut Scratch, probe| self.single_answer(single, probe, scratch).clone();
        parallel::map_with(0..self.probes.len(), Scratch::default, answer)
    }

    /// The number of the vector whose case this is.
    pub(super) fn probe(&self, case: &Case) -> Option<usize> {
        self.probes.iter().position(|(_, probe)| {
            probe.task == case.task && probe.variant == case.variant && probe.operation == case.operation
        })
    }

    /// Forms in which the scheme, then its readings and mutants write the shown values of this case, as they are
    /// asked for; nothing of those for which there is no time.
    pub(super) fn forms(&self, case: &Case, watch: Watch<'_>) -> impl Iterator<Item = Form> {
        let ready = self.prepared(case);
        let mut scratch = Scratch::default();
        let singles = std::iter::once(&self.base).chain(&self.singles).enumerate();
        let singles = singles.take_while(move |(i, _)| *i == 0 || watch(*i, self.singles.len()));
        singles.flat_map(move |(_, single)| {
            let made = self.made(single);
            let secrecy = self.secrecy(made, case);
            let mut forms = vec![None; self.shown.len()];
            let mut look = |name: &str, value: &[u8]| {
                let at = self.shown.iter().position(|shown| shown == name && !secrecy.stage(name));
                at.into_iter().for_each(|at| forms[at] = Some(form(value)));
            };
            if let Some(implementation) = self.implementation(made, case) {
                let _ = ready.stages(&implementation.program, &mut scratch, &mut look);
            }
            forms.into_iter().flatten()
        })
    }
}

/// A case, prepared for the scheme under its variant.
fn prepared(variants: &[(Option<String>, Implementation)], case: &Case) -> PreparedCase {
    match variants.iter().find(|(variant, _)| *variant == case.variant) {
        Some((_, base)) => PreparedCase::knowing(&base.program, case),
        None => PreparedCase::Unfit("the scheme has no such variant".into()),
    }
}
