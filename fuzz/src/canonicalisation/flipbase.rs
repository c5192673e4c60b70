//! Flipbase: paths, dates and header fields.

use super::message::{Change, Target};
use super::reference::{Given, Reference, account};
use super::{assert_judgement, assert_same, assert_stages};
use crate::oracle::date::Moment;
use crate::oracle::flipbase as oracle;
use crate::oracle::message;
use crate::text::Text;
use arbitrary::{Arbitrary, Result, Unstructured};
use countersign::request::{Intent, Request};
use std::sync::LazyLock;

static REQUEST: LazyLock<Reference> = LazyLock::new(|| Reference::new("flipbase", "request", None));

/// A request, its signer, what the server knows, and what happens on the way.
#[derive(Debug, Arbitrary)]
pub struct Input {
    method: Text,
    target: Target,
    headers: Vec<Header>,
    body: Text,
    api_key: Text,
    api_secret: Text,
    moment: Drawn,
    /// Nanoseconds that vectors may have and the signed date has not.
    finer: u32,
    other: (Text, Text),
    other_first: bool,
    skew: Option<u16>,
    /// By how much the server's clock is ahead, in milliseconds.
    ahead: i32,
    changes: Vec<Change>,
    date: Option<Date>,
}

/// Header fields that the caller gives.
#[derive(Debug, Clone, Arbitrary)]
enum Header {
    Date(Text),
    FlipbaseDate(Text),
    Authorization(Text),
    Other(Text, Text),
}

/// A date that a client writes itself, with the signature that goes with it.
#[derive(Debug, Arbitrary)]
enum Date {
    Millis { flipbase: bool },
    Http { flipbase: bool },
    Raw { flipbase: bool, text: Text },
}

#[derive(Debug)]
struct Drawn(Moment);

impl<'a> Arbitrary<'a> for Drawn {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Drawn> {
        let (year, month, day, millis): (u16, u8, u8, u32) = input.arbitrary()?;
        // The last day of the year 9999 is beyond what the instants of vectors can hold.
        Ok(Drawn(Moment::within(u32::from(year) % 9999, month.into(), day.into(), millis)))
    }
}

/// Stages, header fields and judgement are the same.
pub fn compare(input: &Input) {
    let own = oracle::Account { api_key: input.api_key.0.clone(), api_secret: input.api_secret.0.clone() };
    let target = input.target.of_oracle();
    let intent = Intent {
        method: input.method.0.clone(),
        scheme: b"https".to_vec(),
        host: b"api.flipbase.com".to_vec(),
        target: input.target.of_reference(),
        headers: input.headers.iter().map(Header::field).collect(),
        body: input.body.0.clone(),
    };
    let date = input.moment.0.rfc3339_millis();
    let exact = format!("{}{:06}Z", date.trim_end_matches('Z'), input.finer % 1_000_000);
    let expected = oracle::sign(&own, &input.method.0, &target, date.as_bytes());
    let signed = REQUEST.sign(&of_reference(&own), &Given { time: Some(&exact), ..Given::default() }, &intent);
    let (stages, mut request) = signed.expect("nothing that a caller means keeps a request from being signed");
    let named = [
        ("string_to_sign", expected.string_to_sign.as_slice()),
        ("signature", expected.signature.as_bytes()),
        ("authorization", &expected.authorization),
    ];
    assert_stages(&stages, &named);
    assert_same(&"the signed target", &request.target, &target);
    assert_once(&request, b"Authorization", &expected.authorization);
    assert_once(&request, b"X-Flipbase-Date", date.as_bytes());

    if let Some(date) = &input.date {
        date.write(&own, &input.moment.0, &mut request);
    }
    input.changes.iter().for_each(|change| change.apply(&mut request));
    let other = oracle::Account { api_key: input.other.0.0.clone(), api_secret: input.other.1.0.clone() };
    let accounts = if input.other_first { [other, own] } else { [own, other] };
    judge(input, &accounts, &request);
}

fn judge(input: &Input, accounts: &[oracle::Account], request: &Request) {
    let known: Vec<_> = accounts.iter().map(of_reference).collect();
    let now = i128::from(input.moment.0.since_1970() + i64::from(input.ahead)) * 1_000_000
        + i128::from(input.finer % 1_000_000);
    let skew = input.skew.map(|seconds| seconds.to_string());
    let parameters: Vec<_> = skew.iter().map(|seconds| ("skew", seconds.as_bytes())).collect();
    let found = REQUEST.server(&known, &parameters).judge(Some(now), None, request);
    let skew = input.skew.map_or(900, u64::from);
    let expected = oracle::judge(accounts, now, skew, &request.method, &request.target, &request.headers);
    assert_judgement(found.map(drop), expected);
}

fn of_reference(own: &oracle::Account) -> countersign::scheme::Account {
    account([("api_key", &own.api_key), ("api_secret", &own.api_secret)])
}

fn assert_once(request: &Request, name: &[u8], value: &[u8]) {
    let found: Vec<_> = request.header(name).collect();
    let [found] = found.as_slice() else { panic!("{} lines of {}", found.len(), name.escape_ascii()) };
    assert_same(&name.escape_ascii(), found, value);
}

impl Header {
    fn field(&self) -> message::Header {
        let (name, value) = match self {
            Header::Date(value) => (b"date".to_vec(), value),
            Header::FlipbaseDate(value) => (b"x-flipbase-date".to_vec(), value),
            Header::Authorization(value) => (b"AUTHORIZATION".to_vec(), value),
            Header::Other(name, value) => (name.0.clone(), value),
        };
        (name, value.0.clone())
    }
}

impl Date {
    fn write(&self, own: &oracle::Account, moment: &Moment, request: &mut Request) {
        let (flipbase, text) = match self {
            Date::Millis { flipbase } => (*flipbase, moment.rfc3339_millis().into_bytes()),
            Date::Http { flipbase } => (*flipbase, moment.http_date().into_bytes()),
            Date::Raw { flipbase, text } => (*flipbase, text.0.clone()),
        };
        let authorization = oracle::sign(own, &request.method, &request.target, &text).authorization;
        let dated = |name: &[u8]| name.eq_ignore_ascii_case(b"Date") || name.eq_ignore_ascii_case(b"X-Flipbase-Date");
        request.headers.retain(|(name, _)| !dated(name) && !name.eq_ignore_ascii_case(b"Authorization"));
        let name: &[u8] = if flipbase { b"X-Flipbase-Date" } else { b"Date" };
        request.headers.extend([(name.to_vec(), text), (b"Authorization".to_vec(), authorization)]);
    }
}
