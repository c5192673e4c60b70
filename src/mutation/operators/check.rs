//! Mistakes of verification.

use super::operator::{Mutation, Operator, delete, deviate, everywhere, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::scheme::{Check, Direction, Edit, EditKind, Misreading, Named, Node, Pipeline, Source, Tests};
use serde_json::{Value, json};

/// The test of a check, where the site is one.
pub(super) fn test<'a>(site: &Site<'a>) -> Option<&'a Node<Tests>> {
    match site.spot {
        Spot::Check(check, ..) => Some(&check.test),
        _ => None,
    }
}

pub(super) fn at(site: &Site<'_>, is: impl Fn(&Node<Tests>) -> bool, change: EditKind) -> Vec<Mutation> {
    if test(site).is_some_and(is) { one(site, change) } else { Vec::new() }
}

pub(super) fn at_word(site: &Site<'_>, word: &str, change: EditKind) -> Vec<Mutation> {
    at(site, |test| test.is(word), change)
}

pub(super) fn pipeline<'a>(test: &'a Node<Tests>, option: &str) -> Option<&'a Pipeline> {
    test.get(option).pipeline()
}

pub(super) fn is_field(pipeline: &Pipeline) -> bool {
    pipeline.source.field().is_some()
}

pub(super) fn arrives_in(source: &Source) -> bool {
    source.field().is_some() || source.name_in("received").is_some()
}

/// A comparison of something that arrives with something that is known; the former.
pub(super) fn compared(test: &Node<Tests>) -> Option<&Pipeline> {
    let (left, right) = (pipeline(test, "left")?, pipeline(test, "right")?);
    let is = test.is("equal") && !test.get("caseless").is_set();
    (is && arrives_in(&left.source) && !right.source.is_fixed()).then_some(left)
}

pub(super) fn is_equal(test: &Node<Tests>) -> bool {
    compared(test).is_some()
}

/// Returns whether a check says that this value is there.
pub(super) fn guards(check: &Check, value: &Pipeline) -> bool {
    check.test.is("present") && pipeline(&check.test, "value") == Some(value)
}

/// A comparison without the check before it that the value is there. What a template takes is there
/// always.
fn only_where_present(site: &Site<'_>) -> Vec<Mutation> {
    let Some(left) = test(site).and_then(compared).filter(|left| is_field(left)) else { return Vec::new() };
    let presence = site.operation.1.verify.iter().filter(|check| check.test.is("present"));
    let Some(guard) = presence.into_iter().position(|check| guards(check, left)) else {
        let is_optional = matches!(site.spot, Spot::Check(check, ..) if check.optional);
        return if is_optional { Vec::new() } else { one(site, set(json!({ "optional": true }))) };
    };
    let guard = Edit { at: site.path.parent().then(Named::Nth("present".into(), guard)), change: delete() };
    let compared = |change| {
        let edits = vec![guard.clone(), Edit { at: site.path.clone(), change }];
        Mutation { at: site.path.clone(), edits, detail: String::new() }
    };
    let empty = json!({ "optional": true, "deviation": "empty-passes" });
    vec![
        compared(set(json!({ "optional": true }))),
        Mutation { detail: "or has it empty".into(), ..compared(set(empty)) },
    ]
}

/// Callbacks that are accepted unseen: with an empty body where one is signed, or by their method where several may be.
fn passed_over(site: &Site<'_>) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    if !matches!(site.spot, Spot::Wire) || operation.verify.is_empty() || operation.direction != Direction::Callback {
        return Vec::new();
    }
    let methods = &site.scheme.domain.methods;
    let is_one = operation.verify.iter().any(|check| is_method(&check.test));
    let several = methods.len() > 1 && methods.iter().any(|own| own == "POST") && !is_one;
    let all = sites(site.scheme, name, operation);
    let signs_body =
        all.iter().any(|other| other.block == Block::Derive && other.source().is_some_and(|it| it.is("body")));
    let ways = [
        ("with an empty body", Misreading::EmptyPasses, signs_body),
        ("of other methods than POST", Misreading::AllButPostPass, several),
    ];
    let ways = ways.into_iter().filter(|(.., fits)| *fits);
    ways.map(|(detail, way, _)| with(site, deviate(way.word()), detail)).collect()
}

/// A value that can be there and empty: not one that a template takes, which leaves it there always, nor a credential,
/// which is not there where it is empty.
fn may_be_empty(test: &Node<Tests>) -> bool {
    let value = pipeline(test, "value").filter(|_| test.is("present"));
    value.is_some_and(|value| !["received", "credential"].iter().any(|space| value.source.name_in(space).is_some()))
}

