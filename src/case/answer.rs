//! What a subject answers.

use crate::bytes::Bytes;
use crate::request::Request;
use crate::scheme::{Class, SenderGets};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Answer of a subject. Accept, reject and error are three different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A signed request.
    Signed(Signed),
    /// A judgement for each message.
    Verified(Vec<Judgement>),
    /// The subject does not do this, and says why.
    Skipped(String),
    /// The subject failed, and says why.
    Error(String),
}

impl Reply {
    /// Returns whether every one of the messages was accepted.
    pub(crate) fn accepts(&self) -> bool {
        matches!(self, Reply::Verified(results) if !results.is_empty() && results.iter().all(|result| result.accept))
    }
}

/// Result of signing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signed {
    /// The stages that the subject exposes, in its order.
    pub stages: IndexMap<String, Bytes>,
    /// The request as it would be sent.
    pub signed_request: Option<Request>,
}

/// Result of verifying one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub struct Judgement {
    /// Tells whether the message is accepted.
    pub accept: bool,
    /// Reason why it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Code of the API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Message text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Reply to the sender, if refused.
    #[serde(default, skip_serializing_if = "SenderGets::is_error")]
    pub reply: SenderGets,
    /// Stages of an accepted message.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, Bytes>,
}

impl Judgement {
    /// A message is accepted, and nothing that was derived is shown.
    pub fn accepted() -> Judgement {
        Judgement {
            accept: true,
            class: None,
            status: None,
            code: None,
            message: None,
            reply: SenderGets::default(),
            stages: IndexMap::new(),
        }
    }
}
