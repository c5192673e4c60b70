//! Exact bytes of a request: what the caller means, what is on the wire, and the way from one to
//! the other. May use `primitive`.
//!
//! No type here normalises anything: method, target, header fields in order with duplicates, and
//! body are kept as they are (`vectors/README.md`, "From what the caller means to what is on the
//! wire").

use crate::bytes::Bytes;
use crate::primitive::percent::{self, KeepSet, Plus};
use crate::primitive::{Sink, json};
use bumpalo::Bump;
use serde::{Deserialize, Serialize};

/// `[name]` or `[name, value]`: `?acl` and `?acl=` differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(try_from = "Vec<Bytes>", into = "Vec<Bytes>")]
#[cfg_attr(feature = "cli", schemars(with = "Vec<Bytes>"))]
pub struct Pair(pub Bytes, pub Option<Bytes>);

impl TryFrom<Vec<Bytes>> for Pair {
    type Error = String;

    fn try_from(mut items: Vec<Bytes>) -> Result<Self, String> {
        let value = if items.len() == 2 { items.pop() } else { None };
        match (items.pop(), items.is_empty()) {
            (Some(name), true) => Ok(Pair(name, value)),
            _ => Err("a pair is [name] or [name, value]".into()),
        }
    }
}

impl From<Pair> for Vec<Bytes> {
    fn from(pair: Pair) -> Self {
        std::iter::once(pair.0).chain(pair.1).collect()
    }
}

/// Place that a request goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Path and query that the caller means, before any encoding.
    Meant {
        /// The path, decoded, starting with `/`.
        path: Bytes,
        /// Query fields in the caller's order, decoded.
        query: Vec<Pair>,
    },
    /// The request target as on the wire, byte for byte.
    Exact(Bytes),
}

/// A request as the caller means it: what a signer is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(try_from = "WrittenIntent", into = "WrittenIntent")]
#[cfg_attr(feature = "cli", schemars(with = "WrittenIntent"))]
pub struct Intent {
    /// Method, exactly as it is sent.
    pub method: Bytes,
    /// URI scheme, `https` or `http`.
    pub scheme: Bytes,
    /// Host, with the port where there is one.
    pub host: Bytes,
    /// Path and query.
    pub target: Target,
    /// Header fields in order.
    pub headers: Vec<(Bytes, Bytes)>,
    /// Body bytes.
    pub body: Bytes,
}

/// A request as its caller means it.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct WrittenIntent {
    /// Method.
    method: Bytes,
    /// URI scheme; `https` unless given.
    #[serde(default = "https")]
    scheme: Bytes,
    /// Host, with the port where there is one.
    host: Bytes,
    /// Path, before any encoding; with `query`, or `target` stands instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Bytes>,
    /// Query fields in the caller's order, before any encoding.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    query: Vec<Pair>,
    /// The request target, exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<Bytes>,
    /// Header fields in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(Bytes, Bytes)>,
    /// Body bytes.
    #[serde(default)]
    body: Bytes,
}

fn https() -> Bytes {
    Bytes::from("https")
}

impl TryFrom<WrittenIntent> for Intent {
    type Error = String;

    fn try_from(written: WrittenIntent) -> Result<Self, String> {
        let WrittenIntent { method, scheme, host, path, query, target, headers, body } = written;
        let target = match (path, target) {
            (Some(_), Some(_)) => return Err("a request to sign has `path` (and `query`) or `target`, not both".into()),
            (None, None) => return Err("a request to sign lacks `path` or `target`".into()),
            (None, Some(_)) if !query.is_empty() => {
                return Err("beside `target` there is no `query`: it is in the target".into());
            }
            (None, Some(target)) => Target::Exact(target),
            (Some(path), None) => Target::Meant { path, query },
        };
        Ok(Intent { method, scheme, host, target, headers, body })
    }
}

impl From<Intent> for WrittenIntent {
    fn from(Intent { method, scheme, host, target, headers, body }: Intent) -> Self {
        let (path, query, target) = match target {
            Target::Meant { path, query } => (Some(path), query, None),
            Target::Exact(target) => (None, Vec::new(), Some(target)),
        };
        WrittenIntent { method, scheme, host, path, query, target, headers, body }
    }
}

