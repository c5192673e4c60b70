//! Variation of a base within its scheme's domain: raw material first, which shrinks well, then what a scheme lets of it.

use crate::base::Base;
use countersign::bytes::Bytes;
use countersign::primitive::percent::{self, KeepSet};
use countersign::primitive::time::Instant;
use countersign::request::{Pair, Target};
use countersign::scheme::{Body, Characters, Credential};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;

/// What every template, header and token syntax takes.
const SAFE: &[u8; 66] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

/// Raw material.
#[derive(Debug, Clone)]
pub struct Noise {
    base: Index,
    method: Index,
    segments: Vec<String>,
    query: Vec<(String, Option<String>)>,
    before: bool,
    /// Whether the caller sends fields of his own where the scheme puts its fields.
    collides: bool,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
    kind: Index,
    millis: i128,
    secret: Vec<u8>,
}

fn text() -> impl Strategy<Value = String> {
    // Letters in both cases, so that names differ in nothing else, and what means something on the wire.
    let common = proptest::sample::select(vec!['a', 'A', 'b', 'B', ' ', '+', '&', '=', '%', '/', '-']);
    let character = prop_oneof![4 => common, 1 => any::<char>()];
    vec(character, 0..6).prop_map(|characters| characters.into_iter().collect())
}

/// Fields of a query, with values.
pub fn text_pairs(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(String, String)>> {
    vec((text(), text()), count)
}

/// Raw material, of any kind.
pub fn noise() -> impl Strategy<Value = Noise> {
    let request = (any::<Index>(), any::<Index>(), vec(text(), 0..3), vec((text(), option::of(text())), 0..4));
    let fields = (any::<bool>(), any::<bool>(), vec((text(), text()), 0..3));
    // Years 1970 to 9999, which every form of a time can write.
    let rest = (vec(any::<u8>(), 0..24), any::<Index>(), 0i128..253_402_300_799_999, vec(any::<u8>(), 1..24));
    (request, fields, rest).prop_map(
        |((base, method, segments, query), (before, collides, fields), (body, kind, millis, secret))| Noise {
            base,
            method,
            segments,
            query,
            before,
            collides,
            fields,
            body,
            kind,
            millis,
            secret,
        },
    )
}

impl Noise {
    /// One of the bases, varied within its domain.
    pub fn vary(&self, bases: &[Base]) -> Base {
        let mut base = self.base.get(bases).clone();
        let structure = base.structure.clone();
        if !structure.checks_look_at(&["method"]) {
            base.intent.method = self.method.get(&structure.scheme.domain.methods).as_str().into();
        }
        self.vary_target(&mut base);
        self.vary_headers(&mut base);
        self.vary_body(&mut base);
        // A caller who sends a time of his own has fixed it.
        let sends = |name: &String| base.intent.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        if base.time.is_some() && !structure.time_headers().iter().any(sends) {
            // What is signed is cut to the precision of its form, and so past already where a time is a limit.
            let unit = if structure.has_check("until") { 1000 } else { 1 };
            base.time = Some(Instant(self.millis / unit * unit * 1_000_000));
        }
        if base.nonce.is_some() {
            base.nonce = Some(Bytes(safe(&self.secret)));
        }
        for (i, (name, exposed)) in structure.credentials().into_iter().enumerate() {
            if let Some(value) = base.account.0.get_mut(&name) {
                let bytes = if exposed { safe(&self.secret) } else { self.secret.clone() };
                // Distinct from one another, and from those of other accounts.
                *value = Credential::Value(Bytes([b"own-", i.to_string().as_bytes(), &bytes].concat()));
            }
        }
        base
    }

    fn vary_target(&self, base: &mut Base) {
        let domain = base.structure.scheme.domain.clone();
        let free = !base.structure.checks_look_at(&["url", "target", "path", "raw_path"]);
        let added = self.segments.iter().flat_map(|segment| [b"/".to_vec(), within(segment, domain.path)]).flatten();
        let added: Vec<u8> = added.collect();
        let fields = self.query_fields(base);
        match &mut base.intent.target {
            Target::Meant { path, query } => {
                if free && !added.is_empty() {
                    path.clear();
                }
                path.extend(added);
                let at = if self.before { 0 } else { query.len() };
                query.splice(at..at, fields);
            }
            Target::Exact(target) => {
                let at = target.iter().position(|&b| b == b'?').unwrap_or(target.len());
                let mut encoded = Vec::new();
                percent::encode(&added, &KeepSet::PATH, &mut encoded);
                target.splice(at..at, encoded);
                for Pair(name, value) in fields {
                    let separator = if target.contains(&b'?') { b'&' } else { b'?' };
                    target.push(separator);
                    percent::encode(&name, &KeepSet::UNRESERVED, &mut target.0);
                    if let Some(value) = value {
                        target.push(b'=');
                        percent::encode(&value, &KeepSet::UNRESERVED, &mut target.0);
                    }
                }
            }
        }
    }

    fn query_fields(&self, base: &Base) -> Vec<Pair> {
        let domain = &base.structure.scheme.domain.query;
        let mut taken: BTreeSet<Vec<u8>> =
            base.structure.read_fields("query").into_iter().map(String::into_bytes).collect();
        if let (Target::Meant { query, .. }, false) = (&base.intent.target, domain.repeated) {
            taken.extend(query.iter().map(|Pair(name, _)| name.0.clone()));
        }
        let mut fields = Vec::new();
        for (name, value) in &self.query {
            let (name, value) = (within(name, domain.values), value.as_ref().map(|value| within(value, domain.values)));
            let value = if domain.valueless { value } else { Some(value.unwrap_or_default()) };
            let known = if domain.repeated { taken.contains(&name) } else { !taken.insert(name.clone()) };
            if !known {
                fields.push(Pair(name.into(), value.map(Into::into)));
            }
        }
        if self.collides {
            // What the scheme places takes the place of what the caller had there.
            let placed = base.structure.always_placed("query").into_iter();
            fields.extend(placed.map(|name| Pair(name.into(), Some("forged".into()))));
        }
        fields
    }

    fn vary_headers(&self, base: &mut Base) {
        let noise = self
            .fields
            .iter()
            .map(|(name, value)| ([b"x-n-".to_vec(), ascii(name)].concat().into(), ascii(value).into()));
        let headers: Vec<_> = noise.collect();
        base.intent.headers.extend(headers);
        if self.collides {
            let placed = base.structure.always_placed("header").into_iter();
            base.intent.headers.extend(placed.map(|name| (name.to_lowercase().into(), "forged".into())));
        }
    }

    fn vary_body(&self, base: &mut Base) {
        let kinds = base.structure.scheme.domain.body.clone();
        let intent = &base.intent;
        let content_type = intent.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(b"content-type"));
        let content_type = content_type.map(|(_, value)| value.to_ascii_lowercase());
        let is = |media_type: &str| content_type.as_ref().is_some_and(|value| value.starts_with(media_type.as_bytes()));
        let kind = if is("application/x-www-form-urlencoded") {
            Body::Form
        } else if is("multipart/form-data") {
            Body::Multipart
        } else if intent.body.starts_with(b"{") && kinds.contains(&Body::Json) {
            Body::Json
        } else if content_type.is_none() && intent.body.is_empty() && !kinds.is_empty() {
            *self.kind.get(&kinds)
        } else if kinds.contains(&Body::Bytes) && content_type.is_none() {
            Body::Bytes
        } else {
            return;
        };
        let media_type: &[u8] = match kind {
            Body::None => return,
            Body::Bytes => return base.intent.body = self.body.clone().into(),
            Body::Form => b"application/x-www-form-urlencoded",
            Body::Multipart => b"multipart/form-data; boundary=edge",
            Body::Json => b"application/json",
        };
        if content_type.is_none() {
            base.intent.headers.push(("Content-Type".into(), media_type.to_vec().into()));
        }
        let part = if kind == Body::Json { "json" } else { "form" };
        let mut taken = base.structure.read_fields(part);
        if kind == Body::Json {
            taken.extend(base.structure.placed_fields(part));
        }
        let fields: Vec<_> = self.fields.iter().filter(|(name, _)| !taken.contains(name)).cloned().collect();
        let body = &mut base.intent.body;
        match kind {
            Body::Form => add_form(body, &fields),
            Body::Json => add_json(body, &fields),
            _ => add_parts(body, &fields),
        }
    }
}

