//! How strong the vectors of a scheme are: the matrix, what it shows, and the pairs.

use super::matrix::{Matrix, Summary, matrix, summary};
use super::second::{MutantPair, second_order};
use crate::corpus::{Entry, Vector};

/// Strength of the vectors of a scheme.
#[derive(Debug)]
pub struct Strength<'e> {
    /// The kill matrix.
    pub matrix: Matrix<'e>,
    /// Its result.
    pub summary: Summary,
    /// Pairs of mistakes that survive, and how many there are; where they were asked for.
    pub pairs: Option<(Vec<MutantPair>, usize)>,
}

/// Measures the vectors of a scheme that are wanted.
pub fn strength(entry: &Entry, pairs: bool, wanted: impl Fn(&Vector) -> bool) -> Strength<'_> {
    let matrix = matrix(entry, wanted);
    let summary = summary(&matrix);
    let pairs = pairs.then(|| second_order(&matrix));
    Strength { matrix, summary, pairs }
}

impl Strength<'_> {
    /// Returns whether nothing is left that is not declared.
    pub fn is_clean(&self) -> bool {
        let Summary { survived, thin, classes, stale, .. } = &self.summary;
        let pairs = self.pairs.as_ref().is_none_or(|(survivors, _)| survivors.is_empty());
        survived.is_empty() && thin.is_empty() && classes.is_empty() && stale.is_empty() && pairs
    }
}
