//! What steps and sources take and give, in types and in words.

use super::types::{Does, Gives, Supply};
use super::value::Type;

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
