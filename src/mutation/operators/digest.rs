//! Mistakes of hashing and of writing the result.

use super::operator::{Mutation, Operator, at_path, delete, deviate, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot};
use crate::primitive::digest::Algorithm;
use crate::scheme::{Edit, EditKind, Named, Pipeline, Step};
use serde_json::json;

/// The hash function of a step that derives with one, and the step.
fn hash<'a>(site: &Site<'a>) -> Option<(Algorithm, &'a Step)> {
    let Spot::Step(step) = site.spot else { return None };
    let word = if step.is("hmac") { step.get("with").text() } else { step.word() };
    let with = Algorithm::ALL.into_iter().find(|with| with.name() == word)?;
    (site.block == Block::Derive).then_some((with, step))
}

/// A digest.
fn digest(site: &Site<'_>) -> Option<Algorithm> {
    hash(site).filter(|(_, step)| !step.is("hmac")).map(|(with, _)| with)
}

/// An authentication code.
fn mac<'a>(site: &Site<'a>) -> Option<(Algorithm, &'a Step)> {
    hash(site).filter(|(_, step)| step.is("hmac"))
}

fn other_digests(site: &Site<'_>) -> Vec<Mutation> {
    let Some((mine, step)) = hash(site) else { return Vec::new() };
    let change = |other: Algorithm| match step.is("hmac") {
        true => set(json!({ "with": other.name() })),
        false => EditKind::Replace(json!(other.name())),
    };
    let others = Algorithm::ALL.into_iter().filter(|other| *other != mine);
    others.map(|other| with(site, change(other), other.name())).collect()
}

/// A plain hash over key and message in place of HMAC.
fn plain_hash(site: &Site<'_>) -> Vec<Mutation> {
    mac(site).map_or_else(Vec::new, |(with, _)| one(site, EditKind::Replace(json!(with.name()))))
}

fn key_and_message_swapped(site: &Site<'_>) -> Vec<Mutation> {
    let Some((with, step)) = mac(site) else { return Vec::new() };
    let swapped = match (step.get("key").pipeline(), step.get("message").pipeline()) {
        (Some(key), None) => json!({ "hmac": { "with": with.name(), "message": key } }),
        (None, Some(message)) => json!({ "hmac": { "with": with.name(), "key": message } }),
        _ => return Vec::new(),
    };
    one(site, EditKind::Replace(swapped))
}

/// A MAC in place of a hash of secret and message.
fn hmac_for_hash(site: &Site<'_>) -> Vec<Mutation> {
    let Some(digest) = digest(site) else { return Vec::new() };
    let keyed = |name: &str| {
        let hmac = json!({ "hmac": { "with": digest.name(), "key": format!("credential.{name}") } });
        with(site, EditKind::Replace(hmac), name)
    };
    site.credentials().filter(|name| site.is_secret(name)).map(keyed).collect()
}

fn hashed_twice(site: &Site<'_>) -> Vec<Mutation> {
    hash(site).map_or_else(Vec::new, |(with, _)| one(site, EditKind::InsertAfter(json!(with.name()))))
}

/// A hash of the hexadecimal digits of the hash.
fn digits_hashed(site: &Site<'_>) -> Vec<Mutation> {
    let Some(with) = digest(site) else { return Vec::new() };
    let after = |step: &str| Edit { at: site.path.clone(), change: EditKind::InsertAfter(json!(step)) };
    // The last is made first, so the digits stand between.
    vec![Mutation { at: site.path.clone(), edits: vec![after("hex"), after(with.name())], detail: String::new() }]
}

/// The hexadecimal digits of an HMAC as the key of the next one, where there is a chain.
fn digits_as_key(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Step(step) = site.spot else { return Vec::new() };
    if !step.is("hmac") || site.block != Block::Derive {
        return Vec::new();
    }
    let (_, operation) = site.operation;
    // A key that is a stage, or a pipeline, which ends in a hash.
    let ends_in_hash = |pipeline: &Pipeline| {
        let stage = pipeline.source.name_in("stage").and_then(|stage| operation.derive.get(stage));
        let steps =
            if pipeline.steps.is_empty() { stage.map_or(&[][..], |stage| &stage.steps) } else { &pipeline.steps };
        steps.last().is_some_and(|last| last.item.does.hides())
    };
    match step.get("key").pipeline().filter(|key| ends_in_hash(key)) {
        Some(key) => one(site, set(json!({ "key": [{ "concat": [key] }, "hex"] }))),
        None => Vec::new(),
    }
}

/// The same, where the flow is the key of the next step.
fn digits_flow_on(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    if site.block != Block::Derive {
        return Vec::new();
    }
    let is_hmac = |step: &Step| step.is("hmac");
    let takes_key = |step: &Step| is_hmac(step) && step.get("message").pipeline().is_some();
    let steps = &pipeline.steps;
    let chained = (1..steps.len()).filter(|&i| takes_key(&steps[i]) && is_hmac(&steps[i - 1]));
    let before = |i: usize| {
        let number = steps[..i].iter().filter(|step| is_hmac(step)).count();
        at_path(site.path.then(Named::Nth("hmac".into(), number)), EditKind::InsertBefore(json!("hex")), "")
    };
    chained.map(before).collect()
}

