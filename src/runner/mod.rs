//! Runs a subject over vectors and compares what it answers with what is expected.
//!
//! Here corpus and evaluation meet.

mod carry;
mod exposed;
mod known;
mod plan;
mod rekey;
mod run;
mod sent;
mod verdict;

pub(crate) use carry::with_other_stages;
pub use known::{Divergence, Known, NO_REASON};
pub use plan::{Asked, Filter, Under};
pub use rekey::{Rekeyed, rekey};
pub use run::{CaseResult, Run, SchemeRun, check, test};
pub use verdict::Verdict;
