//! The guide for client systems, and the decisions of its `statements.yaml`.
//!
//! The header profile: x-app-key is the public key, x-request-id is unique for the whole server
//! and without end (`request-id-lifetime`), x-language is `id` or `en` and `id` unless given
//! (`unknown-language`), and `Authorization` is the word Bearer, a space and the token of the
//! operation (`authorization-type`). Where an endpoint gives a user's data, x-user-token is that
//! user's token (`user-token-twofold`, `user-data-endpoints`).

use super::message::Message;
use super::{Account, Arrival, Call, Client, Refusal, Stages, System};
use std::collections::HashSet;

/// The server remembers the ids of the messages that it has accepted.
#[derive(Default)]
pub struct ClientSystem {
    seen: HashSet<Vec<u8>>,
}

impl System for ClientSystem {
    /// `None` also where the language that the message asks for is ambiguous.
    fn sign(&self, call: &Call, client: &Client, mut message: Message) -> Option<(Stages, Message)> {
        message.set(b"x-app-key", client.account.get("app_key")?);
        message.set(b"x-request-id", client.nonce.as_deref()?);
        if is_user_data(call) {
            message.set(b"x-user-token", client.account.get("user_token")?);
        }
        if let Some(language) = call.parameters.get("language") {
            message.set(b"x-language", language);
        }
        client.account.get(token(call))?;
        let stages = stages(call, &client.account, &message).ok()?;
        message.set(b"Authorization", &stages[1].1);
        Some((stages, message))
    }

    fn judge(&mut self, call: &Call, accounts: &[Account], arrival: &Arrival) -> Result<Stages, Refusal> {
        let message = &arrival.message;
        let given = message.credentials(b"Bearer")?;
        let app_key = message.present(b"x-app-key", "missing-credential")?;
        let account = accounts.iter().find(|account| account.has("app_key", app_key)).ok_or("unknown-key")?;
        let request_id = message.present(b"x-request-id", "malformed")?;
        let stages = stages(call, account, message)?;
        if stages[0].1 != b"id" && stages[0].1 != b"en" {
            return Err("malformed");
        }
        if given.is_empty() {
            return Err("missing-credential");
        }
        if !account.has(token(call), given) {
            return Err("wrong-token");
        }
        if is_user_data(call) && !account.has("user_token", message.present(b"x-user-token", "missing-credential")?) {
            return Err("wrong-token");
        }
        if !self.seen.insert(request_id.to_vec()) {
            return Err("replayed");
        }
        Ok(stages)
    }
}

fn is_user_data(call: &Call) -> bool {
    call.variant.as_deref() == Some("user-data") && call.operation == "request"
}

fn token(call: &Call) -> &'static str {
    match call.operation.as_str() {
        "refresh-access-token" => "refresh_token",
        "renew-refresh-token" => "user_token",
        _ => "access_token",
    }
}

fn stages(call: &Call, account: &Account, message: &Message) -> Result<Stages, Refusal> {
    let language = message.only(b"x-language")?.unwrap_or(b"id").to_vec();
    let authorization = [b"Bearer ", account.get(token(call)).unwrap_or_default()].concat();
    Ok(vec![("language", language), ("authorization", authorization)])
}
