//! Mistakes about the algorithm that a message names.

use super::check::{arrives_in, pipeline, test};
use super::operator::{Mutation, Operator, deviate, operator, set};
use crate::mutation::site::{Block, Site, sites};
use crate::scheme::{Edit, EditKind, Named, Node, Operation, Path, Pipeline, Tests};
use serde_json::json;

/// The text that a value always is, or the stage that it is.
fn fixed<'a>(value: &'a Pipeline, operation: &'a Operation) -> Option<&'a str> {
    let stage = value.source.name_in("stage").and_then(|name| operation.derive.get(name));
    let is_plain = |value: &&Pipeline| value.steps.is_empty();
    stage.or(Some(value)).filter(is_plain)?.source.fixed()
}

/// Returns whether a text is the name of an algorithm that signs, as in `RS256` and `hmac-sha256`.
fn is_algorithm(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let is_word = ["hmac", "rsa", "ecdsa", "ed25519", "eddsa"].iter().any(|word| text.contains(word));
    let digits = ["hs", "rs", "es", "ps"].iter().find_map(|letters| text.strip_prefix(letters));
    is_word || digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Returns whether a check is about the algorithm that a message names.
fn names_algorithm(test: &Node<Tests>, operation: &Operation) -> bool {
    let arrives = pipeline(test, "left").is_some_and(|left| arrives_in(&left.source));
    let fixed = pipeline(test, "right").and_then(|right| fixed(right, operation));
    test.is("equal") && arrives && fixed.is_some_and(is_algorithm)
}

/// Returns whether a check is about a signature: a stage from which no secret comes back, or one under a key pair.
fn is_of_signature(test: &Node<Tests>, operation: &Operation) -> bool {
    let known = pipeline(test, if test.is("any-equal") { "value" } else { "right" });
    let stage = known.and_then(|known| known.source.name_in("stage")).and_then(|name| operation.derive.get(name));
    let is_signature = |stage: &Pipeline| stage.steps.iter().any(|step| step.is("hmac"));
    test.is("signed") || (test.is("equal") || test.is("any-equal")) && stage.is_some_and(is_signature)
}

/// A wrong way to look at the name of the algorithm, and one to look at each signature that is checked after it.
fn taken(site: &Site<'_>, named: &str, signature: &str, is: fn(&Node<Tests>, &Operation) -> bool) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    if !test(site).is_some_and(|test| names_algorithm(test, operation)) {
        return Vec::new();
    }
    let verify = Path::of(name).key("verify");
    let path = |i: usize| {
        let word = operation.verify[i].test.word();
        let before = operation.verify[..i].iter().filter(|other| other.test.is(word)).count();
        verify.then(Named::Nth(word.into(), before))
    };
    let after = (0..operation.verify.len()).skip_while(|i| path(*i) != site.path).skip(1);
    let checked: Vec<Edit> = after
        .filter(|i| is(&operation.verify[*i].test, operation))
        .map(|i| Edit { at: path(i), change: deviate(signature) })
        .collect();
    if checked.is_empty() {
        return Vec::new();
    }
    let first = Edit { at: site.path.clone(), change: deviate(named) };
    let edits = std::iter::once(first).chain(checked).collect();
    vec![Mutation { at: site.path.clone(), edits, detail: String::new() }]
}

/// Hash functions that a fixed text names, and how a service's earlier signatures name others.
const NAMED: &[(&str, &[&str])] =
    &[("sha256", &["sha1", "sha512", "md5"]), ("sha1", &["sha256", "md5"]), ("sha512", &["sha256"])];

/// Another hash function, and the text before the signature that names it.
fn with_its_name(site: &Site<'_>) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    let Some(step) = site.step("hmac").filter(|_| site.block == Block::Derive) else { return Vec::new() };
    let with = step.get("with").text();
    let Some((_, others)) = NAMED.iter().find(|(own, _)| *own == with) else { return Vec::new() };
    let all = sites(site.scheme, name, operation);
    let text = |other: &Site<'_>| {
        let text = other.source().filter(|_| matches!(other.block, Block::Derive | Block::Place))?.fixed()?;
        text.contains(with).then(|| (other.path.clone(), text.to_owned()))
    };
    let texts: Vec<(Path, String)> = all.iter().filter_map(text).collect();
    let named = |other: &&str| {
        let text = |(at, text): &(Path, String)| {
            let change = EditKind::Replace(json!({ "text": text.replace(with, other) }));
            Edit { at: at.clone(), change }
        };
        let hash = Edit { at: site.path.clone(), change: set(json!({ "with": other })) };
        let edits = std::iter::once(hash).chain(texts.iter().map(text)).collect();
        Mutation { at: site.path.clone(), edits, detail: (*other).to_owned() }
    };
    others.iter().filter(|_| !texts.is_empty()).map(named).collect()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "older-algorithm-with-its-name",
        &["C75", "V17"],
        "signs with another hash function, and names that one before the signature",
        "use the hash function that the document names now",
        with_its_name,
    ),
    operator(
        "none-needs-no-signature",
        &["V46", "V17"],
        "takes a message that names none as its algorithm, and does not look at the signature",
        "take the algorithms alone that are permitted, none of which is none",
        |site| taken(site, "or-none", "unless-none", is_of_signature),
    ),
    operator(
        "algorithm-of-message-believed",
        &["K05", "V17"],
        "takes the algorithm from the message: a MAC whose secret is the text of the public half passes where it names one",
        "fix the algorithm with the key: a pair signs, and is the secret of no MAC",
        |site| taken(site, "or-hmac", "hmac-as-named", |test, _| test.is("signed")),
    ),
];
