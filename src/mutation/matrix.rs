//! The kill matrix: every mutant against every vector of its operation.

use super::catalogue::{Catalogue, Mutant, catalogue, mutated};
use crate::corpus::{Entry, Expect, Vector};
use crate::runner::{self, Difference, compare};
use crate::scheme::{Operation, Pipeline, Program, Scheme, Scratch, Source};
use crate::subject::{self, Case, Reply};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// How a vector kills a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kill {
    /// Another stage, or another outcome: accepted for refused, or the other way round.
    Behaviour,
    /// The same outcome for another reason.
    Class,
}

/// The matrix of one scheme.
#[derive(Debug)]
pub struct Matrix<'e> {
    /// The scheme and its vectors.
    pub entry: &'e Entry,
    /// The mutants.
    pub catalogue: Catalogue,
    /// Full names of the vectors.
    pub vectors: Vec<String>,
    /// For each mutant, the vectors that kill it.
    pub kills: Vec<Vec<(usize, Kill)>>,
    /// For each mutant, a digest of all that it answers.
    pub behaviour: Vec<u64>,
    /// Operations whose control mutant lives: one that derives nothing and checks nothing.
    pub living_controls: Vec<String>,
    pub(super) bench: Bench<'e>,
}

/// Programs of one implementation, by variant.
pub(super) type Programs = HashMap<Option<String>, Program>;

/// The vectors of a scheme, ready to run.
#[derive(Debug)]
pub(super) struct Bench<'e> {
    pub cases: Vec<Prepared<'e>>,
    variants: HashMap<Option<String>, (Scheme, Value)>,
}

#[derive(Debug)]
pub(super) struct Prepared<'e> {
    pub case: Case,
    pub expect: &'e Expect,
    pub operation: &'e str,
    pub variant: Option<&'e str>,
    pub shape: String,
}

impl<'e> Bench<'e> {
    fn new(entry: &'e Entry, wanted: impl Fn(&Vector) -> bool) -> Bench<'e> {
        let prepare = |(topic, vector): (&'e crate::corpus::Topic, &'e Vector)| Prepared {
            case: Case::of(&entry.name, topic, vector, None),
            expect: &vector.expect,
            operation: &vector.given.operation,
            variant: vector.given.variant.as_deref(),
            shape: shape(vector),
        };
        let cases: Vec<_> = entry.vectors().filter(|(_, vector)| wanted(vector)).map(prepare).collect();
        let mut variants = HashMap::new();
        for variant in std::iter::once(None).chain(entry.scheme.variants.keys().map(|v| Some(v.clone()))) {
            if let Ok(resolved) = entry.scheme.resolved(variant.as_deref(), None) {
                let printed = json!(resolved.operations);
                variants.insert(variant, (resolved, printed));
            }
        }
        Bench { cases, variants }
    }

    /// The operation and program of the scheme itself.
    pub fn program(&self, operation: &str, variant: Option<&str>) -> Option<(&Operation, Program)> {
        let (scheme, _) = self.variants.get(&variant.map(str::to_owned))?;
        let operation = scheme.operations.get(operation)?;
        Some((operation, Program::compile(scheme, operation).ok()?))
    }

    /// The program of an implementation with these mistakes under one variant; `None` where an edit
    /// does not apply to it.
    pub fn mutant(&self, mutants: &[&Mutant], variant: &Option<String>) -> Option<Program> {
        if !mutants.iter().all(|mutant| mutant.variant.is_none() || mutant.variant == *variant) {
            return None;
        }
        let edits: Vec<_> = mutants.iter().flat_map(|mutant| &mutant.edits).collect();
        let operation = &mutants[0].operation;
        let (scheme, printed) = self.variants.get(variant)?;
        let printed = json!({ operation: printed[operation] });
        mutated(scheme, operation, &printed, &edits).ok().map(|(_, program)| program)
    }

    /// The same under every variant.
    pub fn programs(&self, mutants: &[&Mutant]) -> Programs {
        let program = |variant: &Option<String>| Some((variant.clone(), self.mutant(mutants, variant)?));
        self.variants.keys().filter_map(program).collect()
    }

    /// What an implementation answers to a case; `None` where its mistakes do not touch it.
    pub fn answer(&self, programs: &Programs, i: usize, scratch: &mut Scratch) -> Option<Reply> {
        let prepared = &self.cases[i];
        let program = programs.get(&prepared.variant.map(str::to_owned))?;
        Some(subject::answer(program, &prepared.case, scratch))
    }

    /// Cases of an operation.
    pub fn of(&self, operation: &str) -> impl Iterator<Item = usize> {
        (0..self.cases.len()).filter(move |&i| self.cases[i].operation == operation)
    }
}

/// What a vector changes: the kind of its fault and the field that it is about; of an address, the
/// address itself.
pub(super) fn shape(vector: &Vector) -> String {
    let change = vector.fault.as_ref().map(|fault| json!(fault.change)).unwrap_or_default();
    let kind = change.as_object().and_then(|map| map.iter().next());
    let (kind, value) = kind.map_or((String::new(), Value::Null), |(kind, value)| (kind.clone(), value.clone()));
    let field = match value {
        Value::Array(items) => items.first().cloned().unwrap_or_default(),
        value if kind == "set-client-address" => value,
        _ => Value::Null,
    };
    format!("{:?} {} {kind} {field}", vector.given.variant, vector.given.sign.is_some())
}

/// Whether differences are of behaviour, or of class alone; `None` where there are none.
pub(super) fn kill(differences: &[Difference]) -> Option<Kill> {
    match differences {
        [] => None,
        all if all.iter().all(|difference| difference.kind() == runner::Kind::WrongClass) => Some(Kill::Class),
        _ => Some(Kill::Behaviour),
    }
}

/// Runs every mutant of a scheme against every vector that is wanted.
pub fn matrix(entry: &Entry, wanted: impl Fn(&Vector) -> bool) -> Matrix<'_> {
    let catalogue = catalogue(&entry.scheme);
    let bench = Bench::new(entry, &wanted);
    let vectors =
        entry.vectors().filter(|(_, v)| wanted(v)).map(|(topic, vector)| entry.full_name(topic, vector)).collect();
    let rows: Vec<(Vec<(usize, Kill)>, u64)> = catalogue
        .mutants
        .par_iter()
        .map_init(Scratch::default, |scratch, mutant| row(&bench, mutant, scratch))
        .collect();
    let (kills, behaviour) = rows.into_iter().unzip();
    let living_controls = entry.scheme.operations.keys().filter(|name| !control_dies(&bench, name)).cloned().collect();
    Matrix { entry, catalogue, vectors, kills, behaviour, living_controls, bench }
}

