//! Flip for Business, from the page "General FAQ" and the decisions of its `statements.yaml`.
//!
//! A request has the API secret key as user name of a Basic credential with an empty password
//! (`missing-colon`), in Base64, and goes to the base URL of the environment that the key belongs
//! to (`base-url-slash`); production answers listed addresses only. A callback has the validation
//! token in the form field `token` (`token-place`), once (`repeated-token`), and its sender's
//! address is looked at where the merchant wants that (`callback-addresses-optional`).

use super::message::Message;
use super::{Account, Arrival, Call, Client, Network, Refusal, Stages, System, wire};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::{IpAddr, Ipv4Addr};

pub struct Flip;

impl System for Flip {
    /// `None` also where the body of a callback is no form.
    fn sign(&self, call: &Call, client: &Client, mut message: Message) -> Option<(Stages, Message)> {
        let stages = stages(call, &client.account)?;
        if call.operation != "callback" {
            message.set(b"Authorization", &stages[2].1);
        } else if message.is_form() == Ok(true) {
            message.body = wire::put(&message.body, b"token", &stages[0].1);
        } else {
            return None;
        }
        Some((stages, message))
    }

    fn judge(&mut self, call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal> {
        if call.operation == "callback" {
            judge_callback(call, accounts, arrival)
        } else {
            judge_request(call, accounts, arrival)
        }
    }
}

fn stages(call: &Call, account: &Account) -> Option<Stages> {
    if call.operation == "callback" {
        return Some(vec![("token", account.get("validation_token")?.to_vec())]);
    }
    let credentials = STANDARD.encode([account.get("secret")?, b":"].concat());
    let authorization = format!("Basic {credentials}").into_bytes();
    let base_url = base_url(call).to_vec();
    Some(vec![("base_url", base_url), ("credentials", credentials.into_bytes()), ("authorization", authorization)])
}

fn is_production(call: &Call) -> bool {
    call.variant.as_deref() == Some("production")
}

fn base_url(call: &Call) -> &'static [u8] {
    if is_production(call) { b"https://bigflip.id/api/" } else { b"https://bigflip.id/big_sandbox_api" }
}

fn judge_request(call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal> {
    let message = &arrival.message;
    let credentials = from_base64(message.credentials(b"Basic")?).ok_or("malformed")?;
    // User name and password part at the first colon: RFC 7617, section 2.
    let colon = credentials.iter().position(|&b| b == b':').ok_or("malformed")?;
    let (user, password) = (&credentials[..colon], &credentials[colon + 1..]);
    if user.is_empty() {
        return Err("missing-credential");
    }
    let account = accounts.iter().find(|account| account.has("secret", user)).ok_or("unknown-key")?;
    if !password.is_empty() {
        return Err("malformed");
    }
    if !account.has("environment", if is_production(call) { b"production" } else { b"sandbox" }) {
        return Err("wrong-environment");
    }
    // The URL is the base URL, or goes on with a slash: the one at the end of the base URL of production, or one after
    // that of the sandbox.
    let host = message.only(b"Host")?.ok_or("wrong-environment")?;
    let url = [&message.scheme, b"://".as_slice(), host, &message.target].concat();
    let rest = url.strip_prefix(base_url(call)).ok_or("wrong-environment")?;
    if !rest.is_empty() && !is_production(call) && rest[0] != b'/' {
        return Err("wrong-environment");
    }
    let listed = |from| account.addresses.iter().any(|network| network.contains(from));
    if is_production(call) && !arrival.from.is_some_and(listed) {
        return Err("address-not-allowed");
    }
    stages(call, account).ok_or("unknown-key")
}

/// What a merchant, who is the first account, makes of a callback.
fn judge_callback(call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal> {
    let is_listed = || CALLBACK_ADDRESSES.iter().any(|&listed| arrival.from == Some(listed.into()));
    if call.variant.as_deref() == Some("source-addresses") && !is_listed() {
        return Err("address-not-allowed");
    }
    present(&arrival.message, b"data", "malformed")?;
    let token = present(&arrival.message, b"token", "missing-credential")?;
    let stages = accounts.first().and_then(|account| stages(call, account)).ok_or("wrong-token")?;
    if token == stages[0].1 { Ok(stages) } else { Err("wrong-token") }
}

impl Network {
    /// Whether an address begins with these bits. An IPv4 address written as IPv6 is another one.
    fn contains(&self, address: IpAddr) -> bool {
        let (own, given) = (octets(self.address), octets(address));
        let bit = |octets: &[u8], i: usize| octets[i / 8] >> (7 - i % 8) & 1;
        own.len() == given.len() && (0..usize::from(self.prefix)).all(|i| bit(&own, i) == bit(&given, i))
    }
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// The bytes whose Base64 this is, in the standard alphabet and padded.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut gathered, mut bits) = (0u32, 0);
    for &character in text.iter().filter(|&&b| b != b'=') {
        let sextet = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        (gathered, bits) = (gathered << 6 | u32::from(sextet), bits + 6);
        if bits >= 8 {
            bits -= 8;
            bytes.push((gathered >> bits) as u8);
        }
    }
    // Padding and unused bits are right if it is written so.
    (STANDARD.encode(&bytes).as_bytes() == text).then_some(bytes)
}

/// The addresses that callbacks come from.
const CALLBACK_ADDRESSES: [Ipv4Addr; 8] = [
    Ipv4Addr::new(149, 129, 234, 86),
    Ipv4Addr::new(149, 129, 218, 31),
    Ipv4Addr::new(34, 101, 204, 31),
    Ipv4Addr::new(34, 101, 114, 113),
    Ipv4Addr::new(34, 101, 63, 196),
    Ipv4Addr::new(34, 101, 161, 100),
    Ipv4Addr::new(34, 101, 232, 118),
    Ipv4Addr::new(34, 101, 212, 103),
];

/// The value of a form field that must stand there once and not be empty.
fn present(message: &Message, name: &[u8], missing: Refusal) -> Result<Vec<u8>, Refusal> {
    let mut found = message.form()?.into_iter().filter(|field| field.0 == name);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err("malformed"),
        (Some((_, Some(value))), None) if !value.is_empty() => Ok(value),
        _ => Err(missing),
    }
}
