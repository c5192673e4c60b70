//! Diagnosis: which plausible wrong implementation gives exactly what was observed.
//!
//! Data flows observations → answers of the scheme, its readings, mutants and pairs → behaviour
//! classes → evidence. May use `scheme`, `corpus`, `subject`, `mutation` and the verdicts of `runner`.

mod advice;
mod answer;
mod bench;
mod cause;
mod diagnoser;
mod evidence;
mod foreign;
mod form;
#[cfg(feature = "runner")]
mod input;
mod model;
mod pairs;
mod rank;
mod run;
mod search;

pub use advice::mistake;
pub use cause::Cause;
pub use diagnoser::{Diagnoser, diagnose};
pub use foreign::{Foreign, KnownSigner, PlacedField, Undecided, VerifierSays};
pub use form::{Form, form};
#[cfg(feature = "runner")]
pub use input::{Unreadable, parse_request};
pub use model::{
    Candidate, Conclusion, Diagnosis, Evidence, Explained, Explanation, MOST_PAIRS, Observation, Part, Prediction,
    Seen, TellApart, Tried, Watch,
};
pub use run::{RunCause, explain_run};
