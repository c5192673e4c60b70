//! Flip for Business: Basic credentials, base URLs, addresses, and callbacks with a token.

use super::message::{Change, Header, Pair, Target, meant, of_oracle};
use super::reference::{Given, Reference, account};
use super::{assert_judged, assert_signed};
use crate::oracle::flip_for_business as oracle;
use crate::oracle::wire;
use crate::text::Text;
use arbitrary::Arbitrary;
use countersign::request::Intent;
use countersign::scheme::Credential;
use std::net::IpAddr;
use std::sync::LazyLock;

/// Requests, then callbacks, by [`Variant`].
static REFERENCES: LazyLock<[[Reference; 3]; 2]> = LazyLock::new(|| {
    let variants = [None, Some("production"), Some("source-addresses")];
    ["request", "callback"].map(|operation| variants.map(|v| Reference::new("flip-for-business", operation, v)))
});

/// A message, whom its receiver knows, and what happens on the way.
#[derive(Debug, Arbitrary)]
pub struct Input {
    variant: Variant,
    own: Known,
    other: Known,
    other_first: bool,
    message: Message,
    headers: Vec<Header>,
    changes: Vec<Change>,
    from: Sender,
    /// The sender's IPv4 address is written as IPv6, or the other way round.
    rewritten: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Arbitrary)]
enum Variant {
    Sandbox,
    Production,
    SourceAddresses,
}

#[derive(Debug, Arbitrary)]
struct Known {
    secret: Text,
    validation_token: Text,
    environment: Place,
    allowed_addresses: Vec<Allowed>,
}

#[derive(Debug, Arbitrary)]
enum Place {
    NotGiven,
    Sandbox,
    Production,
    Other(Text),
}

