//! A case: what a subject is told of a vector. Expectation, source and fault are left behind.

use crate::bytes::Bytes;
use crate::corpus::{Given, MeantRequest, Step, Time, Topic, Vector};
use crate::scheme::{Account, Parameters};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something to sign or verify.
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
    /// What is to be done.
    pub task: Task,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Sign a request.
    Sign(Box<SignTask>),
    /// Verify messages in order.
    Verify(VerifyTask),
}

/// A request to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignTask {
    /// The signer's account.
    pub account: Account,
    /// Parameters that the signer chose.
    #[serde(default)]
    pub parameters: Parameters,
    /// The signer's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// A nonce or message id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Bytes>,
    /// What the caller means.
    pub request: MeantRequest,
}

/// Messages to verify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyTask {
    /// The accounts that the server knows: the credentials of each and nothing else.
    pub accounts: Vec<Account>,
    /// What the server has configured.
    #[serde(default)]
    pub parameters: Parameters,
    /// Messages in order; state starts empty.
    pub steps: Vec<Step>,
}

impl Case {
    /// The case of a vector under a reading.
    pub fn of(scheme: &str, topic: &Topic, vector: &Vector, reading: Option<&str>) -> Case {
        Case::given(scheme, &vector.given, &topic.file.accounts, reading)
    }

    /// The case of what is given, with the accounts that it names.
    pub fn given(scheme: &str, given: &Given, accounts: &IndexMap<String, Account>, reading: Option<&str>) -> Case {
        let task = match (&given.sign, &given.verify) {
            (Some(sign), _) => Task::Sign(Box::new(SignTask {
                account: accounts[&sign.account].clone(),
                parameters: sign.parameters.clone(),
                time: sign.time.clone(),
                nonce: sign.nonce.clone(),
                request: sign.request.clone(),
            })),
            (None, Some(verify)) => {
                let known = |name: &String| accounts[name].clone();
                let (parameters, steps) = (verify.parameters.clone(), verify.steps.clone());
                Task::Verify(VerifyTask { accounts: verify.accounts.iter().map(known).collect(), parameters, steps })
            }
            (None, None) => unreachable!("a vector that is loaded gives one of the two"),
        };
        Case {
            scheme: scheme.to_owned(),
            operation: given.operation.clone(),
            variant: given.variant.clone(),
            reading: reading.map(str::to_owned),
            task,
        }
    }
}
