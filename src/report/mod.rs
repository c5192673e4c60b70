//! Renders what a run found; failures are data until here.

mod diagnosis;
mod diff;
mod fuzz;
#[cfg(feature = "cli")]
mod html;
#[cfg(feature = "cli")]
mod inferred;
mod json;
#[cfg(feature = "cli")]
mod junit;
mod mutants;
mod prose;
mod schemes;
mod text;
mod withheld;
mod words;

pub use crate::printable::COLUMNS;
pub use diagnosis::{diagnosis_json, diagnosis_text};
pub use diff::diff;
pub use fuzz::{Secrets, finding_text, fuzz_json, fuzz_text};
#[cfg(feature = "cli")]
pub use html::run_html;
#[cfg(feature = "cli")]
pub use inferred::{inference_json, inference_text};
pub use json::run_json;
#[cfg(feature = "cli")]
pub use junit::run_junit;
pub use mutants::{mutants_json, mutants_text};
#[cfg(feature = "cli")]
pub(crate) use prose::wrap;
pub use text::{check_text, test_text};
pub use withheld::withhold;
pub use words::Again;
