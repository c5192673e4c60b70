//! Mistakes of verification.

use super::{Mutation, Operator, delete, deviate, everywhere, one, operator, set, with};
use crate::mutation::site::{Block, Node, Site};
use crate::scheme::{Change, Edit, Part, Pipeline, Source, Test};
use serde_json::json;

fn test<'a>(site: &'a Site<'_>) -> Option<&'a Test> {
    match &site.node {
        Node::Check(check, ..) => Some(&check.test),
        _ => None,
    }
}

fn at(site: &Site<'_>, is: fn(&Test) -> bool, change: Change) -> Vec<Mutation> {
    if test(site).is_some_and(is) { one(site, change) } else { Vec::new() }
}

/// A comparison of something that arrives with something that is known.
fn is_equal(test: &Test) -> bool {
    let arrives = |pipeline: &Pipeline| matches!(pipeline.source, Source::Received(_) | Source::Field(_));
    let fixed = |pipeline: &Pipeline| matches!(pipeline.source, Source::Literal(_));
    matches!(test, Test::Equal { left, right, caseless: false } if arrives(left) && !fixed(right))
}

/// A comparison that nothing before it keeps absent values from.
fn is_unguarded(site: &Site<'_>) -> bool {
    let Some(Test::Equal { left, .. }) = test(site) else { return false };
    let (_, operation) = site.operation;
    let guards = |check: &crate::scheme::Check| matches!(&check.test, Test::Present(value) if value == left);
    test(site).is_some_and(is_equal) && !operation.verify.iter().any(guards) && matches!(left.source, Source::Field(_))
}

/// A comparison without the check before it that the value is there. What a template takes is there
/// always.
fn only_where_present(site: &Site<'_>) -> Vec<Mutation> {
    let Some(Test::Equal { left, .. }) = test(site).filter(|test| is_equal(test)) else { return Vec::new() };
    if !matches!(left.source, Source::Field(_)) {
        return Vec::new();
    }
    let (_, operation) = site.operation;
    let presence = |check: &&crate::scheme::Check| matches!(check.test, Test::Present(_));
    let guards = |check: &crate::scheme::Check| matches!(&check.test, Test::Present(value) if value == left);
    let Some(guard) = operation.verify.iter().filter(presence).position(guards) else { return Vec::new() };
    let checks = site.path.rsplit_once('.').map_or("", |(checks, _)| checks);
    let guard = Edit { at: format!("{checks}.present[{guard}]"), change: delete() };
    let compared = Edit { at: site.path.clone(), change: deviate("absent-passes") };
    vec![Mutation { at: site.path.clone(), edits: vec![guard, compared], detail: String::new() }]
}

/// A value that can be there and empty, and is not taken by a template, which leaves it there always.
fn may_be_empty(test: &Test) -> bool {
    matches!(test, Test::Present(value) if !matches!(value.source, Source::Received(_)))
}

fn remembers(test: &Test) -> bool {
    matches!(test, Test::Unique(_) | Test::Same { .. } | Test::Rate { .. })
}

/// The last check, and one that sees every id once: what it refuses was remembered before.
fn is_last(site: &Site<'_>) -> bool {
    matches!(site.node, Node::Check(check, i, count) if i + 1 == count && matches!(check.test, Test::Unique(_)))
}

fn is_method(test: &Test) -> bool {
    matches!(test, Test::Equal { left, .. } if left.source == Source::Method)
}

fn is_rate(test: &Test) -> bool {
    matches!(test, Test::Rate { .. })
}

fn is_address(test: &Test) -> bool {
    matches!(test, Test::Address(_))
}

/// Whether a check compares this source with something that is not fixed, or remembers it.
fn is_compared(site: &Site<'_>, source: &Source) -> bool {
    let reads = |pipeline: &Pipeline| pipeline.source == *source;
    site.operation.1.verify.iter().any(|check| match &check.test {
        Test::Present(_) => false,
        Test::Equal { left, right, .. } => reads(left) && !matches!(right.source, Source::Literal(_)),
        other => other.pipelines().iter().any(|(_, pipeline)| reads(pipeline)),
    })
}

/// Header values have no white space around them once HTTP has taken them apart.
fn is_header(site: &Site<'_>) -> bool {
    matches!(&site.node, Node::Source(Source::Field(field)) if field.part == Part::Header)
}

/// A value that arrives and is compared with one that is known; changed wherever it is read.
fn arrives(site: &Site<'_>, step: serde_json::Value) -> Vec<Mutation> {
    let received = |source: &Source| matches!(source, Source::Received(_) | Source::Field(_));
    match &site.node {
        Node::Source(source) if site.block == Block::Verify && received(source) && is_compared(site, source) => {
            everywhere(site, |_| Change::InsertAfter(step.clone()))
        }
        _ => Vec::new(),
    }
}

/// One text less, or one text more, of those that are allowed.
fn allowed(site: &Site<'_>) -> Vec<Mutation> {
    let Some(Test::OneOf { value, allowed }) = test(site) else { return Vec::new() };
    let listed = |texts: Vec<&String>| {
        let value = serde_json::Value::from(value.clone());
        let items: Vec<serde_json::Value> = std::iter::once(value).chain(texts.into_iter().map(|t| json!(t))).collect();
        set(json!({ "one-of": items }))
    };
    let without = |left_out: &String| with(site, listed(allowed.iter().filter(|a| *a != left_out).collect()), left_out);
    allowed.iter().filter(|_| allowed.len() > 1).map(without).collect()
}

