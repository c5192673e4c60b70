//! Mistakes of hashing and of writing the result.

use super::{Mutation, Operator, delete, deviate, one, operator, set, with};
use crate::mutation::site::{Block, Node, Site};
use crate::primitive::digest::Algorithm;
use crate::scheme::{Action, Change};
use serde_json::json;

fn action<'a>(site: &'a Site<'_>) -> Option<&'a Action> {
    match &site.node {
        Node::Step(step) if site.block == Block::Derive => Some(&step.0),
        _ => None,
    }
}

fn other_digests(site: &Site<'_>) -> Vec<Mutation> {
    let others = |mine: Algorithm| Algorithm::ALL.into_iter().filter(move |other| *other != mine);
    match action(site) {
        Some(Action::Digest(digest)) => {
            others(digest.with).map(|other| with(site, Change::Replace(json!(other.name())), other.name())).collect()
        }
        Some(Action::Hmac(hmac)) => {
            others(hmac.with).map(|other| with(site, set(json!({ "with": other.name() })), other.name())).collect()
        }
        _ => Vec::new(),
    }
}

/// A plain hash over key and message in place of HMAC.
fn plain_hash(site: &Site<'_>) -> Vec<Mutation> {
    match action(site) {
        Some(Action::Hmac(hmac)) => one(site, Change::Replace(json!(hmac.with.name()))),
        _ => Vec::new(),
    }
}

