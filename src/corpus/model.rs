//! The model of vector files and readings. What stands here is what the files may hold;
//! `vectors/README.md` tells the same for readers without Rust.

use crate::case::{Change, Expect, Given};
use crate::scheme::Account;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::fmt;

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
#[cfg_attr(feature = "cli", schemars(transform = may_be_like))]
pub struct Vector {
    /// Kebab-case, unique in the file; never changes.
    pub name: String,
    /// Reason why this vector exists.
    pub comment: String,
    /// Source of the expectation.
    pub source: Provenance,
    /// Level of the expectation, where it does not follow from the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Gain of an attacker where the refusal is missed, where it is more than its class tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gains: Option<String>,
    /// Reason why the vector is wrong; it is not run, and its name is not used again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawn>,
    /// Flags of the scheme.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// Discrepancies that this vector shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discrepancies: Vec<String>,
    /// Input that the implementation is told.
    pub given: Given,
    /// The single thing that is wrong, where the vector ends in a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
    /// Reason why the verifier of the scheme itself refuses what this vector signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Output that must come out.
    pub expect: Expect,
}

/// A vector as a file may have it: in place of what is given, the name of a vector that it is like, and what differs.
#[cfg(feature = "cli")]
fn may_be_like(schema: &mut schemars::Schema) {
    use serde_json::{Value, json};
    let Some(fields) = schema.as_object_mut() else { return };
    if let Some(Value::Array(required)) = fields.get_mut("required") {
        required.retain(|name| name != "given");
    }
    if let Some(Value::Object(properties)) = fields.get_mut("properties") {
        let like =
            "Full name of a vector of this scheme whose `given` this one has, with the fault and these changes made.";
        properties.insert("like".into(), json!({ "description": like, "type": "string" }));
        let changes = json!({ "description": "Changes of what is given there.", "type": "array", "items": { "$ref": "#/definitions/Change" } });
        properties.insert("changes".into(), changes);
    }
    let one = json!([{ "required": ["given"] }, { "required": ["like"] }]);
    fields.insert("oneOf".into(), one);
}

/// Weight of an expectation, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A document says so, or security hangs on it.
    #[default]
    Must,
    /// A document contradicts itself or another here, or a published client does so; whoever does otherwise has a reason.
    Should,
    /// No document says; this project has decided.
    Decision,
}

impl Level {
    /// All of them, the one on which most hangs first.
    pub const ALL: [Level; 3] = [Level::Must, Level::Should, Level::Decision];
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// Reason why a vector is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Withdrawn {
    /// The mistake in it.
    pub reason: String,
    /// Version of the corpus that withdrew it.
    pub since: String,
}

/// Source of an expectation.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// Change that is made.
    pub change: Change,
    /// Reason why another check refuses the message as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub masked: Option<String>,
}

/// Moment at which a fault is made.
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
    /// Returns whether it is the default.
    pub fn is_after(&self) -> bool {
        *self == When::AfterSigning
    }
}

/// Expectations of permitted readings where they differ: `readings.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Readings(
    /// `<topic>/<name>` → reading → the part of the expectation that differs.
    pub IndexMap<String, IndexMap<String, Expect>>,
);
