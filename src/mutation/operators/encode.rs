//! Mistakes of encoding: percent-encoding, character sets, Unicode.

use super::operator::{Mutation, Operator, at_path, delete, deviate, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot};
use crate::scheme::{Arg, Characters, EditKind, Named, Source, Step};
use indexmap::IndexMap;
use serde_json::{Value, json};

/// `unreserved` but for the tilde, RFC 3986 section 2.3.
const UNRESERVED: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";

fn at_encode(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    if site.step("percent-encode").is_some() { one(site, change) } else { Vec::new() }
}

/// Returns what the step keeps and these characters.
fn also_keep(site: &Site<'_>, more: &str) -> Vec<Mutation> {
    let Some(step) = site.step("percent-encode") else { return Vec::new() };
    let keeps = step.get("keep").texts();
    let more: Vec<String> = more.chars().map(String::from).filter(|one| !keeps.contains(one)).collect();
    if more.is_empty() {
        Vec::new()
    } else {
        one(site, set(json!({ "keep": keeps.iter().chain(&more).collect::<Vec<_>>() })))
    }
}

fn keeps(site: &Site<'_>, word: &str) -> bool {
    site.step("percent-encode").is_some_and(|step| step.get("keep").texts().iter().any(|kept| kept == word))
}

/// Returns what the step keeps without this character.
fn keep_without(site: &Site<'_>, left_out: &str) -> Vec<Mutation> {
    let Some(step) = site.step("percent-encode") else { return Vec::new() };
    let each = |word: &String| match word.as_str() {
        "unreserved" if left_out == "~" => UNRESERVED.chars().map(String::from).collect(),
        word => vec![word.to_owned()],
    };
    let all = step.get("keep").texts();
    let kept: Vec<String> = all.iter().flat_map(each).filter(|one| one != left_out).collect();
    if kept == all { Vec::new() } else { one(site, set(json!({ "keep": kept }))) }
}

fn plain_encode() -> Value {
    json!({ "percent-encode": { "keep": ["unreserved"] } })
}

/// The step that fixes how pairs are written, where nothing before it encodes.
fn unencoded_pairs(site: &Site<'_>) -> bool {
    match site.spot {
        Spot::Pipeline(pipeline) => {
            let has = |word: &str| pipeline.steps.iter().any(|step: &Step| step.is(word));
            site.block == Block::Derive && has("pair") && !has("percent-encode")
        }
        _ => false,
    }
}

fn encode_pairs(site: &Site<'_>, before: &str, step: Value) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    if !unencoded_pairs(site) || !pipeline.steps.iter().any(|step| step.is(before)) {
        return Vec::new();
    }
    vec![at_path(site.path.then(Named::Nth(before.to_owned(), 0)), EditKind::InsertBefore(step), "")]
}

/// Sources of bytes that may hold text beyond ASCII from a caller or a key.
fn is_text(site: &Site<'_>) -> bool {
    let secrets = site.scheme.domain.secrets == Characters::Text;
    let text = |source: &Source| match source.name_in("credential") {
        Some(name) => secrets && site.is_secret(name),
        None => source.is("path") || source.is("body"),
    };
    site.block == Block::Derive && site.source().is_some_and(text)
}

fn is_pairs_of_text(site: &Site<'_>) -> bool {
    let text = |source: &Source| source.is("query") || source.is("merge") || source.is("form");
    site.block == Block::Derive && site.source().is_some_and(text)
}

fn after_text(site: &Site<'_>, step: &str) -> Vec<Mutation> {
    if is_text(site) || is_pairs_of_text(site) { one(site, EditKind::InsertAfter(json!(step))) } else { Vec::new() }
}

/// The texts that the step replaces, where the site is one.
fn replaced<'a>(site: &Site<'a>) -> Option<&'a IndexMap<String, String>> {
    match site.step("replace")?.first() {
        Arg::Replacements(texts) => Some(texts),
        _ => None,
    }
}

