//! Fields of a request that may hold its signature.

use crate::primitive::encoding::{Alphabet, Base64, hex_decode};
use crate::primitive::json::Object;
use crate::primitive::percent::{self, Plus};
use crate::request::Request;
use crate::scheme::{Account, Credential, Destination};
use bumpalo::Bump;
use serde_json::{Value, json};

/// A field, or a piece of one, that has the length of a digest once it is decoded.
#[derive(Debug, Clone)]
pub(super) struct SignatureField {
    pub(super) part: Destination,
    pub(super) name: String,
    /// Text of the field that stands before and after it.
    pub(super) around: [String; 2],
    /// How the digest is written, as steps.
    pub(super) encoding: Vec<Value>,
    pub(super) digest: Vec<u8>,
}

impl SignatureField {
    /// Its name, with its part: `header X-Signature`.
    pub(super) fn says(&self) -> String {
        format!("{} {}", self.part.word(), self.name)
    }

    /// Reads the field.
    pub(super) fn source(&self) -> Value {
        source(self.part, &self.name)
    }

    /// The pipeline that takes it out of the field; none where no text before it marks its place.
    pub(super) fn taken_out(&self) -> Option<Value> {
        let [before, after] = &self.around;
        let mut pipeline = vec![self.source()];
        if !before.is_empty() {
            // The shortest text from the border of a word on that stands there first.
            let border = |&at: &usize| at == 0 || !before.as_bytes()[at - 1].is_ascii_alphanumeric();
            let starts = (0..before.len()).rev().filter(border);
            let mut marks = starts.filter_map(|at| before.get(at..));
            let mark = marks.find(|mark| before.find(mark) == Some(before.len() - mark.len()))?;
            pipeline.push(json!({ "after": mark }));
        }
        if let Some(end) = after.chars().next() {
            pipeline.push(json!({ "before": end.to_string() }));
        }
        Some(if pipeline.len() == 1 { pipeline.swap_remove(0) } else { Value::Array(pipeline) })
    }
}

/// Names a field as a source.
pub(super) fn source(part: Destination, name: &str) -> Value {
    json!(format!("{}.{name}", part.word()))
}

/// All fields of a request that a source can name, decoded.
pub(super) fn all(request: &Request) -> Vec<(Destination, String, Vec<u8>)> {
    let mut all: Vec<(Destination, String, Vec<u8>)> = Vec::new();
    let mut put = |part, name: &[u8], value: Vec<u8>| {
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"-_".contains(b);
        if let (Ok(name), true) = (std::str::from_utf8(name), name.iter().all(is_name) && !name.is_empty()) {
            all.push((part, name.to_owned(), value));
        }
    };
    for (name, value) in &request.headers {
        put(Destination::Header, name, value.to_vec());
    }
    let pieces = |raw: &[u8]| -> Vec<(Vec<u8>, Vec<u8>)> {
        percent::pieces(raw).map(|(name, value)| (decoded(name), decoded(value.unwrap_or_default()))).collect()
    };
    for (name, value) in pieces(request.raw_query()) {
        put(Destination::Query, &name, value);
    }
    if request.has_media_type("application/x-www-form-urlencoded") {
        for (name, value) in pieces(&request.body) {
            put(Destination::Form, &name, value);
        }
    }
    let bump = Bump::new();
    if let Ok(object) = Object::of(&request.body, &bump) {
        for (name, member) in object.members() {
            if let Ok(value) = member.bytes() {
                put(Destination::Json, name.as_bytes(), value.to_vec());
            }
        }
    }
    all
}

fn decoded(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    percent::decode_leniently(raw, Plus::Space, &mut out);
    out
}

/// Pieces of fields that may be the signature.
pub(super) fn signatures(request: &Request) -> Vec<SignatureField> {
    let mut found: Vec<SignatureField> = Vec::new();
    for (part, name, value) in all(request) {
        let Ok(text) = std::str::from_utf8(&value) else { continue };
        for (start, end) in tokens(text) {
            for (encoding, digest) in digests(&text[start..end]) {
                let around = [text[..start].to_owned(), text[end..].to_owned()];
                found.push(SignatureField { part, name: name.clone(), around, encoding, digest });
            }
        }
    }
    found
}

/// Borders of the words of a value, the value itself first.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut all = vec![(0, text.len())];
    let mut start = 0;
    let bytes = text.as_bytes();
    for at in 0..=bytes.len() {
        let is_border = match bytes.get(at) {
            Some(b' ' | b',' | b';' | b':' | b'"') | None => true,
            // What fills up Base64 stands at the end of a word.
            Some(b'=') => bytes.get(at + 1).is_some_and(|next| !b"=,; \"".contains(next)),
            Some(_) => false,
        };
        if is_border {
            if at > start && !all.contains(&(start, at)) {
                all.push((start, at));
            }
            start = at + 1;
        }
    }
    all
}

/// Digests that a text may stand for, each with the steps that write it.
fn digests(text: &str) -> Vec<(Vec<Value>, Vec<u8>)> {
    let has_size = |digest: &[u8]| [16, 20, 28, 32, 48, 64].contains(&digest.len());
    let mut found = Vec::new();
    if let Some((step, digest)) = from_hex(text.as_bytes()) {
        found.push((vec![step], digest));
    }
    for base64 in
        [(Alphabet::Standard, true), (Alphabet::Standard, false), (Alphabet::Url, true), (Alphabet::Url, false)]
    {
        let (alphabet, padding) = base64;
        let mut decoded = Vec::new();
        if (Base64 { alphabet, padding }).decode(text.as_bytes(), &mut decoded).is_err() {
            continue;
        }
        let word = if alphabet == Alphabet::Standard { "standard" } else { "url" };
        let step = match (alphabet, padding) {
            (Alphabet::Standard, true) => json!("base64"),
            _ => json!({ "base64": { "alphabet": word, "padding": padding } }),
        };
        if let Some((inner, digest)) = from_hex(&decoded) {
            found.push((vec![inner, step], digest));
        } else if !found.iter().any(|(_, digest)| *digest == decoded) {
            found.push((vec![step], decoded));
        }
    }
    found.retain(|(_, digest)| has_size(digest));
    found
}

fn from_hex(text: &[u8]) -> Option<(Value, Vec<u8>)> {
    let mut digest = Vec::new();
    hex_decode(text, &mut digest).ok()?;
    match (text.iter().any(u8::is_ascii_lowercase), text.iter().any(u8::is_ascii_uppercase)) {
        (true, true) => None,
        (_, true) => Some((json!({ "hex": "upper" }), digest)),
        _ => Some((json!("hex"), digest)),
    }
}

/// The values of an account that may be part of a key, by name.
pub(super) fn credentials(account: &Account) -> impl Iterator<Item = (&String, &[u8])> {
    account.0.iter().filter_map(|(name, value)| match value {
        Credential::Value(value) if !value.is_empty() => Some((name, value.as_slice())),
        _ => None,
    })
}
