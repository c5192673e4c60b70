//! Sources: where a pipeline's first value comes from. Decoded from and printed to plain data.

use super::pipeline::Pipeline;
use crate::bytes::Bytes;
use crate::primitive::time::TimeFormat;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Source {
    /// The method, exactly as sent.
    Method,
    /// URI scheme.
    Scheme,
    /// Value of the `Host` header field.
    Host,
    /// Scheme, host and target.
    Url,
    /// Request target as on the wire.
    Target,
    /// Path, percent-decoded.
    Path,
    /// Path as on the wire.
    RawPath,
    /// Query as on the wire, without the `?`.
    RawQuery,
    /// Decoded query fields.
    Query,
    /// Decoded fields of a form body; none where the body is no form.
    Form,
    /// Parts of a multipart body; none where the body is not multipart.
    Multipart,
    /// Header fields in order.
    Headers,
    /// Body bytes.
    Body,
    /// The message's nonce or id.
    Nonce,
    /// The signed time: as received or in the first received form, or in a form of its own.
    Time(Option<TimeFormat>),
    /// A credential or attribute of the account.
    Credential(String),
    /// A parameter of the scheme.
    Parameter(String),
    /// A stage derived before.
    Stage(String),
    /// A value that `receive` bound.
    Received(String),
    /// One field of header, query, form or JSON body.
    Field(Field),
    /// Bytes that are always the same.
    Literal(Bytes),
    /// Parts one after the other.
    Concat(Vec<Pipeline>),
    /// Parts with a line feed between them.
    Lines(Vec<Pipeline>),
    /// Parts with a separator between them.
    Join {
        /// The separator.
        with: Bytes,
        /// The parts.
        parts: Vec<Pipeline>,
    },
    /// The first that is present.
    FirstOf(Vec<Pipeline>),
    /// The value, or nothing where it is absent.
    Optional(Box<Pipeline>),
    /// Fields of several sources, in order.
    Merge(Vec<Pipeline>),
    /// Fields made here.
    Pairs(IndexMap<String, Pipeline>),
}

/// One named field of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it stands.
    pub part: Part,
    /// Its name; header names compare without regard to case.
    pub name: String,
    /// What is done when it stands there more than once.
    pub repeated: Repeated,
}

/// A part of a message that has named fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Header fields.
    Header,
    /// Query fields, decoded.
    Query,
    /// Form fields, decoded.
    Form,
    /// Top-level members of the JSON body.
    Json,
}

/// What a field counts as when it occurs more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Repeated {
    /// The message is malformed.
    #[default]
    Refuse,
    /// The first counts.
    First,
    /// The last counts.
    Last,
}

/// Bare words, with the source each stands for.
static WORDS: [(&str, Source); 15] = [
    ("method", Source::Method),
    ("scheme", Source::Scheme),
    ("host", Source::Host),
    ("url", Source::Url),
    ("target", Source::Target),
    ("path", Source::Path),
    ("raw_path", Source::RawPath),
    ("raw_query", Source::RawQuery),
    ("query", Source::Query),
    ("form", Source::Form),
    ("multipart", Source::Multipart),
    ("headers", Source::Headers),
    ("body", Source::Body),
    ("nonce", Source::Nonce),
    ("time", Source::Time(None)),
];

const PARTS: [(&str, Part); 4] =
    [("header", Part::Header), ("query", Part::Query), ("form", Part::Form), ("json", Part::Json)];

/// Sources written as a map of one key.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Map {
    Text(String),
    Hex(String),
    Time(TimeFormat),
    Field(String),
    Concat(Vec<Pipeline>),
    Lines(Vec<Pipeline>),
    Join(JoinOptions),
    FirstOf(Vec<Pipeline>),
    Optional(Box<Pipeline>),
    Merge(Vec<Pipeline>),
    Pairs(IndexMap<String, Pipeline>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinOptions {
    with: Bytes,
    parts: Vec<Pipeline>,
}

/// A field together with what a repetition means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldOptions {
    field: String,
    repeated: Repeated,
}

