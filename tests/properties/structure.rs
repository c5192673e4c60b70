//! What a scheme's own data say of it: which values reach the wire, what is signed, which checks compare what, what is
//! read. No scheme is named.

use countersign::scheme::{Characters, CredentialKind, Operation, Scheme};
use countersign::yaml::Segment;
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
        self.operation.placed().next().is_none().then_some("it places nothing")
    }

    /// Whether a check looks at one of these sources itself.
    pub fn checks_look_at(&self, sources: &[&str]) -> bool {
        words(&self.verify).iter().any(|word| sources.contains(&word.as_str()))
    }

    /// Whether a check compares one of these sources as a whole, so that the message can have one value of it alone.
    pub fn checks_equality_of(&self, sources: &[&str]) -> bool {
        let mut equal = self.verify.as_array().into_iter().flatten().filter_map(|check| check.get("equal"));
        equal.any(|compared| words(compared).iter().any(|word| sources.contains(&word.as_str())))
    }

    /// Whether there is a check of this kind.
    pub fn has_check(&self, kind: &str) -> bool {
        self.operation.verify.iter().any(|check| check.test.word() == kind)
    }

    /// Whether a message is valid until a time that is another one than the signed one.
    pub fn has_an_end(&self) -> bool {
        let mut ends = self.verify.as_array().into_iter().flatten().filter_map(|check| check.get("until"));
        ends.any(|until| *until != json!("time"))
    }

    /// Addresses that checks list.
    pub fn listed_addresses(&self) -> impl Iterator<Item = String> {
        words(&self.verify).into_iter()
    }

    /// Whether the account matters to a check, be it through a stage.
    pub fn needs_credentials(&self) -> bool {
        let derived = stages_in(&self.verify).iter().flat_map(|stage| self.closure(stage)).collect();
        let all = words(&json!([self.verify, Value::Array(derived)]));
        !self.credentials().is_empty()
            && (self.has_check("account") || all.iter().any(|w| w.starts_with("credential.")))
    }

    /// Names of the header fields that a received time may be in.
    pub fn time_headers(&self) -> Vec<String> {
        let words = self.receive.get("time").map(words).unwrap_or_default();
        words.iter().filter_map(|word| word.strip_prefix("header.").map(str::to_owned)).collect()
    }

    /// Names of the fields of a part (`query`, `form`, `json`) that are read or placed.
    pub fn fields(&self, part: &str) -> BTreeSet<Vec<u8>> {
        let prefix = format!("{part}.");
        let all = [&self.place, &self.derive, &self.verify, &self.receive];
        let read = all.iter().flat_map(|block| words(block)).filter_map(|w| w.strip_prefix(&prefix).map(str::to_owned));
        let placed = self.placed(part).map(|(name, _)| name.clone());
        read.chain(placed).map(String::into_bytes).collect()
    }

    /// Names of the fields of a part that the signer adds, unless they can be left out for want of a value.
    pub fn always_placed(&self, part: &str) -> BTreeSet<String> {
        let optional = |pipeline: &Value| pipeline.get(0).is_some_and(|source| source.get("optional").is_some());
        self.placed(part).filter(|(_, pipeline)| !optional(pipeline)).map(|(name, _)| name.clone()).collect()
    }

    fn placed(&self, part: &str) -> impl Iterator<Item = (&String, &Value)> {
        let places = self.place.as_array().into_iter().flatten();
        places.filter_map(move |place| place.get(part)?.as_object()).flatten()
    }

    /// Public and secret values of the account, and whether each can be seen on the wire: those may hold only what
    /// every template, header and token syntax takes. What is decoded before it is used is not among them, nor what the
    /// caller writes into a field himself, by which the account is found.
    pub fn credentials(&self) -> Vec<(String, bool)> {
        let seen = self.reaching(&self.place);
        let looked_at = words(&self.verify);
        let decoded = decoded(&json!([self.place, self.derive, self.verify]));
        let account = self.scheme.account.iter();
        let values = account.filter(|(_, kind)| matches!(kind, CredentialKind::Public | CredentialKind::Secret));
        let named = values.map(|(name, _)| (name.clone(), format!("credential.{name}")));
        named
            .filter(|(name, word)| !decoded.contains(word) && !self.is_of_the_caller(name))
            .map(|(name, word)| (name, seen.contains(&word) || looked_at.contains(&word)))
            .collect()
    }

    /// Returns whether the account is found by a field with this credential that the scheme does not write.
    fn is_of_the_caller(&self, credential: &str) -> bool {
        let found = self.operation.verify.iter().filter(|check| check.test.is("account"));
        found.flat_map(|check| check.test.pipelines()).any(|(way, pipeline)| {
            let is_of_credential = way.last().is_some_and(|name| *name == Segment::from(credential));
            let field = pipeline.source.field();
            is_of_credential && field.is_some_and(|(part, name)| !self.placed(part).any(|(placed, _)| placed == name))
        })
    }

    /// Stages that a check compares with something else.
    pub fn compared(&self) -> BTreeSet<String> {
        let compares = |word: &str| ["equal", "any-equal"].contains(&word);
        let checks = self.operation.verify.iter().filter(|check| compares(check.test.word()));
        checks.flat_map(|check| check.test.pipelines()).flat_map(|(_, pipeline)| stages_in(&json!(pipeline))).collect()
    }

    /// Stages that a check compares, and the stages that these are derived from.
    pub fn signed(&self) -> BTreeSet<String> {
        let mut found = self.compared();
        // A stage is derived from earlier ones only, so one pass from the last to the first finds all.
        for (name, pipeline) in self.operation.derive.iter().rev() {
            if found.contains(name) {
                found.extend(stages_in(&json!(pipeline)));
            }
        }
        found
    }

    /// Whether a stage is a MAC or digest of something of the message.
    pub fn authenticates(&self, stage: &str) -> bool {
        let closure = self.closure(stage);
        let message =
            ["method", "target", "path", "raw_path", "query", "raw_query", "url", "body", "form", "headers", "time"];
        let parts = ["json.", "form.", "query.", "header."];
        let of_message = |word: &String| message.contains(&&**word) || parts.iter().any(|part| word.starts_with(part));
        closure.iter().any(is_one_way) && closure.iter().flat_map(words).any(|word| of_message(&word))
    }

    /// Whether a verifier derives this stage as the signer does, from nothing that it takes as received.
    pub fn is_derived_anew(&self, stage: &str) -> bool {
        let received = |word: &String| word.starts_with("stage.") && self.operation.receive.contains_key(word);
        !self.operation.receive.contains_key(&format!("stage.{stage}"))
            && !self.closure(stage).iter().flat_map(words).any(|word| received(&word))
    }

    /// Stages whose pipeline sorts the fields of the query.
    pub fn sorting(&self) -> BTreeSet<String> {
        let sorts = |pipeline: &Value| {
            pipeline.as_array().is_some_and(|steps| steps.iter().any(|step| step.get("sort").is_some()))
                && words(pipeline).iter().any(|word| word == "query")
        };
        let stages = self.derive.as_object().into_iter().flatten();
        stages.filter(|(_, pipeline)| sorts(pipeline)).map(|(name, _)| name.clone()).collect()
    }

    /// The pipeline of a stage and of every stage that it uses.
    fn closure(&self, stage: &str) -> Vec<Value> {
        let pipeline = self.derive[stage].clone();
        let below: Vec<Value> = stages_in(&pipeline).iter().flat_map(|stage| self.closure(stage)).collect();
        std::iter::once(pipeline).chain(below).collect()
    }

    /// Words from which a value comes without a digest or MAC in between.
    fn reaching(&self, value: &Value) -> BTreeSet<String> {
        match value {
            Value::Array(items) if !is_one_way(value) => items.iter().flat_map(|item| self.reaching(item)).collect(),
            Value::Object(map) => map.values().flat_map(|item| self.reaching(item)).collect(),
            Value::String(word) => {
                let pipeline = word.strip_prefix("stage.").and_then(|stage| self.derive.get(stage));
                let behind = pipeline.map(|pipeline| self.reaching(pipeline)).unwrap_or_default();
                behind.into_iter().chain([word.clone()]).collect()
            }
            _ => BTreeSet::new(),
        }
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

fn stages_in(printed: &Value) -> Vec<String> {
    words(printed).iter().filter_map(|word| word.strip_prefix("stage.").map(str::to_owned)).collect()
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

/// Bytes as far as a domain permits them.
pub fn within(bytes: &[u8], domain: Characters) -> Vec<u8> {
    match domain {
        Characters::Text => String::from_utf8_lossy(bytes).into_owned().into_bytes(),
        Characters::Ascii => safe(bytes),
    }
}

/// As many bytes that every template, header and token syntax takes; those that it takes stay.
pub fn safe(bytes: &[u8]) -> Vec<u8> {
    const SAFE: &[u8; 65] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    let safe = |&b: &u8| if SAFE.contains(&b) { b } else { SAFE[usize::from(b) % SAFE.len()] };
    bytes.iter().map(safe).collect()
}
