//! Generation: the simplest inputs that kill survivors, raise margins and tell mutants apart.
//!
//! Inputs are tried in a fixed order, the simplest first, and bounded by their number, so that
//! the same scheme and vectors give the same result everywhere.

use super::catalogue::Mutant;
use super::matrix::{Matrix, Summary, matrix, shape, summary};
use crate::case::{Case, Reply, compare};
use crate::corpus::{Entry, Topic, Vector, VectorFile};
use crate::inputs::{GENERATED, Input, tricks};
use crate::scheme::{Account, Scratch};
use crate::trial::{PreparedCase, judged, single_fault};
use crate::yaml::{Document, Scalars};
use indexmap::IndexMap;
use std::collections::{BTreeSet, HashSet};

/// Vectors that were found.
#[derive(Debug)]
pub struct Generated {
    /// The vectors, with what each is there for.
    pub found: Vec<Found>,
    /// The accounts that they name.
    pub accounts: IndexMap<String, Account>,
    /// Number of inputs that were tried: the bound of the search.
    pub inputs: usize,
    /// Mutants that stay alive, thin or alike.
    pub unreached: Vec<Mutant>,
}

/// A vector and the mutants that it is there for.
#[derive(Debug)]
pub struct Found {
    /// The vector.
    pub vector: Vector,
    /// Ids of the mutants.
    pub protects: Vec<String>,
}

/// Goals that are still to be reached.
struct Goals {
    alive: BTreeSet<usize>,
    thin: BTreeSet<usize>,
    alike: Vec<Vec<usize>>,
}

impl Goals {
    fn of(summary: &Summary) -> Goals {
        let alive: BTreeSet<usize> = summary.survived.iter().copied().collect();
        // A survivor that is killed once is thin until it is killed by a second trick.
        let thin = summary.thin.iter().chain(&alive).copied().collect();
        Goals { alive, thin, alike: summary.classes.clone() }
    }

    fn mutants(&self) -> BTreeSet<usize> {
        self.alive.iter().chain(&self.thin).chain(self.alike.iter().flatten()).copied().collect()
    }
}

struct Generation<'m, 'e> {
    matrix: &'m Matrix<'e>,
    goals: Goals,
    tricks: HashSet<(Vec<usize>, String)>,
    found: Vec<Found>,
    accounts: IndexMap<String, Account>,
}

/// Searches for vectors that the hand-written ones lack.
pub fn generate(entry: &Entry) -> Generated {
    let hand_written = |vector: &Vector| {
        !entry.topics.iter().any(|t| t.name == GENERATED && t.file.vectors.iter().any(|v| std::ptr::eq(v, vector)))
    };
    let matrix = matrix(entry, hand_written);
    let mutants = &matrix.catalogue.mutants;
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); matrix.vectors.len()];
    for (mutant, kills) in matrix.kills.iter().enumerate() {
        kills.iter().for_each(|&(vector, _)| rows[vector].push(mutant));
    }
    let goals = Goals::of(&summary(&matrix));
    let mut search = Generation {
        matrix: &matrix,
        goals,
        tricks: rows.into_iter().zip(matrix.bench.cases.iter().map(|case| case.shape.clone())).collect(),
        found: Vec::new(),
        accounts: IndexMap::new(),
    };
    let inputs = tricks(entry);
    for input in &inputs {
        search.consider(input);
    }
    let unreached = search.goals.mutants().into_iter().map(|i| mutants[i].clone()).collect();
    Generated { found: search.found, accounts: search.accounts, inputs: inputs.len(), unreached }
}

impl Generation<'_, '_> {
    fn consider(&mut self, input: &Input) {
        let entry = self.matrix.entry;
        let case = input.case(entry);
        let wanted: Vec<usize> =
            self.goals.mutants().into_iter().filter(|&i| self.mutant(i).operation == case.operation).collect();
        if wanted.is_empty() {
            return;
        }
        let Some(base) = self.matrix.bench.base(&case.operation, case.variant.as_deref()) else { return };
        let mut scratch = Scratch::default();
        let ready = PreparedCase::knowing(&base.program, &case);
        let reply = ready.answer(&base.program, &mut scratch);
        let name = format!("{}-{}", case.operation, input.trick);
        let Some(vector) = input.vector(name, String::new(), &base.operation(), &reply) else { return };
        let differs = |i: usize, scratch: &mut Scratch| self.differs(i, (&case, &ready), &vector, scratch);
        let hits: Vec<(usize, Reply)> = wanted.iter().filter_map(|&i| Some((i, differs(i, &mut scratch)?))).collect();
        if hits.is_empty() || !self.useful_at_all(&hits) {
            return;
        }
        if self.found.iter().any(|found| found.vector.name == vector.name) || !self.is_single_fault(input, &vector) {
            return;
        }
        let all = 0..self.matrix.catalogue.mutants.len();
        let row: Vec<usize> =
            all.filter(|&i| self.mutant(i).operation == case.operation && differs(i, &mut scratch).is_some()).collect();
        self.take(input, vector, &hits, row);
    }

