//! The corpus as a product: no findings, derived files fresh, and it says what it must.

mod mutation;
mod rekey;
#[path = "../setting/mod.rs"]
mod setting;

use countersign::case::Outcome;
use countersign::corpus::{self, Files};
use countersign::scheme::Program;
use countersign::trial;
use serde_json::Value;
use setting::{CORPUS, FIXTURES, FOLDERS, place, systems};
use std::collections::HashSet;

#[test]
fn there_are_no_findings() {
    for (folder, corpus) in FOLDERS.into_iter().zip([&*CORPUS, &*FIXTURES]) {
        let files = Files::in_directory(&place(folder)).unwrap();
        let mut findings: Vec<String> = corpus::lint(&files, corpus).iter().map(ToString::to_string).collect();
        findings.extend(corpus.entries.iter().flat_map(trial::lint_entry));
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    }
}

#[test]
fn the_built_in_corpus_is_the_one_on_disk() {
    let built_in = Files::built_in();
    let on_disk = Files::in_directory(&place("vectors")).unwrap();
    let contents = |files: &Files| -> Vec<(String, String, Vec<u8>)> {
        let files = files.0.iter();
        files.flat_map(|(s, f)| f.iter().map(move |(n, (_, b))| (s.clone(), n.clone(), b.to_vec()))).collect()
    };
    assert!(contents(&built_in) == contents(&on_disk), "the corpus on disk has changed; build again");
}

