//! An edition of a scheme in which pieces are never joined without a separator that none of them holds.

use countersign::scheme::{Operation, Program, Scheme};
use serde_json::{Value, json};

/// Bytes that stand in no piece: between parts, and between name and value.
pub const SEPARATORS: [u8; 2] = [0x1f, 0x1e];

/// The program that signs so.
pub fn program(scheme: &Scheme, operation: &Operation) -> Program {
    let mut printed = json!(operation);
    separate(&mut printed["derive"]);
    let edited: Operation = serde_json::from_value(printed).expect("a separator is a literal");
    Program::compile(scheme, &edited).expect("a separator changes no type")
}

fn separate(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(separate),
        Value::Object(map) => {
            map.values_mut().for_each(separate);
            if let Some(parts) = map.shift_remove("lines").or_else(|| map.shift_remove("concat")) {
                map.insert("concat".to_owned(), between(parts));
            }
            match map.get_mut("join") {
                Some(Value::Object(options)) => drop(options.insert("with".to_owned(), json!("\u{1f}"))),
                Some(with) => *with = json!("\u{1f}"),
                None => {}
            }
            if let Some(Value::String(template)) = map.get_mut("template") {
                *template = template.replace('{', "\u{1f}{").replace("\u{1f}{\u{1f}{", "{{");
            }
            if let Some(pair) = map.get_mut("pair") {
                *pair = between_name_and_value(pair);
            }
        }
        _ => {}
    }
}

fn between(parts: Value) -> Value {
    let Value::Array(parts) = parts else { return parts };
    let separated = parts.into_iter().flat_map(|part| [part, json!({ "text": "\u{1f}" })]);
    Value::Array(separated.collect())
}

/// The form of a pair, alone or among other options.
fn between_name_and_value(pair: &Value) -> Value {
    match pair {
        Value::String(form) => json!(form.replace("{value}", "\u{1e}{value}")),
        Value::Object(options) => options.iter().map(|(k, v)| (k.clone(), between_name_and_value(v))).collect(),
        other => other.clone(),
    }
}
