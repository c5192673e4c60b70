//! What a machine runs and what it runs on: a compiled operation, what items do, and the state of an evaluation.
//!
//! These types speak of one another, so they stand in one file; what is done with them stands beside it. What is
//! chosen by kind has its kind in a byte of its own (`repr(u8)`): evaluation looks at nothing else so often, and
//! finding the kind among bytes that mean other things too takes several times as long.

use super::out::{Limit, Out, Showing};
use super::state::{State, Trace};
use super::value::{Destination, Detail, Failure, Field, Held, Side, TemplatePiece, Type, Value, VerifyError};
use super::view::{Misreading, View};
use crate::primitive::digest::{Algorithm, Key};
use crate::primitive::key_pair::{PairKind, PrivateKey, PublicKey, SignatureAlgorithm};
use crate::primitive::percent::{KeepSet, Plus};
use crate::primitive::time::{Instant, TimeFormat};
use crate::request::Request;
use crate::scheme::reject::{Class, Refusal};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use ipnet::IpNet;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// One operation of a scheme, ready to sign and verify.
#[derive(Debug, Clone)]
pub struct Program {
    /// Names of the values of an account, and what each is.
    pub(in crate::scheme) credentials: Arc<[(String, Held)]>,
    /// Tells whether an empty secret is a secret.
    pub(in crate::scheme) careless: bool,
    /// Names and defaults of the parameters.
    pub(in crate::scheme) parameters: Arc<[(String, Option<Vec<u8>>)]>,
    /// Number of bytes of its fixed texts.
    pub(in crate::scheme) fixed: usize,
    /// Number of HMAC keys that depend on the account alone.
    pub(in crate::scheme) keys: usize,
    pub(in crate::scheme) plus: Plus,
    /// Wrong way to read the wire, of mutants alone.
    pub(in crate::scheme) misreading: Option<Misreading>,
    /// Forms in which a time is received; it is written in the first.
    pub(in crate::scheme) forms: Vec<TimeFormat>,
    /// Tells whether derivation uses the received time written anew, and not its text.
    pub(in crate::scheme) written_anew: bool,
    pub(in crate::scheme) refuse: Arc<Refusal>,
    pub(in crate::scheme) prepare: Vec<Arc<Placed>>,
    pub(in crate::scheme) bindings: Vec<Arc<Bind>>,
    /// Names and types of what is received.
    pub(in crate::scheme) received: Vec<(String, Type)>,
    pub(in crate::scheme) stages: Vec<Arc<Stage>>,
    /// Of each stage, whether one later stage alone takes it, as it is, whatever the message: it is not held whole.
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
    /// Tells whether it is of a signature that is made, and not received.
    pub signs: bool,
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

/// Target of a binding.
#[derive(Debug)]
pub enum Bound {
    Time,
    Nonce,
    /// A value, and the forms in which it is a time.
    Value(usize, Vec<TimeFormat>),
    Template {
        pieces: Vec<Piece>,
        caseless: bool,
        deviation: Option<String>,
    },
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
    pub optional: bool,
    pub takes_any_text: bool,
}

/// A check.
#[derive(Debug)]
pub struct Checked {
    pub test: Test,
    pub args: Args,
    /// Passes where its first value is absent.
    pub optional: bool,
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

/// A compiled pipeline of one kind: where it starts, and its steps.
#[derive(Debug)]
pub struct Piped<S, D> {
    pub start: S,
    pub ops: Vec<CompiledStep<D>>,
}

/// A step with its options.
#[derive(Debug)]
pub struct CompiledStep<D> {
    pub does: D,
    pub args: Args,
}

/// A pipeline that gives bytes.
pub type BytesCode = Piped<Start, OnBytes>;
/// A pipeline that gives pairs or a list.
pub type ManyCode = Piped<ManyStart, OnMany>;

/// Start of a pipeline that gives bytes.
#[derive(Debug)]
#[repr(u8)]
pub enum Start {
    Load {
        load: Load,
        args: Args,
        origin: Whose,
    },
    Make {
        make: Make,
        args: Args,
    },
    /// An optional value that is not there.
    Nothing,
    Stage(usize),
    Received(usize),
    Digest {
        with: Algorithm,
        of: Box<BytesCode>,
    },
    Hmac(Box<Hmac>),
    /// A signature; the options are algorithm, key and form.
    Sign {
        args: Args,
        of: Box<BytesCode>,
    },
    Pick {
        pick: Pick,
        args: Args,
        of: Box<ManyCode>,
    },
    Join {
        with: Args,
        item: Option<(WriteItems, Args)>,
        of: Box<ManyCode>,
    },
}

/// Start of a pipeline that gives pairs or a list.
#[derive(Debug)]
#[repr(u8)]
pub enum ManyStart {
    Load(LoadMany, Args),
    Stage(usize),
    Received(usize),
    Split { split: Split, args: Args, of: Box<BytesCode> },
}

/// An authentication code.
#[derive(Debug)]
pub struct Hmac {
    pub with: Algorithm,
    /// Pipeline before the step: the message, or the key.
    pub flow: BytesCode,
    /// The other one of the two.
    pub other: BytesCode,
    pub flow_is_key: bool,
    /// Place where the key is kept, if it depends on the account alone.
    pub kept: Option<usize>,
}

/// Effect of a step from bytes to bytes.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub enum OnBytes {
    /// Gives a piece of what comes in. What is not there stays not there.
    Cut(Cut),
    /// The same, with a look at the message.
    CutBy(CutBy),
    /// Writes what comes of it.
    Write(Write),
    /// The same; the first function says whether what comes in stays as it is.
    WriteUnless(Stays, Write),
    /// Hashes it.
    Digest(Algorithm),
}

/// Effect of a step from pairs or a list to such.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub enum OnMany {
    Each(OnBytes, Side),
    Many(Many),
    Item(WriteItems),
}

