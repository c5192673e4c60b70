//! Whatever is on the wire, verifying it ends in a judgement; and a message in which a signed stage
//! differs from that of every message that the corpus has accepted is not accepted.
//!
//! Schemes, operations, variants and readings are those of the corpora; none is named here.

use crate::base::{Accepted, Judged, Known, Received, SCHEMES, Stages, shown};
use crate::text::{Splice, Text};
use arbitrary::{Arbitrary, Unstructured};
use countersign::bytes::Bytes;
use countersign::primitive::time::Instant;
use countersign::request::Request;
use countersign::scheme::{Arrival, Knowledge, Outcome, Scratch, State};
use std::net::{IpAddr, Ipv4Addr};

/// What one run judges; `edition` says which programs judge it beside the schemes' own.
#[derive(Debug, Arbitrary)]
enum Input {
    /// An accepted message of the corpus, changed on its way, and the server's clock moved.
    Changed { scheme: u8, message: u16, changes: Vec<Change>, later: Option<i32>, edition: u16 },
    /// Any message.
    Free { message: Free, edition: u16 },
}

/// Judges the message that these bytes encode.
pub fn run(bytes: &[u8]) {
    match Input::arbitrary_take_rest(Unstructured::new(bytes)) {
        Ok(Input::Changed { scheme, message, changes, later, edition }) => {
            let scheme = &SCHEMES[usize::from(scheme) % SCHEMES.len()];
            let accepted = &scheme.accepted[usize::from(message) % scheme.accepted.len()];
            let message = changed(scheme, accepted, &changes, later);
            judge_anyhow(scheme, &message.request, edition);
        }
        Ok(Input::Free { message, edition }) => {
            SCHEMES.iter().for_each(|scheme| judge_anyhow(scheme, &message.request(), edition));
        }
        Err(_) => {}
    }
}

fn changed(scheme: &Known, accepted: &Accepted, changes: &[Change], later: Option<i32>) -> Received {
    let mut message = accepted.message.clone();
    for change in changes {
        change.apply(&mut message.request, &scheme.accepted);
    }
    if let (Some(later), Some(now)) = (later, &mut message.now) {
        // Steps of a tenth of a second: some moves stay within what is permitted, most do not.
        now.0 += i128::from(later) * 100_000_000;
    }
    let mut used = Scratch::default();
    let _ = accepted.judge(&accepted.message, &mut used);
    let judged = accepted.judge(&message, &mut used);
    let afresh = accepted.judge(&message, &mut Scratch::default());
    assert_eq!(judged, afresh, "{}: used buffers give one judgement, new ones another", accepted.name);
    hold(scheme, accepted, &message, judged);
    message
}

fn hold(scheme: &Known, accepted: &Accepted, message: &Received, (outcome, stages): Judged) {
    if outcome == Ok(Outcome::Accept) {
        let signed: Stages = accepted.server.compiled.signed_of(stages);
        let is_known = scheme.signed.contains(&signed);
        let request = shown(&message.request);
        assert!(is_known, "{}: accepted, and no vector has these signed stages: {signed:?}, {request}", accepted.name);
    } else {
        assert!(*message != accepted.message, "{}: not accepted, and nothing is changed: {outcome:?}", accepted.name);
    }
}

/// Every operation and variant of the scheme judges the message, and says why it refuses it; and one edition of it
/// with all accounts.
fn judge_anyhow(scheme: &Known, request: &Request, edition: u16) {
    let (mut state, mut scratch) = (State::default(), Scratch::default());
    for Accepted { server, message, .. } in scheme.servers.iter().map(|&i| &scheme.accepted[i]) {
        let message = Received { request: request.clone(), now: message.now, client_address: None };
        let (outcome, _) = server.judge(server.compiled.program(), &message, &mut state, &mut scratch);
        state.clear();
        if let Ok(Outcome::Reject(refused)) = outcome {
            assert!(!refused.detail.is_empty(), "{}: no reason for {}", scheme.name, refused.class);
        }
    }
    let program = &scheme.editions[usize::from(edition) % scheme.editions.len()];
    let accounts: Vec<_> = scheme.accounts.iter().filter_map(|account| program.account(account).ok()).collect();
    let parameters = program.parameters(&Default::default()).expect("no parameter is given");
    let server = Knowledge { accounts: &accounts, parameters: &parameters };
    let client_address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let message = Arrival { request, now: Some(Instant(1_525_435_514_649_000_000)), client_address };
    let _ = program.verify(server, &mut state, message, &mut scratch, &mut |_, _| {});
}

