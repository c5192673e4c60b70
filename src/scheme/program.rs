//! A compiled operation: names resolved to numbers, sets and templates prepared.
//!
//! What is chosen by kind has its kind in a byte of its own (`repr(u8)`): evaluation looks at nothing else
//! so often, and finding the kind among bytes that mean other things too takes several times as long.

use super::check::Per;
use super::deviation::Deviation;
use super::model::{CredentialKind, Keep, Parameter, Refusal};
use super::reject::Class;
use super::sign::Destination;
use super::source::Repeated;
use super::step::{Side, SortKey};
use crate::primitive::digest::Algorithm;
use crate::primitive::encoding::Base64;
use crate::primitive::percent::{HexCase, KeepSet, Plus};
use crate::primitive::text::Syntax;
use crate::primitive::time::TimeFormat;
use ipnet::IpNet;

/// One operation of a scheme, ready to sign and verify.
#[derive(Debug)]
pub struct Program {
    pub(super) credentials: Vec<(String, CredentialKind)>,
    pub(super) parameters: Vec<(String, Parameter)>,
    /// How many keys of HMAC depend on the account alone.
    pub(super) keys: usize,
    pub(super) plus: Plus,
    pub(super) forms: Vec<TimeFormat>,
    pub(super) keep: Keep,
    pub(super) refuse: Refusal,
    pub(super) prepare: Vec<Placed>,
    pub(super) bindings: Vec<Bind>,
    pub(super) received: usize,
    pub(super) stages: Vec<Stage>,
    pub(super) place: Vec<Placed>,
    pub(super) checks: Vec<Checked>,
}

/// A stage and what takes its place when verifying.
#[derive(Debug)]
pub(super) struct Stage {
    pub name: String,
    pub code: Code,
    /// The received value that takes its place.
    pub received: Option<usize>,
    /// Whether one later stage takes it as it is, whatever the message, and nothing else does: then it
    /// is never held whole unless somebody asks for it.
    pub passing: bool,
}

/// A field that a signer adds.
#[derive(Debug)]
pub(super) struct Placed {
    pub into: Destination,
    pub name: String,
    pub code: BytesCode,
}

/// What a binding binds.
#[derive(Debug)]
pub(super) enum Bound {
    Time,
    Nonce,
    Value(usize),
    Template { pieces: Vec<Piece>, caseless: bool, deviation: Option<Deviation> },
}

/// A piece of a binding's template.
#[derive(Debug)]
pub(super) enum Piece {
    Literal(Vec<u8>),
    Placeholder(usize),
}

#[derive(Debug)]
pub(super) struct Bind {
    pub name: String,
    pub alternatives: Vec<Code>,
    pub bound: Bound,
}

#[derive(Debug)]
pub(super) struct Checked {
    pub test: TestCode,
    pub deviation: Option<Deviation>,
    pub class: Class,
    pub refusal: Refusal,
}

#[derive(Debug)]
#[repr(u8)]
pub(super) enum TestCode {
    Present(BytesCode),
    Account(Vec<(usize, BytesCode)>),
    Equal { left: BytesCode, right: BytesCode, caseless: bool },
    AnyEqual { list: ManyCode, value: BytesCode },
    OneOf { value: BytesCode, allowed: Vec<Vec<u8>> },
    Matches { value: BytesCode, syntax: Syntax },
    Includes { list: ManyCode, item: Vec<u8> },
    Fresh { within: Option<BytesCode>, lasting: Option<BytesCode> },
    Until,
    AtMost { value: BytesCode, limit: u64 },
    Unique(BytesCode),
    Same { key: BytesCode, value: BytesCode },
    Rate { limit: BytesCode, per: Per, by: BytesCode },
    Address(AddressList),
    Under { url: BytesCode, base: BytesCode },
}

#[derive(Debug)]
pub(super) enum AddressList {
    Credential(usize),
    Listed(Vec<IpNet>),
}

/// A compiled pipeline: of bytes, or of pairs or a list.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum Code {
    Bytes(BytesCode),
    Many(ManyCode),
}

/// A pipeline that gives bytes.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum BytesCode {
    Load(Load),
    Constant(Vec<u8>),
    Stage(usize),
    Received(usize),
    Parts { with: Vec<u8>, parts: Vec<BytesCode> },
    FirstOf(Vec<BytesCode>),
    Optional(Box<BytesCode>),
    Step { op: BytesOp, of: Box<BytesCode> },
    Digest { with: Algorithm, of: Box<BytesCode> },
    Hmac(Box<Hmac>),
    Fold { op: Fold, of: Box<ManyCode> },
}

