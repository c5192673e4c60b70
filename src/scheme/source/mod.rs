//! Sources: where a pipeline's first value comes from. A source is one entry in the table of one of these files.

mod given;
mod made;
mod message;

use super::item::{Family, Item};
use super::machine::Gives;

impl Family for Gives {
    const NAME: &'static str = "source";
    const TABLES: &'static [&'static [Item<Gives>]] = &[message::ITEMS, given::ITEMS, made::ITEMS];
}
