//! Requests and times as files and the protocol write them.

use crate::bytes::Bytes;
use crate::primitive::time::Instant;
use crate::request::{Intent, Request, Target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request as its caller means it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "RawMeantRequest")]
pub struct MeantRequest {
    /// Method.
    pub method: Bytes,
    /// URI scheme; `https` unless given.
    pub scheme: Bytes,
    /// Host, with the port where there is one.
    pub host: Bytes,
    /// Path, before any encoding; with `query`, or `target` stands instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Bytes>,
    /// Query fields in the caller's order, before any encoding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<Pair>,
    /// The request target, exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Bytes>,
    /// Header fields in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(Bytes, Bytes)>,
    /// Body bytes.
    pub body: Bytes,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawMeantRequest {
    method: Bytes,
    #[serde(default = "https")]
    scheme: Bytes,
    host: Bytes,
    path: Option<Bytes>,
    #[serde(default)]
    query: Vec<Pair>,
    target: Option<Bytes>,
    #[serde(default)]
    headers: Vec<(Bytes, Bytes)>,
    #[serde(default)]
    body: Bytes,
}

fn https() -> Bytes {
    Bytes::from("https")
}

impl TryFrom<RawMeantRequest> for MeantRequest {
    type Error = String;

    fn try_from(raw: RawMeantRequest) -> Result<Self, String> {
        let RawMeantRequest { method, scheme, host, path, query, target, headers, body } = raw;
        match (&path, &target) {
            (Some(_), Some(_)) => return Err("a request to sign has `path` (and `query`) or `target`, not both".into()),
            (None, None) => return Err("a request to sign lacks `path` or `target`".into()),
            (None, Some(_)) if !query.is_empty() => {
                return Err("beside `target` there is no `query`: it is in the target".into());
            }
            _ => {}
        }
        Ok(MeantRequest { method, scheme, host, path, query, target, headers, body })
    }
}

impl MeantRequest {
    /// The same as exact bytes.
    pub fn intent(&self) -> Intent {
        let target = match &self.target {
            Some(target) => Target::Exact(target.0.clone()),
            None => Target::Meant {
                path: self.path.clone().unwrap_or_default().0,
                query: self.query.iter().map(|p| (p.0.0.clone(), p.1.as_ref().map(|v| v.0.clone()))).collect(),
            },
        };
        Intent {
            method: self.method.0.clone(),
            scheme: self.scheme.0.clone(),
            host: self.host.0.clone(),
            target,
            headers: exact(&self.headers),
            body: self.body.0.clone(),
        }
    }
}

fn exact(headers: &[(Bytes, Bytes)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.0.clone(), value.0.clone())).collect()
}

/// A request as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireRequest {
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

impl WireRequest {
    /// The same as exact bytes.
    pub fn request(&self) -> Request {
        Request {
            method: self.method.0.clone(),
            scheme: self.scheme.0.clone(),
            target: self.target.0.clone(),
            headers: exact(&self.headers),
            body: self.body.0.clone(),
        }
    }
}

impl From<&Request> for WireRequest {
    fn from(request: &Request) -> Self {
        WireRequest {
            method: Bytes(request.method.clone()),
            scheme: Bytes(request.scheme.clone()),
            target: Bytes(request.target.clone()),
            headers: request.headers.iter().map(|(n, v)| (Bytes(n.clone()), Bytes(v.clone()))).collect(),
            body: Bytes(request.body.clone()),
        }
    }
}

/// `[name]` or `[name, value]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Bytes>", into = "Vec<Bytes>")]
#[schemars(with = "Vec<Bytes>")]
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

/// An instant as vectors write it: RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Time {
    text: String,
    instant: Instant,
}

impl Time {
    /// The instant.
    pub fn instant(&self) -> Instant {
        self.instant
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.ends_with('Z') {
            return Err(format!("`{text}` is no time in UTC; write RFC 3339 with a `Z` at its end"));
        }
        let instant = Instant::parse(&text).map_err(|e| e.to_string())?;
        Ok(Time { text, instant })
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.text
    }
}
