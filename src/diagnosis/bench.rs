//! The candidates of one operation: the scheme, its readings and mutants, compiled when first needed.

use super::answer::Answer;
use super::{Form, Part, form};
use crate::corpus::Entry;
use crate::mutation::{catalogue, mutated};
use crate::scheme::{Edit, Operation, Program, Scheme, Scratch, shown};
use crate::subject::{self, Case, Reply, Task};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::HashSet;
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
    variants: Vec<Variant>,
    /// The scheme as it is decided on.
    pub base: Single,
    /// Readings, then mutants.
    pub singles: Vec<Single>,
}

/// The scheme under one variant.
struct Variant {
    name: Option<String>,
    scheme: Scheme,
    printed: Value,
}

/// One candidate, and what it answers to the vectors.
pub(super) struct Single {
    pub part: Option<Part>,
    edits: Vec<Edit>,
    implementation: OnceLock<Implementation>,
    answers: OnceLock<Vec<Answer>>,
}

/// A compiled candidate: its operation under each variant; `None` where its edits do not apply.
pub(super) struct Implementation(Vec<Option<(Operation, Program)>>);

impl Implementation {
    fn applies(&self) -> bool {
        self.0.iter().any(Option::is_some)
    }
}

impl Single {
    fn new(part: Option<Part>, edits: Vec<Edit>) -> Single {
        Single { part, edits, implementation: OnceLock::new(), answers: OnceLock::new() }
    }

    fn is_mutant(&self) -> bool {
        matches!(self.part, Some(Part::Mutant(_)))
    }

    fn variant(&self) -> Option<&str> {
        match &self.part {
            Some(Part::Mutant(mutant)) => mutant.variant.as_deref(),
            _ => None,
        }
    }

    /// Whether both can be made at once: neither edits at or below a node of the other.
    pub(super) fn goes_with(&self, other: &Single) -> bool {
        let related = |x: &str, y: &str| x.starts_with(y) || y.starts_with(x);
        let nested = self.edits.iter().any(|x| other.edits.iter().any(|y| related(&x.at, &y.at)));
        let mutants = self.is_mutant() && other.is_mutant();
        !nested && (!mutants || self.variant() == other.variant())
    }
}

