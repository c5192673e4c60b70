//! Mistakes that load: `lint` finds each, with exit code 1, and `check` does not mind.

use super::{Case, SCHEME, SOON, STATEMENTS, VECTORS};
use crate::command::{Corpus, demo_verify};
use serde_json::json;
use std::sync::LazyLock;

const SOURCE: &str = "    source: { kind: \"documented\", place: \"Signing, example\" }\n";
const NO_DISCREPANCIES: &str = "discrepancies: {}";
const COVERED: &str = "    vectors: [\"demo/sign/first\"]\n";

/// A refusal of the request that the demo's vector signs, with the signature cut short.
static REFUSAL: LazyLock<String> = LazyLock::new(|| {
    let verify = demo_verify(json!(["example"]), "00");
    format!(
        "vectors:\n  - name: \"refused\"\n    comment: \"A signature that is not the one derived.\"\n    source: {{ kind: \
         \"generated\", place: \"Signing\" }}\n    given: {{ operation: \"request\", verify: {verify} }}\n    expect:\n      \
         results: [{{ outcome: \"reject\", class: \"signature-mismatch\", status: \"401\" }}]\n"
    )
});

/// The recipe by which the refusal comes from the demo's vector.
const RECIPE: &str = r#"    fault:
      base: "demo/sign/first"
      change: { set-header: ["Authorization", "HMAC demo:00"] }
    expect:
      results: [{ outcome: "reject""#;

/// Where the stages of the demo begin.
const STAGE: &str = "    derive:\n";

/// What, file, old text, new text, what is found.
#[rustfmt::skip]
const CASES: &[Case] = &[
    Case::new("name that is not kebab-case", VECTORS, "name: \"first\"", "name: \"First_1\"", "`First_1` is not kebab-case"),
    Case::new("empty comment", VECTORS, "comment: \"A plain request. Take the expected values from your documentation or from another implementation.\"", "comment: \" \"", "a vector says in its comment why it exists"),
    Case::new("dangling flag", VECTORS, SOURCE, "    source: { kind: \"documented\", place: \"Signing, example\" }\n    flags: [\"space-as-plus\"]\n", "the flag `space-as-plus` is not declared in scheme.yaml"),
    Case::new("flag without a vector", SCHEME, "operations:\n", "flags: { idle: { bug_class: \"C01\", effect: \"None.\", links: [] } }\noperations:\n", "demo: no vector has the flag `idle`"),
    Case::new("dangling discrepancy", VECTORS, SOURCE, "    source: { kind: \"documented\", place: \"Signing, example\" }\n    discrepancies: [\"clock\"]\n", "the discrepancy `clock` is not recorded in statements.yaml"),
    Case::new("discrepancy without vector or reason", STATEMENTS, NO_DISCREPANCIES, "discrepancies: { clock: { kind: \"unspecified\", place: \"Signing\", finds: \"Nothing of clocks.\", decision: \"300 seconds.\" } }", "the discrepancy `clock` is either shown by a vector or has a reason"),
    Case::new("reading of an unrecorded discrepancy", SCHEME, "operations:\n", "readings:\n  ageless: { says: \"No time.\", discrepancy: clock, edits: [{ edit: request.verify.fresh, delete: true }] }\noperations:\n", "the reading `ageless` answers the discrepancy `clock`, which is not recorded"),
    Case::new("statement without vectors or reason", STATEMENTS, COVERED, "", "a statement has either vectors that cover it or a reason why none can"),
    Case::new("statement with both", STATEMENTS, COVERED, "    vectors: [\"demo/sign/first\"]\n    reason: \"None.\"\n", "a statement has either vectors that cover it or a reason why none can"),
    Case::new("statement on a vector that is not there", STATEMENTS, COVERED, "    vectors: [\"demo/sign/second\"]\n", "there is no vector `demo/sign/second`"),
    Case::new("empty statement", STATEMENTS, "    place: \"Signing\"\n", "    place: \" \"\n", "an empty row"),
    Case::new("fault of an acceptance", VECTORS, SOURCE, "    source: { kind: \"documented\", place: \"Signing, example\" }\n    fault: { change: { state: \"None.\" } }\n", "a fault, and the vector does not end in a refusal"),
    Case::new("fraction without quotes", SCHEME, "title: \"demo request signature\"", "title: 1.5", "two YAML readers understand this file differently"),
    Case::new("octal number without quotes", SCHEME, "title: \"demo request signature\"", "title: 0o454", "two YAML readers understand this file differently"),
    Case::new("credential as a separator", SCHEME, STAGE, "    derive:\n      extra: [query, names, { join: credential.secret }]\n", "the step `join` takes `credential.secret` for text"),
    Case::new("source as a separator", SCHEME, STAGE, "    derive:\n      extra: [query, names, { join: nonce }]\n", "the step `join` takes `nonce` for text"),
    Case::new("split and joined alike", SCHEME, STAGE, "    derive:\n      extra: [body, { split: \",\" }, { join: \",\" }]\n", "`split` and `join` of one separator change nothing"),
    Case::new("replacement by split and join", SCHEME, STAGE, "    derive:\n      extra: [body, { split: \",\" }, { join: \";\" }]\n", "replace a text; write {replace: {\",\": \";\"}}"),
    Case::new("join of one part", SCHEME, STAGE, "    derive:\n      extra: { join: { with: \"&\", parts: [body] } }\n", "`join` of one part joins nothing"),
    Case::new("stage that nothing uses", SCHEME, STAGE, "    derive:\n      extra: body\n", "nothing uses the stage `request.derive.extra`; take it out, or say why under `unused`"),
    Case::new("stage that only an unused one uses", SCHEME, STAGE, "    derive:\n      extra: body\n      more: stage.extra\n", "nothing uses the stage `request.derive.extra`"),
    Case::new("binding that nothing uses", SCHEME, "      fields: { from", "      extra: header.Host\n      fields: { from", "nothing uses the binding `request.receive.extra`"),
    Case::new("used stage that is declared unused", SCHEME, "operations:\n", "unused: { request.derive.signature: \"None.\" }\noperations:\n", "`request.derive.signature` is declared unused, and is used"),
    Case::new("operation without a vector", SCHEME, "operations:\n", "operations:\n  callback: { like: request }\n", "no vector is of the operation `callback`"),
    Case::new("verifier that refuses what is signed", SCHEME, "template: \"HMAC {key_id}:{signature}\"", "template: \"Hmac {key_id}:{signature}\"", "demo/sign/first: the verifier refuses what is signed: malformed"),
    Case::new("refusal of what is accepted", VECTORS, SOURCE, "    source: { kind: \"documented\", place: \"Signing, example\" }\n    refused: \"None.\"\n", "demo/sign/first: `refused`, and the verifier accepts it"),
    Case::new("infinity without quotes", SCHEME, "title: \"demo request signature\"", "title: .inf", "two YAML readers understand this file differently"),
];

#[test]
fn each_mistake_is_found_by_lint_alone() {
    for case in CASES {
        let corpus = case.corpus();
        corpus.run(&["check"]).exits(0);
        let ran = corpus.run(&["lint"]).within(SOON);
        let shown = format!("{}:\n{}{}", case.what, ran.stdout, ran.stderr);
        assert_eq!(ran.code, 1, "{shown}");
        assert!(ran.stdout.contains(case.says), "`{}` is not found in {shown}", case.says);
        assert!(!ran.stdout.contains(" 0 findings"), "{shown}");
    }
}

#[test]
fn a_member_within_another_is_not_read_by_dots() {
    let corpus = Corpus::demo();
    corpus.edit(SCHEME, STAGE, "    derive:\n      extra: json.order.id\n");
    corpus.run(&["lint"]).exits(1).prints("`json.order.id` reads a member of the body that is called `order.id`");
}

#[test]
fn a_vector_is_withdrawn_by_a_version_that_there_is_and_is_not_run() {
    let corpus = Corpus::demo();
    let second = corpus.read(VECTORS).split_once("vectors:\n").unwrap().1.replace("\"first\"", "\"second\"");
    let wrong = second.replace("9f4ae63b", "00000000");
    corpus.write(VECTORS, corpus.read(VECTORS) + &wrong);
    corpus.run(&["check"]).exits(1);
    let withdrawn = |since: &str| format!("    withdrawn: {{ reason: \"Misprinted.\", since: \"{since}\" }}\n");
    corpus.edit(VECTORS, "name: \"second\"\n", &format!("name: \"second\"\n{}", withdrawn("0.1.0")));
    corpus.run(&["check"]).exits(0).prints("1 passed, 0 failed");
    corpus.run(&["lint"]).exits(0);
    corpus.edit(VECTORS, &withdrawn("0.1.0"), &withdrawn("99.0.0"));
    corpus.run(&["lint"]).exits(1).prints("since` a version of the corpus that there is");
    // Its name stays taken.
    corpus.edit(VECTORS, "name: \"second\"", "name: \"first\"");
    corpus.run(&["lint"]).exits(1).prints("the name `first` stands twice in this file");
}

#[test]
fn what_no_check_depends_on_is_said() {
    let corpus = Corpus::demo();
    corpus.run(&["lint"]).exits(0).prints("note: demo, request: no check depends on the body; the header field Host\n");
    corpus.edit(SCHEME, "raw_path, ", "");
    let note = "note: demo, request: no check depends on the path; the body; the header field Host\n";
    corpus.run(&["lint"]).exits(0).prints(note);
}

#[test]
fn a_field_of_a_body_is_named_where_others_are_signed() {
    let corpus = Corpus::demo();
    let request = "          query: [[\"state\", \"open\"], [\"limit\", \"10\"]]\n";
    let json = r#"          body: "{\"amount\":7,\"paid\":true,\"note\":\"7\",\"items\":[1]}""#;
    corpus.edit(VECTORS, request, &format!("{request}{json}\n"));
    let members = "[body, { json: amount }], [body, { json: note }]";
    corpus.edit(SCHEME, "lines: [method", &format!("lines: [{members}, method"));
    let note = "note: demo, request: no check depends on";
    let of = |rest: &str| drop(corpus.run(&["lint"]).exits(0).prints(&format!("{note} {rest}\n")));
    of("what is added to the body; the header field Host; the JSON members paid, items");
    let form = r#"          headers: [["Content-Type", "application/x-www-form-urlencoded"]]
          body: "amount=7&note=7""#;
    corpus.edit(VECTORS, json, form);
    corpus.edit(SCHEME, members, "form.amount");
    of("what is added to the body; the header field Host; the form field note");
    corpus.edit(SCHEME, "form.amount, ", "");
    of("the body; the header fields Host, Content-Type");
}

#[test]
fn an_expected_stage_is_one_of_the_operation() {
    let corpus = Corpus::demo();
    corpus.edit(VECTORS, "canonical_query:", "canonical_qeury:");
    let ran = corpus.run(&["lint"]).exits(1).prints("demo/sign.yaml:");
    ran.prints(
        "`request` has no stage `canonical_qeury`; it has canonical_query, string_to_sign, signature, authorization",
    );
}

#[test]
fn a_finding_stands_at_the_line_of_what_it_is_about_whatever_that_is_called() {
    for id in ["clock", "clock.skew", "7"] {
        let corpus = Corpus::demo();
        let one = |id: &str| {
            let rest = "kind: \"unspecified\", place: \"Signing\", finds: \"Nothing.\", decision: \"None.\", reason: \"None.\"";
            format!("  \"{id}\": {{ {rest} }}\n")
        };
        let both = format!("discrepancies:\n{}{}", one("other"), one(id).replace(", reason: \"None.\"", ""));
        corpus.edit(STATEMENTS, NO_DISCREPANCIES, &both);
        let line =
            corpus.read(STATEMENTS).lines().position(|line| line.starts_with(&format!("  \"{id}\""))).unwrap() + 1;
        let ran = corpus.run(&["lint"]).exits(1);
        assert!(ran.stdout.contains(&format!("statements.yaml:{line}:")), "{id} is in line {line}:\n{}", ran.stdout);
    }
}

/// The vector of the demo a second time, under another name and with another expectation or the same.
fn repeated(expectation: &str) -> String {
    let corpus = Corpus::demo();
    let text = corpus.read(VECTORS);
    let (_, vector) = text.split_once("vectors:\n").unwrap();
    let vector = vector.replace("\"first\"", "\"second\"").replace("9f4ae63b", expectation);
    corpus.write(VECTORS, format!("{text}{vector}"));
    corpus.run(&["lint"]).exits(1).stdout
}

#[test]
fn duplicates_and_contradictions_are_told_apart() {
    assert!(repeated("9f4ae63b").contains("the same as demo/sign/first"));
    assert!(
        repeated("00000000").contains("contradicts demo/sign/first: the same is given, and something else expected")
    );
}

#[test]
fn a_name_must_not_stand_twice() {
    let corpus = Corpus::demo();
    let text = corpus.read(VECTORS);
    let (_, vector) = text.split_once("vectors:\n").unwrap();
    corpus.write(VECTORS, format!("{text}{}", vector.replace("limit", "page")));
    corpus.run(&["lint"]).exits(1).prints("the name `first` stands twice in this file");
}

#[test]
fn a_refusal_is_single_fault() {
    let sound = Corpus::demo();
    sound.edit(VECTORS, "vectors:\n", &REFUSAL);
    sound.run(&["check"]).exits(0);
    sound.run(&["lint"]).exits(1).prints("a vector that ends in a refusal says its fault");
    sound.edit(VECTORS, "    expect:\n      results: [{ outcome: \"reject\"", RECIPE);
    sound.run(&["lint"]).exits(0);

    // The recipe gives another message than the one that is frozen.
    sound.edit(VECTORS, "HMAC demo:00\"] }", "HMAC demo:01\"] }");
    sound.run(&["lint"]).exits(1).prints("demo/sign/refused: the recipe gives another message than the vector");
    sound.edit(VECTORS, "HMAC demo:01\"] }", "HMAC demo:00\"] }");

    // A second fault: the message is too old as well.
    sound.edit(VECTORS, "\"now\":\"2024-01-02T03:04", "\"now\":\"2024-01-02T04:04");
    sound.edit(VECTORS, "class: \"signature-mismatch\"", "class: \"expired\"");
    sound.run(&["lint"]).exits(1).prints("demo/sign/refused: the recipe gives another `now` than the vector");
    sound.edit(VECTORS, "\"demo/sign/first\"\n      change", "\"demo/sign/frist\"\n      change");
    sound.run(&["lint"]).exits(1).prints("demo/sign/refused: there is no vector `demo/sign/frist`");
}

#[test]
fn the_record_of_readings_is_fresh() {
    let corpus = Corpus::demo();
    let upper = "readings:\n  upper: { says: \"Digits in upper case.\", discrepancy: digits, \
                 edits: [{ edit: request.derive.signature.hex, set: { case: upper } }] }\noperations:\n";
    corpus.edit(SCHEME, "operations:\n", upper);
    let says = "demo/readings.yaml is stale; `countersign export` writes it";
    corpus.run(&["lint"]).exits(1).prints(says);
    corpus.run(&["export"]).exits(0);
    corpus.run(&["check"]).exits(0);
    assert!(!corpus.run(&["lint"]).stdout.contains(says));
    corpus.edit("demo/readings.yaml", "9F4AE63B", "00000000");
    corpus.run(&["lint"]).exits(1).prints(says);
}
