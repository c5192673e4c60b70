//! `adapter`: the reference behind the adapter protocol, version 1. What it answers to every vector is tested in
//! `tests/adapters.rs`.

use crate::command::{Corpus, Ran, run_with};
use crate::setting::CORPUS;
use serde_json::{Value, json};

/// Sends these lines and reads the replies.
fn talk(lines: &[String]) -> (Ran, Vec<Value>) {
    let ran = run_with(["adapter"], &[], &lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    let replies = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (ran, replies)
}

/// The reply to one message.
fn ask(message: Value) -> Value {
    let (ran, mut replies) = talk(&[message.to_string()]);
    ran.exits(0);
    assert_eq!(replies.len(), 1);
    replies.remove(0)
}

#[test]
fn start_says_who_answers_and_what_it_does() {
    let hello = ask(json!({ "seq": 0, "op": "start", "protocol": 1 }));
    assert_eq!(hello["seq"], 0);
    assert_eq!(hello["name"], "countersign");
    assert_eq!(hello["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(hello["language"], "rust");
    let schemes = hello["schemes"].as_object().unwrap();
    assert_eq!(schemes.len(), CORPUS.entries.len());
    assert!(CORPUS.entries.iter().all(|entry| schemes[&entry.name] == json!(["sign", "verify"])));
    for capability in ["time", "credentials", "state", "client-address"] {
        assert!(hello["capabilities"].as_array().unwrap().contains(&json!(capability)), "{hello}");
    }
    let other = ask(json!({ "seq": 0, "op": "start", "protocol": 2 }));
    assert_eq!(other["error"], "this is version 1 of the protocol");
}

#[test]
fn verifying_gives_one_result_a_step_and_keeps_state_between_them() {
    let step = |signature: &str| {
        let target = format!(
            "/v1/?apiKey=45FD-267-7SG7832&action=collection.getCollection&collectionHash=fxh4k89&signature={signature}"
        );
        json!({ "request": { "method": "GET", "target": target, "headers": [["Host", "api.flipsnack.com"]], "body": "" } })
    };
    let account = json!({ "api_key": "45FD-267-7SG7832", "secret": "123ABCDE-456-7890-FGH" });
    let steps = [step("26e781d3d1751d82ec284acf4a019def"), step("26e781d3d1751d82ec284acf4a019dee")];
    let given = json!({ "accounts": [account], "parameters": {}, "messages": steps });
    let message = json!({ "seq": 2, "op": "verify", "scheme": "flipsnack", "operation": "request", "given": given });
    let results = &ask(message)["results"];
    assert_eq!(results[0]["accept"], true);
    let refusal =
        json!({ "accept": false, "class": "signature-mismatch", "code": "44", "message": "Invalid signature" });
    assert_eq!(results[1], refusal);
}

#[test]
fn what_cannot_be_answered_gets_a_reply_and_the_next_message_is_answered() {
    let message = |seq: u32, scheme: &str, operation: &str| {
        let given = json!({ "account": {}, "request": { "method": "GET", "host": "h", "path": "/" } });
        json!({ "seq": seq, "op": "sign", "scheme": scheme, "operation": operation, "given": given }).to_string()
    };
    let lines = [
        "garbage".to_owned(),
        String::new(),
        "[1]".into(),
        json!({ "seq": "a", "op": "sing" }).to_string(),
        json!({ "op": "start" }).to_string(),
        message(1, "nothing", "request"),
        message(2, "flipsnack", "nothing"),
        message(3, "flipsnack", "request"),
        json!({ "seq": 4, "op": "sign", "scheme": "flipsnack", "operation": "request" }).to_string(),
        json!({ "seq": 5, "op": "start", "protocol": 1 }).to_string(),
    ];
    let (ran, replies) = talk(&lines);
    ran.exits(0);
    let seqs: Vec<&Value> = replies.iter().map(|reply| &reply["seq"]).collect();
    assert_eq!(json!(seqs), json!([null, null, "a", null, 1, 2, 3, 4, 5]));
    let error = |i: usize| replies[i]["error"].as_str().unwrap_or_else(|| panic!("no error: {}", replies[i]));
    assert!([0, 1, 2, 3].iter().all(|&i| error(i).starts_with("not a message of the protocol: ")), "{replies:?}");
    assert_eq!(replies[4], json!({ "seq": 1, "skipped": "no support for nothing" }));
    assert_eq!(error(5), "unknown operation `nothing`; the scheme has request");
    assert_eq!(error(6), "signing needs credential.api_key, which was not given");
    assert_eq!(error(7), "the message lacks `given`");
    assert_eq!(replies[8]["name"], "countersign");
}

#[test]
fn stop_ends_and_so_does_the_end_of_input() {
    let start = json!({ "seq": 1, "op": "start" }).to_string();
    let stop = json!({ "seq": 2, "op": "stop" }).to_string();
    let (ran, replies) = talk(&[start.clone(), stop, start]);
    ran.exits(0);
    assert_eq!(replies.len(), 1);
    let (ran, replies) = talk(&[]);
    ran.exits(0);
    assert!(replies.is_empty());
}

#[test]
fn another_corpus_can_be_served() {
    let corpus = Corpus::demo();
    let start = "{\"seq\":0,\"op\":\"start\",\"protocol\":1}\n";
    let ran = run_with(["adapter", "--corpus", corpus.name()], &[], start).exits(0);
    assert_eq!(ran.json()["schemes"], json!({ "demo": ["sign", "verify"] }));
}
