//! Mutation operators: each one item with an id, the edit that it makes, a sentence that an
//! implementer understands, and the rows of the bug classes that it covers.
//!
//! An operator is added by one entry in the slice of its file.

mod address;
mod algorithm;
mod body;
mod check;
mod compared;
mod digest;
mod encode;
mod field;
mod fresh;
mod json;
mod key;
mod library;
mod memory;
mod operator;
mod order;
mod pair;
mod part;
mod receive;
mod sender;
mod separator;
mod step;

pub(super) use field::{signed_alone, spoken_of};
pub(super) use library::LETTERS_AND_DIGITS;
pub(super) use operator::Mutation;
pub use operator::Operator;

impl Operator {
    /// That of signing the fields alone that are known.
    pub(super) fn of_known_fields() -> Option<&'static Operator> {
        field::OPERATORS.iter().find(|own| own.id == "fixed-fields-signed")
    }

    /// Returns whether it is about a body whose bytes are not signed as they are.
    pub fn is_of_body(&self) -> bool {
        body::OPERATORS.iter().any(|own| own.id == self.id)
    }
}

/// All operators.
pub static OPERATORS: &[&[Operator]] = &[
    encode::OPERATORS,
    library::OPERATORS,
    order::OPERATORS,
    field::OPERATORS,
    part::OPERATORS,
    separator::OPERATORS,
    body::OPERATORS,
    address::OPERATORS,
    key::OPERATORS,
    digest::OPERATORS,
    pair::OPERATORS,
    algorithm::OPERATORS,
    receive::OPERATORS,
    check::OPERATORS,
    compared::OPERATORS,
    memory::OPERATORS,
    sender::OPERATORS,
    fresh::OPERATORS,
    json::OPERATORS,
    step::OPERATORS,
];
