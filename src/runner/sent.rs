//! Judgement of a signed request: it still means what was asked, and the reference accepts it.
//!
//! Requests that say the same in other bytes (another order of the query, other escapes, white space
//! around a field, a host in upper case or with the port that it has anyway) are alike here: what is signed
//! decides, and that is the verifier's to judge.

use crate::bytes::Bytes;
use crate::case::{Case, Reply, SignTask, Task};
use crate::case::{Difference, RequestPart};
use crate::corpus::Entry;
use crate::primitive::percent::{self, Plus};
use crate::request::Request;
use crate::scheme::{Destination, Operation};
use crate::trial::Reference;

/// Returns what is wrong with the request that a subject would send.
pub(super) fn compare_sent(
    entry: &Entry,
    case: &Case,
    task: &SignTask,
    found: &Request,
    reference: &mut Reference<'_>,
) -> Vec<Difference> {
    let Reply::Signed(signed) = reference.answer(case) else { return Vec::new() };
    let Some(ours) = signed.signed_request else { return Vec::new() };
    let operation = &entry.scheme.operations[&case.operation];
    let can_be_judged = judge(case, task, &ours, reference).is_ok();
    // Where the reference cannot judge its own request (it is told no address, say), the fields that
    // the scheme adds are compared as they are.
    let added = if can_be_judged { Added::of(operation) } else { Added::default() };
    let mut differences = meaning(&received(&ours), &received(found), &added);
    if let (true, Err(why)) = (can_be_judged, judge(case, task, found, reference)) {
        differences.push(Difference::other(RequestPart::Whole, "one that the scheme's verifier accepts", why));
    }
    differences
}

/// Asks whether the reference accepts a request at the time when it was signed, as it stands or as it is received;
/// `Err` says why not.
fn judge(case: &Case, task: &SignTask, request: &Request, reference: &mut Reference<'_>) -> Result<(), String> {
    let as_it_stands = judge_one(case, task, request, reference);
    as_it_stands.or_else(|why| judge_one(case, task, &received(request), reference).map_err(|_| why))
}

fn judge_one(case: &Case, task: &SignTask, request: &Request, reference: &mut Reference<'_>) -> Result<(), String> {
    let verify = task.sent(request.clone(), None);
    match reference.answer(&Case { task: Task::Verify(verify), ..case.clone() }) {
        Reply::Verified(results) => match results.first() {
            Some(result) if result.accept => Ok(()),
            Some(result) => Err(result.class.map_or("refused".into(), |class| format!("refused with {class}"))),
            None => Err("not judged".into()),
        },
        Reply::Error(why) | Reply::Skipped(why) => Err(why),
        Reply::Signed(_) => Err("not judged".into()),
    }
}

/// A request as a server reads it: fields without outer white space (RFC 9110, section 5.5), the host in lower
/// case and without the port that it has anyway (RFC 9110, section 4.2.3).
fn received(request: &Request) -> Request {
    let mut received = request.clone();
    for (name, value) in &mut received.headers {
        *value = value.trim_ascii().to_vec().into();
        if name.0.eq_ignore_ascii_case(b"host") {
            value.0.make_ascii_lowercase();
            let port: &[u8] = if request.scheme.0 == b"http" { b":80" } else { b":443" };
            let host = value.0.strip_suffix(port).map(<[u8]>::to_vec);
            value.0 = host.unwrap_or_else(|| std::mem::take(&mut value.0));
        }
    }
    received
}

/// Names of fields that a scheme adds, by the part of the message.
#[derive(Default)]
struct Added<'o> {
    headers: Vec<&'o str>,
    query: Vec<&'o str>,
    form: Vec<&'o str>,
    json: Vec<&'o str>,
    path: Vec<&'o str>,
}

impl<'o> Added<'o> {
    fn of(operation: &'o Operation) -> Added<'o> {
        let names =
            |into| operation.placed().filter(move |(part, ..)| *part == into).map(|(_, name, _)| name).collect();
        Added {
            headers: names(Destination::Header),
            query: names(Destination::Query),
            form: names(Destination::Form),
            json: names(Destination::Json),
            path: names(Destination::Path),
        }
    }
}

fn meaning(ours: &Request, found: &Request, added: &Added<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    let mut compare = |part: RequestPart, expected: String, found: String| {
        if expected != found {
            differences.push(Difference::other(part, expected, found));
        }
    };
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string();
    compare(RequestPart::Method, text(&ours.method), text(&found.method));
    if added.path.is_empty() {
        compare(RequestPart::Path, decoded(ours.raw_path()), decoded(found.raw_path()));
    }
    compare(RequestPart::Query, fields(ours.raw_query(), &added.query), fields(found.raw_query(), &added.query));
    compare(RequestPart::Body, body(ours, added), body(found, added));
    for (name, _) in ours.headers.iter().filter(|(name, _)| !is_added(name, &added.headers)) {
        let values = |request: &Request| request.header(name).map(text).collect::<Vec<_>>().join(", ");
        compare(RequestPart::Header(name.clone()), values(ours), values(found));
    }
    differences
}

fn is_added(name: &[u8], added: &[&str]) -> bool {
    added.iter().any(|added| name.eq_ignore_ascii_case(added.as_bytes()))
}

/// A path with its segments decoded; a `/` within one separates nothing, and stays an escape.
fn decoded(raw: &[u8]) -> String {
    let mut out = Vec::new();
    for (i, segment) in raw.split(|&b| b == b'/').enumerate() {
        out.extend((i > 0).then_some(b'/'));
        let mut inner = Vec::new();
        if percent::decode(segment, Plus::Literal, &mut inner).is_err() {
            return format!("{}, which has a broken escape", Bytes(raw.to_vec()));
        }
        for byte in inner {
            match byte {
                b'/' => out.extend(b"%2F"),
                b'%' => out.extend(b"%25"),
                other => out.push(other),
            }
        }
    }
    Bytes(out).to_string()
}

/// Decoded fields in an order of their own, without those that the scheme adds.
fn fields(raw: &[u8], added: &[&str]) -> String {
    let part = |raw: &[u8]| {
        let mut out = Vec::new();
        let whole = percent::decode(raw, Plus::Space, &mut out);
        if whole.is_ok() { out } else { raw.to_vec() }
    };
    let pair = |(name, value): (&[u8], Option<&[u8]>)| (part(name), value.map(part));
    let mut pairs: Vec<_> = percent::pieces(raw).map(pair).collect();
    pairs.retain(|(name, _)| !added.iter().any(|added| added.as_bytes() == name.as_slice()));
    pairs.sort();
    let text = |(name, value): &(Vec<u8>, Option<Vec<u8>>)| match value {
        Some(value) => format!("{}={}", name.escape_ascii(), value.escape_ascii()),
        None => name.escape_ascii().to_string(),
    };
    pairs.iter().map(text).collect::<Vec<_>>().join(" & ")
}

fn body(request: &Request, added: &Added<'_>) -> String {
    if request.has_media_type("application/x-www-form-urlencoded") {
        return fields(&request.body, &added.form);
    }
    match serde_json::from_slice::<serde_json::Value>(&request.body) {
        Ok(serde_json::Value::Object(mut members)) if !added.json.is_empty() => {
            members.retain(|name, _| !added.json.contains(&name.as_str()));
            members.sort_keys();
            serde_json::Value::Object(members).to_string()
        }
        _ => request.body.escape_ascii().to_string(),
    }
}
