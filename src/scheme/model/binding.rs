//! What `receive` binds: a pipeline, or a map with more to say.

use crate::primitive::time::{Laxity, TimeFormat};
use crate::scheme::item::{Pipeline, Problem, leaf, list, problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Value that `receive` binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct Binding {
    /// Alternatives; the first that is present on the wire counts.
    #[serde(rename = "first-of")]
    pub first_of: Vec<Pipeline>,
    /// Literal text with `{placeholder}`s, each bound by its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Tells whether the letters of the template's first literal match in either case.
    pub caseless: bool,
    /// Forms of a time; the first is the one that the signer writes.
    #[serde(rename = "as", skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<TimeFormat>,
    /// Form in which derivation uses a time: as received or written anew.
    pub keep: Keep,
    /// Tells whether it may be absent.
    pub optional: bool,
    /// A wrong way to do it, for mutants alone: one of [`Binding::OF_TEMPLATE`] or [`Binding::OF_TIME`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<String>,
}

/// Form in which derivation uses a received time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The text as received.
    #[default]
    Text,
    /// The instant, written anew in the first form.
    Instant,
}

impl Binding {
    /// Wrong ways to take a template apart: any text passes for its first literal, or none, or one that ends as it
    /// does; that literal may be missing; the first placeholder ends
    /// at the last occurrence of the text after it.
    pub const OF_TEMPLATE: &[&str] = &["any-prefix", "any-word", "no-prefix", "splits-at-last"];
    /// Wrong ways to read a time.
    pub const OF_TIME: &[(&str, Laxity)] = &[
        ("lax-time", Laxity::Ends),
        ("offset-ignored", Laxity::Offset),
        ("any-number", Laxity::Number),
        ("any-digits", Laxity::Digits),
        ("any-rfc3339", Laxity::Rfc3339),
        ("any-text", Laxity::None),
    ];

    const KEYS: [&str; 7] = ["from", "first-of", "template", "caseless", "as", "keep", "optional"];

    /// The forms of a time as they are read.
    pub(in crate::scheme) fn read_as(&self) -> Vec<TimeFormat> {
        let way = Binding::OF_TIME.iter().find(|(way, _)| Some(*way) == self.deviation.as_deref());
        let laxity = way.map_or(Laxity::None, |(_, laxity)| *laxity);
        self.forms.iter().map(|form| form.clone().taken(laxity)).collect()
    }

    fn of(first_of: Vec<Pipeline>) -> Binding {
        let (forms, keep) = (Vec::new(), Keep::Text);
        Binding { first_of, template: None, caseless: false, forms, keep, optional: false, deviation: None }
    }

    fn set(&mut self, key: &str, value: Value) -> Result<(), Problem> {
        let read = match key {
            "from" => Pipeline::try_from(value).map(|from| self.first_of.push(from)),
            "first-of" => list(value, Pipeline::try_from).map(|all| self.first_of.extend(all)),
            "template" => leaf(value).map(|template| self.template = Some(template)),
            "caseless" => leaf(value).map(|caseless| self.caseless = caseless),
            "as" => list(value, leaf).map(|forms| self.forms = forms),
            "keep" => leaf(value).map(|keep| self.keep = keep),
            "optional" => leaf(value).map(|optional| self.optional = optional),
            "deviation" => leaf(value).map(|way| self.deviation = Some(way)),
            _ => return Err(problem!("a binding has no `{key}`; it has {}", Binding::KEYS.join(", "))),
        };
        read.map_err(|e| e.below(key))
    }
}

impl TryFrom<Value> for Binding {
    type Error = Problem;

    fn try_from(value: Value) -> Result<Binding, Problem> {
        // `optional` is a source as well, which has a pipeline.
        let is_own = |(key, value): (&String, &Value)| match key.as_str() {
            "optional" => value.is_boolean(),
            key => Binding::KEYS.contains(&key) || key == "deviation",
        };
        let entries = match value {
            Value::Object(entries) if entries.iter().next().is_none_or(is_own) => entries,
            pipeline => return Pipeline::try_from(pipeline).map(|one| Binding::of(vec![one])),
        };
        let mut binding = Binding::of(Vec::new());
        let has_one_source = entries.contains_key("from") != entries.contains_key("first-of");
        for (key, value) in entries {
            binding.set(&key, value)?;
        }
        match has_one_source && !binding.first_of.is_empty() {
            true => Ok(binding),
            false => Err(problem!("a binding has either `from` or a `first-of` that is not empty")),
        }
    }
}
