//! Steps: what a pipeline does with its value. A step is one entry in the table of one of these files.
//!
//! A step exists because a real scheme needs it; those of `wrong` are for mutants alone.

mod address;
mod cut;
mod encode;
mod fields;
mod hash;
mod json;
mod list;
mod rewritten;
mod structured;
mod text;
mod wrong;

use super::item::{Family, Item};
use super::machine::Does;

/// Steps of mutants, which no scheme file may use: wrong ways that real code went.
pub const MUTANT_STEPS: &[Item<Does>] = wrong::ITEMS;

impl Family for Does {
    const NAME: &'static str = "step";
    const TABLES: &'static [&'static [Item<Does>]] = &[
        hash::ITEMS,
        encode::ITEMS,
        cut::ITEMS,
        json::ITEMS,
        text::ITEMS,
        fields::ITEMS,
        list::ITEMS,
        structured::ITEMS,
    ];
    const WRONG: &'static [Item<Does>] = MUTANT_STEPS;
}
