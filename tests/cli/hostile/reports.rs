//! What `countersign test` prints, as a whole: for a subject that conforms, one with a mistake, one
//! that dies.

use super::runs::{Test, subject};
use crate::command::{COUNTERSIGN, Ran};
use insta::assert_snapshot;

/// What was printed, without times and places.
fn page(run: &Ran) -> String {
    let is_time = |line: &str| line.strip_suffix(" s").is_some_and(|number| number.parse::<f64>().is_ok());
    let lines = run.stdout.lines().map(|line| if is_time(line) { "TIME s" } else { line });
    let page: String = lines.map(|line| format!("{line}\n")).collect();
    // Python is started by its full name.
    let python = |word: &str| if word.ends_with("/bin/python3") { "python3" } else { word }.to_owned();
    let page = page.split(' ').map(python).collect::<Vec<_>>().join(" ");
    let page = page.replace(env!("CARGO_MANIFEST_DIR"), "DIRECTORY").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    format!("{page}--- standard error\n{}--- exit code {}\n", run.stderr, run.code)
}

#[test]
fn a_subject_that_conforms() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/flipsnack");
    let run = Test::of([COUNTERSIGN, "adapter", "--corpus", corpus]).only(&["flipsnack/documented"]).run().exits(0);
    assert_snapshot!(page(&run));
}

#[test]
fn a_subject_with_one_mistake() {
    let Some(test) = subject("one-mistake", &[]) else { return };
    let run = test.only(&["flipsnack/documented", "flipsnack/sign/many-parameters"]).run();
    assert_snapshot!(page(&run));
}

#[test]
fn a_subject_that_dies() {
    let Some(test) = subject("dies-on-one-case", &["Fall 🍂 2018"]) else { return };
    assert_snapshot!(page(&test.only(&["flipsnack/documented", "flipsnack/sign/value-emoji"]).run()));
}
