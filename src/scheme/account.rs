//! Accounts and parameters as they are given from outside. Credentials never print.

use crate::bytes::Bytes;
use crate::primitive::key_pair::PairKind;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use zeroize::Zeroize;

/// A credential or attribute: bytes, or a list of addresses.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected a string, {hex: \"…\"}, or a list of addresses")]
pub enum Credential {
    /// Addresses or CIDR prefixes.
    Addresses(Vec<String>),
    /// Anything else.
    Value(Bytes),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        if let Credential::Value(bytes) = self {
            bytes.0.zeroize();
        }
    }
}

/// Kind of a value of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// Known to everybody who sees a message.
    Public,
    /// Known to client and server alone.
    Secret,
    /// Neither: something that the server knows of the account.
    Attribute,
    /// A list of addresses or CIDR prefixes.
    Addresses,
    /// A key pair, whose halves an account has as `NAME.private` (PKCS#8) and `NAME.public` (SPKI), in PEM.
    Pair(PairKind),
}

/// A named set of credentials and attributes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Account(pub IndexMap<String, Credential>);

impl Account {
    /// Takes out the private halves of pairs.
    pub(crate) fn forget_private(&mut self) {
        self.0.retain(|name, _| !name.ends_with(".private"));
    }

    /// Returns an address that the account lists, of a prefix its first; `None` where it lists none.
    pub(crate) fn listed(&self) -> Option<IpAddr> {
        self.0.values().find_map(|value| match value {
            Credential::Addresses(list) => list.iter().find_map(|listed| listed.split('/').next()?.parse().ok()),
            Credential::Value(_) => None,
        })
    }
}

/// Parameters of a scheme by name: what a signer chooses or a server has configured.
pub type Parameters = IndexMap<String, Bytes>;
