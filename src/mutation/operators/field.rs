//! Mistakes about which fields are signed and sent.

use super::operator::{Mutation, Operator, at_path, delete, deviate, everywhere, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::scheme::{Arg, Edit, EditKind, Pipeline};
use serde_json::json;
use std::collections::HashSet;

/// The listed names of `except`, where the site is one.
fn excepted<'a>(site: &Site<'a>) -> Option<&'a [String]> {
    site.step("except").map(|step| step.get("names").texts())
}

fn one_less(site: &Site<'_>) -> Vec<Mutation> {
    let names = excepted(site).unwrap_or_default();
    let without = |left_out: &String| {
        let rest: Vec<&String> = names.iter().filter(|name| *name != left_out).collect();
        with(site, set(json!({ "names": rest })), left_out)
    };
    names.iter().map(without).collect()
}

/// Names that real code excludes and should not: what the signer adds itself.
fn one_more(site: &Site<'_>) -> Vec<Mutation> {
    let Some(names) = excepted(site) else { return Vec::new() };
    let prepared = site.scheme.operations.values().flat_map(|operation| operation.prepare.query.keys());
    let more = |name: &String| {
        let all: Vec<&String> = names.iter().chain([name]).collect();
        with(site, set(json!({ "names": all })), name)
    };
    prepared.map(more).collect()
}

fn at_except(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    if excepted(site).is_some_and(|names| !names.is_empty()) { one(site, change) } else { Vec::new() }
}

/// Another name for a field that the signer adds.
fn placed(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    match site.spot {
        Spot::Placed(_) if site.block == Block::Place => one(site, change),
        _ => Vec::new(),
    }
}

/// Parts of a message that hold fields.
const PARTS: &[&str] = &["query", "form", "multipart", "headers"];

/// Names of the fields that an operation speaks of, in the parts that a pipeline takes its fields from.
pub(in crate::mutation) fn spoken_of(site: &Site<'_>, pipeline: &Pipeline) -> Vec<String> {
    let (name, operation) = site.operation;
    let takes = |part: &str| pipeline.all().iter().any(|own| own.source.is(part));
    let is_header = takes("headers");
    let mut names = if is_header { vec!["Host".to_owned()] } else { Vec::new() };
    let prepared = operation.prepare.fields();
    names.extend(
        prepared
            .filter(|(part, ..)| takes(part.word()) || is_header && part.word() == "header")
            .map(|(_, name, _)| name.to_owned()),
    );
    for other in sites(site.scheme, name, operation).iter().filter(|other| other.block != Block::Place) {
        let field = other.source().and_then(|source| source.field());
        let own = field.filter(|(part, _)| takes(part) || is_header && *part == "header");
        let first = other.step("first").filter(|_| other.block == Block::Receive && !is_header);
        let first = first.and_then(|step| match step.first() {
            Arg::Bytes(name) => std::str::from_utf8(name).ok(),
            _ => None,
        });
        names.extend(own.map(|(_, name)| name).or(first).map(str::to_owned));
    }
    let mut known = HashSet::new();
    names.retain(|name| known.insert(name.to_ascii_lowercase()));
    names
}

/// The fields that the scheme speaks of, in place of all that a message has.
fn fixed_list(site: &Site<'_>) -> Vec<Mutation> {
    signed_alone(site, |pipeline| spoken_of(site, pipeline))
}

/// Fields of these names, in place of all that a message has.
pub(in crate::mutation) fn signed_alone(site: &Site<'_>, names: impl Fn(&Pipeline) -> Vec<String>) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    let is_of_fields = PARTS.iter().any(|part| pipeline.source.is(part)) || pipeline.source.is("merge");
    let is_limited = pipeline.steps.iter().any(|step| ["only", "only-prefix"].iter().any(|word| step.is(word)));
    if site.block != Block::Derive || !is_of_fields || is_limited {
        return Vec::new();
    }
    let excepted = pipeline.steps.iter().filter(|step| step.is("except")).flat_map(|step| step.get("names").texts());
    let excepted: Vec<&String> = excepted.collect();
    let is_excepted = |name: &String| excepted.iter().any(|other| other.eq_ignore_ascii_case(name));
    let names: Vec<String> = names(pipeline).into_iter().filter(|name| !is_excepted(name)).collect();
    match names.is_empty() {
        true => Vec::new(),
        false => vec![at_path(site.path.source(), EditKind::InsertAfter(json!({ "only": names })), "")],
    }
}

