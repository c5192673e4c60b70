//! The schemes of this repository, their accounts with random secrets in place of the published ones.

use super::needles::letters;
use super::prepared::Source;
use crate::setting::place;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::Path;

/// What an implementation does wrong where it is not the encoding of a signature: a text of the scheme's file, and what
/// stands in its place.
const MISTAKES: [(&str, &str, &str); 26] = [
    ("akamai-edgegrid", "key: stage.signing_key } }, base64]", "key: stage.signing_key } }, hex]"),
    ("authorize-net", "{ hex: upper }]", "hex]"),
    ("client-system-api", "\"Bearer \" }, credential.access_token", "\"Bearer \" }, [credential.access_token, lower]"),
    ("cloudinary", "sha1, hex]", "sha1, base64]"),
    ("duo-admin", "}, hex]", "}, base64]"),
    ("flexiown-payments", "{ api-key: credential.api_key }", "{ api-key: [credential.api_key, lower] }"),
    ("flip-for-business", "[credential.secret, { text: \":\" }]", "[{ text: \":\" }, credential.secret]"),
    ("flipsnack", "[credential.secret, stage.canonical_query]", "[stage.canonical_query, credential.secret]"),
    ("http-digest", "}, sha256, hex]", "}, sha256, base64]"),
    ("iyzico-v2", "}, hex]", "}, base64]"),
    ("jwt-hs256", "with: sha256", "with: sha384"),
    ("lazada", "{ hex: upper }]", "hex]"),
    ("md5-amp-key", "md5, { hex: upper }]", "md5, hex]"),
    ("midtrans", "sha512, hex]", "sha512, base64]"),
    ("oauth1", "[credential.consumer_secret, {", "[credential.consumer_secret, lower, {"),
    ("ogone-sha-in", "sha512, { hex: upper }]", "sha512, hex]"),
    ("ovh", "sha1, hex]", "sha1, base64]"),
    ("payfast", "md5, hex]", "md5, base64]"),
    ("rfc6750", "\"Bearer \" }, credential.token", "\"Bearer \" }, [credential.token, lower]"),
    ("rfc7617", "{ text: \":\" }, { optional: credential.password }", "{ text: \":\" }, [credential.password, lower]"),
    ("shopify", "}, hex]", "}, base64]"),
    ("standard-webhooks", "{ strip-prefix: whsec_ }, base64-decode", "{ strip-prefix: whsec_ }"),
    ("tbank-acquiring", "sha256, hex]", "sha256, base64]"),
    ("tencent-cos", "key: stage.sign_key } }, hex]", "key: stage.sign_key } }, base64]"),
    ("thumbor", "with: sha1", "with: sha256"),
    ("upbit", "with: sha512", "with: sha384"),
];
/// How signatures are encoded, and how a wrong implementation does it; the first that a scheme has.
const ENCODED: [(&str, &str); 2] = [("}, base64]", "}, hex]"), ("}, hex]", "}, base64]")];
/// Stages that are keys.
const KEYS: [(&str, &[&str]); 10] = [
    ("akamai-edgegrid", &["signing_key"]),
    ("alibaba-rpc", &["key"]),
    ("aws-sigv4", &["signing_key"]),
    ("azure-monitor-logs", &["key"]),
    ("azure-shared-key", &["key"]),
    ("coinbase-exchange", &["key"]),
    ("gcs-v4-hmac", &["signing_key"]),
    ("telegram", &["secret_key"]),
    ("tencent-cos", &["sign_key"]),
    ("tencent-tc3", &["signing_key"]),
];

/// The schemes of this repository that have secrets: of those whose secrets go the same ways, the first.
pub fn schemes(directories: &[&str]) -> Vec<Source> {
    let mut tried = HashSet::new();
    let mut found = Vec::new();
    for directory in directories {
        let mut folders: Vec<_> = fs::read_dir(place(directory)).unwrap().map(|entry| entry.unwrap().path()).collect();
        folders.sort();
        for folder in folders.iter().filter(|folder| folder.join("scheme.yaml").is_file()) {
            let scheme: Value = serde_yaml::from_str(&fs::read_to_string(folder.join("scheme.yaml")).unwrap()).unwrap();
            let mut ways = BTreeSet::new();
            for operation in scheme["operations"].as_object().unwrap().values() {
                go(operation, &mut Vec::new(), &scheme["account"], &mut ways);
            }
            if tried.insert(ways) {
                found.extend(source(folder));
            }
        }
    }
    found
}

