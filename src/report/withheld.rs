//! Inputs and expectations as plain data without what is secret.

use crate::scheme::{CredentialKind, Destination, Scheme, Secrecy};
use serde_json::{Value, json};

/// Stands for a value that is withheld.
const WITHHELD: &str = "***";

/// Withholds what is secret of a vector, or of a part of it.
pub fn withhold(scheme: &Scheme, secrecy: &Secrecy, node: &mut Value) {
    match node {
        Value::Object(map) => map.iter_mut().for_each(|(key, value)| entry(scheme, secrecy, key, value)),
        Value::Array(items) => items.iter_mut().for_each(|item| withhold(scheme, secrecy, item)),
        _ => {}
    }
}

fn entry(scheme: &Scheme, secrecy: &Secrecy, key: &str, value: &mut Value) {
    let in_query = || secrecy.part(Destination::Query);
    let named = |fields: &mut serde_json::Map<String, Value>, secret: &dyn Fn(&str) -> bool| {
        fields.iter_mut().filter(|(name, _)| secret(name)).for_each(|(_, value)| *value = json!(WITHHELD));
    };
    match (key, value) {
        ("headers", Value::Array(fields)) => pairs(secrecy, Destination::Header, fields),
        ("query", Value::Array(fields)) => pairs(secrecy, Destination::Query, fields),
        ("headers", Value::Object(fields)) => {
            named(fields, &|name| secrecy.field(Destination::Header, name.as_bytes()));
        }
        ("account", values @ Value::Object(_)) => account(scheme, values),
        ("accounts", Value::Array(accounts)) => accounts.iter_mut().for_each(|values| account(scheme, values)),
        ("stages", Value::Object(stages)) => named(stages, &|name| secrecy.stage(name)),
        ("target" | "url" | "path", value) if secrecy.part(Destination::Path) => *value = json!(WITHHELD),
        ("target" | "url", Value::String(text)) if in_query() => {
            if let Some((path, _)) = text.split_once('?') {
                *text = format!("{path}?{WITHHELD}");
            }
        }
        ("body", value) if secrecy.part(Destination::Form) || secrecy.part(Destination::Json) => {
            *value = json!(WITHHELD)
        }
        ("change", Value::Object(change)) => {
            change.values_mut().for_each(|value| changed(scheme, secrecy, value));
        }
        (_, value) => withhold(scheme, secrecy, value),
    }
}

/// An account with its public values alone.
pub fn account(scheme: &Scheme, account: &mut Value) {
    if let Value::Object(values) = account {
        let public = |name: &str| scheme.account.get(name) == Some(&CredentialKind::Public);
        values.iter_mut().filter(|(name, _)| !public(name)).for_each(|(_, value)| *value = json!(WITHHELD));
    }
}

fn pairs(secrecy: &Secrecy, part: Destination, fields: &mut [Value]) {
    for field in fields {
        let secret = field[0].as_str().is_some_and(|name| secrecy.field(part, name.as_bytes()));
        if let (true, Some(value)) = (secret, field.get_mut(1)) {
            *value = json!(WITHHELD);
        }
    }
}

/// The values of a fault, which may be those of a secret field or credential.
fn changed(scheme: &Scheme, secrecy: &Secrecy, value: &mut Value) {
    let secret = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        let field = Destination::ALL.into_iter().any(|part| secrecy.field(part, name.as_bytes()));
        field || scheme.account.get(name).is_some_and(|kind| *kind != CredentialKind::Public)
    };
    match value {
        Value::Array(items) => {
            if let Some((last, names)) = items.split_last_mut()
                && names.iter().any(secret)
            {
                *last = json!(WITHHELD);
            }
        }
        Value::String(text) if text.contains('?') && secrecy.part(Destination::Query) => *value = json!(WITHHELD),
        _ => {}
    }
}
