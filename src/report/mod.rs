//! Renders what a run found; failures are data until here.

mod diagnosis;
mod diff;
mod fuzz;
mod json;
#[cfg(feature = "cli")]
mod junit;
mod mutants;
mod test;
mod text;

pub use diagnosis::{diagnosis_json, diagnosis_text};
pub use diff::diff;
pub use fuzz::{fuzz_json, fuzz_text};
pub use json::run_json;
#[cfg(feature = "cli")]
pub use junit::run_junit;
pub use mutants::{mutants_json, mutants_text};
pub use test::{test_json, test_text};
use text::verdict_says;
pub use text::{run_text, table};
