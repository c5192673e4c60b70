//! Evidence: the first thing that differs from what the scheme answers, with secrets left out.

use super::bench::{Bench, Made};
use super::model::{Evidence, ExpectedStage, Explanation, Nearest, Observation, Seen, Unexplained};
use super::search::{CandidateRow, Hit, Observed, Search};
use crate::bytes::Bytes;
use crate::case::{Case, Judgement, Reply, Signed};
use crate::scheme::Scratch;
use crate::subject::{MASK, masked, masked_by};
use indexmap::IndexMap;

/// Returns what the explanation does on the first observation that differs.
pub(super) fn of(search: &Search<'_, '_>, found: &Hit<'_>) -> Evidence {
    let observation = search.observed[0].observation;
    let base = search.bench.made(&search.bench.base);
    match search.bench.make(&found.parts) {
        Some(made) => between(search, base, &made, observation),
        None => Evidence::Request,
    }
}

/// Number of mistakes that are shown where nothing explains all.
const NEAREST: usize = 3;

/// Returns what is known though nothing explains the observations: what the scheme derives on the first that differs.
pub(super) fn unexplained(search: &Search<'_, '_>) -> Unexplained {
    let Some(first) = search.observed.first() else { return Unexplained::default() };
    let vector = first.probe.map(|probe| search.bench.probes[probe].0.clone());
    Unexplained { vector, stages: expected(search, first), nearest: Vec::new() }
}

/// What the scheme derives of a message, whoever signed it.
pub(super) fn verified(bench: &Bench<'_>, case: &Case) -> Vec<ExpectedStage> {
    let base = bench.made(&bench.base);
    let secrecy = bench.secrecy(base, case);
    let stage = |(name, value): (String, Bytes)| ExpectedStage {
        expected: (!secrecy.stage(&name)).then_some(value),
        is_same: None,
        name,
    };
    bench.stages(base, case).into_iter().map(stage).collect()
}

/// What a candidate derives of a message otherwise than the scheme.
pub(super) fn between_verified(bench: &Bench<'_>, mistake: &Explanation, case: &Case) -> Evidence {
    let base = bench.made(&bench.base);
    let Some(made) = &bench.make(&bench.parts(mistake)) else { return Evidence::Request };
    let (own, others) = (bench.stages(base, case), bench.stages(made, case));
    let Some(stage) = own.iter().find(|(name, value)| others.get(*name) != Some(value)).map(|(name, _)| name.clone())
    else {
        return Evidence::Request;
    };
    match bench.secrecy(base, case).stage(&stage) || bench.secrecy(made, case).stage(&stage) {
        true => Evidence::HiddenStage { stage },
        false => stage_evidence(stage, &own, &others),
    }
}

fn expected(search: &Search<'_, '_>, first: &Observed<'_>) -> Vec<ExpectedStage> {
    let bench = search.bench;
    let case = &first.observation.case;
    let base = bench.made(&bench.base);
    let secrecy = bench.secrecy(base, case);
    let real = bench.stages(base, case);
    let masked = bench.stages(base, &masked(&bench.entry.scheme, case));
    let seen = match &first.observation.seen {
        Seen::Reply(Reply::Signed(signed)) => Some(&signed.stages),
        _ => None,
    };
    let stage = |(name, value): (String, Bytes)| {
        let is_same = seen.and_then(|stages| stages.get(&name)).map(|seen| *seen == value);
        let expected = match secrecy.stage(&name) {
            false => Some(value),
            true => masked.get(&name).filter(|value| is_marked(value)).cloned(),
        };
        ExpectedStage { name, expected, is_same }
    };
    real.into_iter().map(stage).collect()
}

