//! Variation of a base within its scheme's domain: raw material first, then what a scheme lets of it.

use crate::base::Base;
use crate::structure::{safe, within};
use crate::text::Text;
use arbitrary::Arbitrary;
use countersign::bytes::Bytes;
use countersign::primitive::percent::{self, KeepSet};
use countersign::primitive::time::Instant;
use countersign::request::{Pair, Target};
use countersign::scheme::{Body, Credential};

/// Raw material.
#[derive(Debug, Clone, Arbitrary)]
pub struct Noise {
    method: u8,
    segments: Vec<Text>,
    query: Vec<(Text, Option<Text>)>,
    /// Whether what is added to the query stands before what is there.
    before: bool,
    /// Whether the caller sends fields of his own where the scheme puts its fields.
    collides: bool,
    fields: Vec<(Text, Text)>,
    body: Text,
    kind: u8,
    millis: Option<u64>,
    secret: Option<Text>,
}

/// Milliseconds of the years 1970 to 9999, which every form of a time can write.
const MILLIS: u64 = 253_402_300_800_000;

impl Noise {
    /// The base, varied within its domain.
    pub fn vary(&self, base: &Base) -> Base {
        let mut base = base.clone();
        let compiled = base.compiled.clone();
        let structure = &compiled.structure;
        if !structure.checks_look_at(&["method"]) {
            let methods = &structure.scheme.domain.methods;
            base.intent.method = methods[usize::from(self.method) % methods.len()].as_str().into();
        }
        self.vary_target(&mut base);
        self.vary_headers(&mut base);
        self.vary_body(&mut base);
        // A caller who sends a time of his own has fixed it.
        let sends = |name: &String| base.intent.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()));
        // And where a message has an end, its time is before that.
        let is_fixed = structure.has_an_end() || structure.time_headers().iter().any(sends);
        if let (Some(millis), Some(_), false) = (self.millis, base.time, is_fixed) {
            // What is signed is cut to the precision of its form, and so past already where a time is a limit.
            let unit = if structure.has_check("until") { 1000 } else { 1 };
            // No count of seconds is zero: OAuth's is a positive number.
            base.time = Some(Instant(i128::from((millis % MILLIS).max(1000) / unit * unit) * 1_000_000));
        }
        let Some(Text(secret)) = &self.secret else { return base };
        if base.nonce.is_some() {
            let number = base.time.map_or(1, |time| time.0.unsigned_abs());
            base.nonce = Some(match structure.has_check("increasing") {
                true => number.to_string().into(),
                false => Bytes([b"n", safe(secret).as_slice()].concat()),
            });
        }
        for (i, (name, exposed)) in structure.credentials().into_iter().enumerate() {
            if let Some(value) = base.account.0.get_mut(&name) {
                let bytes = if exposed { safe(secret) } else { secret.clone() };
                // Distinct from one another, and from those of other accounts.
                *value = Credential::Value(Bytes([b"own-", i.to_string().as_bytes(), &bytes].concat()));
            }
        }
        base
    }

    fn vary_target(&self, base: &mut Base) {
        let compiled = base.compiled.clone();
        let domain = &compiled.structure.scheme.domain;
        let paths = ["url", "target", "path", "raw_path"];
        let free = !compiled.structure.checks_look_at(&paths);
        let is_fixed = compiled.structure.checks_equality_of(&paths);
        let segments = self.segments.iter().filter(|_| !is_fixed);
        let added: Vec<u8> =
            segments.flat_map(|text| [b"/".to_vec(), within(&text.0, domain.path)]).flatten().collect();
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
                    put_field(&name, value.as_ref().map(Bytes::as_slice), target);
                }
            }
        }
    }

    /// Fields beside those that the scheme reads or adds.
    fn query_fields(&self, base: &Base) -> Vec<Pair> {
        let structure = &base.compiled.structure;
        let domain = &structure.scheme.domain.query;
        let mut taken = structure.fields("query");
        if let (Target::Meant { query, .. }, false) = (&base.intent.target, domain.repeated) {
            taken.extend(query.iter().map(|pair| pair.0.to_vec()));
        }
        let mut fields = Vec::new();
        for (name, value) in &self.query {
            let name = within(&name.0, domain.values);
            let value = value.as_ref().map(|value| within(&value.0, domain.values));
            let value = if domain.valueless { value } else { Some(value.unwrap_or_default()) };
            let is_known = if domain.repeated { taken.contains(&name) } else { !taken.insert(name.clone()) };
            if !is_known {
                fields.push(Pair(name.into(), value.map(Bytes)));
            }
        }
        if self.collides {
            // What the scheme places takes the place of what the caller had there.
            let placed = structure.always_placed("query").into_iter();
            fields.extend(placed.map(|name| Pair(name.into(), Some("forged".into()))));
        }
        fields
    }

    fn vary_headers(&self, base: &mut Base) {
        let noise = |(name, value): &(Text, Text)| {
            let name = [b"x-n-", safe(&name.0).as_slice()].concat();
            (Bytes(name), Bytes(safe(&value.0)))
        };
        base.intent.headers.extend(self.fields.iter().map(noise));
        if self.collides {
            let placed = base.compiled.structure.always_placed("header").into_iter();
            base.intent.headers.extend(placed.map(|name| (name.to_lowercase().into(), "forged".into())));
        }
    }

    fn vary_body(&self, base: &mut Base) {
        let compiled = base.compiled.clone();
        let kinds = &compiled.structure.scheme.domain.body;
        let intent = &mut base.intent;
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
            kinds[usize::from(self.kind) % kinds.len()]
        } else if kinds.contains(&Body::Bytes) && content_type.is_none() {
            Body::Bytes
        } else {
            return;
        };
        let media_type: &[u8] = match kind {
            Body::None => return,
            Body::Bytes => return intent.body = self.body.0.clone().into(),
            Body::Form => b"application/x-www-form-urlencoded",
            Body::Multipart => b"multipart/form-data; boundary=edge",
            Body::Json => b"application/json",
        };
        if content_type.is_none() {
            intent.headers.push(("Content-Type".into(), media_type.to_vec().into()));
        }
        let taken = compiled.structure.fields(if kind == Body::Json { "json" } else { "form" });
        let fields = self.fields.iter().filter(|(name, _)| !taken.contains(&name.0));
        let fields: Vec<(&[u8], &[u8])> = fields.map(|(name, value)| (name.0.as_slice(), value.0.as_slice())).collect();
        let body = &mut intent.body;
        match kind {
            Body::Json => add_members(body, &fields),
            Body::Multipart => add_parts(body, &fields),
            _ => {
                for (name, value) in fields {
                    let separator = if body.is_empty() { "" } else { "&" };
                    body.extend(separator.bytes());
                    put_field(name, Some(value), body);
                }
            }
        }
    }
}

