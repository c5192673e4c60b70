//! A request of which no scheme is known: how it is signed is printed as a scheme file.

use crate::command::{Corpus, run};

/// Signed with Python: `base64(hmac(b"an-invented-secret", b"1700000000" + b"POST" + target + body, "sha256"))`.
const REQUEST: &str = "POST /v2/orders?b=2&a=1 HTTP/1.1\r\nHost: api.example.com\r\nX-Caller: caller-1\r\n\
                       X-Sent-At: 1700000000\r\nX-Proof: v3=MZLHCAJkXZxzHZaRRYt/34+ejvYAdMAeo7ve0Fr76fA=\r\n\
                       Content-Length: 13\r\n\r\n{\"amount\": 1}";
const ACCOUNT: &str = "{ secret: \"an-invented-secret\", caller: \"caller-1\" }";

#[test]
fn how_it_is_signed_is_a_scheme_that_reads_it() {
    let place = Corpus::empty();
    place.write("request", REQUEST);
    place.write("account", ACCOUNT);
    let (request, account) = (place.named("request"), place.named("account"));
    let given = ["diagnose", "--request", &request, "--account", &account];
    let told = run(given).exits(0).prints("coincidence is below 1 in 10^").hides("an-invented-secret");
    let (_, file) = told.stdout.split_once("\ntitle: ").unwrap();
    place.write("inferred.yaml", format!("title: {file}"));
    let scheme = place.named("inferred.yaml");
    run(given.into_iter().chain(["--scheme", &scheme])).exits(0).prints("Your signing is right");
    let json = run(given.into_iter().chain(["--format", "json"])).exits(0).json();
    assert_eq!(json["verdict"], "inferred");
    assert_eq!(json["field"], "header X-Proof");
}

#[test]
fn without_a_key_it_is_asked_for_and_nothing_is_guessed() {
    let place = Corpus::empty();
    place.write("request", REQUEST);
    run(["diagnose", "--request", &place.named("request")]).exits(2).complains("--account FILE");
}

#[test]
fn under_another_key_it_is_not_known() {
    let place = Corpus::empty();
    place.write("request", REQUEST);
    place.write("account", "{ secret: \"another-invented-secret\" }");
    run(["diagnose", "--request", &place.named("request"), "--account", &place.named("account")])
        .exits(1)
        .prints("Not known")
        .prints("header X-Proof")
        .hides("another-invented-secret");
}
