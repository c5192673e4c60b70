//! What is given: something to sign, or messages to verify. Nothing here holds an expectation.

use crate::bytes::Bytes;
use crate::primitive::time::Instant;
use crate::request::{Intent, Request};
use crate::scheme::{Account, Parameters};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Something to sign or verify: what a subject is told of a vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The scheme.
    pub scheme: String,
    /// Its operation.
    pub operation: String,
    /// A variant of the scheme.
    pub variant: Option<String>,
    /// A permitted reading of its document, instead of the one decided on.
    pub reading: Option<String>,
    /// Task to do.
    pub task: Task,
}

/// The same as files write it: in vectors with the names of accounts, elsewhere with the accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(try_from = "WrittenGiven<A>", into = "WrittenGiven<A>")]
#[serde(bound(serialize = "A: Clone + Serialize", deserialize = "A: Deserialize<'de>"))]
#[cfg_attr(feature = "cli", schemars(with = "WrittenGiven<A>"))]
pub struct Given<A = String> {
    /// Operation of the scheme.
    pub operation: String,
    /// Variant of the scheme.
    pub variant: Option<String>,
    /// Task to do.
    pub task: Task<A>,
}

/// Input of the implementation: exactly one of `sign` and `verify`.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, bound(deserialize = "A: Deserialize<'de>"))]
struct WrittenGiven<A> {
    /// Operation of the scheme.
    operation: String,
    /// Variant of the scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    /// Something to sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign: Option<Box<SignTask<A>>>,
    /// Something to verify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    verify: Option<VerifyTask<A>>,
}

impl<A> TryFrom<WrittenGiven<A>> for Given<A> {
    type Error = &'static str;

    fn try_from(WrittenGiven { operation, variant, sign, verify }: WrittenGiven<A>) -> Result<Self, Self::Error> {
        let task = match (sign, verify) {
            (Some(task), None) => Task::Sign(task),
            (None, Some(task)) => Task::Verify(task),
            _ => return Err("one of both is given, `sign` or `verify`"),
        };
        Ok(Given { operation, variant, task })
    }
}

impl<A> From<Given<A>> for WrittenGiven<A> {
    fn from(Given { operation, variant, task }: Given<A>) -> Self {
        let (sign, verify) = match task {
            Task::Sign(task) => (Some(task), None),
            Task::Verify(task) => (None, Some(task)),
        };
        WrittenGiven { operation, variant, sign, verify }
    }
}

/// Task, with accounts or with their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task<A = Account> {
    /// Sign a request.
    Sign(Box<SignTask<A>>),
    /// Verify messages in order.
    Verify(VerifyTask<A>),
}

/// A request to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignTask<A = Account> {
    /// The signer's account.
    pub account: A,
    /// Parameters that the signer chose.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: Parameters,
    /// The signer's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// A nonce or message id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Bytes>,
    /// Request that the caller means.
    pub request: Intent,
}

/// Messages to verify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VerifyTask<A = Account> {
    /// The accounts that the server knows: the credentials of each and nothing else.
    pub accounts: Vec<A>,
    /// Parameters that the server has configured.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: Parameters,
    /// Messages in order; state starts empty. Corpora before 0.2 call them `steps`.
    #[serde(alias = "steps")]
    pub messages: Vec<Message>,
}

/// One message that arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Time>,
    /// Address of the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "cli", schemars(with = "Option<String>"))]
    pub client_address: Option<IpAddr>,
    /// Request on the wire.
    pub request: Request,
}

impl Given {
    /// The same with the accounts that it names.
    pub fn in_full(&self, accounts: &IndexMap<String, Account>) -> Given<Account> {
        let (operation, variant) = (self.operation.clone(), self.variant.clone());
        let task = match self.task.with(|name| accounts[name].clone()) {
            Task::Verify(task) => Task::Verify(task.without_private()),
            task => task,
        };
        Given { operation, variant, task }
    }

    /// Returns the case that a subject is told, with the accounts that it names, under a reading.
    pub fn case(&self, scheme: &str, accounts: &IndexMap<String, Account>, reading: Option<&str>) -> Case {
        let Given { operation, variant, task } = self.in_full(accounts);
        Case { scheme: scheme.to_owned(), operation, variant, reading: reading.map(str::to_owned), task }
    }
}

impl<A> Task<A> {
    /// The task with each account replaced by another.
    pub fn with<B>(&self, mut account: impl FnMut(&A) -> B) -> Task<B> {
        match self {
            Task::Sign(task) => {
                let account = account(&task.account);
                let SignTask { parameters, time, nonce, request, .. } = &**task;
                let (parameters, time) = (parameters.clone(), time.clone());
                let (nonce, request) = (nonce.clone(), request.clone());
                Task::Sign(Box::new(SignTask { account, parameters, time, nonce, request }))
            }
            Task::Verify(VerifyTask { accounts, parameters, messages }) => Task::Verify(VerifyTask {
                accounts: accounts.iter().map(account).collect(),
                parameters: parameters.clone(),
                messages: messages.clone(),
            }),
        }
    }

    /// The accounts.
    pub fn accounts(&self) -> &[A] {
        match self {
            Task::Sign(task) => std::slice::from_ref(&task.account),
            Task::Verify(task) => &task.accounts,
        }
    }

    /// The request to sign, where it is one.
    pub fn to_sign(&self) -> Option<&SignTask<A>> {
        match self {
            Task::Sign(task) => Some(task),
            Task::Verify(_) => None,
        }
    }

    /// The messages to verify, where it is those.
    pub fn to_verify(&self) -> Option<&VerifyTask<A>> {
        match self {
            Task::Sign(_) => None,
            Task::Verify(task) => Some(task),
        }
    }
}

impl<A: Clone> SignTask<A> {
    /// Returns the task of a server that knows the signer's account and gets the request at once, from an address.
    pub fn sent(&self, request: Request, client_address: Option<IpAddr>) -> VerifyTask<A> {
        VerifyTask {
            accounts: vec![self.account.clone()],
            parameters: self.parameters.clone(),
            messages: vec![Message { now: self.time.clone(), client_address, request }],
        }
    }
}

impl VerifyTask {
    /// The same to a server, which has no private half of a pair.
    pub(crate) fn without_private(mut self) -> VerifyTask {
        self.accounts.iter_mut().for_each(Account::forget_private);
        self
    }
}

/// An instant as vectors write it: RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "cli", schemars(with = "String"))]
pub struct Time {
    text: String,
    instant: Instant,
}

impl Time {
    /// The instant.
    pub fn instant(&self) -> Instant {
        self.instant
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.ends_with('Z') {
            return Err(format!("`{text}` is no time in UTC; write RFC 3339 with a `Z` at its end"));
        }
        let instant = Instant::parse(&text).map_err(|e| e.to_string())?;
        Ok(Time { text, instant })
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.text
    }
}
