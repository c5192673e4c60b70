//! Evidence: the first thing that differs from what the scheme answers, with secrets left out.

use super::bench::Made;
use super::model::{Evidence, Observation};
use super::search::{Hit, Search};
use crate::bytes::Bytes;
use crate::case::{Judgement, Reply, Signed};
use crate::scheme::Scratch;
use crate::subject::{MASK, masked};

/// Returns what the explanation does on the first observation that differs.
pub(super) fn of(search: &Search<'_, '_>, found: &Hit<'_>) -> Evidence {
    let observation = search.observed[0].observation;
    let base = search.bench.made(&search.bench.base);
    match search.bench.make(&found.parts) {
        Some(made) => between(search, base, &made, observation),
        None => Evidence::Request,
    }
}

/// Returns what the scheme derives on the first observation: the last stage that can be shown before the
/// value that is compared.
pub(super) fn expected(search: &Search<'_, '_>) -> Option<Evidence> {
    let bench = search.bench;
    let case = &search.observed.first()?.observation.case;
    let base = bench.made(&bench.base);
    let mut scratch = Scratch::default();
    let mut signed = |case: &_| match bench.reply(base, case, &mut scratch) {
        Reply::Signed(signed) => Some(signed),
        _ => None,
    };
    let (real, masked) = (signed(case)?, signed(&masked(&bench.entry.scheme, case))?);
    let first = bench.shown.iter().filter_map(|name| real.stages.get_index_of(name)).min()?;
    let before = real.stages.keys().take(first).rev();
    let stage = before.into_iter().find(|stage| can_be_shown(stage, &real, &masked))?;
    Some(Evidence::Stage { stage: stage.clone(), expected: masked.stages[stage].clone(), found: None })
}

/// Returns whether a stage that was derived without secrets says what the stage with them does.
fn can_be_shown(stage: &str, real: &Signed, masked: &Signed) -> bool {
    let marked = |value: &Bytes| value.0.windows(MASK.len()).any(|window| window == MASK.as_bytes());
    masked.stages.get(stage).is_some_and(|value| marked(value) || real.stages.get(stage) == Some(value))
}

fn between(search: &Search<'_, '_>, base: &Made, other: &Made, observation: &Observation) -> Evidence {
    let bench = search.bench;
    let mut scratch = Scratch::default();
    let mut reply = |made, case| bench.reply(made, case, &mut scratch);
    let case = &observation.case;
    match (reply(base, case), reply(other, case)) {
        (Reply::Signed(expected), Reply::Signed(found)) => {
            let Some(stage) = first_difference(&expected, &found) else { return Evidence::Request };
            // What is sent or compared anyway is shown as it is, if it is a hash; all else without secrets.
            let hashed = !bench.secrecy(base, case).stage(&stage) && !bench.secrecy(other, case).stage(&stage);
            if hashed && bench.shown.contains(&stage) {
                return stage_evidence(stage, &expected, &found);
            }
            let case = masked(&bench.entry.scheme, case);
            match (reply(base, &case), reply(other, &case)) {
                (Reply::Signed(own), Reply::Signed(others))
                    if can_be_shown(&stage, &expected, &own) && own.stages.get(&stage) != others.stages.get(&stage) =>
                {
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

fn stage_evidence(stage: String, expected: &Signed, found: &Signed) -> Evidence {
    Evidence::Stage {
        expected: expected.stages.get(&stage).cloned().unwrap_or_default(),
        found: found.stages.get(&stage).cloned(),
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
