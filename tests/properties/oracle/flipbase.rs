//! Flipbase, from the page "Create a signature" and the decisions of its `statements.yaml`.
//!
//! The string to sign is three lines (`pseudo-code-without-date`): the verb as it is sent
//! (`verb-case`), the path as it stands on the wire, up to the first question mark
//! (`path-encoding`, `query-signed`), URI-encoded with only the unreserved characters kept
//! (`uri-encode-alphabet`), and the date as it is sent (`date-format`). The signature is the
//! Base64 of its HMAC-SHA256 under the api_secret (`hmac-key`), not cut (`rfc4868`).

use super::date::Moment;
use super::message::Message;
use super::{Account, Arrival, Call, Client, Refusal, Stages, System, wire};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub struct Flipbase;

impl System for Flipbase {
    fn sign(&self, _: &Call, client: &Client, mut message: Message) -> Option<(Stages, Message)> {
        let date = Moment::at(client.time?).rfc3339_millis().into_bytes();
        let stages = stages(&client.account, &message, &date)?;
        message.set(b"X-Flipbase-Date", &date);
        message.set(b"Authorization", &stages[2].1);
        Some((stages, message))
    }

    fn judge(&mut self, call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal> {
        let message = &arrival.message;
        let authorization = message.only(b"Authorization")?.ok_or("missing-credential")?;
        let rest = authorization.strip_prefix(b"Signature ").ok_or("malformed")?;
        let colon = rest.iter().position(|&b| b == b':').ok_or("malformed")?;
        let (api_key, signature) = (&rest[..colon], &rest[colon + 1..]);
        // Where X-Flipbase-Date is present, Date is not looked at (`date-header`).
        let date = match message.only(b"X-Flipbase-Date")? {
            Some(date) => date,
            None => message.only(b"Date")?.ok_or("missing-credential")?,
        };
        let moment = Moment::read(date).ok_or("malformed")?;
        let account = accounts.iter().find(|account| account.has("api_key", api_key)).ok_or("unknown-key")?;
        if account.get("api_secret").is_none_or(<[u8]>::is_empty) {
            return Err("unknown-key");
        }
        // In seconds (`validity-period`).
        let skew = call.parameters.get("skew").and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        let age = arrival.now.abs_diff(i128::from(moment.since_1970()) * 1_000_000);
        if age > u128::from(skew.unwrap_or(900_u64)) * 1_000_000_000 {
            return Err("expired");
        }
        let stages = stages(account, message, date).ok_or("unknown-key")?;
        if signature == stages[1].1 { Ok(stages) } else { Err("signature-mismatch") }
    }
}

fn stages(account: &Account, message: &Message, date: &[u8]) -> Option<Stages> {
    let (path, _) = wire::split_target(&message.target);
    let path = wire::encode(path, wire::unreserved);
    let string_to_sign = [&message.method, b"\n".as_slice(), path.as_bytes(), b"\n", date].concat();
    let mut mac = Hmac::<Sha256>::new_from_slice(account.get("api_secret")?).expect("HMAC takes keys of any length");
    mac.update(&string_to_sign);
    let signature = STANDARD.encode(mac.finalize().into_bytes()).into_bytes();
    let authorization = [b"Signature ", account.get("api_key")?, b":", &signature].concat();
    Some(vec![("string_to_sign", string_to_sign), ("signature", signature), ("authorization", authorization)])
}