/// Usual names of a signature, left out beside the one that is.
fn usual_names(site: &Site<'_>) -> Vec<Mutation> {
    let Some(names) = excepted(site).filter(|names| !names.is_empty() && site.block == Block::Derive) else {
        return Vec::new();
    };
    let (name, operation) = site.operation;
    let all = sites(site.scheme, name, operation);
    let is_own = |other: &&Site<'_>| {
        let source = other.source().filter(|source| ["query", "form", "merge"].iter().any(|word| source.is(word)));
        source.is_some() && other.path.parent() == site.path.parent()
    };
    if !all.iter().any(|other| is_own(&other)) {
        return Vec::new();
    }
    let more = |name: &&str| {
        let all: Vec<&str> = names.iter().map(String::as_str).chain([*name]).collect();
        with(site, set(json!({ "names": all })), name)
    };
    ["signature", "sign", "hmac"].iter().filter(|name| !names.iter().any(|own| own == *name)).map(more).collect()
}

/// A header field that the signer adds, left out of the list of those that are signed.
fn not_listed(site: &Site<'_>) -> Vec<Mutation> {
    let (_, operation) = site.operation;
    match site.spot {
        Spot::Pipeline(list) if site.block == Block::Derive && list.source.is("headers") => {
            if !list.steps.iter().any(|step| step.is("names")) {
                return Vec::new();
            }
            let without =
                |name: &String| at_path(site.path.source(), EditKind::InsertAfter(json!({ "except": [name] })), name);
            operation.prepare.header.keys().map(without).collect()
        }
        // A list in words, which is received as it is sent.
        Spot::Source(list) if site.block == Block::Derive => {
            let stage = site.path.word(2).map(|stage| format!("stage.{stage}"));
            let is_received = stage.is_some_and(|stage| operation.receive.contains_key(&stage));
            let Some(text) = list.fixed().filter(|_| is_received && site.path.names().len() == 4) else {
                return Vec::new();
            };
            let at = if text.contains(';') { ";" } else { " " };
            let words: Vec<&str> = text.split(at).collect();
            let without = |i: usize| {
                let rest: Vec<&str> =
                    words.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, word)| *word).collect();
                with(site, EditKind::Replace(json!({ "text": rest.join(at) })), words[i])
            };
            (0..words.len()).filter(|_| words.len() > 1).map(without).collect()
        }
        _ => Vec::new(),
    }
}

/// A field that stands there twice counts once, wherever it is read.
fn repeated(site: &Site<'_>, which: &str) -> Vec<Mutation> {
    match site.source().filter(|source| source.get("repeated").text() == "refuse").and_then(|source| source.field()) {
        Some((part, name)) => {
            let field = format!("{part}.{name}");
            everywhere(site, |_| EditKind::Replace(json!({ "field": field, "repeated": which })))
        }
        None => Vec::new(),
    }
}

/// The fixed text with which the value of another header field starts, and the credential that
/// stands alone in this one.
fn lead<'a>(site: &Site<'a>) -> Option<(&'a str, String)> {
    let Spot::Placed(name) = site.spot else { return None };
    let (_, operation) = site.operation;
    let headers = || operation.prepare.header.iter().chain(&operation.place.header);
    let (_, own) = headers().find(|(other, _)| *other == name)?;
    let credential = own.source.name_in("credential")?;
    let text = |stage: &str| {
        let source = &operation.derive.get(stage)?.source;
        let (_, parts) = source.parts().filter(|_| source.is("concat"))?;
        parts.first()?.source.fixed()
    };
    let lead = headers().find_map(|(_, other)| text(other.source.name_in("stage")?));
    lead.filter(|_| own.steps.is_empty()).map(|lead| (lead, format!("credential.{credential}")))
}

