//! Second order: two mistakes at once. Only survivors are reported.

use super::matrix::{Matrix, Prepared};
use crate::parallel;
use crate::scheme::{Implementation, Scratch};
use crate::yaml::Segment;
use std::collections::{HashMap, HashSet};

/// Two mutants whose mistakes together no vector sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MutantPair {
    /// Number of the first.
    pub first: usize,
    /// Number of the second.
    pub second: usize,
}

/// Pairs that survive, and how many there are in all.
///
/// Pairs in different operations need no run: each is killed by the vectors of its own operation.
/// Left out are pairs at one node or within one another, and pairs that give again the scheme, one
/// of its mutants, or another pair.
pub fn second_order(matrix: &Matrix<'_>) -> (Vec<MutantPair>, usize) {
    let mutants = &matrix.catalogue.mutants;
    let places: Vec<_> = mutants.iter().map(|mutant| matrix.bench.places(mutant)).collect();
    let alive: Vec<usize> = (0..mutants.len()).filter(|&i| !matrix.kills[i].is_empty()).collect();
    let mut pairs = Vec::new();
    for (k, &first) in alive.iter().enumerate() {
        for &second in &alive[k + 1..] {
            let (a, b) = (&mutants[first], &mutants[second]);
            if a.operation == b.operation && a.variant == b.variant && !nested(&places[first], &places[second]) {
                pairs.push(MutantPair { first, second });
            }
        }
    }
    let survive = parallel::map_with(&pairs, Scratch::default, |scratch, pair| survives(matrix, pair, scratch));
    let survivors = pairs.iter().zip(survive).filter(|(_, survives)| *survives).map(|(pair, _)| pair.clone()).collect();
    (survivors, pairs.len())
}

fn survives(matrix: &Matrix<'_>, pair: &MutantPair, scratch: &mut Scratch) -> bool {
    let bench = &matrix.bench;
    // Vectors that kill exactly one of the two kill most pairs.
    let vectors = |i: usize| matrix.kills[i].iter().map(|&(vector, _)| vector).collect::<HashSet<usize>>();
    let (first, second) = (vectors(pair.first), vectors(pair.second));
    let mut order: Vec<usize> =
        first.symmetric_difference(&second).chain(first.intersection(&second)).copied().collect();
    order.extend(
        bench.of(&matrix.catalogue.mutants[pair.first].operation).filter(|i| !first.contains(i) && !second.contains(i)),
    );
    // Few vectors are looked at, and so few variants are made.
    let mut both: HashMap<Option<&str>, Option<Implementation>> = HashMap::new();
    let mut is_viable = false;
    let killed = order.into_iter().any(|i| {
        let prepared @ Prepared { case, variant, .. } = &bench.cases[i];
        let of = |i: usize| matrix.implementations[i].get(&case.variant);
        // What stands later is edited first, so that it does not move what stands before.
        let make = || of(pair.second)?.and(of(pair.first)?).ok();
        let Some(both) = both.entry(*variant).or_insert_with(make) else { return false };
        is_viable = true;
        let reply = prepared.answer(&both.program, scratch);
        !bench.differences(i, &reply, scratch).is_empty()
    });
    is_viable && !killed
}

/// Returns whether an edit of one is at or below a node of the other.
fn nested(a: &[Vec<Segment>], b: &[Vec<Segment>]) -> bool {
    a.iter().any(|x| b.iter().any(|y| x.starts_with(y) || y.starts_with(x)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_begin_alike_are_not_within_one_another() {
        let way = |names: &[&str]| vec![names.iter().map(|name| Segment::from(*name)).collect::<Vec<_>>()];
        let field = |name| way(&["request", "place", "header", name]);
        assert!(!nested(&field("x-code"), &field("x-code2")));
        assert!(nested(&field("x-code"), &field("x-code")));
        assert!(nested(&field("x-code"), &way(&["request", "place"])));
    }
}
