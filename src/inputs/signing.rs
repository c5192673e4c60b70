//! Inputs that sign: a vector that signs, with one thing about its input made tricky.

use super::{GENERATED, Input};
use crate::bytes::Bytes;
use crate::case::{SignTask, Task, Time};
use crate::corpus::{Entry, Topic, Vector};
use crate::request::{Pair, Target};
use crate::scheme::{Account, Body, Characters, Credential, CredentialKind, Scheme};
use indexmap::IndexMap;
use std::collections::HashSet;

/// Names and values of parameters.
type Fields = &'static [(&'static str, Option<&'static str>)];

/// Parameters that show mistakes; one trick each, the plainest first.
const FIELDS: &[(&str, Fields)] = &[
    ("empty", &[("x", Some(""))]),
    ("valueless", &[("x", None)]),
    ("space", &[("x", Some("a b"))]),
    ("plus", &[("x", Some("a+b"))]),
    ("equals", &[("x", Some("a=b"))]),
    ("escape", &[("x", Some("a%20b"))]),
    ("space-around-value", &[("x", Some(" a "))]),
    ("space-around-name", &[(" x ", Some("a"))]),
    ("two-spaces", &[("x", Some("a  b"))]),
    ("capital", &[("X", Some("B"))]),
    ("capital-first", &[("b", Some("1")), ("C", Some("2"))]),
    ("slash", &[("x", Some("/"))]),
    ("tilde", &[("x", Some("~"))]),
    ("sub-delimiters", &[("x", Some("!*'()"))]),
    ("general-delimiters", &[("x", Some("@:,;"))]),
    ("braces", &[("x", Some("{}^|[]"))]),
    ("accent", &[("x", Some("é"))]),
    ("decomposed", &[("x", Some("e\u{301}"))]),
    ("repeated", &[("x", Some("2")), ("x", Some("1"))]),
    ("repeated-equal", &[("x", Some("1")), ("x", Some("1"))]),
    ("descending", &[("y", Some("1")), ("x", Some("2"))]),
    ("numbers", &[("x10", Some("1")), ("x2", Some("2"))]),
    ("prefix-names", &[("x-a", Some("1")), ("x", Some("2"))]),
    ("equals-after-space", &[("x", Some(" a=b"))]),
    ("escape-after-decomposed", &[("x", Some("e\u{301}%2F"))]),
    ("escape-in-spaced-name", &[(" x%41 ", Some("a"))]),
    ("astral-names", &[("\u{ff5e}", Some("1")), ("\u{1f600}", Some("2"))]),
];

/// Paths that show mistakes.
const PATHS: &[(&str, &str)] = &[
    ("capital-path", "/A"),
    ("space-path", "/a b"),
    ("plus-path", "/a+b"),
    ("accent-path", "/é"),
    ("decomposed-path", "/e\u{301}"),
    ("tilde-path", "/~a"),
    ("sub-delimiters-path", "/!*'()"),
    ("general-delimiters-path", "/@:=,;"),
    ("escape-path", "/a%2Fb"),
    ("double-slash-path", "/a//b"),
    ("dot-segments-path", "/a/../b/./c"),
    ("slash-at-end-path", "/a/"),
    ("root-path", "/"),
];

/// Values of secrets that show mistakes.
const SECRETS: &[(&str, &str)] = &[
    ("space-around-secret", " secret "),
    ("accent-secret", "sécret"),
    ("decomposed-secret", "se\u{301}cret"),
    ("base64-secret", "c2VjcmV0"),
    ("hex-secret", "00ff00ff"),
    ("reserved-secret", "a/b+c=d%20e"),
    ("capital-secret", "SECRET"),
    ("escape-secret", "a%2Fb"),
    ("space-and-decomposed-secret", " se\u{301}cret "),
    ("question-marks-secret", "a??b>>c~~"),
];

const LONG: &str = "0123456789-0123456789-0123456789-0123456789-0123456789-0123456789-0123456789";

