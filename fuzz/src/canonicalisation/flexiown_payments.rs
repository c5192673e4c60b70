//! Flexiown Payments: JSON payloads, requests over time, and answers.

use super::json::Body;
use super::message::{Change, Header, Target, intent, meant, of_oracle};
use super::reference::{Given, Reference, account};
use super::{assert_judged, assert_signed};
use crate::oracle::flexiown_payments as oracle;
use crate::text::Text;
use arbitrary::Arbitrary;
use countersign::request::Intent;
use std::sync::LazyLock;

static REQUEST: LazyLock<Reference> = LazyLock::new(|| Reference::new("flexiown-payments", "request", None));
static RESPONSE: LazyLock<Reference> = LazyLock::new(|| Reference::new("flexiown-payments", "response", None));

/// What goes from client to server, or back.
#[derive(Debug, Arbitrary)]
pub enum Input {
    /// Requests about payments, and the server that gets them.
    Requests(Requests),
    /// An answer, and the client that checks it.
    Response(Response),
}

/// Requests and the server that gets them.
#[derive(Debug, Arbitrary)]
pub struct Requests {
    own: Key,
    other: Key,
    other_first: bool,
    limit: Option<u8>,
    messages: Vec<Step>,
}

#[derive(Debug, Arbitrary)]
struct Key {
    api_key: Text,
    status: Status,
}

#[derive(Debug, Arbitrary)]
enum Status {
    NotGiven,
    Valid,
    Other(Text),
}

#[derive(Debug, Arbitrary)]
struct Step {
    later: Later,
    by_other: bool,
    trust: Trust,
    message: Message,
    changes: Vec<Change>,
}

/// Time since the message before.
#[derive(Debug, Clone, Copy, Arbitrary)]
enum Later {
    Nothing,
    Seconds(u8),
    /// A minute, in every other case to the nanosecond; otherwise one or two more or less.
    Minute(i8),
    /// The clock went back by so many seconds.
    Back(u8),
}

#[derive(Debug, Arbitrary)]
struct Trust {
    seed: Text,
    value: Text,
}

#[derive(Debug, Arbitrary)]
struct Message {
    method: Text,
    target: Target,
    headers: Vec<Header>,
    body: Body,
}

/// An answer and what the client knows of the payment, if that is not what the API knows.
#[derive(Debug, Arbitrary)]
pub struct Response {
    trust: Trust,
    message: Message,
    changes: Vec<Change>,
    stored: Option<Trust>,
}

/// Stages, signed messages and judgements are the same.
pub fn compare(input: &Input) {
    match input {
        Input::Requests(requests) => compare_requests(requests),
        Input::Response(response) => compare_response(response),
    }
}

fn compare_requests(input: &Requests) {
    let (own, other) = (input.own.of_oracle(), input.other.of_oracle());
    let accounts = if input.other_first { vec![other.clone(), own.clone()] } else { vec![own.clone(), other.clone()] };
    let known: Vec<_> = accounts.iter().map(of_reference).collect();
    let limit = input.limit.map(|limit| limit % 4);
    let text = limit.map(|limit| limit.to_string());
    let parameters: Vec<_> = text.iter().map(|text| ("limit", text.as_bytes())).collect();
    let mut found = REQUEST.server(&known, &parameters);
    let mut expected = oracle::Server {
        accounts,
        limit: limit.map_or(60, usize::from),
        accepted: Vec::new(),
        bound: Default::default(),
    };
    // The fourth of May 2018, at 12:05:14.649.
    let mut now = 1_525_435_514_649_000_000;
    for step in &input.messages {
        now += step.later.nanoseconds();
        let signer = if step.by_other { &other } else { &own };
        let intent = step.message.intent();
        let given = Given { parameters: &step.trust.of_reference(), ..Given::default() };
        let signed = assert_signed(
            REQUEST.sign(&of_reference(signer), &given, &intent),
            oracle::sign_request(signer, &step.trust.of_oracle(), meant(&intent, &step.message.target)),
        );
        let mut request = signed.unwrap_or_else(|| intent.to_wire());
        step.changes.iter().for_each(|change| change.apply(&mut request));
        let message = of_oracle(&request);
        assert_judged(&message, found.judge(Some(now), None, &request), expected.judge(now, &message));
    }
}

fn compare_response(input: &Response) {
    let intent = input.message.intent();
    let none = account([("api_key", b"k")]);
    let given = Given { parameters: &input.trust.of_reference(), ..Given::default() };
    let signed = assert_signed(
        RESPONSE.sign(&none, &given, &intent),
        oracle::sign_response(&input.trust.of_oracle(), meant(&intent, &input.message.target)),
    );
    let mut request = signed.unwrap_or_else(|| intent.to_wire());
    input.changes.iter().for_each(|change| change.apply(&mut request));
    let stored = input.stored.as_ref().unwrap_or(&input.trust);
    let found = RESPONSE.server(&[none], &stored.of_reference()).judge(None, None, &request);
    let message = of_oracle(&request);
    assert_judged(&message, found, oracle::judge_response(&stored.of_oracle(), &message));
}

impl Key {
    fn of_oracle(&self) -> oracle::Account {
        let status = match &self.status {
            Status::NotGiven => None,
            Status::Valid => Some(b"valid".to_vec()),
            Status::Other(text) => Some(text.0.clone()),
        };
        oracle::Account { api_key: self.api_key.0.clone(), status }
    }
}

impl Later {
    fn nanoseconds(self) -> i128 {
        const SECOND: i128 = 1_000_000_000;
        match self {
            Later::Nothing => 0,
            Later::Seconds(seconds) => i128::from(seconds) * SECOND,
            Later::Minute(nanoseconds) => 60 * SECOND + i128::from(nanoseconds / 64),
            Later::Back(seconds) => -i128::from(seconds) * SECOND,
        }
    }
}

impl Trust {
    fn of_oracle(&self) -> oracle::Trust {
        oracle::Trust { seed: self.seed.0.clone(), value: self.value.0.clone() }
    }

    fn of_reference(&self) -> [(&str, &[u8]); 2] {
        [("trust_seed", &self.seed.0), ("trust_value", &self.value.0)]
    }
}

impl Message {
    fn intent(&self) -> Intent {
        intent(&self.method, &self.target, &self.headers, self.body.render())
    }
}

fn of_reference(own: &oracle::Account) -> countersign::scheme::Account {
    match &own.status {
        Some(status) => account([("api_key", &own.api_key), ("status", status)]),
        None => account([("api_key", &own.api_key)]),
    }
}
