//! A scheme made ready: a corpus of it whose accounts hold random secrets, what its reference signs, and an
//! implementation that does something wrong.

use super::needles::{Needles, letters};
use crate::command::Corpus;
use serde_json::{Map, Value, json};

/// A scheme, and what is to be signed.
pub struct Source {
    pub name: String,
    /// `scheme.yaml`.
    pub yaml: String,
    /// `statements.yaml`.
    pub statements: String,
    /// A text of the scheme, and what a wrong implementation has in its place.
    pub wrong: (String, String),
    /// Stages that are looked for too: one that is used as a key is as secret as what it is made of.
    pub keys: &'static [&'static str],
    /// `given` of vectors that sign, each with its account written out.
    pub given: Vec<Value>,
    /// Names of the credentials that are secret.
    pub secrets: Vec<String>,
}

/// What was signed of what was given.
pub struct Signed {
    pub operation: String,
    pub variant: Option<String>,
    /// `sign` of a vector, the account written out.
    pub sign: Value,
    pub stages: Map<String, Value>,
    /// What is on the wire.
    pub request: Value,
}

/// A scheme made ready.
pub struct Prepared {
    pub name: String,
    /// The scheme; its vectors expect what is right.
    pub corpus: Corpus,
    /// What the wrong implementation takes for the scheme, with the same vectors.
    pub wrong: Corpus,
    /// Files that are no corpus.
    pub beside: Corpus,
    pub signed: Vec<Signed>,
    /// What the wrong implementation signs of the same.
    pub wrongly_signed: Vec<Signed>,
    /// Names of the credentials that are secret.
    pub secrets: Vec<String>,
    pub needles: Needles,
}

impl Source {
    /// Makes the scheme ready; what the reference does not sign is left out.
    pub fn prepare(&self) -> Prepared {
        let (corpus, wrong) = (Corpus::empty(), Corpus::empty());
        let (old, new) = &self.wrong;
        assert!(self.yaml.contains(old.as_str()), "{}: `{old}` is not in the scheme", self.name);
        for (corpus, yaml) in [(&corpus, self.yaml.clone()), (&wrong, self.yaml.replacen(old, new, 1))] {
            corpus.write(&self.file("scheme.yaml"), yaml);
            corpus.write(&self.file("statements.yaml"), &self.statements);
            corpus.write(&self.file("secrecy.yaml"), self.topic(&[], &[]));
        }
        let mut signed = self.sign(&corpus, &self.given);
        // The first of each operation and variant.
        let mut seen: Vec<(String, Option<String>)> = Vec::new();
        signed.retain(|signed| {
            let kind = (signed.operation.clone(), signed.variant.clone());
            let is_first = !seen.contains(&kind);
            seen.push(kind);
            is_first
        });
        signed.truncate(2);
        assert!(!signed.is_empty(), "{}: nothing can be signed", self.name);
        let results = verify(&corpus, &self.name, &signed);
        for corpus in [&corpus, &wrong] {
            corpus.write(&self.file("secrecy.yaml"), self.topic(&signed, &results));
        }
        let again: Vec<Value> = signed.iter().map(Signed::given).collect();
        let wrongly_signed = self.sign(&wrong, &again);
        let needles = self.needles(&signed, &wrongly_signed);
        let secrets = self.secrets.clone();
        Prepared {
            name: self.name.clone(),
            corpus,
            wrong,
            beside: Corpus::empty(),
            signed,
            wrongly_signed,
            secrets,
            needles,
        }
    }

    fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.name)
    }

    /// What stays of a secret after its mark, and stages that are keys.
    fn needles(&self, right: &[Signed], wrong: &[Signed]) -> Needles {
        let mut secrets: Vec<Vec<u8>> = Vec::new();
        for signed in right.iter().chain(wrong) {
            let account = signed.sign["account"].as_object().unwrap();
            for (name, value) in account.iter().filter(|(name, _)| self.secrets.contains(name)) {
                let text = value.as_str().unwrap_or_else(|| panic!("{}: {name} is no text", self.name));
                secrets.push(text.rsplit('_').next().unwrap_or_default().into());
            }
            secrets.extend(self.keys.iter().filter_map(|stage| signed.stages.get(*stage)).map(bytes));
        }
        Needles::of(secrets.iter().map(Vec::as_slice))
    }

    /// What the reference signs of a corpus.
    fn sign(&self, corpus: &Corpus, given: &[Value]) -> Vec<Signed> {
        let message = |given: &Value| message("sign", &self.name, given, given["sign"].clone());
        let replies = corpus.ask(&given.iter().map(message).collect::<Vec<_>>());
        let signed = given.iter().zip(replies).filter_map(|(given, reply)| {
            Some(Signed {
                operation: given["operation"].as_str()?.to_owned(),
                variant: given["variant"].as_str().map(str::to_owned),
                sign: given["sign"].clone(),
                stages: reply["stages"].as_object()?.clone(),
                request: reply["signed_request"].clone(),
            })
        });
        signed.collect()
    }

    /// The vectors: each is signed, and verified as it is; and one that no recipe gives, for what is said of it.
    fn topic(&self, signed: &[Signed], results: &[Value]) -> String {
        let source = json!({ "kind": "generated", "place": "here" });
        let mut accounts = Map::new();
        let mut vectors = Vec::new();
        let mut add = |name: String, comment: &str, given: Value, expect: Value| {
            vectors
                .push(json!({ "name": name, "comment": comment, "source": source, "given": given, "expect": expect }));
        };
        for (i, signed) in signed.iter().enumerate() {
            let account = format!("account-{i}");
            accounts.insert(account.clone(), signed.sign["account"].clone());
            let mut sign = signed.given();
            sign["sign"]["account"] = json!(account);
            let request = json!({ "target": signed.request["target"], "body": signed.request["body"] });
            let expect = json!({ "stages": signed.stages, "signed_request": request });
            add(format!("sign-{i}"), "Signed.", sign, expect);
            let mut verify = json!({ "operation": signed.operation, "verify": signed.verify(json!([account])) });
            signed.variant.iter().for_each(|variant| verify["variant"] = json!(variant));
            add(format!("verify-{i}"), "Given back.", verify, json!({ "results": results[i] }));
        }
        if signed.is_empty() {
            let nothing = json!({ "method": "GET", "host": "h", "path": "/" });
            let operation = self.given[0]["operation"].clone();
            accounts.insert("nobody".into(), json!({}));
            let sign = json!({ "operation": operation, "sign": { "account": "nobody", "request": nothing } });
            add("none".into(), "For the time being.", sign, json!({ "stages": { "none": "" } }));
        } else {
            let mut refused = vectors[1].clone();
            refused["name"] = json!("refused");
            refused["fault"] =
                json!({ "base": format!("{}/secrecy/sign-0", self.name), "change": { "set-method": "PATCH" } });
            vectors.push(refused);
        }
        // JSON is YAML in which every text is quoted.
        json!({ "about": "Secrets.", "accounts": accounts, "vectors": vectors }).to_string()
    }
}

impl Signed {
    /// `given` of a vector, the account written out.
    pub fn given(&self) -> Value {
        let mut given = json!({ "operation": self.operation, "sign": self.sign });
        self.variant.iter().for_each(|variant| given["variant"] = json!(variant));
        given
    }

    /// `verify` of what was signed, by a server that knows these accounts.
    pub fn verify(&self, accounts: Value) -> Value {
        let mut step = json!({ "client_address": "203.0.113.7", "request": self.request });
        if let Some(time) = self.sign.get("time") {
            step["now"] = time.clone();
        }
        let mut verify = json!({ "accounts": accounts, "messages": [step] });
        if let Some(parameters) = self.sign.get("parameters") {
            verify["parameters"] = parameters.clone();
        }
        verify
    }

    /// The account with other secrets.
    pub fn stranger(&self, secrets: impl Fn(&str) -> bool) -> Value {
        let account = self.sign["account"].as_object().unwrap().iter();
        let other = |(name, value): (&String, &Value)| {
            let value = if secrets(name) && *value != json!("") {
                json!(letters(&format!("other {name} {}", self.operation), 24))
            } else {
                value.clone()
            };
            (name.clone(), value)
        };
        Value::Object(account.map(other).collect())
    }
}

/// What expectations are made of: how the reference judges what it signed.
fn verify(corpus: &Corpus, scheme: &str, signed: &[Signed]) -> Vec<Value> {
    let message =
        |signed: &Signed| message("verify", scheme, &signed.given(), signed.verify(json!([signed.sign["account"]])));
    let replies = corpus.ask(&signed.iter().map(message).collect::<Vec<_>>());
    let expected = |reply: Value| match reply["results"][0].clone() {
        result if result["accept"] == true => json!([{ "outcome": "accept" }]),
        result if result["class"].is_string() => json!([{ "outcome": "reject", "class": result["class"] }]),
        // What cannot be judged is put all the same: the failure is part of what is shown.
        _ => json!([{ "outcome": "accept" }]),
    };
    replies.into_iter().map(expected).collect()
}

fn message(op: &str, scheme: &str, given: &Value, task: Value) -> Value {
    let mut message = json!({ "seq": 0, "op": op, "scheme": scheme, "operation": given["operation"], "given": task });
    if let Some(variant) = given.get("variant") {
        message["variant"] = variant.clone();
    }
    message
}

/// The bytes that a value of the protocol stands for.
pub fn bytes(value: &Value) -> Vec<u8> {
    match value["hex"].as_str() {
        Some(digits) => {
            (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
        }
        None => value.as_str().unwrap_or_default().into(),
    }
}
