//! The corpus: vectors, statements and discrepancies as data.
//!
//! May use `scheme` for its model, never for its evaluation: an expectation cannot be computed here.

mod block;
mod export;
mod files;
mod level;
mod like;
mod lint;
mod load;
mod model;
#[cfg(feature = "cli")]
mod schema;
mod statements;

pub use export::{CORPUS_VERSION, json_text, readings_yaml, to_json, vectors_yaml};
#[cfg(feature = "cli")]
pub(crate) use files::DERIVED;
pub use files::{Files, Folder};
pub use level::gains;
pub use lint::lint;
pub use load::{Corpus, Entry, Topic, load, load_entry, load_scheme};
pub use model::*;
#[cfg(feature = "cli")]
pub use schema::schemas;
pub use statements::{Discrepancy, DiscrepancyKind, Origin, SourceDocument, Statement, Statements, Steward};
