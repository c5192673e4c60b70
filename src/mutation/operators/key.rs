//! Mistakes about keys and credentials.

use super::{Mutation, Operator, one, operator, with};
use crate::mutation::site::{Block, Node, Site};
use crate::scheme::{Change, PathDomain, Source};
use serde_json::json;

fn credential<'a>(site: &'a Site<'_>) -> Option<&'a str> {
    match &site.node {
        Node::Source(Source::Credential(name)) if matches!(site.block, Block::Derive | Block::Place) => Some(name),
        _ => None,
    }
}

fn others(site: &Site<'_>) -> Vec<Mutation> {
    let Some(name) = credential(site) else { return Vec::new() };
    let others = site.credentials().filter(|other| *other != name);
    others.map(|other| with(site, Change::Replace(json!(format!("credential.{other}"))), other)).collect()
}

fn other_in_checks(site: &Site<'_>) -> Vec<Mutation> {
    let Node::Source(Source::Credential(name)) = &site.node else { return Vec::new() };
    if site.block != Block::Verify {
        return Vec::new();
    }
    let others = site.credentials().filter(|other| *other != name);
    others.map(|other| with(site, Change::Replace(json!(format!("credential.{other}"))), other)).collect()
}

fn parameters(site: &Site<'_>) -> Vec<Mutation> {
    let Node::Source(Source::Parameter(name)) = &site.node else { return Vec::new() };
    let others = site.scheme.parameters.keys().filter(|other| *other != name);
    others.map(|other| with(site, Change::Replace(json!(format!("parameter.{other}"))), other)).collect()
}

fn fields(site: &Site<'_>) -> Vec<Mutation> {
    let Node::Source(Source::Field(field)) = &site.node else { return Vec::new() };
    let word = |source: &Source| serde_json::Value::from(source.clone());
    let mine = Source::Field(field.clone());
    // Fields of the same part that the operations speak of elsewhere.
    let mut others: Vec<Source> = Vec::new();
    for operation in site.scheme.operations.values() {
        for other in crate::mutation::site::sites(site.scheme, "", operation) {
            if let Node::Source(Source::Field(other)) = &other.node {
                let other = Source::Field(other.clone());
                let same_part =
                    matches!(&other, Source::Field(o) if o.part == field.part && o.repeated == field.repeated);
                if other != mine && same_part && !others.contains(&other) {
                    others.push(other);
                }
            }
        }
    }
    if site.block != Block::Derive {
        return Vec::new();
    }
    others
        .iter()
        .map(|other| with(site, Change::Replace(word(other)), word(other).as_str().unwrap_or_default()))
        .collect()
}

/// A mistake that shows only on secrets beyond letters and digits.
fn at_text_secret(site: &Site<'_>, step: serde_json::Value) -> Vec<Mutation> {
    if site.scheme.domain.secrets == PathDomain::Text { at_secret(site, step) } else { Vec::new() }
}

fn at_secret(site: &Site<'_>, step: serde_json::Value) -> Vec<Mutation> {
    if credential(site).is_some_and(|name| site.is_secret(name)) {
        one(site, Change::InsertAfter(step))
    } else {
        Vec::new()
    }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "wrong-credential",
        &["K02", "K03"],
        "uses another credential of the account",
        "use the credential that the document names",
        others,
    ),
    operator(
        "checks-wrong-credential",
        &["K02"],
        "compares with another credential of the account",
        "compare with the credential that the document names",
        other_in_checks,
    ),
    operator(
        "wrong-parameter",
        &["V24"],
        "uses another parameter",
        "use the parameter that the document names",
        parameters,
    ),
    operator(
        "wrong-field",
        &["V24"],
        "uses another field of the message",
        "use the field that the document names",
        fields,
    ),
    operator(
        "key-with-line-feed",
        &["V07"],
        "uses the key with a line feed at its end, as read from a file",
        "strip the line end when the key is read",
        |site| at_secret(site, json!({ "append": "\n" })),
    ),
    operator(
        "key-decoded",
        &["K03", "K04"],
        "Base64-decodes the key first",
        "use the key's characters as they are",
        |site| at_secret(site, json!("base64-decode")),
    ),
    operator(
        "key-decoded-leniently",
        &["K04"],
        "Base64-decodes the key first, skipping what does not belong",
        "use the key's characters as they are",
        |site| at_secret(site, json!({ "base64-decode": { "deviation": "any-base64" } })),
    ),
    operator(
        "key-hex-decoded",
        &["K04"],
        "decodes the key from hexadecimal first",
        "use the key's characters as they are",
        |site| at_secret(site, json!("hex-decode")),
    ),
    operator("key-trimmed", &["V07", "V06"], "trims white space around the key", "use the key as it is", |site| {
        at_text_secret(site, json!("trim"))
    }),
    operator("key-lower-case", &["C40"], "makes the key lower case", "use the key as it is", |site| {
        at_secret(site, json!("lower"))
    }),
    operator(
        "key-cut-to-64",
        &["V01"],
        "uses the first 64 bytes of the key only",
        "use the whole key; a longer one is hashed by HMAC itself",
        |site| at_secret(site, json!({ "truncate": 64 })),
    ),
    operator("key-encoded", &["C15"], "percent-encodes the key", "use the key as it is", |site| {
        at_text_secret(site, json!({ "percent-encode": "unreserved" }))
    }),
];
