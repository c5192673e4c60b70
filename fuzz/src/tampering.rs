//! What a scheme signs, it accepts; and a message in which a signed part was changed, it refuses.
//!
//! What is signed is told by the scheme itself: a stage that a check compares comes out otherwise, or
//! cannot be derived; or the value of such a stage is no longer in the message.

use countersign::request::{Request, Target};
use crate::bases::{Base, Stages, base};
use crate::signed;
use crate::text::{Splice, Text};
use arbitrary::{Arbitrary, Unstructured};
use countersign::primitive::percent::{self, Plus};
use countersign::scheme::{Characters, Credential, CredentialKind, Outcome};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A message and its fate.
#[derive(Debug, Arbitrary)]
struct Input {
    base: u16,
    part: u8,
    change: Splice,
    /// More than the vector has.
    query: Vec<(Text, Option<Text>)>,
    secret: Option<Text>,
}

/// How short a value may be that also stands in a message by chance.
const TELLING: usize = 16;

/// Signs, changes and judges the message that these bytes encode.
pub fn run(bytes: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let mut base = base(input.base).clone();
    let compared = signed::compared(&base.compiled.scheme.operations[&base.compiled.operation]);
    if compared.is_empty() {
        return;
    }
    add_fields(&mut base, &input.query);
    add_to_secrets(&mut base, input.secret.as_ref());
    let program = &base.compiled.implementation.program;
    let (request, _) = base.sign(program).unwrap_or_else(|e| panic!("{}, varied, cannot be signed: {e}", base.name));
    let judged = base.judge(program, &request).map(|(outcome, _)| outcome);
    assert_eq!(judged, Ok(Outcome::Accept), "{}, varied and signed: {}", base.name, shown(&request));

    let mut changed = request.clone();
    change(&mut changed, input.part, &input.change);
    if changed != request && signed_part_differs(&base, &compared, &request, &changed) {
        let judged = base.judge(program, &changed).map(|(outcome, _)| outcome);
        let (before, after) = (shown(&request), shown(&changed));
        assert_ne!(judged, Ok(Outcome::Accept), "{}: {before} is accepted as {after}", base.name);
    }
}

/// Fields within the scheme's domain, beside those that the scheme reads or adds.
fn add_fields(base: &mut Base, fields: &[(Text, Option<Text>)]) {
    let Target::Meant { query, .. } = &mut base.intent.target else { return };
    let scheme = &base.compiled.scheme;
    let domain = &scheme.domain.query;
    let mut taken: BTreeSet<Vec<u8>> =
        signed::query_names(&scheme.operations[&base.compiled.operation]).into_iter().map(String::into_bytes).collect();
    if !domain.repeated {
        taken.extend(query.iter().map(|(name, _)| name.clone()));
    }
    for (name, value) in fields {
        let name = signed::within(&name.0, domain.values);
        let value = value.as_ref().map(|value| signed::within(&value.0, domain.values));
        let is_free = if domain.repeated { !taken.contains(&name) } else { taken.insert(name.clone()) };
        if is_free {
            query.push((name, if domain.valueless { value } else { value.or(Some(Vec::new())) }));
        }
    }
}

/// Longer secrets; in alphabets that every template and every header field takes.
fn add_to_secrets(base: &mut Base, more: Option<&Text>) {
    let Some(more) = more else { return };
    let derived = json!(base.compiled.scheme.operations[&base.compiled.operation].derive);
    let more = signed::within(&more.0, Characters::Ascii);
    for (name, kind) in &base.compiled.scheme.account {
        if let (CredentialKind::Secret, Some(Credential::Value(value))) = (kind, base.account.0.get_mut(name)) {
            // Distinct secrets stay distinct, and an empty one stays empty; one that is decoded cannot have
            // just any letters.
            if !value.0.is_empty() && !is_decoded(&derived, &format!("credential.{name}")) {
                value.0.extend_from_slice(&more);
            }
        }
    }
}

/// Whether a pipeline that starts from this source decodes it.
fn is_decoded(printed: &Value, source: &str) -> bool {
    let decodes = |step: &Value| step.as_object().is_some_and(|map| map.keys().any(|name| name.ends_with("-decode")));
    match printed {
        Value::Array(items) => {
            let starts = items.first().is_some_and(|first| first == source);
            (starts && items.iter().any(decodes)) || items.iter().any(|item| is_decoded(item, source))
        }
        Value::Object(map) => map.values().any(|value| is_decoded(value, source)),
        _ => false,
    }
}

fn change(request: &mut Request, part: u8, splice: &Splice) {
    let mut parts: Vec<&mut Vec<u8>> = vec![&mut request.target, &mut request.method, &mut request.body];
    parts.extend(request.headers.iter_mut().map(|(_, value)| value));
    let at = usize::from(part) % parts.len();
    splice.apply(parts[at]);
}

fn signed_part_differs(base: &Base, compared: &BTreeSet<String>, before: &Request, after: &Request) -> bool {
    let derived = |request| base.judge(&base.compiled.unchecked, request);
    let (Ok((_, was)), Ok((readable, is))) = (derived(before), derived(after)) else { return true };
    let differs = |stage: &String| was.get(stage) != is.get(stage);
    readable != Outcome::Accept || compared.iter().any(differs) || is_gone(&was, compared, before, after)
}

/// Whether a compared value stood in the message, and does not any more.
fn is_gone(stages: &Stages, compared: &BTreeSet<String>, before: &Request, after: &Request) -> bool {
    let values = compared.iter().filter_map(|name| stages.get(name)).filter(|value| value.len() >= TELLING);
    let holds = |request: &Request, value: &[u8]| {
        let decoded = [decoded(&request.target), decoded(&request.body)];
        let fields = request.headers.iter().map(|(_, field)| field);
        decoded.iter().chain(fields).any(|part| part.windows(value.len()).any(|found| found == value))
    };
    values.into_iter().any(|value| holds(before, value) && !holds(after, value))
}

/// Every escape that can be read, read.
fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in bytes.split_inclusive(|&b| b == b'&' || b == b'=' || b == b'?') {
        let start = out.len();
        if percent::decode(piece, Plus::Space, &mut out).is_err() {
            out.truncate(start);
            out.extend_from_slice(piece);
        }
    }
    out
}

fn shown(request: &Request) -> String {
    format!("{:?}", Request::from(request))
}