fn validator(schema: &str) -> jsonschema::Validator {
    let file = format!("{schema}.schema.json");
    let (_, schema) = corpus::schemas().into_iter().find(|(name, _)| *name == file).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn every_file_conforms_to_its_schema() {
    let kinds = ["scheme", "statements", "readings", "vectors", "corpus"];
    let validators = kinds.map(|kind| (kind, validator(kind)));
    let conforms = |kind: &str, file: &str, value: &Value| {
        let (_, validator) = validators.iter().find(|(name, _)| *name == kind).unwrap();
        let errors = validator.iter_errors(value).take(3).map(|e| format!("{}: {e}", e.instance_path()));
        let errors: Vec<String> = errors.collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    };
    for (folder, corpus) in FOLDERS.into_iter().zip([&*CORPUS, &*FIXTURES]) {
        let files = Files::in_directory(&place(folder)).unwrap();
        for (name, (file, bytes)) in files.0.values().flatten() {
            let kind = name.strip_suffix(".yaml").filter(|kind| kinds.contains(kind)).unwrap_or("vectors");
            conforms(kind, file, &serde_yaml::from_slice(bytes).unwrap());
        }
        for entry in &corpus.entries {
            conforms("scheme", &format!("{} as it is printed", entry.name), &entry.scheme.printed());
        }
        for (name, json) in corpus::to_json(corpus) {
            conforms("corpus", &format!("{name}.json"), &json);
        }
    }
}

/// Each is a change of a good file that its schema refuses.
#[test]
fn a_schema_refuses_what_a_schema_can() {
    let good: Value = serde_yaml::from_str(include_str!("../../src/cli/new/scheme.yaml")).unwrap();
    let scheme = validator("scheme");
    assert!(scheme.is_valid(&good));
    let changes = [
        ("/operations", "{}"),
        ("/operations/request/derive/signature", r#"["nonsense", { "no-such-step": 42 }]"#),
        ("/operations/request/derive/signature", r#"["nonsense"]"#),
        ("/operations/request/derive/signature", r#"["body", "nonsense"]"#),
        ("/operations/request/derive/signature", r#"["body", { "no-such-step": 42 }]"#),
        ("/operations/request/derive/signature", r#"["body", { "hex": {}, "base64": {} }]"#),
        ("/operations/request/derive/signature", r#"["body", { "hex": { "case": "mixed" } }]"#),
        ("/operations/request/derive/signature", r#"["body", { "hmac": { "key": "body" } }]"#),
        ("/operations/request/derive/signature", r#"["body", { "hmac": { "with": "sha3", "key": "body" } }]"#),
        ("/operations/request/derive/signature", r#"["body", { "sort": { "deviation": "descending" } }]"#),
        ("/operations/request/derive/signature", r#"["body", { "encode-uri": {} }]"#),
        ("/operations/request/derive/signature", r#"["body", "truncate"]"#),
        ("/operations/request/derive/signature", "[]"),
        ("/operations/request/derive/signature", r#""header""#),
        ("/operations/request/derive/signature", r#"{ "field": "json.a", "repeated": "first" }"#),
        ("/operations/request/derive/signature", r#"{ "field": "form.a", "repeated": "both" }"#),
        ("/operations/request/verify", r#"[42, "x"]"#),
        ("/operations/request/verify", r#"[{ "present": "body" }]"#),
        ("/operations/request/verify", r#"[{ "reject": "expired" }]"#),
        ("/operations/request/verify", r#"[{ "present": "body", "until": "time", "reject": "expired" }]"#),
        ("/operations/request/verify", r#"[{ "present": "body", "within": "body", "reject": "expired" }]"#),
        ("/operations/request/verify", r#"[{ "equal": ["body"], "reject": "expired" }]"#),
        ("/operations/request/verify", r#"[{ "equal": ["body", "url", "host"], "reject": "expired" }]"#),
        ("/operations/request/verify", r#"[{ "until": "time", "reject": "late" }]"#),
        ("/operations/request/verify", r#"[{ "until": "time", "reject": "expired", "status": 401 }]"#),
        ("/operations/request/receive/time", r#"{ "as": ["unix-seconds"] }"#),
        ("/operations/request/receive/time", r#"{ "from": "body", "first-of": ["body"] }"#),
        ("/operations/request/receive/time", r#"{ "from": "body", "as": ["noon"] }"#),
        ("/operations/request/wire", "{}"),
        ("/operations/request", r#"{ "like": "other", "derive": {} }"#),
        ("/operations/request", r#"{ "like": "other", "edits": [{ "edit": "verify" }] }"#),
        ("/operations/request", r#"{ "like": "other", "edits": [{ "edit": "verify", "delete": false }] }"#),
        ("/operations/request", r#"{ "like": "other", "edits": [{ "edit": "a.b", "insert-after": "nonsense" }] }"#),
        ("/account/secret", r#""private""#),
        ("/parameters/skew", "{}"),
    ];
    for (place, to) in changes {
        let mut other = good.clone();
        *other.pointer_mut(place).unwrap() = serde_json::from_str(to).unwrap();
        assert!(!scheme.is_valid(&other), "{place} is taken as {to}");
    }
    let mut alike = good.clone();
    alike["operations"]["other"] =
        serde_json::json!({ "like": "request", "edits": [{ "edit": "verify.fresh", "delete": true }] });
    assert!(scheme.is_valid(&alike));
    let corpora = validator("corpus");
    for (name, json) in corpus::to_json(&CORPUS) {
        for field in ["parameters", "variants", "vectors"] {
            let mut other = json.clone();
            other.as_object_mut().unwrap().remove(field);
            assert!(!corpora.is_valid(&other), "{name} without {field}");
        }
        let mut other = json.clone();
        let given = &mut other["vectors"][0]["given"];
        let (place, named) = if given.get("sign").is_some() {
            ("/sign/account", "\"example\"")
        } else {
            ("/verify/accounts", "[\"example\"]")
        };
        *given.pointer_mut(place).unwrap() = serde_json::from_str(named).unwrap();
        assert!(!corpora.is_valid(&other), "{name}, with an account that is named");
    }
}

#[test]
fn every_stage_and_check_of_a_system_is_met_by_a_vector() {
    for entry in systems() {
        for (name, operation) in &entry.scheme.operations {
            let program = Program::compile(&entry.scheme, operation).unwrap();
            let of_operation = || entry.vectors().filter(|(_, vector)| vector.given.operation == *name);
            let expected: HashSet<&str> =
                of_operation().flat_map(|(_, vector)| vector.expect.stages.keys().map(String::as_str)).collect();
            for stage in program.byte_stages() {
                assert!(expected.contains(stage), "no vector of {}/{name} expects the stage {stage}", entry.name);
            }
            let refused: HashSet<_> =
                of_operation().flat_map(|(_, v)| v.expect.results.iter().filter_map(|r| r.class)).collect();
            for check in &operation.verify {
                assert!(
                    refused.contains(&check.reject),
                    "no vector of {}/{name} is refused with {}",
                    entry.name,
                    check.reject
                );
            }
            let accepted = of_operation().any(|(_, v)| v.expect.results.iter().any(|r| r.outcome == Outcome::Accept));
            assert!(accepted || operation.verify.is_empty(), "no vector of {}/{name} is accepted", entry.name);
        }
    }
}
