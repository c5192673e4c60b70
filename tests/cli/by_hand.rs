//! `sign` and `verify`: one case by hand, with secrets masked.

use crate::command::{Corpus, run, run_on, run_with};
use insta::assert_snapshot;

const SECRET: &str = "123ABCDE-456-7890-FGH";

#[test]
fn a_vector_is_signed_with_every_stage() {
    assert_snapshot!(run(["sign", "flipsnack/documented/example"]).exits(0).stdout, @r"
    canonical_query
      actioncollection.getCollectionapiKey45FD-267-7SG7832collectionHashfxh4k89
    string_to_sign
      ***actioncollection.getCollectionapiKey45FD-267-7SG7832collectionHashfxh4k89
    signature
      26e781d3d1751d82ec284acf4a019def
    signed request
      GET /v1/?action=collection.getCollection&collectionHash=fxh4k89&apiKey=45FD-267-7SG7832&signature=26e781d3d1751d82ec284acf4a019def HTTP/1.1
      Host: api.flipsnack.com
    ");
}

#[test]
fn secrets_show_only_when_asked() {
    for (command, prints) in [
        (["sign", "flipsnack/documented/example"], "\n  ***action"),
        (["verify", "flipsnack/documented/final-address"], "\n    ***\n"),
    ] {
        let masked = run_on("flipsnack", &command).exits(0).prints(prints);
        assert!(!masked.stdout.contains(SECRET), "{}", masked.stdout);
        run_on("flipsnack", &[command[0], command[1], "--show-secrets"]).exits(0).prints(&format!("{SECRET}action"));
    }
}

#[test]
fn a_secret_that_is_sent_is_masked_too() {
    for (vector, secret) in [
        ("client-system-api/headers/sign-request", "at.Qm9uam91cg.4kT7xV2nR8"),
        ("flip-for-business/callback/sign-callback", "sandbox.Token%2FXk4m"),
        ("flip-for-business/request/sign-sandbox", "SHl6aW9ZN0xQNlpvTzduVFlLYkc4"),
    ] {
        let ran = run(["sign", vector]).exits(0);
        assert!(!ran.stdout.contains(secret), "{}", ran.stdout);
        run(["sign", vector, "--show-secrets"]).exits(0).prints(secret);
    }
}

#[test]
fn a_refusal_says_why_and_is_exit_code_1() {
    let ran = run_on("flipbase", &["verify", "flipbase/documented/sample-signature"]);
    ran.exits(1).prints("reject: signature-mismatch (`*** (");
    run_on("flipsnack", &["verify", "flipsnack/documented/final-address"]).exits(0).prints("accept\n");
}

#[test]
fn a_reading_can_be_asked_for() {
    let decided = run_on("flipbase", &["sign", "flipbase/documented/example"])
        .exits(0)
        .prints("MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=");
    let read = run_on("flipbase", &["sign", "flipbase/documented/example", "--reading", "rfc4868-truncation"]).exits(0);
    assert_ne!(decided.stdout, read.stdout);
    run_on("flipbase", &["sign", "flipbase/documented/example", "--reading", "nothing"])
        .exits(2)
        .complains("unknown reading `nothing`; the scheme has ");
}

#[test]
fn the_wrong_command_names_the_right_one() {
    run_on("flipsnack", &["sign", "flipsnack/documented/final-address"]).exits(2).complains("use `countersign verify`");
    run_on("flipsnack", &["verify", "flipsnack/documented/example"]).exits(2).complains("use `countersign sign`");
    run_on("flipsnack", &["sign", "flipsnack/documented/exampl"]).exits(2).complains("is neither a vector");
}

const SIGN: &str = r#"operation: "request"
sign:
  account: { api_key: "45FD-267-7SG7832" }
  request:
    method: "GET"
    host: "api.flipsnack.com"
    path: "/v1/"
    query: [["action", "collection.getCollection"], ["collectionHash", "fxh4k89"]]
"#;

const VERIFY: &str = r#"operation: "request"
verify:
  accounts: [{ api_key: "45FD-267-7SG7832" }]
  messages:
    - request:
        method: "GET"
        target: "/v1/?action=collection.getCollection&collectionHash=fxh4k89&apiKey=45FD-267-7SG7832&signature=26e781d3d1751d82ec284acf4a019def"
        headers: [["Host", "api.flipsnack.com"]]
"#;

#[test]
fn a_file_is_signed_with_a_secret_from_the_environment() {
    let place = Corpus::empty();
    place.write("sign.yaml", SIGN);
    place.write("verify.yaml", VERIFY);
    let (sign, verify) = (&place.named("sign.yaml")[..], &place.named("verify.yaml")[..]);
    let scheme = ["--scheme", "flipsnack"];
    let from_environment = ["--credential-env", "secret=DEMO_SECRET"];
    let with = |command: &str, file: &str, secret: &str| {
        let arguments = [command, file].into_iter().chain(scheme).chain(from_environment);
        run_with(arguments, &[("DEMO_SECRET", secret)], "")
    };
    let signed = with("sign", sign, SECRET).exits(0).prints("26e781d3d1751d82ec284acf4a019def").prints("***action");
    assert!(!signed.stdout.contains(SECRET));
    with("verify", verify, SECRET).exits(0).prints("accept");
    let refused =
        with("verify", verify, "another secret").exits(1).prints("reject: signature-mismatch").prints("code: 44");
    assert!(!refused.stdout.contains("another secret"), "{}", refused.stdout);

    run_on("flipsnack", &["sign", sign, "--scheme", "flipsnack"])
        .exits(2)
        .complains("signing needs credential.secret, which was not given or is empty");
    run_on("flipsnack", &["verify", verify, "--scheme", "flipsnack"]).exits(1).prints("reject: unknown-key");
    run_on("flipsnack", &["sign", sign]).exits(2).complains("--scheme NAME");
    run_on("flipsnack", &["sign", sign, "--scheme", "flipsnak"])
        .exits(2)
        .complains("unknown scheme `flipsnak`; the corpus has ");
    let unset = ["sign", sign, "--scheme", "flipsnack", "--credential-env", "secret=NOT_SET_ANYWHERE"];
    run_on("flipsnack", &unset).exits(2).complains("--credential-env: one names a variable that is not set");
    let nameless = ["sign", sign, "--scheme", "flipsnack", "--credential-env", "DEMO_SECRET"];
    run_on("flipsnack", &nameless).exits(2).complains("write NAME=VARIABLE");
    let unknown = ["sign", sign, "--scheme", "flipsnack", "--credential-env", "secrt=DEMO_SECRET"];
    run_with(unknown, &[("DEMO_SECRET", SECRET)], "")
        .exits(2)
        .complains("credential 2 of the account has a name that the scheme does not know; it knows ");
}

#[cfg(unix)]
#[test]
fn a_file_that_is_named_may_be_a_pipe() {
    let account = "{ api_key: \"45FD-267-7SG7832\" }";
    let case = SIGN.replace(account, &account.replace(" }", &format!(", secret: \"{SECRET}\" }}")));
    let ran = run_with(["sign", "/dev/stdin", "--scheme", "flipsnack"], &[], &case);
    ran.exits(0).prints("26e781d3d1751d82ec284acf4a019def");
    let place = Corpus::empty();
    place.write("account", format!("secret: \"{SECRET}\"\n"));
    place.write("request", "GET /v1/?apiKey=45FD-267-7SG7832 HTTP/1.1\nHost: api.flipsnack.com\n\n");
    let diagnose = |request: &str, account: &str, input: &str| {
        let options = ["diagnose", "--scheme", "flipsnack", "--signature", "f530097cccadca3635c3d0079d70f331"];
        run_with(options.into_iter().chain(["--request", request, "--account", account]), &[], input)
    };
    let [request, secret] = ["request", "account"].map(|name| place.named(name));
    let named = diagnose(&request, &secret, "").exits(1);
    assert_eq!(diagnose("/dev/stdin", &secret, &place.read("request")).exits(1).stdout, named.stdout);
    assert_eq!(diagnose(&request, "/dev/stdin", &place.read("account")).exits(1).stdout, named.stdout);
}

#[test]
fn a_file_that_is_no_case_is_refused_with_its_line() {
    let place = Corpus::empty();
    let file = place.named("case.yaml");
    for (text, says) in [
        (SIGN.replace("  account:", "  acount:"), "case.yaml:3:11: unknown field `acount`"),
        (SIGN.replace("operation: \"request\"", "operation: request"), "case.yaml:1:12: a value without quotes"),
        (
            SIGN.replace("operation: \"request\"", "operation: \"requst\""),
            "unknown operation `requst`; the scheme has request",
        ),
        ("operation: \"request\"\n".into(), "one of both is given, `sign` or `verify`"),
    ] {
        place.write("case.yaml", text);
        run_on("flipsnack", &["sign", &file, "--scheme", "flipsnack"]).exits(2).complains(says);
    }
}
