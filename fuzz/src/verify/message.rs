//! Messages: changes of an accepted one, and any others.

use super::known::Accepted;
use crate::text::{Splice, Text};
use arbitrary::Arbitrary;
use countersign::request::Request;

/// One change of the wire bytes.
#[derive(Debug, Clone, Arbitrary)]
pub enum Change {
    Method(Splice),
    Target(Splice),
    Body(Splice),
    HeaderValue(u8, Splice),
    HeaderName(u8, Splice),
    AddHeader {
        at: u8,
        name: Text,
        value: Text,
    },
    RepeatHeader {
        from: u8,
        to: u8,
    },
    RemoveHeader(u8),
    SwapHeaders(u8, u8),
    ToggleCase {
        header: u8,
    },
    Http,
    /// Parts of another accepted message of the scheme.
    TargetOf(u16),
    BodyOf(u16),
    HeaderOf(u16, u8),
}

impl Change {
    /// Makes the change; where there is nothing to change, nothing happens.
    pub fn apply(&self, request: &mut Request, accepted: &[Accepted]) {
        let other = |i: u16| &accepted[usize::from(i) % accepted.len()].message.request;
        let count = request.headers.len();
        let header = |i: u8| (count > 0).then(|| usize::from(i) % count.max(1));
        match self {
            Change::Method(splice) => splice.apply(&mut request.method),
            Change::Target(splice) => splice.apply(&mut request.target),
            Change::Body(splice) => splice.apply(&mut request.body),
            Change::Http => request.scheme = b"http".to_vec(),
            Change::TargetOf(i) => request.target = other(*i).target.clone(),
            Change::BodyOf(i) => request.body = other(*i).body.clone(),
            Change::HeaderOf(i, at) => {
                let headers = &other(*i).headers;
                if let Some((name, value)) = headers.get(usize::from(*at) % headers.len().max(1)) {
                    request.set_header(name, value.clone());
                }
            }
            Change::AddHeader { at, name, value } => {
                request.headers.insert(usize::from(*at) % (count + 1), (name.0.clone(), value.0.clone()));
            }
            Change::HeaderValue(i, splice) => {
                header(*i).into_iter().for_each(|i| splice.apply(&mut request.headers[i].1));
            }
            Change::HeaderName(i, splice) => {
                header(*i).into_iter().for_each(|i| splice.apply(&mut request.headers[i].0));
            }
            Change::ToggleCase { header: i } => {
                header(*i).into_iter().for_each(|i| toggle_case(&mut request.headers[i].1));
            }
            Change::RepeatHeader { from, to } => {
                header(*from).into_iter().for_each(|i| {
                    let field = request.headers[i].clone();
                    request.headers.insert(usize::from(*to) % (count + 1), field);
                });
            }
            Change::RemoveHeader(i) => header(*i).into_iter().for_each(|i| drop(request.headers.remove(i))),
            Change::SwapHeaders(a, b) => {
                header(*a).zip(header(*b)).into_iter().for_each(|(a, b)| request.headers.swap(a, b));
            }
        }
    }
}

fn toggle_case(bytes: &mut [u8]) {
    for byte in bytes {
        *byte = if byte.is_ascii_lowercase() { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() };
    }
}

/// A message in which nothing is taken for granted.
#[derive(Debug, Clone, Arbitrary)]
pub struct Free {
    method: Text,
    scheme: Text,
    target: Vec<Text>,
    headers: Vec<(Name, Text)>,
    body: Text,
}

/// Name of a header field.
#[derive(Debug, Clone, Arbitrary)]
enum Name {
    Authorization,
    ContentType,
    Date,
    Host,
    Other(Text),
}

impl Free {
    /// Its exact bytes.
    pub fn request(&self) -> Request {
        let name = |name: &Name| match name {
            Name::Authorization => b"Authorization".to_vec(),
            Name::ContentType => b"Content-Type".to_vec(),
            Name::Date => b"Date".to_vec(),
            Name::Host => b"Host".to_vec(),
            Name::Other(text) => text.0.clone(),
        };
        Request {
            method: self.method.0.clone(),
            scheme: self.scheme.0.clone(),
            target: self.target.iter().flat_map(|piece| piece.0.iter().copied()).collect(),
            headers: self.headers.iter().map(|(n, value)| (name(n), value.0.clone())).collect(),
            body: self.body.0.clone(),
        }
    }
}
