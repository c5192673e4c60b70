//! The model of vector files and readings. What stands here is what the files may hold;
//! `vectors/README.md` tells the same for readers without Rust.

use crate::case::{Change, Expect, Given};
use crate::scheme::Account;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A file of vectors: one topic of one scheme.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct VectorFile {
    /// One sentence: what this topic is.
    pub about: String,
    /// Accounts by name; vectors name them.
    #[serde(default)]
    pub accounts: IndexMap<String, Account>,
    /// The vectors.
    pub vectors: Vec<Vector>,
}

/// One case: what is given, what is expected, where that expectation comes from.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Kebab-case, unique in the file; never changes.
    pub name: String,
    /// Why this vector exists.
    pub comment: String,
    /// Where the expectation comes from.
    pub source: Provenance,
    /// Flags of the scheme.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Discrepancies that this vector shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discrepancies: Vec<String>,
    /// What the implementation is told.
    pub given: Given,
    /// The single thing that is wrong, where the vector ends in a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// What must come out.
    pub expect: Expect,
}

/// Where an expectation comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The kind of source.
    pub kind: ProvenanceKind,
    /// Document and place.
    pub place: String,
}

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ProvenanceKind {
    /// The source document.
    Documented,
    /// Another page of the vendor.
    VendorPage,
    /// An RFC or public test suite.
    Published,
    /// A published client does this.
    Observed,
    /// By this project.
    Generated,
}

/// The single thing that is wrong with a refused message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Full name of a vector that is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Before or after signing.
    #[serde(default, skip_serializing_if = "When::is_after")]
    pub when: When,
    /// What is changed.
    pub change: Change,
    /// Why another check refuses the message as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masked: Option<String>,
}

/// When a fault is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// The signer is given something else.
    BeforeSigning,
    /// The wire bytes, or what the server knows, are changed.
    #[default]
    AfterSigning,
}

impl When {
    /// Whether it is the default.
    pub fn is_after(&self) -> bool {
        *self == When::AfterSigning
    }
}

/// What permitted readings expect where they differ: `readings.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Readings(
    /// `<topic>/<name>` → reading → the part of the expectation that differs.
    pub IndexMap<String, IndexMap<String, Expect>>,
);