/// Names that real code gives a header field in place of its own.
fn misnamed(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Placed(name) = site.spot else { return Vec::new() };
    let (_, operation) = site.operation;
    let own = operation.prepare.header.get(name).filter(|_| site.path.word(1) == Some("prepare"));
    let Some(own) = own.or_else(|| operation.place.header.get(name)).filter(|_| site.path.word(2) == Some("header"))
    else {
        return Vec::new();
    };
    let lower = name.to_ascii_lowercase();
    let other = match lower.strip_prefix("x-") {
        _ if lower == "authorization" => "Authentication".to_owned(),
        Some(_) => name[2..].to_owned(),
        None => format!("X-{name}"),
    };
    let edit = |change| Edit { at: site.path.clone(), change };
    let edits = vec![edit(EditKind::Delete), edit(EditKind::InsertAfter(json!({ (&other): own })))];
    vec![Mutation { at: site.path.clone(), edits, detail: other }]
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "signs-what-is-excluded",
        &["C37", "C38"],
        "signs a field that the document excludes",
        "leave the excluded fields out",
        one_less,
    ),
    operator(
        "excludes-too-much",
        &["C37", "C38"],
        "leaves out a field that must be signed",
        "sign every field that the document does not exclude",
        one_more,
    ),
    operator(
        "excludes-caseless",
        &["C64"],
        "compares excluded names without regard to case",
        "compare names exactly",
        |site| at_except(site, set(json!({ "caseless": true }))),
    ),
    operator(
        "excludes-by-prefix",
        &["C29"],
        "leaves out every field whose name starts like an excluded one",
        "compare whole names",
        |site| at_except(site, deviate("by-prefix")),
    ),
    operator(
        "filter-left-out",
        &["C37", "C38"],
        "does not filter the fields",
        "filter the fields as the document says",
        |site| match ["only", "only-prefix", "except-empty", "drop-empty"].iter().any(|word| site.step(word).is_some())
        {
            true => one(site, delete()),
            false => Vec::new(),
        },
    ),
    operator(
        "order-of-names-ignored",
        &["C25"],
        "signs the listed fields in the order of the message",
        "sign them in the order of the list",
        |site| match site.step("only").is_some_and(|step| step.get("ordered").is_set()) {
            true => one(site, set(json!({ "ordered": false }))),
            false => Vec::new(),
        },
    ),
    operator(
        "quotes-ignored",
        &["C88"],
        "cuts a quoted value at a separator that it holds",
        "cut outside of quotes alone",
        |site| match site.step("split").is_some_and(|step| step.get("quoted").is_set()) {
            true => one(site, set(json!({ "quoted": false }))),
            false => Vec::new(),
        },
    ),
    operator(
        "zero-counts-as-empty",
        &["C87"],
        "leaves out a field whose value is 0, as if it were empty",
        "leave out what is empty, and nothing else",
        |site| match site.step("drop-empty") {
            Some(_) => one(site, EditKind::Replace(json!("drop-zero"))),
            None => Vec::new(),
        },
    ),
    operator(
        "valueless-counts-as-empty-alone",
        &["C34"],
        "leaves out fields without an equals sign, and signs those that are empty",
        "leave out what is empty, with an equals sign or without",
        |site| match site.step("drop-empty") {
            Some(_) => one(site, EditKind::Replace(json!("drop-valueless"))),
            None => Vec::new(),
        },
    ),
    operator(
        "not-sent",
        &["C65"],
        "does not put a field into the request",
        "send every field that the server needs",
        |site| placed(site, delete()),
    ),
    operator(
        "misnamed",
        &["C93"],
        "sends a header field under another name",
        "give the field the name that the document has",
        misnamed,
    ),
    operator(
        "first-field-counts",
        &["V14"],
        "takes the first of a field that stands there twice",
        "refuse a message with a field twice",
        |site| repeated(site, "first"),
    ),
    operator(
        "last-field-counts",
        &["V14"],
        "takes the last of a field that stands there twice",
        "refuse a message with a field twice",
        |site| repeated(site, "last"),
    ),
    operator(
        "scheme-word-elsewhere",
        &["V31"],
        "puts the word of another header field before this one",
        "write the value alone",
        |site| match lead(site) {
            Some((lead, value)) => one(site, EditKind::Replace(json!([{ "concat": [{ "text": lead }, value] }]))),
            None => Vec::new(),
        },
    ),
    operator(
        "fixed-fields-signed",
        &["C37"],
        "signs the fields alone that it knows, and no other one of the message",
        "sign every field that the document does not exclude",
        fixed_list,
    ),
    operator(
        "fields-of-query-too",
        &["C71"],
        "signs the fields of the query among those of the form, as merged parameters have them",
        "sign the fields of the form alone",
        |site| {
            let is_form = site.block == Block::Derive && site.source().is_some_and(|source| source.is("form"));
            if !is_form || site.path.word(site.path.names().len().saturating_sub(2)) == Some("merge") {
                return Vec::new();
            }
            let merged = || json!({ "merge": ["form", "query"] });
            let at_start = |detail: &str, step: &str| {
                let edits = [EditKind::InsertAfter(json!(step)), EditKind::Replace(merged())];
                let edits = edits.map(|change| Edit { at: site.path.clone(), change });
                Mutation { at: site.path.clone(), edits: edits.to_vec(), detail: detail.into() }
            };
            vec![
                with(site, EditKind::Replace(merged()), ""),
                at_start("the form's where both have one", "keep-first"),
                at_start("the query's where both have one", "keep-last"),
            ]
        },
    ),
    operator(
        "usual-name-excluded",
        &["C37"],
        "leaves out a field that has the usual name of a signature, beside the one that holds it",
        "leave out the fields alone that the document names",
        usual_names,
    ),
    operator(
        "sent-but-not-listed",
        &["V23", "C65"],
        "sends a field and does not list it among those that are signed",
        "list every field that the document wants signed",
        not_listed,
    ),
];
