//! Round trip: what a scheme signs, its own verifier accepts; and which parts of a message no check depends on.

use crate::bytes::Bytes;
use crate::case::{Case, Difference, Reply, RequestPart, SignTask, Signed, Task, VerifyTask};
use crate::corpus::Entry;
use crate::primitive::percent::pieces;
use crate::request::Request;
use crate::scheme::{Class, CredentialKind, Implementation, Outcome, Random, SchemeKind, Scratch};
use crate::trial;
use indexmap::IndexMap;
use serde_json::{Value, value::RawValue};

/// Findings of putting what the sign vectors of a scheme sign to the scheme's own verifier.
#[derive(Debug, Default)]
pub struct RoundTrips {
    /// Vectors whose message is refused, each with why.
    pub refused: Vec<String>,
    /// Operations, under their variant, with the parts of which every change was accepted.
    pub unchecked: Vec<String>,
}

/// A part of a message: what it is, and its name where there are several.
type Part = (&'static str, String);
/// The body, which is changed by more in it.
const BODY: &str = "the body";
/// More in a body of which checks depend on some fields.
const ADDED: &str = "what is added to the body";
/// A field of a body that is a form.
const FORM_FIELD: &str = "the form field";
/// A member of a body that is a JSON object.
const MEMBER: &str = "the JSON member";

/// Returns whether a part is a field within the body.
fn in_body((what, _): &Part) -> bool {
    [FORM_FIELD, MEMBER].contains(what)
}
/// Parts of the messages of an operation, and whether a change of one was refused.
type Parts = IndexMap<Part, bool>;

/// Signs every vector of a scheme that signs, and verifies what is sent, as it is and with one part changed.
pub fn round_trips(entry: &Entry) -> RoundTrips {
    let mut found = RoundTrips::default();
    let mut operations: IndexMap<(&str, Option<&str>), (Implementation, Parts)> = IndexMap::new();
    let mut scratch = Scratch::default();
    for (topic, vector) in entry.vectors() {
        let Task::Sign(task) = entry.case(topic, vector, None).task else { continue };
        let (operation, variant) = (vector.given.operation.as_str(), vector.given.variant.as_deref());
        let Ok(implementation) = Implementation::of(&entry.scheme, operation, variant, None) else { continue };
        let entry_of = operations.entry((operation, variant));
        let (verifier, parts) = entry_of.or_insert_with(|| (implementation, Parts::new()));
        if verifier.operation().verify.is_empty() {
            continue;
        }
        let name = || entry.full_name(topic, vector);
        let mut sent = match sent(verifier, *task, &mut scratch) {
            Ok(sent) => sent,
            Err(why) => {
                found.refused.push(format!("{}: it cannot be signed: {why}", name()));
                continue;
            }
        };
        match (accepted(verifier, &sent, &mut scratch), &vector.refused) {
            (Ok(()), None) => {}
            (Ok(()), Some(_)) => found.refused.push(format!("{}: `refused`, and the verifier accepts it", name())),
            (Err(_), Some(_)) => continue,
            // Where no address is listed, none can be the right one.
            (Err(NotAccepted::Refused(Class::AddressNotAllowed, _)), None)
                if sent.messages[0].client_address.is_none() =>
            {
                continue;
            }
            (Err(why), None) => {
                found.refused.push(format!("{}: the verifier refuses what is signed: {why}", name()));
                continue;
            }
        }
        let request = sent.messages[0].request.clone();
        for (part, changed) in changes(&request) {
            let is_checked = parts.entry(part).or_default();
            if !*is_checked {
                sent.messages[0].request = changed;
                *is_checked = accepted(verifier, &sent, &mut scratch).is_err();
            }
        }
    }
    for ((operation, variant), (_, parts)) in operations {
        let mut open: IndexMap<&str, Vec<&str>> = IndexMap::new();
        // Of a body that nothing depends on, nothing more is said.
        let body = (BODY, String::new());
        let is_whole =
            parts.get(&body) == Some(&false) && !parts.iter().any(|(part, checked)| *checked && in_body(part));
        for (part, _) in parts.iter().filter(|(part, checked)| !(**checked || is_whole && in_body(part))) {
            let what = if *part == body && !is_whole { ADDED } else { part.0 };
            open.entry(what).or_default().push(&part.1);
        }
        let open = open.into_iter().map(|(what, names)| match names.as_slice() {
            [name] => format!("{what} {name}").trim_end().to_owned(),
            names => format!("{what}s {}", names.join(", ")),
        });
        let open: Vec<String> = open.collect();
        if !open.is_empty() && entry.scheme.kind == SchemeKind::System {
            let variant = variant.map_or(String::new(), |variant| format!(" under {variant}"));
            let (name, open) = (&entry.name, open.join("; "));
            found.unchecked.push(format!("{name}, {operation}{variant}: no check depends on {open}"));
        }
    }
    found
}

/// Makes the message that the server gets when a task is signed and sent, from an address that the account lists.
fn sent(signer: &Implementation, task: SignTask, scratch: &mut Scratch) -> Result<VerifyTask, String> {
    let signed = trial::sign(&signer.program, &task, scratch)?;
    let request = signed.signed_request.ok_or("nothing is sent")?;
    Ok(task.sent(request, task.account.listed()))
}

/// Returns the difference of a signature that no expectation holds, since signers differ in it: the scheme's verifier
/// refuses it.
pub(crate) fn judged(
    verifier: &Implementation,
    case: &Case,
    reply: &Reply,
    scratch: &mut Scratch,
) -> Option<Difference> {
    let (Task::Sign(task), Reply::Signed(Signed { signed_request: Some(request), .. })) = (&case.task, reply) else {
        return None;
    };
    let has_pair = verifier.scheme().account.values().any(|kind| matches!(kind, CredentialKind::Pair(_)));
    if !has_pair || Random::of(&verifier.operation()).stages.is_empty() {
        return None;
    }
    let why = accepted(verifier, &task.sent(request.clone(), task.account.listed()), scratch).err()?;
    Some(Difference::other(RequestPart::Whole, "one that the scheme's verifier accepts", why.to_string()))
}

/// Reason why a message is not accepted.
#[derive(Debug, thiserror::Error)]
enum NotAccepted {
    #[error("{0}: {1}")]
    Refused(Class, String),
    #[error("{0}")]
    Unanswered(String),
}

fn accepted(verifier: &Implementation, sent: &VerifyTask, scratch: &mut Scratch) -> Result<(), NotAccepted> {
    let mut last = Err(NotAccepted::Unanswered("there is no message".to_owned()));
    let judged = trial::verify_each(&verifier.program, sent, scratch, |outcome, _| {
        last = match outcome {
            Outcome::Accept => Ok(()),
            Outcome::Reject(refused) => Err(NotAccepted::Refused(refused.class, refused.detail)),
        };
    });
    judged.map_err(NotAccepted::Unanswered).and(last)
}

/// Number of fields of a query, or of a header, that are changed: each change is a message of its own.
const FIELDS: usize = 256;

/// A change of each part of a request, by the name of the part; one is made at a time.
fn changes(request: &Request) -> impl Iterator<Item = (Part, Request)> {
    let part = |what, request| ((what, String::new()), request);
    let whole = [
        part("the method", Request { method: other(&request.method).into(), ..request.clone() }),
        part("the path", Request { target: with_path(request).into(), ..request.clone() }),
        part("fields that are added to the query", Request { target: with_field(request).into(), ..request.clone() }),
        part(BODY, Request { body: with_more(request).into(), ..request.clone() }),
    ];
    let in_query = pieces(request.raw_query()).take(FIELDS).map(|(name, _)| {
        let target = [request.raw_path(), b"?", &with_value(request.raw_query(), name)].concat();
        let changed = Request { target: target.into(), ..request.clone() };
        (("the query field", Bytes(name.to_vec()).to_string()), changed)
    });
    let in_header = request.headers.iter().enumerate().take(FIELDS).map(|(i, (name, value))| {
        let mut changed = request.clone();
        changed.headers[i].1 = other(value).into();
        (("the header field", name.to_string()), changed)
    });
    let is_form = request.has_media_type("application/x-www-form-urlencoded");
    let form = if is_form { request.body.as_slice() } else { &[] };
    let in_form = pieces(form).take(FIELDS).map(|(name, _)| {
        let changed = Request { body: with_value(form, name).into(), ..request.clone() };
        ((FORM_FIELD, Bytes(name.to_vec()).to_string()), changed)
    });
    let members: IndexMap<String, &RawValue> = serde_json::from_slice(&request.body).unwrap_or_default();
    let in_object = members.into_iter().take(FIELDS).map(|(name, value)| {
        let (value, body) = (value.get(), request.body.as_slice());
        let at = value.as_ptr().addr() - body.as_ptr().addr();
        let body = [&body[..at], other_json(value).as_bytes(), &body[at + value.len()..]].concat();
        ((MEMBER, name), Request { body: body.into(), ..request.clone() })
    });
    whole.into_iter().chain(in_query).chain(in_header).chain(in_form).chain(in_object)
}

/// Another JSON value; of an object, an array or `null`, a text.
fn other_json(value: &str) -> String {
    let other = |text: &str| String::from_utf8_lossy(&other(text.as_bytes())).into_owned();
    match serde_json::from_str(value) {
        Ok(Value::String(text)) => Value::String(other(&text)).to_string(),
        Ok(Value::Number(_)) => other(value),
        Ok(Value::Bool(is)) => (!is).to_string(),
        _ => "\"other\"".to_owned(),
    }
}

/// A value with its last digit exchanged, or else its last letter, so that it is mostly still of its form.
fn other(value: &[u8]) -> Vec<u8> {
    let mut other = value.to_vec();
    let digit = other.iter().rposition(u8::is_ascii_digit);
    match digit.or_else(|| other.iter().rposition(u8::is_ascii_alphabetic)).map(|at| &mut other[at]) {
        Some(b'9') => other[digit.unwrap_or_default()] = b'8',
        Some(byte @ (b'z' | b'Z')) => *byte -= 1,
        Some(byte) => *byte += 1,
        None => other.push(b'a'),
    }
    other
}

fn with_path(request: &Request) -> Vec<u8> {
    let path = request.raw_path();
    [path, b"a", &request.target[path.len()..]].concat()
}

fn with_field(request: &Request) -> Vec<u8> {
    let separator: &[u8] = if request.target.contains(&b'?') { b"&" } else { b"?" };
    [&request.target, separator, b"added=1"].concat()
}

fn with_value(fields: &[u8], name: &[u8]) -> Vec<u8> {
    let piece = |piece: &[u8]| match piece.split_at_checked(name.len()) {
        Some((own, [b'=', value @ ..])) if own == name => [name, b"=", &other(value)].concat(),
        _ => piece.to_vec(),
    };
    fields.split(|&b| b == b'&').map(piece).collect::<Vec<_>>().join(&b'&')
}

/// A body with more in it, that can still be read as what it is.
fn with_more(request: &Request) -> Vec<u8> {
    if request.has_media_type("application/x-www-form-urlencoded") && !request.body.is_empty() {
        return [&request.body, &b"&added=1"[..]].concat();
    }
    match request.body.iter().rposition(|b| !b.is_ascii_whitespace()).map(|end| request.body.split_at(end)) {
        Some((object, b"}")) if !object.trim_ascii().ends_with(b"{") => [object, b",\"added\":\"1\"}"].concat(),
        _ => [&request.body, &b"a"[..]].concat(),
    }
}