const LONG_CAPITALS: &str = "ABCDEFGHIJ-ABCDEFGHIJ-ABCDEFGHIJ-ABCDEFGHIJ-ABCDEFGHIJ-ABCDEFGHIJ-ABCDEFGHIJ";

/// Number of values that are tried in the search for a result with zeros.
const COUNTED: usize = 600;

/// All inputs that sign, the plainest first.
pub(super) fn tricks(entry: &Entry) -> Vec<Input> {
    let bases = bases(entry);
    let mut all = Vec::new();
    for &(topic, vector) in &bases {
        fields(&entry.scheme, topic, vector, &mut all);
        paths(&entry.scheme, topic, vector, &mut all);
        secrets(&entry.scheme, topic, vector, &mut all);
        parameters(topic, vector, &mut all);
        times(topic, vector, &mut all);
    }
    for &(topic, vector) in &bases {
        counted(topic, vector, &mut all);
    }
    all
}

/// Inputs with a tricky secret alone.
pub(super) fn secret_tricks(entry: &Entry) -> Vec<Input> {
    let mut all = Vec::new();
    bases(entry).iter().for_each(|(topic, vector)| secrets(&entry.scheme, topic, vector, &mut all));
    all
}

/// The first vector that signs, for each operation, variant and kind of body.
fn bases(entry: &Entry) -> Vec<(&Topic, &Vector)> {
    let mut seen = HashSet::new();
    let mut new = |topic: &Topic, vector: &Vector| {
        let Some(sign) = vector.given.task.to_sign() else { return false };
        let body = sign.request.headers.iter().find(|(name, _)| name.0.eq_ignore_ascii_case(b"content-type"));
        let body = body.map(|(_, value)| value.0.split(|&b| b == b';').next().unwrap_or_default().to_vec());
        topic.name != GENERATED && seen.insert((vector.given.operation.clone(), vector.given.variant.clone(), body))
    };
    entry.vectors().filter(|(topic, vector)| new(topic, vector)).collect()
}

/// Returns whether a request to sign has path and query told apart.
fn is_meant(vector: &Vector) -> bool {
    vector.given.task.to_sign().is_some_and(|sign| matches!(sign.request.target, Target::Meant { .. }))
}

fn with(
    topic: &Topic,
    vector: &Vector,
    trick: &str,
    change: impl FnOnce(&mut SignTask<String>, &mut IndexMap<String, Account>),
) -> Input {
    let mut input = Input::of(topic, vector, trick);
    if let Task::Sign(sign) = &mut input.given.task {
        change(sign, &mut input.accounts);
    }
    input
}

fn fields(scheme: &Scheme, topic: &Topic, vector: &Vector, all: &mut Vec<Input>) {
    let domain = &scheme.domain;
    let permitted = |fields: &[(&str, Option<&str>)]| {
        let ascii = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        let names: HashSet<_> = fields.iter().map(|(name, _)| name).collect();
        (domain.query.values == Characters::Text || fields.iter().all(|(n, v)| ascii(n) && v.is_none_or(ascii)))
            && (domain.query.repeated || names.len() == fields.len())
            && (domain.query.valueless || fields.iter().all(|(_, value)| value.is_some()))
    };
    let is_form = vector.given.task.to_sign().is_some_and(|sign| {
        let form = |(name, value): &(Bytes, Bytes)| {
            name.0.eq_ignore_ascii_case(b"content-type") && value.0.starts_with(b"application/x-www-form-urlencoded")
        };
        sign.request.headers.iter().any(form)
    });
    for (trick, fields) in FIELDS.iter().filter(|(_, fields)| permitted(fields)) {
        let pairs = fields.iter().map(|(name, value)| Pair(Bytes::from(*name), value.map(Bytes::from)));
        if is_meant(vector) {
            let trick = format!("{trick}-in-query");
            all.push(with(topic, vector, &trick, |sign, _| {
                if let Some((_, query)) = sign.request.meant() {
                    query.extend(pairs);
                }
            }));
        }
        if is_form && domain.body.contains(&Body::Form) {
            let trick = format!("{trick}-in-form");
            all.push(with(topic, vector, &trick, |sign, _| add_to_form(&mut sign.request.body, fields)));
        }
    }
}