/// A list of addresses without one of them.
fn addresses(site: &Site<'_>) -> Vec<Mutation> {
    let Some(Test::Address(crate::scheme::Addresses::Listed(list))) = test(site) else { return Vec::new() };
    let without = |left_out: &String| {
        let rest: Vec<&String> = list.iter().filter(|a| *a != left_out).collect();
        with(site, set(json!({ "address": rest })), left_out)
    };
    list.iter().map(without).collect()
}

fn same_anywhere(site: &Site<'_>) -> Vec<Mutation> {
    match test(site) {
        Some(Test::Same { value, .. }) => {
            let key = Pipeline { source: Source::Literal("".into()), steps: Vec::new() };
            one(site, set(json!({ "same": { "key": key, "value": value } })))
        }
        Some(Test::Rate { limit, per, .. }) => {
            let by = json!({ "text": "" });
            one(site, set(json!({ "rate": { "limit": limit, "per": per, "by": [by] } })))
        }
        _ => Vec::new(),
    }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "check-left-out",
        &["V08", "V23", "V25", "V26", "V29", "V05"],
        "leaves out a check",
        "make the check",
        |site| at(site, |_| true, delete()),
    ),
    operator(
        "prefix-compared",
        &["V01"],
        "compares only as many characters as arrived",
        "compare the whole value",
        |site| at(site, is_equal, deviate("prefix")),
    ),
    operator("compared-caseless", &["V19", "V31"], "compares without regard to case", "compare exactly", |site| {
        at(site, |test| is_equal(test) || is_method(test), set(json!({ "caseless": true })))
    }),
    operator(
        "absent-equals-empty",
        &["V29", "V05"],
        "takes a missing value for an empty one, equal to an unset one",
        "refuse a message that lacks the value",
        |site| if is_unguarded(site) { one(site, deviate("absent-is-empty")) } else { Vec::new() },
    ),
    operator(
        "compared-where-present",
        &["V29"],
        "compares the value only where a message has it, and takes a message without it",
        "refuse a message that lacks the value",
        only_where_present,
    ),
    operator(
        "empty-passes",
        &["V05", "V29"],
        "takes an empty value for one that is there",
        "refuse an empty value",
        |site| at(site, may_be_empty, deviate("empty-passes")),
    ),
    operator(
        "received-trimmed",
        &["V20", "V07"],
        "trims white space around what arrives",
        "compare what arrives as it is",
        |site| if is_header(site) { Vec::new() } else { arrives(site, json!("trim")) },
    ),
    operator(
        "received-lower-cased",
        &["V19"],
        "makes what arrives lower case",
        "compare what arrives as it is",
        |site| arrives(site, json!("lower")),
    ),
    operator("received-decoded", &["V32", "C12"], "percent-decodes what arrives once more", "decode once", |site| {
        arrives(site, json!({ "percent-decode": {} }))
    }),
    operator(
        "unknown-address-passes",
        &["V26"],
        "lets a message pass whose address is not known",
        "refuse it",
        |site| at(site, is_address, deviate("absent-passes")),
    ),
    operator(
        "neighbour-address-passes",
        &["V26"],
        "takes every address of the same /24",
        "compare whole addresses",
        |site| at(site, is_address, deviate("same-network")),
    ),
    operator(
        "address-missing",
        &["V26"],
        "lacks one of the listed addresses",
        "list every address of the document",
        addresses,
    ),
    operator(
        "base-without-boundary",
        &["V26"],
        "takes an address that only starts like the base URL",
        "compare whole segments",
        |site| at(site, |test| matches!(test, Test::Under { .. }), deviate("no-boundary")),
    ),
    operator(
        "value-not-allowed",
        &["V21"],
        "refuses a value that the document lists",
        "take every value that the document lists",
        allowed,
    ),
    operator(
        "one-message-more",
        &["V11"],
        "lets one message more pass than the limit",
        "the limit itself is the last that passes",
        |site| at(site, is_rate, deviate("one-more")),
    ),
    operator(
        "one-message-less",
        &["V11"],
        "lets one message less pass than the limit",
        "the limit itself still passes",
        |site| at(site, is_rate, deviate("one-less")),
    ),
    operator(
        "window-with-its-start",
        &["V11"],
        "counts a message at the start of the window",
        "a message one window old does not count",
        |site| at(site, is_rate, deviate("inclusive-start")),
    ),
    operator(
        "window-without-end",
        &["V11"],
        "never forgets a message",
        "count the messages of the window only",
        |site| at(site, is_rate, deviate("forever")),
    ),
    operator(
        "refused-leave-a-trace",
        &["V26"],
        "remembers refused messages",
        "remember accepted messages only",
        |site| if is_last(site) { Vec::new() } else { at(site, remembers, deviate("refused-count")) },
    ),
    operator("last-id-only", &["V08"], "remembers the last id only", "remember every id", |site| {
        at(site, |test| matches!(test, Test::Unique(_)), deviate("last-only"))
    }),
    operator(
        "bound-to-nothing",
        &["V26"],
        "remembers one value for everything",
        "remember a value for each key",
        same_anywhere,
    ),
];
