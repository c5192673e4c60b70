//! Subjects: the implementation under test, be it the built-in reference or another one.
//!
//! May use `scheme` and the model of `corpus`; never sees an expectation.

mod case;
mod connection;
mod masked;
mod process;
mod protocol;
mod reference;
mod server;

pub use case::{Case, SignTask, Task, VerifyTask};
pub use connection::{Breach, Conduct, Connection, InProcess, Outcome, Symptom, Unusable};
pub(crate) use masked::{MASK, masked};
#[cfg(feature = "cli")]
pub(crate) use process::adopt_orphans;
#[doc(hidden)]
pub use process::read_line;
pub use process::{Limits, Process, end_all, interrupt, is_interrupted};
pub use protocol::{CAPABILITIES, Hello, Message, Op, PROTOCOL, Response, schemas};
pub use reference::Reference;
pub(crate) use reference::{PreparedCase, answer, sign, verify_each};
pub use server::{Address, BadAddress, Pace, Rules, Server};

use crate::bytes::Bytes;
use crate::corpus::WireRequest;
use crate::scheme::{Class, Reply as SenderGets};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// An implementation under test.
pub trait Subject {
    /// Answers one case; cases do not depend on each other.
    fn answer(&mut self, case: &Case) -> Reply;
}

/// What a subject answers. Accept, reject and error are three different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A signed request.
    Signed(Signed),
    /// A judgement for each step.
    Verified(Vec<Judgement>),
    /// The subject does not do this, and says why.
    Skipped(String),
    /// The subject failed, and says why.
    Error(String),
}

/// What signing gave.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signed {
    /// The stages that the subject exposes, in its order.
    pub stages: IndexMap<String, Bytes>,
    /// The request as it would be sent.
    pub signed_request: Option<WireRequest>,
}

/// What verifying one message gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Judgement {
    /// Whether the message is accepted.
    pub accept: bool,
    /// Why it is refused.
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
    /// Whether the sender is told.
    #[serde(default, skip_serializing_if = "SenderGets::is_error")]
    pub reply: SenderGets,
    /// Stages of an accepted message.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, Bytes>,
}