impl Source {
    /// A source written as a bare word.
    fn word(word: &str) -> Result<Source, String> {
        if let Some((_, source)) = WORDS.iter().find(|(w, _)| *w == word) {
            return Ok(source.clone());
        }
        let (space, name) = word.split_once('.').unwrap_or((word, ""));
        let name_of =
            || if name.is_empty() { Err(format!("`{word}` lacks a name after the dot")) } else { Ok(name.to_owned()) };
        match space {
            "credential" => Ok(Source::Credential(name_of()?)),
            "parameter" => Ok(Source::Parameter(name_of()?)),
            "stage" => Ok(Source::Stage(name_of()?)),
            "received" => Ok(Source::Received(name_of()?)),
            _ => match PARTS.iter().find(|(p, _)| *p == space) {
                Some(&(_, part)) => Ok(Source::Field(Field { part, name: name_of()?, repeated: Repeated::Refuse })),
                None => Err(format!("unknown source `{word}`; {}", Source::vocabulary())),
            },
        }
    }

    fn vocabulary() -> String {
        let words: Vec<_> = WORDS.iter().map(|(w, _)| *w).collect();
        format!(
            "sources are {}, credential.X, parameter.X, stage.X, received.X, header.X, query.X, form.X, json.X; \
             fixed text is written {{text: \"…\"}}",
            words.join(", ")
        )
    }

    fn field(word: &str, repeated: Repeated) -> Result<Source, String> {
        match Source::word(word)? {
            Source::Field(field) => Ok(Source::Field(Field { repeated, ..field })),
            _ => Err(format!("`{word}` is not a field; a field is header.X, query.X, form.X or json.X")),
        }
    }
}

impl TryFrom<Value> for Source {
    type Error = String;

    fn try_from(value: Value) -> Result<Source, String> {
        match value {
            Value::String(word) => Source::word(&word),
            Value::Object(ref map) if map.contains_key("repeated") => {
                let options: FieldOptions = serde_json::from_value(value).map_err(|e| e.to_string())?;
                Source::field(&options.field, options.repeated)
            }
            Value::Object(_) => match serde_json::from_value(value).map_err(|e| e.to_string())? {
                Map::Text(text) => Ok(Source::Literal(Bytes(text.into_bytes()))),
                Map::Hex(hex) => {
                    serde_json::from_value(json!({ "hex": hex })).map(Source::Literal).map_err(|e| e.to_string())
                }
                Map::Time(format) => Ok(Source::Time(Some(format))),
                Map::Field(word) => Source::field(&word, Repeated::Refuse),
                Map::Concat(parts) => Ok(Source::Concat(parts)),
                Map::Lines(parts) => Ok(Source::Lines(parts)),
                Map::Join(JoinOptions { with, parts }) => Ok(Source::Join { with, parts }),
                Map::FirstOf(parts) => Ok(Source::FirstOf(parts)),
                Map::Optional(part) => Ok(Source::Optional(part)),
                Map::Merge(parts) => Ok(Source::Merge(parts)),
                Map::Pairs(pairs) => Ok(Source::Pairs(pairs)),
            },
            other => Err(format!("`{other}` is not a source; {}", Source::vocabulary())),
        }
    }
}

impl From<Source> for Value {
    fn from(source: Source) -> Value {
        if let Some((word, _)) = WORDS.iter().find(|(_, s)| *s == source) {
            return json!(word);
        }
        match source {
            Source::Credential(name) => json!(format!("credential.{name}")),
            Source::Parameter(name) => json!(format!("parameter.{name}")),
            Source::Stage(name) => json!(format!("stage.{name}")),
            Source::Received(name) => json!(format!("received.{name}")),
            Source::Field(Field { part, name, repeated }) => {
                let space = PARTS.iter().find(|(_, p)| *p == part).map_or("", |(word, _)| word);
                let word = format!("{space}.{name}");
                match repeated {
                    Repeated::Refuse => json!(word),
                    _ => json!({ "field": word, "repeated": repeated }),
                }
            }
            Source::Literal(bytes) => match String::from_utf8(bytes.0) {
                Ok(text) => json!({ "text": text }),
                Err(e) => json!(Bytes(e.into_bytes())),
            },
            Source::Time(format) => json!({ "time": format }),
            Source::Concat(parts) => json!({ "concat": parts }),
            Source::Lines(parts) => json!({ "lines": parts }),
            Source::Join { with, parts } => json!({ "join": { "with": with, "parts": parts } }),
            Source::FirstOf(parts) => json!({ "first-of": parts }),
            Source::Optional(part) => json!({ "optional": part }),
            Source::Merge(parts) => json!({ "merge": parts }),
            Source::Pairs(pairs) => json!({ "pairs": pairs }),
            word => unreachable!("{word:?} is in the list of words"),
        }
    }
}