fn key_and_message_swapped(site: &Site<'_>) -> Vec<Mutation> {
    match action(site) {
        Some(Action::Hmac(hmac)) => match (&hmac.key, &hmac.message) {
            (Some(key), None) => one(site, Change::Replace(json!({ "hmac": { "with": hmac.with, "message": key } }))),
            (None, Some(message)) => {
                one(site, Change::Replace(json!({ "hmac": { "with": hmac.with, "key": message } })))
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// A MAC in place of a hash of secret and message.
fn hmac_for_hash(site: &Site<'_>) -> Vec<Mutation> {
    let secrets: Vec<&str> = site.credentials().filter(|name| site.is_secret(name)).collect();
    match action(site) {
        Some(Action::Digest(digest)) => {
            let keyed = |name: &&str| {
                let hmac = json!({ "hmac": { "with": digest.with, "key": format!("credential.{name}") } });
                with(site, Change::Replace(hmac), name)
            };
            secrets.iter().map(keyed).collect()
        }
        _ => Vec::new(),
    }
}

fn hashed_twice(site: &Site<'_>) -> Vec<Mutation> {
    match action(site) {
        Some(Action::Digest(digest)) => one(site, Change::InsertAfter(json!(digest.with.name()))),
        Some(Action::Hmac(hmac)) => one(site, Change::InsertAfter(json!(hmac.with.name()))),
        _ => Vec::new(),
    }
}

fn at_hex(site: &Site<'_>, change: Change) -> Vec<Mutation> {
    if matches!(action(site), Some(Action::Hex(_))) { one(site, change) } else { Vec::new() }
}

fn at_base64(site: &Site<'_>, change: Change) -> Vec<Mutation> {
    if matches!(action(site), Some(Action::Base64(_))) { one(site, change) } else { Vec::new() }
}

fn at_output(site: &Site<'_>, change: Change) -> Vec<Mutation> {
    if matches!(action(site), Some(Action::Hex(_) | Action::Base64(_))) { one(site, change) } else { Vec::new() }
}

/// The result cut to fewer bytes than it has.
fn cut(site: &Site<'_>, bytes: usize) -> Vec<Mutation> {
    let algorithm = match action(site) {
        Some(Action::Digest(digest)) => digest.with,
        Some(Action::Hmac(hmac)) => hmac.with,
        _ => return Vec::new(),
    };
    if bytes < algorithm.size() { one(site, Change::InsertAfter(json!({ "truncate": bytes }))) } else { Vec::new() }
}

fn decode_leniently(site: &Site<'_>) -> Vec<Mutation> {
    match &site.node {
        Node::Step(step) if matches!(step.0, Action::Base64Decode(_)) => one(site, deviate("any-base64")),
        _ => Vec::new(),
    }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "other-digest",
        &["C75", "V17"],
        "uses another hash function",
        "use the hash function that the document names",
        other_digests,
    ),
    operator(
        "hash-for-hmac",
        &["D02"],
        "hashes without the key where an HMAC is due",
        "use HMAC with the secret as its key",
        plain_hash,
    ),
    operator(
        "hmac-for-hash",
        &["D02"],
        "uses HMAC where a plain hash is due",
        "hash secret and message joined",
        hmac_for_hash,
    ),
    operator(
        "key-and-message-swapped",
        &["K03"],
        "passes key and message of HMAC in the wrong order",
        "the secret is the key",
        key_and_message_swapped,
    ),
    operator("hashed-twice", &["C75"], "hashes the result again", "hash once", hashed_twice),
    operator("cut-to-16-bytes", &["V01"], "keeps the first 16 bytes of the result", "keep the whole result", |site| {
        cut(site, 16)
    }),
    operator("cut-to-8-bytes", &["V01"], "keeps the first 8 bytes of the result", "keep the whole result", |site| {
        cut(site, 8)
    }),
    operator(
        "upper-case-digits",
        &["V19"],
        "writes the result in upper-case digits",
        "write hexadecimal digits in lower case",
        |site| at_hex(site, set(json!({ "case": "upper" }))),
    ),
    operator(
        "base64-for-hex",
        &["C75"],
        "writes the result in Base64",
        "write the result in hexadecimal digits",
        |site| at_hex(site, Change::Replace(json!("base64"))),
    ),
    operator(
        "hex-for-base64",
        &["C75"],
        "writes the result in hexadecimal digits",
        "write the result in Base64",
        |site| at_base64(site, Change::Replace(json!("hex"))),
    ),
    operator(
        "base64-of-hex",
        &["C75"],
        "writes the hexadecimal digits of the result in Base64",
        "encode the bytes of the result",
        |site| at_base64(site, Change::InsertBefore(json!("hex"))),
    ),
    operator(
        "base64-after-hex",
        &["C75"],
        "writes the hexadecimal digits in Base64",
        "write the digits as they are",
        |site| at_hex(site, Change::InsertAfter(json!("base64"))),
    ),
    operator("output-not-encoded", &["C75"], "leaves the result as it is, not encoded", "encode the result", |site| {
        at_output(site, delete())
    }),
    operator("url-safe-base64", &["K04"], "writes Base64 with - and _", "use the alphabet with + and /", |site| {
        at_base64(site, set(json!({ "alphabet": "url" })))
    }),
    operator("base64-unpadded", &["K04", "V18"], "leaves out the padding of Base64", "pad Base64 with =", |site| {
        at_base64(site, set(json!({ "padding": false })))
    }),
    operator(
        "base64-line-feed",
        &["V18"],
        "ends Base64 with a line feed, as some encoders do",
        "strip the line feed",
        |site| at_base64(site, Change::InsertAfter(json!({ "append": "\n" }))),
    ),
    operator("base64-escaped", &["C14"], "percent-encodes the Base64 of the result", "send Base64 as it is", |site| {
        at_base64(site, Change::InsertAfter(json!({ "percent-encode": "unreserved" })))
    }),
    operator(
        "leading-zeros-dropped",
        &["C74"],
        "drops the zeros at the start of the result, as a number would",
        "write all digits",
        |site| at_hex(site, Change::InsertAfter(json!("drop-leading-zeros"))),
    ),
    operator(
        "digit-zeros-dropped",
        &["C74"],
        "writes a byte below 16 with one digit",
        "write two digits a byte",
        |site| at_hex(site, Change::InsertAfter(json!("drop-digit-zeros"))),
    ),
    operator(
        "lenient-base64",
        &["V18"],
        "decodes Base64 of either alphabet, with or without padding, skipping the rest",
        "refuse what is not canonical Base64",
        decode_leniently,
    ),
];
