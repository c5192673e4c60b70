//! Derived texts that are written into files: the mark of such a file, and JSON Schemas of types.

/// Beginning of the comment in each file that is machine-written; the command that writes it follows.
pub(crate) const MARK: &str = "Machine-written by `countersign";

/// Returns the comment in a file of `export`.
pub(crate) fn by_export() -> String {
    format!("{MARK} export`.")
}

/// Returns the JSON Schema of a type, as it is written: of draft 7, which every editor reads.
#[cfg(feature = "cli")]
pub(crate) fn schema<T: schemars::JsonSchema>() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft07();
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let serde_json::Value::Object(fields) = &mut schema {
        fields.shift_insert(0, "$comment".into(), by_export().into());
    }
    schema
}
