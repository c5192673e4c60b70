//! Mistakes about the parts of a string: which, in which order, with what between; and about
//! method, path, host, body and time.

use super::{Mutation, Operator, delete, one, operator, set, with};
use crate::mutation::site::{Block, Node, Site};
use crate::primitive::time::TimeFormat;
use crate::scheme::{Action, Change, Source};
use serde_json::{Value, json};

fn signs(site: &Site<'_>) -> bool {
    matches!(site.block, Block::Derive | Block::Place)
}

fn at_part(site: &Site<'_>, change: fn(usize, usize) -> Option<Change>) -> Vec<Mutation> {
    match site.node {
        Node::Part(i, count) if site.block == Block::Derive => {
            change(i, count).map_or_else(Vec::new, |change| one(site, change))
        }
        _ => Vec::new(),
    }
}

/// A part of a string, and not an alternative or a place to take fields from.
fn is_joined_part(site: &Site<'_>) -> bool {
    let parent = site.path.rsplit('.').nth(1).unwrap_or_default();
    ["concat", "lines", "parts"].contains(&parent)
}

/// Replaces how parts are joined.
fn rejoin(site: &Site<'_>, from: &[&str], with_text: &str) -> Vec<Mutation> {
    let Node::Source(source) = &site.node else { return Vec::new() };
    let (kind, parts) = match source {
        Source::Lines(parts) => ("lines", parts),
        Source::Concat(parts) if parts.len() > 1 => ("concat", parts),
        _ => return Vec::new(),
    };
    if site.block != Block::Derive || !from.contains(&kind) {
        return Vec::new();
    }
    one(site, Change::Replace(json!({ "join": { "with": with_text, "parts": parts } })))
}

/// The last step of a pipeline that ends in a joined string.
fn at_source(site: &Site<'_>, is: fn(&Source) -> bool, change: Change) -> Vec<Mutation> {
    match &site.node {
        Node::Source(source) if signs(site) && is(source) => one(site, change),
        _ => Vec::new(),
    }
}

fn is_path(source: &Source) -> bool {
    matches!(source, Source::RawPath | Source::Path)
}

fn is_joined(source: &Source) -> bool {
    matches!(source, Source::Lines(_) | Source::Concat(_))
}

fn other_sources(site: &Site<'_>, others: &[&str]) -> Vec<Mutation> {
    others.iter().map(|other| with(site, Change::Replace(json!(other)), other)).collect()
}

fn replace_path(site: &Site<'_>) -> Vec<Mutation> {
    match &site.node {
        Node::Source(source) if site.block == Block::Derive && is_path(source) => {
            other_sources(site, &["path", "raw_path", "target", "url", "host"])
        }
        _ => Vec::new(),
    }
}

fn times(site: &Site<'_>) -> Vec<Mutation> {
    let Node::Source(Source::Time(form)) = &site.node else { return Vec::new() };
    let all = [
        TimeFormat::Rfc3339Millis,
        TimeFormat::Rfc3339Seconds,
        TimeFormat::HttpDate,
        TimeFormat::Iso8601Basic,
        TimeFormat::Date,
        TimeFormat::UnixSeconds,
        TimeFormat::UnixMillis,
    ];
    let other = |other: &TimeFormat| {
        with(site, Change::Replace(json!({ "time": other })), json!(other).as_str().unwrap_or_default())
    };
    if !signs(site) {
        return Vec::new();
    }
    // A bare `time` is written in the first form that is received.
    let received = site.operation.1.receive.get("time").and_then(|binding| binding.forms.first().copied());
    let mine = form.or(received);
    all.iter().filter(|other| Some(**other) != mine).map(other).collect()
}

fn at_join_step(site: &Site<'_>, with_text: &str) -> Vec<Mutation> {
    match &site.node {
        Node::Step(step) if matches!(&step.0, Action::Join(join) if join.with.as_slice() != with_text.as_bytes()) => {
            one(site, set(json!({ "with": with_text })))
        }
        _ => Vec::new(),
    }
}

fn literal(site: &Site<'_>, change: impl Fn(&str) -> Option<String>) -> Vec<Mutation> {
    let Node::Source(Source::Literal(bytes)) = &site.node else { return Vec::new() };
    let text = std::str::from_utf8(bytes.as_slice()).ok().filter(|_| site.block == Block::Derive);
    match text.and_then(|text| change(text).filter(|changed| changed != text)) {
        Some(changed) => one(site, Change::Replace(json!({ "text": changed }))),
        None => Vec::new(),
    }
}