pub(super) fn is_method(test: &Node<Tests>) -> bool {
    test.is("equal") && pipeline(test, "left").is_some_and(|left| left.source.is("method"))
}

/// Returns whether a check compares this source with something that is not fixed, or remembers it.
fn is_compared(site: &Site<'_>, source: &Source) -> bool {
    let reads = |pipeline: &Pipeline| pipeline.source == *source;
    site.operation.1.verify.iter().map(|check| &check.test).any(|test| match test.word() {
        "present" => false,
        "equal" => {
            let fixed = pipeline(test, "right").is_some_and(|right| right.source.is_fixed());
            !fixed && pipeline(test, "left").is_some_and(reads)
        }
        _ => test.pipelines().iter().any(|(_, pipeline)| reads(pipeline)),
    })
}

/// Header values have no white space around them once HTTP has taken them apart.
fn is_header(site: &Site<'_>) -> bool {
    site.source().is_some_and(|source| source.name_in("header").is_some())
}

/// A value that arrives and is compared with one that is known; changed wherever it is read.
fn arrives(site: &Site<'_>, step: &Value) -> Vec<Mutation> {
    let arrives = |source: &&Source| site.block == Block::Verify && arrives_in(source) && is_compared(site, source);
    match site.source().filter(arrives) {
        Some(_) => everywhere(site, |_| EditKind::InsertAfter(step.clone())),
        None => Vec::new(),
    }
}

/// One text less of those that are allowed.
fn allowed(site: &Site<'_>) -> Vec<Mutation> {
    let Some(test) = test(site).filter(|test| test.is("one-of")) else { return Vec::new() };
    let (value, allowed) = (json!(pipeline(test, "value")), test.get("allowed").texts());
    let without = |left_out: &String| {
        let rest = allowed.iter().filter(|text| *text != left_out).map(|text| json!(text));
        let items: Vec<Value> = std::iter::once(value.clone()).chain(rest).collect();
        with(site, set(json!({ "one-of": items })), left_out)
    };
    allowed.iter().filter(|_| allowed.len() > 1).map(without).collect()
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
        "passed-over",
        &["V47"],
        "accepts some messages without a look at them",
        "verify every message, whatever its method and body",
        passed_over,
    ),
    operator(
        "head-taken-for-get",
        &["V47"],
        "takes a message with the method HEAD where one with GET is due, as routers do",
        "take the method alone that the document names",
        |site| {
            let is_method = site.block == Block::Verify && site.source().is_some_and(|source| source.is("method"));
            let is_get = |check: &Check| {
                let right = pipeline(&check.test, "right").filter(|_| self::is_method(&check.test));
                right.is_some_and(|right| right.source.fixed() == Some("GET"))
            };
            match is_method && site.operation.1.verify.iter().any(is_get) {
                true => one(site, EditKind::InsertAfter(json!({ "replace": { "HEAD": "GET" } }))),
                false => Vec::new(),
            }
        },
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
        "optional-demanded",
        &["V21"],
        "refuses a message that lacks what it may lack",
        "take a message without the value",
        |site| match site.spot {
            Spot::Check(check, ..) if check.optional => one(site, set(json!({ "optional": false }))),
            _ => Vec::new(),
        },
    ),
    operator(
        "received-trimmed",
        &["V20", "V07"],
        "trims white space around what arrives",
        "compare what arrives as it is",
        |site| if is_header(site) { Vec::new() } else { arrives(site, &json!("trim")) },
    ),
    operator(
        "received-lower-cased",
        &["V19"],
        "makes what arrives lower case",
        "compare what arrives as it is",
        |site| arrives(site, &json!("lower")),
    ),
    operator("received-decoded", &["V32", "C12"], "percent-decodes what arrives once more", "decode once", |site| {
        arrives(site, &json!({ "percent-decode": {} }))
    }),
    operator(
        "base-without-boundary",
        &["V26"],
        "takes an address that only starts like the base URL",
        "compare whole segments",
        |site| {
            let as_prefix = at_word(site, "under", deviate("as-prefix")).into_iter();
            let as_prefix = as_prefix.map(|one| Mutation { detail: "compared as a prefix".into(), ..one });
            at_word(site, "under", deviate("no-boundary")).into_iter().chain(as_prefix).collect()
        },
    ),
    operator(
        "value-not-allowed",
        &["V21"],
        "refuses a value that the document lists",
        "take every value that the document lists",
        allowed,
    ),
];
