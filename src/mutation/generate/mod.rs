//! Generation: the simplest inputs that kill survivors, raise margins and tell mutants apart.
//!
//! Candidates are tried in a fixed order, the simplest first, and bounded by their number, so that
//! the same scheme and vectors give the same result everywhere.

mod candidate;
mod message;
mod search;
mod sign;

pub use candidate::Candidate;
pub use search::{Found, Generated, candidates, generate};
