//! Flipsnack: queries, forms and multipart bodies.

use super::message::{Pair, Target};
use super::reference::{Given, Reference, account};
use super::{assert_judgement, assert_same, assert_stages};
use crate::oracle::flipsnack as oracle;
use crate::oracle::wire;
use crate::text::{Splice, Text};
use arbitrary::Arbitrary;
use countersign::request::{Intent, Request};
use std::sync::LazyLock;

static GET: LazyLock<Reference> = LazyLock::new(|| Reference::new("flipsnack", "request", None));
static UPLOAD: LazyLock<Reference> = LazyLock::new(|| Reference::new("flipsnack", "request", Some("upload")));

/// A request, its signer, what the server knows, and what happens on the way.
#[derive(Debug, Arbitrary)]
pub struct Input {
    upload: bool,
    target: Target,
    body: Body,
    api_key: Text,
    secret: Text,
    other: (Text, Text),
    other_first: bool,
    tampering: Tampering,
}

#[derive(Debug, Arbitrary)]
enum Body {
    None,
    Opaque(Text),
    Form { spelling: u8, raw: Text },
    Fields(Vec<Pair>),
    Multipart { boundary: u8, parts: Vec<Part> },
}

#[derive(Debug, Arbitrary)]
struct Part {
    name: Text,
    content: Text,
    file_name: Option<Text>,
    file_name_first: bool,
    content_type: bool,
}

/// What happens to a signed message on its way. The oracle is told the body, so that stays.
#[derive(Debug, Arbitrary)]
enum Tampering {
    None,
    Method(Text),
    Target(Splice),
}

const FORMS: [&[u8]; 4] = [
    b"application/x-www-form-urlencoded",
    b"application/x-www-form-urlencoded; charset=UTF-8",
    b"Application/X-WWW-Form-Urlencoded",
    b" application/x-www-form-urlencoded ;charset=utf-8",
];
const BOUNDARIES: [&[u8]; 3] = [b"x", b"----WebKitFormBoundary7MA4YWxkTrZu0gW", b"--"];

/// Stages, target and judgement are the same.
pub fn compare(input: &Input) {
    let (reference, method) = if input.upload { (&*UPLOAD, b"POST".to_vec()) } else { (&*GET, b"GET".to_vec()) };
    let Some((content_type, bytes, body)) = input.body.render() else { return };
    let header = content_type.map(|value| (b"Content-Type".to_vec(), value));
    let intent = Intent {
        method: method.clone(),
        scheme: b"https".to_vec(),
        host: b"api.flipsnack.com".to_vec(),
        target: input.target.of_reference(),
        headers: header.into_iter().collect(),
        body: bytes,
    };
    let own = oracle::Account { api_key: input.api_key.0.clone(), secret: input.secret.0.clone() };
    let target = match &input.target {
        Target::Meant { path, query } => oracle::Target::Meant(path.0.clone(), query.iter().map(Pair::field).collect()),
        Target::Exact(path, query) => oracle::Target::Exact(Target::exact(path, query)),
    };
    let expected = oracle::sign(&own, &target, &body);
    let mut request = match (reference.sign(&of_reference(&own), &Given::default(), &intent), &expected) {
        (Ok((stages, request)), Some(expected)) => {
            let named = [
                ("canonical_query", expected.canonical_query.as_slice()),
                ("string_to_sign", &expected.string_to_sign),
                ("signature", expected.signature.as_bytes()),
            ];
            assert_stages(&stages, &named);
            assert_target(&request.target, &expected.target);
            request
        }
        (Err(_), None) => intent.to_wire(),
        (found, expected) => panic!("the reference gives {found:?}, the oracle {expected:?}"),
    };
    input.tampering.apply(&mut request);
    let other = oracle::Account { api_key: input.other.0.0.clone(), secret: input.other.1.0.clone() };
    let accounts = if input.other_first { [other, own] } else { [own, other] };
    judge(reference, &accounts, &method, &request, &body);
}

