//! Files with a mistake in them: what is said of the mistake does not show the secrets beside it.

use super::needles::{Needles, letters};
use crate::command::{Corpus, Ran, run_with};
use crate::setting;

/// Mistakes in a file that holds an account, each with the account: `SECRET` stands for the secret.
const MISTAKES: [(&str, &str); 15] = [
    ("quotes forgotten", "{ user: \"demo\", secret: SECRET }"),
    ("a closing quote forgotten", "{ user: \"demo\", secret: \"SECRET }"),
    ("a colon in a value without quotes", "{ user: \"demo\", secret: \"x\", SECRET: y: z }"),
    ("a list in place of a map", "[\"demo\", \"SECRET\"]"),
    ("a text in place of a map", "\"SECRET\""),
    ("a list in place of a text", "{ user: \"demo\", secret: [\"SECRET\"] }"),
    ("a map in place of a text", "{ user: \"demo\", secret: { text: \"SECRET\" } }"),
    ("the secret as a name in place of a text", "{ user: \"demo\", secret: { SECRET: \"text\" } }"),
    ("digits that are not hexadecimal", "{ user: \"demo\", secret: { hex: \"SECRET\" } }"),
    ("an unknown credential", "{ user: \"demo\", sercet: \"SECRET\" }"),
    ("the secret as a name", "{ user: \"demo\", SECRET: \"secret\" }"),
    ("the secret as the name of a variable", "{ user: \"demo\", secret: { env: \"SECRET\" } }"),
    ("a name twice", "{ user: \"demo\", secret: \"SECRET\", secret: \"SECRET\" }"),
    ("the secret as a name twice", "{ user: \"demo\", SECRET: \"x\", SECRET: \"x\" }"),
    ("an anchor", "{ user: \"demo\", secret: &SECRET \"x\" }"),
];

const REQUEST: &str = "POST / HTTP/1.1\r\nHost: h\r\nX-Signature: 00\r\n\r\nbody";

const SIGN: &str = "operation: \"request\"\nsign:\n  account: ACCOUNT\n  request: { method: \"POST\", host: \"h\", path: \"/\", body: \"body\" }\n";
const VERIFY: &str = "operation: \"request\"\nverify:\n  accounts:\n    - ACCOUNT\n  messages: [{ request: { method: \"POST\", target: \"/\", headers: [[\"X-Signature\", \"00\"]], body: \"body\" } }]\n";
const RULES: &str = "schemes: [\"mine\"]\noperations: [\"request\"]\naccounts:\n  - ACCOUNT\nrules: [{ status: \"2xx\", outcome: \"accept\" }]\n";

/// A topic whose account this is.
fn topic(account: &str) -> String {
    setting::topic(account, [["sign", "body", "00"].map(str::to_owned).into()])
}

/// Every command on a file with this account, by a name.
fn said_of(account: &str) -> Vec<(&'static str, Ran)> {
    let corpus = Corpus::empty();
    let stages = "      signature: [body, { hmac: { with: sha256, key: credential.secret } }, hex]\n";
    corpus.write("mine/scheme.yaml", setting::scheme("{ user: public, secret: secret }", stages));
    corpus.write("mine/statements.yaml", setting::statements("{}"));
    corpus.write("mine/topic.yaml", topic("{ user: \"demo\", secret: \"public-example\" }"));
    let beside = Corpus::empty();
    for (name, text) in [("sign.yaml", SIGN), ("verify.yaml", VERIFY), ("rules.yaml", RULES)] {
        beside.write(name, text.replace("ACCOUNT", account));
    }
    beside.write("account.yaml", account);
    beside.write("request.http", REQUEST);
    // A line of the protocol is JSON: what is none is a mistake of its own.
    let line = format!(
        r#"{{"seq":1,"op":"sign","scheme":"mine","operation":"request","given":{{"account":{},"request":{{"method":"GET","host":"h","path":"/"}}}}}}"#,
        account.replace("{ ", "{ \"").replace(": ", "\": ").replace(", ", ", \"").replace("\"\"", "\"")
    );
    let [sign, verify, rules, request, key] =
        ["sign.yaml", "verify.yaml", "rules.yaml", "request.http", "account.yaml"].map(|name| beside.named(name));
    let diagnose = ["diagnose", "--scheme", "mine", "--request", &request, "--account", &key, "--signature", "00"];
    let mut said = vec![
        ("sign", corpus.run(&["sign", &sign, "--scheme", "mine"])),
        ("verify", corpus.run(&["verify", &verify, "--scheme", "mine"])),
        ("diagnose", corpus.run(&diagnose)),
        ("test --http", corpus.run(&["test", "--http", "http://127.0.0.1:9", "--rules", &rules])),
        ("adapter", run_with(["adapter", "--corpus", corpus.name()], &[], &format!("{line}\n"))),
    ];
    corpus.write("mine/topic.yaml", topic(account));
    let fuzz = ["fuzz", "--scheme", "mine", "--cases", "1", "--time", "1"];
    said.extend([
        ("sign, of a corpus", corpus.run(&["sign", "mine/topic/sign"])),
        ("check", corpus.run(&["check"])),
        ("lint", corpus.run(&["lint"])),
        ("explain", corpus.run(&["explain", "mine/topic/sign"])),
        ("test", corpus.put(&["test"], &corpus.subject())),
        ("fuzz", corpus.put(&fuzz, &corpus.subject())),
    ]);
    said
}

