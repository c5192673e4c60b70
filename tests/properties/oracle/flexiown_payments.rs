//! Flexiown Payments, from the page "Authentication & Authorization" and the decisions of its
//! `statements.yaml`.
//!
//! The API key goes into the header field api-key (`header-name`), trust seed and trust value into
//! the JSON payload (`payload-by-whom`, `payload-format`). The trust signature is the SHA-256 of
//! value and seed, in that order, in small hexadecimal digits (`formula-unspecified`); the API's
//! answer carries it. The first accepted request of a payment binds seed and value
//! (`creation-unspecified`), and requests a minute are limited (`limit-unspecified`).

use super::message::Message;
use super::{Account, Arrival, Call, Client, Refusal, Stages, System, json, small_hex};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const MINUTE: i128 = 60_000_000_000;

/// Trust seed and trust value of a payment: opaque bytes (`seed-encoding`).
type Trust = [Vec<u8>; 2];

/// What the server remembers of the requests that it has accepted.
#[derive(Default)]
pub struct Payments {
    /// Key and time of every one.
    accepted: Vec<(Vec<u8>, i128)>,
    bound: HashMap<Vec<u8>, Trust>,
}

impl System for Payments {
    /// `None` also where the payload cannot take what is put into it.
    fn sign(&self, call: &Call, client: &Client, mut message: Message) -> Option<(Stages, Message)> {
        let trust = known(call)?;
        let stages = stages(&trust);
        if call.operation == "response" {
            message.body = json::with_member(&message.body, "trust_signature", &stages[0].1)?;
        } else {
            message.body = json::with_member(&message.body, "trust_seed", &trust[0])?;
            message.body = json::with_member(&message.body, "trust_value", &trust[1])?;
            message.set(b"api-key", client.account.get("api_key")?);
        }
        Some((stages, message))
    }

    fn judge(&mut self, call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal> {
        let (message, now) = (&arrival.message, arrival.now);
        if call.operation == "response" {
            let signature = json::present(&message.body, "trust_signature", "missing-credential")?;
            let stages = stages(&known(call).unwrap_or_default());
            return if signature == stages[0].1 { Ok(stages) } else { Err("signature-mismatch") };
        }
        let api_key = message.present(b"api-key", "missing-credential")?;
        let account = accounts.iter().find(|account| account.has("api_key", api_key)).ok_or("unknown-key")?;
        if account.get("status").is_some_and(|status| status != b"valid") {
            return Err("revoked-key");
        }
        let limit = call.parameters.get("limit").and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        let counts = |(key, then): &&(Vec<u8>, i128)| key == api_key && (now - MINUTE < *then && *then <= now);
        if self.accepted.iter().filter(counts).count() >= limit.unwrap_or(60) {
            return Err("rate-limited");
        }
        let payment = json::present(&message.body, "payment_id", "malformed")?;
        let seed = json::present(&message.body, "trust_seed", "missing-credential")?;
        let value = json::present(&message.body, "trust_value", "missing-credential")?;
        let trust = [seed, value];
        if self.bound.get(&payment).is_some_and(|bound| *bound != trust) {
            return Err("value-mismatch");
        }
        self.accepted.push((api_key.to_vec(), now));
        let stages = stages(&trust);
        self.bound.insert(payment, trust);
        Ok(stages)
    }
}

/// What the caller, or the client that checks an answer, knows of the payment.
fn known(call: &Call) -> Option<Trust> {
    Some([call.parameters.get("trust_seed")?.clone(), call.parameters.get("trust_value")?.clone()])
}

fn stages([seed, value]: &Trust) -> Stages {
    vec![("trust_signature", small_hex(&Sha256::new().chain_update(value).chain_update(seed).finalize()))]
}
