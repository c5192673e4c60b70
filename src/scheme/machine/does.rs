//! What an item does: a function that the machine calls, of a kind that says which types it takes and gives.

use super::args::Args;
use super::code::{Destination, Type};
use super::eval::Machine;
use super::judge::{Judge, Judgement, Stop};
use super::out::Out;
use super::value::{Fault, Pair};
use super::view::View;
use crate::primitive::digest::Algorithm;

/// Cuts bytes: gives a piece of them.
pub type Cut = for<'a> fn(&'a Args, &'a [u8]) -> &'a [u8];
/// Writes what comes of bytes.
pub type Write = for<'a> fn(&'a Args, &[u8], &mut Out<'_, 'a>) -> Result<(), Fault<'a>>;
/// Writes what comes of a pair.
pub type WriteItem = for<'a> fn(&'a Args, &Pair<'a>, &mut Out<'_, 'a>);
/// Makes pairs or a list of such.
pub type Many = for<'a> fn(&'a Args, &mut Machine<'a>, &'a [Pair<'a>]) -> Result<&'a [Pair<'a>], Fault<'a>>;

/// What a step does.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// bytes -> bytes; over pairs and lists, each: a piece of what comes in. What is not there stays not there.
    Cut(Cut),
    /// The same, with a look at the message.
    CutBy(for<'a> fn(&View<'a>, &'a [u8]) -> &'a [u8]),
    /// bytes -> bytes; over pairs and lists, each.
    Write(Write),
    /// The same; the first function says whether what comes in stays as it is.
    WriteUnless(for<'a> fn(&'a Args, &[u8]) -> bool, Write),
    /// bytes -> bytes; over pairs, the values.
    WriteValue(Write),
    /// pairs -> pairs.
    Pairs(Many),
    /// pairs -> pairs; list -> list.
    Same(Many),
    /// pairs -> list.
    List(Many),
    /// pairs -> list: each pair, written.
    Item(WriteItem),
    /// list -> pairs.
    Assign(Many),
    /// pairs -> bytes: one of the values.
    Pick(for<'a> fn(&'a Args, &mut Machine<'a>, &'a [Pair<'a>]) -> Result<&'a [u8], Fault<'a>>),
    /// list -> bytes: the items, each written by a function, with bytes between.
    Join(for<'a> fn(&'a Args) -> &'a [u8]),
    /// bytes -> list.
    Split(for<'a> fn(&'a Args, &mut Machine<'a>, &'a [u8]) -> &'a [Pair<'a>]),
    /// bytes -> bytes, one-way: a digest.
    Digest(Algorithm),
    /// bytes -> bytes, one-way: an authentication code. The options are hash function, key and message, of
    /// which what comes in is the one that is not given.
    Mac,
}

/// What a source gives.
#[derive(Debug, Clone, Copy)]
pub struct Gives {
    /// Whose value it is.
    pub origin: Origin,
    /// The parts of the message that it reads.
    pub reads: &'static [Destination],
    /// The value.
    pub value: Supply,
}

/// Whose a value is; what a secret is follows from that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Of the message's address: no secret.
    Address,
    /// Of the message; it may be a secret itself, such as a token or a password.
    Message,
    /// Of the signer's circumstances or the server's settings, or fixed: no secret.
    Open,
    /// Of the account; a secret unless the account says that it is public.
    Account,
    /// Of other values.
    Others,
}

/// How a source gives its value.
#[derive(Debug, Clone, Copy)]
pub enum Supply {
    /// Bytes.
    Bytes(Load),
    /// Pairs.
    Pairs(LoadMany),
    /// The bytes that are its option.
    Constant,
    /// The parts that are its last option, with this between, or with its first option between.
    Parts(Option<&'static str>),
    /// A stage.
    Stage,
    /// A value that was received.
    Received,
    /// The first of several that is there.
    FirstOf,
    /// Bytes that need not be there.
    Optional,
    /// Pairs of several, in order.
    Merge,
    /// Pairs of the pipelines that are its option.
    Fields,
}

/// Loads bytes.
pub type Load = for<'a> fn(&'a Args, &mut Machine<'a>) -> Result<&'a [u8], Fault<'a>>;
/// Loads pairs.
pub type LoadMany = for<'a> fn(&'a Args, &mut Machine<'a>) -> Result<&'a [Pair<'a>], Fault<'a>>;

/// What a check tests.
#[derive(Debug, Clone, Copy)]
pub struct Tests {
    /// Whether it remembers accepted messages.
    pub remembers: bool,
    /// Whether its values are compared as credentials, which makes them secrets.
    pub compares: bool,
    /// The test.
    pub test: Test,
}

/// Tests a message.
pub type Test = for<'a> fn(&'a Args, &mut Judge<'a, '_>) -> Result<Judgement<'a>, Stop<'a>>;

impl Does {
    /// The type that comes of a type; `None` where the step does not take it.
    pub fn gives(self, takes: Type) -> Option<Type> {
        match self {
            Does::Cut(_)
            | Does::CutBy(_)
            | Does::Write(_)
            | Does::WriteUnless(..)
            | Does::WriteValue(_)
            | Does::Digest(_) => Some(takes),
            Does::Pairs(_) => (takes == Type::Pairs).then_some(Type::Pairs),
            Does::Same(_) => (takes != Type::Bytes).then_some(takes),
            Does::List(_) | Does::Item(_) => (takes == Type::Pairs).then_some(Type::List),
            Does::Assign(_) => (takes == Type::List).then_some(Type::Pairs),
            Does::Pick(_) => (takes == Type::Pairs).then_some(Type::Bytes),
            Does::Join(_) => (takes == Type::List).then_some(Type::Bytes),
            Does::Split(_) => (takes == Type::Bytes).then_some(Type::List),
            Does::Mac => (takes == Type::Bytes).then_some(Type::Bytes),
        }
    }

    /// What it takes and gives, in words.
    pub fn types(self) -> String {
        let each = matches!(self, Does::Mac) || self.gives(Type::Bytes) != Some(Type::Bytes);
        if !each {
            return "bytes -> bytes; over pairs and lists, each".to_owned();
        }
        let all = [Type::Bytes, Type::Pairs, Type::List];
        let arrow = |takes: Type| Some(format!("{} -> {}", takes.word(), self.gives(takes)?.word()));
        all.into_iter().filter_map(arrow).collect::<Vec<_>>().join("; ")
    }

    /// Whether a secret that goes in cannot be found from what comes out.
    pub fn hides(self) -> bool {
        match self {
            Does::Digest(_) | Does::Mac => true,
            Does::Cut(_)
            | Does::CutBy(_)
            | Does::Write(_)
            | Does::WriteUnless(..)
            | Does::WriteValue(_)
            | Does::Pairs(_)
            | Does::Same(_)
            | Does::List(_)
            | Does::Item(_)
            | Does::Assign(_)
            | Does::Pick(_)
            | Does::Join(_)
            | Does::Split(_) => false,
        }
    }
}

impl Gives {
    /// The type that it gives, in words.
    pub fn types(self) -> &'static str {
        match self.value {
            Supply::Bytes(_) | Supply::Constant | Supply::Parts(_) | Supply::Optional => "bytes",
            Supply::Pairs(_) | Supply::Merge | Supply::Fields => "pairs",
            Supply::Stage | Supply::Received | Supply::FirstOf => "what stands there",
        }
    }
}
