//! Independent truth: the exported corpus is replayed against adapters that share no code with the
//! reference. A machine without the language says so in a line and goes on;
//! `COUNTERSIGN_REQUIRE_ADAPTERS=1` makes that an error.

use countersign::corpus::{self, Corpus, Entry, Expect, Files, ProvenanceKind, Topic, Vector};
use countersign::runner;
use countersign::scheme::Kind;
use countersign::subject::{Case, Hello, Message, Response};
use std::collections::HashMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// An expectation that was put to an adapter.
struct Asked<'c> {
    entry: &'c Entry,
    topic: &'c Topic,
    vector: &'c Vector,
    reading: Option<&'c str>,
    expect: Expect,
}

fn asked(corpus: &Corpus) -> Vec<Asked<'_>> {
    let mut asked = Vec::new();
    for entry in corpus.entries.iter().filter(|entry| entry.scheme.kind == Kind::System) {
        for (topic, vector) in entry.vectors() {
            asked.push(Asked { entry, topic, vector, reading: None, expect: vector.expect.clone() });
            for reading in entry.scheme.readings.keys() {
                let expect = runner::expectation(entry, topic, vector, reading);
                asked.push(Asked { entry, topic, vector, reading: Some(reading), expect });
            }
        }
    }
    asked
}

fn lines(asked: &[Asked<'_>]) -> String {
    let mut text = String::from("{\"seq\":\"start\",\"op\":\"start\",\"protocol\":1}\n");
    for (seq, one) in asked.iter().enumerate() {
        let case = Case::of(&one.entry.name, one.topic, one.vector, one.reading);
        let line = serde_json::to_string(&Message::of(seq as u64, &case)).unwrap();
        assert!(!line.contains("\"expect\""), "a subject never sees an expectation");
        text.push_str(&line);
        text.push('\n');
    }
    text + "{\"seq\":\"stop\",\"op\":\"stop\"}\n"
}

/// What the adapter prints; it gets everything at once, and its replies are read meanwhile.
fn talk(program: &str, arguments: &[&str], input: String) -> Option<String> {
    let spawned = Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(e) => {
            assert!(std::env::var_os("COUNTERSIGN_REQUIRE_ADAPTERS").is_none(), "{program} cannot be run: {e}");
            eprintln!("{program} is not on this machine ({e}): its adapter is not asked");
            return None;
        }
    };
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "the adapter ended with {}", output.status);
    Some(String::from_utf8(output.stdout).unwrap())
}

fn confirm(program: &str, arguments: &[&str]) {
    let files = Files::in_directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")).unwrap();
    let corpus = corpus::load(&files).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let asked = asked(&corpus);
    let Some(output) = talk(program, arguments, lines(&asked)) else { return };
    let mut replies = output.lines();
    let hello: Hello = serde_json::from_str(replies.next().expect("a reply to start")).unwrap();
    for entry in corpus.entries.iter().filter(|entry| entry.scheme.kind == Kind::System) {
        assert_eq!(
            hello.schemes.get(&entry.name).map(Vec::len),
            Some(2),
            "the adapter does not sign and verify {}",
            entry.name
        );
    }
    let mut by_seq: HashMap<u64, Response> = HashMap::new();
    for line in replies {
        let response: Response = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        by_seq.insert(response.seq.as_u64().expect("the seq that was sent"), response);
    }
    let mut unconfirmed = Vec::new();
    for (seq, one) in asked.iter().enumerate() {
        let name = one.entry.full_name(one.topic, one.vector);
        let reply = by_seq.remove(&(seq as u64)).and_then(Response::reply);
        let differences = reply
            .map_or_else(|| format!("{name}: no reply"), |reply| format!("{:?}", runner::compare(&one.expect, &reply)));
        if differences != "[]" {
            unconfirmed.push(format!("{name} {:?}: {differences}", one.reading));
        }
    }
    assert!(
        unconfirmed.is_empty(),
        "{} of {} not confirmed:\n{}",
        unconfirmed.len(),
        asked.len(),
        unconfirmed.join("\n")
    );
    let generated = asked.iter().filter(|one| one.vector.source.kind == ProvenanceKind::Generated).count();
    println!("{} confirms {} expectations, {generated} of generated vectors", hello.name, asked.len());
}

#[test]
fn python_confirms_every_expectation() {
    let adapter = Path::new(env!("CARGO_MANIFEST_DIR")).join("adapters/python/countersign_adapter.py");
    confirm("python3", &["-B", adapter.to_str().unwrap()]);
}

#[test]
fn the_reference_answers_through_the_protocol_as_it_does_directly() {
    confirm(env!("CARGO_BIN_EXE_countersign"), &["adapter"]);
}
