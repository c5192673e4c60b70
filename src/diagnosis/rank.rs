//! From explanations to behaviour classes, the most plausible first, and what tells them apart.

use super::answer::Answer;
use super::bench::Single;
use super::evidence;
use super::model::{Candidate, Conclusion, Explained, Prediction, TellApart, Tried};
use super::search::{Hit, Search};
use crate::case::{Case, Reply, Task};
use crate::scheme::Scratch;
use std::collections::HashSet;

/// Number of classes that are told apart.
const TOLD_APART: usize = 6;

/// A behaviour class while it is collected.
struct BehaviourClass<'b> {
    found: Vec<Hit<'b>>,
    answers: Vec<Answer>,
    shows_in: usize,
}

/// The verdict that explanations make; none, and nothing is explained.
pub(super) fn verdict(search: &Search<'_, '_>, found: Vec<Hit<'_>>, tried: &mut Tried) -> Conclusion {
    let classes = classes(search, least(found), tried);
    let Some(first) = classes.first() else {
        return Conclusion::Unexplained(evidence::unexplained(search));
    };
    let evidence = evidence::of(search, &first.found[0]);
    let tell_apart = tell_apart(search, &classes);
    let told = search.told();
    let candidate = |class: &BehaviourClass<'_>| Candidate {
        class: class.found.iter().map(Hit::explanation).collect(),
        explains: told.0,
        differing: told.1,
        shows_in: class.shows_in,
    };
    Conclusion::Explained(Explained { candidates: classes.iter().map(candidate).collect(), evidence, tell_apart })
}

/// Those of which no part suffices: what explains all without more is not made at several places.
fn least(found: Vec<Hit<'_>>) -> Vec<Hit<'_>> {
    let within = |one: &Hit<'_>, all: &Hit<'_>| {
        let has = |part: &&Single| all.parts.iter().any(|other| std::ptr::eq(*other, *part));
        one.parts.len() < all.parts.len() && one.parts.iter().all(has)
    };
    let is_least = |hit: &Hit<'_>| !found.iter().any(|other| within(other, hit));
    let keep: Vec<bool> = found.iter().map(is_least).collect();
    found.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(hit, _)| hit).collect()
}

/// Explanations that answer every vector alike are one class. The simplest come first; of these,
/// those that show in the fewest vectors, since they leave the least unobserved.
fn classes<'b>(search: &Search<'b, '_>, found: Vec<Hit<'b>>, tried: &mut Tried) -> Vec<BehaviourClass<'b>> {
    let base = search.bench.single_answers(&search.bench.base);
    let mut classes: Vec<BehaviourClass<'b>> = Vec::new();
    let trial = search.trial(found.len());
    for found in found {
        // One explanation is worth the time that it takes.
        if !trial.goes_on() && !classes.is_empty() {
            tried.out_of_time += 1;
            continue;
        }
        let Some(answers) = answers(search, &found.parts) else { continue };
        match classes.iter_mut().find(|class| class.answers == answers) {
            Some(class) => class.found.push(found),
            None => {
                let shows_in = answers.iter().zip(&base).filter(|(own, base)| own != base).count();
                classes.push(BehaviourClass { found: vec![found], answers, shows_in });
            }
        }
    }
    classes.iter_mut().for_each(|class| class.found.sort_by_key(Hit::simplicity));
    classes.sort_by_key(|class| {
        let (parts, mistakes, particular, places) = class.found[0].simplicity();
        (parts, mistakes, class.shows_in, particular, places)
    });
    classes
}

/// Returns what parts together answer to every vector, and to what was observed, for all of it counts.
fn answers(search: &Search<'_, '_>, parts: &[&Single]) -> Option<Vec<Answer>> {
    match parts {
        [single] => Some(search.bench.single_answers(single)),
        several => Some(search.bench.answers(&search.bench.make(several)?)),
    }
}

/// The vector that tells most of the first classes apart; one that signs where signing was observed.
fn tell_apart(search: &Search<'_, '_>, classes: &[BehaviourClass<'_>]) -> Option<TellApart> {
    let bench = search.bench;
    let classes = &classes[..classes.len().min(TOLD_APART)];
    let signs = |case: &Case| matches!(case.task, Task::Sign(_));
    let observed = search.observed.iter().any(|o| signs(&o.observation.case));
    let distinct = |i: &usize| classes.iter().map(|class| &class.answers[*i]).collect::<HashSet<_>>().len();
    let count = |i: usize| (signs(&bench.probes[i].1) == observed, distinct(&i));
    // Of several, the first vector.
    let best = (0..bench.probes.len()).rev().filter(|i| distinct(i) > 1).max_by_key(|&i| count(i))?;
    let (vector, case) = &bench.probes[best];
    let gives = classes.iter().map(|class| gives(search, &class.found[0], case)).collect();
    Some(TellApart { vector: vector.clone(), gives })
}

fn gives(search: &Search<'_, '_>, found: &Hit<'_>, case: &Case) -> Prediction {
    let bench = search.bench;
    let Some(made) = bench.make(&found.parts) else { return Prediction::Error };
    match bench.reply(&made, case, &mut Scratch::default()) {
        Reply::Signed(signed) => {
            let secrecy = bench.secrecy(&made, case);
            let name = bench.shown.iter().find(|name| signed.stages.contains_key(*name));
            match name.filter(|name| !secrecy.stage(name)) {
                Some(name) => Prediction::Value(signed.stages[name].clone()),
                None => Prediction::Hidden,
            }
        }
        Reply::Verified(results) => Prediction::Judgement(evidence::judgements(&results)),
        Reply::Error(_) | Reply::Skipped(_) => Prediction::Error,
    }
}
