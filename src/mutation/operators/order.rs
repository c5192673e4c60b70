//! Mistakes of order: what is sorted, by what, and what becomes of repeated names.

use super::operator::{Mutation, Operator, at_path, delete, deviate, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::scheme::{Edit, EditKind, Named, Pipeline, QueryForm, Source, Step};
use serde_json::json;

fn at_step(site: &Site<'_>, word: &str, change: EditKind) -> Vec<Mutation> {
    if site.step(word).is_some() { one(site, change) } else { Vec::new() }
}

fn at_sort(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    at_step(site, "sort", change)
}

fn at_pair(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    at_step(site, "pair", change)
}

fn at_fields(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    let fields = |source: &Source| ["query", "form", "merge", "headers"].iter().any(|word| source.is(word));
    if site.block == Block::Derive && site.source().is_some_and(fields) { one(site, change) } else { Vec::new() }
}

/// A sort put in before or after the step that writes pairs, where the pipeline sorts, or where it does not.
fn sorted(site: &Site<'_>, sorts: bool, change: EditKind) -> Vec<Mutation> {
    let has = |pipeline: &Pipeline, word: &str| pipeline.steps.iter().any(|step| step.is(word));
    match site.spot {
        Spot::Pipeline(pipeline) if has(pipeline, "sort") == sorts && has(pipeline, "pair") => {
            vec![at_path(site.path.then(Named::Nth("pair".into(), 0)), change, "")]
        }
        _ => Vec::new(),
    }
}

/// Returns whether something is derived from the fields of the query.
fn reads_query(site: &Site<'_>) -> bool {
    let (name, operation) = site.operation;
    let is_query = |other: &Site<'_>| {
        let source = other.source().filter(|_| other.block != Block::Place);
        source.is_some_and(|source| source.is("query"))
    };
    sites(site.scheme, name, operation).iter().any(is_query)
}

/// A sort in front of the steps that change what it sorts.
fn sorted_too_early(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    let at = pipeline.steps.iter().position(|step| step.is("sort")).filter(|_| site.block == Block::Derive);
    let Some((at, sort)) = at.map(|at| (at, &pipeline.steps[at])) else { return Vec::new() };
    let changes = |step: &Step| ["percent-encode", "lower", "upper"].iter().any(|word| step.is(word));
    let Some(first) = pipeline.steps[..at].iter().position(changes) else { return Vec::new() };
    let step = |i: usize| {
        let word = pipeline.steps[i].word();
        let before = pipeline.steps[..i].iter().filter(|step| step.is(word)).count();
        site.path.then(Named::Nth(word.to_owned(), before + usize::from(pipeline.source.word() == word)))
    };
    let edits = vec![
        Edit { at: step(first), change: EditKind::InsertBefore(json!(sort)) },
        Edit { at: step(at), change: delete() },
    ];
    vec![Mutation { at: step(at), edits, detail: String::new() }]
}

/// Fields of a query or of a body, collected by a library's type before they are written.
fn collected(site: &Site<'_>, sorts: Option<bool>, steps: &[&str], detail: &str) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    let has = |word: &str| pipeline.steps.iter().any(|step| step.is(word));
    let is_of_fields =
        pipeline.all().iter().any(|part| ["query", "form", "multipart"].iter().any(|word| part.source.is(word)));
    if site.block != Block::Derive || !has("pair") || !is_of_fields || sorts.is_some_and(|sorts| sorts != has("sort")) {
        return Vec::new();
    }
    let pair = site.path.then(Named::Nth("pair".into(), 0));
    // The last is made first, so it stands last.
    let edit = |step: &&str| Edit { at: pair.clone(), change: EditKind::InsertBefore(json!(step)) };
    vec![Mutation { at: pair.clone(), edits: steps.iter().map(edit).collect(), detail: detail.into() }]
}

