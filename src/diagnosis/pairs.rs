//! Pairs of readings and mutants, tried in the order of how well their parts fit each by itself.

use super::answer::Answer;
use super::bench::Single;
use super::model::{MOST_PAIRS, Tried};
use super::search::{Hit, Search};
use crate::parallel;
use crate::scheme::{Implementation, Scratch};
use std::collections::BTreeMap;

/// Pairs that explain every observation.
///
/// Two changes mostly do together what each does alone. So pairs come first of which this would
/// explain everything, then those with one observation that it would not, and so on; where pairs
/// explain everything, those that fit worse are not tried.
pub(super) fn search<'b>(search: &Search<'b, '_>, tried: &mut Tried) -> Vec<Hit<'b>> {
    let mut found = Vec::new();
    let Some(pairs) = by_misfits(search) else {
        tried.out_of_time += pairs(search).count();
        return found;
    };
    for (_, mut pairs) in pairs {
        let room = MOST_PAIRS - tried.pairs;
        tried.left += pairs.len().saturating_sub(room);
        pairs.truncate(room);
        let explains = explaining(search, &pairs);
        for (pair, explains) in pairs.into_iter().zip(explains) {
            match explains {
                None => tried.out_of_time += 1,
                Some(explains) => {
                    tried.pairs += 1;
                    found.extend(explains.then(|| Hit { parts: pair.to_vec() }));
                }
            }
        }
        if !found.is_empty() {
            break;
        }
    }
    found
}

type Pair<'b> = [&'b Single; 2];

/// Returns whether each pair explains every observation; nothing of those for which there is no time.
fn explaining<'b>(search: &Search<'b, '_>, pairs: &[Pair<'b>]) -> Vec<Option<bool>> {
    let trial = search.trial(pairs.len());
    let explains = |scratch: &mut Scratch, pair: &Pair<'b>| {
        if !trial.goes_on() {
            return None;
        }
        // Where the first observation is not explained, no other variant is looked at.
        let mut made: Vec<(usize, Option<Implementation>)> = Vec::new();
        let all = search.observed.iter().all(|observed| {
            let Some(variant) = observed.variant else { return false };
            if made.last().is_none_or(|(last, _)| *last != variant) {
                made.push((variant, search.bench.together(pair, variant)));
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

/// Beyond so many observations that do not fit, pairs are not told apart.
const MOST_MISFITS: usize = 8;

/// Answer of one part to an observed case.
struct Alone {
    answer: Answer,
    /// Tells whether it is what the scheme answers.
    is_base: bool,
    /// Tells whether it explains the observation.
    explains: bool,
}

/// Numbers of the parts that can be made together.
fn pairs(search: &Search<'_, '_>) -> impl Iterator<Item = (usize, usize)> {
    let singles = &search.bench.singles[..];
    (0..singles.len()).flat_map(move |i| {
        let after = (i + 1..singles.len()).filter(move |&j| singles[i].goes_with(&singles[j]));
        after.map(move |j| (i, j))
    })
}

/// Pairs by the number of observations that they would not explain if each part did what it does alone; nothing
/// where there is no time.
fn by_misfits<'b>(search: &Search<'b, '_>) -> Option<BTreeMap<usize, Vec<Pair<'b>>>> {
    let singles = &search.bench.singles;
    let all = |scratch: &mut Scratch, single: &Single| -> Vec<Answer> {
        search.observed.iter().map(|o| search.single_answer(single, o, scratch)).collect()
    };
    let base = all(&mut Scratch::default(), &search.bench.base);
    let alone = |(k, answer): (usize, Answer)| Alone {
        is_base: answer == base[k],
        explains: search.observed[k].wanted.explained_by(&answer),
        answer,
    };
    let trial = search.trial(singles.len());
    let row = |scratch: &mut Scratch, single: &Single| -> Option<Vec<Alone>> {
        trial.goes_on().then(|| all(scratch, single).into_iter().enumerate().map(alone).collect())
    };
    let table = parallel::map_with(singles, Scratch::default, row);
    let table = table.into_iter().collect::<Option<Vec<Vec<Alone>>>>()?;
    let fits = |k: usize, one: &Alone, other: &Alone| match (one.is_base, other.is_base) {
        (_, true) => one.explains,
        (true, _) => other.explains,
        _ => search.observed[k].wanted.fits(&base[k], &one.answer, &other.answer),
    };
    let mut by_misfits: BTreeMap<usize, Vec<Pair<'b>>> = BTreeMap::new();
    for (i, j) in pairs(search) {
        let misfits = (0..base.len()).filter(|&k| !fits(k, &table[i][k], &table[j][k]));
        by_misfits.entry(misfits.take(MOST_MISFITS).count()).or_default().push([&singles[i], &singles[j]]);
    }
    Some(by_misfits)
}
