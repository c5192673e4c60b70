//! `new`, `lint`, `export` and `schema`: for those who write vectors and schemes.

use crate::command::{Corpus, DEMO_SIGNATURE, run};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Digits of the demo's signature as it has them.
pub const LOWER: &str = "key: credential.secret } }, hex]";
/// The same in upper case.
pub const UPPER: &str = "key: credential.secret } }, { hex: { case: upper } }]";

#[test]
fn a_new_scheme_works_end_to_end() {
    let corpus = Corpus::empty();
    let output = corpus.name();
    let next = format!("next: countersign check --corpus {output}");
    run(["new", "parcel-api", "--output", output]).exits(0).prints("parcel-api/scheme.yaml").prints(&next);
    corpus.run(&["check"]).exits(0).prints("1 passed, 0 failed");
    corpus.run(&["lint"]).exits(0).prints("1 schemes, 1 vectors, 0 findings");
    corpus.run(&["sign", "parcel-api/sign/first"]).exits(0).prints("Authorization: HMAC demo:9f4ae63b");
    for file in ["scheme", "sign", "statements"] {
        let text = corpus.read(&format!("parcel-api/{file}.yaml"));
        let schema = text.lines().next().unwrap().strip_prefix("# yaml-language-server: $schema=../").unwrap();
        assert!(corpus.file(schema).is_file(), "{file}.yaml names {schema}");
    }
    corpus.run(&["export"]).exits(0);
    corpus.run(&["export", "--check"]).exits(0).prints(" 0 stale");

    // A document that says otherwise: digits in upper case. The scheme is what changes the result.
    corpus.edit("parcel-api/scheme.yaml", LOWER, UPPER);
    corpus.run(&["check"]).exits(1).prints("FAILED parcel-api/sign/first").prints("stage signature differs");
    corpus.edit("parcel-api/sign.yaml", DEMO_SIGNATURE, &DEMO_SIGNATURE.to_uppercase());
    corpus.run(&["check"]).exits(0);
    corpus.run(&["export", "--check"]).exits(1).prints("stale: json/parcel-api.json");
}

#[test]
fn a_new_scheme_is_never_written_over_another() {
    let corpus = Corpus::demo();
    let before = corpus.read("demo/scheme.yaml");
    corpus.edit("demo/scheme.yaml", "demo request signature", "my work");
    run(["new", "demo", "--output", corpus.name()]).exits(2).complains("demo: is there already, and not empty");
    assert_ne!(corpus.read("demo/scheme.yaml"), before);
    assert!(corpus.read("demo/scheme.yaml").contains("my work"));
}

#[test]
fn a_name_that_is_no_folder_of_a_corpus_is_refused() {
    let corpus = Corpus::empty();
    for name in ["", "Demo", "de_mo", "de mo", "../demo", "a/b", "dé", "."] {
        run(["new", "--output", corpus.name(), "--", name])
            .exits(2)
            .complains("is no name of a scheme: lower-case letters, digits and `-`");
    }
    assert_eq!(fs::read_dir(corpus.path()).unwrap().count(), 0);
}

#[test]
fn lint_takes_a_corpus_a_folder_or_nothing() {
    run(["lint"]).exits(0).prints(" 0 findings");
    let corpus = Corpus::demo();
    run(["lint", corpus.name()]).exits(0).prints("1 schemes, 1 vectors, 0 findings");
    let folder = corpus.named("demo");
    run(["lint", &folder]).exits(0).prints("1 schemes, 1 vectors, 0 findings");
    corpus.edit("demo/sign.yaml", "name: \"first\"", "name: \"First\"");
    let ran = run(["lint", &folder]).exits(1).prints("`First` is not kebab-case");
    assert!(ran.stdout.lines().last().unwrap().ends_with("2 findings"), "{}", ran.stdout);
    run(["lint", &corpus.named("nothing")]).exits(2).complains("cannot be read");
}

#[test]
fn derived_files_go_stale_and_are_written_again() {
    let corpus = Corpus::copied(&["flipsnack", "flipbase"]);
    corpus.run(&["export", "--check"]).exits(1).prints("stale: json/flipsnack.json").prints("11 stale");
    corpus.run(&["export"]).exits(0).prints("11 written");
    corpus.run(&["export", "--check"]).exits(0).prints(" 0 stale");
    corpus.edit("flipsnack/documented.yaml", "The worked example: string", "The worked example, with its string");
    corpus.run(&["export", "--check"]).exits(1).prints("stale: json/flipsnack.json").prints("1 stale");
    let checked = corpus.read("json/flipsnack.json");
    assert!(checked.contains("The worked example: string"), "`--check` writes nothing");
    corpus.run(&["export"]).exits(0).prints("1 written");
    assert!(corpus.read("json/flipsnack.json").contains("with its string"));
    corpus.run(&["export", "--check"]).exits(0);

    fs::remove_file(corpus.file("schema/scheme.schema.json")).unwrap();
    corpus.write("flipbase/readings.yaml", corpus.read("flipbase/readings.yaml") + "# more\n");
    corpus.edit("LANGUAGE.md", "# The language", "# A language");
    let ran = corpus.run(&["export", "--check"]).exits(1).prints("stale: schema/scheme.schema.json");
    ran.prints("stale: flipbase/readings.yaml").prints("stale: LANGUAGE.md").prints("3 stale");
}

#[test]
fn derived_files_of_the_corpus_are_fresh() {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");
    run(["export", "--check", "--corpus", vectors]).exits(0).prints(" 0 stale");
    let fresh = Corpus::empty();
    run(["export", "--output", fresh.path().to_str().unwrap()]).exits(0);
    for folder in ["json", "schema"] {
        let names = |folder: PathBuf| -> BTreeSet<_> {
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect()
        };
        let found = names(Path::new(vectors).join(folder));
        assert_eq!(found, names(fresh.file(folder)), "some of {folder}/ belongs to nothing");
    }
}

#[test]
fn export_says_where_it_needs_to_be_told() {
    run(["export"]).exits(2).complains("say where with --output DIR");
    let place = Corpus::empty();
    run(["export", "--output", &place.named("derived")]).exits(0).prints(" written");
    assert!(place.read("derived/json/flipsnack.json").contains("26e781d3d1751d82ec284acf4a019def"));
}

#[test]
fn the_schemas_describe_what_new_writes() {
    let corpus = Corpus::demo();
    for (name, file) in
        [("vectors", "demo/sign.yaml"), ("statements", "demo/statements.yaml"), ("scheme", "demo/scheme.yaml")]
    {
        let validator = jsonschema::validator_for(&run(["schema", name]).exits(0).json()).unwrap();
        let instance: Value = serde_yaml::from_str(&corpus.read(file)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&instance).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
        let mut other = instance.clone();
        other["unknown"] = Value::Bool(true);
        assert!(!validator.is_valid(&other), "{name} takes an unknown field");
    }
    assert_eq!(run(["schema"]).exits(0).json().as_object().unwrap().len(), 8);
    run(["schema", "nothing"])
        .exits(2)
        .complains("there are vectors, statements, readings, scheme, corpus, message, hello, reply");
}
