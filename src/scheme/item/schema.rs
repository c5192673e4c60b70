//! The JSON Schema of nodes, from the same definitions.
//!
//! A node is one map that knows every word, rather than one map for each: so an editor completes the words and says
//! which there are.

use super::definition::{Family, Item, Opt, OptionKind, Preset, Written};
use super::node::{Check, Pipeline, Source, Step};
use crate::bytes::Bytes;
use crate::primitive::digest::Algorithm;
use crate::primitive::key_pair::SignatureAlgorithm;
use crate::primitive::time::{TimeFormat, TimeUnit};
use crate::scheme::machine::{Does, Gives, Tests};
use crate::scheme::reject::{Class, Refusal};
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

fn of_kind(kind: OptionKind, g: &mut SchemaGenerator) -> Value {
    let texts = |items: Value| json!({ "anyOf": [items.clone(), { "type": "array", "items": items }] });
    match kind {
        OptionKind::Flag => json!({ "type": "boolean" }),
        OptionKind::Count => json!({ "type": "integer", "minimum": 0 }),
        OptionKind::Text | OptionKind::Template | OptionKind::References => json!({ "type": "string" }),
        OptionKind::Cut
        | OptionKind::FieldName
        | OptionKind::Credential
        | OptionKind::Parameter
        | OptionKind::Stage
        | OptionKind::Received => {
            json!({ "type": "string", "minLength": 1 })
        }
        OptionKind::Bytes => g.subschema_for::<Bytes>().into(),
        OptionKind::TextOrValue => json!({ "anyOf": [g.subschema_for::<Bytes>(), pipeline_list(g)] }),
        OptionKind::Hex => json!({ "type": "string", "pattern": "^([0-9A-Fa-f]{2})*$" }),
        OptionKind::Texts => texts(json!({ "type": "string" })),
        OptionKind::JsonPath => texts(json!({ "type": ["string", "integer"], "minimum": 0 })),
        OptionKind::Keep => {
            let words = json!({ "enum": ["unreserved", "alphanumeric"] });
            texts(json!({ "anyOf": [words, { "type": "string", "pattern": "^[ -~]$" }] }))
        }
        OptionKind::Replacements => json!({
            "type": "object",
            "propertyNames": { "minLength": 1 },
            "additionalProperties": { "type": "string" },
            "minProperties": 1,
        }),
        OptionKind::Word(words) => json!({ "enum": words }),
        OptionKind::Words(words) => texts(json!({ "enum": words })),
        OptionKind::Deviation(_) => json!(false),
        OptionKind::Digest => g.subschema_for::<Algorithm>().into(),
        OptionKind::Signature => g.subschema_for::<SignatureAlgorithm>().into(),
        OptionKind::Key(half) => json!({ "type": "string", "pattern": format!("^credential\\..+\\.{half}$") }),
        OptionKind::TimeForm => g.subschema_for::<TimeFormat>().into(),
        OptionKind::ReceivedTime => {
            json!({ "type": "string", "pattern": "^(time|received\\..+)$", "examples": ["time"] })
        }
        OptionKind::Pipeline(_) | OptionKind::Number => g.subschema_for::<Pipeline>().into(),
        OptionKind::Window => json!({ "anyOf": [
            { "type": "string", "pattern": "^[0-9]+ (s|ms)$" },
            g.subschema_for::<Pipeline>(),
            {
                "type": "object",
                "properties": { "of": g.subschema_for::<Pipeline>(), "unit": g.subschema_for::<TimeUnit>() },
                "required": ["of", "unit"],
                "additionalProperties": false,
            },
        ] }),
        OptionKind::Pipelines(_) => {
            json!({ "type": "array", "items": g.subschema_for::<Pipeline>(), "minItems": 1 })
        }
        OptionKind::Fields | OptionKind::Credentials => {
            json!({ "type": "object", "additionalProperties": g.subschema_for::<Pipeline>() })
        }
        OptionKind::Addresses => json!({ "anyOf": [
            { "type": "string", "pattern": "^credential\\..+" },
            { "type": "array", "items": { "type": "string" } },
        ] }),
    }
}

/// An option with its description and its default.
fn of_option(option: &Opt, g: &mut SchemaGenerator) -> Value {
    let mut schema = of_kind(option.kind, g);
    schema["description"] = json!(option.says());
    match option.default {
        Preset::Required | Preset::Absent => {}
        Preset::Flag(flag) => schema["default"] = json!(flag),
        Preset::Word(word) => schema["default"] = json!(word),
        Preset::Words(words) => schema["default"] = json!(words),
    }
    schema
}

