//! Mistakes of encoding: percent-encoding, character sets, Unicode.

use super::{Mutation, Operator, at_path, delete, deviate, one, operator, set};
use crate::mutation::site::{Block, Node, Site};
use crate::scheme::{Action, Change, PathDomain, Source};
use serde_json::{Value, json};

const UNRESERVED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";

fn keep(more: &str) -> Vec<String> {
    std::iter::once("unreserved".to_owned()).chain(more.chars().map(String::from)).collect()
}

/// What `percent-encode` keeps, where the site is one.
fn kept<'a>(site: &'a Site<'_>) -> Option<&'a [String]> {
    match &site.node {
        Node::Step(step) => match &step.0 {
            Action::PercentEncode(options) => Some(&options.keep),
            _ => None,
        },
        _ => None,
    }
}

fn at_encode(site: &Site<'_>, change: Change) -> Vec<Mutation> {
    if kept(site).is_some() { one(site, change) } else { Vec::new() }
}

fn also_keep(site: &Site<'_>, more: &str) -> Vec<Mutation> {
    let Some(keeps) = kept(site) else { return Vec::new() };
    let all = more.chars().all(|c| keeps.contains(&c.to_string()));
    if all { Vec::new() } else { one(site, set(json!({ "keep": keep(more) }))) }
}

fn plain_encode() -> Value {
    json!({ "percent-encode": { "keep": ["unreserved"] } })
}

/// The step that fixes how pairs are written, where nothing before it encodes.
fn unencoded_pairs(site: &Site<'_>) -> bool {
    match &site.node {
        Node::Pipeline(pipeline) => {
            let encodes = pipeline.steps.iter().any(|s| matches!(s.0, Action::PercentEncode(_)));
            let pairs = pipeline.steps.iter().any(|s| matches!(s.0, Action::Pair(_)));
            site.block == Block::Derive && pairs && !encodes
        }
        _ => false,
    }
}

fn encode_pairs(site: &Site<'_>, before: &str, step: Value) -> Vec<Mutation> {
    let Node::Pipeline(pipeline) = &site.node else { return Vec::new() };
    let there = pipeline.steps.iter().any(|step| crate::mutation::site::step_name(step) == before);
    if !unencoded_pairs(site) || !there {
        return Vec::new();
    }
    vec![at_path(format!("{}.{before}", site.path), Change::InsertBefore(step), "")]
}

/// Sources of bytes that may hold text beyond ASCII from a caller or a key.
fn is_text(site: &Site<'_>) -> bool {
    let secrets = site.scheme.domain.secrets == PathDomain::Text;
    let text = |source: &Source| match source {
        Source::Path | Source::Body => true,
        Source::Credential(name) => secrets && site.is_secret(name),
        _ => false,
    };
    site.block == Block::Derive && matches!(&site.node, Node::Source(source) if text(source))
}

fn is_pairs_of_text(site: &Site<'_>) -> bool {
    let text = |source: &Source| matches!(source, Source::Query | Source::Merge(_) | Source::Form);
    site.block == Block::Derive && matches!(&site.node, Node::Source(source) if text(source))
}

