//! Checks: the steps of verification. A check is one item in one of these files and one line here.

mod memory;
mod time;
mod value;

use super::item::{CheckItem, Family};
use super::machine::Tests;

/// All checks.
pub static CHECKS: &[&CheckItem] = &[
    &value::PRESENT,
    &value::ACCOUNT,
    &value::EQUAL,
    &value::ANY_EQUAL,
    &value::ONE_OF,
    &value::MATCHES,
    &value::INCLUDES,
    &time::FRESH,
    &time::UNTIL,
    &value::AT_MOST,
    &memory::UNIQUE,
    &memory::SAME,
    &memory::RATE,
    &value::ADDRESS,
    &value::UNDER,
];

impl Family for Tests {
    const NAME: &'static str = "check";

    fn items() -> impl Iterator<Item = &'static CheckItem> {
        CHECKS.iter().copied()
    }
}
