//! The corpus as a product: no findings, derived files fresh, and it says what it must.

use countersign::case::Outcome;
use countersign::corpus::{self, Corpus, Files, Level, ProvenanceKind, Statements};
use countersign::scheme::{Class, Kind, Program};
use countersign::{runner, trial};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn corpora() -> Vec<(Files, Corpus)> {
    ["vectors", "tests/fixtures/schemes"]
        .map(|directory| {
            let files = Files::in_directory(&root().join(directory)).unwrap();
            let corpus = corpus::load(&files).unwrap_or_else(|errors| panic!("{}", errors[0]));
            (files, corpus)
        })
        .into()
}

#[test]
fn there_are_no_findings() {
    for (files, corpus) in corpora() {
        let mut findings: Vec<String> = corpus::lint(&files, &corpus).iter().map(ToString::to_string).collect();
        findings.extend(corpus.entries.iter().flat_map(trial::lint_entry));
        assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    }
}

#[test]
fn the_built_in_corpus_is_the_one_on_disk() {
    let built_in = Files::built_in();
    let on_disk = Files::in_directory(&root().join("vectors")).unwrap();
    let contents = |files: &Files| -> Vec<(String, String, Vec<u8>)> {
        let files = files.0.iter();
        files.flat_map(|(s, f)| f.iter().map(move |(n, (_, b))| (s.clone(), n.clone(), b.to_vec()))).collect()
    };
    assert!(contents(&built_in) == contents(&on_disk), "the corpus on disk has changed; build again");
}

#[test]
fn json_and_schemas_are_fresh() {
    let (_, corpus) = corpora().swap_remove(0);
    let folder = root().join("vectors");
    let json = corpus::to_json(&corpus).into_iter();
    let json = json.map(|(s, json)| (folder.join(format!("json/{s}.json")), corpus::json_text(&json)));
    let schemas = corpus::schemas().into_iter().chain(countersign::subject::schemas());
    let schemas = schemas.map(|(name, schema)| (folder.join("schema").join(name), format!("{schema:#}\n")));
    let derived: Vec<(PathBuf, String)> = json.chain(schemas).collect();
    for (file, text) in &derived {
        let found = std::fs::read_to_string(file).unwrap_or_default();
        let again = "cargo run --release -- export --corpus vectors";
        assert!(found == *text, "{} is stale; run: {again}", file.display());
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
    for (files, _) in corpora() {
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
    for (_, corpus) in corpora() {
        for entry in &corpus.entries {
            assert!(validator.is_valid(&entry.scheme.printed()), "{} does not print to its schema", entry.name);
        }
    }
}

#[test]
fn every_stage_and_check_of_a_system_is_met_by_a_vector() {
    let (_, corpus) = corpora().swap_remove(0);
    for entry in corpus.entries.iter().filter(|entry| entry.scheme.kind == Kind::System) {
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

#[test]
fn every_expectation_has_a_level_and_every_refusal_says_what_it_keeps_from_an_attacker() {
    let (_, corpus) = corpora().swap_remove(0);
    let mut levels = HashSet::new();
    for (scheme, json) in corpus::to_json(&corpus) {
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
    let (_, corpus) = corpora().swap_remove(0);
    let level = |name: &str| {
        let entry = corpus.entries.iter().find(|entry| name.starts_with(&format!("{}/", entry.name))).unwrap();
        entry.level(entry.find(name).unwrap_or_else(|| panic!("{name}")).1)
    };
    assert_eq!(level("flipsnack/verify/value-changed"), Level::Must, "documented");
    assert_eq!(level("flipbase/verify/without-a-body"), Level::Must, "generated, with nothing in doubt");
    assert_eq!(level("flipbase/verify/both-dates-date-first"), Level::Should, "two pages contradict each other");
    assert_eq!(level("flipbase/verify/lower-case-escapes"), Level::Decision, "no document says");
}

#[test]
fn the_page_tells_what_is_gained_by_each_class() {
    let page = std::fs::read_to_string(root().join("vectors/README.md")).unwrap();
    let table = page.split_once("| class | refused because |").unwrap().1.split("\n\n").next().unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(2).map(|row| row.trim_matches('|').split(" | ").collect()).collect();
    assert_eq!(rows.len(), 14, "{rows:?}");
    for row in rows {
        let class: Class = serde_json::from_value(row[0].trim().trim_matches('`').into()).unwrap();
        let says = corpus::gains(class).trim_end_matches('.');
        assert!(says[1..] == row[2].trim()[1..], "{class}: {says:?} and {:?}", row[2]);
    }
}

#[test]
fn every_scheme_names_its_steward_its_document_and_the_origin_of_what_is_not_ours() {
    let (_, corpus) = corpora().swap_remove(0);
    for entry in &corpus.entries {
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
    let folder = root().join("tests/fixtures/older");
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
