//! The JSON Schema of what is read by hand: bindings and edits.

use super::binding::{Binding, Keep};
use crate::primitive::time::TimeFormat;
use crate::scheme::edit::Edit;
use crate::scheme::item::{Check, Pipeline, Step};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;
use std::borrow::Cow;

impl JsonSchema for Binding {
    fn schema_name() -> Cow<'static, str> {
        "Binding".into()
    }

    fn json_schema(g: &mut SchemaGenerator) -> Schema {
        let (pipeline, form) = (g.subschema_for::<Pipeline>(), g.subschema_for::<TimeFormat>());
        let (mut from, mut keep) = (pipeline.clone(), g.subschema_for::<Keep>());
        from.insert("description".into(), "Where it is taken from.".into());
        keep.insert("description".into(), "What derivation uses of `time`.".into());
        json_schema!({
            "description": "A pipeline, or a map with more to say.",
            "anyOf": [pipeline.clone(), {
                "type": "object",
                "properties": {
                    "from": from,
                    "first-of": {
                        "type": "array",
                        "items": pipeline,
                        "minItems": 1,
                        "description": "Alternatives in place of `from`; the first that is present counts.",
                    },
                    "template": {
                        "type": "string",
                        "description": "Literal text with `{placeholder}`s, each bound by its name. A placeholder ends at the first \
                                        occurrence of the text after it; the last takes the rest.",
                    },
                    "caseless": {
                        "type": "boolean",
                        "default": false,
                        "description": "Whether the letters of the text before the first placeholder match in either case.",
                    },
                    "as": {
                        "type": "array",
                        "items": form,
                        "minItems": 1,
                        "description": "Of a time: the forms that are accepted; of `time`, the first is the one that a signer writes.",
                    },
                    "keep": keep,
                    "optional": { "type": "boolean", "default": false, "description": "Tells whether it may be absent." },
                },
                "oneOf": [{ "required": ["from"] }, { "required": ["first-of"] }],
                "additionalProperties": false,
            }],
        })
    }
}

impl JsonSchema for Edit {
    fn schema_name() -> Cow<'static, str> {
        "Edit".into()
    }

    fn json_schema(g: &mut SchemaGenerator) -> Schema {
        let (step, check) = (g.subschema_for::<Step>(), g.subschema_for::<Check>());
        let (pipeline, binding) = (g.subschema_for::<Pipeline>(), g.subschema_for::<Binding>());
        let entries = json!({ "type": "object", "additionalProperties": binding });
        let node = |says: &str| json!({ "description": says, "anyOf": [step, check, pipeline, entries] });
        json_schema!({
            "description": "A change of exactly one node: `edit`, and one of the others.",
            "type": "object",
            "properties": {
                "edit": {
                    "type": "string",
                    "minLength": 1,
                    "description": "Path of the node, such as `request.derive.canonical_query.sort`.",
                },
                "delete": { "const": true, "description": "The node goes away." },
                "swap-with-next": { "const": true, "description": "The node and the next one change places." },
                "set": {
                    "type": "object",
                    "minProperties": 1,
                    "description": "Options of the node and their new values; no other option changes.",
                },
                "insert-before": node("A node that is put in before it; in a map, entries."),
                "insert-after": node("A node that is put in after it; in a map, entries."),
                "replace": { "description": "The node that takes its place." },
            },
            "required": ["edit"],
            "minProperties": 2,
            "maxProperties": 2,
            "additionalProperties": false,
        })
    }
}
