//! Inputs from a scheme's own structure: one trick upon a vector that is there, several changes upon
//! those, and simpler ones. Generation and fuzzing draw on them.

mod body;
mod change;
mod choices;
mod circumstances;
mod drawn;
mod input;
mod message;
mod shrink;
mod signing;
mod snippets;
mod wire;

pub(crate) use drawn::{Ability, Inputs};
pub(crate) use input::GENERATED;
pub use input::Input;
pub(crate) use shrink::{ROUNDS, size, smaller};

use crate::corpus::Entry;

/// Every input of a scheme with one trick, the simplest first.
pub fn tricks(entry: &Entry) -> Vec<Input> {
    signing::tricks(entry).into_iter().chain(message::tricks(entry)).collect()
}
