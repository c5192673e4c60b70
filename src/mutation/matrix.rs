//! The kill matrix: every mutant against every vector of its operation.

use super::catalogue::{Bases, Catalogue, Mutant, bases, catalogue};
use crate::case::FailureKind;
use crate::case::{Case, Difference, Expect, Reply, compare};
use crate::corpus::{Entry, Vector};
use crate::parallel;
use crate::scheme::{Implementation, Pipeline, Program, Scratch, Source};
use crate::trial::{self, PreparedCase};
use crate::yaml::Segment;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Way in which a vector kills a mutant.
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
    /// For each mutant, its implementations.
    pub(super) implementations: Vec<Implementations>,
    /// Operations with vectors whose control mutant lives: one that derives nothing and checks nothing.
    pub living_controls: Vec<String>,
    pub(super) bench: ReadyVectors<'e>,
}

/// Implementations with one mistake, by variant: those to which it applies.
pub(super) type Implementations = HashMap<Option<String>, Implementation>;

/// The vectors of a scheme, ready to run.
#[derive(Debug)]
pub(super) struct ReadyVectors<'e> {
    pub cases: Vec<Prepared<'e>>,
    pub bases: Bases,
}

#[derive(Debug)]
pub(super) struct Prepared<'e> {
    pub case: Case,
    /// The case, prepared for the scheme itself.
    ready: PreparedCase,
    pub expect: &'e Expect,
    pub operation: &'e str,
    pub variant: Option<&'e str>,
    pub shape: String,
}

impl Prepared<'_> {
    /// Returns what a program answers that is made from the scheme's by edits.
    pub fn answer(&self, program: &Program, scratch: &mut Scratch) -> Reply {
        self.ready.answer(program, scratch)
    }
}

impl<'e> ReadyVectors<'e> {
    fn new(entry: &'e Entry, wanted: impl Fn(&Vector) -> bool) -> ReadyVectors<'e> {
        let bases = bases(&entry.scheme);
        let ready = |case: &Case| match bases.get(&case.variant).and_then(|operations| operations.get(&case.operation))
        {
            Some(base) => PreparedCase::knowing(&base.program, case),
            None => PreparedCase::Unfit("the scheme has no such variant".into()),
        };
        let prepare = |(topic, vector): (&'e crate::corpus::Topic, &'e Vector)| Prepared {
            ready: ready(&entry.case(topic, vector, None)),
            case: entry.case(topic, vector, None),
            expect: &vector.expect,
            operation: &vector.given.operation,
            variant: vector.given.variant.as_deref(),
            shape: shape(vector),
        };
        let cases: Vec<_> = entry.vectors().filter(|(_, vector)| wanted(vector)).map(prepare).collect();
        ReadyVectors { cases, bases }
    }

    /// The scheme itself.
    pub fn base(&self, operation: &str, variant: Option<&str>) -> Option<&Implementation> {
        self.bases.get(&variant.map(str::to_owned))?.get(operation)
    }

    /// A mutant under every variant.
    pub fn mutant(&self, mutant: &Mutant) -> Implementations {
        let own = |variant: &&Option<String>| mutant.variant.is_none() || mutant.variant == **variant;
        let made = |variant: &Option<String>| {
            let base = self.base(&mutant.operation, variant.as_deref())?;
            Some((variant.clone(), mutant.of(base).ok()?))
        };
        self.bases.keys().filter(own).filter_map(made).collect()
    }

    /// Returns where the edits of a mutant are.
    pub fn places(&self, mutant: &Mutant) -> Vec<Vec<Segment>> {
        let base = self.base(&mutant.operation, mutant.variant.as_deref());
        base.map_or_else(Vec::new, |base| base.places(&mutant.edits)).into_iter().map(|(place, _)| place).collect()
    }

    /// Returns what an implementation answers to a case; `None` where its mistakes do not touch it.
    pub fn answer(&self, mutant: &Implementations, i: usize, scratch: &mut Scratch) -> Option<Reply> {
        let prepared = &self.cases[i];
        let implementation = mutant.get(&prepared.variant.map(str::to_owned))?;
        Some(prepared.answer(&implementation.program, scratch))
    }

    /// Returns the differences of an answer to a case; what the expectation does not hold, the verifier judges.
    pub fn differences(&self, i: usize, reply: &Reply, scratch: &mut Scratch) -> Vec<Difference> {
        let Prepared { case, expect, operation, variant, .. } = &self.cases[i];
        let mut differences = compare(expect, reply);
        let base = self.base(operation, *variant).filter(|_| differences.is_empty());
        differences.extend(base.and_then(|base| trial::judged(base, case, reply, scratch)));
        differences
    }

    /// Cases of an operation.
    pub fn of(&self, operation: &str) -> impl Iterator<Item = usize> {
        (0..self.cases.len()).filter(move |&i| self.cases[i].operation == operation)
    }
}

/// Returns what a vector changes: the kind of its fault and the field that it is about; of an address, the
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
    format!("{:?} {} {kind} {field}", vector.given.variant, vector.given.task.to_sign().is_some())
}

