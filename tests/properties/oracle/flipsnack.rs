//! Flipsnack, from the page "How to sign a request" and the decisions of its `statements.yaml`.
//!
//! 1. The parameters of query and body are sorted by the bytes of their names (`sort-collation`),
//!    those of one name in the order in which they are sent (`repeated-parameters`); exactly
//!    `signature` and `file` are left out (`file-excluded`).
//! 2. The string is the secret, then each name directly before its value, decoded
//!    (`raw-or-encoded-values`); without a value the name alone (`empty-parameters`).
//! 3. The signature is the MD5 of that string in small hexadecimal digits (`hex-case`).
//! 4. It goes into the query as `signature`.

use super::message::Message;
use super::wire::{self, Field};
use super::{Account, Arrival, Call, Client, Refusal, Stages, System, small_hex};
use md5::{Digest, Md5};

pub struct Flipsnack;

impl System for Flipsnack {
    fn sign(&self, _: &Call, client: &Client, mut message: Message) -> Option<(Stages, Message)> {
        put(&mut message, b"apiKey", client.account.get("api_key")?);
        let stages = stages(&client.account, &message).ok()?;
        put(&mut message, b"signature", &stages[2].1);
        Some((stages, message))
    }

    /// In the order that `codes-elsewhere` records: method, presence, key, signature.
    fn judge(&mut self, call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal> {
        let message = &arrival.message;
        let method: &[u8] = if call.variant.as_deref() == Some("upload") { b"POST" } else { b"GET" };
        if message.method != method {
            return Err("wrong-method");
        }
        let query = query(message)?;
        let api_key = only(&query, b"apiKey")?;
        let signature = only(&query, b"signature")?;
        let account = accounts.iter().find(|account| account.has("api_key", api_key)).ok_or("unknown-key")?;
        // An empty secret is none: anybody could sign with it.
        if account.get("secret").is_none_or(<[u8]>::is_empty) {
            return Err("unknown-key");
        }
        let stages = stages(account, message)?;
        if signature == stages[2].1 { Ok(stages) } else { Err("signature-mismatch") }
    }
}

fn stages(account: &Account, message: &Message) -> Result<Stages, Refusal> {
    let mut parameters = [query(message)?, message.form()?, message.parts()?].concat();
    parameters.retain(|(name, _)| name != b"signature" && name != b"file");
    parameters.sort_by(|a, b| a.0.cmp(&b.0));
    let joined = parameters.into_iter().flat_map(|(name, value)| [name, value.unwrap_or_default()].concat());
    let canonical_query: Vec<u8> = joined.collect();
    let string_to_sign = [account.get("secret").unwrap_or_default(), &canonical_query].concat();
    let signature = small_hex(&Md5::digest(&string_to_sign));
    Ok(vec![("canonical_query", canonical_query), ("string_to_sign", string_to_sign), ("signature", signature)])
}

fn query(message: &Message) -> Result<Vec<Field>, Refusal> {
    wire::fields(wire::split_target(&message.target).1, b' ').ok_or("malformed")
}

fn put(message: &mut Message, name: &[u8], value: &[u8]) {
    let (path, query) = wire::split_target(&message.target);
    message.target = [path, &wire::put(query, name, value)].join(&b'?');
}

/// A field that must be there, once, and not empty.
fn only<'a>(query: &'a [Field], name: &[u8]) -> Result<&'a [u8], Refusal> {
    let mut found = query.iter().filter(|field| field.0 == name);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err("malformed"),
        (Some((_, Some(value))), None) if !value.is_empty() => Ok(value),
        _ => Err("missing-credential"),
    }
}
