//! The table scheme by scheme, of which each report shows some columns.

use crate::runner::{Run, SchemeRun};

/// A column: its head, and what stands in it for a scheme.
pub(super) type Column = (&'static str, fn(&SchemeRun) -> String);

const SCHEME: Column = ("scheme", |scheme| scheme.scheme.clone());
const VECTORS: Column = ("vectors", |scheme| scheme.vectors().to_string());
const PASSED: Column = ("passed", |scheme| scheme.passed().to_string());
const FAILED: Column = ("failed", |scheme| scheme.failed().to_string());
const KNOWN: Column = ("known", |scheme| scheme.known().to_string());
const NOT_RUN: Column = ("not run", |scheme| scheme.not_run().to_string());
const DISCREPANCIES: Column = ("discrepancies", |scheme| scheme.discrepancies.to_string());
const READINGS: Column = ("readings", |scheme| scheme.readings().to_string());
const TIME: Column =
    ("time", |scheme| scheme.elapsed.map_or(String::new(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3)));

/// Of the reference, for a terminal.
pub(super) const OF_CHECK: &[Column] = &[SCHEME, VECTORS, PASSED, FAILED, DISCREPANCIES, READINGS, TIME];
/// Of a subject, for a terminal.
pub(super) const OF_TEST: &[Column] = &[SCHEME, VECTORS, PASSED, FAILED, KNOWN, NOT_RUN];
/// Of both, for a page.
#[cfg(feature = "cli")]
pub(super) const OF_PAGE: &[Column] = &[SCHEME, VECTORS, PASSED, FAILED, KNOWN, NOT_RUN, DISCREPANCIES];

/// Head and rows; a scheme of which nothing ran has none.
pub(super) fn rows(run: &Run, columns: &[Column]) -> Vec<Vec<String>> {
    let head = columns.iter().map(|(head, _)| (*head).to_owned()).collect();
    let ran = run.schemes.iter().filter(|scheme| scheme.not_run() < scheme.vectors());
    let row = |scheme: &SchemeRun| columns.iter().map(|(_, cell)| cell(scheme)).collect();
    std::iter::once(head).chain(ran.map(row)).collect()
}
