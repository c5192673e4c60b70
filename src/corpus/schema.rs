//! The JSON Schemas of the files of a corpus.

use super::export::Exported;
use super::model::{Readings, VectorFile};
use super::statements::Statements;
use crate::derived::schema;
use crate::scheme::Scheme;
use serde_json::Value;

/// JSON Schemas of the files: `(file name, schema)`.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("vectors.schema.json", schema::<VectorFile>()),
        ("statements.schema.json", schema::<Statements>()),
        ("readings.schema.json", schema::<Readings>()),
        ("scheme.schema.json", schema::<Scheme>()),
        ("corpus.schema.json", schema::<Exported<'_>>()),
    ]
}
