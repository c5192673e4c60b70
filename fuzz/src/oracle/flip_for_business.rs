//! Flip for Business, from the page "General FAQ" and the decisions of its `statements.yaml`.
//!
//! A request has the API secret key as user name of a Basic credential with an empty password
//! (`missing-colon`), in Base64, and goes to the base URL of the environment that the key belongs
//! to (`base-url-slash`); production answers listed addresses only. A callback has the validation
//! token in the form field `token` (`token-place`), once (`repeated-token`), and its sender's
//! address is looked at where the merchant wants that (`callback-addresses-optional`).

use super::message::Message;
use super::wire;
use super::{Refusal, Stages};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::{IpAddr, Ipv4Addr};

/// What a server knows of a merchant.
#[derive(Debug, Clone)]
pub struct Account {
    /// API secret key.
    pub secret: Vec<u8>,
    /// Token of callbacks.
    pub validation_token: Vec<u8>,
    /// Where the key is good.
    pub environment: Option<Vec<u8>>,
    /// Where production takes requests from.
    pub allowed_addresses: Vec<Network>,
}

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// One of them.
    pub address: IpAddr,
    /// How many bits are the same.
    pub prefix: u8,
}

impl Network {
    /// Whether an address begins with these bits. An IPv4 address written as IPv6 is another one.
    pub fn contains(&self, address: IpAddr) -> bool {
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

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// For trying things out.
    Sandbox,
    /// For money.
    Production,
}

impl Environment {
    fn base_url(self) -> &'static [u8] {
        match self {
            Environment::Sandbox => b"https://bigflip.id/big_sandbox_api",
            Environment::Production => b"https://bigflip.id/api/",
        }
    }

    /// Whether a URL is the base URL, or goes on with a slash: the one at the end of the base URL
    /// of production, or one after that of the sandbox.
    fn has(self, url: &[u8]) -> bool {
        let rest = url.strip_prefix(self.base_url());
        rest.is_some_and(|rest| rest.is_empty() || self == Environment::Production || rest[0] == b'/')
    }
}

/// Adds the credential to a request.
pub fn sign_request(account: &Account, environment: Environment, mut message: Message) -> (Stages, Message) {
    let stages = request_stages(account, environment);
    message.set(b"Authorization", &stages[2].1);
    (stages, message)
}

fn request_stages(account: &Account, environment: Environment) -> Stages {
    let credentials = STANDARD.encode([account.secret.as_slice(), b":"].concat());
    let authorization = format!("Basic {credentials}").into_bytes();
    let base_url = environment.base_url().to_vec();
    vec![("base_url", base_url), ("credentials", credentials.into_bytes()), ("authorization", authorization)]
}

