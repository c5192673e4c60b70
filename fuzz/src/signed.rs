//! What a scheme's own data say of what it signs.

use countersign::scheme::{Characters, Operation, Place};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Stages that a check compares with something else.
pub fn compared(operation: &Operation) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let compares = |word: &str| ["equal", "any-equal"].contains(&word);
    for check in operation.verify.iter().filter(|check| compares(check.test.word())) {
        check.test.pipelines().iter().for_each(|(_, pipeline)| stages_in(&json!(pipeline), &mut found));
    }
    found
}

/// Stages that a check compares, and the stages that these are derived from.
pub fn stages(operation: &Operation) -> BTreeSet<String> {
    let mut found = compared(operation);
    // A stage is derived from earlier ones only, so one pass from the last to the first finds all.
    for (name, pipeline) in operation.derive.iter().rev() {
        if found.contains(name) {
            stages_in(&json!(pipeline), &mut found);
        }
    }
    found
}

fn stages_in(printed: &Value, found: &mut BTreeSet<String>) {
    found.extend(words(printed).iter().filter_map(|word| word.strip_prefix("stage.").map(str::to_owned)));
}

/// Every text in plain data, without literals: those are no sources, whatever they look like.
pub fn words(printed: &Value) -> Vec<String> {
    match printed {
        Value::String(word) => vec![word.clone()],
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::Object(map) => map.iter().filter(|(key, _)| *key != "text").flat_map(|(_, v)| words(v)).collect(),
        _ => Vec::new(),
    }
}

/// Names of the query fields that an operation reads or adds.
pub fn query_names(operation: &Operation) -> BTreeSet<String> {
    let read = words(&json!(operation)).into_iter().filter_map(|word| word.strip_prefix("query.").map(str::to_owned));
    let placed = |place: &Place| place.query.keys().cloned().collect::<Vec<_>>();
    read.chain(placed(&operation.prepare)).chain(placed(&operation.place)).collect()
}

/// Bytes as far as a domain permits them.
pub fn within(bytes: &[u8], domain: Characters) -> Vec<u8> {
    const SAFE: &[u8; 65] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    match domain {
        Characters::Text => String::from_utf8_lossy(bytes).into_owned().into_bytes(),
        Characters::Ascii => {
            let safe = |&b: &u8| if SAFE.contains(&b) { b } else { SAFE[usize::from(b) % SAFE.len()] };
            bytes.iter().map(safe).collect()
        }
    }
}