/// A map of some options.
fn map(options: &[Opt], g: &mut SchemaGenerator) -> Value {
    let given = || options.iter().filter(|option| !option.is_deviation());
    let properties: Map<_, _> = given().map(|option| (option.name.to_owned(), of_option(option, g))).collect();
    let required: Vec<&str> =
        given().filter(|option| option.default == Preset::Required).map(|option| option.name).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Returns the schema of what is below the word of an item.
fn below<E: Family>(item: &Item<E>, g: &mut SchemaGenerator) -> Value {
    let own = &item.options[..item.own()];
    match item.written {
        Written::Options | Written::Map(_) => map(own, g),
        Written::Short => {
            // A map there is one of options, never of bytes.
            let alone = match own[0].kind {
                OptionKind::Bytes => json!({ "type": "string" }),
                OptionKind::TextOrValue => json!({ "anyOf": [{ "type": "string" }, pipeline_list(g)] }),
                _ => of_option(&own[0], g),
            };
            json!({ "anyOf": [alone, map(own, g)] })
        }
        Written::Value => of_option(&own[0], g),
        Written::Dotted => json!({ "type": "string", "pattern": format!("^{}\\..+", item.word) }),
        Written::List(n) => {
            let (items, rest): (Vec<&Opt>, Vec<&Opt>) = own.iter().partition(|option| option.kind != OptionKind::Texts);
            let items: Vec<Value> = items.into_iter().map(|option| of_option(option, g)).collect();
            let more = if rest.is_empty() { json!(false) } else { json!({ "type": "string" }) };
            json!({ "type": "array", "minItems": n, "prefixItems": items, "items": more })
        }
    }
}

fn about<E: Family>(item: &Item<E>) -> String {
    format!("{} ({})", item.reason, item.document)
}

/// Each word of a map with what stands below it.
fn words<E: Family>(g: &mut SchemaGenerator) -> Map<String, Value> {
    // A word that has no options stands alone.
    let items = E::permitted().filter(|item| item.written != Written::Dotted && !item.options.is_empty());
    let described = |item: &'static Item<E>| {
        let mut schema = below(item, g);
        schema["description"] = json!(about(item));
        (item.word.to_owned(), schema)
    };
    items.map(described).collect()
}

/// A word alone, or a map of one word.
fn of_node<E: Family>(g: &mut SchemaGenerator) -> Vec<Value> {
    let stands_alone = |item: &&Item<E>| {
        let is_word = matches!(item.written, Written::Options | Written::Short);
        is_word && item.options.iter().all(|option| option.default != Preset::Required)
    };
    let alone: Vec<_> = E::permitted().filter(stands_alone).collect();
    vec![
        json!({
            "enum": alone.iter().map(|item| item.word).collect::<Vec<_>>(),
            "enumDescriptions": alone.iter().map(|item| about(item)).collect::<Vec<_>>(),
        }),
        json!({
            "type": "object",
            "properties": words::<E>(g),
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
        }),
    ]
}

/// The name of a field or value after one of some words.
fn dotted(items: &[&Item<Gives>]) -> Value {
    let words: Vec<&str> = items.iter().map(|item| item.word).collect();
    let examples: Vec<String> = words.iter().map(|word| format!("{word}.NAME")).collect();
    json!({ "type": "string", "pattern": format!("^({})\\..+", words.join("|")), "examples": examples })
}

/// The options of an item that stand beside its word.
fn beside<E: Family>(item: &'static Item<E>) -> impl Iterator<Item = &'static Opt> {
    item.options[item.own()..].iter().filter(|option| !option.is_deviation())
}

fn step(g: &mut SchemaGenerator) -> Schema {
    json_schema!({ "description": "What is done with the value.", "anyOf": of_node::<Does>(g) })
}

fn source(g: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = Gives::permitted().filter(|item| item.written == Written::Dotted).collect();
    let (fields, _): (Vec<_>, Vec<_>) = names.iter().copied().partition(|item| beside(item).next().is_some());
    let mut field: Map<String, Value> = fields
        .iter()
        .flat_map(|item| beside(item))
        .map(|option| (option.name.to_owned(), of_option(option, g)))
        .collect();
    field.insert("field".to_owned(), dotted(&fields));
    let field = json!({ "type": "object", "properties": field, "required": ["field"], "additionalProperties": false });
    let mut ways = of_node::<Gives>(g);
    ways.extend([dotted(&names), field]);
    json_schema!({ "description": "Where a pipeline starts.", "anyOf": ways })
}

/// A pipeline as a list.
fn pipeline_list(g: &mut SchemaGenerator) -> Value {
    let (source, step) = (g.subschema_for::<Source>(), g.subschema_for::<Step>());
    json!({ "type": "array", "prefixItems": [source], "items": step, "minItems": 1 })
}

fn pipeline(g: &mut SchemaGenerator) -> Schema {
    let source = g.subschema_for::<Source>();
    json_schema!({
        "description": "A source and steps in order, or a source alone.",
        "anyOf": [source, pipeline_list(g)],
    })
}

fn check(g: &mut SchemaGenerator) -> Schema {
    let mut properties = words::<Tests>(g);
    let mut needs: IndexMap<&str, Vec<Value>> = IndexMap::new();
    for item in Tests::permitted() {
        for option in beside(item) {
            properties.insert(option.name.to_owned(), of_option(option, g));
            needs.entry(option.name).or_default().push(json!({ "required": [item.word] }));
        }
    }
    let optional =
        json!({ "type": "boolean", "default": false, "description": "Passes where its first value is absent." });
    properties.insert("optional".to_owned(), optional);
    properties.insert("reject".to_owned(), g.subschema_for::<Class>().into());
    if let Some(Value::Object(refusal)) = Refusal::json_schema(g).remove("properties") {
        properties.extend(refusal);
    }
    let needs: IndexMap<_, _> = needs.into_iter().map(|(option, words)| (option, json!({ "anyOf": words }))).collect();
    json_schema!({
        "description": "A step of verification, and the class that it refuses with.",
        "type": "object",
        "properties": properties,
        "required": ["reject"],
        "oneOf": Tests::permitted().map(|item| json!({ "required": [item.word] })).collect::<Vec<_>>(),
        "dependencies": needs,
        "additionalProperties": false,
    })
}

macro_rules! schema {
    ($type:ty, $name:literal, $schema:path) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(g: &mut SchemaGenerator) -> Schema {
                $schema(g)
            }
        }
    };
}

schema!(Step, "Step", step);
schema!(Source, "Source", source);
schema!(Pipeline, "Pipeline", pipeline);
schema!(Check, "Check", check);
