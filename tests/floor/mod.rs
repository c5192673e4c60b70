//! The two documented schemes written out by hand for speed, for requests like their examples: no scheme
//! language, no error but a panic, nothing that such a request does not need. It says how near the cost
//! of its hash a signature comes at all, and so what is left to the reference.
//!
//! It stands here for the reason that `tests/straightforward` does; `benches/limits` asks for it by the
//! name of a folder, and holds that it signs and judges as the reference does.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use countersign::bytes::Bytes;
use countersign::primitive::encoding::hex;
use countersign::primitive::percent::{self, HexCase, KeepSet};
use countersign::primitive::time::{Instant, TimeFormat};
use countersign::request::{Intent, Pair, Request, Target};
use hmac::digest::{FixedOutput, Update};
use hmac::{Hmac, KeyInit};
use md5::Md5;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a signer and a verifier are given.
pub struct Given {
    pub intent: Intent,
    /// The signed request.
    pub request: Request,
    pub credentials: BTreeMap<String, Vec<u8>>,
    pub time: Option<Instant>,
}

/// A signature into the buffer, which is empty, from what is meant.
pub type Sign = Box<dyn FnMut(&mut Vec<u8>)>;

/// Whether the signed request is accepted.
pub type Verify = Box<dyn FnMut() -> bool>;

/// Signer and verifier of a scheme, where they are written here.
pub fn of(scheme: &str, given: Given) -> Option<(Sign, Verify)> {
    match scheme {
        "flipsnack" => Some(flipsnack(given)),
        "flipbase" => Some(flipbase(given)),
        _ => None,
    }
}

type Parameter<'a> = (&'a [u8], &'a [u8]);

fn flipsnack(given: Given) -> (Sign, Verify) {
    let Given { intent, request, mut credentials, .. } = given;
    let [key, secret] = ["api_key", "secret"].map(|name| Rc::new(credentials.remove(name).expect("it is known")));
    let (mut string_to_sign, own) = (Vec::new(), (Rc::clone(&key), Rc::clone(&secret)));
    let sign = move |signature: &mut Vec<u8>| {
        let Target::Meant { query, .. } = &intent.target else { panic!("a query that is not meant") };
        assert!(!has_content_type(&intent.headers));
        let mut parameters = Parameters::default();
        for Pair(name, value) in query.iter().filter(|Pair(name, _)| **name != b"apiKey") {
            parameters.add(name, value.as_ref().map_or(&[][..], |value| value));
        }
        parameters.add(b"apiKey", &own.0);
        md5_of(&own.1, parameters, &mut string_to_sign, signature);
    };
    let (mut string_to_sign, mut wanted) = (Vec::new(), Vec::new());
    let verify = move || {
        let query = request.raw_query();
        assert!(!has_content_type(&request.headers) && !query.iter().any(|byte| b"%+".contains(byte)));
        let (mut parameters, mut api_key, mut signature) = (Parameters::default(), None, None);
        for (name, value) in percent::pieces(query) {
            let value = value.unwrap_or_default();
            match name {
                b"signature" => signature = Some(value),
                b"apiKey" => api_key = Some(value),
                _ => {}
            }
            parameters.add(name, value);
        }
        wanted.clear();
        md5_of(&secret, parameters, &mut string_to_sign, &mut wanted);
        *request.method == b"GET" && api_key == Some(&key) && signature == Some(&wanted)
    };
    (Box::new(sign), Box::new(verify))
}

/// Parameters of a request that has few.
#[derive(Default)]
struct Parameters<'a> {
    all: [Parameter<'a>; 8],
    count: usize,
}

impl<'a> Parameters<'a> {
    fn add(&mut self, name: &'a [u8], value: &'a [u8]) {
        if name != b"signature" && name != b"file" {
            self.all[self.count] = (name, value);
            self.count += 1;
        }
    }
}

fn md5_of(secret: &[u8], mut parameters: Parameters<'_>, string_to_sign: &mut Vec<u8>, signature: &mut Vec<u8>) {
    let parameters = &mut parameters.all[..parameters.count];
    parameters.sort_by(|a, b| a.0.cmp(b.0));
    string_to_sign.clear();
    string_to_sign.extend_from_slice(secret);
    for (name, value) in parameters {
        string_to_sign.extend_from_slice(name);
        string_to_sign.extend_from_slice(value);
    }
    hex(&Md5::default().chain(string_to_sign).finalize_fixed(), HexCase::Lower, signature);
}

fn flipbase(given: Given) -> (Sign, Verify) {
    let Given { intent, request, credentials, time } = given;
    let mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&credentials["api_secret"]);
    let mac = mac.expect("any key will do");
    let (api_key, time) = (Rc::new(credentials["api_key"].clone()), time.expect("it has a clock"));
    let form: TimeFormat = "rfc3339-millis".parse().expect("it has a name");
    let as_sent = form.clone();
    let (mut string_to_sign, mut date, mut authorization) = (Vec::new(), Vec::new(), Vec::new());
    let (own, key) = (Rc::clone(&api_key), mac.clone());
    let sign = move |signature: &mut Vec<u8>| {
        let Target::Meant { path, .. } = &intent.target else { panic!("a path that is not meant") };
        assert!(path.iter().all(|&byte| KeepSet::PATH.keeps(byte)));
        date.clear();
        form.write(time, &mut date);
        hmac_of(&key, &intent.method, path, &date, &mut string_to_sign, signature);
        authorization.clear();
        authorization.extend_from_slice(b"Signature ");
        authorization.extend_from_slice(&own);
        authorization.push(b':');
        authorization.extend_from_slice(signature);
        std::hint::black_box(&authorization);
    };
    let (mut string_to_sign, mut wanted) = (Vec::new(), Vec::new());
    let verify = move || {
        let field = |name: &[u8]| {
            let found = request.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
            found.map_or(&[][..], |(_, value)| value)
        };
        let date = field(b"X-Flipbase-Date");
        let sent = as_sent.read(date).expect("it has a date");
        let authorization = field(b"Authorization").strip_prefix(b"Signature ").expect("it has a signature");
        let colon = authorization.iter().position(|&byte| byte == b':').expect("it has a key");
        wanted.clear();
        hmac_of(&mac, &request.method, request.raw_path(), date, &mut string_to_sign, &mut wanted);
        (time.0 - sent.0).abs() <= 900_000_000_000
            && authorization[..colon] == api_key[..]
            && authorization[colon + 1..] == wanted
    };
    (Box::new(sign), Box::new(verify))
}

fn hmac_of(
    mac: &Hmac<sha2::Sha256>,
    method: &[u8],
    path: &[u8],
    date: &[u8],
    string_to_sign: &mut Vec<u8>,
    signature: &mut Vec<u8>,
) {
    string_to_sign.clear();
    string_to_sign.extend_from_slice(method);
    string_to_sign.push(b'\n');
    percent::encode(path, &KeepSet::UNRESERVED, string_to_sign);
    string_to_sign.push(b'\n');
    string_to_sign.extend_from_slice(date);
    let code = mac.clone().chain(string_to_sign).finalize_fixed();
    signature.resize(44, 0);
    STANDARD.encode_slice(&code[..], signature).expect("there is room");
}

fn has_content_type(headers: &[(Bytes, Bytes)]) -> bool {
    headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"content-type"))
}
