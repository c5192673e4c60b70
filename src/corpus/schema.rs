//! The JSON Schemas of the files of a corpus.

use super::export::{Exported, by_export};
use super::model::{Readings, VectorFile};
use super::statements::Statements;
use crate::scheme::Scheme;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
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

/// The JSON Schema of a type, as it is written: of draft 7, which every editor reads.
pub(crate) fn schema<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value();
    if let Value::Object(fields) = &mut schema {
        fields.shift_insert(0, "$comment".into(), by_export().into());
    }
    schema
}
