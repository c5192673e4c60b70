//! Mistakes of comparing what arrives with what it must be.

use super::check::{at, at_word, compared, guards, is_equal, is_field, is_method, pipeline, test};
use super::operator::{Mutation, Operator, deviate, one, operator, set, with};
use crate::mutation::site::{Block, Site};
use crate::scheme::{Node, Pipeline, Tests};
use serde_json::{Map, Value, json};

/// One or several values that arrive, compared with one that is known.
fn is_compared(test: &Node<Tests>) -> bool {
    is_equal(test) || test.is("any-equal")
}

/// The value that is known.
fn right(test: &Node<Tests>) -> Option<&Pipeline> {
    let option = if test.is("equal") { "right" } else { "value" };
    pipeline(test, option).filter(|_| is_compared(test))
}

/// A comparison with something secret, or with what is derived.
fn is_of_signature(site: &Site<'_>) -> bool {
    test(site).and_then(right).is_some_and(|known| {
        let credential = known.source.name_in("credential");
        known.source.name_in("stage").is_some() || credential.is_some_and(|name| site.is_secret(name))
    })
}

/// One that nothing before it keeps empty values from.
fn may_be_empty(site: &Site<'_>) -> bool {
    let guarded = |left: &Pipeline| site.operation.1.verify.iter().any(|check| guards(check, left));
    is_of_signature(site) && !test(site).and_then(compared).is_some_and(guarded)
}

fn wrongly(site: &Site<'_>, way: &str) -> Vec<Mutation> {
    at(site, is_compared, deviate(way))
}

/// A comparison that nothing before it keeps absent values from.
fn is_unguarded(site: &Site<'_>) -> bool {
    let checks = &site.operation.1.verify;
    test(site).and_then(compared).is_some_and(|left| is_field(left) && !checks.iter().any(|check| guards(check, left)))
}

/// The steps of the stage that is compared.
fn derived<'a>(site: &Site<'a>) -> Option<&'a Pipeline> {
    let name = test(site).and_then(right).and_then(|right| right.source.name_in("stage"));
    name.and_then(|name| site.operation.1.derive.get(name))
}

/// A comparison with Base64 that is derived.
fn is_base64(site: &Site<'_>) -> bool {
    derived(site).and_then(|stage| stage.steps.last()).is_some_and(|step| step.is("base64"))
}

/// A comparison with a text that stands for bytes, and the way to compare these bytes.
fn decoded(site: &Site<'_>) -> Vec<Mutation> {
    let last = derived(site).and_then(|stage| stage.steps.last()).map_or("", |step| step.word());
    match last {
        "base64" => one(site, deviate("decoded-base64")),
        "hex" => one(site, deviate("decoded-hex")),
        _ => Vec::new(),
    }
}

/// A comparison with a text that may be a number to a language that turns text into numbers: a credential, or so few
/// hexadecimal digits that they are decimal ones now and then.
fn may_be_number(site: &Site<'_>) -> bool {
    let is_credential =
        |pipeline: &Pipeline| pipeline.source.name_in("credential").is_some() && pipeline.steps.is_empty();
    let is_short = |stage: &Pipeline| match stage.steps.as_slice() {
        [.., digest, hex] => digest.is("md5") && hex.is("hex"),
        _ => false,
    };
    let known = test(site).and_then(right).is_some_and(is_credential);
    known || derived(site).is_some_and(|stage| is_credential(stage) || is_short(stage))
}

/// A comparison with something of the account, which one account has and another one has not.
fn is_of_account(site: &Site<'_>) -> bool {
    let accounts = site.operation.1.verify.iter().any(|check| check.test.is("account"));
    accounts && test(site).is_some_and(|test| test.is("equal")) && is_of_signature(site)
}

