//! Renders what a run found; failures are data until here.

mod diagnosis;
mod diff;
mod json;
mod mutants;
mod text;

pub use diagnosis::{diagnosis_json, diagnosis_text};
pub use diff::diff;
pub use json::run_json;
pub use mutants::{mutants_json, mutants_text};
pub use text::{run_text, table};