fn one_replacement_less(site: &Site<'_>) -> Vec<Mutation> {
    let Some(texts) = replaced(site) else { return Vec::new() };
    if texts.len() == 1 {
        return one(site, delete());
    }
    let without = |left_out: &String| {
        let rest: IndexMap<_, _> = texts.iter().filter(|(text, _)| *text != left_out).collect();
        with(site, EditKind::Replace(json!({ "replace": rest })), left_out)
    };
    texts.keys().map(without).collect()
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
        "asterisk-in-lower-case",
        &["C08"],
        "writes * as %2a, as a number in base 16 that is put behind a %, and every other escape in capitals",
        "use upper-case hexadecimal digits in escapes",
        |site| {
            let escapes = site.step("percent-encode").is_some_and(|step| {
                let keeps_it = step.get("keep").texts().iter().any(|kept| kept == "*");
                !keeps_it && step.get("case").text() == "upper" && step.get("of").text() == "both"
            });
            let replaced = EditKind::InsertAfter(json!({ "replace": { "%2A": "%2a" } }));
            if escapes { one(site, replaced) } else { Vec::new() }
        },
    ),
    operator(
        "encoding-left-out",
        &["C04", "C13"],
        "does not percent-encode",
        "percent-encode everything but the unreserved characters",
        |site| at_encode(site, delete()),
    ),
    operator("encoded-twice", &["C03", "C11", "C16"], "percent-encodes a second time", "encode once", |site| {
        let again = |step: &Step| one(site, EditKind::InsertAfter(step.printed()));
        site.step("percent-encode").map_or_else(Vec::new, again)
    }),
    operator("slash-left-bare", &["C17", "C07"], "leaves / as it is", "encode / as %2F", |site| also_keep(site, "/")),
    operator("slash-encoded", &["C17"], "encodes the slashes that must stay", "keep / as it is", |site| {
        keep_without(site, "/")
    }),
    operator("tilde-encoded", &["C05"], "encodes ~ as %7E", "leave ~ as it is (RFC 3986)", |site| {
        keep_without(site, "~")
    }),
    operator(
        "unreserved-bare",
        &["C84"],
        "leaves -._~ bare, as RFC 3986 does",
        "encode all but letters, digits and what the document names",
        |site| match keeps(site, "alphanumeric") {
            true => also_keep(site, "-._~"),
            false => Vec::new(),
        },
    ),
    operator(
        "encode-uri-component",
        &["C06"],
        "leaves !*'() bare, as encodeURIComponent does",
        "encode !*'() too",
        |site| also_keep(site, "!*'()"),
    ),
    operator(
        "plus-bare",
        &["C01", "C07"],
        "leaves + as it is, as it stands for a space in forms",
        "write a space as %20, and + as %2B",
        |site| also_keep(site, "+"),
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
        |site| encode_pairs(site, "pair", json!({ "percent-encode": { "keep": ["unreserved", "*"], "plus": true } })),
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
        |site| {
            encode_pairs(site, "pair", json!({ "percent-encode": { "keep": ["unreserved", "!", "*", "'", "(", ")"] } }))
        },
    ),
    operator(
        "decoded-again",
        &["C12", "C11"],
        "percent-decodes values that are decoded already",
        "decode once",
        |site| {
            if is_pairs_of_text(site) { one(site, EditKind::InsertAfter(json!("percent-decode"))) } else { Vec::new() }
        },
    ),
    operator("plus-decoded", &["C02"], "turns a + in the path or a value into a space", "leave + as it is", |site| {
        let is_path = site.source().is_some_and(|source| source.is("raw_path") || source.is("path"));
        if is_pairs_of_text(site) || is_path {
            one(site, EditKind::InsertAfter(json!({ "percent-decode": { "plus": true } })))
        } else {
            Vec::new()
        }
    }),
    operator("latin-1", &["C10"], "turns text into bytes as Latin-1", "encode text as UTF-8", |site| {
        after_text(site, "latin1")
    }),
    operator(
        "low-bytes",
        &["C10"],
        "takes the low byte of each UTF-16 unit of a text, as binary strings of JavaScript do",
        "encode text as UTF-8",
        |site| after_text(site, "low-bytes"),
    ),
    operator(
        "us-ascii",
        &["C10"],
        "turns text into bytes as ASCII, with ? for every other character",
        "encode text as UTF-8",
        |site| after_text(site, "us-ascii"),
    ),
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
        |site| {
            let is_part = site.path.names().contains(&Named::Key("concat".into()));
            let is_parameter = site.source().is_some_and(|source| source.name_in("parameter").is_some());
            match site.block == Block::Derive && is_part && is_parameter {
                true => one(site, EditKind::InsertAfter(json!({ "replace": { "/": "\\/" } }))),
                false => Vec::new(),
            }
        },
    ),
    operator(
        "delimiters-escaped",
        &["C11", "C59"],
        "writes %25 for % and %26 for & in names and values",
        "sign names and values as they are, decoded",
        |site| match is_pairs_of_text(site) {
            true => one(site, EditKind::InsertAfter(json!({ "replace": { "%": "%25", "&": "%26" } }))),
            false => Vec::new(),
        },
    ),
    operator(
        "replaced-once",
        &["C83"],
        "replaces a text where it stands first and nowhere else",
        "replace it wherever it stands",
        |site| match replaced(site) {
            Some(texts) => one(site, EditKind::Replace(json!({ "replace-first": texts }))),
            None => Vec::new(),
        },
    ),
    operator(
        "replacement-left-out",
        &["C83"],
        "leaves a text that is to be replaced as it is",
        "replace every text that the document names",
        one_replacement_less,
    ),
    operator(
        "path-sent-with-plus",
        &["C01"],
        "writes a space of the path as + where it is sent",
        "write a space of a path as %20",
        |site| match site.block == Block::Derive && site.source().is_some_and(|source| source.is("raw_path")) {
            true => one(site, EditKind::InsertAfter(json!({ "replace": { "%20": "+" } }))),
            false => Vec::new(),
        },
    ),
];