/// Judges a request that comes from an address, where that is known.
pub fn judge_request(
    accounts: &[Account],
    environment: Environment,
    from: Option<IpAddr>,
    message: &Message,
) -> Result<Stages, Refusal> {
    let credentials = from_base64(message.credentials(b"Basic")?).ok_or("malformed")?;
    // User name and password part at the first colon: RFC 7617, section 2.
    let colon = credentials.iter().position(|&b| b == b':').ok_or("malformed")?;
    let (user, password) = (&credentials[..colon], &credentials[colon + 1..]);
    if user.is_empty() {
        return Err("missing-credential");
    }
    let account = accounts.iter().find(|account| account.secret == user).ok_or("unknown-key")?;
    if !password.is_empty() {
        return Err("malformed");
    }
    let name: &[u8] = if environment == Environment::Production { b"production" } else { b"sandbox" };
    if account.environment.as_deref() != Some(name) {
        return Err("wrong-environment");
    }
    let host = message.only(b"Host")?.ok_or("wrong-environment")?;
    if !environment.has(&[&message.scheme, b"://".as_slice(), host, &message.target].concat()) {
        return Err("wrong-environment");
    }
    let listed = |from| account.allowed_addresses.iter().any(|network| network.contains(from));
    if environment == Environment::Production && !from.is_some_and(listed) {
        return Err("address-not-allowed");
    }
    Ok(request_stages(account, environment))
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
pub const CALLBACK_ADDRESSES: [Ipv4Addr; 8] = [
    Ipv4Addr::new(149, 129, 234, 86),
    Ipv4Addr::new(149, 129, 218, 31),
    Ipv4Addr::new(34, 101, 204, 31),
    Ipv4Addr::new(34, 101, 114, 113),
    Ipv4Addr::new(34, 101, 63, 196),
    Ipv4Addr::new(34, 101, 161, 100),
    Ipv4Addr::new(34, 101, 232, 118),
    Ipv4Addr::new(34, 101, 212, 103),
];

/// Adds the token to a callback; `None` where its body is no form.
pub fn sign_callback(account: &Account, mut message: Message) -> Option<(Stages, Message)> {
    if message.is_form() != Ok(true) {
        return None;
    }
    let name = |piece: &[u8]| wire::decode(piece.split(|&b| b == b'=').next().unwrap_or_default(), b' ');
    let mut pieces: Vec<_> = message.body.split(|&b| b == b'&').map(<[u8]>::to_vec).collect();
    pieces.retain(|piece| name(piece).as_deref() != Some(b"token"));
    // Empty pieces between others stay, but nothing at all is no piece.
    if pieces == [b""] {
        pieces.clear();
    }
    pieces.push(wire::written(&(b"token".to_vec(), Some(account.validation_token.clone()))).into_bytes());
    message.body = pieces.join(&b'&');
    Some((callback_stages(account), message))
}

fn callback_stages(account: &Account) -> Stages {
    vec![("token", account.validation_token.clone())]
}

/// What a merchant makes of a callback; `listed_only` where addresses are looked at.
pub fn judge_callback(
    account: &Account,
    listed_only: bool,
    from: Option<IpAddr>,
    message: &Message,
) -> Result<Stages, Refusal> {
    if listed_only && !CALLBACK_ADDRESSES.iter().any(|&listed| from == Some(listed.into())) {
        return Err("address-not-allowed");
    }
    present(message, b"data", "malformed")?;
    let token = present(message, b"token", "missing-credential")?;
    if token == account.validation_token { Ok(callback_stages(account)) } else { Err("wrong-token") }
}

/// The value of a form field that must stand there once and not be empty.
fn present(message: &Message, name: &[u8], missing: Refusal) -> Result<Vec<u8>, Refusal> {
    let mut found = message.form()?.into_iter().filter(|field| field.0 == name);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err("malformed"),
        (Some((_, Some(value))), None) if !value.is_empty() => Ok(value),
        _ => Err(missing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test key of the vendor's older API reference.
    #[test]
    fn gives_the_published_credential() {
        let secret = b"HyzioY7LP6ZoO7nTYKbG8O4ISkyWnX1JvAEVAhtWKZumooCzqp41";
        let (validation_token, environment, allowed_addresses) = (Vec::new(), Some(b"sandbox".to_vec()), Vec::new());
        let account = Account { secret: secret.to_vec(), validation_token, environment, allowed_addresses };
        let target = b"/big_sandbox_api/v2/general/balance".to_vec();
        let (scheme, method, headers, body) = (b"https".to_vec(), b"GET".to_vec(), Vec::new(), Vec::new());
        let message = Message { method, scheme, target, headers, body }.with_host(b"bigflip.id");
        let (stages, message) = sign_request(&account, Environment::Sandbox, message);
        let credentials = b"SHl6aW9ZN0xQNlpvTzduVFlLYkc4TzRJU2t5V25YMUp2QUVWQWh0V0tadW1vb0N6cXA0MTo=";
        assert_eq!(stages[1].1, credentials);
        assert_eq!(judge_request(&[account], Environment::Sandbox, None, &message), Ok(stages));
    }
}
