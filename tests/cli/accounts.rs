//! Accounts as they are written out in messages and files: credentials and attributes, whatever they are called.

use crate::command::{Corpus, DEMO_SIGNATURE, demo_verify};
use serde_json::{Value, json};

/// A scheme with a public credential that is called `name`.
fn corpus() -> Corpus {
    let corpus = Corpus::demo();
    for file in ["demo/scheme.yaml", "demo/sign.yaml"] {
        corpus.write(file, corpus.read(file).replace("key_id", "name"));
    }
    corpus.edit("demo/sign.yaml", "accounts:\n", "accounts:\n  other: { name: \"other\", secret: \"of-the-other\" }\n");
    let verify = demo_verify(json!(["other", "example"]), DEMO_SIGNATURE);
    let received = json!([{
        "name": "received",
        "comment": "The signed request, given back.",
        "source": { "kind": "generated", "place": "Signing, example" },
        "given": { "operation": "request", "verify": verify },
        "expect": { "results": [{ "outcome": "accept" }] },
    }]);
    corpus.edit("demo/sign.yaml", "vectors:\n", &format!("vectors:\n  - {}\n", received[0]));
    corpus
}

/// The account of the demo, as this scheme calls its credentials.
fn account() -> Value {
    json!({ "name": "demo", "secret": "not-a-real-secret" })
}

/// What the reference behind the protocol answers.
fn ask(corpus: &Corpus, op: &str, given: Value) -> Value {
    let message = json!({ "seq": 1, "op": op, "scheme": "demo", "operation": "request", "given": given });
    corpus.ask(&[message]).remove(0)
}

#[test]
fn a_credential_called_name_is_signed_verified_and_tested() {
    let corpus = corpus();
    corpus.run(&["check"]).exits(0);
    corpus.run(&["sign", "demo/sign/first"]).exits(0).prints("Authorization: HMAC demo:9f4ae63bb27b5ed7");
    corpus.run(&["verify", "demo/sign/received"]).exits(0).prints("accept");
    corpus.put(&["test"], &corpus.subject()).exits(0);
}

#[test]
fn a_credential_called_name_is_read_where_accounts_are_written_out() {
    let corpus = corpus();
    let sign = json!({ "account": account(), "time": "2024-01-02T03:04:05Z", "request": {
        "method": "GET", "host": "api.example.com", "path": "/orders", "query": [["state", "open"], ["limit", "10"]],
    } });
    let verify = demo_verify(json!([account()]), DEMO_SIGNATURE);
    for (command, task, says) in [("sign", sign, "HMAC demo:9f4ae63bb27b5ed7"), ("verify", verify, "accept")] {
        corpus.write("case.yaml", json!({ "operation": "request", command: task }).to_string());
        corpus.run(&[command, &corpus.named("case.yaml"), "--scheme", "demo"]).exits(0).prints(says);
    }
}

#[test]
fn an_account_on_the_wire_is_its_credentials_and_nothing_else() {
    let corpus = corpus();
    let request = json!({ "method": "GET", "host": "h", "path": "/", "query": [], "headers": [], "body": "" });
    let signed =
        ask(&corpus, "sign", json!({ "account": account(), "time": "2024-01-02T03:04:05Z", "request": request }));
    let step = json!({ "now": "2024-01-02T03:04:05Z", "request": signed["signed_request"] });
    let verified = ask(&corpus, "verify", json!({ "accounts": [account()], "steps": [step] }));
    assert_eq!(verified["results"][0]["accept"], true, "{verified}");

    // A label among the credentials would be one more credential.
    let labelled = json!({ "label": "first", "name": "demo", "secret": "not-a-real-secret" });
    let refused = ask(&corpus, "verify", json!({ "accounts": [account(), labelled], "steps": [step] }));
    let why = "account 2: credential 1 of the account has a name that the scheme does not know; it knows name, secret";
    assert_eq!(refused["error"], why, "{refused}");
}
