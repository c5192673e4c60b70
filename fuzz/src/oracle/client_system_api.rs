//! The guide for client systems, and the decisions of its `statements.yaml`.
//!
//! The header profile: x-app-key is the public key, x-request-id is unique for the whole server
//! and without end (`request-id-lifetime`), x-language is `id` or `en` and `id` unless given
//! (`unknown-language`), and `Authorization` is the word Bearer, a space and the token of the
//! operation (`authorization-type`). Where an endpoint gives a user's data, x-user-token is that
//! user's token (`user-token-twofold`, `user-data-endpoints`).

use super::message::Message;
use super::{Refusal, Stages};
use std::collections::HashSet;

/// What a server knows of a client system.
#[derive(Debug, Clone)]
pub struct Account {
    /// Public key.
    pub app_key: Vec<u8>,
    /// Token of regular requests.
    pub access_token: Vec<u8>,
    /// Token that a new access token is asked for with.
    pub refresh_token: Vec<u8>,
    /// The user's token; a new refresh token is asked for with it.
    pub user_token: Vec<u8>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A regular request.
    Regular,
    /// A regular request to an endpoint that gives a user's data.
    UserData,
    /// A new access token.
    NewAccessToken,
    /// A new refresh token.
    NewRefreshToken,
}

impl Operation {
    fn token(self, account: &Account) -> &[u8] {
        match self {
            Operation::Regular | Operation::UserData => &account.access_token,
            Operation::NewAccessToken => &account.refresh_token,
            Operation::NewRefreshToken => &account.user_token,
        }
    }
}

/// Adds the header profile to a message; `None` where the language that it asks for is ambiguous.
pub fn sign(
    account: &Account,
    operation: Operation,
    request_id: &[u8],
    language: Option<&[u8]>,
    mut message: Message,
) -> Option<(Stages, Message)> {
    message.set(b"x-app-key", &account.app_key);
    message.set(b"x-request-id", request_id);
    if operation == Operation::UserData {
        message.set(b"x-user-token", &account.user_token);
    }
    if let Some(language) = language {
        message.set(b"x-language", language);
    }
    let stages = stages(account, operation, &message).ok()?;
    message.set(b"Authorization", &stages[1].1);
    Some((stages, message))
}

fn stages(account: &Account, operation: Operation, message: &Message) -> Result<Stages, Refusal> {
    let language = message.only(b"x-language")?.unwrap_or(b"id").to_vec();
    let authorization = [b"Bearer ", operation.token(account)].concat();
    Ok(vec![("language", language), ("authorization", authorization)])
}

/// A server and the request ids that it has accepted.
#[derive(Debug)]
pub struct Server {
    /// Whom it knows.
    pub accounts: Vec<Account>,
    /// What it answers.
    pub operation: Operation,
    /// Ids of the messages that it has accepted.
    pub seen: HashSet<Vec<u8>>,
}

impl Server {
    /// Judges a message, and remembers its id if it is accepted.
    pub fn judge(&mut self, message: &Message) -> Result<Stages, Refusal> {
        let token = message.credentials(b"Bearer")?;
        let app_key = message.present(b"x-app-key", "missing-credential")?;
        let account = self.accounts.iter().find(|account| account.app_key == app_key).ok_or("unknown-key")?;
        let request_id = message.present(b"x-request-id", "malformed")?;
        let stages = stages(account, self.operation, message)?;
        if stages[0].1 != b"id" && stages[0].1 != b"en" {
            return Err("malformed");
        }
        if token.is_empty() {
            return Err("missing-credential");
        }
        if token != self.operation.token(account) {
            return Err("wrong-token");
        }
        if self.operation == Operation::UserData
            && message.present(b"x-user-token", "missing-credential")? != account.user_token
        {
            return Err("wrong-token");
        }
        if !self.seen.insert(request_id.to_vec()) {
            return Err("replayed");
        }
        Ok(stages)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_depends_on_the_operation_and_an_id_counts_once() {
        let [app_key, access_token, refresh_token, user_token] = ["k", "a", "r", "u"].map(|text| text.into());
        let account = Account { app_key, access_token, refresh_token, user_token };
        let of = |operation| {
            let (method, scheme, target, headers, body) = Default::default();
            let message = Message { method, scheme, target, headers, body };
            sign(&account, operation, b"1", None, message).expect("it asks for no language").1
        };
        let mut server =
            Server { accounts: vec![account.clone()], operation: Operation::NewAccessToken, seen: HashSet::new() };
        assert_eq!(of(Operation::NewAccessToken).only(b"authorization"), Ok(Some(b"Bearer r".as_slice())));
        assert_eq!(server.judge(&of(Operation::Regular)), Err("wrong-token"));
        assert!(server.judge(&of(Operation::NewAccessToken)).is_ok());
        assert_eq!(server.judge(&of(Operation::NewAccessToken)), Err("replayed"));
    }
}