/// A comparison with a fixed text, of a method or of an attribute, that refuses what is listed and takes the rest.
fn denies(test: &Node<Tests>) -> bool {
    let fixed = pipeline(test, "right").filter(|_| test.is("equal")).and_then(|right| right.source.fixed());
    let arrives = pipeline(test, "left").is_some_and(|left| {
        let is_attribute = left.all().iter().any(|part| part.source.name_in("credential").is_some());
        left.source.is("method") || is_attribute
    });
    arrives && fixed.is_some_and(|text| !text.is_empty())
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "prefix-compared",
        &["V01"],
        "compares only as many characters as arrived",
        "compare the whole value",
        |site| wrongly(site, "prefix"),
    ),
    operator(
        "longer-value-compared",
        &["V01", "V20"],
        "takes a value that only starts with the right one",
        "compare the whole value",
        |site| wrongly(site, "extension"),
    ),
    operator(
        "first-eight-compared",
        &["V01"],
        "compares the first 8 characters alone",
        "compare the whole value",
        |site| wrongly(site, "first-eight"),
    ),
    operator(
        "part-compared",
        &["V01", "V20"],
        "takes a value that holds the right one or is a part of it",
        "compare the whole value",
        |site| wrongly(site, "contains"),
    ),
    operator(
        "either-base64-compared",
        &["V18"],
        "compares Base64 of either alphabet, padded or not",
        "compare exactly",
        |site| if is_base64(site) { one(site, deviate("any-base64")) } else { Vec::new() },
    ),
    operator(
        "decoded-before-compared",
        &["V18", "V20"],
        "decodes what arrives, passing over characters that are no digits of it, and compares the bytes",
        "compare the text, or refuse what is not canonical",
        decoded,
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
        let candidates = at_word(site, "any-equal", deviate("caseless"));
        let one = at(site, |test| is_equal(test) || is_method(test), set(json!({ "caseless": true })));
        [candidates, one].concat()
    }),
    operator(
        "absent-equals-empty",
        &["V29", "V05"],
        "takes a missing value for an empty one, equal to an unset one",
        "refuse a message that lacks the value",
        |site| if is_unguarded(site) { one(site, deviate("absent-is-empty")) } else { Vec::new() },
    ),
    operator(
        "compared-as-numbers",
        &["V37"],
        "compares two texts that are numbers as numbers, so that 1e3 is 1000",
        "compare texts as texts, with a function that takes bytes and the same time for each",
        |site| if may_be_number(site) { wrongly(site, "as-number") } else { Vec::new() },
    ),
    operator(
        "empty-signature-compared",
        &["V29"],
        "takes an empty value where the right one is due",
        "refuse an empty value like any other wrong one",
        |site| if may_be_empty(site) { wrongly(site, "empty-passes") } else { Vec::new() },
    ),
    operator(
        "no-signature-passes",
        &["V29"],
        "takes a message whose list of signatures is empty",
        "refuse a message unless one of its signatures is right",
        |site| at_word(site, "any-equal", deviate("none-passes")),
    ),
    operator(
        "credential-of-any-account",
        &["V38"],
        "takes the credential or signature of any account",
        "compare with that of the account that the message names",
        |site| if is_of_account(site) { wrongly(site, "any-account") } else { Vec::new() },
    ),
    operator(
        "unknown-key-as-first-account",
        &["V38"],
        "takes the first account where a message names none that it knows",
        "refuse a message that names no known account",
        |site| at_word(site, "account", deviate("first-known")),
    ),
    operator(
        "account-by-less",
        &["V38"],
        "finds the account without a look at one of the credentials that name it",
        "find an account by all the credentials that the message has",
        |site| {
            let printed = test(site).filter(|test| test.is("account")).map(Node::printed);
            let credentials = printed.as_ref().and_then(|test| test["account"].as_object());
            let Some(all) = credentials.filter(|all| all.len() > 1) else { return Vec::new() };
            let without = |left_out: &String| {
                let rest: Map<String, Value> =
                    all.iter().filter(|(name, _)| *name != left_out).map(|(n, v)| (n.clone(), v.clone())).collect();
                with(site, set(json!({ "account": rest })), left_out)
            };
            all.keys().map(without).collect()
        },
    ),
    operator(
        "any-version-counts",
        &["V21"],
        "takes a signature of any version, whatever name stands before it",
        "look at signatures of the version alone that the document names",
        |site| match site.step("all").filter(|_| site.block == Block::Receive) {
            Some(_) => vec![
                with(site, deviate("any-name"), ""),
                with(site, deviate("like-name"), "whose name starts with the same letter"),
                with(site, deviate("longer-name"), "whose name starts with the right one"),
            ],
            None => Vec::new(),
        },
    ),
    operator(
        "denies-and-does-not-allow",
        &["V39"],
        "refuses what it knows to be wrong, and takes the rest",
        "take what is permitted, and nothing else",
        |site| at(site, denies, deviate("denies-known")),
    ),
];