fn add_to_form(body: &mut Bytes, fields: &[(&str, Option<&str>)]) {
    use crate::primitive::percent::{KeepSet, encode};
    for (name, value) in fields {
        if !body.0.is_empty() {
            body.0.push(b'&');
        }
        encode(name.as_bytes(), &KeepSet::UNRESERVED, &mut body.0);
        if let Some(value) = value {
            body.0.push(b'=');
            encode(value.as_bytes(), &KeepSet::UNRESERVED, &mut body.0);
        }
    }
}

fn paths(scheme: &Scheme, topic: &Topic, vector: &Vector, all: &mut Vec<Input>) {
    if scheme.domain.path == Characters::Text && is_meant(vector) {
        for (trick, path) in PATHS {
            let set = |sign: &mut SignTask<String>| {
                sign.request.meant().into_iter().for_each(|(old, _)| *old = (*path).into())
            };
            all.push(with(topic, vector, trick, |sign, _| set(sign)));
        }
    }
}

fn secrets(scheme: &Scheme, topic: &Topic, vector: &Vector, all: &mut Vec<Input>) {
    let secrets = scheme.account.iter().filter(|(_, kind)| **kind == CredentialKind::Secret);
    for (name, _) in secrets {
        let text = scheme.domain.secrets == Characters::Text;
        let tricky = SECRETS.iter().copied().filter(|_| text);
        for (trick, value) in tricky.chain([("long-secret", LONG), ("long-capital-secret", LONG_CAPITALS)]) {
            let trick = format!("{trick}-{}", name.replace('_', "-"));
            all.push(with(topic, vector, &trick, |sign, accounts| {
                let account = format!("{}-{trick}", sign.account);
                let mut values = accounts[&sign.account].clone();
                values.0.insert(name.clone(), Credential::Value(Bytes::from(value)));
                *accounts = [(account.clone(), values)].into();
                sign.account = account;
            }));
        }
    }
}

fn parameters(topic: &Topic, vector: &Vector, all: &mut Vec<Input>) {
    let names: Vec<String> =
        vector.given.task.to_sign().iter().flat_map(|sign| sign.parameters.keys().cloned()).collect();
    for name in names {
        for (trick, value) in [("capitals", "ABC"), ("digits", "0123"), ("plus-and-slash", "a+b/c="), ("slash", "/")] {
            let trick = format!("{trick}-{}", name.replace('_', "-"));
            all.push(with(topic, vector, &trick, |sign, _| {
                sign.parameters.insert(name.clone(), Bytes::from(value));
            }));
        }
    }
}

fn times(topic: &Topic, vector: &Vector, all: &mut Vec<Input>) {
    let times =
        [("time-without-fraction", "2024-01-02T03:04:05Z"), ("time-with-microseconds", "2024-12-31T23:59:59.999999Z")];
    for (trick, text) in times {
        if let (Some(_), Ok(time)) =
            (vector.given.task.to_sign().and_then(|sign| sign.time.as_ref()), Time::try_from(text.to_owned()))
        {
            all.push(with(topic, vector, trick, |sign, _| sign.time = Some(time)));
        }
    }
}

/// Inputs that differ in a number only: some give results that start with zeros, or hold them.
fn counted(topic: &Topic, vector: &Vector, all: &mut Vec<Input>) {
    for i in 0..COUNTED {
        let parameter = vector.given.task.to_sign().and_then(|sign| sign.parameters.keys().next().cloned());
        all.push(with(topic, vector, &format!("number-{i}"), |sign, _| match parameter {
            Some(name) => {
                sign.parameters.insert(name, Bytes(i.to_string().into_bytes()));
            }
            None => {
                let field = Pair("x".into(), Some(i.to_string().as_str().into()));
                sign.request.meant().into_iter().for_each(|(_, query)| query.push(field.clone()));
            }
        }));
    }
}
