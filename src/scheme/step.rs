//! Steps: what a pipeline does with its value. Decoded from and printed to plain data.
//!
//! A step stands as a bare word (`md5`), with its one main option (`percent-encode: unreserved`), or
//! with all of them (`sort: {by: [name], caseless: true}`); it prints with all of them. The table of
//! steps, with types, reasons and examples, is in `step_table`.

use super::deviation::Deviation;
use super::mutant_steps::MUTANT_STEPS;
use super::pipeline::Pipeline;
use super::step_table::{self, STEPS};
use crate::bytes::Bytes;
use crate::primitive::digest::Algorithm;
use crate::primitive::encoding::Alphabet;
use crate::primitive::percent::HexCase;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One step of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Step(pub Action);

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the table of steps says what each is for")]
pub enum Action {
    Digest(Digest),
    Hmac(Hmac),
    Hex(Hex),
    HexDecode(Plain),
    Base64(Base64),
    Base64Decode(Base64),
    Truncate(Truncate),
    PercentEncode(PercentEncode),
    PercentDecode(PercentDecode),
    Lower(Of),
    Upper(Of),
    Trim(Of),
    CollapseSpace(Of),
    Unquote(Of),
    NormalizePath(Plain),
    StripPrefix(Text),
    PrefixUnlessEmpty(Text),
    DropDefaultPort(Plain),
    Except(Names),
    Only(Names),
    OnlyPrefix(Text),
    ExceptEmpty(Names),
    Sort(Sort),
    Group(With),
    First(Name),
    All(Name),
    Names(Plain),
    Pair(Pair),
    Join(With),
    Split(At),
    Assign(At),
    Latin1(Plain),
    Nfc(Plain),
    KeepFirst(Plain),
    KeepLast(Plain),
    DropEmpty(Plain),
    DropValueless(Plain),
    DropLeadingZeros(Plain),
    DropDigitZeros(Plain),
    Replace(Replace),
    CutAtEquals(Plain),
    Append(Text),
}

/// Text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replace {
    /// What goes.
    pub text: String,
    /// What comes.
    pub by: String,
}

/// A step without options.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plain {}

/// Options of the digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// The hash function.
    pub with: Algorithm,
}

/// Options of `hmac`: the flow is the message and `key` the key, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hmac {
    /// The hash function.
    pub with: Algorithm,
    /// The key, where the flow is the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Box<Pipeline>>,
    /// The message, where the flow is the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Box<Pipeline>>,
}

/// Options of `hex`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hex {
    /// Case of the digits; lower unless given.
    #[serde(default = "lower_case")]
    pub case: HexCase,
}

fn lower_case() -> HexCase {
    HexCase::Lower
}

/// Options of `base64` and `base64-decode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Base64 {
    /// Which 64 characters; the standard ones unless given.
    #[serde(default)]
    pub alphabet: Alphabet,
    /// Whether `=` fills the last group; it does unless said otherwise.
    #[serde(default = "yes")]
    pub padding: bool,
    /// A wrong way to do it, for mutants alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<Deviation>,
}

fn yes() -> bool {
    true
}

/// Options of `truncate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truncate {
    /// How many bytes stay, from the left.
    pub bytes: usize,
}

/// Options of `percent-encode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PercentEncode {
    /// What stays: `unreserved`, and single characters.
    #[serde(deserialize_with = "one_or_many")]
    pub keep: Vec<String>,
    /// Case of the digits; upper unless given.
    #[serde(default)]
    pub case: HexCase,
    /// Whether a space becomes `+` and not `%20`.
    #[serde(default)]
    pub plus: bool,
    /// Names, values, or both.
    #[serde(default)]
    pub of: Side,
    /// A wrong way to do it, for mutants alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<Deviation>,
}

/// Options of `percent-decode`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PercentDecode {
    /// Whether `+` becomes a space.
    #[serde(default)]
    pub plus: bool,
    /// Names, values, or both.
    #[serde(default)]
    pub of: Side,
}

/// Which side of a pair a step works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Names and values.
    #[default]
    Both,
    /// Names.
    Name,
    /// Values.
    Value,
}

/// The option that says which side of a pair is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Of {
    /// Names, values, or both.
    #[serde(default)]
    pub of: Side,
}

/// A text that a step looks for or adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The text.
    pub text: String,
}

/// A separator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct With {
    /// What goes between.
    pub with: Bytes,
}

/// A place to cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct At {
    /// The text at which to cut.
    pub at: String,
}

/// A field's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// The name.
    pub name: String,
}

/// Names of fields: listed, or taken from a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// The names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// A pipeline that gives a list of names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Box<Pipeline>>,
    /// Whether the case of ASCII letters is disregarded.
    #[serde(default)]
    pub caseless: bool,
    /// A wrong way to do it, for mutants alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<Deviation>,
}

/// Options of `sort`, which is stable and compares bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// What is compared, in order.
    #[serde(default = "by_name")]
    pub by: Vec<SortKey>,
    /// Whether the case of ASCII letters is disregarded, bytes deciding ties.
    #[serde(default)]
    pub caseless: bool,
    /// A wrong way to do it, for mutants alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<Deviation>,
}

fn by_name() -> Vec<SortKey> {
    vec![SortKey::Name]
}

/// What a sort compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SortKey {
    /// The name; of a list, the item.
    Name,
    /// The value; none sorts before the empty one.
    Value,
}

/// Options of `pair`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Text with `{name}` and `{value}`.
    pub template: String,
    /// The same for a pair without a value; unless given, its value counts as empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valueless: Option<String>,
}

fn one_or_many<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(one) => Ok(vec![one]),
        many => serde_json::from_value(many).map_err(serde::de::Error::custom),
    }
}

impl TryFrom<Value> for Step {
    type Error = String;

    fn try_from(value: Value) -> Result<Step, String> {
        let (word, options) = match value {
            Value::String(word) => (word, Value::Object(Map::new())),
            Value::Object(map) if map.len() == 1 => map.into_iter().next().unwrap_or_default(),
            other => return Err(format!("`{other}` is not a step; a step is a word or a map of one key")),
        };
        if let Some(with) = Algorithm::ALL.into_iter().find(|a| a.name() == word) {
            return Ok(Step(Action::Digest(Digest { with })));
        }
        let Some(doc) = STEPS.iter().chain(MUTANT_STEPS).find(|doc| doc.name == word) else {
            return Err(format!("unknown step `{word}`{}; `explain steps` lists them", step_table::suggestion(&word)));
        };
        let options = match (options, doc.main_option) {
            (Value::Object(options), _) => Value::Object(options),
            (main, Some(option)) => json!({ option: main }),
            (other, None) => return Err(format!("the step `{word}` has no main option that `{other}` could be")),
        };
        let action = serde_json::from_value(json!({ &word: options })).map_err(|e| format!("step `{word}`: {e}"))?;
        Ok(Step(action))
    }
}

impl From<Step> for Value {
    fn from(step: Step) -> Value {
        match step.0 {
            Action::Digest(Digest { with }) => json!(with.name()),
            action => json!(action),
        }
    }
}

impl Step {
    /// The pipeline that is an option of this step, and the option's name.
    pub fn nested(&self) -> Option<(&'static str, &Pipeline)> {
        match &self.0 {
            Action::Hmac(Hmac { key: Some(key), .. }) => Some(("key", key)),
            Action::Hmac(Hmac { message: Some(message), .. }) => Some(("message", message)),
            Action::Except(names) | Action::Only(names) | Action::ExceptEmpty(names) => {
                names.from.as_deref().map(|from| ("from", from))
            }
            _ => None,
        }
    }
}
