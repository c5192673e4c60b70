//! The JSON Schema of nodes, from the same definitions.

use super::definition::{Family, Item, Kind, Opt, Preset, Written};
use super::node::{Check, Pipeline, Source, Step};
use crate::bytes::Bytes;
use crate::primitive::digest::Algorithm;
use crate::primitive::time::TimeFormat;
use crate::scheme::machine::{Does, Gives, Tests};
use crate::scheme::reject::Class;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

fn of_kind(kind: Kind, g: &mut SchemaGenerator) -> Value {
    let texts = |items: Value| json!({ "anyOf": [items.clone(), { "type": "array", "items": items }] });
    match kind {
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0 }),
        Kind::Text | Kind::Template => json!({ "type": "string" }),
        Kind::Cut | Kind::FieldName | Kind::Credential | Kind::Parameter | Kind::Stage | Kind::Received => {
            json!({ "type": "string", "minLength": 1 })
        }
        Kind::Bytes => g.subschema_for::<Bytes>().into(),
        Kind::Hex => json!({ "type": "string", "pattern": "^([0-9A-Fa-f]{2})*$" }),
        Kind::Texts => texts(json!({ "type": "string" })),
        Kind::Keep => {
            texts(json!({ "anyOf": [{ "const": "unreserved" }, { "type": "string", "pattern": "^[ -~]$" }] }))
        }
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Words(words) => texts(json!({ "enum": words })),
        Kind::Deviation(_) => json!(false),
        Kind::Digest => json!({ "enum": Algorithm::ALL.map(Algorithm::name) }),
        Kind::TimeForm => g.subschema_for::<TimeFormat>().into(),
        Kind::ReceivedTime => json!({ "const": "time" }),
        Kind::Pipeline(_) | Kind::Number => g.subschema_for::<Pipeline>().into(),
        Kind::Pipelines(_) => {
            json!({ "type": "array", "items": g.subschema_for::<Pipeline>(), "minItems": 1 })
        }
        Kind::Fields | Kind::Credentials => {
            json!({ "type": "object", "additionalProperties": g.subschema_for::<Pipeline>() })
        }
        Kind::Addresses => json!({ "anyOf": [
            { "type": "string", "pattern": "^credential\\..+" },
            { "type": "array", "items": { "type": "string" } },
        ] }),
    }
}

/// Properties of some options, and the names of those that must be there.
fn properties(options: &[Opt], g: &mut SchemaGenerator) -> (Map<String, Value>, Vec<&'static str>) {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for option in options.iter().filter(|option| !option.is_deviation()) {
        properties.insert(option.name.to_owned(), of_kind(option.kind, g));
        required.extend((option.default == Preset::Required).then_some(option.name));
    }
    (properties, required)
}

/// A map of some options.
fn map(options: &[Opt], g: &mut SchemaGenerator) -> Value {
    let (properties, required) = properties(options, g);
    object(properties, &required)
}

fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// The schemas of an item: alone, and as an entry of a map with what may stand beside it.
fn of_item<E: Family>(
    item: &'static Item<E>,
    beside: &Map<String, Value>,
    must: &[&str],
    g: &mut SchemaGenerator,
) -> Vec<Value> {
    let word = item.word;
    let (own, further) = item.options.split_at(item.own());
    let mut ways = Vec::new();
    let is_short = matches!(item.written, Written::Options | Written::Short | Written::Bare);
    if is_short && own.iter().all(|option| option.default != Preset::Required) {
        ways.push(json!({ "const": word }));
    }
    let below = match item.written {
        Written::Options => json!({ "anyOf": [map(own, g)] }),
        Written::Short => json!({ "anyOf": [map(own, g), of_kind(own[0].kind, g)] }),
        Written::Map(_) => map(own, g),
        Written::Bare | Written::Value => of_kind(own[0].kind, g),
        Written::Dotted => json!({ "type": "string", "pattern": format!("^{word}\\..+") }),
        Written::List(n) => {
            let (items, rest): (Vec<&Opt>, Vec<&Opt>) = own.iter().partition(|option| option.kind != Kind::Texts);
            let items: Vec<Value> = items.into_iter().map(|option| of_kind(option.kind, g)).collect();
            let more = if rest.is_empty() { json!(false) } else { json!({ "type": "string" }) };
            json!({ "type": "array", "minItems": n, "prefixItems": items, "items": more })
        }
    };
    let (mut further, _) = properties(further, g);
    if item.written == Written::Dotted {
        if !further.is_empty() {
            further.insert("field".to_owned(), below.clone());
            ways.push(object(further, &["field"]));
        }
        ways.push(below);
    } else {
        let properties = [(word.to_owned(), below)].into_iter().chain(further).chain(beside.clone()).collect();
        let must: Vec<&str> = [word].into_iter().chain(must.iter().copied()).collect();
        ways.push(object(properties, &must));
    }
    let about = format!("{} ({})", item.reason, item.document);
    ways.iter_mut().for_each(|way| way["description"] = json!(about));
    ways
}

fn any_of(ways: Vec<Value>) -> Schema {
    schemars::json_schema!({ "anyOf": ways })
}

macro_rules! schema {
    ($type:ty, $name:literal, |$g:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($g: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema!(Step, "Step", |g| any_of(Does::permitted().flat_map(|item| of_item(item, &Map::new(), &[], g)).collect()));
schema!(Source, "Source", |g| any_of(Gives::permitted().flat_map(|item| of_item(item, &Map::new(), &[], g)).collect()));
schema!(Pipeline, "Pipeline", |g| {
    let (source, step) = (g.subschema_for::<Source>(), g.subschema_for::<Step>());
    let list = json!({ "type": "array", "prefixItems": [source.clone()], "items": step, "minItems": 1 });
    any_of(vec![source.into(), list])
});
schema!(Check, "Check", |g| {
    let text = json!({ "type": "string" });
    let mut beside: Map<String, Value> =
        ["status", "code", "message"].map(|name| (name.to_owned(), text.clone())).into_iter().collect();
    beside.insert("reply".to_owned(), g.subschema_for::<crate::scheme::reject::Reply>().into());
    beside.insert("reject".to_owned(), g.subschema_for::<Class>().into());
    any_of(Tests::permitted().flat_map(|item| of_item(item, &beside, &["reject"], g)).collect())
});
