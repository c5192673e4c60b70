//! Steps: what a pipeline does with its value. A step is one item in one of these files and one line here.
//!
//! A step exists because a real scheme needs it; those of `wrong` are for mutants alone.

mod cut;
mod encode;
mod fields;
mod hash;
mod list;
mod text;
mod wrong;

use super::item::{Family, StepItem};
use super::machine::Does;

/// All steps that a scheme may use.
pub static STEPS: &[&StepItem] = &[
    &hash::MD5,
    &hash::SHA1,
    &hash::SHA224,
    &hash::SHA256,
    &hash::SHA384,
    &hash::SHA512,
    &hash::HMAC,
    &encode::HEX,
    &encode::HEX_DECODE,
    &encode::BASE64,
    &encode::BASE64_DECODE,
    &encode::PERCENT_ENCODE,
    &encode::PERCENT_DECODE,
    &cut::TRUNCATE,
    &cut::STRIP_PREFIX,
    &cut::TRIM,
    &cut::UNQUOTE,
    &cut::DROP_DEFAULT_PORT,
    &text::LOWER,
    &text::UPPER,
    &text::COLLAPSE_SPACE,
    &text::NORMALIZE_PATH,
    &text::PREFIX_UNLESS_EMPTY,
    &fields::EXCEPT,
    &fields::ONLY,
    &fields::ONLY_PREFIX,
    &fields::EXCEPT_EMPTY,
    &fields::SORT,
    &fields::GROUP,
    &list::FIRST,
    &list::ALL,
    &list::NAMES,
    &list::PAIR,
    &list::JOIN,
    &list::SPLIT,
    &list::ASSIGN,
];

/// Steps of mutants, which no scheme file may use: wrong ways that real code went.
pub static MUTANT_STEPS: &[&StepItem] = wrong::STEPS;

impl Family for Does {
    const NAME: &'static str = "step";

    fn items() -> impl Iterator<Item = &'static StepItem> {
        STEPS.iter().chain(MUTANT_STEPS).copied()
    }

    fn wrong() -> &'static [&'static StepItem] {
        MUTANT_STEPS
    }
}
