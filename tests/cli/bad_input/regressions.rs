//! Mistakes that once were not refused, made a verifier panic, or were named wrongly.

use super::{Case, SCHEME, VECTORS};
use crate::command::{Corpus, demo_verify};
use serde_json::json;

const TIME: &str = "      time: { from: header.X-Timestamp";
const CHECKS: &str = "    verify:\n";

#[test]
fn alternatives_of_different_types_are_a_type_error() {
    let received = "      value: { first-of: [query, header.X-Other] }\n      time: { from: header.X-Timestamp";
    let case = Case::new("", SCHEME, TIME, received, "");
    case.corpus().run(&["check"]).exits(2).complains("demo/scheme.yaml:27:").complains("these give different types");
}

#[test]
fn a_stage_that_is_used_before_the_account_is_known_does_not_keep_the_first_accounts_value() {
    let corpus = Corpus::demo();
    corpus.edit(SCHEME, "      canonical_query:", "      copy: [credential.secret]\n      canonical_query:");
    corpus.edit(SCHEME, CHECKS, "    verify:\n      - { present: stage.copy, reject: malformed }\n");
    let after = "      - { present: credential.secret,";
    let compared = "      - { equal: [stage.copy, credential.secret], reject: wrong-token }\n";
    corpus.edit(SCHEME, after, &format!("{compared}{after}"));
    // Refused at load would be an answer, too.
    if corpus.run(&["check"]).code == 2 {
        return;
    }
    let accounts = json!([{ "key_id": "a", "secret": "longer than" }, { "key_id": "demo", "secret": "x" }]);
    let given = demo_verify(accounts, "00");
    let message = json!({ "seq": 1, "op": "verify", "scheme": "demo", "operation": "request", "given": given });
    assert_eq!(corpus.ask(&[message])[0]["results"][0]["class"], "signature-mismatch");
}

#[test]
fn a_mistake_is_named_in_a_scheme_with_like_as_well() {
    let corpus = Corpus::demo();
    let more = "  other:\n    like: request\n    edits: [{ edit: verify.fresh, delete: true }]\n\
                flags:\n  idle: { bug_class: \"a\", effect: \"b\", linkz: [] }\n";
    corpus.write(SCHEME, corpus.read(SCHEME) + more);
    corpus.run(&["check"]).exits(2).complains("unknown field `linkz`").complains("demo/scheme.yaml:57:");
}

#[test]
fn a_list_is_no_map() {
    let old = "source: { kind: \"documented\", place: \"Signing, example\" }";
    let case = Case::new("", VECTORS, old, "source: [\"documented\", \"Signing, example\"]", "");
    case.corpus().run(&["check"]).exits(2).complains("demo/sign.yaml:8:");
}

#[test]
fn a_plain_scalar_that_yaml_1_1_retypes_is_found() {
    for (old, new) in [("title: \"demo request signature\"", "title: no"), ("default: \"300\"", "default: 0300")] {
        let corpus = Case::new("", SCHEME, old, new, "").corpus();
        corpus.run(&["lint"]).exits(1).prints("two YAML readers understand this file differently");
    }
}
