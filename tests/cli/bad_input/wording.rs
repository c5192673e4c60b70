//! The wording of some errors in full, as a user sees them.

use super::{Case, SCHEME, STATEMENTS, VECTORS};
use insta::assert_snapshot;

/// What a command prints about a mistake, with the directory's name taken out.
fn message(command: &str, file: &'static str, old: &'static str, new: &'static str) -> String {
    let corpus = Case::new("", file, old, new, "").corpus();
    let ran = corpus.run(&[command]);
    corpus.redacted(&format!("{}{}", ran.stdout, ran.stderr))
}

#[test]
fn strict_yaml() {
    assert_snapshot!(message("check", VECTORS, "account: \"example\"", "account: example"), @r#"countersign: CORPUS/demo/sign.yaml:12:18: a value without quotes: in this file every value is a string, written "…""#);
    assert_snapshot!(message("check", VECTORS, "{ key_id: \"demo\",", "{ key_id: \"a\", key_id: \"demo\","), @r#"countersign: CORPUS/demo/sign.yaml:4:27: a key that stands twice in one map"#);
}

#[test]
fn the_scheme_language() {
    assert_snapshot!(message("check", SCHEME, "lines: [method,", "lines: [stage.mehtod,"), @r"
    countersign: CORPUS/demo/scheme.yaml:38:19: request.derive.string_to_sign: unknown stage `mehtod`; the scheme has canonical_query, string_to_sign, signature, authorization
       |
    38 |         - lines: [stage.mehtod, raw_path, stage.canonical_query, time]
       |                   ^
    ");
    assert_snapshot!(message("check", SCHEME, "signature: [stage.string_to_sign,", "signature: [stage.authorization,"), @r"
    countersign: CORPUS/demo/scheme.yaml:39:19: request.derive.signature: the stage `authorization` is used before it is derived; stages use earlier ones only
       |
    39 |       signature: [stage.authorization, { hmac: { with: sha256, key: creden…
       |                   ^
    ");
    let edit = "variants:\n  v: { says: \"Other.\", edits: [{ edit: request.derive.signature.md5, delete: true }] }\noperations:\n";
    assert_snapshot!(message("check", SCHEME, "operations:\n", edit), @r#"
    countersign: CORPUS/demo/scheme.yaml:20:32: the edit `request.derive.signature.md5` matches nothing: there is no `md5` here; there is stage.string_to_sign, hmac, hex
       |
    20 |   v: { says: "Other.", edits: [{ edit: request.derive.signature.md5, delet…
       |                                ^
    "#);
}

#[test]
fn vectors() {
    let source = "    source: { kind: \"documented\", place: \"Signing, example\" }\n";
    assert_snapshot!(message("check", VECTORS, source, ""), @r#"countersign: CORPUS/demo/sign.yaml:6:5: missing field `source`"#);
}

#[test]
fn lint() {
    assert_snapshot!(message("lint", STATEMENTS, "    vectors: [\"demo/sign/first\"]\n", ""), @r#"
    CORPUS/demo/statements.yaml:7:5: a statement has either vectors that cover it or a reason why none can
      |
    7 |   - id: "signature"
      |     ^
    note: demo, request: no check depends on the body; the header field Host
    1 schemes, 1 vectors, 1 findings
    "#);
    assert_snapshot!(message("lint", VECTORS, "    given:", "    flags: [\"idle\"]\n    given:"), @r#"
    CORPUS/demo/sign.yaml:6:5: the flag `idle` is not declared in scheme.yaml
    note: demo, request: no check depends on the body; the header field Host
    1 schemes, 1 vectors, 1 findings
    "#);
}
