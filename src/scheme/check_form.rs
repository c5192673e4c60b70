//! How checks are written: a map whose one key of a list of words says what is tested.

use super::check::{Addresses, Check, Per, Test};
use super::pipeline::Pipeline;
use crate::primitive::text::Syntax;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    key: Pipeline,
    value: Pipeline,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    limit: Pipeline,
    per: Per,
    by: Pipeline,
}

const KINDS: [&str; 15] = [
    "present",
    "account",
    "equal",
    "any-equal",
    "one-of",
    "matches",
    "includes",
    "fresh",
    "until",
    "at-most",
    "unique",
    "same",
    "rate",
    "address",
    "under",
];

impl Test {
    fn decode(kind: &str, value: Value, options: &mut Map<String, Value>) -> Result<Test, String> {
        Ok(match kind {
            "present" => Test::Present(decode(value)?),
            "account" => Test::Account(decode(value)?),
            "equal" => {
                let [left, right] = decode::<[Pipeline; 2]>(value)?;
                Test::Equal { left, right, caseless: option(options, "caseless")?.unwrap_or(false) }
            }
            "any-equal" => {
                let [list, value] = decode::<[Pipeline; 2]>(value)?;
                Test::AnyEqual { list, value }
            }
            "one-of" => {
                let (value, allowed) = head(value)?;
                Test::OneOf { value, allowed }
            }
            "matches" => {
                let (value, syntax) = decode::<(Pipeline, Syntax)>(value)?;
                Test::Matches { value, syntax }
            }
            "includes" => {
                let (list, item) = decode::<(Pipeline, String)>(value)?;
                Test::Includes { list, item }
            }
            "fresh" => {
                received_time(&value)?;
                Test::Fresh { within: option(options, "within")?, lasting: option(options, "for")? }
            }
            "until" => {
                received_time(&value)?;
                Test::Until
            }
            "at-most" => {
                let (value, limit) = decode::<(Pipeline, u64)>(value)?;
                Test::AtMost { value, limit }
            }
            "unique" => Test::Unique(decode(value)?),
            "same" => {
                let Same { key, value } = decode(value)?;
                Test::Same { key, value }
            }
            "rate" => {
                let Rate { limit, per, by } = decode(value)?;
                Test::Rate { limit, per, by }
            }
            "address" => Test::Address(match value {
                Value::String(word) => match word.strip_prefix("credential.") {
                    Some(name) => Addresses::Credential(name.to_owned()),
                    None => return Err(format!("`{word}` is no list of addresses; it is credential.X or a list")),
                },
                list => Addresses::Listed(decode(list)?),
            }),
            _ => {
                let [url, base] = decode::<[Pipeline; 2]>(value)?;
                Test::Under { url, base }
            }
        })
    }

    fn encode(&self, map: &mut Map<String, Value>) {
        let mut put = |key: &str, value: Value| map.insert(key.into(), value);
        let value = match self {
            Test::Present(value) | Test::Unique(value) => json!(value),
            Test::Account(fields) => json!(fields),
            Test::Equal { left, right, .. } => json!([left, right]),
            Test::AnyEqual { list, value } => json!([list, value]),
            Test::OneOf { value, allowed } => {
                let texts = allowed.iter().map(|a| json!(a));
                Value::Array(std::iter::once(json!(value)).chain(texts).collect())
            }
            Test::Matches { value, syntax } => json!([value, syntax]),
            Test::Includes { list, item } => json!([list, item]),
            Test::Fresh { .. } | Test::Until => json!("time"),
            Test::AtMost { value, limit } => json!([value, limit]),
            Test::Same { key, value } => json!({ "key": key, "value": value }),
            Test::Rate { limit, per, by } => json!({ "limit": limit, "per": per, "by": by }),
            Test::Address(Addresses::Credential(name)) => json!(format!("credential.{name}")),
            Test::Address(Addresses::Listed(list)) => json!(list),
            Test::Under { url, base } => json!([url, base]),
        };
        put(self.kind(), value);
        match self {
            Test::Equal { caseless: true, .. } => {
                put("caseless", json!(true));
            }
            Test::Fresh { within, lasting } => {
                for (key, value) in [("within", within), ("for", lasting)] {
                    if let Some(value) = value {
                        put(key, json!(value));
                    }
                }
            }
            _ => {}
        }
    }
}

fn decode<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|e| e.to_string())
}

fn option<T: serde::de::DeserializeOwned>(options: &mut Map<String, Value>, key: &str) -> Result<Option<T>, String> {
    options.shift_remove(key).map(decode).transpose()
}

fn received_time(value: &Value) -> Result<(), String> {
    if value == "time" {
        Ok(())
    } else {
        Err(format!("`{value}`: this check is about `time`, the time that `receive` binds"))
    }
}

fn head(value: Value) -> Result<(Pipeline, Vec<String>), String> {
    match value {
        Value::Array(mut items) if items.len() > 1 => {
            let allowed = items.split_off(1);
            let value = decode(items.swap_remove(0))?;
            Ok((value, decode(Value::Array(allowed))?))
        }
        other => Err(format!("`{other}`: a value is expected, then the texts that it may be")),
    }
}

impl TryFrom<Value> for Check {
    type Error = String;

    fn try_from(value: Value) -> Result<Check, String> {
        let Value::Object(mut map) = value else {
            return Err(format!("`{value}` is no check; a check is a map such as {{present: …, reject: …}}"));
        };
        let kinds: Vec<String> = KINDS.iter().filter(|k| map.contains_key(**k)).map(|k| (*k).to_owned()).collect();
        let [kind] = kinds.as_slice() else {
            let known = KINDS.join(", ");
            return Err(format!("a check has exactly one of {known}; found {}", kinds.len()));
        };
        let value = map.shift_remove(kind).unwrap_or_default();
        let test = Test::decode(kind, value, &mut map).map_err(|e| format!("check `{kind}`: {e}"))?;
        let reject = map.shift_remove("reject").ok_or_else(|| format!("the check `{kind}` lacks `reject`"))?;
        let reject = decode(reject)?;
        let deviation = option(&mut map, "deviation")?;
        let refusal = decode(Value::Object(map)).map_err(|e| format!("check `{kind}`: {e}"))?;
        Ok(Check { test, reject, refusal, deviation })
    }
}

impl From<Check> for Value {
    fn from(check: Check) -> Value {
        let mut map = Map::new();
        check.test.encode(&mut map);
        map.insert("reject".into(), json!(check.reject));
        if let Some(deviation) = check.deviation {
            map.insert("deviation".into(), json!(deviation));
        }
        if let Value::Object(refusal) = json!(check.refusal) {
            map.extend(refusal);
        }
        Value::Object(map)
    }
}
