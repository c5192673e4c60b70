//! Renders what a run found; failures are data until here.

mod diff;
mod json;
mod mutants;
mod text;

pub use diff::diff;
pub use json::run_json;
pub use mutants::{mutants_json, mutants_text};
pub use text::{run_text, table};
