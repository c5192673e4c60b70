//! Wrong ways to read what arrives, for mutants alone: what frameworks and libraries do that are less strict.

use crate::primitive::percent::{self, Plus};
use crate::primitive::steps;
use crate::scheme::machine::value::{Failure, Field};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use serde::{Deserialize, Serialize};

/// A wrong way to read a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Misreading {
    /// A broken escape stands for itself.
    BrokenEscapes,
    /// `;` separates fields as `&` does.
    Semicolons,
    /// A value ends at its first zero byte.
    ZeroEnds,
    /// A form is read whatever the media type of the body.
    AnyTypeIsForm,
    /// Values of a header field that stands twice are joined by a comma.
    HeadersJoined,
    /// Of a JSON member that stands twice the first counts.
    FirstMember,
    /// Of a JSON member that stands twice the last counts.
    LastMember,
    /// A JSON member that is no text is taken as it is written.
    AnyTypeIsText,
    /// A header field is found under its name as the scheme spells it alone.
    HeadersExact,
    /// The body is empty where it is a form.
    FormConsumed,
    /// A `+` of the query stands for itself.
    PlusKeptInQuery,
    /// A `+` of a form stands for itself.
    PlusKeptInForm,
    /// Queries and forms are decoded before they are taken apart.
    DecodedFirst,
    /// The body is a form only where its media type has no parameter.
    ExactTypeIsForm,
    /// A message with an empty body is not looked at.
    EmptyPasses,
    /// A message with another method than POST is not looked at.
    AllButPostPass,
}

impl Misreading {
    /// The word for it in plain data.
    pub fn word(self) -> &'static str {
        match self {
            Misreading::BrokenEscapes => "broken-escapes",
            Misreading::Semicolons => "semicolons",
            Misreading::ZeroEnds => "zero-ends",
            Misreading::AnyTypeIsForm => "any-type-is-form",
            Misreading::HeadersJoined => "headers-joined",
            Misreading::FirstMember => "first-member",
            Misreading::LastMember => "last-member",
            Misreading::AnyTypeIsText => "any-type-is-text",
            Misreading::HeadersExact => "headers-exact",
            Misreading::FormConsumed => "form-consumed",
            Misreading::PlusKeptInQuery => "plus-kept-in-query",
            Misreading::PlusKeptInForm => "plus-kept-in-form",
            Misreading::DecodedFirst => "decoded-first",
            Misreading::ExactTypeIsForm => "exact-type-is-form",
            Misreading::EmptyPasses => "empty-passes",
            Misreading::AllButPostPass => "all-but-post-pass",
        }
    }

    /// Returns whether fields of queries and forms are read otherwise.
    pub(super) fn is_of_fields(self) -> bool {
        match self {
            Misreading::BrokenEscapes | Misreading::Semicolons | Misreading::ZeroEnds | Misreading::DecodedFirst => {
                true
            }
            Misreading::AnyTypeIsForm
            | Misreading::HeadersJoined
            | Misreading::FirstMember
            | Misreading::LastMember
            | Misreading::AnyTypeIsText
            | Misreading::HeadersExact
            | Misreading::FormConsumed
            | Misreading::PlusKeptInQuery
            | Misreading::PlusKeptInForm
            | Misreading::ExactTypeIsForm
            | Misreading::EmptyPasses
            | Misreading::AllButPostPass => false,
        }
    }

    /// Returns whether a message is accepted without a look at it.
    pub(super) fn passes(self, method: &[u8], body: &[u8]) -> bool {
        match self {
            Misreading::EmptyPasses => body.is_empty(),
            Misreading::AllButPostPass => method != b"POST",
            _ => false,
        }
    }

    /// Returns whether a JSON member may stand twice.
    pub(super) fn takes_members_twice(self) -> bool {
        self == Misreading::FirstMember || self == Misreading::LastMember
    }

    /// Fields of a raw query or form; `decoded` is how text without a broken escape is decoded.
    pub(super) fn fields<'a>(
        self,
        raw: &'a [u8],
        plus: Plus,
        decoded: impl Fn(&'a [u8]) -> Result<&'a [u8], Failure<'a>>,
        bump: &'a Bump,
    ) -> Result<&'a [Field<'a>], Failure<'a>> {
        steps::count(raw.len());
        if self == Misreading::DecodedFirst {
            let pieces = percent::pieces(decoded(raw)?).map(|(name, value)| Field::new(name, value));
            return Ok(Gathered::from_iter_in(pieces, bump).into_bump_slice());
        }
        let is_end = |byte: &u8| *byte == b'&' || self == Misreading::Semicolons && *byte == b';';
        let plain = |bytes: &'a [u8]| -> Result<&'a [u8], Failure<'a>> {
            if self != Misreading::BrokenEscapes {
                return decoded(bytes);
            }
            let mut plain = Gathered::with_capacity_in(bytes.len(), bump);
            percent::decode_leniently(bytes, plus, &mut plain);
            Ok(plain.into_bump_slice())
        };
        let end = |plain: &[u8]| match self {
            Misreading::ZeroEnds => plain.iter().position(|byte| *byte == 0).unwrap_or(plain.len()),
            _ => plain.len(),
        };
        let mut fields = Gathered::new_in(bump);
        for (name, value) in raw.split(is_end).flat_map(percent::pieces) {
            let value = value.map(plain).transpose()?;
            fields.push(Field::new(plain(name)?, value.map(|value| &value[..end(value)])));
        }
        Ok(fields.into_bump_slice())
    }
}

/// Values with a comma and a space between them.
pub(super) fn joined<'a>(values: impl Iterator<Item = &'a [u8]>, bump: &'a Bump) -> &'a [u8] {
    let mut joined = Gathered::new_in(bump);
    for (i, value) in values.enumerate() {
        joined.extend_from_slice_copy(if i > 0 { b", " } else { b"" });
        joined.extend_from_slice_copy(value);
    }
    joined.into_bump_slice()
}
