//! Accounts and parameters as a program takes them: values in its order, keys prepared once.

use super::types::{PreparedAccount, PreparedParameters, Program};
use crate::scheme::account::{Account, Credential, CredentialKind, Parameters};
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// An account or a parameter that does not fit the scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrepareError {
    /// The scheme knows no such credential.
    #[error("credential {0} of the account has a name that the scheme does not know; it knows {1}")]
    UnknownCredential(usize, String),
    /// The scheme knows no such parameter.
    #[error("there is no parameter `{0}`; the scheme knows {1}")]
    UnknownParameter(String, String),
    /// Not an address.
    #[error("entry {1} of `{0}` of the account is neither an address nor a CIDR prefix")]
    BadAddress(String, usize),
    /// A list where bytes are due, or the other way round.
    #[error("`{0}` of the account is {1}")]
    WrongKind(String, &'static str),
}

/// Parses an address or CIDR prefix.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse()).ok()
}

impl Program {
    /// Prepares an account; a value that the scheme does not know is an error, a missing one is not. An empty secret
    /// is a missing one: what anybody can compute proves nothing.
    pub fn account(&self, account: &Account) -> Result<PreparedAccount, PrepareError> {
        let known = || self.credentials.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ");
        let mut prepared = PreparedAccount {
            values: vec![None; self.credentials.len()],
            addresses: vec![Vec::new(); self.credentials.len()],
            keys: vec![OnceLock::new(); self.keys],
            size: 0,
        };
        for (at, (name, value)) in account.0.iter().enumerate() {
            let Some(i) = self.credentials.iter().position(|(n, _)| n == name) else {
                return Err(PrepareError::UnknownCredential(at + 1, known()));
            };
            match (self.credentials[i].1, value) {
                (CredentialKind::Addresses, Credential::Addresses(list)) => {
                    let bad = |at: usize| PrepareError::BadAddress(name.clone(), at + 1);
                    let networks = list.iter().enumerate().map(|(at, text)| network(text).ok_or_else(|| bad(at)));
                    prepared.addresses[i] = networks.collect::<Result<_, _>>()?;
                }
                (CredentialKind::Addresses, _) => {
                    return Err(PrepareError::WrongKind(name.clone(), "one value; a list of addresses is expected"));
                }
                (_, Credential::Addresses(_)) => {
                    return Err(PrepareError::WrongKind(name.clone(), "a list; one value is expected"));
                }
                (CredentialKind::Secret, Credential::Value(bytes)) if bytes.0.is_empty() && !self.careless => {}
                (_, Credential::Value(bytes)) => {
                    prepared.size += bytes.0.len();
                    prepared.values[i] = Some(Zeroizing::new(bytes.0.clone()));
                }
            }
        }
        Ok(prepared)
    }

    /// Prepares parameters; one that the scheme does not know is an error.
    pub fn parameters(&self, parameters: &Parameters) -> Result<PreparedParameters, PrepareError> {
        if let Some(name) = parameters.keys().find(|name| !self.parameters.iter().any(|(n, _)| n == *name)) {
            let known = self.parameters.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(", ");
            return Err(PrepareError::UnknownParameter(name.clone(), known));
        }
        let value = |(name, default): &(String, Option<Vec<u8>>)| {
            parameters.get(name).map(|bytes| bytes.0.clone()).or_else(|| default.clone())
        };
        let values: Vec<_> = self.parameters.iter().map(value).collect();
        let size = values.iter().flatten().map(Vec::len).sum();
        Ok(PreparedParameters { values, size })
    }
}

impl Program {
    /// The same program of somebody who takes an empty secret for one.
    pub fn careless(&self) -> Program {
        Program { careless: true, ..self.clone() }
    }
}

impl std::fmt::Debug for PreparedAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PreparedAccount(***)")
    }
}