/// Base64 with line feeds, where it can be longer than a line.
fn in_lines(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    let Some(at) = pipeline.steps.iter().position(|step| step.is("base64")).filter(|_| site.block == Block::Derive)
    else {
        return Vec::new();
    };
    let hashed = pipeline.steps[..at].last().filter(|step| step.item.does.hides());
    let size = hashed.map(|step| if step.is("hmac") { step.get("with").text() } else { step.word() });
    let size = size.and_then(|word| Algorithm::ALL.into_iter().find(|with| with.name() == word)).map(Algorithm::size);
    let is_longer = |after: &usize| size.is_none_or(|size| size.div_ceil(3) * 4 > *after);
    let path = || site.path.then(Named::Nth("base64".into(), 0));
    let lines =
        |after: usize| at_path(path(), EditKind::InsertAfter(json!({ "break-lines": after })), &after.to_string());
    [60, 64, 76].into_iter().filter(is_longer).map(lines).collect()
}

fn at(site: &Site<'_>, words: &[&str], change: EditKind) -> Vec<Mutation> {
    let is = words.iter().any(|word| site.step(word).is_some());
    if site.block == Block::Derive && is { one(site, change) } else { Vec::new() }
}

fn at_hex(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    at(site, &["hex"], change)
}

fn at_base64(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    at(site, &["base64"], change)
}

/// The result cut to fewer bytes than it has.
fn cut(site: &Site<'_>, bytes: usize) -> Vec<Mutation> {
    match hash(site) {
        Some((with, _)) if bytes < with.size() => one(site, EditKind::InsertAfter(json!({ "truncate": bytes }))),
        _ => Vec::new(),
    }
}

fn decode_leniently(site: &Site<'_>) -> Vec<Mutation> {
    site.step("base64-decode").map_or_else(Vec::new, |_| one(site, deviate("any-base64")))
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
    operator(
        "hmac-with-empty-key",
        &["C75", "D02"],
        "uses HMAC with an empty key where a plain hash is due",
        "hash without a key",
        |site| match digest(site) {
            Some(with) => {
                let hmac = json!({ "hmac": { "with": with.name(), "key": { "text": "" } } });
                one(site, EditKind::Replace(hmac))
            }
            None => Vec::new(),
        },
    ),
    operator("digits-hashed", &["C75"], "hashes the hexadecimal digits of the hash again", "hash once", digits_hashed),
    operator(
        "digits-as-key",
        &["K07"],
        "takes the hexadecimal digits of a hash for a key where its bytes are the key",
        "use the bytes of the hash as the key",
        digits_as_key,
    ),
    operator(
        "digits-as-next-key",
        &["K07"],
        "takes the hexadecimal digits of an HMAC for the key of the next one",
        "use the bytes of each HMAC as the key of the next",
        digits_flow_on,
    ),
    operator(
        "base64-in-lines",
        &["C91"],
        "puts a line feed into Base64 after so many characters, and at its end",
        "write Base64 without line feeds",
        in_lines,
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
        |site| at_hex(site, EditKind::Replace(json!("base64"))),
    ),
    operator(
        "hex-for-base64",
        &["C75"],
        "writes the result in hexadecimal digits",
        "write the result in Base64",
        |site| at_base64(site, EditKind::Replace(json!("hex"))),
    ),
    operator(
        "base64-of-hex",
        &["C75"],
        "writes the hexadecimal digits of the result in Base64",
        "encode the bytes of the result",
        |site| at_base64(site, EditKind::InsertBefore(json!("hex"))),
    ),
    operator(
        "base64-after-hex",
        &["C75"],
        "writes the hexadecimal digits in Base64",
        "write the digits as they are",
        |site| at_hex(site, EditKind::InsertAfter(json!("base64"))),
    ),
    operator("output-not-encoded", &["C75"], "leaves the result as it is, not encoded", "encode the result", |site| {
        at(site, &["hex", "base64"], delete())
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
        |site| at_base64(site, EditKind::InsertAfter(json!({ "append": "\n" }))),
    ),
    operator("base64-escaped", &["C14"], "percent-encodes the Base64 of the result", "send Base64 as it is", |site| {
        at_base64(site, EditKind::InsertAfter(json!({ "percent-encode": "unreserved" })))
    }),
    operator(
        "leading-zeros-dropped",
        &["C74"],
        "drops the zeros at the start of the result, as a number would",
        "write all digits",
        |site| at_hex(site, EditKind::InsertAfter(json!("drop-leading-zeros"))),
    ),
    operator(
        "digit-zeros-dropped",
        &["C74"],
        "writes a byte below 16 with one digit",
        "write two digits a byte",
        |site| at_hex(site, EditKind::InsertAfter(json!("drop-digit-zeros"))),
    ),
    operator(
        "lenient-base64",
        &["V18"],
        "decodes Base64 of either alphabet, with or without padding, skipping the rest",
        "refuse what is not canonical Base64",
        decode_leniently,
    ),
    operator(
        "result-as-bytes-literal",
        &["C95"],
        "writes the result as b'…', the text of Python's bytes",
        "decode the bytes to text before they are joined with text",
        |site| at(site, &["hex", "base64"], EditKind::InsertAfter(json!("bytes-repr"))),
    ),
];
