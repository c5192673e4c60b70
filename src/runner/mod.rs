//! Runs a subject over vectors and compares what it answers with what is expected.
//!
//! Here corpus and evaluation meet.

mod compare;
mod fault;
mod reading;

pub use compare::{Difference, compare};
pub use fault::{apply_change, prove_single_faults, single_fault};
pub use reading::{expectation, expected_readings};

use crate::corpus::{Corpus, Entry, Expect};
use crate::subject::{Case, Reference, Subject};
use rayon::prelude::*;
use std::time::{Duration, Instant};

/// The result of a run.
#[derive(Debug)]
pub struct Run {
    /// One part a scheme.
    pub schemes: Vec<SchemeRun>,
    /// Time taken, all in all.
    pub elapsed: Duration,
}

/// The part of a run that belongs to one scheme.
#[derive(Debug)]
pub struct SchemeRun {
    /// Name of the scheme.
    pub scheme: String,
    /// How many vectors there are.
    pub vectors: usize,
    /// How many of them passed.
    pub passed: usize,
    /// Those that did not, in order.
    pub failures: Vec<Failure>,
    /// Discrepancies on record.
    pub discrepancies: usize,
    /// Statements on record.
    pub statements: usize,
    /// Expectations of permitted readings that were compared as well.
    pub readings: usize,
    /// Time taken.
    pub elapsed: Duration,
}

/// A vector that did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Full name of the vector.
    pub vector: String,
    /// The reading under which it failed, where that is not the one decided on.
    pub reading: Option<String>,
    /// What differs, the first stage first; never empty.
    pub differences: Vec<Difference>,
}

/// Names of schemes, topics or vectors to run; all where there are none.
#[derive(Debug, Default)]
pub struct Filter(pub Vec<String>);

impl Filter {
    /// Whether a vector of this full name is meant.
    fn takes(&self, full_name: &str) -> bool {
        let under = |name: &String| {
            full_name.strip_prefix(name.trim_end_matches('/')).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        };
        self.0.is_empty() || self.0.iter().any(under)
    }
}

impl Run {
    /// How many vectors ran.
    pub fn vectors(&self) -> usize {
        self.schemes.iter().map(|scheme| scheme.vectors).sum()
    }

    /// How many of them failed.
    pub fn failed(&self) -> usize {
        self.schemes.iter().map(|scheme| scheme.vectors - scheme.passed).sum()
    }
}

/// Runs the reference over a corpus, scheme by scheme in parallel.
pub fn check(corpus: &Corpus, filter: &Filter) -> Run {
    let start = Instant::now();
    let runs = corpus.entries.par_iter().map(|entry| check_entry(entry, filter));
    let schemes = runs.filter(|run| run.vectors > 0).collect();
    Run { schemes, elapsed: start.elapsed() }
}

/// Runs the reference over one scheme.
fn check_entry(entry: &Entry, filter: &Filter) -> SchemeRun {
    let start = Instant::now();
    let mut failures: Vec<Failure> = Vec::new();
    let mut failed = 0;
    let mut readings = 0;
    let mut reference = Reference::new([(entry.name.as_str(), &entry.scheme)]);
    let taken: Vec<_> =
        entry.vectors().filter(|(topic, vector)| filter.takes(&entry.full_name(topic, vector))).collect();
    for &(topic, vector) in &taken {
        let before = failures.len();
        let mut run = |reading: Option<&str>, expect: &Expect| {
            let reply = reference.answer(&Case::of(&entry.name, topic, vector, reading));
            let differences = compare(expect, &reply);
            if !differences.is_empty() {
                let vector = entry.full_name(topic, vector);
                failures.push(Failure { vector, reading: reading.map(str::to_owned), differences });
            }
        };
        run(None, &vector.expect);
        for name in entry.scheme.readings.keys() {
            run(Some(name), &expectation(entry, topic, vector, name));
            readings += 1;
        }
        failed += usize::from(failures.len() > before);
    }
    let vectors = taken.len();
    SchemeRun {
        scheme: entry.name.clone(),
        vectors,
        passed: vectors - failed,
        failures,
        discrepancies: entry.statements.discrepancies.len(),
        statements: entry.statements.statements.len(),
        readings,
        elapsed: start.elapsed(),
    }
}

/// What is wrong with one scheme's vectors that only evaluation shows: refusals that are not
/// single-fault, and records of permitted readings that are stale.
pub fn lint_entry(entry: &Entry) -> Vec<String> {
    let mut findings = prove_single_faults(entry);
    if expected_readings(entry) != entry.readings {
        findings.push(format!("{}/readings.yaml is stale; `countersign export` writes it", entry.name));
    }
    findings
}
