//! `countersign schema`: the JSON Schemas of the files and of the protocol.

use super::{End, Failed, Outcome, json_text, print};
use crate::{corpus, subject};
use clap::Args;

/// Print the JSON Schemas of the files and of the protocol.
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// One of them: vectors, statements, readings, scheme; of the protocol message, hello, reply
    name: Option<String>,
}

impl Schema {
    pub(super) fn run(self) -> Outcome {
        let schemas: Vec<_> = corpus::schemas().into_iter().chain(subject::schemas()).collect();
        match self.name {
            None => {
                let all: serde_json::Map<_, _> =
                    schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
                print(&json_text(&serde_json::Value::Object(all)))?;
            }
            Some(name) => {
                let file = format!("{name}.schema.json");
                let found = schemas.iter().find(|(known, _)| *known == file);
                let (_, schema) = found.ok_or_else(|| {
                    let known: Vec<&str> =
                        schemas.iter().filter_map(|(file, _)| file.strip_suffix(".schema.json")).collect();
                    Failed(format!("there is no schema `{name}`; there are {}", known.join(", ")))
                })?;
                print(&json_text(schema))?;
            }
        }
        Ok(End::Conforms)
    }
}
