//! Reject classes: why a message is refused. One list for schemes, vectors and the protocol.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a message is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
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