/// Returns whether differences are of behaviour, or of class alone; `None` where there are none.
pub(super) fn kill(differences: &[Difference]) -> Option<Kill> {
    match differences {
        [] => None,
        all if all.iter().all(|difference| difference.kind() == FailureKind::WrongClass) => Some(Kill::Class),
        _ => Some(Kill::Behaviour),
    }
}

/// Runs every mutant of a scheme against every vector that is wanted.
pub fn matrix(entry: &Entry, wanted: impl Fn(&Vector) -> bool) -> Matrix<'_> {
    let catalogue = catalogue(&entry.scheme);
    let bench = ReadyVectors::new(entry, &wanted);
    let vectors =
        entry.vectors().filter(|(_, v)| wanted(v)).map(|(topic, vector)| entry.full_name(topic, vector)).collect();
    let implementations = parallel::map(&catalogue.mutants, |mutant| bench.mutant(mutant));
    let rows = parallel::map_with(implementations.iter().zip(&catalogue.mutants), Scratch::default, |scratch, of| {
        row(&bench, of.0, &of.1.operation, scratch)
    });
    let (kills, behaviour) = rows.into_iter().unzip();
    let without: Vec<&str> = entry.operations_without_vectors().collect();
    let met = entry.scheme.operations.keys().filter(|name| !without.contains(&name.as_str()));
    let living_controls = met.filter(|name| !control_dies(&bench, name)).cloned().collect();
    Matrix { entry, catalogue, vectors, kills, behaviour, implementations, living_controls, bench }
}

/// Returns whether the vectors of an operation kill an implementation that does nothing: were it not so, the
/// matrix would say nothing either.
fn control_dies(bench: &ReadyVectors<'_>, name: &str) -> bool {
    let mut scratch = Scratch::default();
    let mut programs: HashMap<Option<&str>, Program> = HashMap::new();
    for (variant, operations) in &bench.bases {
        let Some(base) = operations.get(name) else { continue };
        let mut control = base.operation();
        control.verify.clear();
        let nothing = Pipeline::of(Source::literal(""));
        control.derive.values_mut().for_each(|pipeline| *pipeline = nothing.clone());
        if let Ok(program) = Program::compile(base.scheme(), &control) {
            programs.insert(variant.as_deref(), program);
        }
    }
    // Where a stage is no bytes, what uses it does not compile, and the control is dead by that.
    programs.is_empty()
        || bench.of(name).any(|i| {
            let Prepared { case, expect, variant, .. } = &bench.cases[i];
            let reply = programs.get(variant).map(|program| trial::answer(program, case, &mut scratch));
            reply.is_some_and(|reply| !compare(expect, &reply).is_empty())
        })
}

fn row(
    bench: &ReadyVectors<'_>,
    mutant: &Implementations,
    operation: &str,
    scratch: &mut Scratch,
) -> (Vec<(usize, Kill)>, u64) {
    let mut kills = Vec::new();
    let mut hasher = DefaultHasher::new();
    operation.hash(&mut hasher);
    for i in bench.of(operation) {
        let Some(reply) = bench.answer(mutant, i, scratch) else { continue };
        let differences = bench.differences(i, &reply, scratch);
        if let Some(kill) = kill(&differences) {
            kills.push((i, kill));
            // What is as expected is the same for all mutants, so only differences are hashed.
            (i, format!("{reply:?}")).hash(&mut hasher);
        }
    }
    (kills, hasher.finish())
}

/// Result of a matrix, with what is declared taken into account.
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