/// Options of one item, in its order. Each is of the kind that the item says, so that asking for another one is
/// a mistake of the item.
#[derive(Debug, Default)]
pub struct Args(pub Box<[Ready]>);

/// One option.
#[derive(Debug)]
pub enum Ready {
    /// Not given.
    Absent,
    /// A flag.
    Flag(bool),
    /// A whole number.
    Count(u64),
    /// Bytes or text.
    Bytes(Vec<u8>),
    /// Texts.
    Texts(Vec<Vec<u8>>),
    /// Texts, each with what takes its place.
    Replacements(Vec<(Vec<u8>, Vec<u8>)>),
    /// The number of a word among those that the option may be.
    Word(usize),
    /// Numbers of words.
    Words(Vec<usize>),
    /// A wrong way to do it.
    Deviation(String),
    /// Bytes that stay.
    Keep(Box<KeepSet>),
    /// Template of a pair.
    Template(Vec<TemplatePiece>),
    /// A hash function.
    Digest(Algorithm),
    /// A signature algorithm.
    Signature(SignatureAlgorithm),
    /// The number of a half of a pair of this kind.
    Key(usize, PairKind),
    /// A form of a time.
    Form(TimeFormat),
    /// A pipeline of bytes.
    Code(Box<BytesCode>),
    /// A received time: `time`, or the number of a received value.
    ReceivedTime(Option<usize>),
    /// A length of time.
    Window(TimeWindow),
    /// A pipeline of pairs or a list.
    Many(Box<ManyCode>),
    /// Pipelines of bytes.
    Codes(Vec<BytesCode>),
    /// Pipelines of pairs, or of lists.
    Manys(Type, Vec<ManyCode>),
    /// Pipelines of bytes by name.
    Fields(Vec<(Vec<u8>, BytesCode)>),
    /// The number of a credential or parameter.
    Number(usize),
    /// Pipelines by the number of a credential.
    Credentials(Vec<(usize, BytesCode)>),
    /// Addresses.
    Networks(Vec<IpNet>),
}