impl<'e> Bench<'e> {
    pub(super) fn new(entry: &'e Entry, name: &str) -> Option<Bench<'e>> {
        let operation = entry.scheme.operations.get(name)?;
        let own = |edits: &[Edit]| {
            edits.iter().filter(|edit| edit.at.split('.').next() == Some(name)).cloned().collect::<Vec<_>>()
        };
        let readings =
            entry.scheme.readings.iter().map(|(id, reading)| (Part::Reading(id.clone()), own(&reading.edits)));
        let mutants = catalogue(&entry.scheme).mutants.into_iter().filter(|mutant| mutant.operation == name);
        let mutants = mutants.map(|mutant| (Part::Mutant(mutant.clone()), mutant.edits));
        let parts = readings.chain(mutants).filter(|(_, edits)| !edits.is_empty());
        let vectors = entry.vectors().filter(|(_, vector)| vector.given.operation == name);
        let probe = |(topic, vector)| (entry.full_name(topic, vector), Case::of(&entry.name, topic, vector, None));
        let variants = std::iter::once(None).chain(entry.scheme.variants.keys().cloned().map(Some));
        let variant = |variant: Option<String>| {
            let scheme = entry.scheme.resolved(variant.as_deref(), None).ok()?;
            let printed = json!({ name: scheme.operations.get(name)? });
            Some(Variant { name: variant, scheme, printed })
        };
        Some(Bench {
            entry,
            name: name.to_owned(),
            shown: shown::shown(operation),
            probes: vectors.map(probe).collect(),
            variants: variants.filter_map(variant).collect(),
            base: Single::new(None, Vec::new()),
            singles: parts.map(|(part, edits)| Single::new(Some(part), edits)).collect(),
        })
    }

    /// Compiles a candidate of one or several parts; `None` where its edits apply to no variant.
    pub(super) fn compile(&self, parts: &[&Single]) -> Option<Implementation> {
        // `mutated` applies the last edit first, which suits mutants; readings go forward, after them.
        let readings = parts.iter().filter(|part| !part.is_mutant()).rev().flat_map(|part| part.edits.iter().rev());
        let mutants = parts.iter().filter(|part| part.is_mutant()).flat_map(|part| &part.edits);
        let edits: Vec<&Edit> = readings.chain(mutants).collect();
        let program = |variant: &Variant| {
            let applies = parts.iter().all(|part| part.variant().is_none_or(|v| Some(v) == variant.name.as_deref()));
            if !applies {
                return None;
            }
            mutated(&variant.scheme, &self.name, &variant.printed, &edits).ok()
        };
        let implementation = Implementation(self.variants.iter().map(program).collect());
        implementation.applies().then_some(implementation)
    }

    /// The compiled form of one candidate; one that cannot be evaluated answers as the scheme.
    pub(super) fn implementation<'s>(&self, single: &'s Single) -> &'s Implementation {
        single.implementation.get_or_init(|| {
            self.compile(&[single]).unwrap_or_else(|| Implementation(self.variants.iter().map(|_| None).collect()))
        })
    }

    fn variant(&self, case: &Case) -> Option<usize> {
        self.variants.iter().position(|variant| variant.name == case.variant)
    }

    /// What a candidate does to a case: its operation and program, or the scheme's own.
    fn program<'s>(&'s self, implementation: &'s Implementation, case: &Case) -> Option<&'s (Operation, Program)> {
        let variant = self.variant(case)?;
        let base = || self.implementation(&self.base).0[variant].as_ref();
        implementation.0[variant].as_ref().or_else(base)
    }

    pub(super) fn reply(&self, implementation: &Implementation, case: &Case, scratch: &mut Scratch) -> Reply {
        match self.program(implementation, case) {
            Some((_, program)) => subject::answer(program, case, scratch),
            None => Reply::Error("the scheme has no such variant".into()),
        }
    }

    /// Stages that may hold a secret in clear in what a candidate does to a case.
    pub(super) fn clear(&self, implementation: &Implementation, case: &Case) -> HashSet<String> {
        let program = self.program(implementation, case);
        program.map(|(operation, _)| shown::clear(&self.entry.scheme, operation)).unwrap_or_default()
    }

    /// What a candidate answers to each vector of the operation.
    pub(super) fn answers(&self, implementation: &Implementation) -> Vec<Answer> {
        let answer =
            |scratch: &mut Scratch, (_, case): &(String, Case)| Answer::of(&self.reply(implementation, case, scratch));
        self.probes.par_iter().map_init(Scratch::default, answer).collect()
    }

    /// The same of one part, kept.
    pub(super) fn single_answers<'s>(&self, single: &'s Single) -> &'s [Answer] {
        single.answers.get_or_init(|| self.answers(self.implementation(single)))
    }

    /// The number of the vector whose case this is.
    pub(super) fn probe(&self, case: &Case) -> Option<usize> {
        self.probes.iter().position(|(_, probe)| {
            probe.task == case.task && probe.variant == case.variant && probe.operation == case.operation
        })
    }

    pub(super) fn forms(&self, case: &Case) -> Vec<Form> {
        let mut forms: Vec<Form> = Vec::new();
        let mut scratch = Scratch::default();
        if !matches!(case.task, Task::Sign(_)) {
            return forms;
        }
        for single in std::iter::once(&self.base).chain(&self.singles) {
            let implementation = self.implementation(single);
            let clear = self.clear(implementation, case);
            let told = |name: &&String| !clear.contains(*name);
            if let Reply::Signed(signed) = self.reply(implementation, case, &mut scratch) {
                for value in self.shown.iter().filter(told).filter_map(|name| signed.stages.get(name)) {
                    let form = form(value.as_slice());
                    if !forms.contains(&form) {
                        forms.push(form);
                    }
                }
            }
        }
        forms
    }
}