/// Gathers the ways that the secrets of an account go: the words of the language around each place where one stands.
fn go(node: &Value, around: &mut Vec<String>, account: &Value, ways: &mut BTreeSet<String>) {
    match node {
        Value::Object(map) => {
            for (word, below) in map {
                around.push(word.clone());
                go(below, around, account, ways);
                around.pop();
            }
        }
        Value::Array(all) => all.iter().for_each(|one| go(one, around, account, ways)),
        Value::String(text) if names_a_secret(text, account) => {
            let is_word = |word: &&String| !account.as_object().unwrap().contains_key(*word);
            // The name of a stage or field, below its block, is the scheme's own.
            let own = around.iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, word)| word).filter(is_word);
            ways.insert(own.cloned().collect::<Vec<_>>().join(" "));
        }
        _ => {}
    }
}

/// Tells whether a text is a reference to a secret, or a template with one.
fn names_a_secret(text: &str, account: &Value) -> bool {
    let secrets = account.as_object().unwrap().iter().filter(|(_, kind)| *kind == "secret").map(|(name, _)| name);
    secrets.into_iter().any(|name| text.contains(&format!("credential.{name}")))
}

/// The scheme in a folder of this repository; none where it has no secrets, or where no vector signs.
pub fn source(folder: &Path) -> Option<Source> {
    let yaml = fs::read_to_string(folder.join("scheme.yaml")).ok()?;
    let secrets = secrets(&yaml);
    let given = given(folder, &secrets);
    if secrets.is_empty() || given.is_empty() {
        return None;
    }
    let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
    let mistake = MISTAKES.iter().find(|mistake| mistake.0 == name).map(|&(_, old, new)| (old, new));
    let (old, new) = mistake
        .or_else(|| ENCODED.into_iter().find(|(old, _)| yaml.contains(old)))
        .unwrap_or_else(|| panic!("{name}: say in MISTAKES what an implementation does wrong"));
    Some(Source {
        statements: fs::read_to_string(folder.join("statements.yaml")).unwrap(),
        given,
        yaml,
        wrong: (old.into(), new.into()),
        keys: KEYS.iter().find(|(scheme, _)| *scheme == name).map_or(&[], |(_, keys)| keys),
        name,
        secrets,
    })
}

/// Names of the credentials that a scheme says are secret.
fn secrets(yaml: &str) -> Vec<String> {
    let scheme: Value = serde_yaml::from_str(yaml).unwrap();
    let account = scheme["account"].as_object().unwrap();
    account.iter().filter(|(_, kind)| *kind == "secret").map(|(name, _)| name.clone()).collect()
}

/// What vectors sign, with random secrets: the first few of each operation and variant.
fn given(folder: &Path, secrets: &[String]) -> Vec<Value> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut given: Vec<Value> = Vec::new();
    for file in files.iter().filter(|file| file.file_name().is_some_and(|name| name != "scheme.yaml")) {
        let topic: Value = serde_yaml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        for vector in topic["vectors"].as_array().into_iter().flatten() {
            let mut signs = vector["given"].clone();
            let Some(account) = signs["sign"]["account"].as_str() else { continue };
            let alike =
                given.iter().filter(|g| (&g["operation"], &g["variant"]) == (&signs["operation"], &signs["variant"]));
            if alike.count() < 3 {
                signs["sign"]["account"] = Value::Object(with_random(
                    &topic["accounts"][account],
                    secrets,
                    &format!("{} {account}", folder.file_name().unwrap().display()),
                ));
                given.push(signs);
            }
        }
    }
    given
}

fn with_random(account: &Value, secrets: &[String], seed: &str) -> Map<String, Value> {
    let exchanged = account.as_object().unwrap().iter().map(|(name, value)| {
        let is_secret = secrets.contains(name) && *value != json!("");
        (name.clone(), if is_secret { random(value, &format!("{seed} {name}")) } else { value.clone() })
    });
    exchanged.collect()
}

/// A random secret after the mark of another (`whsec_`), if it has one. It can be decoded as Base64.
fn random(value: &Value, seed: &str) -> Value {
    let text = value.as_str().unwrap_or_default();
    let mark = text.rfind('_').map_or("", |at| &text[..=at]);
    json!(format!("{mark}{}", letters(seed, 24)))
}
