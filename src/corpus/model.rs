//! The model of vector files, statements and readings. What stands here is what the files may hold;
//! `vectors/README.md` tells the same for readers without Rust.

use crate::bytes::Bytes;
use crate::primitive::time::Instant;
use crate::request::{Intent, Request, Target};
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

/// A request as its caller means it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, try_from = "RawMeantRequest")]
pub struct MeantRequest {
    /// Method.
    pub method: Bytes,
    /// URI scheme; `https` unless given.
    pub scheme: Bytes,
    /// Host, with the port where there is one.
    pub host: Bytes,
    /// Path, before any encoding; with `query`, or `target` stands instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<Bytes>,
    /// Query fields in the caller's order, before any encoding.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<Pair>,
    /// The request target, exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Bytes>,
    /// Header fields in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(Bytes, Bytes)>,
    /// Body bytes.
    pub body: Bytes,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RawMeantRequest {
    method: Bytes,
    #[serde(default = "https")]
    scheme: Bytes,
    host: Bytes,
    path: Option<Bytes>,
    #[serde(default)]
    query: Vec<Pair>,
    target: Option<Bytes>,
    #[serde(default)]
    headers: Vec<(Bytes, Bytes)>,
    #[serde(default)]
    body: Bytes,
}

fn https() -> Bytes {
    Bytes::from("https")
}

impl TryFrom<RawMeantRequest> for MeantRequest {
    type Error = String;

    fn try_from(raw: RawMeantRequest) -> Result<Self, String> {
        let RawMeantRequest { method, scheme, host, path, query, target, headers, body } = raw;
        match (&path, &target) {
            (Some(_), Some(_)) => return Err("a request to sign has `path` (and `query`) or `target`, not both".into()),
            (None, None) => return Err("a request to sign lacks `path` or `target`".into()),
            (None, Some(_)) if !query.is_empty() => {
                return Err("beside `target` there is no `query`: it is in the target".into());
            }
            _ => {}
        }
        Ok(MeantRequest { method, scheme, host, path, query, target, headers, body })
    }
}

impl MeantRequest {
    /// The same as exact bytes.
    pub fn intent(&self) -> Intent {
        let target = match &self.target {
            Some(target) => Target::Exact(target.0.clone()),
            None => Target::Meant {
                path: self.path.clone().unwrap_or_default().0,
                query: self.query.iter().map(|p| (p.0.0.clone(), p.1.as_ref().map(|v| v.0.clone()))).collect(),
            },
        };
        Intent {
            method: self.method.0.clone(),
            scheme: self.scheme.0.clone(),
            host: self.host.0.clone(),
            target,
            headers: exact(&self.headers),
            body: self.body.0.clone(),
        }
    }
}

fn exact(headers: &[(Bytes, Bytes)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    headers.iter().map(|(name, value)| (name.0.clone(), value.0.clone())).collect()
}

/// A request as it is on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireRequest {
    /// Method.
    pub method: Bytes,
    /// URI scheme; `https` unless given.
    #[serde(default = "https")]
    pub scheme: Bytes,
    /// Path and query, as sent.
    pub target: Bytes,
    /// Header fields in order.
    #[serde(default)]
    pub headers: Vec<(Bytes, Bytes)>,
    /// Body bytes.
    #[serde(default)]
    pub body: Bytes,
}

impl WireRequest {
    /// The same as exact bytes.
    pub fn request(&self) -> Request {
        Request {
            method: self.method.0.clone(),
            scheme: self.scheme.0.clone(),
            target: self.target.0.clone(),
            headers: exact(&self.headers),
            body: self.body.0.clone(),
        }
    }
}

impl From<&Request> for WireRequest {
    fn from(request: &Request) -> Self {
        WireRequest {
            method: Bytes(request.method.clone()),
            scheme: Bytes(request.scheme.clone()),
            target: Bytes(request.target.clone()),
            headers: request.headers.iter().map(|(n, v)| (Bytes(n.clone()), Bytes(v.clone()))).collect(),
            body: Bytes(request.body.clone()),
        }
    }
}

/// `[name]` or `[name, value]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Vec<Bytes>", into = "Vec<Bytes>")]
#[schemars(with = "Vec<Bytes>")]
pub struct Pair(pub Bytes, pub Option<Bytes>);

impl TryFrom<Vec<Bytes>> for Pair {
    type Error = String;

    fn try_from(mut items: Vec<Bytes>) -> Result<Self, String> {
        let value = if items.len() == 2 { items.pop() } else { None };
        match (items.pop(), items.is_empty()) {
            (Some(name), true) => Ok(Pair(name, value)),
            _ => Err("a pair is [name] or [name, value]".into()),
        }
    }
}

impl From<Pair> for Vec<Bytes> {
    fn from(pair: Pair) -> Self {
        std::iter::once(pair.0).chain(pair.1).collect()
    }
}

/// An instant as vectors write it: RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Time {
    text: String,
    instant: Instant,
}

impl Time {
    /// The instant.
    pub fn instant(&self) -> Instant {
        self.instant
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if !text.ends_with('Z') {
            return Err(format!("`{text}` is no time in UTC; write RFC 3339 with a `Z` at its end"));
        }
        let instant = Instant::parse(&text).map_err(|e| e.to_string())?;
        Ok(Time { text, instant })
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.text
    }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// What a source document says: `statements.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statements {
    /// The source document.
    pub document: SourceDocument,
    /// Its normative sentences.
    pub statements: Vec<Statement>,
    /// Its contradictions and gaps, by id.
    #[serde(default)]
    pub discrepancies: IndexMap<String, Discrepancy>,
}

/// A source document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceDocument {
    /// Its title.
    pub title: String,
    /// Who publishes it.
    pub publisher: String,
    /// What else a reader should know of it.
    pub note: String,
}

/// A normative sentence of a source document, paraphrased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Kebab-case, unique in the file.
    pub id: String,
    /// Where it stands.
    pub place: String,
    /// What it says.
    pub says: String,
    /// Full names of vectors that cover it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vectors: Vec<String>,
    /// Why no vector can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A place where a source document contradicts itself, another source, or arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Discrepancy {
    /// What kind of place.
    pub kind: DiscrepancyKind,
    /// Where it is.
    pub place: String,
    /// What is found there.
    pub finds: String,
    /// What was decided.
    pub decision: String,
    /// Why no vector can show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Kinds of discrepancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// What permitted readings expect where they differ: `readings.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Readings(
    /// `<topic>/<name>` → reading → the part of the expectation that differs.
    pub IndexMap<String, IndexMap<String, Expect>>,
);
