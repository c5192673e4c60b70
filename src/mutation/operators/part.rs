//! Mistakes about the parts of a string: which, in which order, with what between; and about
//! method, path, host, body and time.

use super::operator::{Mutation, Operator, delete, one, operator, with};
use crate::mutation::site::{Block, Site, Spot};
use crate::primitive::time::TimeFormat;
use crate::scheme::{Arg, EditKind, Source};
use serde_json::json;

pub(super) fn signs(site: &Site<'_>) -> bool {
    matches!(site.block, Block::Derive | Block::Place)
}

/// A part of a string, and not an alternative or a place to take fields from.
fn at_part(site: &Site<'_>, change: fn(usize, usize) -> Option<EditKind>) -> Vec<Mutation> {
    let above = site.path.names().len().checked_sub(2).and_then(|depth| site.path.word(depth)).unwrap_or_default();
    match site.spot {
        Spot::Part(i, count) if signs(site) && ["concat", "lines", "parts"].contains(&above) => {
            change(i, count).map_or_else(Vec::new, |change| one(site, change))
        }
        _ => Vec::new(),
    }
}

/// A source where signing uses one.
fn at_source(site: &Site<'_>, words: &[&str], change: EditKind) -> Vec<Mutation> {
    let is = |source: &Source| words.iter().any(|word| source.is(word));
    if signs(site) && site.source().is_some_and(is) { one(site, change) } else { Vec::new() }
}

const PATHS: &[&str] = &["raw_path", "path"];
const JOINED: &[&str] = &["lines", "concat", "join"];

/// Returns whether a part of a string can be empty: not so the parts of every request, and credentials.
fn may_be_empty(part: &Source) -> bool {
    const NEVER: &[&str] = &["method", "path", "raw_path", "target", "url", "host", "scheme", "time", "nonce"];
    let is_text = part.fixed().is_some_and(|text| !text.is_empty());
    !(is_text || part.name_in("credential").is_some() || NEVER.iter().any(|word| part.is(word)))
}

fn replace_path(site: &Site<'_>) -> Vec<Mutation> {
    if site.block != Block::Derive || at_source(site, PATHS, delete()).is_empty() {
        return Vec::new();
    }
    let other = |other: &&str| with(site, EditKind::Replace(json!(other)), other);
    let again = json!({ "concat": [["path", { "percent-encode": ["unreserved", "/"] }]] });
    let again = with(site, EditKind::Replace(again), "decoded and encoded again");
    ["path", "raw_path", "target", "url", "host"].iter().map(other).chain([again]).collect()
}

fn times(site: &Site<'_>) -> Vec<Mutation> {
    let Some(time) = site.source().filter(|source| source.is("time") && signs(site)) else { return Vec::new() };
    let forms = [
        "rfc3339-millis",
        "rfc3339-seconds",
        "http-date",
        "iso8601-basic",
        "date",
        "unix-seconds",
        "unix-millis",
        "%Y-%m-%dT%H:%M:%S+00:00",
    ];
    // A bare `time` is written in the first form that is received.
    let received = || site.operation.1.receive.get("time").and_then(|binding| binding.forms.first());
    let mine = match time.first() {
        Arg::Text(form) => Some(form.as_str()),
        _ => received().map(TimeFormat::text),
    };
    let other = |form: &str| {
        let mut changed = time.clone();
        changed.args[0] = Arg::Text(form.to_owned());
        with(site, EditKind::Replace(changed.printed()), form)
    };
    forms.into_iter().filter(|form| mine != Some(*form)).map(other).collect()
}

/// The time of signing, where a later one is written.
fn not_later(site: &Site<'_>) -> Vec<Mutation> {
    let Some(time) = site.source().filter(|source| source.is("time") && *source.get("plus") != Arg::Absent) else {
        return Vec::new();
    };
    let mut changed = time.clone();
    changed.args[1] = Arg::Absent;
    one(site, EditKind::Replace(changed.printed()))
}

