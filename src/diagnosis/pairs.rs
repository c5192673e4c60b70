//! Pairs of mistakes, tried in the order of how well they fit each by itself.

use super::model::{MOST_PAIRS, Tried};
use super::search::{CandidateRow, Hit, MOST_REFUTED, Search};
use crate::parallel;
use crate::scheme::{Implementation, Scratch};

/// Beyond so many observations that do not fit, pairs are not told apart.
const MOST_MISFITS: usize = 8;

/// Number of mistakes that are each tried with every other one.
const MOST_OF_THESE: usize = 8;

/// Two mistakes that together explain every observation.
pub(super) type Pair<'b> = [Hit<'b>; 2];

/// Pairs that explain every observation.
///
/// Two mistakes mostly do together what each does alone. So pairs come first of which this would
/// explain everything, then those with one observation that it would not, and so on; where pairs
/// explain everything, those that fit worse are not tried; nor are those that fit nothing of what differs.
pub(super) fn search<'b>(search: &Search<'b, '_>, rows: &[CandidateRow<'b>], tried: &mut Tried) -> Vec<Pair<'b>> {
    let mut found = Vec::new();
    for mut pairs in by_misfits(search, rows) {
        let room = MOST_PAIRS - tried.pairs;
        tried.left += pairs.len().saturating_sub(room);
        pairs.truncate(room);
        let explains = explaining(search, &pairs);
        for ([one, other], explains) in pairs.into_iter().zip(explains) {
            match explains {
                None => tried.out_of_time += 1,
                Some(explains) => {
                    tried.pairs += 1;
                    found.extend(explains.then(|| [one.hit.clone(), other.hit.clone()]));
                }
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

/// Pairs of one of these with whatever changes something, that explain every observation.
pub(super) fn with<'b>(
    search: &Search<'b, '_>,
    rows: &[CandidateRow<'b>],
    these: &[&CandidateRow<'b>],
    tried: &mut Tried,
) -> Vec<Pair<'b>> {
    let changes = |row: &&CandidateRow<'b>| row.effects[..search.differing].iter().any(|effect| effect.changes());
    let others =
        |one: &&CandidateRow<'b>| rows.iter().filter(changes).filter(|row| row.hit.goes_with(&one.hit)).collect();
    let mut pairs: Vec<[&CandidateRow<'b>; 2]> = Vec::new();
    for one in these.iter().take(MOST_OF_THESE) {
        let others: Vec<&CandidateRow<'b>> = others(one);
        pairs.extend(others.into_iter().map(|other| [*one, other]));
    }
    let explains = explaining(search, &pairs);
    tried.pairs += explains.iter().flatten().count();
    let found = pairs.into_iter().zip(explains).filter(|(_, explains)| *explains == Some(true));
    found.map(|([one, other], _)| [one.hit.clone(), other.hit.clone()]).collect()
}

/// Returns whether each pair explains every observation; nothing of those for which there is no time.
fn explaining(search: &Search<'_, '_>, pairs: &[[&CandidateRow<'_>; 2]]) -> Vec<Option<bool>> {
    let trial = search.trial(pairs.len());
    let explains = |scratch: &mut Scratch, [one, other]: &[&CandidateRow<'_>; 2]| {
        if !trial.goes_on() {
            return None;
        }
        let both = one.hit.and(&other.hit);
        // Where the first observation is not explained, no other variant is looked at.
        let mut made: Vec<(usize, Option<Implementation>)> = Vec::new();
        let all = search.observed.iter().all(|observed| {
            let Some(variant) = observed.variant else { return false };
            if made.last().is_none_or(|(last, _)| *last != variant) {
                made.push((variant, search.bench.together(&both.parts, variant)));
            }
            match made.last() {
                Some((_, Some(both))) => observed.wanted.met_by(&observed.ready, &both.program, scratch),
                // Where they do not apply, they answer as the scheme.
                _ => observed.wanted.explained_by(&search.single_answer(&search.bench.base, observed, scratch)),
            }
        });
        Some(all)
    };
    parallel::map_with(pairs, Scratch::default, explains).into_iter().collect()
}

/// Pairs by the number of observations that they would not explain if each did what it does alone. One that changes
/// nothing of what differs is of no use.
fn by_misfits<'r, 'b>(search: &Search<'b, '_>, rows: &'r [CandidateRow<'b>]) -> Vec<Vec<[&'r CandidateRow<'b>; 2]>> {
    let mut scratch = Scratch::default();
    let base = |observed| search.single_answer(&search.bench.base, observed, &mut scratch).into_owned();
    let base: Vec<_> = search.observed.iter().map(base).collect();
    let changes = |row: &&CandidateRow<'_>| row.effects[..search.differing].iter().any(|effect| effect.changes());
    let is_open = |row: &&CandidateRow<'b>| row.refuted() < MOST_REFUTED;
    let useful: Vec<&CandidateRow<'b>> = rows.iter().filter(changes).filter(is_open).collect();
    let refuses = |row: &CandidateRow<'_>| row.effects.iter().any(|effect| effect.refuses);
    let refusing: Vec<bool> = useful.iter().map(|row| refuses(row)).collect();
    // Why a message is refused depends on both; that it is depends mostly on each.
    let fits = |k: usize, one: &CandidateRow<'_>, other: &CandidateRow<'_>, refuses: bool| {
        search.observed[k].outcome.fits(&base[k], &one.answers[k], &other.answers[k], refuses)
    };
    let mut by_misfits = vec![Vec::new(); MOST_MISFITS + 1];
    for (i, one) in useful.iter().enumerate() {
        for (j, other) in useful.iter().enumerate().skip(i + 1).filter(|(_, other)| one.hit.goes_with(&other.hit)) {
            let refuses = refusing[i] || refusing[j];
            let misfits = (0..base.len()).filter(|&k| !fits(k, one, other, refuses)).take(MOST_MISFITS).count();
            if misfits < search.differing {
                by_misfits[misfits].push([*one, *other]);
            }
        }
    }
    by_misfits
}
