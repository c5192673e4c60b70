//! Diagnosis: which plausible wrong implementation gives exactly what was observed.
//!
//! Data flows observations → answers of the scheme, its readings, mutants and pairs → behaviour
//! classes → evidence. May use `scheme`, `corpus`, `subject`, `mutation` and the verdicts of `runner`.

mod advice;
mod answer;
mod bench;
mod cause;
mod curl;
mod diagnoser;
mod evidence;
mod foreign;
mod form;
mod http;
mod model;
mod pairs;
mod parse;
mod rank;
mod run;
mod search;
mod words;

pub use advice::mistake;
pub use cause::Cause;
pub use diagnoser::{Diagnoser, diagnose};
pub use foreign::{Foreign, Judged, Known, PlacedField};
pub use form::{Form, form};
pub use model::{
    Candidate, Conclusion, Diagnosis, Evidence, Explained, Explanation, MOST_PAIRS, Observation, Part, Prediction,
    Seen, TellApart, Tried, Watch,
};
pub use parse::{Unreadable, parse_request};
pub use run::{RunCause, explain_run};
