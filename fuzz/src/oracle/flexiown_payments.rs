//! Flexiown Payments, from the page "Authentication & Authorization" and the decisions of its
//! `statements.yaml`.
//!
//! The API key goes into the header field api-key (`header-name`), trust seed and trust value into
//! the JSON payload (`payload-by-whom`, `payload-format`). The trust signature is the SHA-256 of
//! value and seed, in that order, in small hexadecimal digits (`formula-unspecified`); the API's
//! answer carries it. The first accepted request of a payment binds seed and value
//! (`creation-unspecified`), and requests a minute are limited (`limit-unspecified`).

use super::json;
use super::message::Message;
use super::{Refusal, Stages};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// What the server knows of a key.
#[derive(Debug, Clone)]
pub struct Account {
    /// The key.
    pub api_key: Vec<u8>,
    /// `valid` unless given.
    pub status: Option<Vec<u8>>,
}

/// Trust seed and trust value of a payment: opaque bytes (`seed-encoding`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// Trust seed.
    pub seed: Vec<u8>,
    /// Trust value.
    pub value: Vec<u8>,
}

impl Trust {
    fn stages(&self) -> Stages {
        let digest = Sha256::new().chain_update(&self.value).chain_update(&self.seed).finalize();
        let signature: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        vec![("trust_signature", signature.into_bytes())]
    }
}

/// Makes a request of a client; `None` where its payload cannot take seed and value.
pub fn sign_request(account: &Account, trust: &Trust, mut message: Message) -> Option<(Stages, Message)> {
    message.body = json::with_member(&message.body, "trust_seed", &trust.seed)?;
    message.body = json::with_member(&message.body, "trust_value", &trust.value)?;
    message.set(b"api-key", &account.api_key);
    Some((trust.stages(), message))
}

/// Makes an answer of the API; `None` where its payload cannot take the signature.
pub fn sign_response(trust: &Trust, mut message: Message) -> Option<(Stages, Message)> {
    let stages = trust.stages();
    message.body = json::with_member(&message.body, "trust_signature", &stages[0].1)?;
    Some((stages, message))
}

/// What a client makes of an answer about a payment with this seed and value.
pub fn judge_response(trust: &Trust, message: &Message) -> Result<Stages, Refusal> {
    let signature = json::present(&message.body, "trust_signature", "missing-credential")?;
    let stages = trust.stages();
    if signature == stages[0].1 { Ok(stages) } else { Err("signature-mismatch") }
}

const MINUTE: i128 = 60_000_000_000;

/// The server, and what it remembers of the requests that it has accepted.
#[derive(Debug)]
pub struct Server {
    /// Whom it knows.
    pub accounts: Vec<Account>,
    /// Requests a minute that one key may make.
    pub limit: usize,
    /// Key and time, in nanoseconds since 1970, of every accepted request.
    pub accepted: Vec<(Vec<u8>, i128)>,
    /// Seed and value of every payment.
    pub bound: HashMap<Vec<u8>, Trust>,
}

impl Server {
    /// Judges a request that arrives `now`, and remembers it if it is accepted.
    pub fn judge(&mut self, now: i128, message: &Message) -> Result<Stages, Refusal> {
        let api_key = message.present(b"api-key", "missing-credential")?;
        let account = self.accounts.iter().find(|account| account.api_key == api_key).ok_or("unknown-key")?;
        if account.status.as_ref().is_some_and(|status| status != b"valid") {
            return Err("revoked-key");
        }
        let counts = |(key, then): &&(Vec<u8>, i128)| key == api_key && (now - MINUTE < *then && *then <= now);
        if self.accepted.iter().filter(counts).count() >= self.limit {
            return Err("rate-limited");
        }
        let payment = json::present(&message.body, "payment_id", "malformed")?;
        let seed = json::present(&message.body, "trust_seed", "missing-credential")?;
        let value = json::present(&message.body, "trust_value", "missing-credential")?;
        let trust = Trust { seed, value };
        if self.bound.get(&payment).is_some_and(|bound| *bound != trust) {
            return Err("value-mismatch");
        }
        self.accepted.push((api_key.to_vec(), now));
        let stages = trust.stages();
        self.bound.insert(payment, trust);
        Ok(stages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of a published plugin for the order 1234, and what its formula makes of them.
    #[test]
    fn gives_the_signature_of_the_formula() {
        let seed =
            b"W3sibmFtZSI6IlNvZsOhIC8gMi1zZWF0IFwiWFwiIiwic2t1IjoiU0tVMSIsInF1YW50aXR5IjoxLCJwcmljZSI6IjE5OS4wMCJ9XQ==";
        let trust = Trust { seed: seed.to_vec(), value: b"81dc9bdb52d04dc20036dbd8313ed055".to_vec() };
        let signature = b"6aabab1ad8871ac6d9b35d0dfdd6eb6161e14fc1a5cfe39e5eebf69a87c2b61d";
        assert_eq!(trust.stages()[0].1, signature);
    }
}
