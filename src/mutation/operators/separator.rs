//! Mistakes about what stands between the parts of a string, and about fixed text.

use super::operator::{Mutation, Operator, one, operator, set, with};
use super::part::signs;
use crate::bytes::Bytes;
use crate::mutation::site::{Block, Site, sites};
use crate::scheme::{Arg, EditKind, Pipeline, Source, Step};
use serde_json::{Map, Value, json};

/// Texts that stand between parts, or between a name and what it names.
const SEPARATORS: &[&str] = &["", "\n", ":", ".", "&", ",", " ", "=", "/", "|"];

/// Replaces how parts are joined.
fn rejoin(site: &Site<'_>, from: &[&str], with_text: &str) -> Vec<Mutation> {
    let joined = |source: &&Source| from.iter().any(|word| source.is(word)) && site.block == Block::Derive;
    let Some((_, parts)) = site.source().filter(joined).and_then(Source::parts) else { return Vec::new() };
    let is_one = site.source().is_some_and(|source| source.is("concat")) && parts.len() < 2;
    if is_one {
        return Vec::new();
    }
    one(site, EditKind::Replace(json!({ "join": { "with": with_text, "parts": parts } })))
}

fn at_join_step(site: &Site<'_>, with_text: &str) -> Vec<Mutation> {
    let differs = |with: &Arg| *with != Arg::Bytes(Bytes::from(with_text));
    match site.step("join").is_some_and(|step| differs(step.get("with"))) {
        true => one(site, set(json!({ "with": with_text }))),
        false => Vec::new(),
    }
}

fn literal(site: &Site<'_>, change: impl Fn(&str) -> Option<String>) -> Vec<Mutation> {
    let text = site.source().and_then(Source::fixed).filter(|_| signs(site));
    match text.and_then(|text| change(text).filter(|changed| changed != text)) {
        Some(changed) => one(site, EditKind::Replace(json!({ "text": changed }))),
        None => Vec::new(),
    }
}

/// Other separators at the end of fixed text, in place of the one that is there.
fn other_separators(site: &Site<'_>) -> Vec<Mutation> {
    let Some(text) = site.source().and_then(Source::fixed).filter(|_| signs(site)) else { return Vec::new() };
    let Some(own) = SEPARATORS.iter().find(|own| !own.is_empty() && text.ends_with(**own)) else { return Vec::new() };
    let head = &text[..text.len() - own.len()];
    let others = SEPARATORS.iter().filter(|other| *other != own && (!head.is_empty() || !other.is_empty()));
    let other =
        |other: &&str| with(site, EditKind::Replace(json!({ "text": format!("{head}{other}") })), &named(other));
    others.map(other).collect()
}

/// Parts that stand between a separator, joined by another one.
fn joined_otherwise(site: &Site<'_>) -> Vec<Mutation> {
    let join = site.source().filter(|source| source.is("join") && site.block == Block::Derive);
    let Some((source, (_, parts))) = join.and_then(|source| Some((source, source.parts()?))) else { return Vec::new() };
    let printed = source.printed();
    let own = printed["join"]["with"].as_str().unwrap_or_default();
    let other = |other: &&str| {
        with(site, EditKind::Replace(json!({ "join": { "with": other, "parts": parts } })), &named(other))
    };
    SEPARATORS.iter().filter(|other| **other != own).map(other).collect()
}

/// Two of several parts with another separator between them, and the others as they are.
fn one_separator(site: &Site<'_>) -> Vec<Mutation> {
    let join = site.source().filter(|source| source.is("join") && site.block == Block::Derive);
    let Some((source, (_, parts))) = join.and_then(|source| Some((source, source.parts()?))) else { return Vec::new() };
    let printed = source.printed();
    let own = &printed["join"]["with"];
    let gaps = (0..parts.len().saturating_sub(1)).filter(|_| parts.len() > 2);
    let others =
        |gap: usize| SEPARATORS.iter().filter(|other| own.as_str() != Some(*other)).map(move |other| (gap, *other));
    let joined = |(gap, other): (usize, &str)| {
        let both = json!([{ "concat": [parts[gap], [{ "text": other }], parts[gap + 1]] }]);
        let before = parts[..gap].iter().map(|part| json!(part));
        let after = parts[gap + 2..].iter().map(|part| json!(part));
        let all: Vec<Value> = before.chain([both]).chain(after).collect();
        let change = EditKind::Replace(json!({ "join": { "with": own, "parts": all } }));
        with(site, change, &format!("{} after part {}", named(other), gap + 1))
    };
    gaps.flat_map(others).map(joined).collect()
}

