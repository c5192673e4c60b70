//! Mistakes of verification.

use super::operator::{Mutation, Operator, delete, deviate, everywhere, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot};
use crate::scheme::{Arg, Check, Edit, EditKind, Named, Node, Pipeline, Source, Tests};
use serde_json::{Value, json};

/// The test of a check, where the site is one.
fn test<'a>(site: &Site<'a>) -> Option<&'a Node<Tests>> {
    match site.spot {
        Spot::Check(check, ..) => Some(&check.test),
        _ => None,
    }
}

fn at(site: &Site<'_>, is: impl Fn(&Node<Tests>) -> bool, change: EditKind) -> Vec<Mutation> {
    if test(site).is_some_and(is) { one(site, change) } else { Vec::new() }
}

fn at_word(site: &Site<'_>, word: &str, change: EditKind) -> Vec<Mutation> {
    at(site, |test| test.is(word), change)
}

fn pipeline<'a>(test: &'a Node<Tests>, option: &str) -> Option<&'a Pipeline> {
    test.get(option).pipeline()
}

fn is_field(pipeline: &Pipeline) -> bool {
    pipeline.source.field().is_some()
}

fn arrives_in(source: &Source) -> bool {
    source.field().is_some() || source.name_in("received").is_some()
}

/// A comparison of something that arrives with something that is known; the former.
fn compared(test: &Node<Tests>) -> Option<&Pipeline> {
    let (left, right) = (pipeline(test, "left")?, pipeline(test, "right")?);
    let is = test.is("equal") && !test.get("caseless").is_set();
    (is && arrives_in(&left.source) && !right.source.is_fixed()).then_some(left)
}

fn is_equal(test: &Node<Tests>) -> bool {
    compared(test).is_some()
}

/// Returns whether a check says that this value is there.
fn guards(check: &Check, value: &Pipeline) -> bool {
    check.test.is("present") && pipeline(&check.test, "value") == Some(value)
}

/// A comparison that nothing before it keeps absent values from.
fn is_unguarded(site: &Site<'_>) -> bool {
    let checks = &site.operation.1.verify;
    test(site).and_then(compared).is_some_and(|left| is_field(left) && !checks.iter().any(|check| guards(check, left)))
}

/// A comparison without the check before it that the value is there. What a template takes is there
/// always.
fn only_where_present(site: &Site<'_>) -> Vec<Mutation> {
    let Some(left) = test(site).and_then(compared).filter(|left| is_field(left)) else { return Vec::new() };
    let presence = site.operation.1.verify.iter().filter(|check| check.test.is("present"));
    let Some(guard) = presence.into_iter().position(|check| guards(check, left)) else { return Vec::new() };
    let guard = Edit { at: site.path.parent().then(Named::Nth("present".into(), guard)), change: delete() };
    let compared = Edit { at: site.path.clone(), change: set(json!({ "optional": true })) };
    vec![Mutation { at: site.path.clone(), edits: vec![guard, compared], detail: String::new() }]
}

/// A comparison with Base64 that is derived.
fn is_base64(site: &Site<'_>) -> bool {
    let derived = test(site).filter(|test| is_equal(test)).and_then(|test| pipeline(test, "right"));
    let stage =
        derived.and_then(|right| right.source.name_in("stage")).and_then(|name| site.operation.1.derive.get(name));
    stage.and_then(|stage| stage.steps.last()).is_some_and(|step| step.is("base64"))
}

/// A value that can be there and empty: not one that a template takes, which leaves it there always, nor a credential,
/// which is not there where it is empty.
fn may_be_empty(test: &Node<Tests>) -> bool {
    let value = pipeline(test, "value").filter(|_| test.is("present"));
    value.is_some_and(|value| !["received", "credential"].iter().any(|space| value.source.name_in(space).is_some()))
}

/// The last check, and one that remembers what passes it alone: no refused message has left a trace.
fn is_last(site: &Site<'_>) -> bool {
    matches!(site.spot, Spot::Check(check, i, count) if i + 1 == count && ["unique", "increasing"].contains(&check.test.word()))
}