/// One change of the wire bytes.
#[derive(Debug, Clone, Arbitrary)]
enum Change {
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
    ToggleCase(u8),
    Http,
    /// Parts of another accepted message of the scheme.
    TargetOf(u16),
    BodyOf(u16),
    HeaderOf(u16, u8),
}

impl Change {
    /// Makes the change; where there is nothing to change, nothing happens.
    fn apply(&self, request: &mut Request, accepted: &[Accepted]) {
        let other = |i: u16| &accepted[usize::from(i) % accepted.len()].message.request;
        let count = request.headers.len();
        let field = |i: u8| usize::from(i) % count.max(1);
        match self {
            Change::Method(splice) => splice.apply(&mut request.method),
            Change::Target(splice) => splice.apply(&mut request.target),
            Change::Body(splice) => splice.apply(&mut request.body),
            Change::Http => request.scheme = "http".into(),
            Change::TargetOf(i) => request.target = other(*i).target.clone(),
            Change::BodyOf(i) => request.body = other(*i).body.clone(),
            Change::HeaderOf(i, at) => {
                let headers = &other(*i).headers;
                if let Some((name, value)) = headers.get(usize::from(*at) % headers.len().max(1)) {
                    request.set_header(name, value.to_vec());
                }
            }
            Change::AddHeader { at, name, value } => {
                request.headers.insert(usize::from(*at) % (count + 1), (name.0.clone().into(), value.0.clone().into()));
            }
            // The other changes are of a field that is there.
            _ if count == 0 => {}
            Change::HeaderValue(i, splice) => splice.apply(&mut request.headers[field(*i)].1),
            Change::HeaderName(i, splice) => splice.apply(&mut request.headers[field(*i)].0),
            Change::ToggleCase(i) => toggle_case(&mut request.headers[field(*i)].1),
            Change::RepeatHeader { from, to } => {
                let repeated = request.headers[field(*from)].clone();
                request.headers.insert(usize::from(*to) % (count + 1), repeated);
            }
            Change::RemoveHeader(i) => drop(request.headers.remove(field(*i))),
            Change::SwapHeaders(a, b) => request.headers.swap(field(*a), field(*b)),
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
struct Free {
    method: Text,
    scheme: Text,
    target: Vec<Text>,
    /// A name is one of those that a reader looks for, or another.
    headers: Vec<(Option<u8>, Text, Text)>,
    body: Body,
}

/// A body; of a media type, from pieces of such bodies.
#[derive(Debug, Clone, Arbitrary)]
enum Body {
    Untyped(Text),
    Typed(u8, Vec<u8>),
}

const NAMES: [&str; 4] = ["Authorization", "Content-Type", "Date", "Host"];

const PART: &str = "--a\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n";

const TYPES: [(&str, &[&str]); 4] = [
    ("multipart/form-data; boundary=a", &["--a", PART, "--", "\r\n", "\r\n\r\n", "1"]),
    ("multipart/form-data", &["--", "\r\n"]),
    ("application/x-www-form-urlencoded", &["a=b", "&", "=", "+", "%41", "%", "data=1"]),
    ("application/json", &["{", "}", "\"a\"", ":", ",", "\\u", "[", "1", "null"]),
];

impl Free {
    /// Its exact bytes.
    fn request(&self) -> Request {
        let name = |known: &Option<u8>, other: &Text| match known {
            Some(known) => Bytes::from(NAMES[usize::from(*known) % NAMES.len()]),
            None => other.0.clone().into(),
        };
        let header = |(known, other, value): &(Option<u8>, Text, Text)| (name(known, other), Bytes(value.0.clone()));
        let mut headers: Vec<_> = self.headers.iter().map(header).collect();
        let body = match &self.body {
            Body::Untyped(bytes) => Bytes(bytes.0.clone()),
            Body::Typed(which, chosen) => {
                let (media_type, pieces) = TYPES[usize::from(*which) % TYPES.len()];
                headers.push(("Content-Type".into(), media_type.into()));
                let pieces = chosen.iter().map(|&i| pieces[usize::from(i) % pieces.len()]);
                pieces.collect::<String>().into()
            }
        };
        let target: Vec<u8> = self.target.iter().flat_map(|piece| piece.0.iter().copied()).collect();
        let (method, scheme) = (self.method.0.clone().into(), self.scheme.0.clone().into());
        Request { method, scheme, target: target.into(), headers, body }
    }
}
