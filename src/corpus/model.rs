//! The model of vector files and readings. What stands here is what the files may hold;
//! `vectors/README.md` tells the same for readers without Rust.

use super::request::{MeantRequest, Time, WireRequest};
use crate::bytes::Bytes;
use crate::scheme::{Account, Class, Parameters, Reply};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A file of vectors: one topic of one scheme.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The kind of source.
    pub kind: ProvenanceKind,
    /// Document and place.
    pub place: String,
}

/// A kind of source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// What the implementation is told: exactly one of `sign` and `verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Operation of the scheme.
    pub operation: String,
    /// Variant of the scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Something to sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign: Option<SignGiven>,
    /// Something to verify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<VerifyGiven>,
}

/// What a signer is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignGiven {
    /// The signer's account, by name.
    pub account: String,
    /// Parameters that the signer chose.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: Parameters,
    /// The signer's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// A nonce or message id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Bytes>,
    /// What the caller means.
    pub request: MeantRequest,
}

/// What a server is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyGiven {
    /// The accounts that the server knows, by name.
    pub accounts: Vec<String>,
    /// What the server has configured.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: Parameters,
    /// Messages in order; state starts empty.
    pub steps: Vec<Step>,
}

/// One message that arrives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The server's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Time>,
    /// Where the message comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub client_address: Option<IpAddr>,
    /// What is on the wire.
    pub request: WireRequest,
}

/// What must come out: of signing, stages; of verifying, results.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Stages, byte for byte, in the order of derivation.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, Bytes>,
    /// Parts of the signed request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_request: Option<SignedRequest>,
    /// One result a step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<ExpectedResult>,
}

/// Parts of a signed request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedRequest {
    /// Scheme, host and target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Bytes>,
    /// Path and query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Bytes>,
    /// Header fields that stand there exactly once with these values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(Bytes, Bytes)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Bytes>,
}

/// How one step must end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedResult {
    /// Accepted or refused.
    pub outcome: Outcome,
    /// Why it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<Class>,
    /// HTTP status, where a document gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Code of the API, where a document gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Message text, where a document gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether the sender is told.
    #[serde(default, skip_serializing_if = "Reply::is_error")]
    pub reply: Reply,
    /// Stages of an accepted message.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub stages: IndexMap<String, Bytes>,
}

/// Accepted or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The message is accepted.
    Accept,
    /// The message is refused.
    Reject,
}

/// The single thing that is wrong with a refused message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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

/// One change; the table in `vectors/README.md` says what each does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the table in vectors/README.md says what each does")]
pub enum Change {
    SetMethod(Bytes),
    SetTarget(Bytes),
    SetHeader(Bytes, Bytes),
    AddHeader(Bytes, Bytes),
    RemoveHeader(Bytes),
    RenameHeader(Bytes, Bytes),
    SetQuery(Bytes, Bytes),
    AddQuery(Bytes, Bytes),
    RemoveQuery(Bytes),
    SetForm(Bytes, Bytes),
    AddForm(Bytes, Bytes),
    RemoveForm(Bytes),
    SetJson(String, String),
    RemoveJson(String),
    SetBody(Bytes),
    SetTime(Time),
    SetNow(Time),
    SetClientAddress(#[schemars(with = "String")] IpAddr),
    SetParameter(String, Bytes),
    SetCredential(String, Bytes),
    SetAccount(String, String, Bytes),
    ForgetAccount(String),
    SetVariant(String),
    State(String),
    AsPrinted(String),
}

/// What permitted readings expect where they differ: `readings.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Readings(
    /// `<topic>/<name>` → reading → the part of the expectation that differs.
    pub IndexMap<String, IndexMap<String, Expect>>,
);
