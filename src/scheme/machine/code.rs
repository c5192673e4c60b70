//! A compiled operation: names resolved to numbers, sets and templates prepared.
//!
//! What is chosen by kind has its kind in a byte of its own (`repr(u8)`): evaluation looks at nothing else
//! so often, and finding the kind among bytes that mean other things too takes several times as long.

use super::args::Args;
use super::does::{Cut, Load, LoadMany, Many, Origin, Test, Write, WriteItem};
use super::eval::Machine;
use super::judge::Judgement;
use super::value::{Fault, Pair};
use super::view::View;
use crate::primitive::digest::Algorithm;
use crate::primitive::percent::Plus;
use crate::primitive::time::TimeFormat;
use crate::scheme::item::Refusal;
use crate::scheme::reject::Class;
use std::sync::Arc;

/// Type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A byte string.
    Bytes,
    /// Names with optional values.
    Pairs,
    /// Byte strings.
    List,
}

/// A part of a message that holds fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Destination {
    /// Header fields.
    Header,
    /// Query fields, decoded.
    Query,
    /// Form fields, decoded.
    Form,
    /// Top-level string members of the JSON body.
    Json,
}

/// One operation of a scheme, ready to sign and verify.
#[derive(Debug, Clone)]
pub struct Program {
    /// Names of the credentials, and whether each is a list of addresses.
    pub(in crate::scheme) credentials: Arc<[(String, bool)]>,
    /// Names and defaults of the parameters.
    pub(in crate::scheme) parameters: Arc<[(String, Option<Vec<u8>>)]>,
    /// Number of bytes of its fixed texts.
    pub(in crate::scheme) fixed: usize,
    /// Number of HMAC keys that depend on the account alone.
    pub(in crate::scheme) keys: usize,
    pub(in crate::scheme) plus: Plus,
    /// Forms in which a time is received; it is written in the first.
    pub(in crate::scheme) forms: Vec<TimeFormat>,
    /// Whether derivation uses the received time written anew, and not its text.
    pub(in crate::scheme) written_anew: bool,
    pub(in crate::scheme) refuse: Refusal,
    pub(in crate::scheme) prepare: Vec<Arc<Placed>>,
    pub(in crate::scheme) bindings: Vec<Arc<Bind>>,
    /// Names and types of what is received.
    pub(in crate::scheme) received: Vec<(String, Type)>,
    pub(in crate::scheme) stages: Vec<Arc<Stage>>,
    /// Of each stage, whether one later stage takes it as it is, whatever the message, and nothing else does:
    /// then it is never held whole unless somebody asks for it.
    pub(in crate::scheme) passing: Vec<bool>,
    pub(in crate::scheme) place: Vec<Arc<Placed>>,
    pub(in crate::scheme) checks: Vec<Arc<Checked>>,
}

/// A stage and what takes its place when verifying.
#[derive(Debug)]
pub struct Stage {
    pub name: String,
    pub code: Code,
    /// The received value that takes its place.
    pub received: Option<usize>,
    pub ty: Type,
    /// The parts of the message that it reads, those of the stages that it uses included.
    pub reads: Vec<Destination>,
    /// The stages that it uses, once for each use.
    pub uses: Vec<usize>,
    /// Those of them that it takes whatever the message.
    pub takes: Vec<usize>,
}

/// A field that a signer adds.
#[derive(Debug)]
pub struct Placed {
    pub into: Destination,
    pub name: String,
    pub code: BytesCode,
    pub uses: Vec<usize>,
}

/// What a binding binds.
#[derive(Debug)]
pub enum Bound {
    Time,
    Nonce,
    Value(usize),
    Template { pieces: Vec<Piece>, caseless: bool, deviation: Option<String> },
}

/// A piece of a binding's template.
#[derive(Debug)]
pub enum Piece {
    Literal(Vec<u8>),
    Placeholder(usize),
}

/// A value that is taken out of a message.
#[derive(Debug)]
pub struct Bind {
    pub name: String,
    pub alternatives: Vec<Code>,
    pub bound: Bound,
}

/// A check.
#[derive(Debug)]
pub struct Checked {
    pub test: Test,
    pub args: Args,
    pub class: Class,
    pub refusal: Refusal,
    pub uses: Vec<usize>,
}

/// A compiled pipeline: of bytes, or of pairs or a list.
#[derive(Debug)]
#[repr(u8)]
pub enum Code {
    Bytes(BytesCode),
    Many(ManyCode),
}

/// A pipeline that gives bytes.
#[derive(Debug)]
pub struct BytesCode {
    pub start: Start,
    pub ops: Vec<BytesOp>,
}