/// Parts joined without those that are empty, where some may be absent.
fn empty_parts_left_out(site: &Site<'_>) -> Vec<Mutation> {
    let join = site.source().filter(|source| source.is("join") && site.block == Block::Derive);
    let Some((source, (_, parts))) = join.and_then(|source| Some((source, source.parts()?))) else { return Vec::new() };
    if !parts.iter().any(|part| part.source.is("optional")) {
        return Vec::new();
    }
    let fields: Map<String, Value> =
        parts.iter().enumerate().map(|(i, part)| (format!("part{i}"), json!(part))).collect();
    let with = &source.printed()["join"]["with"];
    let joined = json!([{ "pairs": fields }, "drop-empty", { "pair": "{value}" }, { "join": with }]);
    one(site, EditKind::Replace(json!({ "concat": [joined] })))
}

/// A part of the string with the fixed text that stands before it where it is sent.
fn with_its_name(site: &Site<'_>) -> Vec<Mutation> {
    let Some(part) = site.source().filter(|source| site.block == Block::Derive && source.name_in("stage").is_none())
    else {
        return Vec::new();
    };
    let (name, operation) = site.operation;
    let all = sites(site.scheme, name, operation);
    let sent = all.iter().filter(|other| other.block == Block::Place).filter_map(Site::source);
    let parts = sent.filter(|source| source.is("concat")).filter_map(Source::parts);
    let before = |(_, parts): (_, &[Pipeline])| {
        let pairs = parts.windows(2).find(|pair| pair[1].source == *part && pair[1].steps.is_empty());
        pairs.and_then(|pair| pair[0].source.fixed()).map(str::to_owned)
    };
    let texts = parts.filter_map(before).filter(|text| !text.is_empty());
    let change = |text: String| EditKind::Replace(json!({ "concat": [{ "text": text }, part.printed()] }));
    texts.take(1).flat_map(|text| one(site, change(text))).collect()
}

/// A separator as it is named.
fn named(separator: &str) -> String {
    match separator {
        "" => "nothing".into(),
        "\n" => "line feed".into(),
        " " => "space".into(),
        other => other.into(),
    }
}

/// Parts in which a text of each is replaced, and what stands between them.
fn replaced_in_parts(site: &Site<'_>, texts: impl Fn(&str) -> Value) -> Vec<Mutation> {
    let join = site.source().filter(|source| source.is("join") && site.block == Block::Derive);
    let Some((source, (_, parts))) = join.and_then(|source| Some((source, source.parts()?))) else { return Vec::new() };
    let printed = source.printed();
    let Some(with_text) = printed["join"]["with"].as_str().filter(|with| with.len() == 1) else { return Vec::new() };
    let step = json!({ "replace": texts(with_text) });
    let replaced = |part: &Pipeline| {
        let mut part = part.clone();
        part.steps.extend(Step::try_from(step.clone()));
        json!(part)
    };
    let parts: Vec<_> = parts.iter().map(replaced).collect();
    one(site, EditKind::Replace(json!({ "join": { "with": with_text, "parts": parts } })))
}

pub(super) const OPERATORS: &[Operator] = &[
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
        "items-joined-by-another-text",
        &["C77", "D03"],
        "puts another text between the parameters",
        "join the parameters as the document does",
        |site| {
            let others = ["", ":", ";", " ", "|"].iter().filter(|_| site.block == Block::Derive);
            let by = |text: &&str| {
                at_join_step(site, text)
                    .into_iter()
                    .map(|one| Mutation { detail: named(text), ..one })
                    .collect::<Vec<_>>()
            };
            others.flat_map(by).collect()
        },
    ),
    operator(
        "joined-by-space-and-line-feed",
        &["C92"],
        "leaves a space at the end of each line",
        "put a line feed alone between the lines",
        |site| rejoin(site, &["lines"], " \n"),
    ),
    operator(
        "joined-by-another-text",
        &["C77", "D03"],
        "puts another text between the parts",
        "join the parts by the text that the document has between them",
        joined_otherwise,
    ),
    operator(
        "other-separator-in-fixed-text",
        &["C77", "V30"],
        "ends fixed text with another separator",
        "write fixed text exactly",
        other_separators,
    ),
    operator(
        "empty-parts-left-out",
        &["C92", "K01"],
        "leaves out a part that is absent together with what separates it",
        "write what stands between the parts where one is empty too",
        empty_parts_left_out,
    ),
    operator(
        "another-text-between-two-parts",
        &["C77"],
        "puts another text between two of the parts",
        "join all parts by the text that the document has between them",
        one_separator,
    ),
    operator(
        "signed-with-its-name",
        &["C77"],
        "signs a value with the text before it that stands where it is sent",
        "sign the value alone",
        with_its_name,
    ),
    operator(
        "separator-escaped",
        &["C59"],
        "writes a backslash before what stands between the parts where a part has it",
        "join the parts as they are",
        |site| replaced_in_parts(site, |with| json!({ "\\": "\\\\", with: format!("\\{with}") })),
    ),
    operator(
        "backslashes-doubled",
        &["C59"],
        "writes every backslash of a part twice",
        "join the parts as they are",
        |site| replaced_in_parts(site, |_| json!({ "\\": "\\\\" })),
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