/// Removes every other alternative of the fields that are signed.
fn merged(site: &Site<'_>) -> Vec<Mutation> {
    let merge = site.source().filter(|source| source.is("merge"));
    let Some((_, parts)) = merge.and_then(Source::parts) else { return Vec::new() };
    let alone = |i: usize| with(site, EditKind::Replace(parts[i].source.printed()), &format!("only part {}", i + 1));
    let without = |i: usize| {
        let others: Vec<_> = parts.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, part)| json!(part)).collect();
        with(site, EditKind::Replace(json!({ "merge": others })), &format!("without part {}", i + 1))
    };
    let plain = (0..parts.len()).filter(|&i| parts[i].steps.is_empty()).map(alone);
    plain.chain((0..parts.len()).filter(|_| parts.len() > 2).map(without)).collect()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "expires-when-signed",
        &["V10", "C72"],
        "writes the time of signing for the one at which the message expires",
        "add the length of time for which the message is valid",
        not_later,
    ),
    operator(
        "part-left-out",
        &["C59", "C69", "K01", "K02", "K03"],
        "leaves out a part of the string",
        "join every part that the document names",
        |site| at_part(site, |_, count| (count > 1).then(delete)),
    ),
    operator(
        "parts-swapped",
        &["C77"],
        "joins two parts in the wrong order",
        "keep the order of the document",
        |site| at_part(site, |i, count| (i + 1 < count).then_some(EditKind::SwapWithNext)),
    ),
    operator(
        "line-feed-at-the-end",
        &["C77"],
        "ends the string with a line feed",
        "end the string after its last part",
        |site| at_source(site, JOINED, EditKind::InsertAfter(json!({ "append": "\n" }))),
    ),
    operator(
        "line-feed-at-the-start",
        &["C92"],
        "starts the string with a line feed",
        "start the string with its first part",
        |site| at_source(site, &["lines"], EditKind::InsertAfter(json!({ "prepend": "\n" }))),
    ),
    operator(
        "empty-lines-dropped",
        &["C92"],
        "leaves out lines that are empty",
        "write an empty line for a part that is empty",
        |site| match site.source().filter(|source| source.is("lines")).and_then(Source::parts) {
            Some((_, parts)) if parts.iter().any(|part| may_be_empty(&part.source)) => {
                at_source(site, &["lines"], EditKind::InsertAfter(json!("drop-empty-lines")))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "whole-string-encoded",
        &["C14", "C92"],
        "percent-encodes the whole string",
        "sign the string as it is",
        |site| at_source(site, JOINED, EditKind::InsertAfter(json!({ "percent-encode": "unreserved" }))),
    ),
    operator(
        "method-lower-case",
        &["C58"],
        "signs the method in lower case",
        "sign the method as it is sent",
        |site| at_source(site, &["method"], EditKind::InsertAfter(json!("lower"))),
    ),
    operator(
        "method-upper-case",
        &["C58"],
        "signs the method in upper case",
        "sign the method as it is sent",
        |site| at_source(site, &["method"], EditKind::InsertAfter(json!("upper"))),
    ),
    operator("path-upper-case", &["C58"], "signs the path in upper case", "sign the path as it is", |site| {
        at_source(site, PATHS, EditKind::InsertAfter(json!("upper")))
    }),
    operator(
        "case-left-as-it-is",
        &["C58", "C64"],
        "leaves letters in the case in which they stand",
        "write capitals or small letters where the document says so",
        |site| match ["lower", "upper"].iter().any(|word| site.step(word).is_some()) {
            true if site.block == Block::Derive => one(site, delete()),
            _ => Vec::new(),
        },
    ),
    operator(
        "encoded-path-lower-case",
        &["C58", "C08"],
        "makes the path lower case after it is encoded",
        "do not change the case of the encoded path",
        |site| match site.step("percent-encode") {
            Some(_) => one(site, EditKind::InsertAfter(json!("lower"))),
            None => Vec::new(),
        },
    ),
    operator(
        "path-normalised",
        &["C50", "C53", "C54"],
        "removes dot segments and double slashes from the path",
        "sign the path as it is sent",
        |site| at_source(site, PATHS, EditKind::InsertAfter(json!("normalize-path"))),
    ),
    operator(
        "path-not-normalised",
        &["C51", "C52"],
        "does not remove dot segments and double slashes",
        "normalise the path",
        |site| match site.step("normalize-path") {
            Some(_) => one(site, delete()),
            None => Vec::new(),
        },
    ),
    operator(
        "slashes-halved",
        &["C53", "C54"],
        "replaces two slashes by one, once, and leaves dot segments and what is left of three slashes",
        "normalise the path until nothing is left to normalise",
        |site| match site.step("normalize-path") {
            Some(_) => one(site, EditKind::Replace(json!({ "replace": { "//": "/" } }))),
            None => Vec::new(),
        },
    ),
    operator(
        "slash-at-the-end",
        &["C54", "C55"],
        "adds a slash at the end of the path",
        "sign the path as it is sent",
        |site| at_source(site, PATHS, EditKind::InsertAfter(json!({ "append": "/" }))),
    ),
    operator(
        "leading-slash-stripped",
        &["C55"],
        "signs the path without its first slash",
        "keep the slash at the start",
        |site| at_source(site, PATHS, EditKind::InsertAfter(json!({ "strip-prefix": "/" }))),
    ),
    operator(
        "other-path",
        &["C32", "C59", "V32"],
        "signs another form of the address",
        "sign the path as the document has it",
        replace_path,
    ),
    operator(
        "body-trimmed",
        &["C66"],
        "trims the body before it hashes it",
        "hash the bytes of the body as they are",
        |site| at_source(site, &["body"], EditKind::InsertAfter(json!("trim"))),
    ),
    operator(
        "empty-value-counts",
        &["C69"],
        "takes an empty value as one that is there",
        "treat what is empty as the document treats what is not there",
        |site| match site
            .source()
            .filter(|source| source.is("unless-empty"))
            .and_then(|source| source.first().pipeline())
        {
            Some(value) => one(site, EditKind::Replace(json!({ "concat": [value] }))),
            None => Vec::new(),
        },
    ),
    operator(
        "cut-at-the-last",
        &["C85"],
        "cuts a value at the last separator",
        "cut it at the first separator",
        |site| {
            let last = |word: &str, last: &str| Some(json!({ last: site.step(word)?.first().text() }));
            let step = last("before", "before-last").or_else(|| last("after", "after-last"));
            step.map_or_else(Vec::new, |step| one(site, EditKind::Replace(step)))
        },
    ),
    operator(
        "not-cut",
        &["C85"],
        "takes a value whole where a part of it is meant",
        "cut it where the document says",
        |site| match ["before", "after"].iter().any(|word| site.step(word).is_some()) {
            true => one(site, delete()),
            false => Vec::new(),
        },
    ),
    operator(
        "length-in-characters",
        &["C86"],
        "counts characters where bytes are counted",
        "count the bytes of the UTF-8 text",
        |site| match site.step("length") {
            Some(_) => one(site, EditKind::Replace(json!("length-in-characters"))),
            None => Vec::new(),
        },
    ),
    operator("body-ignored", &["C70", "C69"], "hashes an empty body", "hash the bytes of the body", |site| {
        at_source(site, &["body"], EditKind::Replace(json!({ "text": "" })))
    }),
    operator(
        "other-time-form",
        &["C72", "V10"],
        "writes the time in another form",
        "write the time as the document has it",
        times,
    ),
    operator(
        "some-fields-ignored",
        &["C71", "C37"],
        "signs the fields of some places only",
        "sign the fields of query and body",
        merged,
    ),
];
