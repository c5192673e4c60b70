//! The machine on which compiled schemes run: a message as it is seen, values, compiled pipelines and checks,
//! and their evaluation. It knows no step, source or check by name: each brings a function of its own.

mod args;
mod code;
mod does;
mod eval;
mod hash;
mod judge;
mod out;
mod prepare;
mod state;
mod types;
mod value;
mod view;

pub use args::{NameSet, folded};
pub use eval::Scratch;
pub use judge::{Mask, equal, whole_number};
pub use out::{Hashed, Out, Showing};
pub use prepare::{PrepareError, network};
pub use state::{State, Trace};
pub use types::*;
pub(super) use value::malformed;
pub use value::{
    Absence, Destination, Detail, Failure, Field, Held, Side, TemplatePiece, Type, Value, VerifyError, Why, absent,
};
pub use view::{Misreading, Original, Repeated, json_text};
