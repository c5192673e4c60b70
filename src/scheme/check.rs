//! Checks: the steps of verification, each with the class that it refuses with.

use super::deviation::Deviation;
use super::model::Refusal;
use super::pipeline::Pipeline;
use super::reject::Class;
use crate::primitive::text::Syntax;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Check {
    /// What is tested.
    pub test: Test,
    /// Why a message that fails is refused.
    pub reject: Class,
    /// What the sender gets, where the document says.
    pub refusal: Refusal,
    /// A wrong way to do it, for mutants alone.
    pub deviation: Option<Deviation>,
}

/// What a check tests. An absent value fails it; a value that cannot be read is `malformed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// The value is there and not empty.
    Present(Pipeline),
    /// Some account has these credentials; it is the account from here on.
    Account(IndexMap<String, Pipeline>),
    /// Two values are equal, compared in constant time.
    Equal {
        /// What arrived.
        left: Pipeline,
        /// What it must be.
        right: Pipeline,
        /// Whether the case of ASCII letters is disregarded.
        caseless: bool,
    },
    /// One item of a list is equal to the value.
    AnyEqual {
        /// What arrived.
        list: Pipeline,
        /// What one item must be.
        value: Pipeline,
    },
    /// The value is one of these texts.
    OneOf {
        /// The value.
        value: Pipeline,
        /// The texts.
        allowed: Vec<String>,
    },
    /// The value has this syntax.
    Matches {
        /// The value.
        value: Pipeline,
        /// The syntax.
        syntax: Syntax,
    },
    /// A list has this item.
    Includes {
        /// The list.
        list: Pipeline,
        /// The item.
        item: String,
    },
    /// The received time is near the server's clock.
    Fresh {
        /// Seconds by which it may be off, either way; 0 unless given.
        within: Option<Pipeline>,
        /// Seconds for which the message stays valid after its time, where that is not `within`.
        lasting: Option<Pipeline>,
    },
    /// The server's clock has not passed the received time.
    Until,
    /// A whole number of seconds is at most this.
    AtMost {
        /// The number.
        value: Pipeline,
        /// The greatest that is permitted.
        limit: u64,
    },
    /// The value was not seen before in an accepted message.
    Unique(Pipeline),
    /// The value is the one first accepted with this key.
    Same {
        /// What it is bound to.
        key: Pipeline,
        /// What must stay the same.
        value: Pipeline,
    },
    /// Fewer than `limit` messages of `by` were accepted in the window that ends now.
    Rate {
        /// How many are permitted.
        limit: Pipeline,
        /// The window.
        per: Per,
        /// Whose messages are counted together.
        by: Pipeline,
    },
    /// The client's address is listed.
    Address(Addresses),
    /// A URL is a base URL, or continues it at a `/`.
    Under {
        /// The URL.
        url: Pipeline,
        /// The base; a slash at its end is part of it.
        base: Pipeline,
    },
}

/// A window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Per {
    /// 60 seconds.
    Minute,
}

impl Per {
    /// Its length in nanoseconds.
    pub fn nanoseconds(self) -> i128 {
        60_000_000_000
    }
}

/// Where a list of addresses comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addresses {
    /// An attribute of the account.
    Credential(String),
    /// Listed: addresses or CIDR prefixes.
    Listed(Vec<String>),
}

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
    /// The word by which the check is written and addressed.
    pub fn kind(&self) -> &'static str {
        match self {
            Test::Present(_) => "present",
            Test::Account(_) => "account",
            Test::Equal { .. } => "equal",
            Test::AnyEqual { .. } => "any-equal",
            Test::OneOf { .. } => "one-of",
            Test::Matches { .. } => "matches",
            Test::Includes { .. } => "includes",
            Test::Fresh { .. } => "fresh",
            Test::Until => "until",
            Test::AtMost { .. } => "at-most",
            Test::Unique(_) => "unique",
            Test::Same { .. } => "same",
            Test::Rate { .. } => "rate",
            Test::Address(_) => "address",
            Test::Under { .. } => "under",
        }
    }

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

impl Test {
    /// The pipelines of this check, each with its path below the check.
    pub fn pipelines(&self) -> Vec<(String, &Pipeline)> {
        let at = |path: &str| path.to_owned();
        match self {
            Test::Present(value) | Test::Unique(value) => vec![(at(&format!(".{}", self.kind())), value)],
            Test::Account(fields) => fields.iter().map(|(name, value)| (format!(".account.{name}"), value)).collect(),
            Test::Equal { left, right, .. } => vec![(at(".equal.0"), left), (at(".equal.1"), right)],
            Test::AnyEqual { list, value } => vec![(at(".any-equal.0"), list), (at(".any-equal.1"), value)],
            Test::OneOf { value, .. } => vec![(at(".one-of.0"), value)],
            Test::Matches { value, .. } => vec![(at(".matches.0"), value)],
            Test::Includes { list, .. } => vec![(at(".includes.0"), list)],
            Test::Fresh { within, lasting } => {
                let within = within.iter().map(|code| (at(".within"), code));
                within.chain(lasting.iter().map(|code| (at(".for"), code))).collect()
            }
            Test::Until | Test::Address(_) => Vec::new(),
            Test::AtMost { value, .. } => vec![(at(".at-most.0"), value)],
            Test::Same { key, value } => vec![(at(".same.key"), key), (at(".same.value"), value)],
            Test::Rate { limit, by, .. } => vec![(at(".rate.limit"), limit), (at(".rate.by"), by)],
            Test::Under { url, base } => vec![(at(".under.0"), url), (at(".under.1"), base)],
        }
    }
}
