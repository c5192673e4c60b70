//! Files with a mistake in them: what is said of the mistake does not show the secrets beside it.

use crate::command::{Corpus, Ran, run_with};
use crate::needles::{Needles, letters};
use std::fs;

/// A mistake in a file that holds an account, which is written as `ACCOUNT` gets it: `SECRET` stands for the secret.
struct Mistake {
    name: &'static str,
    account: &'static str,
    /// Commands that show the secret, all for one [`REASON`]; one that no longer does has to leave the list.
    shows: &'static [&'static str],
}

/// Why some mistakes show the secret: an error quotes the line or the value that it is about.
const REASON: &str = "errors quote lines and values of files that hold credentials";

/// Commands that read the account in a file of their own, but for `diagnose`, which quotes nothing.
const EVERY_FILE: &[&str] =
    &["sign", "verify", "test --http", "sign, of a corpus", "check", "lint", "explain", "test", "fuzz"];
/// Those that read a case or vectors.
const CASES_AND_VECTORS: &[&str] = &["sign", "verify", "sign, of a corpus", "check", "lint", "explain", "test", "fuzz"];

const MISTAKES: [Mistake; 12] = [
    Mistake { name: "quotes forgotten", account: "{ user: \"demo\", secret: SECRET }", shows: EVERY_FILE },
    Mistake {
        name: "a closing quote forgotten",
        account: "{ user: \"demo\", secret: \"SECRET }",
        shows: &["verify", "test --http", "sign, of a corpus", "check", "lint", "explain", "test", "fuzz"],
    },
    Mistake {
        name: "a colon in a value without quotes",
        account: "{ user: \"demo\", secret: \"x\", SECRET: y: z }",
        shows: EVERY_FILE,
    },
    Mistake { name: "a list in place of a map", account: "[\"demo\", \"SECRET\"]", shows: CASES_AND_VECTORS },
    Mistake {
        name: "a text in place of a map",
        account: "\"SECRET\"",
        shows: &["sign", "verify", "adapter", "sign, of a corpus", "check", "lint", "explain", "test", "fuzz"],
    },
    Mistake { name: "a list in place of a text", account: "{ user: \"demo\", secret: [\"SECRET\"] }", shows: &[] },
    Mistake {
        name: "a map in place of a text",
        account: "{ user: \"demo\", secret: { text: \"SECRET\" } }",
        shows: CASES_AND_VECTORS,
    },
    Mistake {
        name: "digits that are not hexadecimal",
        account: "{ user: \"demo\", secret: { hex: \"SECRET\" } }",
        shows: CASES_AND_VECTORS,
    },
    Mistake { name: "an unknown credential", account: "{ user: \"demo\", sercet: \"SECRET\" }", shows: &[] },
    Mistake {
        name: "the secret as a name",
        account: "{ user: \"demo\", SECRET: \"secret\" }",
        shows: &["sign", "verify", "diagnose", "adapter", "sign, of a corpus", "check", "test"],
    },
    Mistake {
        name: "a name twice",
        account: "{ user: \"demo\", secret: \"SECRET\", secret: \"SECRET\" }",
        shows: EVERY_FILE,
    },
    Mistake { name: "an anchor", account: "{ user: \"demo\", secret: &SECRET \"x\" }", shows: EVERY_FILE },
];

const SCHEME: &str = r#"title: "A scheme"
kind: system
account: { user: public, secret: secret }
operations:
  request:
    direction: request
    wire: { query: percent }
    derive:
      signature: [body, { hmac: { with: sha256, key: credential.secret } }, hex]
    place:
      header: { X-Signature: stage.signature }
    verify:
      - { equal: [header.X-Signature, stage.signature], reject: signature-mismatch }
"#;
const STATEMENTS: &str =
    "document: { title: \"One's own\", publisher: \"one\", note: \"Nowhere.\" }\nstatements: []\ndiscrepancies: {}\n";
const REQUEST: &str = "POST / HTTP/1.1\r\nHost: h\r\nX-Signature: 00\r\n\r\nbody";

/// A vector file; `ACCOUNT` is its account.
const TOPIC: &str = r#"about: "Secrets."
accounts:
  mine: ACCOUNT
vectors:
  - name: "sign"
    comment: "Signed."
    source: { kind: "generated", place: "here" }
    given: { operation: "request", sign: { account: "mine", request: { method: "POST", host: "h", path: "/", body: "body" } } }
    expect: { stages: { signature: "00" } }
