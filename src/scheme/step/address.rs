//! Addresses as libraries write them once they have read them: for steps of mutants.

use crate::primitive::percent::{self, HexCase, KeepSet, Plus};
use crate::primitive::text;

/// Libraries, by the word of the step.
pub const LIBRARIES: &[&str] = &[
    "href",
    "requests",
    "urlunsplit",
    "search-params",
    "querystring",
    "urlencode",
    "sorted",
    "sorted-form",
    "sorted-quote",
    "one-slash",
];

/// Characters that WHATWG's URL standard leaves in a path, beside those that are escaped already.
const PATH: KeepSet = KeepSet::ALPHANUMERIC.with(b"!$%&'()*+,-./:;=@[]^_|~");
/// The same in the query of a special scheme.
const QUERY: KeepSet = KeepSet::ALPHANUMERIC.with(b"!$%&()*+,-./:;=?@[\\]^_`{|}~");
/// Characters that Requests leaves in an address.
const REQUESTS: KeepSet = KeepSet::UNRESERVED.with(b"!#$%&'()*+,/:;=?@[]");
/// Characters that fields of a query keep, by the function that writes them.
const SEARCH_PARAMS: KeepSet = KeepSet::ALPHANUMERIC.with(b"*-._");
const QUERYSTRING: KeepSet = KeepSet::UNRESERVED.with(b"!'()*");

/// A whole address, or path and query alone.
struct AddressParts {
    /// Scheme and host, with what stands between; empty where there is none.
    origin: Vec<u8>,
    path: Vec<u8>,
    query: Option<Vec<u8>>,
}

impl AddressParts {
    fn of(address: &[u8]) -> AddressParts {
        let start = memchr::memmem::find(address, b"://").map_or(0, |at| at + 3);
        let end = match start {
            0 => 0,
            _ => address[start..].iter().position(|b| b"/?".contains(b)).map_or(address.len(), |at| start + at),
        };
        let (origin, rest) = address.split_at(end);
        let (path, query) = match memchr::memchr(b'?', rest) {
            Some(at) => (&rest[..at], Some(rest[at + 1..].to_vec())),
            None => (rest, None),
        };
        AddressParts { origin: origin.to_vec(), path: path.to_vec(), query }
    }

    fn written(self) -> Vec<u8> {
        let query = self.query.map(|query| [b"?", &query[..]].concat());
        [self.origin, self.path, query.unwrap_or_default()].concat()
    }
}

/// An address as the library with this number in [`LIBRARIES`] writes it once it has read it.
pub fn reread(address: &[u8], library: usize) -> Vec<u8> {
    let mut it = AddressParts::of(address);
    match LIBRARIES[library] {
        "href" => {
            it.origin.make_ascii_lowercase();
            let scheme = if it.origin.starts_with(b"https:") { "https" } else { "http" };
            it.origin = text::without_default_port(&it.origin, scheme.as_bytes()).to_vec();
            it.path.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
            if it.path.is_empty() && !it.origin.is_empty() {
                it.path.push(b'/');
            }
            it.path = escaped(&without_dot_segments(&it.path, true), &PATH, false);
            it.query = it.query.map(|query| escaped(&query, &QUERY, false));
        }
        "requests" => {
            it.origin.make_ascii_lowercase();
            let written = |part: &[u8]| escaped(&unescaped(part, &KeepSet::UNRESERVED), &REQUESTS, false);
            it.path = written(&without_dot_segments(&it.path, false));
            it.query = it.query.map(|query| written(&query));
        }
        "urlunsplit" => it.query = it.query.filter(|query| !query.is_empty()),
        "search-params" => it.query = it.query.map(|query| fields(&query, &SEARCH_PARAMS, true, false)),
        "querystring" => it.query = it.query.map(|query| fields(&query, &QUERYSTRING, false, false)),
        "sorted" => it.query = it.query.filter(|query| !query.is_empty()).map(|query| sorted(&query, false)),
        "sorted-form" => it.query = it.query.filter(|query| !query.is_empty()).map(|query| sorted(&query, true)),
        "sorted-quote" => it.query = it.query.map(|query| sorted(&query, false)),
        "one-slash" => it.path.dedup_by(|one, other| (*one, *other) == (b'/', b'/')),
        _ => it.query = it.query.map(|query| fields(&query, &KeepSet::UNRESERVED, true, true)),
    }
    it.written()
}

fn escaped(bytes: &[u8], keep: &KeepSet, plus: bool) -> Vec<u8> {
    let mut out = Vec::new();
    percent::encode_with(bytes, keep, HexCase::Upper, plus, &mut out);
    out
}

/// The escapes of these characters undone, and the digits of the others in capitals.
fn unescaped(bytes: &[u8], characters: &KeepSet) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        let escape = (byte == b'%').then(|| rest.get(..3)).flatten();
        let mut plain = Vec::new();
        rest = match escape.filter(|escape| percent::decode(escape, Plus::Literal, &mut plain).is_ok()) {
            Some(escape) => {
                match characters.keeps(plain[0]) {
                    true => out.push(plain[0]),
                    false => out.extend(escape.to_ascii_uppercase()),
                }
                &rest[3..]
            }
            None => {
                out.push(byte);
                after
            }
        };
    }
    out
}

/// A path without its segments `.` and `..`, RFC 3986 section 5.2.4; or without those whose dots are escaped, too.
fn without_dot_segments(path: &[u8], escaped_too: bool) -> Vec<u8> {
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').collect();
    let mut kept: Vec<&[u8]> = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let plain = if escaped_too { unescaped(segment, &KeepSet::NONE.with(b".")) } else { segment.to_vec() };
        let is_last = i + 1 == segments.len();
        match &plain[..] {
            b"." => {}
            b".." if kept.len() > 1 => drop(kept.pop()),
            b".." => {}
            _ => {
                kept.push(segment);
                continue;
            }
        }
        if is_last {
            kept.push(b"");
        }
    }
    kept.join(&b'/')
}

/// The fields of a query, written anew and sorted by name.
fn sorted(query: &[u8], plus: bool) -> Vec<u8> {
    let written = fields(query, &KeepSet::UNRESERVED, plus, false);
    let mut pieces: Vec<&[u8]> = written.split(|byte| *byte == b'&').collect();
    pieces.sort_by_key(|piece| piece.split(|byte| *byte == b'=').next());
    pieces.join(&b'&')
}

/// The fields of a query, read and written anew; those that are empty go away, where they do.
fn fields(query: &[u8], keep: &KeepSet, plus: bool, drops_empty: bool) -> Vec<u8> {
    let written = |bytes: &[u8]| {
        let mut plain = Vec::new();
        percent::decode_leniently(bytes, Plus::Space, &mut plain);
        escaped(&plain, keep, plus)
    };
    let pairs = percent::pieces(query).map(|(name, value)| (name, value.unwrap_or_default()));
    let pairs = pairs.filter(|(_, value)| !drops_empty || !value.is_empty());
    pairs.map(|(name, value)| [written(name), written(value)].join(&b'=')).collect::<Vec<_>>().join(&b'&')
}
