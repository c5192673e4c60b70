//! Mistakes about keys and credentials.

use super::operator::{Mutation, Operator, one, operator, with};
use crate::mutation::site::{Block, Site, sites};
use crate::scheme::{Characters, EditKind};
use serde_json::json;

fn credential<'a>(site: &Site<'a>) -> Option<&'a str> {
    site.source().filter(|_| matches!(site.block, Block::Derive | Block::Place))?.name_in("credential")
}

/// Another one of the same space in place of the name.
fn instead<'n>(site: &Site<'_>, space: &str, name: &str, others: impl Iterator<Item = &'n str>) -> Vec<Mutation> {
    let other = |other: &str| with(site, EditKind::Replace(json!(format!("{space}.{other}"))), other);
    others.filter(|other| *other != name).map(other).collect()
}

fn others(site: &Site<'_>) -> Vec<Mutation> {
    credential(site).map_or_else(Vec::new, |name| instead(site, "credential", name, site.credentials()))
}

fn other_in_checks(site: &Site<'_>) -> Vec<Mutation> {
    let name = site.source().filter(|_| site.block == Block::Verify).and_then(|source| source.name_in("credential"));
    name.map_or_else(Vec::new, |name| instead(site, "credential", name, site.credentials()))
}

fn parameters(site: &Site<'_>) -> Vec<Mutation> {
    let name = site.source().and_then(|source| source.name_in("parameter"));
    let all = site.scheme.parameters.keys().map(String::as_str);
    name.map_or_else(Vec::new, |name| instead(site, "parameter", name, all))
}

/// Fields of the same part that the operations speak of elsewhere.
fn fields(site: &Site<'_>) -> Vec<Mutation> {
    let mine = site.source().filter(|_| site.block == Block::Derive);
    let Some((mine, (part, name))) = mine.and_then(|source| Some((source, source.field()?))) else { return Vec::new() };
    let mut others: Vec<String> = Vec::new();
    for operation in site.scheme.operations.values() {
        for other in sites(site.scheme, "", operation).iter().filter_map(Site::source) {
            if let Some((other_part, other_name)) = other.field()
                && (other_part, other.get("repeated")) == (part, mine.get("repeated"))
                && other_name != name
                && !others.iter().any(|known| known == other_name)
            {
                others.push(other_name.to_owned());
            }
        }
    }
    let instead = |other: &String| {
        let word = format!("{part}.{other}");
        let source = match mine.get("repeated").text() {
            "" | "refuse" => json!(word),
            repeated => json!({ "field": word, "repeated": repeated }),
        };
        with(site, EditKind::Replace(source), &word)
    };
    others.iter().map(instead).collect()
}

/// A mistake that shows only on secrets beyond letters and digits.
fn at_text_secret(site: &Site<'_>, step: serde_json::Value) -> Vec<Mutation> {
    if site.scheme.domain.secrets == Characters::Text { at_secret(site, step) } else { Vec::new() }
}

fn at_secret(site: &Site<'_>, step: serde_json::Value) -> Vec<Mutation> {
    if credential(site).is_some_and(|name| site.is_secret(name)) {
        one(site, EditKind::InsertAfter(step))
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
