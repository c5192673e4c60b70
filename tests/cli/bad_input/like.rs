//! Vectors that are like another one, and what is wrong with them.

use super::{Case, SOON, STATEMENTS, VECTORS};
use crate::command::Corpus;
use serde_json::Value;

/// A second vector of the demo, like the first.
const SECOND: &str = r#"vectors:
  - name: "second"
    comment: "Another query, and another time."
    source: { kind: "generated", place: "Signing" }
    like: "demo/sign/first"
    changes: [{ set-query: ["limit", "20"] }, { add-query: ["page", "2"] }, { set-time: "2024-01-02T03:04:06Z" }]
    expect: { stages: { canonical_query: "limit=20&page=2&state=open" } }
"#;

/// What, file, old text, new text, what the message says; `old` stands in the demo with the second vector.
#[rustfmt::skip]
const CASES: &[Case] = &[
    Case::new("like a vector that is not there", VECTORS, "like: \"demo/sign/first\"", "like: \"demo/sign/frist\"", "`like` names a vector of this scheme, in full, that has its `given` written out"),
    Case::new("like a vector without its full name", VECTORS, "like: \"demo/sign/first\"", "like: \"first\"", "`like` names a vector of this scheme, in full"),
    Case::new("like itself", VECTORS, "like: \"demo/sign/first\"", "like: \"demo/sign/second\"", "`like` names a vector of this scheme, in full"),
    Case::new("like and given", VECTORS, "    like: \"demo/sign/first\"", "    given: {}\n    like: \"demo/sign/first\"", "a vector that is `like` another has no `given`"),
    Case::new("changes of nothing", VECTORS, "    like: \"demo/sign/first\"\n", "", "`changes` are of a vector that is `like` another"),
    Case::new("a change that there is not", VECTORS, "{ set-query: [\"limit\", \"20\"] }", "{ set-qery: [\"limit\", \"20\"] }", "unknown variant"),
    Case::new("a change of what a server knows", VECTORS, "{ set-query: [\"limit\", \"20\"] }", "{ forget-account: \"example\" }", "this change is not one of a message"),
    Case::new("an expectation that is taken over", VECTORS, "    expect: { stages: { canonical_query: \"limit=20&page=2&state=open\" } }\n", "", "missing field `expect`"),
];

fn demo() -> Corpus {
    let corpus = Corpus::demo();
    corpus.edit(VECTORS, "vectors:\n", SECOND);
    corpus
}

#[test]
fn each_mistake_is_refused() {
    for case in CASES {
        let corpus = demo();
        corpus.edit(case.file, case.old, case.new);
        let ran = corpus.run(&["check"]).within(SOON);
        assert_eq!(ran.code, 2, "{}:\n{}{}", case.what, ran.stdout, ran.stderr);
        ran.complains(case.says).complains("demo/sign.yaml:");
    }
}

#[test]
fn what_is_given_is_taken_over_with_the_changes_and_written_out() {
    let corpus = demo();
    corpus.run(&["check"]).exits(0).prints("2 passed, 0 failed");
    corpus.run(&["export"]).exits(0);
    let json: Value = serde_json::from_str(&corpus.read("json/demo.json")).unwrap();
    let given =
        |name: &str| json["vectors"].as_array().unwrap().iter().find(|v| v["name"] == name).unwrap()["given"].clone();
    let mut expected = given("demo/sign/first");
    expected["sign"]["time"] = "2024-01-02T03:04:06Z".into();
    expected["sign"]["request"]["query"] = serde_json::json!([["state", "open"], ["limit", "20"], ["page", "2"]]);
    assert_eq!(given("demo/sign/second"), expected);
}

#[test]
fn a_refusal_that_is_like_another_has_its_fault_made() {
    let corpus = Corpus::demo();
    let accepted = r#"vectors:
  - name: "accepted"
    comment: "What the first vector signs."
    source: { kind: "generated", place: "Signing" }
    given:
      operation: "request"
      verify:
        accounts: ["example"]
        messages:
          - now: "2024-01-02T03:04:05Z"
            request:
              method: "GET"
              target: "/orders?state=open&limit=10"
              headers:
                - ["Host", "api.example.com"]
                - ["X-Timestamp", "1704164645"]
                - ["Authorization", "HMAC demo:9f4ae63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7"]
    expect: { results: [{ outcome: "accept" }] }
  - name: "late"
    comment: "Sent an hour late."
    source: { kind: "generated", place: "Signing" }
    like: "demo/sign/accepted"
    fault: { base: "demo/sign/first", change: { set-now: "2024-01-02T04:04:05Z" } }
    expect: { results: [{ outcome: "reject", class: "expired", status: "401" }] }
"#;
    corpus.edit(VECTORS, "vectors:\n", accepted);
    corpus.run(&["check"]).exits(0).prints("3 passed, 0 failed");
    corpus.run(&["lint"]).exits(0).prints("1 schemes, 3 vectors, 0 findings");
    corpus.edit(
        VECTORS,
        "    like: \"demo/sign/accepted\"\n",
        "    like: \"demo/sign/accepted\"\n    changes: [{ set-now: \"2024-01-02T05:04:05Z\" }]\n",
    );
    corpus.run(&["lint"]).exits(1).prints("demo/sign/late: the recipe gives another `now` than the vector");
}

#[test]
fn accounts_of_one_name_are_the_same_in_both_files() {
    let corpus = Corpus::demo();
    let other = format!(
        "about: \"More.\"\naccounts:\n  example: {{ key_id: \"demo\", secret: \"not-a-real-secret\" }}\n{SECOND}"
    );
    corpus.write("demo/more.yaml", &other);
    corpus.run(&["check"]).exits(0).prints("2 passed, 0 failed");
    corpus.write("demo/more.yaml", other.replace("not-a-real-secret", "another-secret"));
    let says = "the accounts of the vector that this one is `like` stand in both files, and are the same";
    let ran = corpus.run(&["check"]).exits(2).complains(says);
    assert!(!ran.stderr.contains("another-secret"), "{}", ran.stderr);
    assert!(corpus.read(STATEMENTS).contains("demo"));
}
