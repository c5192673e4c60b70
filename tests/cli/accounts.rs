//! Accounts as they are written out in messages and files: credentials and attributes, whatever they are called.

use crate::command::{Corpus, Ran, run_with};
use serde_json::{Value, json};

/// A message that was signed by the account `example`, and what its server does with it.
const VERIFY: &str = r#"
  - name: "received"
    comment: "The signed request, given back."
    source: { kind: "generated", place: "Signing, example" }
    given:
      operation: "request"
      verify:
        accounts: ["other", "example"]
        steps:
          - now: "2024-01-02T03:04:05Z"
            request:
              method: "GET"
              target: "/orders?state=open&limit=10"
              headers:
                - ["Host", "api.example.com"]
                - ["X-Timestamp", "1704164645"]
                - ["Authorization", "HMAC demo:9f4ae63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7"]
    expect:
      results: [{ outcome: "accept" }]
"#;

/// A scheme with a public credential that is called `name`.
fn corpus() -> Corpus {
    let corpus = Corpus::demo();
    for file in ["demo/scheme.yaml", "demo/sign.yaml"] {
        corpus.write(file, corpus.read(file).replace("key_id", "name"));
    }
    corpus.edit("demo/sign.yaml", "accounts:\n", "accounts:\n  other: { name: \"other\", secret: \"of-the-other\" }\n");
    corpus.write("demo/sign.yaml", corpus.read("demo/sign.yaml") + VERIFY);
    corpus
}

/// What the reference behind the protocol answers.
fn ask(corpus: &Corpus, op: &str, given: Value) -> Value {
    let message = json!({ "seq": 1, "op": op, "scheme": "demo", "operation": "request", "given": given });
    let arguments = ["adapter", "--corpus", corpus.path().to_str().unwrap()];
    let ran = run_with(arguments, &[], &format!("{message}\n")).exits(0);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn test(corpus: &Corpus) -> Ran {
    let countersign = env!("CARGO_BIN_EXE_countersign");
    let corpus = corpus.path().to_str().unwrap();
    run_with(["test", "--corpus", corpus, "--", countersign, "adapter", "--corpus", corpus], &[], "")
}

#[test]
fn a_credential_called_name_is_signed_verified_and_tested() {
    let corpus = corpus();
    corpus.run(&["check"]).exits(0);
    corpus.run(&["sign", "demo/sign/first"]).exits(0).prints("Authorization: HMAC demo:9f4ae63bb27b5ed7");
    corpus.run(&["verify", "demo/sign/received"]).exits(0).prints("accept");
    test(&corpus).exits(0);
}

#[test]
fn a_credential_called_name_is_read_where_accounts_are_written_out() {
    let corpus = corpus();
    corpus.write("sign.yaml", SIGN_FILE);
    corpus.write("verify.yaml", VERIFY_FILE);
    let by_hand = |command: &str, file: &str| {
        let file = corpus.file(file);
        let ran = run_with(
            [command, file.to_str().unwrap(), "--scheme", "demo", "--corpus", corpus.path().to_str().unwrap()],
            &[],
            "",
        );
        ran.exits(0)
    };
    by_hand("sign", "sign.yaml").prints("HMAC demo:9f4ae63bb27b5ed7");
    by_hand("verify", "verify.yaml").prints("accept");
}

#[test]
fn an_account_on_the_wire_is_its_credentials_and_nothing_else() {
    let corpus = corpus();
    let account = json!({ "name": "demo", "secret": "not-a-real-secret" });
    let request = json!({ "method": "GET", "host": "h", "path": "/", "query": [], "headers": [], "body": "" });
    let signed =
        ask(&corpus, "sign", json!({ "account": account, "time": "2024-01-02T03:04:05Z", "request": request }));
    let step = json!({ "now": "2024-01-02T03:04:05Z", "request": signed["signed_request"] });
    let verified = ask(&corpus, "verify", json!({ "accounts": [account], "steps": [step] }));
    assert_eq!(verified["results"][0]["accept"], true, "{verified}");

    // A label among the credentials would be one more credential.
    let labelled = json!({ "label": "first", "name": "demo", "secret": "not-a-real-secret" });
    let refused = ask(&corpus, "verify", json!({ "accounts": [account, labelled], "steps": [step] }));
    let why = "account 2: credential 1 of the account has a name that the scheme does not know; it knows name, secret";
    assert_eq!(refused["error"], why, "{refused}");
}

const SIGN_FILE: &str = r#"operation: "request"
sign:
  account: { name: "demo", secret: "not-a-real-secret" }
  time: "2024-01-02T03:04:05Z"
  request: { method: "GET", host: "api.example.com", path: "/orders", query: [["state", "open"], ["limit", "10"]] }
"#;

const VERIFY_FILE: &str = r#"operation: "request"
verify:
  accounts: [{ name: "demo", secret: "not-a-real-secret" }]
  steps:
    - now: "2024-01-02T03:04:05Z"
      request:
        method: "GET"
        target: "/orders?state=open&limit=10"
        headers:
          - ["Host", "api.example.com"]
          - ["X-Timestamp", "1704164645"]
          - ["Authorization", "HMAC demo:9f4ae63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7"]
"#;