fn add_form(body: &mut Vec<u8>, fields: &[(String, String)]) {
    for (name, value) in fields {
        if !body.is_empty() {
            body.push(b'&');
        }
        percent::encode(name.as_bytes(), &KeepSet::UNRESERVED, body);
        body.push(b'=');
        percent::encode(value.as_bytes(), &KeepSet::UNRESERVED, body);
    }
}

/// Members before those that are there; a name that is there already stays as it is.
fn add_json(body: &mut Vec<u8>, fields: &[(String, String)]) {
    let text = if body.is_empty() { "{}" } else { std::str::from_utf8(body).unwrap() };
    let there: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
    let mut members = serde_json::Map::new();
    members.extend(
        fields.iter().filter(|(name, _)| !there.contains_key(name)).map(|(n, v)| (n.clone(), v.clone().into())),
    );
    members.extend(there);
    *body = serde_json::to_vec(&members).unwrap();
}

/// Parts before those that are there.
fn add_parts(body: &mut Vec<u8>, fields: &[(String, String)]) {
    if body.is_empty() {
        body.extend_from_slice(b"--edge--\r\n");
    }
    let line = body.windows(2).position(|w| w == b"\r\n").unwrap_or(body.len());
    let delimiter = body[..line].strip_suffix(b"--").unwrap_or(&body[..line]).to_vec();
    for (name, value) in fields {
        let head = format!(
            "\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n",
            String::from_utf8(safe(name.as_bytes())).unwrap()
        );
        let part = [&delimiter, head.as_bytes(), &safe(value.as_bytes()), b"\r\n"].concat();
        body.splice(0..0, part);
    }
}

/// Text as far as a domain permits it.
fn within(text: &str, domain: Characters) -> Vec<u8> {
    match domain {
        Characters::Text => text.as_bytes().to_vec(),
        Characters::Ascii => safe(text.as_bytes()).into_iter().map(|b| if b == b'~' { b'_' } else { b }).collect(),
    }
}

/// As many bytes that every syntax takes.
fn safe(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|&b| SAFE[usize::from(b) % SAFE.len()]).collect()
}

fn ascii(text: &str) -> Vec<u8> {
    safe(text.as_bytes())
}