/// A length of time: a whole number of units.
#[derive(Debug)]
pub struct TimeWindow {
    pub code: Box<BytesCode>,
    /// Nanoseconds of the unit.
    pub unit: i128,
    /// Tells whether the message says how long, and not the server.
    pub arrives: bool,
}

/// Cuts bytes: gives a piece of them.
pub type Cut = for<'a> fn(&'a Args, &'a [u8]) -> &'a [u8];
/// The same, with a look at the message.
pub type CutBy = for<'a> fn(&View<'a>, &'a [u8]) -> &'a [u8];
/// Tells whether bytes stay as they are.
pub type Stays = for<'a> fn(&'a Args, &[u8]) -> bool;
/// Writes what comes of bytes.
pub type Write = for<'a> fn(&'a Args, &[u8], &mut Out<'_, 'a>) -> Result<(), Failure<'a>>;
/// Writes what comes of pairs, with bytes between.
pub type WriteItems = for<'a> fn(&'a Args, &[Field<'a>], &[u8], &mut Out<'_, 'a>);
/// Makes pairs or a list of such.
pub type Many = for<'a> fn(&'a Args, &mut Machine<'a>, &'a [Field<'a>]) -> Result<&'a [Field<'a>], Failure<'a>>;
/// Picks one value of pairs.
pub type Pick = for<'a> fn(&'a Args, &mut Machine<'a>, &'a [Field<'a>]) -> Result<&'a [u8], Failure<'a>>;
/// Makes pairs or a list of bytes.
pub type Split = for<'a> fn(&'a Args, &mut Machine<'a>, &'a [u8]) -> Result<&'a [Field<'a>], Failure<'a>>;

/// Effect of a step.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// bytes -> bytes; over lists, each; over pairs, both sides or the values.
    Each(OnBytes, Side),
    /// pairs -> pairs.
    Pairs(Many),
    /// pairs -> pairs; list -> list.
    Same(Many),
    /// pairs -> list.
    List(Many),
    /// Pairs to the list of their names.
    Names(Many),
    /// pairs -> list: each pair, written.
    Item(WriteItems),
    /// list -> pairs.
    Assign(Many),
    /// pairs -> bytes: one of the values.
    Pick(Pick),
    /// list -> bytes: the items, each written by a function, with bytes between.
    Join,
    /// bytes -> list.
    Split(Split),
    /// bytes -> pairs.
    Members(Split),
    /// bytes -> bytes, one-way: an authentication code. The options are hash function, key and message, of
    /// which what comes in is the one that is not given.
    Mac,
    /// bytes -> bytes, one-way: a signature. The options are algorithm, key and form.
    Sign,
}

/// Value of a source, with its origin.
#[derive(Debug, Clone, Copy)]
pub struct Gives {
    /// Whose value it is.
    pub origin: Whose,
    /// The parts of the message that it reads.
    pub reads: &'static [Destination],
    /// The value.
    pub value: Supply,
}

/// Whose a value is; what a secret is follows from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Of the message's address: no secret.
    Address,
    /// Of the message; it may be a secret itself, such as a token or a password.
    Arrival,
    /// Of the signer's circumstances or the server's settings: no secret.
    Open,
    /// Of the account; a secret unless the account says that it is public.
    Account,
    /// Fixed by the scheme.
    Fixed,
    /// Of other values.
    Others,
}

/// Way in which a source gives its value.
#[derive(Debug, Clone, Copy)]
pub enum Supply {
    /// Bytes.
    Bytes(Load),
    /// Bytes that are written part by part; every part is taken, whatever the message.
    Make(Make),
    /// Pairs.
    Pairs(LoadMany),
    /// Bytes, pairs or a list: what its first option, which is pipelines, gives.
    Either(Load, LoadMany),
    /// A stage.
    Stage,
    /// A value that was received.
    Received,
}