"#;
const SIGN: &str = "operation: \"request\"\nsign:\n  account: ACCOUNT\n  request: { method: \"POST\", host: \"h\", path: \"/\", body: \"body\" }\n";
const VERIFY: &str = "operation: \"request\"\nverify:\n  accounts:\n    - ACCOUNT\n  steps: [{ request: { method: \"POST\", target: \"/\", headers: [[\"X-Signature\", \"00\"]], body: \"body\" } }]\n";
const RULES: &str = "scheme: \"mine\"\noperations: [\"request\"]\naccounts:\n  - ACCOUNT\nrules: [{ status: \"2xx\", outcome: \"accept\" }]\n";

/// Every command on a file with this account, by a name.
fn said_of(account: &str) -> Vec<(&'static str, Ran)> {
    let corpus = Corpus::empty();
    fs::create_dir(corpus.file("mine")).unwrap();
    corpus.write("mine/scheme.yaml", SCHEME);
    corpus.write("mine/statements.yaml", STATEMENTS);
    corpus.write("mine/topic.yaml", TOPIC.replace("ACCOUNT", "{ user: \"demo\", secret: \"public-example\" }"));
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
    let file = |name: &str| beside.file(name).to_str().unwrap().to_owned();
    let place = corpus.path().to_str().unwrap().to_owned();
    let run = |arguments: &[&str], input: &str| {
        run_with(arguments.iter().copied().chain(["--corpus", place.as_str()]), &[], input)
    };
    let mut said = vec![
        ("sign", run(&["sign", &file("sign.yaml"), "--scheme", "mine"], "")),
        ("verify", run(&["verify", &file("verify.yaml"), "--scheme", "mine"], "")),
        (
            "diagnose",
            run(
                &[
                    "diagnose",
                    "--scheme",
                    "mine",
                    "--request",
                    &file("request.http"),
                    "--account",
                    &file("account.yaml"),
                    "--signature",
                    "00",
                ],
                "",
            ),
        ),
        ("test --http", run(&["test", "--http", "http://127.0.0.1:9", "--rules", &file("rules.yaml")], "")),
        ("adapter", run(&["adapter"], &format!("{line}\n"))),
    ];
    corpus.write("mine/topic.yaml", TOPIC.replace("ACCOUNT", account));
    let countersign = env!("CARGO_BIN_EXE_countersign");
    let adapter = ["test", "--corpus", &place, "--", countersign, "adapter", "--corpus", &place];
    said.extend([
        ("sign, of a corpus", run(&["sign", "mine/topic/sign"], "")),
        ("check", run(&["check"], "")),
        ("lint", run(&["lint"], "")),
        ("explain", run(&["explain", "mine/topic/sign"], "")),
        ("test", run_with(adapter, &[], "")),
        (
            "fuzz",
            run_with(
                [
                    "fuzz",
                    "--scheme",
                    "mine",
                    "--cases",
                    "1",
                    "--time",
                    "1",
                    "--corpus",
                    &place,
                    "--",
                    countersign,
                    "adapter",
                    "--corpus",
                    &place,
                ],
                &[],
                "",
            ),
        ),
    ]);
    said
}

#[test]
fn what_is_said_of_a_broken_file_shows_no_secret() {
    let (mut leaks, mut hidden) = (Vec::new(), Vec::new());
    let mut failed = 0;
    for mistake in &MISTAKES {
        let secret = letters(mistake.name, 24);
        let needles = Needles::of([secret.as_bytes()]);
        for (command, ran) in said_of(&mistake.account.replace("SECRET", &secret)) {
            failed += usize::from(ran.code == 2);
            let found = needles.found_in(&(ran.stdout + &ran.stderr));
            match (found.first(), mistake.shows.contains(&command)) {
                (Some((form, line)), false) => {
                    leaks.push(format!("  {}: {command}: {form}\n      {line}\n", mistake.name))
                }
                (None, true) => hidden.push(format!("  {}: {command}\n", mistake.name)),
                _ => {}
            }
        }
    }
    assert!(failed > 70, "only {failed} runs found a mistake");
    assert!(leaks.is_empty(), "{} places show a secret:\n{}", leaks.len(), leaks.concat());
    assert!(hidden.is_empty(), "these show it no longer ({REASON}); take them off the list:\n{}", hidden.concat());
}
