//! The schemes of this repository, their accounts with random secrets in place of the published ones.

use super::needles::letters;
use super::prepared::Source;
use crate::setting::{FOLDERS, place};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// Each scheme that has secrets, and what an implementation of it does wrong: a text of its file, and what stands in
/// its place.
const SCHEMES: [(&str, &str, &str, &[&str]); 34] = [
    (
        "vectors/client-system-api",
        "\"Bearer \" }, credential.access_token",
        "\"Bearer \" }, [credential.access_token, lower]",
        &[],
    ),
    ("vectors/flexiown-payments", "{ api-key: credential.api_key }", "{ api-key: [credential.api_key, lower] }", &[]),
    (
        "vectors/flip-for-business",
        "concat: [credential.secret, { text: \":\" }]",
        "concat: [{ text: \":\" }, credential.secret]",
        &[],
    ),
    ("vectors/flipbase", "}, base64]", "}, hex]", &[]),
    (
        "vectors/flipsnack",
        "[credential.secret, stage.canonical_query]",
        "[stage.canonical_query, credential.secret]",
        &[],
    ),
    ("vectors/rfc2202", "}, hex]", "}, base64]", &[]),
    ("vectors/rfc4231", "}, hex]", "}, base64]", &[]),
    ("vectors/rfc6750", "\"Bearer \" }, credential.token", "\"Bearer \" }, [credential.token, lower]", &[]),
    ("vectors/rfc7617", "{ text: \":\" }, credential.password", "{ text: \":\" }, [credential.password, lower]", &[]),
    ("tests/fixtures/schemes/amazon-s3-rest", "}, base64]", "}, hex]", &[]),
    (
        "tests/fixtures/schemes/aws-sigv4",
        "key: stage.signing_key } }, hex]",
        "key: stage.signing_key } }, base64]",
        &["signing_key"],
    ),
    ("tests/fixtures/schemes/azure-monitor-logs", "}, base64]", "}, hex]", &["key"]),
    ("tests/fixtures/schemes/cavage-hmac", "}, base64]", "}, hex]", &[]),
    ("tests/fixtures/schemes/github", "}, hex]", "}, base64]", &[]),
    ("tests/fixtures/schemes/hawk", "}, base64]", "}, hex]", &[]),
    ("tests/fixtures/schemes/hubspot-v3", "}, base64]", "}, hex]", &[]),
    ("tests/fixtures/schemes/jwt-hs256", "with: sha256", "with: sha384", &[]),
    ("tests/fixtures/schemes/bybit-v5", "}, hex]", "}, base64]", &[]),
    ("tests/fixtures/schemes/kraken", "}, base64]", "}, hex]", &[]),
    ("tests/fixtures/schemes/oauth1", "[credential.consumer_secret, {", "[credential.consumer_secret, lower, {", &[]),
    ("tests/fixtures/schemes/payfast", "md5, hex]", "md5, base64]", &[]),
    ("tests/fixtures/schemes/pusher-channels", "}, hex]", "}, base64]", &[]),
    ("tests/fixtures/schemes/shopify", "}, hex]", "}, base64]", &[]),
    ("tests/fixtures/schemes/slack", "}, hex]", "}, base64]", &[]),
    ("tests/fixtures/schemes/snap-bi", "}, base64]", "}, hex]", &[]),
    (
        "tests/fixtures/schemes/standard-webhooks",
        "{ strip-prefix: whsec_ }, base64-decode",
        "{ strip-prefix: whsec_ }",
        &[],
    ),
    ("tests/fixtures/schemes/stripe", "}, hex]", "}, base64]", &[]),
    (
        "tests/fixtures/schemes/tencent-cos",
        "key: stage.sign_key } }, hex]",
        "key: stage.sign_key } }, base64]",
        &["sign_key"],
    ),
    ("tests/fixtures/schemes/twilio", "}, base64]", "}, hex]", &[]),
    ("tests/fixtures/schemes/alibaba-rpc", "}, base64]", "}, hex]", &["key"]),
    ("tests/fixtures/schemes/kucoin-v2", "}, base64]", "}, hex]", &[]),
    ("tests/fixtures/schemes/telegram", "}, hex]", "}, base64]", &["secret_key"]),
    ("tests/fixtures/schemes/facebook-appsecret-proof", "}, hex]", "}, base64]", &[]),
    ("tests/fixtures/schemes/http-digest", "}, sha256, hex]", "}, sha256, base64]", &[]),
];

/// Schemes of others that are not tried: their secrets go the way of one that is, and each takes seconds.
const ALIKE: [(&str, &[&str]); 5] = [
    // The key of a MAC, as it stands.
    (
        "tests/fixtures/schemes/stripe",
        &[
            "alibaba-acs3",
            "authorize-net",
            "azure-servicebus-sas",
            "binance",
            "bitfinex",
            "duo-admin",
            "mailgun-webhook",
            "paddle",
            "square-webhook",
            "zoom-webhook",
        ],
    ),
    // The key of a MAC, decoded.
    ("tests/fixtures/schemes/azure-monitor-logs", &["adyen-webhook", "azure-shared-key", "rfc9421-hmac"]),
    // What the key of a MAC is derived from.
    ("tests/fixtures/schemes/aws-sigv4", &["akamai-edgegrid", "gcs-v4-hmac", "tencent-tc3"]),
    // A part of what is hashed.
    ("tests/fixtures/schemes/payfast", &["cloudinary", "md5-amp-key", "midtrans", "ovh"]),
    // The key of a MAC, and a phrase that is compared.
    ("tests/fixtures/schemes/kucoin-v2", &["coinbase-exchange", "okx-v5"]),
];

/// The schemes of a directory of this repository.
pub fn schemes(directory: &str) -> Vec<Source> {
    let of_directory = SCHEMES.iter().filter(|(folder, ..)| folder.starts_with(directory));
    of_directory.map(|&(folder, old, new, keys)| source(folder, (old.into(), new.into()), keys)).collect()
}

/// A scheme of this repository, by its folder.
pub fn scheme(folder: &str) -> Source {
    schemes(folder).into_iter().next().expect("the scheme is in the list")
}

fn source(folder: &str, wrong: (String, String), keys: &'static [&'static str]) -> Source {
    let folder = place(folder);
    let yaml = fs::read_to_string(folder.join("scheme.yaml")).unwrap();
    let secrets = secrets(&yaml);
    Source {
        name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
        statements: fs::read_to_string(folder.join("statements.yaml")).unwrap(),
        given: given(&folder, &secrets),
        yaml,
        wrong,
        keys,
        secrets,
    }
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

#[test]
fn every_scheme_that_has_secrets_is_tried() {
    for directory in FOLDERS {
        for folder in fs::read_dir(place(directory)).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(yaml) = fs::read_to_string(folder.join("scheme.yaml")) else { continue };
            let own = folder.file_name().unwrap().to_str().unwrap();
            let name = format!("{directory}/{own}");
            let is_tried = |name: &str| SCHEMES.iter().any(|(tried, ..)| *tried == name);
            let is_alike = ALIKE.iter().any(|(tried, others)| is_tried(tried) && others.contains(&own));
            assert!(is_tried(&name) || is_alike || secrets(&yaml).is_empty(), "{name} is not in the list");
        }
    }
}
