//! Messages as inputs: where they go, what a caller gives with them, what happens on the way.

use crate::oracle::message::Message;
use crate::oracle::wire;
use crate::text::{Splice, Text};
use arbitrary::{Arbitrary, Result, Unstructured};
use countersign::request::{Intent, Request};

/// A query field before any encoding.
#[derive(Debug, Clone, Arbitrary)]
pub(super) struct Pair(pub(super) Text, pub(super) Option<Text>);

impl Pair {
    pub(super) fn field(&self) -> wire::Field {
        (self.0.0.clone(), self.1.as_ref().map(|value| value.0.clone()))
    }

    /// Name and value as they are, whatever bytes they hold.
    pub(super) fn unencoded(&self) -> Vec<u8> {
        match &self.1 {
            Some(value) => [self.0.0.as_slice(), b"=", &value.0].concat(),
            None => self.0.0.clone(),
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone, Arbitrary)]
pub(super) enum Target {
    Meant { path: Text, query: Vec<Pair> },
    Exact(Text, Vec<Pair>),
}

impl Target {
    /// An exact target is a path, then a query whose pieces are not encoded.
    pub(super) fn exact(path: &Text, query: &[Pair]) -> Vec<u8> {
        let pieces: Vec<_> = query.iter().map(Pair::unencoded).collect();
        if pieces.is_empty() { path.0.clone() } else { [path.0.clone(), pieces.join(&b'&')].join(&b'?') }
    }

    /// The same below a base path, which needs no encoding.
    pub(super) fn below(&self, base: &str) -> Target {
        let path = |path: &Text| Text([base.as_bytes(), &path.0].concat());
        match self {
            Target::Meant { path: rest, query } => Target::Meant { path: path(rest), query: query.clone() },
            Target::Exact(rest, query) => Target::Exact(path(rest), query.clone()),
        }
    }

    pub(super) fn of_reference(&self) -> countersign::request::Target {
        match self {
            Target::Meant { path, query } => countersign::request::Target::Meant {
                path: path.0.clone(),
                query: query.iter().map(Pair::field).collect(),
            },
            Target::Exact(path, query) => countersign::request::Target::Exact(Target::exact(path, query)),
        }
    }

    pub(super) fn of_oracle(&self) -> Vec<u8> {
        match self {
            Target::Meant { path, query } => {
                let query: Vec<_> = query.iter().map(Pair::field).collect();
                wire::target(&path.0, &query)
            }
            Target::Exact(path, query) => Target::exact(path, query),
        }
    }
}

/// A header field, its value one that some scheme looks for or any.
#[derive(Debug, Clone, Arbitrary)]
pub(super) struct Header(Name, Value);

impl Header {
    pub(super) fn line(&self) -> (Vec<u8>, Vec<u8>) {
        (self.0.0.clone(), self.1.0.clone())
    }
}

/// What a caller means, to a host that no scheme looks at.
pub(super) fn intent(method: &Text, target: &Target, headers: &[Header], body: Vec<u8>) -> Intent {
    Intent {
        method: method.0.clone(),
        scheme: b"https".to_vec(),
        host: b"api.example".to_vec(),
        target: target.of_reference(),
        headers: headers.iter().map(Header::line).collect(),
        body,
    }
}

#[derive(Debug, Clone)]
pub(super) struct Name(Vec<u8>);

/// Names that the schemes look for, and those that a reader may take for them.
const NAMES: [&str; 14] = [
    "Authorization",
    "Proxy-Authorization",
    "Host",
    "Content-Type",
    "api-key",
    "X-API-Key",
    "x-app-key",
    "x-request-id",
    "x-language",
    "Accept-Language",
    "x-user-token",
    "Date",
    "X-Flipbase-Date",
    "X-Forwarded-For",
];

impl<'a> Arbitrary<'a> for Name {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Name> {
        let choice = usize::from(input.arbitrary::<u8>()?);
        let name = NAMES[choice % NAMES.len()];
        Ok(Name(match choice / NAMES.len() {
            0..=7 => name.as_bytes().to_vec(),
            8..=11 => name.to_ascii_lowercase().into_bytes(),
            12..=15 => name.to_ascii_uppercase().into_bytes(),
            _ => input.arbitrary::<Text>()?.0,
        }))
    }
}

/// The value of a header field.
#[derive(Debug, Clone)]
pub(super) struct Value(pub(super) Vec<u8>);

/// Values that mean something somewhere, and their near misses.
const VALUES: [&str; 20] = [
    "",
    "id",
    "en",
    "EN",
    "fr",
    "id,en",
    "Bearer ",
    "Bearer a",
    "bearer a",
    "Bearer  a",
    "Basic ",
    "Basic YTo=",
    "BASIC YTo=",
    "Basic YTp=",
    "application/x-www-form-urlencoded",
    "APPLICATION/X-www-form-urlencoded ; charset=UTF-8",
    "application/x-www-form-urlencoded-not",
    "application/json",
    "bigflip.id",
    "BigFlip.id:443",
];

impl<'a> Arbitrary<'a> for Value {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Value> {
        let choice = usize::from(input.arbitrary::<u8>()?);
        Ok(Value(match choice {
            0..=159 => VALUES[choice % VALUES.len()].as_bytes().to_vec(),
            _ => input.arbitrary::<Text>()?.0,
        }))
    }
}

/// One thing that happens to a message on its way.
#[derive(Debug, Clone, Arbitrary)]
pub(super) enum Change {
    Method(Text),
    Target(Splice),
    /// One more line at the end, or before all others.
    Add(Header, bool),
    Remove(u8),
    /// The same line once more, with the name in capitals.
    Repeat(u8),
    Rename(u8, Name),
    Value(u8, Splice),
    Body(Text),
    BodyBytes(Splice),
    PlainHttp,
}

impl Change {
    pub(super) fn apply(&self, request: &mut Request) {
        let count = request.headers.len();
        let which = |i: u8| usize::from(i) % count.max(1);
        match self {
            Change::Method(method) => request.method = method.0.clone(),
            Change::Target(splice) => splice.apply(&mut request.target),
            Change::Add(header, false) => request.headers.push(header.line()),
            Change::Add(header, true) => request.headers.insert(0, header.line()),
            Change::Body(body) => request.body = body.0.clone(),
            Change::BodyBytes(splice) => splice.apply(&mut request.body),
            Change::PlainHttp => request.scheme = b"http".to_vec(),
            // The other changes are of a line that is there.
            _ if count == 0 => {}
            Change::Remove(i) => drop(request.headers.remove(which(*i))),
            Change::Repeat(i) => {
                let (name, value) = request.headers[which(*i)].clone();
                request.headers.push((name.to_ascii_uppercase(), value));
            }
            Change::Rename(i, name) => request.headers[which(*i)].0 = name.0.clone(),
            Change::Value(i, splice) => splice.apply(&mut request.headers[which(*i)].1),
        }
    }
}

/// What is on the wire before a scheme adds anything.
pub(super) fn meant(intent: &Intent, target: &Target) -> Message {
    let Intent { method, scheme, headers, body, host, .. } = intent.clone();
    Message { method, scheme, target: target.of_oracle(), headers, body }.with_host(&host)
}

/// The message that both judge.
pub(super) fn of_oracle(request: &Request) -> Message {
    let Request { method, scheme, target, headers, body } = request.clone();
    Message { method, scheme, target, headers, body }
}
