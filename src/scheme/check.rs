//! Checks: the steps of verification, each with the class that it refuses with.

use super::deviation::Deviation;
use super::model::Refusal;
use super::pipeline::Pipeline;
use super::reject::Class;
use crate::primitive::text::Syntax;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Check {
    /// What is tested.
    pub test: Test,
    /// Why a message that fails is refused.
    pub reject: Class,
    /// What the sender gets, where the document says.
    pub refusal: Refusal,
    /// A wrong way to do it, for mutants alone.
    pub deviation: Option<Deviation>,
}

/// What a check tests. An absent value fails it; a value that cannot be read is `malformed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The value is there and not empty.
    Present(Pipeline),
    /// Some account has these credentials; it is the account from here on.
    Account(IndexMap<String, Pipeline>),
    /// Two values are equal, compared in constant time.
    Equal {
        /// What arrived.
        left: Pipeline,
        /// What it must be.
        right: Pipeline,
        /// Whether the case of ASCII letters is disregarded.
        caseless: bool,
    },
    /// One item of a list is equal to the value.
    AnyEqual {
        /// What arrived.
        list: Pipeline,
        /// What one item must be.
        value: Pipeline,
    },
    /// The value is one of these texts.
    OneOf {
        /// The value.
        value: Pipeline,
        /// The texts.
        allowed: Vec<String>,
    },
    /// The value has this syntax.
    Matches {
        /// The value.
        value: Pipeline,
        /// The syntax.
        syntax: Syntax,
    },
    /// A list has this item.
    Includes {
        /// The list.
        list: Pipeline,
        /// The item.
        item: String,
    },
    /// The received time is near the server's clock.
    Fresh {
        /// Seconds by which it may be off, either way; 0 unless given.
        within: Option<Pipeline>,
        /// Seconds for which the message stays valid after its time, where that is not `within`.
        lasting: Option<Pipeline>,
    },
    /// The server's clock has not passed the received time.
    Until,
    /// A whole number of seconds is at most this.
    AtMost {
        /// The number.
        value: Pipeline,
        /// The greatest that is permitted.
        limit: u64,
    },
    /// The value was not seen before in an accepted message.
    Unique(Pipeline),
    /// The value is the one first accepted with this key.
    Same {
        /// What it is bound to.
        key: Pipeline,
        /// What must stay the same.
        value: Pipeline,
    },
    /// Fewer than `limit` messages of `by` were accepted in the window that ends now.
    Rate {
        /// How many are permitted.
        limit: Pipeline,
        /// The window.
        per: Per,
        /// Whose messages are counted together.
        by: Pipeline,
    },
    /// The client's address is listed.
    Address(Addresses),
    /// A URL is a base URL, or continues it at a `/`.
    Under {
        /// The URL.
        url: Pipeline,
        /// The base; a slash at its end is part of it.
        base: Pipeline,
    },
}

/// A window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// 60 seconds.
    Minute,
}

impl Per {
    /// Its length in nanoseconds.
    pub fn nanoseconds(self) -> i128 {
        60_000_000_000
    }
}

/// Where a list of addresses comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addresses {
    /// An attribute of the account.
    Credential(String),
    /// Listed: addresses or CIDR prefixes.
    Listed(Vec<String>),
}

impl Test {
    /// The word by which the check is written and addressed.
    pub fn kind(&self) -> &'static str {
        match self {
            Test::Present(_) => "present",
            Test::Account(_) => "account",
            Test::Equal { .. } => "equal",
            Test::AnyEqual { .. } => "any-equal",
            Test::OneOf { .. } => "one-of",
            Test::Matches { .. } => "matches",
            Test::Includes { .. } => "includes",
            Test::Fresh { .. } => "fresh",
            Test::Until => "until",
            Test::AtMost { .. } => "at-most",
            Test::Unique(_) => "unique",
            Test::Same { .. } => "same",
            Test::Rate { .. } => "rate",
            Test::Address(_) => "address",
            Test::Under { .. } => "under",
        }
    }
}

impl Test {
    /// The pipelines of this check, each with its path below the check.
    pub fn pipelines(&self) -> Vec<(String, &Pipeline)> {
        let at = |path: &str| path.to_owned();
        match self {
            Test::Present(value) | Test::Unique(value) => vec![(at(&format!(".{}", self.kind())), value)],
            Test::Account(fields) => fields.iter().map(|(name, value)| (format!(".account.{name}"), value)).collect(),
            Test::Equal { left, right, .. } => vec![(at(".equal.0"), left), (at(".equal.1"), right)],
            Test::AnyEqual { list, value } => vec![(at(".any-equal.0"), list), (at(".any-equal.1"), value)],
            Test::OneOf { value, .. } => vec![(at(".one-of.0"), value)],
            Test::Matches { value, .. } => vec![(at(".matches.0"), value)],
            Test::Includes { list, .. } => vec![(at(".includes.0"), list)],
            Test::Fresh { within, lasting } => {
                let within = within.iter().map(|code| (at(".within"), code));
                within.chain(lasting.iter().map(|code| (at(".for"), code))).collect()
            }
            Test::Until | Test::Address(_) => Vec::new(),
            Test::AtMost { value, .. } => vec![(at(".at-most.0"), value)],
            Test::Same { key, value } => vec![(at(".same.key"), key), (at(".same.value"), value)],
            Test::Rate { limit, by, .. } => vec![(at(".rate.limit"), limit), (at(".rate.by"), by)],
            Test::Under { url, base } => vec![(at(".under.0"), url), (at(".under.1"), base)],
        }
    }
}