fn judge(reference: &Reference, accounts: &[oracle::Account], call: &[u8], request: &Request, body: &oracle::Body) {
    let known: Vec<_> = accounts.iter().map(of_reference).collect();
    let found = reference.server(&known, &[]).judge(None, None, request);
    assert_judgement(found.map(drop), oracle::judge(accounts, call, &request.method, &request.target, body));
}

fn of_reference(own: &oracle::Account) -> countersign::scheme::Account {
    account([("api_key", &own.api_key), ("secret", &own.secret)])
}

/// The same bytes; where the caller gave empty pieces, which nobody reads, the same fields.
fn assert_target(found: &[u8], expected: &[u8]) {
    let (path, query) = wire::split_target(found);
    let pieces: Vec<_> = query.unwrap_or_default().split(|&b| b == b'&').filter(|piece| !piece.is_empty()).collect();
    assert_same(&"the signed target", &[path, &pieces.join(&b'&')].join(&b'?'), expected);
}

impl Tampering {
    fn apply(&self, request: &mut Request) {
        match self {
            Tampering::None => {}
            Tampering::Method(method) => request.method = method.0.clone(),
            Tampering::Target(splice) => splice.apply(&mut request.target),
        }
    }
}

impl Body {
    /// Content type, bytes, and what the oracle is told; `None` where it is no body that a client
    /// could send.
    fn render(&self) -> Option<(Option<Vec<u8>>, Vec<u8>, oracle::Body)> {
        Some(match self {
            Body::None => (None, Vec::new(), oracle::Body::Opaque),
            Body::Opaque(bytes) => (Some(b"application/json".to_vec()), bytes.0.clone(), oracle::Body::Opaque),
            Body::Form { spelling, raw } => {
                let media_type = FORMS[usize::from(*spelling) % FORMS.len()];
                (Some(media_type.to_vec()), raw.0.clone(), oracle::Body::Form(raw.0.clone()))
            }
            Body::Fields(fields) => {
                let pieces: Vec<_> = fields.iter().map(|pair| wire::written(&pair.field())).collect();
                let bytes = pieces.join("&").into_bytes();
                (Some(FORMS[0].to_vec()), bytes.clone(), oracle::Body::Form(bytes))
            }
            Body::Multipart { boundary, parts } => {
                let boundary = BOUNDARIES[usize::from(*boundary) % BOUNDARIES.len()];
                let delimiter = [b"--", boundary].concat();
                let mut bytes = Vec::new();
                let mut fields = Vec::new();
                for part in parts {
                    bytes.extend([delimiter.as_slice(), b"\r\n", &part.render(&delimiter)?, b"\r\n"].concat());
                    fields.push((part.name.0.clone(), part.content.0.clone()));
                }
                bytes.extend([&delimiter, b"--\r\n".as_slice()].concat());
                let media_type = [b"multipart/form-data; boundary=", boundary].concat();
                (Some(media_type), bytes, oracle::Body::Multipart(fields))
            }
        })
    }
}

impl Part {
    /// Header and content. Names stand between quotes, as every client writes them; what browsers
    /// escape there (quote, line breaks) and what would be taken for a boundary is left out.
    fn render(&self, delimiter: &[u8]) -> Option<Vec<u8>> {
        let quotable = |text: &Text| !text.0.iter().any(|b| b"\"\\\r\n\0".contains(b));
        let fits = quotable(&self.name) && self.file_name.as_ref().is_none_or(quotable);
        if !fits || self.content.0.windows(delimiter.len()).any(|window| window == delimiter) {
            return None;
        }
        let parameter = |name: &str, value: &Text| [b"; ", name.as_bytes(), b"=\"", &value.0, b"\""].concat();
        let mut parameters = vec![parameter("name", &self.name)];
        if let Some(file_name) = &self.file_name {
            parameters.insert(usize::from(!self.file_name_first), parameter("filename", file_name));
        }
        let content_type: &[u8] = if self.content_type { b"\r\nContent-Type: text/plain" } else { b"" };
        let head = [b"Content-Disposition: form-data", parameters.concat().as_slice(), content_type].concat();
        Some([head.as_slice(), b"\r\n\r\n", &self.content.0].concat())
    }
}
