//! The corpus as a product: no findings, derived files fresh, and it says what it must.

mod mutation;
mod rekey;
#[path = "../setting/mod.rs"]
mod setting;

use countersign::case::Ending;
use countersign::corpus::{self, Files, Level, ProvenanceKind, Statements};
use countersign::scheme::{Class, Program};
use countersign::{runner, trial};
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
            let accepted = of_operation().any(|(_, v)| v.expect.results.iter().any(|r| r.outcome == Ending::Accept));
            assert!(accepted || operation.verify.is_empty(), "no vector of {}/{name} is accepted", entry.name);
        }
    }
}

#[test]
fn every_expectation_has_a_level_and_every_refusal_says_what_it_keeps_from_an_attacker() {
    let mut levels = HashSet::new();
    for (scheme, json) in corpus::to_json(&CORPUS) {
        for vector in json["vectors"].as_array().unwrap() {
            let name = &vector["name"];
            let refused =
                vector["expect"]["results"].as_array().is_some_and(|r| r.last().unwrap()["outcome"] == "reject");
            assert_eq!(vector["gains"].is_string(), refused, "{name}");
            levels
                .insert(vector["level"].as_str().unwrap_or_else(|| panic!("{scheme}: {name} has no level")).to_owned());
        }
    }
    assert_eq!(levels.len(), Level::ALL.len(), "{levels:?}");
}

#[test]
fn the_level_follows_from_the_source_the_discrepancies_and_the_class() {
    let level = |name: &str| {
        let entry = CORPUS.entries.iter().find(|entry| name.starts_with(&format!("{}/", entry.name))).unwrap();
        entry.level(entry.find(name).unwrap_or_else(|| panic!("{name}")).1)
    };
    assert_eq!(level("flipsnack/verify/value-changed"), Level::Must, "documented");
    assert_eq!(level("flipbase/verify/without-a-body"), Level::Must, "generated, with nothing in doubt");
    assert_eq!(level("flipbase/verify/both-dates-date-first"), Level::Should, "two pages contradict each other");
    assert_eq!(level("flipbase/verify/lower-case-escapes"), Level::Decision, "no document says");
}

#[test]
fn the_page_tells_what_is_gained_by_each_class() {
    let page = std::fs::read_to_string(place("vectors/README.md")).unwrap();
    let table = page.split_once("| class | what an attacker gains |").unwrap().1.split("\n\n").next().unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(2).map(|row| row.trim_matches('|').split(" | ").collect()).collect();
    assert_eq!(rows.len(), 14, "{rows:?}");
    for row in rows {
        let class: Class = serde_json::from_value(row[0].trim().trim_matches('`').into()).unwrap();
        let says = corpus::gains(class).trim_end_matches('.');
        assert!(says[1..] == row[1].trim()[1..], "{class}: {says:?} and {:?}", row[1]);
    }
}

#[test]
fn every_scheme_names_its_steward_its_document_and_the_origin_of_what_is_not_ours() {
    for entry in &CORPUS.entries {
        let Statements { steward, document, origins, .. } = &entry.statements;
        let name = &entry.name;
        assert!(steward.is_some(), "{name} has no steward");
        for field in [&document.address, &document.read, &document.edition] {
            assert!(field.as_ref().is_some_and(|text| !text.is_empty()), "{name}: address, day of reading or edition");
        }
        for (topic, vector) in entry.all_vectors().filter(|(_, v)| v.source.kind != ProvenanceKind::Generated) {
            let origin =
                entry.origin(vector).unwrap_or_else(|| panic!("{} has no origin", entry.full_name(topic, vector)));
            assert!(!origin.from.is_empty() && !origin.licence.is_empty(), "{name}");
        }
        assert!(!origins.is_empty(), "{name}");
    }
}

#[test]
fn an_older_corpus_runs_as_it_did() {
    let folder = place("tests/fixtures/older");
    let mut vectors = 0;
    for version in std::fs::read_dir(folder).unwrap() {
        let files = Files::in_directory(&version.unwrap().path()).unwrap();
        let corpus = corpus::load(&files).unwrap_or_else(|errors| panic!("{}", errors[0]));
        let run = runner::check(&corpus, &runner::Filter::default());
        let failures: Vec<_> = run.failures().into_iter().map(|failure| &failure.vector).collect();
        assert!(failures.is_empty(), "{failures:?}");
        vectors += run.passed();
    }
    assert_eq!(vectors, 51, "vectors of the older corpora");
}
