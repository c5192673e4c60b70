//! Why a message is refused, and what its sender gets. One list of classes for schemes, vectors and the protocol.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Reason why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// A credential, token or signature is not there, or is empty.
    MissingCredential,
    /// Something that must be there or parse does not.
    Malformed,
    /// No account has this key.
    UnknownKey,
    /// The account's key has been invalidated.
    RevokedKey,
    /// A bearer or validation token is there and is not the right one.
    WrongToken,
    /// The signature is not the one derived.
    SignatureMismatch,
    /// A value is not the one that it was bound to.
    ValueMismatch,
    /// A part that must be signed is not.
    UnsignedPart,
    /// The time is outside what is permitted, either way.
    Expired,
    /// The message was seen before.
    Replayed,
    /// The method is not the one of this call.
    WrongMethod,
    /// Credentials or address of another environment.
    WrongEnvironment,
    /// The client's address is not on the list.
    AddressNotAllowed,
    /// More messages than permitted.
    RateLimited,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Details of a refusal where the document gives them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Refusal {
    /// HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Code of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Arrival text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Reply to the sender, if refused.
    #[serde(skip_serializing_if = "SenderGets::is_error")]
    pub reply: SenderGets,
}

/// Reply to the sender of a refused message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SenderGets {
    /// An error.
    #[default]
    Error,
    /// Nothing that says so: the message is dropped.
    Disregard,
}

impl SenderGets {
    /// Tells whether it is the default.
    pub fn is_error(&self) -> bool {
        *self == SenderGets::Error
    }
}