    fn mutant(&self, i: usize) -> &Mutant {
        &self.matrix.catalogue.mutants[i]
    }

    /// Returns the answer of a mutant, where it is not the expected one.
    fn differs(
        &self,
        i: usize,
        (case, ready): (&Case, &PreparedCase),
        vector: &Vector,
        scratch: &mut Scratch,
    ) -> Option<Reply> {
        let mutant = self.matrix.implementations[i].get(&case.variant)?;
        let reply = ready.answer(&mutant.program, scratch);
        let base = self.matrix.bench.base(&case.operation, case.variant.as_deref())?;
        let differs = !compare(&vector.expect, &reply).is_empty() || judged(base, case, &reply, scratch).is_some();
        differs.then_some(reply)
    }

    /// Tells whether some goal could be reached: a cheap look before the whole row is computed.
    fn useful_at_all(&self, hits: &[(usize, Reply)]) -> bool {
        let hit = |i: &usize| hits.iter().any(|(hit, _)| hit == i);
        let kills = self.goals.alive.iter().chain(&self.goals.thin).any(hit);
        kills || self.goals.alike.iter().any(|class| class.iter().any(hit))
    }

    fn is_single_fault(&self, input: &Input, vector: &Vector) -> bool {
        if vector.fault.is_none() {
            return true;
        }
        let file = VectorFile { about: String::new(), accounts: input.accounts.clone(), vectors: Vec::new() };
        let Ok(document) = Document::parse(GENERATED, b"{}", Scalars::Plain) else { return false };
        let topic = Topic { name: GENERATED.into(), file, document };
        single_fault(self.matrix.entry, &topic, vector).is_ok()
    }

    fn take(&mut self, input: &Input, mut vector: Vector, hits: &[(usize, Reply)], row: Vec<usize>) {
        let trick = (row, shape(&vector));
        let new_trick = !self.tricks.contains(&trick);
        let mut protects: BTreeSet<usize> = BTreeSet::new();
        for (i, _) in hits {
            if self.goals.alive.remove(i) || (new_trick && self.goals.thin.remove(i)) {
                protects.insert(*i);
            }
        }
        // Survivors that fall together must be told apart as well.
        let mut fallen: IndexMap<String, Vec<usize>> = IndexMap::new();
        for (i, reply) in
            hits.iter().filter(|(i, _)| protects.contains(i) && !self.goals.alike.iter().flatten().any(|a| a == i))
        {
            fallen.entry(format!("{reply:?}")).or_default().push(*i);
        }
        protects.extend(self.separate(hits));
        self.goals.alike.extend(fallen.into_values().filter(|class| class.len() > 1));
        if protects.is_empty() {
            return;
        }
        self.tricks.insert(trick);
        let ids: Vec<String> = protects.iter().map(|&i| self.mutant(i).id.clone()).collect();
        vector.comment = format!("Shows {}.", ids.join(", "));
        self.accounts.extend(input.accounts.clone());
        self.found.push(Found { vector, protects: ids });
    }

    /// Splits the classes whose members answer differently; the members that were told apart.
    fn separate(&mut self, hits: &[(usize, Reply)]) -> BTreeSet<usize> {
        let answer = |i: &usize| hits.iter().find(|(hit, _)| hit == i).map(|(_, reply)| format!("{reply:?}"));
        let mut told_apart = BTreeSet::new();
        let mut classes = Vec::new();
        for class in std::mem::take(&mut self.goals.alike) {
            let mut parts: IndexMap<Option<String>, Vec<usize>> = IndexMap::new();
            class.iter().for_each(|i| parts.entry(answer(i)).or_default().push(*i));
            if parts.len() > 1 {
                told_apart.extend(class.iter().filter(|i| answer(i).is_some()));
            }
            classes.extend(parts.into_values().filter(|part| part.len() > 1));
        }
        self.goals.alike = classes;
        told_apart
    }
}
