//! Printing of nodes as plain data, with every option.

use super::definition::{Family, Opt, Written};
use super::node::{Arg, Check, Node, Pipeline};
use crate::primitive::time::TimeUnit;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// An option as plain data; `None` where it is not there.
fn value(arg: &Arg) -> Option<Value> {
    match arg {
        Arg::Absent => None,
        Arg::Flag(flag) => Some(json!(flag)),
        Arg::Count(count) => Some(json!(count)),
        Arg::Text(text) => Some(json!(text)),
        Arg::Bytes(bytes) => Some(json!(bytes)),
        Arg::Texts(texts) => Some(json!(texts)),
        Arg::Replacements(texts) => Some(json!(texts)),
        Arg::Pipeline(pipeline) => Some(pipeline.printed()),
        Arg::Window(pipeline, TimeUnit::Seconds) => Some(pipeline.printed()),
        Arg::Window(pipeline, unit) => Some(json!({ "of": pipeline.printed(), "unit": unit })),
        Arg::Pipelines(pipelines) => Some(Value::Array(pipelines.iter().map(Pipeline::printed).collect())),
        Arg::Fields(fields) => {
            Some(Value::Object(fields.iter().map(|(name, pipeline)| (name.clone(), pipeline.printed())).collect()))
        }
    }
}

impl<E: Family> Node<E> {
    /// Its options by name, as plain data: those that are there.
    pub fn options(&self) -> Map<String, Value> {
        let entry = |(option, arg): (&Opt, &Arg)| Some((option.name.to_owned(), value(arg)?));
        self.item.options.iter().zip(&self.args).filter_map(entry).collect()
    }

    /// The node as plain data.
    pub fn printed(&self) -> Value {
        let word = self.word();
        let entry = |(option, arg): (&Opt, &Arg)| Some((option.name.to_owned(), value(arg)?));
        let options = || self.item.options.iter().zip(&self.args);
        let own = self.item.own();
        let (key, below) = match self.item.written {
            _ if self.item.options.is_empty() => return json!(word),
            Written::Value => (word, value(self.first()).unwrap_or_default()),
            Written::Dotted => {
                let dotted = json!(format!("{word}.{}", self.first().text()));
                if options().skip(own).all(|(option, arg)| *arg == option.default.arg()) {
                    return dotted;
                }
                ("field", dotted)
            }
            Written::Options | Written::Short | Written::Map(_) => {
                (word, Value::Object(options().take(own).filter_map(entry).collect()))
            }
            Written::List(_) => {
                let values = self.args[..own].iter().flat_map(|arg| match arg {
                    Arg::Texts(texts) => texts.iter().map(|text| json!(text)).collect(),
                    arg => Vec::from_iter(value(arg)),
                });
                (word, values.collect())
            }
        };
        let beside = options().skip(own).filter_map(entry);
        Value::Object(std::iter::once((key.to_owned(), below)).chain(beside).collect())
    }
}

impl Pipeline {
    /// The pipeline as plain data: a list.
    pub fn printed(&self) -> Value {
        let source = std::iter::once(self.source.printed());
        Value::Array(source.chain(self.steps.iter().map(Node::printed)).collect())
    }
}

impl Check {
    /// The check as plain data: a map.
    pub fn printed(&self) -> Value {
        let mut printed = self.test.printed();
        if let Value::Object(map) = &mut printed {
            if self.optional {
                map.insert("optional".into(), json!(true));
            }
            map.insert("reject".into(), json!(self.reject));
            if let Value::Object(refusal) = json!(self.refusal) {
                map.extend(refusal);
            }
        }
        printed
    }
}

impl<E: Family> Serialize for Node<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.printed().serialize(serializer)
    }
}

impl Serialize for Pipeline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.printed().serialize(serializer)
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.printed().serialize(serializer)
    }
}
