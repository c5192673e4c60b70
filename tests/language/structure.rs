//! What a scheme's data say of it: which values reach the wire, which checks compare what, what is read.

use countersign::scheme::{CredentialKind, Operation, Scheme};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An operation of a scheme, with a variant applied, and its blocks as plain data.
#[derive(Debug, Clone)]
pub struct Structure {
    pub operation: Operation,
    pub scheme: Scheme,
    place: Value,
    derive: Value,
    verify: Value,
    receive: Value,
}

impl Structure {
    pub fn of(scheme: Scheme, operation: &str) -> Structure {
        let operation = scheme.operations[operation].clone();
        let (place, derive) = (json!([operation.prepare, operation.place]), json!(operation.derive));
        let (verify, receive) = (json!(operation.verify), json!(operation.receive));
        Structure { operation, scheme, place, derive, verify, receive }
    }

    /// Why signing and verifying cannot be put together, where they cannot.
    pub fn one_sided(&self) -> Option<&'static str> {
        if self.operation.verify.is_empty() {
            return Some("it has no checks");
        }
        let places = [&self.operation.prepare, &self.operation.place];
        let nothing =
            places.iter().all(|p| p.header.is_empty() && p.query.is_empty() && p.form.is_empty() && p.json.is_empty());
        nothing.then_some("it places nothing")
    }

    /// Whether a check looks at one of these sources itself.
    pub fn checks_look_at(&self, sources: &[&str]) -> bool {
        words(&self.verify).iter().any(|word| sources.contains(&word.as_str()))
    }

    /// Whether there is a check of this kind.
    pub fn has_check(&self, kind: &str) -> bool {
        self.operation.verify.iter().any(|check| check.test.word() == kind)
    }

    /// Whether a check needs the account, be it through a stage.
    pub fn needs_credentials(&self) -> bool {
        let stages = words(&self.verify).into_iter().filter_map(|word| word.strip_prefix("stage.").map(str::to_owned));
        let derived = stages.flat_map(|stage| self.closure(&stage)).collect();
        self.has_check("account")
            || words(&json!([self.verify, Value::Array(derived)])).iter().any(|w| w.starts_with("credential."))
    }

    /// Names of the header fields that a received time may be in.
    pub fn time_headers(&self) -> Vec<String> {
        let words = self.receive.get("time").map(words).unwrap_or_default();
        words.iter().filter_map(|word| word.strip_prefix("header.").map(str::to_owned)).collect()
    }

    /// Names of the fields of a part (`query`, `form`, `json`) that are read and not placed.
    pub fn read_fields(&self, part: &str) -> BTreeSet<String> {
        let prefix = format!("{part}.");
        let all = [&self.place, &self.derive, &self.verify, &self.receive];
        let read =
            all.iter().flat_map(|block| words(block)).filter_map(|word| word.strip_prefix(&prefix).map(str::to_owned));
        let placed = self.placed_fields(part);
        read.filter(|name| !placed.contains(name)).collect()
    }

    /// Names of the fields of a part that the signer adds.
    pub fn placed_fields(&self, part: &str) -> BTreeSet<String> {
        self.placed(part).map(|(name, _)| name.clone()).collect()
    }

    /// The same without those that are left out where their value is absent.
    pub fn always_placed(&self, part: &str) -> BTreeSet<String> {
        let optional = |pipeline: &Value| pipeline.get(0).is_some_and(|source| source.get("optional").is_some());
        self.placed(part).filter(|(_, pipeline)| !optional(pipeline)).map(|(name, _)| name.clone()).collect()
    }

    fn placed(&self, part: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.place.as_array().unwrap().iter().filter_map(move |place| place.get(part)?.as_object()).flatten()
    }

    /// Public and secret values of the account, and whether each can be seen on the wire: those may hold only what
    /// every template, header and token syntax takes. What is decoded before it is used is not among them.
    pub fn credentials(&self) -> Vec<(String, bool)> {
        let seen = self.reaching(&self.place);
        let looked_at = words(&self.verify);
        let account = self.scheme.account.iter();
        let values = account.filter(|(_, kind)| matches!(kind, CredentialKind::Public | CredentialKind::Secret));
        let decoded = decoded(&json!([self.place, self.derive, self.verify]));
        values
            .filter(|(name, _)| !decoded.contains(&format!("credential.{name}")))
            .map(|(name, _)| {
                let word = format!("credential.{name}");
                let exposed = seen.contains(&word) || looked_at.contains(&word);
                (name.clone(), exposed)
            })
            .collect()
    }

    /// Names of the stages that a check compares with something.
    pub fn compared_stages(&self) -> Vec<String> {
        let compares = |kind: &str| ["equal", "any-equal"].contains(&kind);
        let checks = self.operation.verify.iter().filter(|check| compares(check.test.word()));
        let words = checks.flat_map(|check| words(&json!(check)));
        words.filter_map(|word| word.strip_prefix("stage.").map(str::to_owned)).collect()
    }

    /// Whether a stage is a MAC or digest of something of the message.
    pub fn authenticates(&self, stage: &str) -> bool {
        let closure = self.closure(stage);
        let one_way = closure.iter().any(is_one_way);
        let message =
            ["method", "target", "path", "raw_path", "query", "raw_query", "url", "body", "form", "headers", "time"];
        let of_message = |word: &String| {
            message.contains(&word.as_str())
                || ["json.", "form.", "query.", "header."].iter().any(|p| word.starts_with(p))
        };
        one_way && closure.iter().flat_map(words).any(|word| of_message(&word))
    }

    /// Whether a verifier derives this stage as the signer does, from nothing that it takes as received.
    pub fn is_derived_anew(&self, stage: &str) -> bool {
        let received = |word: &String| word.starts_with("stage.") && self.operation.receive.contains_key(word);
        !self.operation.receive.contains_key(&format!("stage.{stage}"))
            && !self.closure(stage).iter().flat_map(words).any(|word| received(&word))
    }

    /// Stages whose pipeline sorts the fields of the query.
    pub fn sorting_stages(&self) -> Vec<String> {
        let stages = self.derive.as_object().unwrap().iter();
        let sorts = |pipeline: &Value| {
            pipeline.as_array().is_some_and(|steps| steps.iter().any(|step| step.get("sort").is_some()))
        };
        stages
            .filter(|(_, p)| sorts(p) && words(p).contains(&"query".to_owned()))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// The pipeline of a stage and of every stage that it uses.
    fn closure(&self, stage: &str) -> Vec<Value> {
        let pipeline = self.derive[stage].clone();
        let used = words(&pipeline).into_iter().filter_map(|word| word.strip_prefix("stage.").map(str::to_owned));
        let below: Vec<Value> = used.flat_map(|stage| self.closure(&stage)).collect();
        std::iter::once(pipeline).chain(below).collect()
    }

    /// Words from which a value comes without a digest or MAC in between.
    fn reaching(&self, value: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        match value {
            Value::Array(steps) if is_one_way(&Value::Array(steps.clone())) => {}
            Value::Array(items) => items.iter().for_each(|item| found.extend(self.reaching(item))),
            Value::Object(map) => map.values().for_each(|item| found.extend(self.reaching(item))),
            Value::String(word) => {
                if let Some(pipeline) = word.strip_prefix("stage.").and_then(|stage| self.derive.get(stage)) {
                    found.extend(self.reaching(pipeline));
                }
                found.insert(word.clone());
            }
            _ => {}
        }
        found
    }
}

/// Whether a digest or MAC stands among the steps of a pipeline.
fn is_one_way(pipeline: &Value) -> bool {
    let digests = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];
    let one_way =
        |step: &Value| step.get("hmac").is_some() || step.as_str().is_some_and(|word| digests.contains(&word));
    pipeline.as_array().is_some_and(|steps| steps.iter().any(one_way))
}

/// Words that stand in a pipeline with a decoding step.
fn decoded(value: &Value) -> Vec<String> {
    let decodes = |step: &Value| {
        let is = |name: &str| step == name || step.get(name).is_some();
        is("base64-decode") || is("hex-decode")
    };
    match value {
        Value::Array(steps) if steps.iter().any(decodes) => words(value),
        Value::Array(items) => items.iter().flat_map(decoded).collect(),
        Value::Object(map) => map.values().flat_map(decoded).collect(),
        _ => Vec::new(),
    }
}

/// Every text in plain data.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(word) => vec![word.clone()],
        Value::Array(items) => items.iter().flat_map(words).collect(),
        Value::Object(map) => map.values().flat_map(words).collect(),
        _ => Vec::new(),
    }
}