/// A pipeline that gives pairs or a list.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum ManyCode {
    Query,
    Form,
    Multipart,
    Headers,
    Stage(usize),
    Received(usize),
    FirstOf(Vec<ManyCode>),
    Merge(Vec<ManyCode>),
    Pairs(Vec<(Vec<u8>, BytesCode)>),
    Split { at: Vec<u8>, of: Box<BytesCode> },
    Step { op: ManyOp, of: Box<ManyCode> },
}

/// One value of the message, of the signer or of the server.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum Load {
    Method,
    Scheme,
    Host,
    Url,
    Target,
    Path,
    RawPath,
    RawQuery,
    Body,
    Nonce,
    Time(Option<TimeFormat>),
    Credential(usize),
    Parameter(usize),
    Header { name: Vec<u8>, repeated: Repeated },
    QueryField { name: Vec<u8>, repeated: Repeated },
    FormField { name: Vec<u8>, repeated: Repeated },
    JsonField { name: String },
}

/// An authentication code.
#[derive(Debug)]
pub(super) struct Hmac {
    pub with: Algorithm,
    /// What comes before the step: the message, or the key.
    pub flow: BytesCode,
    /// The other one of the two.
    pub other: BytesCode,
    pub flow_is_key: bool,
    /// Where the key is kept, if it depends on the account alone.
    pub kept: Option<usize>,
}

/// A step from pairs or a list to bytes.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum Fold {
    First(Vec<u8>),
    Join(Vec<u8>),
    /// `pair`, then `join`.
    JoinPairs {
        template: PairTemplate,
        with: Vec<u8>,
    },
}

/// A step from pairs or a list to such.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum ManyOp {
    Each(BytesOp, Side),
    Filter(Filter),
    Sort { by: Vec<SortKey>, order: Order },
    Group(Vec<u8>),
    All(Vec<u8>),
    Names,
    Pair(PairTemplate),
    Assign(Vec<u8>),
}

/// How a pair is written.
#[derive(Debug, Clone)]
pub(super) struct PairTemplate {
    pub with_value: Vec<TemplatePiece>,
    pub valueless: Vec<TemplatePiece>,
}

/// A step from bytes to bytes, or on each name and value.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum BytesOp {
    Digest(Algorithm),
    Hex(HexCase),
    HexDecode,
    Base64(Base64),
    Base64Decode(Base64),
    Truncate(usize),
    PercentEncode { keep: Box<KeepSet>, case: HexCase, plus: bool },
    PercentDecode(Plus),
    Lower,
    Upper,
    Trim,
    CollapseSpace,
    Unquote,
    NormalizePath,
    StripPrefix(Vec<u8>),
    PrefixUnlessEmpty(Vec<u8>),
    DropDefaultPort,
    AnyBase64Decode,
    DeviantPercentEncode { keep: Box<KeepSet>, how: Deviation },
    Latin1,
    Nfc,
    DropLeadingZeros,
    DropDigitZeros,
    Replace(Vec<u8>, Vec<u8>),
    CutAtEquals,
    Append(Vec<u8>),
}

/// How names and values are compared when sorting; all but the first two are deviations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Bytes,
    Caseless,
    Utf16,
    Descending,
    Natural,
}

/// Which pairs stay.
#[derive(Debug)]
#[repr(u8)]
pub(super) enum Filter {
    Except(NameSet),
    Only(NameSet),
    OnlyPrefix(Vec<u8>),
    ExceptEmpty(NameSet),
    KeepFirst,
    KeepLast,
    DropEmpty,
    DropValueless,
}

#[derive(Debug)]
pub(super) struct NameSet {
    pub names: Vec<Vec<u8>>,
    pub from: Option<Box<ManyCode>>,
    pub caseless: bool,
    pub by_prefix: bool,
}

/// A piece of a pair's template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum TemplatePiece {
    Literal(Vec<u8>),
    Name,
    Value,
}

impl Program {
    /// Names of the stages, in the order of derivation.
    pub fn stage_names(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().map(|stage| stage.name.as_str())
    }

    /// Names of the stages whose value is bytes, in the order of derivation.
    pub fn byte_stages(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().filter(|stage| matches!(stage.code, Code::Bytes(_))).map(|stage| stage.name.as_str())
    }
}
