//! `countersign test --http`: servers as subjects, right ones and wrong ones.

#[path = "../command/mod.rs"]
mod command;
mod example;
mod forms;
mod listener;
mod rules;
mod usage;
mod wrong;

use command::{Corpus, Ran, run_with};
use std::path::{Path, PathBuf};

/// A folder of this repository.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Rules for a server that implements one scheme and has a control endpoint.
const RULES: &str = r#"capabilities: ["credentials", "time", "state", "client-address"]
control: "/-/countersign"
schemes: ["flipbase"]
rules:
  - { status: "2xx", outcome: "accept" }
  - { status: "4xx", outcome: "reject", class-at: "/class" }
"#;

/// Runs the corpus of one scheme against a server with these rules.
fn test(url: &str, rules: &str, arguments: &[&str]) -> Ran {
    test_with(url, rules, arguments, &[])
}

fn test_with(url: &str, rules: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let directory = Corpus::empty();
    directory.write("rules.yaml", rules);
    let (file, scheme) = (directory.file("rules.yaml"), folder("vectors/flipbase"));
    let own = ["test", "--http", url, "--rules", file.to_str().unwrap(), "--corpus", scheme.to_str().unwrap()];
    run_with(own.iter().chain(arguments), environment, "")
}

/// The report as JSON.
fn json(ran: &Ran) -> serde_json::Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", ran.stdout, ran.stderr))
}
