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
use setting::{CORPUS, FIXTURES, FOLDERS, entries, place, systems};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

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

#[test]
fn json_and_schemas_are_fresh() {
    let folder = place("vectors");
    let mut derived: Vec<(PathBuf, Value)> = Vec::new();
    derived.extend(corpus::to_json(&CORPUS).into_iter().map(|(s, json)| (folder.join(format!("json/{s}.json")), json)));
    let schemas = corpus::schemas().into_iter().chain(countersign::subject::schemas());
    derived.extend(schemas.map(|(name, schema)| (folder.join("schema").join(name), schema)));
    for (file, value) in &derived {
        let found = std::fs::read_to_string(file).unwrap_or_default();
        let again = "cargo run --release -- export --corpus vectors";
        assert_eq!(found, format!("{value:#}\n"), "{} is stale; run: {again}", file.display());
    }
    let expected: BTreeSet<&Path> = derived.iter().map(|(file, _)| file.as_path()).collect();
    for sub in ["json", "schema"] {
        for entry in std::fs::read_dir(folder.join(sub)).unwrap() {
            let file = entry.unwrap().path();
            assert!(expected.contains(file.as_path()), "{} belongs to nothing", file.display());
        }
    }
}

#[test]
fn every_file_conforms_to_its_schema() {
    let schemas: Vec<(&str, jsonschema::Validator)> = corpus::schemas()
        .into_iter()
        .map(|(name, schema)| (name, jsonschema::validator_for(&schema).unwrap()))
        .collect();
    for folder in FOLDERS {
        let files = Files::in_directory(&place(folder)).unwrap();
        for (name, (file, bytes)) in files.0.values().flatten() {
            let schema = match name.as_str() {
                "scheme.yaml" => continue, // `like` and short forms are not what the schema of the printed form describes
                "statements.yaml" => "statements.schema.json",
                "readings.yaml" => "readings.schema.json",
                _ => "vectors.schema.json",
            };
            let validator = &schemas.iter().find(|(name, _)| *name == schema).unwrap().1;
            let value: Value = serde_yaml::from_slice(bytes).unwrap();
            let errors: Vec<String> =
                validator.iter_errors(&value).take(3).map(|e| format!("{}: {e}", e.instance_path())).collect();
            assert!(errors.is_empty(), "{file}: {errors:?}");
        }
    }
    let validator = &schemas.iter().find(|(name, _)| *name == "scheme.schema.json").unwrap().1;
    for entry in entries() {
        assert!(validator.is_valid(&entry.scheme.printed()), "{} does not print to its schema", entry.name);
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
