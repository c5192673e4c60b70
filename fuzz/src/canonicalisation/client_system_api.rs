//! The client-system API: header profile, tokens of three operations, and request ids over several
//! messages.

use super::message::{Change, Header, Target, Value, intent, meant, of_oracle};
use super::reference::{Given, Reference, account};
use super::{assert_judged, assert_signed};
use crate::oracle::client_system_api as oracle;
use crate::text::Text;
use arbitrary::Arbitrary;
use std::collections::HashSet;
use std::sync::LazyLock;

/// By [`Operation`].
static REFERENCES: LazyLock<[Reference; 4]> = LazyLock::new(|| {
    let of = |operation, variant| Reference::new("client-system-api", operation, variant);
    [
        of("request", None),
        of("request", Some("user-data")),
        of("refresh-access-token", None),
        of("renew-refresh-token", None),
    ]
});

/// What is asked for, whom the server knows, and the messages that it gets.
#[derive(Debug, Arbitrary)]
pub struct Input {
    operation: Operation,
    own: Tokens,
    private_key: Text,
    other: Differing,
    other_first: bool,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Operation {
    Regular,
    UserData,
    NewAccessToken,
    NewRefreshToken,
}

#[derive(Debug, Arbitrary)]
struct Tokens {
    app_key: Text,
    access_token: Text,
    refresh_token: Text,
    user_token: Text,
}

/// Tokens of which some are those of the first account.
#[derive(Debug, Arbitrary)]
struct Differing {
    app_key: Option<Text>,
    access_token: Option<Text>,
    refresh_token: Option<Text>,
    user_token: Option<Text>,
}

#[derive(Debug, Arbitrary)]
struct Step {
    by_other: bool,
    request_id: Text,
    language: Option<Value>,
    method: Text,
    target: Target,
    headers: Vec<Header>,
    body: Text,
    changes: Vec<Change>,
}

/// Stages, signed messages and judgements are the same.
pub fn compare(input: &Input) {
    let operation = input.operation.of_oracle();
    let reference = &REFERENCES[input.operation as usize];
    let [own, other] = input.accounts();
    let accounts = if input.other_first { vec![other.clone(), own.clone()] } else { vec![own.clone(), other.clone()] };
    let known: Vec<_> = accounts.iter().map(|account| of_reference(account, &input.private_key)).collect();
    let mut found = reference.server(&known, &[]);
    let mut expected = oracle::Server { accounts, operation, seen: HashSet::new() };
    for step in &input.messages {
        let signer = if step.by_other { &other } else { &own };
        let intent = intent(&step.method, &step.target, &step.headers, step.body.0.clone());
        let language = step.language.as_ref().map(|value| value.0.as_slice());
        let parameters: Vec<_> = language.map(|value| ("language", value)).into_iter().collect();
        let given = Given { nonce: Some(&step.request_id.0), parameters: &parameters, ..Given::default() };
        let signed = assert_signed(
            reference.sign(&of_reference(signer, &input.private_key), &given, &intent),
            oracle::sign(signer, operation, &step.request_id.0, language, meant(&intent, &step.target)),
        );
        let mut request = signed.unwrap_or_else(|| intent.to_wire());
        step.changes.iter().for_each(|change| change.apply(&mut request));
        let message = of_oracle(&request);
        assert_judged(&message, found.judge(None, None, &request), expected.judge(&message));
    }
}

impl Operation {
    fn of_oracle(self) -> oracle::Operation {
        match self {
            Operation::Regular => oracle::Operation::Regular,
            Operation::UserData => oracle::Operation::UserData,
            Operation::NewAccessToken => oracle::Operation::NewAccessToken,
            Operation::NewRefreshToken => oracle::Operation::NewRefreshToken,
        }
    }
}

impl Input {
    fn accounts(&self) -> [oracle::Account; 2] {
        let Tokens { app_key, access_token, refresh_token, user_token } = &self.own;
        let other = |differing: &Option<Text>, own: &Text| differing.as_ref().unwrap_or(own).0.clone();
        let own = oracle::Account {
            app_key: app_key.0.clone(),
            access_token: access_token.0.clone(),
            refresh_token: refresh_token.0.clone(),
            user_token: user_token.0.clone(),
        };
        let other = oracle::Account {
            app_key: other(&self.other.app_key, app_key),
            access_token: other(&self.other.access_token, access_token),
            refresh_token: other(&self.other.refresh_token, refresh_token),
            user_token: other(&self.other.user_token, user_token),
        };
        [own, other]
    }
}

fn of_reference(own: &oracle::Account, private_key: &Text) -> countersign::scheme::Account {
    account([
        ("app_key", &own.app_key),
        ("private_key", &private_key.0),
        ("access_token", &own.access_token),
        ("refresh_token", &own.refresh_token),
        ("user_token", &own.user_token),
    ])
}
