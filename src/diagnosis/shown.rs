//! Which stages an observed value may be, and which stages hold a secret in clear.

use crate::scheme::{Action, CredentialKind, Operation, Pipeline, Place, Scheme, Source, Test};
use std::collections::HashSet;

/// Stages that one observed value may be: those that a verifier compares, those that the signer puts
/// into the request, or the last.
pub(super) fn shown(operation: &Operation) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut add = |source: &Source| {
        if let Source::Stage(name) = source
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    };
    for check in &operation.verify {
        match &check.test {
            Test::Equal { left, right, .. } => [left, right].into_iter().for_each(|side| add(&side.source)),
            Test::AnyEqual { value, .. } => add(&value.source),
            _ => {}
        }
    }
    placed(operation).for_each(|(_, _, pipeline)| sources(pipeline).into_iter().for_each(&mut add));
    if names.is_empty() {
        names.extend(operation.derive.keys().last().cloned());
    }
    names
}

/// Every field that the signer adds: the part of the message, its name, and its value.
pub(super) fn placed(operation: &Operation) -> impl Iterator<Item = (&'static str, &str, &Pipeline)> {
    let fields = |place: &'_ Place| {
        let parts = [("header", &place.header), ("query", &place.query), ("form", &place.form), ("json", &place.json)];
        let all = parts.map(|(part, fields)| fields.iter().map(move |(name, value)| (part, name.as_str(), value)));
        all.into_iter().flatten().collect::<Vec<_>>()
    };
    fields(&operation.prepare).into_iter().chain(fields(&operation.place))
}

/// The sources that a pipeline starts from, parts included.
fn sources(pipeline: &Pipeline) -> Vec<&Source> {
    let parts = parts(&pipeline.source);
    if parts.is_empty() { vec![&pipeline.source] } else { parts.into_iter().flat_map(sources).collect() }
}

fn parts(source: &Source) -> Vec<&Pipeline> {
    match source {
        Source::Concat(parts)
        | Source::Lines(parts)
        | Source::Join { parts, .. }
        | Source::FirstOf(parts)
        | Source::Merge(parts) => parts.iter().collect(),
        Source::Optional(part) => vec![part],
        Source::Pairs(pairs) => pairs.values().collect(),
        _ => Vec::new(),
    }
}

/// Stages that hold a secret in clear, or in a form from which it can be read: nothing has hashed it.
pub(super) fn clear(scheme: &Scheme, operation: &Operation) -> HashSet<String> {
    let mut clear = HashSet::new();
    for (name, pipeline) in &operation.derive {
        if holds_secret(scheme, pipeline, &clear) {
            clear.insert(name.clone());
        }
    }
    clear
}

fn holds_secret(scheme: &Scheme, pipeline: &Pipeline, clear: &HashSet<String>) -> bool {
    let hashes = |action: &Action| matches!(action, Action::Digest(_) | Action::Hmac(_));
    let secret = |source: &Source| match source {
        Source::Credential(name) => scheme.account.get(name) != Some(&CredentialKind::Public),
        Source::Stage(name) => clear.contains(name),
        // What arrives may be a secret itself: a token, a password.
        Source::Received(_) => true,
        _ => false,
    };
    let nested = parts(&pipeline.source).into_iter().any(|part| holds_secret(scheme, part, clear));
    let hashed = pipeline.steps.iter().any(|step| hashes(&step.0));
    (nested || secret(&pipeline.source)) && !hashed
}
