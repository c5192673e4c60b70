//! The model of `statements.yaml`: what a source document says, and where it is in doubt.

use super::model::ProvenanceKind;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Statements of a source document: `statements.yaml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// Person or body that answers for what stands here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steward: Option<Steward>,
    /// The source document.
    pub document: SourceDocument,
    /// Origins of vectors that are not of this project, by the kind of their source.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub origins: IndexMap<ProvenanceKind, Origin>,
    /// Its normative sentences.
    pub statements: Vec<Statement>,
    /// Its contradictions and gaps, by id.
    #[serde(default)]
    pub discrepancies: IndexMap<String, Discrepancy>,
}

/// Person or body that answers for a scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Steward {
    /// Whoever publishes the document.
    Vendor,
    /// Contributors of this project, from what is published.
    Community,
}

/// Origin of the vectors of one kind of source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Document, test suite or code.
    pub from: String,
    /// Under which licence or notice it stands; in words where none is stated.
    pub licence: String,
}

/// A source document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SourceDocument {
    /// Its title.
    pub title: String,
    /// Publisher of the document.
    pub publisher: String,
    /// Address at which it is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Day on which it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<String>,
    /// Edition that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edition: Option<String>,
    /// Further remark for a reader.
    pub note: String,
}

/// A normative sentence of a source document, paraphrased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Kebab-case, unique in the file.
    pub id: String,
    /// Place in the document.
    pub place: String,
    /// Paraphrase of the statement.
    pub says: String,
    /// Full names of vectors that cover it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<String>,
    /// Reason why no vector can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A place where a source document contradicts itself, another source, or arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Discrepancy {
    /// Kind of place.
    pub kind: DiscrepancyKind,
    /// Place in the document.
    pub place: String,
    /// Contradiction or gap that is found there.
    pub finds: String,
    /// Decision that was taken.
    pub decision: String,
    /// Reason why no vector can show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Kinds of discrepancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DiscrepancyKind {
    /// The document contradicts itself.
    SelfContradiction,
    /// It contradicts another source.
    OtherSource,
    /// It contradicts arithmetic.
    Arithmetic,
    /// It does not say.
    Unspecified,
    /// An example is not well formed.
    MalformedExample,
}