/// Where bytes come from.
#[derive(Debug)]
#[repr(u8)]
pub enum Start {
    Load {
        load: Load,
        args: Args,
        origin: Origin,
    },
    Constant(Vec<u8>),
    /// An optional value that is not there.
    Nothing,
    Stage(usize),
    Received(usize),
    Parts {
        with: Vec<u8>,
        parts: Vec<BytesCode>,
    },
    FirstOf(Vec<BytesCode>),
    Optional(Box<BytesCode>),
    Digest {
        with: Algorithm,
        of: Box<BytesCode>,
    },
    Hmac(Box<Hmac>),
    Pick {
        pick: for<'a> fn(&'a Args, &mut Machine<'a>, &'a [Pair<'a>]) -> Result<&'a [u8], Fault<'a>>,
        args: Args,
        of: Box<ManyCode>,
    },
    Join {
        with: Vec<u8>,
        item: Option<(WriteItem, Args)>,
        of: Box<ManyCode>,
    },
}

/// A pipeline that gives pairs or a list.
#[derive(Debug)]
pub struct ManyCode {
    pub start: ManyStart,
    pub ops: Vec<ManyOp>,
}

/// Where pairs or a list come from.
#[derive(Debug)]
#[repr(u8)]
pub enum ManyStart {
    Load(LoadMany, Args),
    Stage(usize),
    Received(usize),
    FirstOf(Vec<ManyCode>),
    Merge(Vec<ManyCode>),
    Pairs(Vec<(Vec<u8>, BytesCode)>),
    Split { split: for<'a> fn(&'a Args, &mut Machine<'a>, &'a [u8]) -> &'a [Pair<'a>], args: Args, of: Box<BytesCode> },
}

/// An authentication code.
#[derive(Debug)]
pub struct Hmac {
    pub with: Algorithm,
    /// What comes before the step: the message, or the key.
    pub flow: BytesCode,
    /// The other one of the two.
    pub other: BytesCode,
    pub flow_is_key: bool,
    /// Where the key is kept, if it depends on the account alone.
    pub kept: Option<usize>,
}

/// A step from bytes to bytes.
#[derive(Debug)]
pub struct BytesOp {
    pub does: OnBytes,
    pub args: Args,
}

/// What a step from bytes to bytes does.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub enum OnBytes {
    Cut(Cut),
    CutBy(for<'a> fn(&View<'a>, &'a [u8]) -> &'a [u8]),
    Write(Write),
    WriteUnless(for<'a> fn(&'a Args, &[u8]) -> bool, Write),
    Digest(Algorithm),
}

/// A step from pairs or a list to such.
#[derive(Debug)]
pub struct ManyOp {
    pub does: OnMany,
    pub args: Args,
}

/// What a step from pairs or a list to such does.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub enum OnMany {
    Each(OnBytes, Side),
    Many(Many),
    Item(WriteItem),
}

/// The side of a pair that a step works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Names and values.
    Both,
    /// Names.
    Name,
    /// Values.
    Value,
}

impl Type {
    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Type::Bytes => "bytes",
            Type::Pairs => "pairs",
            Type::List => "a list",
        }
    }

    /// Its name alone.
    pub fn word(self) -> &'static str {
        self.name().trim_start_matches("a ")
    }
}

impl Destination {
    /// All of them.
    pub const ALL: [Destination; 4] = [Destination::Header, Destination::Query, Destination::Form, Destination::Json];

    /// The part of this word.
    pub fn of(word: &str) -> Option<Destination> {
        Destination::ALL.into_iter().find(|part| part.word() == word)
    }

    /// The word by which it is written.
    pub fn word(self) -> &'static str {
        match self {
            Destination::Header => "header",
            Destination::Query => "query",
            Destination::Form => "form",
            Destination::Json => "json",
        }
    }
}

impl Placed {
    /// The same field, which is not added.
    pub fn left_out(&self) -> Placed {
        let nothing = BytesCode { start: Start::Nothing, ops: Vec::new() };
        Placed { into: self.into, name: self.name.clone(), code: nothing, uses: Vec::new() }
    }
}

impl Checked {
    /// A check in the place of this one that every message passes.
    pub fn left_out(&self) -> Checked {
        let passes: Test = |_, _| Ok(Judgement::Pass);
        Checked {
            test: passes,
            args: Args::default(),
            class: self.class,
            refusal: self.refusal.clone(),
            uses: Vec::new(),
        }
    }
}

impl Program {
    /// Names of the stages, in the order of derivation.
    pub fn stage_names(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().map(|stage| stage.name.as_str())
    }

    /// Names of the stages whose value is bytes, in the order of derivation.
    pub fn byte_stages(&self) -> impl Iterator<Item = &str> {
        self.stages.iter().filter(|stage| stage.ty == Type::Bytes).map(|stage| stage.name.as_str())
    }
}