/// Whether the vectors of an operation kill an implementation that does nothing: were it not so, the
/// matrix would say nothing either.
fn control_dies(bench: &Bench<'_>, name: &str) -> bool {
    let mut scratch = Scratch::default();
    let mut programs = Programs::new();
    for (variant, (scheme, _)) in &bench.variants {
        let mut control = scheme.operations[name].clone();
        control.verify.clear();
        let nothing = Pipeline { source: Source::Literal("".into()), steps: Vec::new() };
        control.derive.values_mut().for_each(|pipeline| *pipeline = nothing.clone());
        if let Ok(program) = Program::compile(scheme, &control) {
            programs.insert(variant.clone(), program);
        }
    }
    // Where a stage is no bytes, what uses it does not compile, and the control is dead by that.
    programs.is_empty()
        || bench.of(name).any(|i| {
            let reply = bench.answer(&programs, i, &mut scratch);
            reply.is_some_and(|reply| !compare(bench.cases[i].expect, &reply).is_empty())
        })
}

fn row(bench: &Bench<'_>, mutant: &Mutant, scratch: &mut Scratch) -> (Vec<(usize, Kill)>, u64) {
    let programs = bench.programs(&[mutant]);
    let mut kills = Vec::new();
    let mut hasher = DefaultHasher::new();
    mutant.operation.hash(&mut hasher);
    for i in bench.of(&mutant.operation) {
        let Some(reply) = bench.answer(&programs, i, scratch) else { continue };
        let differences = compare(bench.cases[i].expect, &reply);
        if let Some(kill) = kill(&differences) {
            kills.push((i, kill));
            // What is as expected is the same for all mutants, so only differences are hashed.
            (i, format!("{reply:?}")).hash(&mut hasher);
        }
    }
    (kills, hasher.finish())
}

/// What a matrix shows, with what is declared taken into account.
#[derive(Debug, Default)]
pub struct Summary {
    /// Killed by behaviour.
    pub killed: usize,
    /// Killed by class alone.
    pub by_class: Vec<usize>,
    /// Declared equivalent.
    pub equivalent: Vec<usize>,
    /// Alive and not declared.
    pub survived: Vec<usize>,
    /// Killed by one trick alone and not declared.
    pub thin: Vec<usize>,
    /// Mutants that behave alike on every vector, not declared.
    pub classes: Vec<Vec<usize>>,
    /// Declared classes.
    pub declared_classes: usize,
    /// Declarations that no longer hold.
    pub stale: Vec<String>,
}