fn after_text(site: &Site<'_>, step: &str) -> Vec<Mutation> {
    if is_text(site) || is_pairs_of_text(site) { one(site, Change::InsertAfter(json!(step))) } else { Vec::new() }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "space-as-plus",
        &["C01"],
        "writes a space as + where it percent-encodes",
        "encode a space as %20",
        |site| at_encode(site, set(json!({ "plus": true }))),
    ),
    operator(
        "lower-case-escapes",
        &["C08"],
        "writes escapes with lower-case digits, %2f for %2F",
        "use upper-case hexadecimal digits in escapes",
        |site| at_encode(site, set(json!({ "case": "lower" }))),
    ),
    operator(
        "encoding-left-out",
        &["C04", "C13"],
        "does not percent-encode",
        "percent-encode everything but the unreserved characters",
        |site| at_encode(site, delete()),
    ),
    operator("encoded-twice", &["C03", "C11", "C16"], "percent-encodes a second time", "encode once", |site| {
        at_encode(site, Change::InsertAfter(plain_encode()))
    }),
    operator("slash-left-bare", &["C17", "C07"], "leaves / as it is", "encode / as %2F", |site| also_keep(site, "/")),
    operator("slash-encoded", &["C17"], "encodes the slashes that must stay", "keep / as it is", |site| {
        match kept(site) {
            Some(keeps) if keeps.iter().any(|k| k == "/") => one(site, set(json!({ "keep": ["unreserved"] }))),
            _ => Vec::new(),
        }
    }),
    operator("tilde-encoded", &["C05"], "encodes ~ as %7E", "leave ~ as it is (RFC 3986)", |site| {
        at_encode(site, set(json!({ "keep": UNRESERVED.chars().map(String::from).collect::<Vec<_>>() })))
    }),
    operator(
        "encode-uri-component",
        &["C06"],
        "leaves !*'() bare, as encodeURIComponent does",
        "encode !*'() too",
        |site| also_keep(site, "!*'()"),
    ),
    operator(
        "encode-uri",
        &["C07", "C06"],
        "leaves every delimiter bare, as encodeURI does",
        "encode all but the unreserved characters",
        |site| also_keep(site, ";,/?:@&=+$!*'()#"),
    ),
    operator(
        "path-delimiters-bare",
        &["C07"],
        "leaves @:=,; bare, as a path may have them",
        "encode @:=,; too",
        |site| also_keep(site, "@:=,;"),
    ),
    operator("braces-bare", &["C13"], "leaves {}^|[] bare", "encode {}^|[] too", |site| also_keep(site, "{}^|[]")),
    operator("percent-bare", &["C11"], "leaves % as it is", "encode % as %25", |site| also_keep(site, "%")),
    operator("escapes-kept", &["C11"], "leaves what looks like an escape as it is", "encode % as %25 always", |site| {
        at_encode(site, deviate("keeps-escapes"))
    }),
    operator(
        "one-percent-a-character",
        &["C09"],
        "writes one % for all bytes of a character",
        "encode every byte with a % of its own",
        |site| at_encode(site, deviate("one-percent")),
    ),
    operator(
        "encoded-before-sorting",
        &["C20", "C21"],
        "percent-encodes names and values before it sorts them",
        "sort what the document sorts: the values as they are",
        |site| encode_pairs(site, "sort", plain_encode()),
    ),
    operator(
        "form-encoded",
        &["C01", "C14"],
        "form-encodes names and values, a space as +",
        "take names and values as they are",
        |site| encode_pairs(site, "pair", json!({ "percent-encode": { "keep": keep("*"), "plus": true } })),
    ),
    operator(
        "values-encoded",
        &["C40"],
        "percent-encodes the values and not the names",
        "take values as they are",
        |site| encode_pairs(site, "pair", json!({ "percent-encode": { "keep": ["unreserved"], "of": "value" } })),
    ),
    operator(
        "encode-uri-component-pairs",
        &["C06", "C14"],
        "passes names and values through encodeURIComponent",
        "take names and values as they are",
        |site| encode_pairs(site, "pair", json!({ "percent-encode": { "keep": keep("!*'()") } })),
    ),
    operator(
        "decoded-again",
        &["C12", "C11"],
        "percent-decodes values that are decoded already",
        "decode once",
        |site| {
            if is_pairs_of_text(site) { one(site, Change::InsertAfter(json!("percent-decode"))) } else { Vec::new() }
        },
    ),
    operator("plus-decoded", &["C02"], "turns a + in the path or a value into a space", "leave + as it is", |site| {
        if is_pairs_of_text(site) || matches!(site.node, Node::Source(Source::RawPath | Source::Path)) {
            one(site, Change::InsertAfter(json!({ "percent-decode": { "plus": true } })))
        } else {
            Vec::new()
        }
    }),
    operator("latin-1", &["C10"], "turns text into bytes as Latin-1", "encode text as UTF-8", |site| {
        after_text(site, "latin1")
    }),
    operator(
        "composed",
        &["C73"],
        "composes characters (Unicode form C) before it signs",
        "sign the bytes as they are",
        |site| after_text(site, "nfc"),
    ),
    operator(
        "slashes-escaped",
        &["C66"],
        "writes a backslash before every slash, as PHP's JSON does",
        "write slashes as they are",
        |site| match &site.node {
            Node::Source(Source::Parameter(_)) if site.block == Block::Derive && site.path.contains(".concat.") => {
                one(site, Change::InsertAfter(json!({ "replace": { "text": "/", "by": "\\/" } })))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "path-sent-with-plus",
        &["C01"],
        "writes a space of the path as + where it is sent",
        "write a space of a path as %20",
        |site| match &site.node {
            Node::Source(Source::RawPath) if site.block == Block::Derive => {
                one(site, Change::InsertAfter(json!({ "replace": { "text": "%20", "by": "+" } })))
            }
            _ => Vec::new(),
        },
    ),
];
