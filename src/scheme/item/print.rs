//! Printing of nodes as plain data, with every option.

use super::definition::{Family, Opt, Written};
use super::node::{Arg, Check, Node, Pipeline};
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
        Arg::Pipeline(pipeline) => Some(pipeline.printed()),
        Arg::Pipelines(pipelines) => Some(Value::Array(pipelines.iter().map(Pipeline::printed).collect())),
        Arg::Fields(fields) => {
            Some(Value::Object(fields.iter().map(|(name, pipeline)| (name.clone(), pipeline.printed())).collect()))
        }
    }
}

fn map<'a>(options: impl Iterator<Item = (&'a Opt, &'a Arg)>) -> Map<String, Value> {
    options.filter_map(|(option, arg)| Some((option.name.to_owned(), value(arg)?))).collect()
}

impl<E: Family> Node<E> {
    fn options(&self) -> impl Iterator<Item = (&Opt, &Arg)> {
        self.item.options.iter().zip(&self.args)
    }

    /// The word and what stands with it; then what stands beside it.
    fn entries(&self) -> (Value, Map<String, Value>) {
        match self.item.written {
            Written::Options | Written::Short => (Value::Object(map(self.options())), Map::new()),
            Written::Bare | Written::Dotted => (value(self.first()).unwrap_or_default(), Map::new()),
            Written::Map(n) => (Value::Object(map(self.options().take(n))), map(self.options().skip(n))),
            Written::Value => (value(self.first()).unwrap_or_default(), map(self.options().skip(1))),
            Written::List(n) => {
                let mut list = Vec::new();
                for arg in &self.args[..n] {
                    match arg {
                        Arg::Texts(texts) => list.extend(texts.iter().map(|text| json!(text))),
                        arg => list.extend(value(arg)),
                    }
                }
                (Value::Array(list), map(self.options().skip(n)))
            }
        }
    }

    /// The node as plain data.
    pub fn printed(&self) -> Value {
        let word = self.word();
        match self.item.written {
            _ if self.item.options.is_empty() => json!(word),
            Written::Bare if *self.first() == Arg::Absent => json!(word),
            Written::Dotted => {
                let dotted = format!("{word}.{}", self.first().text());
                let differs = |(option, arg): &(&Opt, &Arg)| **arg != option.default.arg();
                let further = map(self.options().skip(1).filter(differs));
                if further.is_empty() {
                    return json!(dotted);
                }
                let field = std::iter::once(("field".to_owned(), json!(dotted)));
                Value::Object(field.chain(further).collect())
            }
            _ => {
                let (own, beside) = self.entries();
                Value::Object(std::iter::once((word.to_owned(), own)).chain(beside).collect())
            }
        }
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