fn put_field(name: &[u8], value: Option<&[u8]>, out: &mut Vec<u8>) {
    percent::encode(name, &KeepSet::UNRESERVED, out);
    if let Some(value) = value {
        out.push(b'=');
        percent::encode(value, &KeepSet::UNRESERVED, out);
    }
}

/// Members before those that are there; a name that is there already stays as it is.
fn add_members(body: &mut Vec<u8>, fields: &[(&[u8], &[u8])]) {
    let text: &[u8] = if body.is_empty() { b"{}" } else { body };
    let there: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(text).expect("a body of a vector");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut members = serde_json::Map::new();
    let new = fields.iter().map(|(name, value)| (text(name), text(value).into()));
    members.extend(new.filter(|(name, _)| !there.contains_key(name)));
    members.extend(there);
    *body = serde_json::to_vec(&members).expect("an object prints");
}

/// Parts before those that are there.
fn add_parts(body: &mut Vec<u8>, fields: &[(&[u8], &[u8])]) {
    if body.is_empty() {
        body.extend_from_slice(b"--edge--\r\n");
    }
    let line = body.windows(2).position(|w| w == b"\r\n").unwrap_or(body.len());
    let delimiter = body[..line].strip_suffix(b"--").unwrap_or(&body[..line]).to_vec();
    for (name, value) in fields {
        let head = [b"\r\nContent-Disposition: form-data; name=\"", safe(name).as_slice(), b"\"\r\n\r\n"].concat();
        body.splice(0..0, [&delimiter, head.as_slice(), &safe(value), b"\r\n"].concat());
    }
}
