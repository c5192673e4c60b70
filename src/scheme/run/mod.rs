//! Signing and verifying with a compiled operation.

mod receive;
mod sign;
mod verify;

pub use sign::{AddedField, KnownStages, SignError, SignInput};
pub use verify::{Decision, Denial, Knowledge, Outcome, Refused};