/// A request as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Method.
    pub method: Bytes,
    /// URI scheme; `https` unless given.
    #[serde(default = "https")]
    pub scheme: Bytes,
    /// Path and query, as sent.
    pub target: Bytes,
    /// Header fields in order.
    #[serde(default)]
    pub headers: Vec<(Bytes, Bytes)>,
    /// Body bytes.
    #[serde(default)]
    pub body: Bytes,
}

/// Number of bytes of header fields.
fn size_of(headers: &[(Bytes, Bytes)]) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len()).sum()
}

impl Intent {
    /// Number of bytes, about: what its parts have.
    pub fn size(&self) -> usize {
        let field = |Pair(name, value): &Pair| name.len() + value.as_ref().map_or(0, |value| value.len());
        let target = match &self.target {
            Target::Meant { path, query } => path.len() + query.iter().map(field).sum::<usize>(),
            Target::Exact(target) => target.len(),
        };
        self.method.len() + target + size_of(&self.headers) + self.body.len()
    }

    /// The wire request before anything is added by a scheme: target encoded, `Host` first.
    pub fn to_wire(&self) -> Request {
        let target = match &self.target {
            Target::Exact(bytes) => bytes.clone(),
            Target::Meant { path, query } => {
                let mut target = Vec::new();
                let query =
                    query.iter().map(|Pair(name, value)| (name.as_slice(), value.as_ref().map(|v| v.as_slice())));
                put_target(path, query, &mut target);
                target.into()
            }
        };
        let mut headers = self.headers.clone();
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"host")) {
            headers.insert(0, ("Host".into(), self.host.clone()));
        }
        Request { method: self.method.clone(), scheme: self.scheme.clone(), target, headers, body: self.body.clone() }
    }

    /// Path and query fields, where they are told apart.
    pub fn meant(&mut self) -> Option<(&mut Bytes, &mut Vec<Pair>)> {
        match &mut self.target {
            Target::Meant { path, query } => Some((path, query)),
            Target::Exact(_) => None,
        }
    }
}

impl Request {
    /// Number of bytes, about: what its parts have.
    pub fn size(&self) -> usize {
        self.method.len() + self.target.len() + size_of(&self.headers) + self.body.len()
    }

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

    /// Returns whether the body has this media type; parameters after `;` are not looked at.
    pub fn has_media_type(&self, media_type: &str) -> bool {
        self.header(b"content-type").next().is_some_and(|value| is_media_type(value, media_type))
    }

    /// Scheme, host and target: `https://host/path?query`.
    pub fn url(&self) -> Vec<u8> {
        let host = self.header(b"host").next().unwrap_or_default();
        [&self.scheme, &b"://"[..], host, &self.target].concat()
    }

    /// Replaces all header fields of a name by one, in place of the first, or at the end.
    pub fn set_header(&mut self, name: &[u8], value: Vec<u8>) {
        let first = self.headers.iter().position(|(n, _)| n.eq_ignore_ascii_case(name));
        self.remove_header(name);
        let at = first.unwrap_or(self.headers.len());
        self.headers.insert(at, (name.to_vec().into(), value.into()));
    }

    /// Removes all header fields of a name.
    pub fn remove_header(&mut self, name: &[u8]) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// Removes query fields of this decoded name and appends one, percent-encoded.
    pub fn set_query(&mut self, name: &[u8], value: &[u8]) {
        let mut target = Vec::with_capacity(self.target.len() + name.len() + value.len() + 2);
        put_query(&self.target, name, value, &mut target);
        self.target = target.into();
    }

    /// Puts another path into the target, as it stands on the wire; the query stays.
    ///
    /// `Err` says why it is none.
    pub fn set_path(&mut self, path: &[u8]) -> Result<(), String> {
        if path.first() != Some(&b'/') || !path.iter().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(byte)) {
            return Err(
                "what is placed is no path: it begins with `/` and is printable ASCII without space, `?` and `#`"
                    .into(),
            );
        }
        let query = self.target.iter().position(|&byte| byte == b'?').map_or(&[][..], |at| &self.target[at..]);
        self.target = [path, query].concat().into();
        Ok(())
    }

    /// Removes form fields of this decoded name from the body and appends one, percent-encoded.
    pub fn set_form(&mut self, name: &[u8], value: &[u8]) {
        let mut body = Vec::with_capacity(self.body.len() + name.len() + value.len() + 2);
        put_form(&self.body, name, value, &mut body);
        self.body = body.into();
    }

    /// Adds a top-level string member at the end of the JSON object in the body.
    ///
    /// `Err` says why the body cannot take it: it is no object, or has the member.
    pub fn add_json(&mut self, name: &str, value: &str) -> Result<(), String> {
        let mut body = Vec::with_capacity(self.body.len() + name.len() + value.len() + 6);
        put_json(&self.body, name, value, &Bump::new(), &mut body)?;
        self.body = body.into();
        Ok(())
    }
}

