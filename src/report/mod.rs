//! Renders what a run found; failures are data until here.

mod diff;
mod json;
mod text;

pub use diff::diff;
pub use json::run_json;
pub use text::{run_text, table};
