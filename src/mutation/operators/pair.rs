//! Mistakes about signatures under key pairs.

use super::operator::{Mutation, Operator, deviate, one, operator, set, with};
use crate::mutation::site::{Site, Spot};
use crate::primitive::key_pair::SignatureAlgorithm;
use crate::scheme::{EditKind, Node, Step, Tests};
use serde_json::{Value, json};

/// A signature that is made.
fn made<'a>(site: &Site<'a>) -> Option<&'a Step> {
    site.step("sign")
}

/// A signature that is checked.
fn checked<'a>(site: &Site<'a>) -> Option<&'a Node<Tests>> {
    match site.spot {
        Spot::Check(check, ..) if check.test.is("signed") => Some(&check.test),
        _ => None,
    }
}

/// An option of either, in text.
fn option<'a>(site: &Site<'a>, name: &str) -> &'a str {
    let made = made(site).map(|step| step.get(name).text());
    made.or_else(|| checked(site).map(|test| test.get(name).text())).unwrap_or_default()
}

fn algorithm(site: &Site<'_>) -> Option<SignatureAlgorithm> {
    SignatureAlgorithm::named(option(site, "with")).filter(|_| made(site).is_some() || checked(site).is_some())
}

/// Another option of a signature that is made or checked.
fn other(site: &Site<'_>, name: &str, value: &str) -> Mutation {
    let change = match checked(site) {
        Some(test) => {
            let mut options = test.printed();
            options["signed"][name] = json!(value);
            set(options)
        }
        None => set(json!({ name: value })),
    };
    with(site, change, value)
}

fn other_form(site: &Site<'_>) -> Vec<Mutation> {
    let form = if option(site, "form") == "raw" { "der" } else { "raw" };
    let is_ecdsa = algorithm(site).is_some_and(|with| with.pair().is_ecdsa());
    if is_ecdsa { vec![other(site, "form", form)] } else { Vec::new() }
}

fn other_algorithms(site: &Site<'_>) -> Vec<Mutation> {
    let Some(mine) = algorithm(site) else { return Vec::new() };
    let others = SignatureAlgorithm::ALL.into_iter().filter(|with| *with != mine && with.pair() == mine.pair());
    others.map(|with| other(site, "with", with.name())).collect()
}

/// A MAC under the text of the public half, made or taken.
fn public_half_as_secret(site: &Site<'_>) -> Vec<Mutation> {
    let Some(with) = algorithm(site) else { return Vec::new() };
    let public = option(site, "key").replace(".private", ".public");
    let hmac: Value = json!({ "hmac": { "with": with.digest().name(), "key": public } });
    one(site, if made(site).is_some() { EditKind::Replace(hmac) } else { deviate("public-as-secret") })
}

fn at_check(site: &Site<'_>, is: fn(SignatureAlgorithm) -> bool, deviation: &str) -> Vec<Mutation> {
    let is_there = checked(site).and_then(|_| algorithm(site)).is_some_and(is);
    if is_there { one(site, deviate(deviation)) } else { Vec::new() }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "signature-other-form",
        &["C89"],
        "writes or reads a signature of ECDSA in its other form",
        "raw is the two numbers at equal length, DER a sequence of them",
        other_form,
    ),
    operator(
        "signature-other-algorithm",
        &["C75", "V17"],
        "signs or checks by another algorithm of the same pair",
        "use the algorithm that the document names",
        other_algorithms,
    ),
    operator(
        "public-half-as-secret",
        &["K05", "V17"],
        "makes or takes a MAC whose secret is the public half",
        "a pair signs, and is the secret of no MAC",
        public_half_as_secret,
    ),
    operator(
        "empty-signature-passes",
        &["V29"],
        "takes an empty signature for a right one",
        "refuse an empty signature",
        |site| at_check(site, |_| true, "empty-passes"),
    ),
    operator(
        "zero-signature-passes",
        &["V34"],
        "takes a signature of ECDSA whose numbers are both zero",
        "refuse a number that is zero",
        |site| at_check(site, |with| with.pair().is_ecdsa(), "zero-passes"),
    ),
    operator(
        "larger-scalar-passes",
        &["V35"],
        "takes a signature of Ed25519 whose scalar is not below the order of the group",
        "refuse a scalar that is not reduced",
        |site| at_check(site, |with| with == SignatureAlgorithm::Ed25519, "larger-passes"),
    ),
];