/// Addresses that begin alike; without a prefix it is one.
#[derive(Debug, Clone, Copy, Arbitrary)]
struct Allowed {
    address: Address,
    prefix: Option<u8>,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Address {
    /// One of those that callbacks come from.
    OfCallbacks(u8),
    V4([u8; 4]),
    V6([u8; 16]),
    /// An IPv4 address written as IPv6.
    Mapped([u8; 4]),
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Sender {
    Unknown,
    At(Address),
    /// The first that the first account allows, with one bit turned unless it is beyond the last.
    Near(u8),
    /// One of those that callbacks come from, likewise.
    NearCallbacks(u8, u8),
}

#[derive(Debug, Arbitrary)]
enum Message {
    Request { base: u8, target: Target, host: u8, method: Text, body: Text },
    Callback { target: Target, content_type: u8, form: Form },
}

/// The body of a callback.
#[derive(Debug, Arbitrary)]
enum Form {
    Raw(Text),
    Pieces(Vec<Piece>),
}

#[derive(Debug, Arbitrary)]
enum Piece {
    Data(Text),
    Token(Text),
    Other(Pair),
    /// Not encoded.
    Raw(Pair),
}

const BASES: [&str; 8] =
    ["/big_sandbox_api", "/big_sandbox_api/", "/api/", "/api", "", "/big_sandbox_apis", "/BIG_SANDBOX_API/", "//api/"];
const HOSTS: [&[u8]; 6] = [b"bigflip.id", b"bigflip.id", b"bigflip.id:443", b"BIGFLIP.ID", b"bigflip.id.example", b""];
const CONTENT_TYPES: [Option<&[u8]>; 6] = [
    Some(b"application/x-www-form-urlencoded"),
    Some(b"Application/x-www-form-urlencoded; charset=utf-8"),
    Some(b" application/x-www-form-urlencoded ;"),
    Some(b"application/x-www-form-urlencoded,text/plain"),
    Some(b"application/json"),
    None,
];

/// Stages, signed message and judgement are the same.
pub fn compare(input: &Input) {
    let (own, other) = (input.own.of_oracle(), input.other.of_oracle());
    let (intent, target) = input.message.intent(&input.headers);
    let callback = matches!(input.message, Message::Callback { .. });
    let reference = &REFERENCES[usize::from(callback)][input.variant as usize];
    let environment = match input.variant {
        Variant::Production => oracle::Environment::Production,
        _ => oracle::Environment::Sandbox,
    };
    let plain = meant(&intent, &target);
    let signed = assert_signed(
        reference.sign(&of_reference(&own), &Given::default(), &intent),
        if callback {
            oracle::sign_callback(&own, plain)
        } else {
            Some(oracle::sign_request(&own, environment, plain))
        },
    );
    let mut request = signed.unwrap_or_else(|| intent.to_wire());
    input.changes.iter().for_each(|change| change.apply(&mut request));

    let accounts = if input.other_first { [other, own] } else { [own, other] };
    let from = input.from.address(&accounts[0]).map(|ip| if input.rewritten { rewritten(ip) } else { ip });
    let known: Vec<_> = accounts.iter().map(of_reference).collect();
    let message = of_oracle(&request);
    let expected = if callback {
        // The first account is the merchant's own.
        oracle::judge_callback(&accounts[0], input.variant == Variant::SourceAddresses, from, &message)
    } else {
        oracle::judge_request(&accounts, environment, from, &message)
    };
    assert_judged(&message, reference.server(&known, &[]).judge(None, from, &request), expected);
}

impl Known {
    fn of_oracle(&self) -> oracle::Account {
        let environment = match &self.environment {
            Place::NotGiven => None,
            Place::Sandbox => Some(b"sandbox".to_vec()),
            Place::Production => Some(b"production".to_vec()),
            Place::Other(text) => Some(text.0.clone()),
        };
        oracle::Account {
            secret: self.secret.0.clone(),
            validation_token: self.validation_token.0.clone(),
            environment,
            allowed_addresses: self.allowed_addresses.iter().map(Allowed::network).collect(),
        }
    }
}

impl Allowed {
    fn network(&self) -> oracle::Network {
        let address = self.address.ip();
        let bits = if address.is_ipv4() { 32 } else { 128 };
        oracle::Network { address, prefix: self.prefix.map_or(bits, |prefix| prefix % (bits + 1)) }
    }
}

impl Address {
    fn ip(self) -> IpAddr {
        match self {
            Address::OfCallbacks(i) => oracle::CALLBACK_ADDRESSES[usize::from(i) % 8].into(),
            Address::V4(octets) => octets.into(),
            Address::V6(octets) => octets.into(),
            Address::Mapped(octets) => std::net::Ipv4Addr::from(octets).to_ipv6_mapped().into(),
        }
    }
}

impl Sender {
    fn address(self, account: &oracle::Account) -> Option<IpAddr> {
        match self {
            Sender::Unknown => None,
            Sender::At(address) => Some(address.ip()),
            Sender::Near(bit) => account.allowed_addresses.first().map(|network| turned(network.address, bit)),
            Sender::NearCallbacks(i, bit) => Some(turned(Address::OfCallbacks(i).ip(), bit)),
        }
    }
}

/// An IPv4 address as IPv6, and one that is written so as IPv4.
fn rewritten(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().into(),
        IpAddr::V6(_) => address.to_canonical(),
    }
}

/// The address with this bit turned, if it has so many.
fn turned(address: IpAddr, bit: u8) -> IpAddr {
    match address {
        IpAddr::V4(ip) if bit < 32 => IpAddr::V4((u32::from(ip) ^ (1 << bit)).into()),
        IpAddr::V6(ip) if bit < 128 => IpAddr::V6((u128::from(ip) ^ (1 << bit)).into()),
        address => address,
    }
}

impl Message {
    fn intent(&self, headers: &[Header]) -> (Intent, Target) {
        let mut headers: Vec<_> = headers.iter().map(Header::line).collect();
        let (method, host, target, body) = match self {
            Message::Request { base, target, host, method, body } => {
                let base = BASES[usize::from(*base) % BASES.len()];
                let host = HOSTS[usize::from(*host) % HOSTS.len()];
                (method.0.clone(), host, target.below(base), body.0.clone())
            }
            Message::Callback { target, content_type, form } => {
                let content_type = CONTENT_TYPES[usize::from(*content_type) % CONTENT_TYPES.len()];
                headers.extend(content_type.map(|value| (b"Content-Type".to_vec(), value.to_vec())));
                (b"POST".to_vec(), b"merchant.example".as_slice(), target.clone(), form.render())
            }
        };
        let (scheme, host) = (b"https".to_vec(), host.to_vec());
        (Intent { method, scheme, host, target: target.of_reference(), headers, body }, target)
    }
}

impl Form {
    fn render(&self) -> Vec<u8> {
        match self {
            Form::Raw(bytes) => bytes.0.clone(),
            Form::Pieces(pieces) => pieces.iter().map(Piece::render).collect::<Vec<_>>().join(&b'&'),
        }
    }
}

impl Piece {
    fn render(&self) -> Vec<u8> {
        let named = |name: &[u8], value: &Text| wire::written(&(name.to_vec(), Some(value.0.clone()))).into_bytes();
        match self {
            Piece::Data(value) => named(b"data", value),
            Piece::Token(value) => named(b"token", value),
            Piece::Other(pair) => wire::written(&pair.field()).into_bytes(),
            Piece::Raw(pair) => pair.unencoded(),
        }
    }
}

fn of_reference(own: &oracle::Account) -> countersign::scheme::Account {
    let mut known = account([("secret", &own.secret), ("validation_token", &own.validation_token)]);
    if let Some(environment) = &own.environment {
        known.0.extend(account([("environment", environment)]).0);
    }
    let allowed = own.allowed_addresses.iter().map(|network| format!("{}/{}", network.address, network.prefix));
    known.0.insert("allowed_addresses".to_owned(), Credential::Addresses(allowed.collect()));
    known
}
