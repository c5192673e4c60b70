//! Diagnosis: which plausible wrong implementation gives exactly what was observed.
//!
//! Data flows observations → answers of the scheme, its readings, mutants and pairs → behaviour
//! classes → evidence. May use `scheme`, `corpus`, `subject`, `mutation` and the verdicts of `runner`.

mod advice;
mod answer;
mod bench;
mod cause;
mod code;
mod covering;
mod diagnoser;
mod evidence;
mod foreign;
mod form;
#[cfg(feature = "runner")]
mod inferred;
#[cfg(feature = "runner")]
mod input;
mod mends;
mod model;
mod pairs;
mod questions;
mod rank;
mod request;
mod run;
mod search;

pub use advice::{mistake, place};
pub use cause::Cause;
pub use code::{RightCode, field, right_code};
pub use diagnoser::{Diagnoser, diagnose};
pub use foreign::{Foreign, KnownSigner, PlacedField, Undecided, VerifierSays};
pub use form::{Form, form};
#[cfg(feature = "runner")]
pub use inferred::{Inference, InferredScheme, infer};
#[cfg(feature = "runner")]
pub use input::{Unreadable, parse_request};
pub use mends::{FRAMEWORKS, frameworks};
pub use model::{
    Candidate, Conclusion, Diagnosis, Evidence, ExpectedStage, Explained, Explanation, MOST_PAIRS, Nearest,
    Observation, OtherReason, Part, Prediction, Seen, TellApart, Tried, Unexplained, Watch,
};
pub use run::{RunCause, RunDiagnosis};
