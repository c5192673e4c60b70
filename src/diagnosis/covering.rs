//! Several mistakes, each with the judgements that it explains.

use super::search::{CandidateRow, Hit, Search};
use std::collections::BTreeSet;

/// Beyond so many causes, what is left is not sorted any further.
pub(super) const MOST_CAUSES: usize = 6;

/// Number of mistakes up to which one is told of a single observation.
const MOST_OF_ONE: usize = 3;

/// Mistakes with their evidence: those that explain most first, each with the numbers of what it explains.
pub(super) type Covering<'b> = Vec<(Vec<Hit<'b>>, Vec<usize>)>;

/// Mistakes that nothing that passed speaks against, and what none of them explains.
///
/// A message that is accepted wrongly tells what is wrong; one that is refused wrongly may be so for anything. So what
/// only refuses must explain four fifths of all that is left of that sort; and of one message alone a mistake is told
/// only once, and only if hardly another one explains it.
pub(super) fn covering<'b>(search: &Search<'b, '_>, rows: &[CandidateRow<'b>]) -> (Covering<'b>, Vec<usize>) {
    let mut left: BTreeSet<usize> = (0..search.differing).collect();
    let (mut found, mut is_told_of_one) = (Vec::new(), false);
    let is_sound = |row: &&CandidateRow<'b>| {
        row.effects[search.differing..].iter().all(|effect| !effect.refuted && !effect.conflicts)
    };
    let sound: Vec<&CandidateRow<'b>> = rows.iter().filter(is_sound).collect();
    let refused: BTreeSet<usize> =
        (0..search.differing).filter(|&k| rows.iter().any(|row| row.effects[k].refuses)).collect();
    while found.len() < MOST_CAUSES {
        let explains = |row: &CandidateRow<'b>| -> BTreeSet<usize> {
            left.iter().copied().filter(|&k| row.effects[k].supported).collect()
        };
        let tells = |explained: &BTreeSet<usize>| {
            let only_refuses = explained.is_subset(&refused);
            !only_refuses || explained.len() * 5 >= left.intersection(&refused).count() * 4
        };
        let explained = sound.iter().map(|row| explains(row)).filter(tells);
        let best = explained.max_by_key(BTreeSet::len).unwrap_or_default();
        let same: Vec<Hit<'b>> = sound.iter().filter(|row| explains(row) == best).map(|row| row.hit.clone()).collect();
        if best.is_empty() || (best.len() == 1 && (is_told_of_one || same.len() > MOST_OF_ONE)) {
            break;
        }
        is_told_of_one |= best.len() == 1;
        left.retain(|k| !best.contains(k));
        found.push((same, best.into_iter().map(|k| search.observed[k].number).collect()));
    }
    (found, left.into_iter().map(|k| search.observed[k].number).collect())
}