/// Mistakes that explain some of what was seen and speak of nothing else, those that explain most first.
pub(super) fn nearest<'b>(search: &Search<'b, '_>, rows: &[CandidateRow<'b>]) -> Vec<Nearest> {
    let explains =
        |row: &&CandidateRow<'_>| row.effects[..search.differing].iter().filter(|effect| effect.fits).count();
    let mut near: Vec<&CandidateRow<'_>> = rows.iter().filter(|row| explains(row) > 0).collect();
    near.sort_by_key(|row| (std::cmp::Reverse(explains(row).saturating_sub(row.refuted())), row.hit.simplicity()));
    let nearest = |row: &&CandidateRow<'b>| {
        let effects = search.all_effects(&row.hit);
        let pairs = || search.observed.iter().zip(&effects);
        let refuted = pairs().filter(|(_, effect)| effect.refuted).map(|(observed, _)| observed);
        let silent = pairs().take(search.differing).filter(|(_, effect)| !effect.fits && !effect.refuted);
        let against = refuted.chain(silent.map(|(observed, _)| observed)).filter_map(|observed| observed.probe);
        Nearest {
            explanation: row.hit.explanation(),
            explains: search.told_of(|k| row.effects[k].fits),
            of: search.told().1,
            against: against.map(|probe| search.bench.probes[probe].0.clone()).collect(),
        }
    };
    near.iter().take(NEAREST).map(nearest).collect()
}

fn is_marked(value: &Bytes) -> bool {
    value.0.windows(MASK.len()).any(|window| window == MASK.as_bytes())
}

/// A mask that Base64 and hexadecimal digits have in common, for keys of any size.
const DECODABLE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn between(search: &Search<'_, '_>, base: &Made, other: &Made, observation: &Observation) -> Evidence {
    let bench = search.bench;
    let mut scratch = Scratch::default();
    let mut reply = |made, case| bench.reply(made, case, &mut scratch);
    let case = &observation.case;
    match (reply(base, case), reply(other, case)) {
        (Reply::Signed(expected), Reply::Signed(found)) => {
            let Some(stage) = first_difference(&expected, &found) else { return Evidence::Request };
            // What no secret went into, or came out of only as a hash, is shown as it is; all else without secrets.
            let is_secret = bench.secrecy(base, case).stage(&stage) || bench.secrecy(other, case).stage(&stage);
            let under = |mask| {
                let masked = masked_by(&bench.entry.scheme, case, mask);
                (bench.stages(base, &masked), bench.stages(other, &masked))
            };
            let is_there =
                |(own, others): &(IndexMap<_, _>, IndexMap<_, _>)| [own, others].iter().all(|s| s.contains_key(&stage));
            let (own, others) = [MASK, DECODABLE].map(under).into_iter().find(is_there).unwrap_or_default();
            let same = |stages: &IndexMap<String, Bytes>, real: &Signed| stages.get(&stage) == real.stages.get(&stage);
            match (own.get(&stage), others.get(&stage)) {
                _ if !is_secret && bench.shown.contains(&stage) => {
                    stage_evidence(stage, &expected.stages, &found.stages)
                }
                (Some(_), Some(_)) if !is_secret && same(&own, &expected) && same(&others, &found) => {
                    stage_evidence(stage, &own, &others)
                }
                (Some(mine), _) if is_marked(mine) && own.get(&stage) != others.get(&stage) => {
                    stage_evidence(stage, &own, &others)
                }
                _ => Evidence::HiddenStage { stage },
            }
        }
        (Reply::Verified(expected), Reply::Verified(found)) => {
            Evidence::Judgements { expected: judgements(&expected), found: judgements(&found) }
        }
        (Reply::Error(_), _) => Evidence::Error { by_implementation: false },
        _ => Evidence::Error { by_implementation: true },
    }
}

fn first_difference(expected: &Signed, found: &Signed) -> Option<String> {
    expected.stages.iter().find(|(name, value)| found.stages.get(*name) != Some(value)).map(|(name, _)| name.clone())
}

fn stage_evidence(stage: String, expected: &IndexMap<String, Bytes>, found: &IndexMap<String, Bytes>) -> Evidence {
    Evidence::Stage {
        expected: expected.get(&stage).cloned().unwrap_or_default(),
        found: found.get(&stage).cloned(),
        stage,
    }
}

/// Judgements in words: `accept, reject (expired)`.
pub(super) fn judgements(results: &[Judgement]) -> String {
    let word = |judgement: &Judgement| match (judgement.accept, judgement.class) {
        (true, _) => "accept".to_owned(),
        (false, Some(class)) => format!("reject ({class})"),
        (false, None) => "reject".to_owned(),
    };
    results.iter().map(word).collect::<Vec<_>>().join(", ")
}