/// Removes every other alternative of the fields that are signed.
fn merged(site: &Site<'_>) -> Vec<Mutation> {
    let Node::Source(Source::Merge(parts)) = &site.node else { return Vec::new() };
    let alone =
        |i: usize| with(site, Change::Replace(Value::from(parts[i].source.clone())), &format!("only part {}", i + 1));
    (0..parts.len()).filter(|&i| parts[i].steps.is_empty()).map(alone).collect()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "part-left-out",
        &["C59", "C69", "K01", "K02", "K03"],
        "leaves out a part of the string",
        "join every part that the document names",
        |site| if is_joined_part(site) { at_part(site, |_, count| (count > 1).then(delete)) } else { Vec::new() },
    ),
    operator(
        "parts-swapped",
        &["C77"],
        "joins two parts in the wrong order",
        "keep the order of the document",
        |site| {
            if is_joined_part(site) {
                at_part(site, |i, count| (i + 1 < count).then_some(Change::SwapWithNext(true)))
            } else {
                Vec::new()
            }
        },
    ),
    operator(
        "joined-without-line-feeds",
        &["C77"],
        "joins the lines without anything between",
        "put a line feed between",
        |site| rejoin(site, &["lines"], ""),
    ),
    operator(
        "joined-by-carriage-returns",
        &["C77"],
        "ends lines with carriage return and line feed",
        "put a single line feed between",
        |site| rejoin(site, &["lines"], "\r\n"),
    ),
    operator(
        "joined-by-escaped-line-feed",
        &["C76"],
        "writes backslash and n where a line feed is due",
        "put a line feed, one byte, between",
        |site| rejoin(site, &["lines"], "\\n"),
    ),
    operator("joined-by-spaces", &["C77"], "joins the lines with spaces", "put a line feed between", |site| {
        rejoin(site, &["lines"], " ")
    }),
    operator(
        "joined-by-colons",
        &["C77"],
        "puts a colon between the parts",
        "join the parts as the document does",
        |site| rejoin(site, &["lines", "concat"], ":"),
    ),
    operator(
        "joined-by-ampersands",
        &["D03"],
        "puts & between the parts",
        "join the parts without anything between",
        |site| rejoin(site, &["concat"], "&"),
    ),
    operator(
        "joined-by-line-feeds",
        &["C77"],
        "puts a line feed between the parts",
        "join the parts without anything between",
        |site| rejoin(site, &["concat"], "\n"),
    ),
    operator(
        "items-joined-by-ampersands",
        &["D03"],
        "puts & between the parameters",
        "join the parameters as the document does",
        |site| at_join_step(site, "&"),
    ),
    operator(
        "items-joined-by-commas",
        &["C31"],
        "puts a comma between the parameters",
        "join the parameters as the document does",
        |site| at_join_step(site, ","),
    ),
    operator(
        "items-joined-by-line-feeds",
        &["C77"],
        "puts a line feed between the parameters",
        "join the parameters as the document does",
        |site| at_join_step(site, "\n"),
    ),
    operator(
        "line-feed-at-the-end",
        &["C77"],
        "ends the string with a line feed",
        "end the string after its last part",
        |site| at_source(site, is_joined, Change::InsertAfter(json!({ "append": "\n" }))),
    ),
    operator(
        "method-lower-case",
        &["C58"],
        "signs the method in lower case",
        "sign the method as it is sent",
        |site| at_source(site, |s| matches!(s, Source::Method), Change::InsertAfter(json!("lower"))),
    ),
    operator(
        "method-upper-case",
        &["C58"],
        "signs the method in upper case",
        "sign the method as it is sent",
        |site| at_source(site, |s| matches!(s, Source::Method), Change::InsertAfter(json!("upper"))),
    ),
    operator("path-upper-case", &["C58"], "signs the path in upper case", "sign the path as it is", |site| {
        at_source(site, is_path, Change::InsertAfter(json!("upper")))
    }),
    operator(
        "encoded-path-lower-case",
        &["C58", "C08"],
        "makes the path lower case after it is encoded",
        "do not change the case of the encoded path",
        |site| match &site.node {
            Node::Step(step) if matches!(step.0, Action::PercentEncode(_)) => {
                one(site, Change::InsertAfter(json!("lower")))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "path-normalised",
        &["C50", "C53", "C54"],
        "removes dot segments and double slashes from the path",
        "sign the path as it is sent",
        |site| at_source(site, is_path, Change::InsertAfter(json!("normalize-path"))),
    ),
    operator(
        "path-not-normalised",
        &["C51", "C52"],
        "does not remove dot segments and double slashes",
        "normalise the path",
        |site| match &site.node {
            Node::Step(step) if matches!(step.0, Action::NormalizePath(_)) => one(site, delete()),
            _ => Vec::new(),
        },
    ),
    operator(
        "slash-at-the-end",
        &["C54", "C55"],
        "adds a slash at the end of the path",
        "sign the path as it is sent",
        |site| at_source(site, is_path, Change::InsertAfter(json!({ "append": "/" }))),
    ),
    operator(
        "leading-slash-stripped",
        &["C55"],
        "signs the path without its first slash",
        "keep the slash at the start",
        |site| at_source(site, is_path, Change::InsertAfter(json!({ "strip-prefix": "/" }))),
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
        |site| at_source(site, |s| matches!(s, Source::Body), Change::InsertAfter(json!("trim"))),
    ),
    operator("body-ignored", &["C70", "C69"], "hashes an empty body", "hash the bytes of the body", |site| {
        at_source(site, |s| matches!(s, Source::Body), Change::Replace(json!({ "text": "" })))
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
        "signs the fields of one place only",
        "sign the fields of query and body",
        merged,
    ),
    operator(
        "literal-lower-case",
        &["V30", "V31"],
        "writes fixed text in lower case",
        "write fixed text exactly",
        |site| literal(site, |text| Some(text.to_lowercase())),
    ),
    operator("literal-upper-case", &["V30"], "writes fixed text in upper case", "write fixed text exactly", |site| {
        literal(site, |text| Some(text.to_uppercase()))
    }),
    operator(
        "literal-without-space",
        &["C77"],
        "leaves out the space of fixed text",
        "write fixed text exactly",
        |site| literal(site, |text| Some(text.trim_end().to_owned())),
    ),
    operator("literal-with-colon", &["C77"], "puts a colon after fixed text", "write fixed text exactly", |site| {
        literal(site, |text| text.strip_suffix(' ').map(|word| format!("{word}: ")))
    }),
];
