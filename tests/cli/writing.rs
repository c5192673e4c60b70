//! What is written to disk: whole or not at all.

use crate::command::{Corpus, Ran, run};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

const COUNTERSIGN: &str = env!("CARGO_BIN_EXE_countersign");

/// Runs the command where no file can grow beyond so many blocks of 512 bytes, as on a full disk.
fn on_a_full_disk<A: AsRef<OsStr>>(blocks: usize, arguments: impl IntoIterator<Item = A>) -> Ran {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let output = Command::new("sh").args(["-c", &script, COUNTERSIGN]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Names of all that is in a directory.
fn names(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// A corpus whose only vector fails, and the arguments that test the reference on it.
fn diverging() -> (Corpus, Vec<String>) {
    let corpus = Corpus::demo();
    corpus.edit("demo/sign.yaml", "9f4ae63bb27b5ed7", "0000000000000000");
    let path = text(corpus.path());
    let arguments = vec!["test".into(), "--corpus".into(), path];
    (corpus, arguments)
}

/// The same arguments with options, and the reference behind the protocol.
fn with(arguments: &[String], options: &[&str]) -> Vec<String> {
    let corpus = arguments[2].clone();
    let subject = ["--", COUNTERSIGN, "adapter", "--corpus", &corpus].map(str::to_owned);
    arguments.iter().cloned().chain(options.iter().map(|&option| option.to_owned())).chain(subject).collect()
}

#[test]
fn a_write_that_fails_leaves_what_was_there() {
    let (corpus, test) = diverging();
    let (known, report) = (text(&corpus.file("known.yaml")), text(&corpus.file("report.json")));
    let write_known = with(&test, &["--known", &known, "--write-known"]);
    run(&write_known).exits(0);
    corpus.edit("known.yaml", "no reason given yet", &"a reason, written by hand. ".repeat(60));
    let json = with(&test, &["--format", "json", "--output", &report]);
    run(&json).exits(1);
    let (before, names_before) = ([corpus.read("known.yaml"), corpus.read("report.json")], names(corpus.path()));
    on_a_full_disk(1, &write_known).exits(2).complains("known.yaml: cannot be written");
    on_a_full_disk(1, &json).exits(2).complains("report.json: cannot be written");
    assert_eq!([corpus.read("known.yaml"), corpus.read("report.json")], before);
    assert_eq!(names(corpus.path()), names_before, "nothing is left beside them");
}

#[test]
fn a_derived_file_is_whole_or_not_there() {
    let corpus = Corpus::demo();
    let path = text(corpus.path());
    on_a_full_disk(8, ["export", "--corpus", &path]).exits(2).complains("cannot be written");
    for name in names(&corpus.file("schema")) {
        let text = corpus.read(&format!("schema/{name}"));
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{name} has {} bytes", text.len());
    }
    corpus.run(&["export"]).exits(0);
}

#[test]
fn a_new_scheme_is_whole_or_not_there() {
    let corpus = Corpus::empty();
    let new = ["new", "demo", "--output", &text(corpus.path())];
    on_a_full_disk(0, new).exits(2).complains("cannot be written");
    assert_eq!(names(corpus.path()), BTreeSet::new());
    run(new).exits(0);
    corpus.run(&["check"]).exits(0);
}
