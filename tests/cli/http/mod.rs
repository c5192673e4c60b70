//! `countersign test --http`: servers as subjects, right ones and wrong ones.

mod example;
mod forms;
mod listener;
mod rules;
mod usage;
mod wrong;

use crate::command::{Corpus, Ran, run_with};
use crate::setting::place;

/// Rules for a server that implements one scheme and has a control endpoint.
const RULES: &str = r#"capabilities: ["credentials", "time", "state", "client-address"]
control: "/-/countersign"
schemes: ["flipbase"]
rules:
  - { status: "2xx", outcome: "accept" }
  - { status: "4xx", outcome: "reject", class-at: "/class" }
"#;

/// Runs the corpus of `flipbase` against a server with these rules.
fn test(url: &str, rules: &str, arguments: &[&str]) -> Ran {
    test_on("flipbase", url, rules, arguments, &[])
}

/// Runs the corpus of one scheme against a server, with environment variables.
fn test_on(scheme: &str, url: &str, rules: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
    let directory = Corpus::empty();
    directory.write("rules.yaml", rules);
    let (file, scheme) = (directory.named("rules.yaml"), place("vectors").join(scheme));
    let own = ["test", "--http", url, "--rules", &file, "--corpus", scheme.to_str().unwrap()];
    run_with(own.iter().chain(arguments), environment, "")
}
