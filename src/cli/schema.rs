//! `countersign schema`: the JSON Schemas of the files.

use super::{End, Failed, Outcome, print};
use crate::corpus;
use clap::Args;

/// Print the JSON Schemas of the files.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// One of them: vectors, statements, readings or scheme
    name: Option<String>,
}

impl Schema {
    pub(super) fn run(self) -> Outcome {
        let schemas = corpus::schemas();
        match self.name {
            None => {
                let all: serde_json::Map<_, _> =
                    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
                print(&format!("{:#}\n", serde_json::Value::Object(all)))?;
            }
            Some(name) => {
                let file = format!("{name}.schema.json");
                let found = schemas.iter().find(|(known, _)| *known == file);
                let (_, schema) = found.ok_or_else(|| {
                    Failed(format!("there is no schema `{name}`; there are vectors, statements, readings, scheme"))
                })?;
                print(&format!("{schema:#}\n"))?;
            }
        }
        Ok(End::Conforms)
    }
}
