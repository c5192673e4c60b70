//! One model of a message for vector files, the protocol and subjects: what is given, what is answered,
//! what is expected, and how the last two are compared.
//!
//! May use `scheme` for its model, never for its evaluation.

mod answer;
mod change;
mod compare;
mod difference;
mod expect;
mod given;

pub use answer::{Judgement, Reply, Signed};
pub use change::Change;
pub use compare::compare;
pub(crate) use compare::compare_results;
pub use difference::{AnswerPart, Compared, Difference, FailureKind, RequestPart};
pub use expect::{Ending, Expect, ExpectedResult, SignedRequest};
pub use given::{Case, Given, Message, SignTask, Task, Time, VerifyTask};
