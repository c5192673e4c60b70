//! Subjects: the implementation under test, be it the built-in reference or another one.
//!
//! May use `scheme` and `case`; never sees an expectation.

mod connection;
mod masked;
#[cfg(feature = "runner")]
mod process;
mod protocol;
#[cfg(feature = "runner")]
mod server;

pub use connection::{Breach, Conduct, Connection, Delivery, InProcess, Symptom, Unusable, interrupt, is_interrupted};
pub(crate) use masked::{MASK, masked, masked_by};
#[cfg(feature = "cli")]
pub(crate) use process::adopt_orphans;
#[cfg(feature = "runner")]
#[doc(hidden)]
pub use process::read_line;
#[cfg(feature = "runner")]
pub use process::{Limits, Process, end_all};
#[cfg(feature = "cli")]
pub use protocol::schemas;
pub use protocol::{CAPABILITIES, Call, Hello, Op, PROTOCOL, Response};
#[cfg(feature = "runner")]
pub use server::{Address, BadAddress, Pace, Rules, Server};

use crate::case::{Case, Reply};
use crate::trial::Reference;

/// An implementation under test.
pub trait Subject {
    /// Answers one case; cases do not depend on each other.
    fn answer(&mut self, case: &Case) -> Reply;
}

impl Subject for Reference<'_> {
    fn answer(&mut self, case: &Case) -> Reply {
        Reference::answer(self, case)
    }
}
