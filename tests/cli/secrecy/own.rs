//! Schemes of one's own, each of which takes a secret through something that is no one-way step.

use super::needles::letters;
use super::prepared::Source;
use crate::setting;
use serde_json::{Value, json};

/// What a stage makes of the secret, as its pipeline; and what is used as the key.
const THROUGH: [(&str, &str, &str); 13] = [
    ("own-hex", "[credential.secret, hex]", "credential.secret"),
    ("own-lower", "[credential.secret, lower]", "credential.secret"),
    ("own-truncate", "[credential.secret, { truncate: 12 }]", "credential.secret"),
    ("own-strip-prefix", "[credential.secret, { strip-prefix: sk_ }]", "credential.secret"),
    ("own-base64", "[credential.secret, base64]", "credential.secret"),
    ("own-percent-encode", "[credential.secret, { percent-encode: unreserved }]", "credential.secret"),
    ("own-concat", "[{ concat: [credential.user, { text: \":\" }, credential.secret] }]", "credential.secret"),
    (
        "own-pair-join",
        "[{ pairs: { user: credential.user, word: credential.secret } }, { pair: \"{name}={value}\" }, { join: \"&\" }]",
        "credential.secret",
    ),
    (
        "own-sorted-pairs",
        "[{ merge: [query, { pairs: { word: credential.secret } }] }, { sort: { by: [value] } }, \
         { pair: \"{name}{value}\" }, { join: \"\" }]",
        "credential.secret",
    ),
    ("own-split", "[credential.secret, { split: \"/\" }, { join: \"|\" }]", "credential.secret"),
    (SEVERAL, "[credential.secret, lower, base64, hex]", "credential.secret"),
    ("own-key", "[{ concat: [{ text: \"sk\" }, credential.secret] }]", "stage.through"),
    (KEY_OF_A_MAC, "[{ text: \"scope\" }, { hmac: { with: sha256, key: credential.secret } }, hex]", "stage.through"),
];

/// The scheme that uses what an HMAC made as the key of another.
const KEY_OF_A_MAC: &str = "own-key-of-a-mac";
/// The scheme that does more to a secret than is looked for, so that its stage is looked for as well.
const SEVERAL: &str = "own-several";

const SIGNED: &str = r#"title: "A scheme of one's own"
kind: system
account: { user: public, secret: secret }
operations:
  request:
    direction: request
    wire: { query: percent }
    derive:
      through: THROUGH
      string_to_sign:
        - lines: [method, raw_path, STAGE]
      signature: [stage.string_to_sign, { hmac: { with: sha256, key: KEY } }, hex]
    place:
      header: { X-User: credential.user, X-Signature: stage.signature }
    verify:
      - { account: { user: header.X-User }, reject: unknown-key }
      - { equal: [header.X-Signature, stage.signature], reject: signature-mismatch }
"#;

/// A password that is sent and compared, as Basic authentication does.
const PASSWORD: &str = r#"title: "A password"
kind: system
account: { user: public, secret: secret }
operations:
  request:
    direction: request
    wire: { query: percent }
    receive:
      fields: { from: header.Authorization, template: "Basic {encoded}", caseless: true }
      sent: { from: [received.encoded, base64-decode], template: "{user}:{password}" }
    derive:
      through:
        - concat: [credential.user, { text: ":" }, credential.secret]
      authorization:
        - concat: [{ text: "Basic " }, [stage.through, base64]]
    place:
      header: { Authorization: stage.authorization }
    verify:
      - { account: { user: received.user }, reject: unknown-key }
      - { equal: [received.password, credential.secret], reject: wrong-token }
"#;

/// A token that is sent as it is, and finds the account.
const TOKEN: &str = r#"title: "A token"
kind: system
account: { user: attribute, secret: secret }
operations:
  request:
    direction: request
    wire: { query: percent }
    derive:
      through: [credential.secret, { percent-encode: unreserved }]
    place:
      query: { token: stage.through }
    verify:
      - { present: query.token, reject: missing-credential }
      - { account: { secret: [query.token, percent-decode] }, reject: wrong-token }
"#;

/// The schemes.
pub fn schemes() -> Vec<Source> {
    let signed = THROUGH.map(|(name, through, key)| {
        // What is used as a key is no part of the message.
        let stage = if key == "stage.through" { "raw_query" } else { "stage.through" };
        let yaml = SIGNED.replace("THROUGH", through).replace("STAGE", stage).replace("KEY", key);
        let wrong = (format!("raw_path, {stage}"), format!("{stage}, raw_path"));
        source(name, yaml, wrong, if [KEY_OF_A_MAC, SEVERAL].contains(&name) { &["through"] } else { &[] })
    });
    let joined =
        ("credential.user, { text: \":\" }, credential.secret", "credential.secret, { text: \":\" }, credential.user");
    let password = source("own-password", PASSWORD.into(), (joined.0.into(), joined.1.into()), &[]);
    let encoded = ("{ percent-encode: unreserved }", "lower");
    let token = source("own-token", TOKEN.into(), (encoded.0.into(), encoded.1.into()), &[]);
    signed.into_iter().chain([password, token]).collect()
}

fn source(name: &str, yaml: String, wrong: (String, String), keys: &'static [&'static str]) -> Source {
    let secret = format!("sk_{}/+ %{}", letters(name, 11), letters(&format!("{name} again"), 11));
    Source {
        name: name.to_owned(),
        yaml,
        statements: setting::statements("{}"),
        wrong,
        keys,
        given: vec![given(&secret)],
        secrets: vec!["secret".into()],
    }
}

/// What is signed under a secret.
fn given(secret: &str) -> Value {
    json!({
        "operation": "request",
        "sign": {
            "account": { "user": "demo", "secret": secret },
            "request": {
                "method": "GET",
                "host": "api.example.com",
                "path": "/orders",
                "query": [["state", "open"], ["limit", "10"]],
            },
        },
    })
}