pub(super) const OPERATORS: &[Operator] = &[
    operator("not-sorted", &["C24", "C32"], "does not sort", "sort by name, bytewise", |site| at_sort(site, delete())),
    operator(
        "sorted-caseless",
        &["C26", "C27"],
        "sorts names without regard to case",
        "compare bytes: capitals before small letters",
        |site| at_sort(site, set(json!({ "caseless": true }))),
    ),
    operator(
        "sorted-folded",
        &["C26"],
        "sorts names without regard to case and leaves those that differ in case alone in their order",
        "compare bytes: capitals before small letters",
        |site| at_sort(site, deviate("folded")),
    ),
    operator("sorted-descending", &["C24"], "sorts from the last to the first", "sort upwards", |site| {
        at_sort(site, deviate("descending"))
    }),
    operator(
        "sorted-utf16",
        &["C28"],
        "sorts by UTF-16 code units, as strings of JavaScript, Java and C# compare",
        "compare UTF-8 bytes",
        |site| at_sort(site, deviate("utf16")),
    ),
    operator(
        "sorted-natural",
        &["C32"],
        "sorts runs of digits by their number, a2 before a10",
        "compare bytes",
        |site| at_sort(site, deviate("natural")),
    ),
    operator(
        "ties-by-value",
        &["C23", "C21"],
        "sorts equal names by value",
        "keep equal names in their order",
        |site| at_sort(site, set(json!({ "by": ["name", "value"] }))),
    ),
    operator("ties-in-order", &["C23"], "leaves equal names in their order", "sort equal names by value", |site| {
        at_sort(site, set(json!({ "by": ["name"] })))
    }),
    operator("sorted-by-value", &["C24"], "sorts by value", "sort by name", |site| {
        at_sort(site, set(json!({ "by": ["value"] })))
    }),
    operator(
        "sorted-joined",
        &["C22"],
        "sorts the joined strings and not the names",
        "sort by name before joining",
        |site| sorted(site, true, EditKind::InsertAfter(json!("sort"))),
    ),
    operator(
        "sorted-all-the-same",
        &["C25"],
        "sorts what must stay as sent",
        "keep the order of the message",
        |site| sorted(site, false, EditKind::InsertBefore(json!("sort"))),
    ),
    operator(
        "names-of-variables",
        &["C94"],
        "takes the names as PHP has them in $_GET and $_POST, with _ for a space or a point",
        "take the names as they are sent",
        |site| collected(site, None, &["php-names"], ""),
    ),
    operator(
        "query-read-as-form",
        &["C02", "V45"],
        "reads + of the query as a space, as in a form",
        "read + of the query as it stands",
        |site| match site.spot {
            Spot::Wire if site.operation.1.wire.query == QueryForm::Percent && reads_query(site) => {
                one(site, set(json!({ "query": QueryForm::Form })))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "sorted-too-early",
        &["C21", "C24"],
        "sorts before it encodes or changes the case of what it sorts",
        "sort what is written, after it is encoded and its case is changed",
        sorted_too_early,
    ),
    operator(
        "last-of-repeated",
        &["C30"],
        "keeps only the last of a repeated name, as a dictionary does",
        "sign every occurrence",
        |site| at_fields(site, EditKind::InsertAfter(json!("keep-last"))),
    ),
    operator(
        "first-of-repeated",
        &["C30"],
        "keeps only the first of a repeated name",
        "sign every occurrence",
        |site| at_fields(site, EditKind::InsertAfter(json!("keep-first"))),
    ),
    operator(
        "repeated-joined",
        &["C31", "C63"],
        "joins the values of a repeated name with a comma",
        "sign every occurrence",
        |site| at_fields(site, EditKind::InsertAfter(json!({ "group": "," }))),
    ),
    operator(
        "empty-dropped",
        &["C34"],
        "leaves out parameters whose value is empty",
        "sign empty parameters too",
        |site| at_fields(site, EditKind::InsertAfter(json!("drop-empty"))),
    ),
    operator(
        "valueless-dropped",
        &["C33"],
        "leaves out parameters without an equals sign",
        "sign them with an empty value",
        |site| at_fields(site, EditKind::InsertAfter(json!("drop-valueless"))),
    ),
    operator(
        "values-cut-at-equals",
        &["C35"],
        "cuts a value at an equals sign that is part of it",
        "split at the first equals sign only",
        |site| at_fields(site, EditKind::InsertAfter(json!("cut-at-equals"))),
    ),
    operator("values-trimmed", &["C60"], "trims white space around values", "sign values as they are", |site| {
        at_fields(site, EditKind::InsertAfter(json!({ "trim": "value" })))
    }),
    operator("names-trimmed", &["C60"], "trims white space around names", "sign names as they are", |site| {
        at_fields(site, EditKind::InsertAfter(json!({ "trim": "name" })))
    }),
    operator("names-lower-cased", &["C40", "C64"], "makes names lower case", "sign names as they are", |site| {
        at_fields(site, EditKind::InsertAfter(json!({ "lower": "name" })))
    }),
    operator("values-lower-cased", &["C40"], "makes values lower case", "sign values as they are", |site| {
        at_fields(site, EditKind::InsertAfter(json!({ "lower": "value" })))
    }),
    operator(
        "inner-spaces-collapsed",
        &["C60", "C61"],
        "makes runs of white space in values one space",
        "sign values as they are",
        |site| at_fields(site, EditKind::InsertAfter(json!({ "collapse-space": "value" }))),
    ),
    operator(
        "equals-sign-between",
        &["D03"],
        "puts = between name and value",
        "join name and value without anything between",
        |site| at_pair(site, set(json!({ "template": "{name}={value}" }))),
    ),
    operator(
        "colon-between",
        &["C77"],
        "puts a colon between name and value",
        "join name and value as the document does",
        |site| at_pair(site, set(json!({ "template": "{name}:{value}" }))),
    ),
    operator(
        "colon-and-space-between",
        &["C77"],
        "puts a colon and a space between name and value",
        "join name and value as the document does",
        |site| at_pair(site, set(json!({ "template": "{name}: {value}" }))),
    ),
    operator("names-left-out", &["C37"], "joins the values alone", "sign names too", |site| {
        at_pair(site, set(json!({ "template": "{value}" })))
    }),
    operator("values-left-out", &["C37"], "joins the names alone", "sign values too", |site| {
        at_pair(site, set(json!({ "template": "{name}" })))
    }),
    operator(
        "valueless-as-true",
        &["C33"],
        "signs a parameter without an equals sign as if its value were true",
        "sign it with an empty value",
        |site| at_pair(site, set(json!({ "valueless": "{name}true" }))),
    ),
    operator("empty-value-named-null", &["C33"], "signs a missing value as null", "sign it as empty", |site| {
        at_pair(site, set(json!({ "valueless": "{name}null" })))
    }),
    operator(
        "valueless-as-text",
        &["C33"],
        "signs the text undefined or None for the value of a parameter without an equals sign",
        "sign it with an empty value",
        |site| {
            let template = site.step("pair").map_or("", |step| step.get("template").text());
            let text = |text: &&str| with(site, set(json!({ "valueless": template.replace("{value}", text) })), text);
            if template.contains("{value}") { ["undefined", "None"].iter().map(text).collect() } else { Vec::new() }
        },
    ),
    operator(
        "collected-in-an-object",
        &["C94", "C32"],
        "keeps parameters in an object of JavaScript, where names that are whole numbers come first, by number",
        "keep parameters in a list",
        |site| {
            let alone = "of a repeated name the last value alone";
            let last = collected(site, None, &["numbers-first", "as-dictionary"], alone);
            [collected(site, None, &["numbers-first"], ""), last].concat()
        },
    ),
    operator(
        "collected-in-a-dictionary",
        &["C94", "C30"],
        "keeps parameters in a dictionary, where a repeated name has its first place and its last value",
        "keep parameters in a list",
        |site| collected(site, Some(false), &["as-dictionary"], ""),
    ),
];
