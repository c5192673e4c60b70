//! `adapter`: the reference behind the adapter protocol, version 1.

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

fn sign(scheme: &str, operation: &str, given: Value) -> Value {
    ask(json!({ "seq": 1, "op": "sign", "scheme": scheme, "operation": operation, "given": given }))
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

/// The page of the vendor prints this signature for this request.
#[test]
fn the_documented_example_has_its_printed_signature() {
    let reply = sign(
        "flipsnack",
        "request",
        json!({
            "account": { "api_key": "45FD-267-7SG7832", "secret": "123ABCDE-456-7890-FGH" },
            "parameters": {},
            "request": {
                "method": "GET", "scheme": "https", "host": "api.flipsnack.com", "path": "/v1/",
                "query": [["action", "collection.getCollection"], ["collectionHash", "fxh4k89"]], "headers": [], "body": "",
            },
        }),
    );
    assert_eq!(reply["seq"], 1);
    assert_eq!(reply["stages"]["signature"], "26e781d3d1751d82ec284acf4a019def");
    let target = reply["signed_request"]["target"].as_str().unwrap();
    assert!(target.ends_with("&apiKey=45FD-267-7SG7832&signature=26e781d3d1751d82ec284acf4a019def"), "{target}");
}

/// The worked example of the page, under the API secret, as an independent HMAC gives it.
#[test]
fn the_worked_example_under_the_api_secret() {
    let reply = sign(
        "flipbase",
        "request",
        json!({
            "account": {
                "api_key": "11bb3344aabb11ee22dd",
                "api_secret": "99xx88yy77vv66ww55cc44ee33bb22aa11oo00ss77vv",
            },
            "time": "2018-05-04T12:05:14.649Z",
            "request": { "method": "POST", "host": "app.flipbase.com", "path": "/api/organizations" },
        }),
    );
    let signature = "MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=";
    assert_eq!(reply["stages"]["string_to_sign"], "POST\n%2Fapi%2Forganizations\n2018-05-04T12:05:14.649Z");
    assert_eq!(reply["stages"]["signature"], signature);
    let authorization = json!(["Authorization", format!("Signature 11bb3344aabb11ee22dd:{signature}")]);
    assert!(reply["signed_request"]["headers"].as_array().unwrap().contains(&authorization), "{reply}");
}

/// The older reference of the vendor prints a test key; Base64 of the key and a colon.
#[test]
fn known_answers_of_the_credential_and_the_callback() {
    let account = json!({
        "secret": "HyzioY7LP6ZoO7nTYKbG8O4ISkyWnX1JvAEVAhtWKZumooCzqp41",
        "validation_token": "$2y$13$sandbox.Token/Xk4m+9QzR7pVtLwE2",
        "environment": "sandbox",
    });
    let request = json!({ "method": "GET", "host": "bigflip.id", "path": "/big_sandbox_api/v2/general/balance" });
    let reply = sign("flip-for-business", "request", json!({ "account": account, "request": request }));
    let authorization = "Basic SHl6aW9ZN0xQNlpvTzduVFlLYkc4TzRJU2t5V25YMUp2QUVWQWh0V0tadW1vb0N6cXA0MTo=";
    assert_eq!(reply["stages"]["authorization"], authorization);

    let request = json!({
        "method": "POST", "host": "merchant.example", "path": "/flip/callback",
        "headers": [["Content-Type", "application/x-www-form-urlencoded"]], "body": "data=%7B%7D",
    });
    let reply = sign("flip-for-business", "callback", json!({ "account": account, "request": request }));
    let body = "data=%7B%7D&token=%242y%2413%24sandbox.Token%2FXk4m%2B9QzR7pVtLwE2";
    assert_eq!(reply["signed_request"]["body"], body);
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
