//! Exact bytes of a request: what the caller means, what is on the wire, and the way from one to
//! the other. May use `primitive`.
//!
//! No type here normalises anything: method, target, header fields in order with duplicates, and
//! body are kept as they are (`vectors/README.md`, "From what the caller means to what is on the
//! wire").

use crate::primitive::percent::{self, KeepSet};

/// A name and an optional value: `?acl` and `?acl=` differ.
pub type Field = (Vec<u8>, Option<Vec<u8>>);

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// What the caller means, before any encoding.
    Meant {
        /// The path, decoded, starting with `/`.
        path: Vec<u8>,
        /// Query fields in the caller's order, decoded.
        query: Vec<Field>,
    },
    /// The request target as on the wire, byte for byte.
    Exact(Vec<u8>),
}

/// A request as the caller means it: what a signer is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Method, exactly as it is sent.
    pub method: Vec<u8>,
    /// URI scheme, `https` or `http`.
    pub scheme: Vec<u8>,
    /// Host, with the port where there is one.
    pub host: Vec<u8>,
    /// Path and query.
    pub target: Target,
    /// Header fields in order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Body bytes.
    pub body: Vec<u8>,
}

/// A request as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Method, exactly as it is sent.
    pub method: Vec<u8>,
    /// URI scheme by which the message reached the server.
    pub scheme: Vec<u8>,
    /// Request target: path and query as sent.
    pub target: Vec<u8>,
    /// Header fields in order, duplicates kept.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Body bytes.
    pub body: Vec<u8>,
}

impl Intent {
    /// The wire request before anything is added by a scheme: target encoded, `Host` first.
    pub fn to_wire(&self) -> Request {
        let target = match &self.target {
            Target::Exact(bytes) => bytes.clone(),
            Target::Meant { path, query } => {
                let mut target = Vec::new();
                percent::encode(path, &KeepSet::PATH, &mut target);
                for (name, value) in query {
                    append_query(&mut target, name, value.as_deref());
                }
                target
            }
        };
        let mut headers = self.headers.clone();
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"host")) {
            headers.insert(0, (b"Host".to_vec(), self.host.clone()));
        }
        Request { method: self.method.clone(), scheme: self.scheme.clone(), target, headers, body: self.body.clone() }
    }
}

impl Request {
    /// Target up to the first `?`.
    pub fn raw_path(&self) -> &[u8] {
        &self.target[..self.query_start().map_or(self.target.len(), |q| q - 1)]
    }

    /// Target after the first `?`; empty where there is none.
    pub fn raw_query(&self) -> &[u8] {
        self.query_start().map_or(&[], |q| &self.target[q..])
    }

    /// Offset of the query in the target.
    pub(crate) fn query_start(&self) -> Option<usize> {
        self.target.iter().position(|&b| b == b'?').map(|q| q + 1)
    }

    /// Values of the header fields of this name, in order; names compare without regard to case.
    pub fn header<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_slice())
    }

    /// Whether the body has this media type; parameters after `;` are not looked at.
    pub fn has_media_type(&self, media_type: &str) -> bool {
        self.header(b"content-type").next().is_some_and(|value| {
            let essence = value.split(|&b| b == b';').next().unwrap_or_default();
            essence.trim_ascii().eq_ignore_ascii_case(media_type.as_bytes())
        })
    }

    /// Scheme, host and target: `https://host/path?query`.
    pub fn url(&self) -> Vec<u8> {
        let host = self.header(b"host").next().unwrap_or_default();
        [self.scheme.as_slice(), b"://", host, &self.target].concat()
    }

    /// Replaces all header fields of a name by one, in place of the first, or at the end.
    pub fn set_header(&mut self, name: &[u8], value: Vec<u8>) {
        let first = self.headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name));
        self.remove_header(name);
        let at = first.unwrap_or(self.headers.len());
        self.headers.insert(at, (name.to_vec(), value));
    }

    /// Removes all header fields of a name.
    pub fn remove_header(&mut self, name: &[u8]) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// Removes query fields of this decoded name and appends one, percent-encoded.
    pub fn set_query(&mut self, name: &[u8], value: &[u8]) {
        let (path, query) = (self.raw_path().to_vec(), self.raw_query().to_vec());
        let kept = without(&query, name);
        self.target = path;
        if !kept.is_empty() {
            self.target.push(b'?');
            self.target.extend(kept);
        }
        append_query(&mut self.target, name, Some(value));
    }

    /// Removes form fields of this decoded name from the body and appends one, percent-encoded.
    pub fn set_form(&mut self, name: &[u8], value: &[u8]) {
        let mut body = without(&self.body, name);
        if !body.is_empty() {
            body.push(b'&');
        }
        append_pair(&mut body, name, Some(value));
        self.body = body;
    }

    /// Adds a top-level string member at the end of the JSON object in the body.
    ///
    /// `Err` says why the body cannot take it: it is no object, or has the member.
    pub fn add_json(&mut self, name: &str, value: &str) -> Result<(), String> {
        let members = crate::primitive::json::Object::parse(if self.body.is_empty() { b"{}" } else { &self.body })?;
        if members.get(name).is_some() {
            return Err(format!("the JSON body has a member `{name}` already"));
        }
        if self.body.is_empty() {
            self.body = b"{}".to_vec();
        }
        let close = self.body.iter().rposition(|&b| b == b'}').unwrap_or(0);
        let comma = if members.is_empty() { "" } else { "," };
        let member = format!("{comma}{}:{}", serde_json::Value::from(name), serde_json::Value::from(value));
        self.body.splice(close..close, member.into_bytes());
        Ok(())
    }
}

/// Pieces of a raw query or form whose decoded name is another one, joined as they were.
fn without(raw: &[u8], name: &[u8]) -> Vec<u8> {
    let keep = |piece: &&[u8]| {
        let raw_name = piece.split(|&b| b == b'=').next().unwrap_or_default();
        let mut decoded = Vec::new();
        percent::decode(raw_name, percent::Plus::Space, &mut decoded).is_err() || decoded != name
    };
    raw.split(|&b| b == b'&').filter(keep).collect::<Vec<_>>().join(&b'&')
}

fn append_query(target: &mut Vec<u8>, name: &[u8], value: Option<&[u8]>) {
    target.push(if target.contains(&b'?') { b'&' } else { b'?' });
    append_pair(target, name, value);
}

fn append_pair(out: &mut Vec<u8>, name: &[u8], value: Option<&[u8]>) {
    percent::encode(name, &KeepSet::UNRESERVED, out);
    if let Some(value) = value {
        out.push(b'=');
        percent::encode(value, &KeepSet::UNRESERVED, out);
    }
}
