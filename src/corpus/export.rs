//! The corpus as JSON, for consumers without Rust or a YAML reader.

use super::block;
use super::load::{Corpus, Entry, Topic};
use super::model::{Readings, Vector};
use super::statements::{Discrepancy, Statement};
use crate::derived::{MARK, by_export};
use crate::scheme::{Account, CredentialKind, Flag, Parameter, SchemeKind};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};

/// Version of the corpus; it changes with every change of an expectation or of the format.
pub const CORPUS_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Version of the format of the JSON files.
const FORMAT: u32 = 2;

/// One JSON document a scheme: `(scheme, document)`.
pub fn to_json(corpus: &Corpus) -> Vec<(String, Value)> {
    corpus.entries.iter().map(|entry| (entry.name.clone(), scheme_json(entry))).collect()
}

/// The vectors of one scheme as JSON.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
pub(super) struct Exported<'e> {
    /// Note that the file is machine-written.
    #[serde(rename = "$comment")]
    comment: String,
    /// Version of this format.
    format: u32,
    /// Version of the corpus.
    corpus: &'static str,
    /// Name of the scheme.
    scheme: &'e str,
    /// One line: whose, and what it is.
    title: &'e str,
    /// A system that somebody documents, or a primitive of an RFC.
    kind: SchemeKind,
    /// Credentials and attributes of an account, each with its kind.
    account: &'e IndexMap<String, CredentialKind>,
    /// Values that a signer chooses or a server configures beside the account. One that is not given has its default,
    /// where it has one.
    parameters: &'e IndexMap<String, Parameter>,
    /// Differences of the variants that `given.variant` of a vector may name: how one service, mode or
    /// environment of the system signs. In an operation that it does not speak of, nothing is.
    variants: IndexMap<&'e str, Said<'e>>,
    /// Meanings that the permitted readings of an ambiguous document give to it.
    readings: IndexMap<&'e str, Said<'e>>,
    /// Bug classes and weaknesses that vectors are flagged with.
    flags: &'e IndexMap<String, Flag>,
    /// Normative sentences of the source document.
    statements: &'e [Statement],
    /// Contradictions and gaps of the source document.
    discrepancies: &'e IndexMap<String, Discrepancy>,
    /// The vectors, each under its full name.
    #[cfg_attr(feature = "cli", schemars(schema_with = "vectors"))]
    vectors: Vec<Value>,
}

/// Sentence on a variant or a reading.
#[derive(Serialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
struct Said<'e> {
    /// A sentence.
    says: &'e str,
    /// Of a reading, the discrepancy that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    discrepancy: Option<&'e str>,
}

/// Schema of vectors with accounts written out where they are named, and with what readings expect.
#[cfg(feature = "cli")]
fn vectors(g: &mut schemars::SchemaGenerator) -> schemars::Schema {
    use super::model::Provenance;
    use crate::case::{Expect, Given};
    use schemars::{JsonSchema, json_schema};
    let (mut vector, mut expect, mut source) =
        (Vector::json_schema(g), Expect::json_schema(g), Provenance::json_schema(g));
    let readings = json_schema!({
        "type": "object",
        "additionalProperties": g.subschema_for::<Expect>(),
        "description": "Reading: the part of the expectation that differs under it. `stages` there replace those of the \
                        same name; `signed_request` and `results` replace the whole.",
    });
    if let Some(Value::Object(fields)) = expect.pointer_mut("/properties") {
        fields.insert("readings".into(), readings.into());
    }
    if let Some(Value::Object(fields)) = source.pointer_mut("/properties") {
        let text = |says: &str| json!({ "type": "string", "description": says });
        fields.insert(
            "from".into(),
            text("Document, test suite or code that it comes from, where it is not of this project."),
        );
        fields.insert("licence".into(), text("Licence or notice of that."));
    }
    vector.remove("oneOf");
    if let Some(Value::Object(fields)) = vector.pointer_mut("/properties") {
        fields.shift_remove("like");
        fields.shift_remove("changes");
        fields.insert("source".into(), source.into());
        fields.insert("given".into(), g.subschema_for::<Given<Account>>().into());
        fields.insert("expect".into(), expect.into());
    }
    json_schema!({ "type": "array", "items": vector })
}

fn scheme_json(entry: &Entry) -> Value {
    let scheme = &entry.scheme;
    json!(Exported {
        comment: by_export(),
        format: FORMAT,
        corpus: CORPUS_VERSION,
        scheme: &entry.name,
        title: &scheme.title,
        kind: scheme.kind,
        account: &scheme.account,
        parameters: &scheme.parameters,
        variants: scheme
            .variants
            .iter()
            .map(|(name, v)| (name.as_str(), Said { says: &v.says, discrepancy: None }))
            .collect(),
        readings: scheme
            .readings
            .iter()
            .map(|(name, r)| (name.as_str(), Said { says: &r.says, discrepancy: Some(&r.discrepancy) }))
            .collect(),
        flags: &scheme.flags,
        statements: &entry.statements.statements,
        discrepancies: &entry.statements.discrepancies,
        vectors: entry.all_vectors().map(|(topic, vector)| vector_json(entry, topic, vector)).collect(),
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
