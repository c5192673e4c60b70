//! The example server in JavaScript conforms, but for what is on record; what is not run is listed.

use crate::command::{Corpus, Ran, run};
use crate::setting::{CORPUS, lacks, place, systems};
use countersign::request::Request;
use countersign::scheme::Direction;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// The example server, which ends with this value.
struct Example {
    child: Child,
    url: String,
}

impl Example {
    /// `None` where there is no Node.js; with `COUNTERSIGN_REQUIRE_ADAPTERS` that is an error.
    fn start() -> Option<Example> {
        let mut command = Command::new("node");
        command.arg(place("adapters/javascript/server.mjs")).args(["--port", "0"]);
        let mut child = match command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
            Ok(child) => child,
            Err(e) => {
                lacks("node", e, "its server is not tested");
                return None;
            }
        };
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned();
        Some(Example { child, url })
    }

    fn test(&self, arguments: &[&str]) -> Ran {
        let rules = place("adapters/javascript/server.rules.yaml");
        let own = ["test", "--http", &self.url, "--rules", rules.to_str().unwrap()];
        run(own.iter().chain(arguments))
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Why vectors do not run and how many, counted from the corpus without the code under test.
fn not_run() -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for entry in systems() {
        for (_, vector) in entry.vectors() {
            let operation = &entry.scheme.operations[&vector.given.operation];
            let why = match vector.given.task.to_verify() {
                None => "a server verifies: nothing to sign is put to it",
                Some(_) if operation.direction == Direction::Response => {
                    "the message is an answer, which a client verifies: it is not put to a server"
                }
                Some(verify) if verify.messages.iter().any(|step| is_padded(&step.request)) => {
                    "white space around a header value is not part of it in HTTP/1.1"
                }
                Some(_) => continue,
            };
            *counts.entry(why).or_default() += 1;
        }
    }
    counts
}

fn is_padded(request: &Request) -> bool {
    request.headers.iter().any(|(_, value)| value.0.trim_ascii() != value.0.as_slice())
}

#[test]
fn every_vector_that_can_be_sent_conforms() {
    let Some(server) = Example::start() else { return };
    let known = place("adapters/javascript/server.known.yaml");
    let report = server.test(&["--format", "json", "--known", known.to_str().unwrap()]).exits(0).json();
    assert_eq!(report["failures"], Value::Array(Vec::new()));
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for one in report["not_run"].as_array().unwrap() {
        *found.entry(one["why"].as_str().unwrap()).or_default() += 1;
    }
    assert_eq!(found, not_run());
    let sum = |name: &str| report["schemes"].as_array().unwrap().iter().map(|s| s[name].as_u64().unwrap()).sum::<u64>();
    assert!(sum("passed") > 800, "{} passed", sum("passed"));
    assert_eq!(sum("passed") + sum("known") + sum("not_run"), sum("vectors"));
    assert_eq!(report["conduct"]["breaches"], Value::Array(Vec::new()));
    println!("{} passed, {} known to differ, {} not run", sum("passed"), sum("known"), sum("not_run"));

    let text = server.test(&["--scheme", "flipbase", "--known", known.to_str().unwrap()]).exits(0);
    assert!(text.stdout.contains(" not run: a server verifies: nothing to sign is put to it"), "{}", text.stdout);
}

#[test]
fn what_is_known_of_the_example_has_reasons_and_is_the_parsers_doing() {
    let text = std::fs::read_to_string(place("adapters/javascript/server.known.yaml")).unwrap();
    assert!(!text.contains("no reason given"), "{text}");
    for name in text.lines().filter_map(|line| line.trim().strip_prefix("- vector: ")) {
        let name: String = serde_json::from_str(name).unwrap();
        let (_, vector) = CORPUS.entries.iter().find_map(|entry| entry.find(&name)).unwrap();
        let verify = vector.given.task.to_verify().unwrap();
        let method = &verify.messages[0].request.method;
        assert_ne!(method.0.to_ascii_uppercase(), method.0, "{name}: Node's parser knows this method");
    }
}

#[test]
fn a_permitted_reading_is_told_to_the_server() {
    let Some(server) = Example::start() else { return };
    let under = ["--scheme", "flip-for-business", "--reading", "without-colon"];
    server.test(&under).exits(0);
    let rules = std::fs::read_to_string(place("adapters/javascript/server.rules.yaml")).unwrap();
    let untold = Corpus::empty();
    untold.write("rules.yaml", rules.replace(", \"readings\"", ""));
    let own = ["test", "--http", &server.url, "--rules", &untold.named("rules.yaml")];
    run(own.iter().chain(&under)).exits(1);
}
