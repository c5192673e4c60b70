//! The corpus: vectors, statements and discrepancies as data.
//!
//! May use `scheme` for its model, never for its evaluation: an expectation cannot be computed here.

mod export;
mod files;
mod lint;
mod load;
mod model;
#[cfg(feature = "cli")]
mod schema;
mod statements;

#[cfg(feature = "cli")]
pub(crate) use export::MARK;
pub use export::{CORPUS_VERSION, readings_yaml, to_json, vectors_yaml};
#[cfg(feature = "cli")]
pub(crate) use files::DERIVED;
pub use files::{Files, Folder};
pub use lint::{Finding, lint};
pub use load::{Corpus, Entry, Topic, load, load_entry};
pub use model::*;
#[cfg(feature = "cli")]
pub(crate) use schema::schema;
#[cfg(feature = "cli")]
pub use schema::schemas;
pub use statements::{Discrepancy, DiscrepancyKind, SourceDocument, Statement, Statements};