fn is_method(test: &Node<Tests>) -> bool {
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

/// A list of addresses without one of them.
fn addresses(site: &Site<'_>) -> Vec<Mutation> {
    let Some(Arg::Texts(list)) = test(site).filter(|test| test.is("address")).map(Node::first) else {
        return Vec::new();
    };
    let without = |left_out: &String| {
        let rest: Vec<&String> = list.iter().filter(|a| *a != left_out).collect();
        with(site, set(json!({ "address": rest })), left_out)
    };
    list.iter().map(without).collect()
}

fn same_anywhere(site: &Site<'_>) -> Vec<Mutation> {
    let nothing = json!([{ "text": "" }]);
    match test(site).map(|test| (test.word(), test)) {
        Some(("same", test)) => one(site, set(json!({ "same": { "key": nothing, "value": pipeline(test, "value") } }))),
        Some(("increasing", test)) => {
            one(site, set(json!({ "increasing": { "by": nothing, "value": pipeline(test, "value") } })))
        }
        Some(("rate", test)) => {
            let (limit, per) = (pipeline(test, "limit"), test.get("per").text());
            one(site, set(json!({ "rate": { "limit": limit, "per": per, "by": nothing } })))
        }
        _ => Vec::new(),
    }
}

/// A check that a number differs from all that were seen, in place of one that it grows.
fn only_differs(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Check(check, ..) = site.spot else { return Vec::new() };
    let (Some(by), Some(value)) = (pipeline(&check.test, "by"), pipeline(&check.test, "value")) else {
        return Vec::new();
    };
    let Value::Object(mut differs) = check.printed() else { return Vec::new() };
    match differs.shift_remove("increasing") {
        Some(_) => {
            differs.insert("unique".into(), json!({ "lines": [by, value] }));
            one(site, EditKind::Replace(differs.into()))
        }
        None => Vec::new(),
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
    operator(
        "longer-value-compared",
        &["V01", "V20"],
        "takes a value that only starts with the right one",
        "compare the whole value",
        |site| at(site, is_equal, deviate("extension")),
    ),
    operator(
        "first-eight-compared",
        &["V01"],
        "compares the first 8 characters alone",
        "compare the whole value",
        |site| at(site, is_equal, deviate("first-eight")),
    ),
    operator(
        "part-compared",
        &["V01", "V20"],
        "takes a value that holds the right one or is a part of it",
        "compare the whole value",
        |site| at(site, is_equal, deviate("contains")),
    ),
    operator(
        "either-base64-compared",
        &["V18"],
        "compares Base64 of either alphabet, padded or not",
        "compare exactly",
        |site| if is_base64(site) { one(site, deviate("any-base64")) } else { Vec::new() },
    ),
    operator(
        "first-candidate-only",
        &["V15"],
        "looks at the first of several signatures alone",
        "take a message one of whose signatures is right",
        |site| at_word(site, "any-equal", deviate("first-only")),
    ),
    operator(
        "last-candidate-only",
        &["V15"],
        "looks at the last of several signatures alone",
        "take a message one of whose signatures is right",
        |site| at_word(site, "any-equal", deviate("last-only")),
    ),
    operator(
        "account-found-caseless",
        &["V36"],
        "finds an account without regard to case",
        "find an account by its exact credentials",
        |site| at_word(site, "account", deviate("caseless")),
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
        "unknown-address-passes",
        &["V26"],
        "lets a message pass whose address is not known",
        "refuse it",
        |site| at_word(site, "address", deviate("absent-passes")),
    ),
    operator(
        "neighbour-address-passes",
        &["V26"],
        "takes every address of the same /24",
        "compare whole addresses",
        |site| at_word(site, "address", deviate("same-network")),
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
        |site| at_word(site, "under", deviate("no-boundary")),
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
        |site| at_word(site, "rate", deviate("one-more")),
    ),
    operator(
        "one-message-less",
        &["V11"],
        "lets one message less pass than the limit",
        "the limit itself still passes",
        |site| at_word(site, "rate", deviate("one-less")),
    ),
    operator(
        "window-with-its-start",
        &["V11"],
        "counts a message at the start of the window",
        "a message one window old does not count",
        |site| at_word(site, "rate", deviate("inclusive-start")),
    ),
    operator(
        "window-without-end",
        &["V11"],
        "never forgets a message",
        "count the messages of the window only",
        |site| at_word(site, "rate", deviate("forever")),
    ),
    operator(
        "refused-leave-a-trace",
        &["V26"],
        "remembers refused messages",
        "remember accepted messages only",
        |site| {
            if is_last(site) { Vec::new() } else { at(site, |test| test.item.does.remembers, deviate("refused-count")) }
        },
    ),
    operator("last-id-only", &["V08"], "remembers the last id only", "remember every id", |site| {
        at_word(site, "unique", deviate("last-only"))
    }),
    operator(
        "only-differs",
        &["V33"],
        "takes any number that it has not seen, a smaller one too",
        "refuse a number that is not greater than the last",
        only_differs,
    ),
    operator(
        "same-number-passes",
        &["V33"],
        "takes the last number a second time",
        "refuse a number that is not greater than the last",
        |site| at_word(site, "increasing", deviate("same-passes")),
    ),
    operator(
        "numbers-compared-as-text",
        &["V33", "C32"],
        "compares numbers as text, so that 10 comes before 9",
        "compare numbers by their value",
        |site| at_word(site, "increasing", deviate("as-text")),
    ),
    operator(
        "bound-to-nothing",
        &["V26"],
        "remembers one value for everything",
        "remember a value for each key",
        same_anywhere,
    ),
];