#[test]
fn what_is_said_of_a_broken_file_shows_no_secret() {
    let mut leaks = Vec::new();
    let mut failed = 0;
    for (mistake, account) in MISTAKES {
        let secret = letters(mistake, 24);
        let needles = Needles::of([secret.as_bytes()]);
        for (command, ran) in said_of(&account.replace("SECRET", &secret)) {
            failed += usize::from(ran.code == 2);
            if let Some((form, line)) = needles.found_in(&(ran.stdout + &ran.stderr)).first() {
                leaks.push(format!("  {mistake}: {command}: {form}\n      {line}\n"));
            }
        }
    }
    assert!(failed > 100, "only {failed} runs found a mistake");
    assert!(leaks.is_empty(), "{} places show a secret:\n{}", leaks.len(), leaks.concat());
}

/// The secret on the command line, where something else is due.
#[test]
fn what_is_said_of_broken_arguments_shows_no_secret() {
    let corpus = Corpus::demo();
    corpus.write("sign.yaml", SIGN.replace("ACCOUNT", "{ key_id: \"demo\" }"));
    corpus.write("request.http", REQUEST);
    let secret = letters("an argument", 24);
    let needles = Needles::of([secret.as_bytes()]);
    let word = |word: &str| match word.ends_with(".yaml") || word.ends_with(".http") {
        true => corpus.named(word),
        false => word.replace("SECRET", &secret),
    };
    for arguments in [
        "sign sign.yaml --scheme demo --credential-env secret=SECRET",
        "sign sign.yaml --scheme demo --credential-env SECRET",
        "sign sign.yaml --scheme demo --credential-env SECRET=secret",
        "sign sign.yaml --scheme demo --credential-env SECRET=PATH",
        "sign sign.yaml --scheme demo --credential-env secret SECRET",
        "sign sign.yaml --scheme demo --secret=SECRET",
        "sign sign.yaml --scheme demo --secret SECRET",
        "sign sign.yaml SECRET --scheme demo",
        "verify sign.yaml --scheme demo SECRET",
        "diagnose --scheme demo --request request.http --credential-env secret=SECRET",
        "diagnose --scheme demo --request request.http --credential-env SECRET",
        "diagnose --scheme demo --request request.http --parameter SECRET",
        "diagnose --scheme demo --request request.http SECRET",
        "test --scheme demo SECRET",
        "test --http http://k:SECRET@127.0.0.1:9 --rules rules.yaml",
        "test --http https://k:SECRET@127.0.0.1:9 --rules rules.yaml",
        "test --http http://127.0.0.1:9/SECRET --rules rules.yaml",
        "test --http k:SECRET@127.0.0.1 --rules rules.yaml",
        "test --http http://k:SECRET --rules rules.yaml",
    ] {
        let arguments: Vec<String> = arguments.split(' ').map(word).collect();
        let ran = corpus.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 2, "{arguments:?}: {shown}");
        assert!(needles.found_in(&shown).is_empty(), "{arguments:?}: {shown}");
    }
}

/// The secret in a request that cannot be read, or lacks what signing needs.
#[test]
fn what_is_said_of_a_broken_request_shows_no_secret() {
    let corpus = Corpus::demo();
    let secret = letters("a request", 24);
    let needles = Needles::of([secret.as_bytes()]);
    let (file, signature) = (corpus.named("request.http"), "0".repeat(64));
    let diagnose = ["diagnose", "--scheme", "demo", "--request", &file, "--signature", &signature];
    for request in [
        "SECRET\n\n",
        "GET /?token=SECRET\nHost: a\n\n",
        "GET /?token=SECRET\u{e9} HTTP/1.1\nHost: a\n\n",
        "GET SECRET HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\nHost: a\nSECRET\n\n",
        "GET / HTTP/1.1\nHost: a\nX-Token SECRET: x\n\n",
        "GET / HTTP/1.1\nHost: a\nContent-Length: SECRET\n\n",
        "GET / HTTP/1.1\nHost: a\nX-Timestamp: SECRET\n\n",
        "curl https://a/ --user=k:SECRET",
        "curl https://a/ --oauth2-bearer=SECRET",
        "curl https://a/ --oauth2-bearer SECRET",
        "curl https://a/ -d @SECRET",
        "curl https://a/ -H SECRET",
        "curl https://a/ -H 'X-Timestamp: SECRET'",
        "curl https://a/ SECRET",
        "curl SECRET://a/",
        "curl 'https://a/ SECRET",
        "curl https://a/ $'\\uSECRET'",
    ] {
        corpus.write("request.http", request.replace("SECRET", &secret));
        let ran = corpus.run(&diagnose);
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.code, 2, "{request}: {shown}");
        assert!(needles.found_in(&shown).is_empty(), "{request}: {shown}");
    }
}