/// Returns whether the value of `Content-Type` names this media type; parameters after `;` are not looked at.
pub(crate) fn is_media_type(content_type: &[u8], media_type: &str) -> bool {
    let essence = || content_type.split(|&b| b == b';').next().unwrap_or_default().trim_ascii();
    // Most senders write it just so.
    content_type == media_type.as_bytes() || essence().eq_ignore_ascii_case(media_type.as_bytes())
}

/// Writes a target: the path encoded, then the query fields encoded.
pub(crate) fn put_target<'f>(
    path: &[u8],
    query: impl Iterator<Item = (&'f [u8], Option<&'f [u8]>)>,
    out: &mut impl Sink,
) {
    percent::encode(path, &KeepSet::PATH, out);
    for (i, (name, value)) in query.enumerate() {
        out.put(if i == 0 { b"?" } else { b"&" });
        put_pair(name, value, out);
    }
}

/// Writes a target with its query fields of this decoded name replaced by one at the end.
pub(crate) fn put_query(target: &[u8], name: &[u8], value: &[u8], out: &mut impl Sink) {
    let mut halves = target.splitn(2, |&b| b == b'?');
    out.put(halves.next().unwrap_or_default());
    let separator = match put_without(b"?", halves.next().unwrap_or_default(), name, out) {
        true => b"&",
        false => b"?",
    };
    out.put(separator);
    put_pair(name, Some(value), out);
}

/// Writes a form with its fields of this decoded name replaced by one at the end.
pub(crate) fn put_form(form: &[u8], name: &[u8], value: &[u8], out: &mut impl Sink) {
    if put_without(b"", form, name, out) {
        out.put(b"&");
    }
    put_pair(name, Some(value), out);
}

/// Writes a JSON object with a string member added at its end; no body counts as an empty object.
///
/// `Err` says why it cannot be: the body is no object, or has the member.
pub(crate) fn put_json(body: &[u8], name: &str, value: &str, bump: &Bump, out: &mut impl Sink) -> Result<(), String> {
    let body = if body.is_empty() { b"{}" } else { body };
    let members = json::Object::parse(body, bump)?;
    if members.get(name).is_some() {
        return Err(format!("the JSON body has a member `{name}` already"));
    }
    let close = body.iter().rposition(|&b| b == b'}').unwrap_or(0);
    out.put(&body[..close]);
    out.put(if members.is_empty() { b"" } else { b"," });
    json::put_text(name, out);
    out.put(b":");
    json::put_text(value, out);
    out.put(&body[close..]);
    Ok(())
}

/// Writes `before` and the pieces of a raw query or form whose decoded name is another one, joined as
/// they were; nothing, and `false`, where that is nothing.
fn put_without(before: &[u8], raw: &[u8], name: &[u8], out: &mut impl Sink) -> bool {
    let kept = || {
        let raw_name = |piece: &[u8]| piece.iter().position(|&b| b == b'=').unwrap_or(piece.len());
        raw.split(|&b| b == b'&')
            .filter(move |piece| !percent::decodes_to(&piece[..raw_name(piece)], Plus::Space, name))
    };
    let something = kept().next().is_some_and(|first| !first.is_empty()) || kept().nth(1).is_some();
    if something {
        out.put(before);
        for (i, piece) in kept().enumerate() {
            out.put(if i == 0 { b"" } else { b"&" });
            out.put(piece);
        }
    }
    something
}

fn put_pair(name: &[u8], value: Option<&[u8]>, out: &mut impl Sink) {
    percent::encode(name, &KeepSet::UNRESERVED, out);
    if let Some(value) = value {
        out.put(b"=");
        percent::encode(value, &KeepSet::UNRESERVED, out);
    }
}
