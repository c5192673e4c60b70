//! A way of signing, written as a scheme.

use super::fields::SignatureField;
use super::space::{Space, Way};
use crate::scheme::Destination;
use serde_json::{Map, Value, json};

/// The operation of a scheme that is written here.
pub(super) const OPERATION: &str = "request";

/// A scheme of one operation, for accounts that have credentials of these kinds.
pub(super) fn frame(account: &[(&String, &str)], derive: Value, place: Value, verify: Value) -> Value {
    let written = format!("{derive} {place} {verify}");
    let kinds: Map<String, Value> = account.iter().map(|(name, kind)| ((*name).clone(), json!(kind))).collect();
    let is_unused = |name: &&String| !written.contains(&format!("credential.{name}\""));
    let unused: Map<String, Value> = kinds
        .keys()
        .filter(is_unused)
        .map(|name| (name.clone(), json!("One request does not tell what it is for.")))
        .collect();
    let mut operation = json!({ "direction": "request", "wire": { "query": "percent" }, "derive": derive });
    if place.as_object().is_some_and(|place| !place.is_empty()) {
        operation["place"] = place;
    }
    operation["verify"] = verify;
    let mut scheme = json!({ "title": "Inferred from one request", "kind": "system", "account": kinds });
    if !unused.is_empty() {
        scheme["unused"] = unused.into();
    }
    scheme["operations"] = json!({ OPERATION: operation });
    scheme
}

/// The scheme that signs in this way.
pub(super) fn scheme(field: &SignatureField, space: &Space, way: &Way, account: &[(&String, &str)]) -> Value {
    let parts: Vec<Value> = way.parts.iter().map(|&part| space.parts[part].written[0].clone()).collect();
    let one =
        |mut pipeline: Vec<Value>| if pipeline.len() == 1 { pipeline.swap_remove(0) } else { Value::Array(pipeline) };
    let joined = match (parts.as_slice(), way.separator) {
        ([only], _) if !way.ends => only.clone(),
        (_, "") => json!([{ "concat": parts }]),
        ([_], _) => json!([{ "concat": parts.iter().chain([&json!({ "text": way.separator })]).collect::<Vec<_>>() }]),
        (_, separator) => {
            let ended = way.ends.then(|| json!({ "text": "" }));
            let parts: Vec<Value> = parts.into_iter().chain(ended).collect();
            match separator {
                "\n" => json!([{ "lines": parts }]),
                separator => json!([{ "join": { "with": separator, "parts": parts } }]),
            }
        }
    };
    let hash = match way.key {
        Some(key) => {
            let key = match &space.keys[key].written {
                Value::Array(steps) => one(steps.clone()),
                other => other.clone(),
            };
            json!({ "hmac": { "with": way.with.name(), "key": key } })
        }
        None => json!(way.with.name()),
    };
    let signature: Vec<Value> =
        [json!("stage.string_to_sign"), hash].into_iter().chain(field.encoding.iter().cloned()).collect();
    let derive = json!({ "string_to_sign": joined, "signature": signature });
    let received = field.taken_out().unwrap_or_else(|| field.source());
    let verify = json!([{ "equal": [received, "stage.signature"], "reject": "signature-mismatch" }]);
    frame(account, derive, place(field, space, way), verify)
}

/// Where signing puts the signature; nothing where other parts of the field are signed too.
fn place(field: &SignatureField, space: &Space, way: &Way) -> Value {
    let own = field.source().to_string();
    let is_within = |part: &usize| space.parts[*part].written[0].to_string().contains(&own);
    let into = match field.part {
        Destination::Path => return json!({}),
        part => part.word(),
    };
    if way.parts.iter().any(is_within) {
        return json!({});
    }
    let texts = field.around.iter().map(|text| (!text.is_empty()).then(|| json!({ "text": text })));
    let [before, after] = texts.collect::<Vec<_>>().try_into().unwrap_or_default();
    let value = match (&before, &after) {
        (None, None) => json!("stage.signature"),
        _ => {
            json!([{ "concat": before.into_iter().chain([json!("stage.signature")]).chain(after).collect::<Vec<_>>() }])
        }
    };
    json!({ into: { field.name.clone(): value } })
}
