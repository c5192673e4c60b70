//! The invariants of the architecture, read off the sources.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn sources(directory: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(directory)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    assert!(!found.is_empty(), "{directory} is empty");
    found
}

/// No file of `module` imports one of `others`.
fn never_imports(module: &str, others: &[&str]) {
    for (file, text) in sources(module) {
        for other in others {
            let imports = text.contains(&format!("crate::{other}"));
            assert!(!imports, "{file} imports {other}");
        }
    }
}

#[test]
fn data_flows_one_way() {
    never_imports(
        "src/primitive",
        &["bytes", "request", "scheme", "corpus", "runner", "subject", "report", "cli", "yaml"],
    );
    never_imports("src/scheme", &["corpus", "runner", "subject", "report", "cli"]);
    never_imports("src/corpus", &["runner", "subject", "report", "cli"]);
    never_imports("src/subject", &["runner", "report", "cli"]);
    never_imports("src/runner", &["report", "cli"]);
    never_imports("src/mutation", &["diagnosis", "differential", "report", "cli"]);
    never_imports("src/runner", &["mutation", "diagnosis", "differential"]);
    never_imports("src/diagnosis", &["differential", "report", "cli"]);
    never_imports("src/differential", &["report", "cli"]);
    never_imports("src/report", &["cli"]);
}

#[test]
fn the_corpus_never_evaluates() {
    for (file, text) in sources("src/corpus") {
        for word in ["Program", "Scratch", ".sign(", ".verify("] {
            assert!(!text.contains(word), "{file} uses {word}: an expectation must not be computed by the loader");
        }
    }
}

#[test]
fn no_source_names_a_scheme() {
    let names: Vec<String> = ["vectors", "tests/fixtures/schemes"]
        .iter()
        .flat_map(|directory| fs::read_dir(root().join(directory)).unwrap())
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("scheme.yaml").is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert!(names.len() > 10);
    for (file, text) in sources("src").into_iter().chain(sources("benches")) {
        for name in names.iter().filter(|name| !is_word(name)) {
            assert!(!text.to_lowercase().contains(name.as_str()), "{file} names the scheme {name}");
        }
    }
}

/// Names of fixtures that are names of well-known products too; the table of steps cites their documents.
fn is_word(name: &str) -> bool {
    ["stripe", "standard-webhooks", "slack", "github", "twilio", "shopify", "oauth1"].contains(&name)
        || name.starts_with("rfc")
}

#[test]
fn files_stay_small() {
    for directory in ["src", "tests", "benches", "fuzz/src", "fuzz/fuzz_targets"] {
        for (file, text) in sources(directory).into_iter().filter(|(file, _)| file.ends_with(".rs")) {
            let lines = text.lines().count();
            assert!(lines <= 500, "{file} has {lines} lines; split it along a concept");
            assert!(
                text.starts_with("//!") || text.starts_with("#!["),
                "{file} does not say in its first line what it holds"
            );
        }
    }
}

#[test]
fn unsafe_code_is_forbidden() {
    for file in ["src/lib.rs", "src/main.rs"] {
        assert!(fs::read_to_string(root().join(file)).unwrap().contains("#![forbid(unsafe_code)]"), "{file}");
    }
}
