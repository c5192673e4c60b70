//! What `receive` binds: a pipeline, or a map with more to say.

use crate::primitive::time::TimeFormat;
use crate::scheme::item::{Pipeline, Source};
use schemars::JsonSchema;
use serde::de::value::SeqAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// What `receive` binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Binding {
    /// Alternatives; the first that is present on the wire counts.
    #[serde(rename = "first-of")]
    pub first_of: Vec<Pipeline>,
    /// Literal text with `{placeholder}`s, each bound by its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// Whether the letters of the template's first literal match in either case.
    pub caseless: bool,
    /// Forms of a time; the first is the one that the signer writes.
    #[serde(rename = "as", skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<TimeFormat>,
    /// Whether derivation uses a time as received or written anew.
    pub keep: Keep,
    /// A wrong way to do it, for mutants alone: one of [`Binding::DEVIATIONS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<String>,
}

/// What derivation uses of a received time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// The text as received.
    #[default]
    Text,
    /// The instant, written anew in the first form.
    Instant,
}

impl Binding {
    /// Wrong ways to take a template apart: any text passes for its first literal; the first placeholder ends
    /// at the last occurrence of the text after it.
    pub const DEVIATIONS: &[&str] = &["any-prefix", "splits-at-last"];

    fn of(first_of: Vec<Pipeline>) -> Binding {
        Binding { first_of, template: None, caseless: false, forms: Vec::new(), keep: Keep::Text, deviation: None }
    }
}

struct Bindings;

impl<'de> Visitor<'de> for Bindings {
    type Value = Binding;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pipeline, or a map of `from` or `first-of` with `template`, `caseless`, `as`, `keep`")
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Binding, E> {
        Pipeline::deserialize(serde::de::value::StrDeserializer::new(word)).map(|one| Binding::of(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Binding, A::Error> {
        Pipeline::deserialize(SeqAccessDeserializer::new(seq)).map(|one| Binding::of(vec![one]))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Binding, A::Error> {
        let mut binding = Binding::of(Vec::new());
        let mut sources = 0;
        let mut next = map.next_key::<String>()?;
        while let Some(key) = next {
            match key.as_str() {
                "from" => {
                    binding.first_of = vec![map.next_value()?];
                    sources += 1;
                }
                "first-of" => {
                    binding.first_of = map.next_value()?;
                    sources += 1;
                }
                "template" => binding.template = Some(map.next_value()?),
                "caseless" => binding.caseless = map.next_value()?,
                "as" => binding.forms = map.next_value()?,
                "keep" => binding.keep = map.next_value()?,
                "deviation" => binding.deviation = Some(map.next_value()?),
                _ if binding == Binding::of(Vec::new()) => {
                    return Source::after_key(key, map).map(|source| Binding::of(vec![Pipeline::of(source)]));
                }
                _ => {
                    let known = "from, first-of, template, caseless, as, keep";
                    return Err(A::Error::custom(format_args!("a binding has no `{key}`; it has {known}")));
                }
            }
            next = map.next_key()?;
        }
        match sources {
            1 if !binding.first_of.is_empty() => Ok(binding),
            _ => Err(A::Error::custom("a binding has either `from` or a `first-of` that is not empty")),
        }
    }
}

impl<'de> Deserialize<'de> for Binding {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Binding, D::Error> {
        d.deserialize_any(Bindings)
    }
}

impl JsonSchema for Binding {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Binding".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pipeline = generator.subschema_for::<Pipeline>();
        let (form, keep) = (generator.subschema_for::<TimeFormat>(), generator.subschema_for::<Keep>());
        schemars::json_schema!({ "anyOf": [pipeline.clone(), {
            "type": "object",
            "properties": {
                "from": pipeline.clone(),
                "first-of": { "type": "array", "items": pipeline, "minItems": 1 },
                "template": { "type": "string", "description": "Literal text with {placeholder}s, each bound by its own name." },
                "caseless": { "type": "boolean" },
                "as": { "type": "array", "items": form, "minItems": 1 },
                "keep": keep,
            },
            "additionalProperties": false,
        }] })
    }
}
