//! Fields that a signer adds, as they stand in a message, and the message without them.

use crate::bytes::Bytes;
use crate::primitive::json::Object;
use crate::primitive::percent::{self, Plus};
use crate::request::{Intent, Request, Target};
use crate::scheme::{Destination, Operation};
use bumpalo::Bump;
use indexmap::IndexMap;
use serde_json::value::RawValue;

/// A field that signing adds, as it stands in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedField {
    /// Its part.
    pub into: Destination,
    /// Its name.
    pub name: String,
    /// Its value, decoded.
    pub value: Bytes,
}

/// Reads the fields that signing adds, those that are there.
pub(super) fn placed(operation: &Operation, request: &Request) -> Result<Vec<PlacedField>, String> {
    let mut found: Vec<PlacedField> = Vec::new();
    for (into, name, _) in operation.placed() {
        let is_same = |field: &PlacedField| field.into == into && field.name.eq_ignore_ascii_case(name);
        if let Some(value) = value(request, into, name)?.filter(|_| !found.iter().any(is_same)) {
            found.push(PlacedField { into, name: name.to_owned(), value: value.into() });
        }
    }
    Ok(found)
}

/// The value of a field, decoded.
fn value(request: &Request, part: Destination, name: &str) -> Result<Option<Vec<u8>>, String> {
    let piece = |raw: &[u8]| {
        percent::pieces(raw)
            .find(|(raw_name, _)| is(raw_name, name))
            .map(|(_, value)| decoded(value.unwrap_or_default()))
    };
    Ok(match part {
        Destination::Header => request.header(name.as_bytes()).next().map(<[u8]>::to_vec),
        Destination::Query => piece(request.raw_query()),
        Destination::Form => piece(&request.body),
        Destination::Path => Some(request.raw_path().to_vec()),
        Destination::Json if request.body.is_empty() => None,
        Destination::Json => match Object::parse(&request.body, &Bump::new())?.get(name) {
            Some(member) => Some(member.bytes()?.to_vec()),
            None => None,
        },
    })
}

fn decoded(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match percent::decode(raw, Plus::Space, &mut out) {
        Ok(()) => out,
        Err(_) => raw.to_vec(),
    }
}

fn is(raw_name: &[u8], name: &str) -> bool {
    decoded(raw_name) == name.as_bytes()
}

/// The request as its caller meant it, without fields that signing adds: with its exact target, of which the path is
/// another one where that is known.
pub(super) fn meant(mut request: Request, fields: &[PlacedField], path: Option<Bytes>) -> Result<Intent, String> {
    for PlacedField { into, name, .. } in fields {
        remove(&mut request, *into, name)?;
    }
    if let Some(path) = path.filter(|_| fields.iter().any(|field| field.into == Destination::Path)) {
        let query = request.target[request.raw_path().len()..].to_vec();
        request.target = [path.as_slice(), &query].concat().into();
    }
    let host = request.header(b"host").next().unwrap_or_default().to_vec();
    let Request { method, scheme, target, headers, body } = request;
    Ok(Intent { method, scheme, host: host.into(), target: Target::Exact(target), headers, body })
}

/// Leaves of a request the header fields that a list names, and Host; all, where the list names something else.
pub(super) fn leave_named(request: &mut Intent, placed: &[PlacedField], list: &[u8]) {
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"-_.".contains(b);
    let names: Vec<&[u8]> = list.split(|b| !is_token(b)).filter(|name| !name.is_empty()).collect();
    let named = |header: &[u8]| names.iter().any(|name| name.eq_ignore_ascii_case(header));
    let is_there = |name: &&[u8]| {
        request.headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name))
            || placed.iter().any(|field| field.name.as_bytes().eq_ignore_ascii_case(name))
    };
    if !names.is_empty() && names.iter().all(is_there) {
        request.headers.retain(|(header, _)| header.eq_ignore_ascii_case(b"host") || named(header));
    }
}

fn remove(request: &mut Request, part: Destination, name: &str) -> Result<(), String> {
    match part {
        Destination::Header => request.remove_header(name.as_bytes()),
        Destination::Query => {
            let (path, query) = (request.raw_path().to_vec(), request.raw_query().to_vec());
            if let Some(rest) = without(&query, name) {
                request.target = if rest.is_empty() { path } else { [path.as_slice(), b"?", &rest].concat() }.into();
            }
        }
        Destination::Form => {
            request.body.0 = without(&request.body, name).unwrap_or_else(|| std::mem::take(&mut request.body.0));
        }
        Destination::Json => remove_member(&mut request.body.0, name)?,
        Destination::Path => {}
    }
    Ok(())
}

/// A raw query or form without the pieces of this name; `None` where there are none.
fn without(raw: &[u8], name: &str) -> Option<Vec<u8>> {
    let pieces: Vec<&[u8]> = raw.split(|&b| b == b'&').collect();
    let named = |piece: &&[u8]| is(piece.split(|&b| b == b'=').next().unwrap_or_default(), name);
    let kept: Vec<&[u8]> = pieces.iter().filter(|piece| !named(piece)).copied().collect();
    (kept.len() < pieces.len()).then(|| kept.join(&b'&'))
}

/// Removes a top-level member of a JSON body; the values of the others stay byte for byte.
fn remove_member(body: &mut Vec<u8>, name: &str) -> Result<(), String> {
    if body.is_empty() || Object::parse(body, &Bump::new())?.get(name).is_none() {
        return Ok(());
    }
    let members: IndexMap<String, &RawValue> = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let text =
        |(key, value): (&String, &&RawValue)| format!("{}:{}", serde_json::Value::from(key.as_str()), value.get());
    let kept: Vec<String> = members.iter().filter(|(key, _)| *key != name).map(text).collect();
    *body = format!("{{{}}}", kept.join(",")).into_bytes();
    Ok(())
}
