//! Items: what a step, a source or a check is, in one definition each.
//!
//! An item says by which word it is written, with which options and defaults, why it exists, where its rule
//! stands, and what it does. Reading, printing, type checks, masking, `explain` and the JSON Schema follow
//! from that and know no item by name.

mod code;
mod definition;
mod node;
mod print;
mod problem;
mod read;
#[cfg(feature = "cli")]
mod schema;

pub use code::{Coder, Expression, Kind, Language, WIDTH, pattern};
#[cfg(feature = "cli")]
pub use definition::distance;
pub(in crate::scheme) use definition::items;
pub use definition::{Family, Item, Opt, OptionKind, Preset, Written, suggestion};
pub use node::{Arg, Check, Node, Pipeline, Source, Step};
pub use problem::Problem;
pub(in crate::scheme) use problem::problem;
pub use read::{by_name, leaf, list};