/// Loads bytes.
pub type Load = for<'a> fn(&'a Args, &mut Machine<'a>) -> Result<&'a [u8], Failure<'a>>;
/// Writes bytes.
pub type Make = for<'a> fn(&'a Args, &mut Machine<'a>, &mut Out<'_, 'a>) -> Result<(), Failure<'a>>;
/// Loads pairs or a list.
pub type LoadMany = for<'a> fn(&'a Args, &mut Machine<'a>) -> Result<&'a [Field<'a>], Failure<'a>>;

/// Test of a check.
#[derive(Debug, Clone, Copy)]
pub struct Tests {
    /// Tells whether it remembers accepted messages.
    pub remembers: bool,
    /// Tells whether its values are compared as credentials, which makes them secrets.
    pub compares: bool,
    /// The test.
    pub test: Test,
}

/// Tells whether a message passes.
pub type Test = for<'a> fn(&'a Args, &mut Judge<'a, '_>) -> Result<bool, Stop<'a>>;

/// Context in which a pipeline is evaluated.
pub struct Machine<'a> {
    pub program: &'a Program,
    pub view: View<'a>,
    pub account: Option<&'a PreparedAccount>,
    pub parameters: &'a PreparedParameters,
    pub time: Option<Instant>,
    /// The time as received, where derivation uses that.
    pub time_text: Option<&'a [u8]>,
    /// The time as it was written last.
    pub written: Option<(&'a TimeFormat, &'a [u8])>,
    pub nonce: Option<&'a [u8]>,
    pub showing: Showing<'a>,
    pub stages: &'a mut [Option<Value<'a>>],
    pub received: &'a mut [Option<Value<'a>>],
    pub bump: &'a Bump,
    pub feeds: &'a mut Vec<Vec<u8>>,
    /// Length that no derived value exceeds.
    pub limit: &'a Limit<'a>,
}

/// An account with its values in the order of the program.
pub struct PreparedAccount {
    pub(in crate::scheme) values: Vec<Option<Zeroizing<Vec<u8>>>>,
    /// Halves of pairs, by their numbers.
    pub(in crate::scheme) private: Vec<(usize, PrivateKey)>,
    pub(in crate::scheme) public: Vec<(usize, PublicKey)>,
    pub(in crate::scheme) addresses: Vec<Vec<IpNet>>,
    /// Keys of HMAC that depend on the account alone, prepared at their first use.
    pub(in crate::scheme) keys: Vec<OnceLock<Key>>,
    /// Number of bytes of its values.
    pub(in crate::scheme) size: usize,
}

/// Parameters in the order of the program, defaults filled in.
#[derive(Debug)]
pub struct PreparedParameters {
    pub(in crate::scheme) values: Vec<Option<Vec<u8>>>,
    /// Number of bytes of them all.
    pub(in crate::scheme) size: usize,
}

/// A message on the wire, and its circumstances.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The request as it arrived.
    pub request: &'a Request,
    /// The server's clock.
    pub now: Option<Instant>,
    /// Address of the sender.
    pub client_address: Option<IpAddr>,
}

/// Reason why a message does not pass.
pub enum Stop<'a> {
    /// It fails the check.
    Failed(Detail<'a>),
    /// A value cannot be had.
    Failure(Failure<'a>),
    /// The message cannot be judged.
    Error(VerifyError),
}

/// Context in which a check is evaluated.
pub struct Judge<'a, 's> {
    pub machine: &'s mut Machine<'a>,
    pub accounts: &'a [PreparedAccount],
    pub message: Arrival<'a>,
    pub state: &'s mut State,
    /// The number of the check.
    pub check: usize,
    /// The algorithm that the message names, where a mutant goes by that.
    pub named: Option<&'a [u8]>,
    /// Traces that the message leaves with each check, should it be accepted.
    pub traces: Gathered<'a, (usize, Trace<'a>)>,
}