impl Matrix<'_> {
    /// A small set of vectors that kills every mutant that the whole set kills: greedily, the vector
    /// that kills most of what is left, the earlier one where two kill as many.
    pub fn minimal(&self) -> Vec<usize> {
        let mut left: HashSet<usize> = (0..self.kills.len()).filter(|&i| !self.kills[i].is_empty()).collect();
        let mut rows: Vec<HashSet<usize>> = vec![HashSet::new(); self.vectors.len()];
        for (mutant, kills) in self.kills.iter().enumerate() {
            rows.iter_mut()
                .enumerate()
                .filter(|(i, _)| kills.iter().any(|(v, _)| v == i))
                .for_each(|(_, row)| row.extend([mutant]));
        }
        let mut chosen = Vec::new();
        while !left.is_empty() {
            let gain = |vector: &usize| (rows[*vector].intersection(&left).count(), std::cmp::Reverse(*vector));
            let Some(best) = (0..rows.len()).max_by_key(gain) else { break };
            left.retain(|mutant| !rows[best].contains(mutant));
            chosen.push(best);
        }
        chosen.sort_unstable();
        chosen
    }

    /// Number of distinct tricks that kill a mutant: two vectors are one trick when they kill the same
    /// mutants by the same change of the same field.
    pub fn margins(&self) -> Vec<usize> {
        let mut rows: Vec<Vec<usize>> = vec![Vec::new(); self.vectors.len()];
        for (mutant, kills) in self.kills.iter().enumerate() {
            kills.iter().for_each(|&(vector, _)| rows[vector].push(mutant));
        }
        let distinct = |kills: &Vec<(usize, Kill)>| {
            kills
                .iter()
                .map(|&(vector, _)| (&rows[vector], &self.bench.cases[vector].shape))
                .collect::<HashSet<_>>()
                .len()
        };
        self.kills.iter().map(distinct).collect()
    }
}

/// Counts what a matrix shows.
pub fn summary(matrix: &Matrix<'_>) -> Summary {
    let declared = &matrix.entry.scheme.mutants;
    let ids: Vec<&str> = matrix.catalogue.mutants.iter().map(|mutant| mutant.id.as_str()).collect();
    let margins = matrix.margins();
    let mut summary = Summary::default();
    for (i, kills) in matrix.kills.iter().enumerate() {
        let equivalent = declared.equivalent.contains_key(ids[i]);
        let thin_declared = declared.margin.contains_key(ids[i]);
        match (kills.is_empty(), equivalent) {
            (true, true) => summary.equivalent.push(i),
            (true, false) => summary.survived.push(i),
            (false, true) => summary
                .stale
                .push(format!("{} is declared equivalent and is killed by {}", ids[i], matrix.vectors[kills[0].0])),
            (false, false) if kills.iter().any(|(_, kill)| *kill == Kill::Behaviour) => summary.killed += 1,
            (false, false) => summary.by_class.push(i),
        }
        if margins[i] == 1 && !thin_declared {
            summary.thin.push(i);
        }
        if margins[i] != 1 && thin_declared {
            summary.stale.push(format!("{} is declared to have a margin of 1 and has {}", ids[i], margins[i]));
        }
    }
    let known = |id: &&String| ids.contains(&id.as_str());
    let unknown = declared.equivalent.keys().chain(declared.margin.keys()).filter(|id| !known(id));
    summary.stale.extend(unknown.map(|id| format!("{id} is declared, and there is no such mutant")));
    let control = |name: &String| format!("the control mutant of {name} lives: its vectors see nothing at all");
    summary.stale.extend(matrix.living_controls.iter().map(control));
    classes(matrix, &ids, &mut summary);
    summary
}

fn classes(matrix: &Matrix<'_>, ids: &[&str], summary: &mut Summary) {
    let mut by_behaviour: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (i, behaviour) in matrix.behaviour.iter().enumerate().filter(|(i, _)| !matrix.kills[*i].is_empty()) {
        by_behaviour.entry(*behaviour).or_default().push(i);
    }
    let mut declared: Vec<HashSet<&str>> =
        matrix.entry.scheme.mutants.class.iter().map(|c| c.mutants.iter().map(String::as_str).collect()).collect();
    for class in by_behaviour.into_values().filter(|class| class.len() > 1) {
        let named: HashSet<&str> = class.iter().map(|&i| ids[i]).collect();
        match declared.iter().position(|known| *known == named) {
            Some(known) => {
                declared.swap_remove(known);
                summary.declared_classes += 1;
            }
            None => summary.classes.push(class),
        }
    }
    summary
        .stale
        .extend(declared.iter().map(|class| format!("{class:?} is declared as one behaviour class and is none")));
}
