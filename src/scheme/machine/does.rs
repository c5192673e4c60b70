//! What steps and sources take and give, in types and in words.

use super::types::{Cut, CutBy, Does, Gives, OnBytes, Stays, Supply, Write};
use super::value::{Side, Type};
use crate::primitive::digest::Algorithm;

impl Does {
    /// Bytes to a piece of them.
    pub const fn cut(cut: Cut) -> Does {
        Does::Each(OnBytes::Cut(cut), Side::Both)
    }

    /// The same, with a look at the message.
    pub const fn cut_by(cut: CutBy) -> Does {
        Does::Each(OnBytes::CutBy(cut), Side::Both)
    }

    /// Bytes to what is written of them.
    pub const fn write(write: Write) -> Does {
        Does::Each(OnBytes::Write(write), Side::Both)
    }

    /// The same, unless they stay as they are.
    pub const fn write_unless(stays: Stays, write: Write) -> Does {
        Does::Each(OnBytes::WriteUnless(stays, write), Side::Both)
    }

    /// Bytes to their digest, which is one-way.
    pub const fn digest(with: Algorithm) -> Does {
        Does::Each(OnBytes::Digest(with), Side::Both)
    }

    /// The type that comes of a type; `None` where the step does not take it.
    pub fn gives(self, takes: Type) -> Option<Type> {
        let (due, gives) = match self {
            Does::Each(..) => return Some(takes),
            Does::Same(_) => return Some(takes).filter(|takes| *takes != Type::Bytes),
            Does::Pairs(_) => (Type::Pairs, Type::Pairs),
            Does::List(_) | Does::Names(_) | Does::Item(_) => (Type::Pairs, Type::List),
            Does::Assign(_) => (Type::List, Type::Pairs),
            Does::Pick(_) => (Type::Pairs, Type::Bytes),
            Does::Join => (Type::List, Type::Bytes),
            Does::Split(_) => (Type::Bytes, Type::List),
            Does::Members(_) => (Type::Bytes, Type::Pairs),
            Does::Mac | Does::Sign => (Type::Bytes, Type::Bytes),
        };
        (takes == due).then_some(gives)
    }

    /// Returns what it takes and gives, in words.
    pub fn types(self) -> String {
        if matches!(self, Does::Each(..)) {
            return "bytes -> bytes; over pairs and lists, each".to_owned();
        }
        let all = [Type::Bytes, Type::Pairs, Type::List];
        let arrow = |takes: Type| Some(format!("{} -> {}", takes.word(), self.gives(takes)?.word()));
        all.into_iter().filter_map(arrow).collect::<Vec<_>>().join("; ")
    }

    /// Returns whether a secret that goes in cannot be found from what comes out.
    pub fn hides(self) -> bool {
        match self {
            Does::Each(OnBytes::Digest(_), _) | Does::Mac | Does::Sign => true,
            Does::Each(OnBytes::Cut(_) | OnBytes::CutBy(_) | OnBytes::Write(_) | OnBytes::WriteUnless(..), _)
            | Does::Pairs(_)
            | Does::Same(_)
            | Does::List(_)
            | Does::Names(_)
            | Does::Item(_)
            | Does::Assign(_)
            | Does::Pick(_)
            | Does::Join
            | Does::Split(_)
            | Does::Members(_) => false,
        }
    }
}

impl Gives {
    /// The type that it gives, in words.
    pub fn types(self) -> &'static str {
        match self.value {
            Supply::Bytes(_) | Supply::Make(_) => "bytes",
            Supply::Pairs(_) => "pairs",
            Supply::Either(..) | Supply::Stage | Supply::Received => "what stands there",
        }
    }
}
