//! The corpus as JSON, for consumers without Rust or a YAML reader; and the JSON Schemas.

use super::block;
use super::load::{Corpus, Entry, Topic};
use super::model::{Readings, Vector, VectorFile};
use super::statements::Statements;
use crate::scheme::{Account, Scheme};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

/// Version of the corpus; it changes with every change of an expectation or of the format.
pub const CORPUS_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Version of the format of the JSON files.
const FORMAT: u32 = 1;

/// Beginning of the comment in each file that is machine-written; the command that writes it follows.
pub(crate) const MARK: &str = "Machine-written by `countersign";

/// One JSON document a scheme: `(scheme, document)`.
pub fn to_json(corpus: &Corpus) -> Vec<(String, Value)> {
    corpus.entries.iter().map(|entry| (entry.name.clone(), scheme_json(entry))).collect()
}

fn scheme_json(entry: &Entry) -> Value {
    let vectors: Vec<Value> = entry.all_vectors().map(|(topic, vector)| vector_json(entry, topic, vector)).collect();
    json!({
        "$comment": by_export(),
        "format": FORMAT,
        "corpus": CORPUS_VERSION,
        "scheme": entry.name,
        "title": entry.scheme.title,
        "kind": entry.scheme.kind,
        "readings": entry.scheme.readings.iter().map(|(name, r)| (name.clone(), json!({"says": r.says, "discrepancy": r.discrepancy}))).collect::<Map<_, _>>(),
        "flags": entry.scheme.flags,
        "statements": entry.statements.statements,
        "discrepancies": entry.statements.discrepancies,
        "vectors": vectors,
    })
}

fn vector_json(entry: &Entry, topic: &Topic, vector: &Vector) -> Value {
    let mut json = json!(vector);
    json["name"] = json!(entry.full_name(topic, vector));
    json["given"] = json!(vector.given.in_full(&topic.file.accounts));
    json["level"] = json!(entry.level(vector));
    if let Some(gains) = vector.gains() {
        json["gains"] = json!(gains);
    }
    if let Some(origin) = entry.origin(vector) {
        json["source"]["from"] = json!(origin.from);
        json["source"]["licence"] = json!(origin.licence);
    }
    if let Some(readings) = entry.readings.0.get(&format!("{}/{}", topic.name, vector.name)) {
        json["expect"]["readings"] = json!(readings);
    }
    json
}

/// JSON Schemas of the files: `(file name, schema)`.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("vectors.schema.json", schema::<VectorFile>()),
        ("statements.schema.json", schema::<Statements>()),
        ("readings.schema.json", schema::<Readings>()),
        ("scheme.schema.json", schema::<Scheme>()),
    ]
}

/// The JSON Schema of a type, as it is written.
pub(crate) fn schema<T: schemars::JsonSchema>() -> Value {
    let mut schema = schemars::schema_for!(T).to_value();
    if let Value::Object(fields) = &mut schema {
        fields.shift_insert(0, "$comment".into(), by_export().into());
    }
    schema
}

fn by_export() -> String {
    format!("{MARK} export`.")
}

/// One scheme's document as it is written: each vector and each statement in a line of its own, so that a change of one
/// shows as one.
pub fn json_text(document: &Value) -> String {
    let Value::Object(fields) = document else { return format!("{document:#}\n") };
    let field = |(name, value): (&String, &Value)| match value {
        Value::Array(items) if !items.is_empty() => {
            let lines = items.iter().map(|item| format!("\n    {item}")).collect::<Vec<_>>();
            format!("\n  {}: [{}\n  ]", json!(name), lines.join(","))
        }
        value => format!("\n  {}: {}", json!(name), format!("{value:#}").replace('\n', "\n  ")),
    };
    format!("{{{}\n}}\n", fields.iter().map(field).collect::<Vec<_>>().join(","))
}

/// `readings.yaml` as it is written; empty where no reading differs anywhere.
pub fn readings_yaml(readings: &Readings) -> String {
    if readings.0.is_empty() {
        return String::new();
    }
    let mut out = format!("# {MARK} export`: what each permitted reading expects where it differs.\n");
    if let Value::Object(vectors) = json!(readings) {
        block::entries(&vectors, 0, &mut out);
    }
    out
}

/// A file of vectors as a subcommand writes it; empty where there are none.
pub fn vectors_yaml<'v>(
    by: &str,
    about: &str,
    accounts: &IndexMap<String, Account>,
    vectors: impl Iterator<Item = &'v Vector>,
) -> String {
    let mut out = format!("# {MARK} {by}`.\n");
    if let Value::Object(head) = json!({ "about": about, "accounts": accounts }) {
        block::entries(&head, 0, &mut out);
    }
    out.push_str("vectors:\n");
    let empty = out.len();
    for vector in vectors {
        out.push_str("\n  - ");
        if let Value::Object(mut fields) = json!(vector) {
            fields.values_mut().for_each(without_defaults);
            block::entries(&fields, 4, &mut out);
        }
    }
    if out.len() == empty { String::new() } else { out }
}

/// Takes out of every request what it has unless a file says otherwise.
fn without_defaults(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Object(request)) = fields.get_mut("request") {
                request.retain(|name, value| !(name == "scheme" && value == "https" || name == "body" && value == ""));
            }
            fields.values_mut().for_each(without_defaults);
        }
        Value::Array(items) => items.iter_mut().for_each(without_defaults),
        _ => {}
    }
}
