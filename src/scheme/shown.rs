//! Which stages an observed value may be, and which stages may hold a secret in clear.

use super::{Action, CredentialKind, Operation, Pipeline, Place, Scheme, Source, Test};
use indexmap::IndexMap;
use std::collections::HashSet;

/// Stages that one observed value may be: those that a verifier compares, those that the signer puts
/// into the request, or the last.
pub(crate) fn shown(operation: &Operation) -> Vec<String> {
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
pub(crate) fn placed(operation: &Operation) -> impl Iterator<Item = (&'static str, &str, &Pipeline)> {
    fields(&operation.prepare).chain(fields(&operation.place))
}

fn fields(place: &Place) -> impl Iterator<Item = (&'static str, &str, &Pipeline)> {
    let parts = [("header", &place.header), ("query", &place.query), ("form", &place.form), ("json", &place.json)];
    let of = |(part, fields): (&'static str, _)| all(fields).map(move |(name, value)| (part, name, value));
    parts.into_iter().flat_map(of)
}

fn all(fields: &IndexMap<String, Pipeline>) -> impl Iterator<Item = (&str, &Pipeline)> {
    fields.iter().map(|(name, value)| (name.as_str(), value))
}

/// The sources that a pipeline starts from, parts included.
pub(crate) fn sources(pipeline: &Pipeline) -> Vec<&Source> {
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

/// Stages that may hold a secret in clear, or in a form from which it can be read: nothing has hashed
/// it.
pub(crate) fn clear(scheme: &Scheme, operation: &Operation) -> HashSet<String> {
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
        // What is in the message may be a secret itself: a token, a password, a wrong credential.
        Source::Received(_) | Source::Field(_) | Source::Headers | Source::Query | Source::Form => true,
        Source::Multipart | Source::Body | Source::Url | Source::Target | Source::RawQuery => true,
        _ => false,
    };
    let nested = parts(&pipeline.source).into_iter().any(|part| holds_secret(scheme, part, clear));
    let hashed = pipeline.steps.iter().any(|step| hashes(&step.0));
    (nested || secret(&pipeline.source)) && !hashed
}
