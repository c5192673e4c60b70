//! Values that grow with every step: a scheme that makes one too long is refused, before memory or time run out.

use crate::command::{COUNTERSIGN, Corpus, Ran, watched};
use crate::setting;
use std::process::Command;
use std::time::Duration;

/// A scheme whose stages these are; the last of them is signed.
fn corpus(stages: &str, last: &str) -> Corpus {
    let corpus = Corpus::empty();
    let hmac = "{ hmac: { with: sha256, key: credential.secret } }";
    let stages = format!("{stages}      signature: [stage.{last}, {hmac}, hex]\n");
    corpus.write("growing/scheme.yaml", setting::scheme("{ secret: secret }", &stages));
    corpus.write("growing/statements.yaml", setting::statements("{}"));
    let one = ["one", "sixteen bytes it", "00"].map(str::to_owned).into();
    corpus.write("growing/sign.yaml", setting::topic("{ secret: \"sixteen-bytes-it\" }", [one]));
    corpus
}

/// `hex` after `hex`: each doubles.
fn steps(count: usize) -> Corpus {
    corpus(&format!("      doubled: [body{}]\n", ", hex".repeat(count)), "doubled")
}

/// A stage after another, each of which is the one before it twice.
fn stages(count: usize) -> Corpus {
    let stage = |i: usize| format!("      s{i}: [{{ concat: [stage.s{0}, stage.s{0}] }}]\n", i - 1);
    let all: String = (1..count).map(stage).collect();
    corpus(&format!("      s0: [body]\n{all}"), &format!("s{}", count - 1))
}

/// Runs a command on a corpus, in bounded time and memory.
#[track_caller]
fn run(corpus: &Corpus, arguments: &[&str]) -> Ran {
    let mut command = Command::new(COUNTERSIGN);
    command.args(arguments).args(["--corpus", corpus.name()]);
    watched(&mut command, Duration::from_secs(5), 300, |_| {}).unwrap()
}

#[track_caller]
fn is_refused(corpus: &Corpus, stage: &str) {
    let ran = run(corpus, &["sign", "growing/sign/one"]).exits(2);
    ran.complains("growing").complains("request").complains(stage);
}

#[track_caller]
fn is_found(corpus: &Corpus, stage: &str) {
    run(corpus, &["lint"]).exits(1).prints(stage).prints("long");
}

#[test]
fn what_grows_within_bounds_is_signed() {
    for corpus in [steps(4), stages(4)] {
        run(&corpus, &["sign", "growing/sign/one"]).exits(0);
    }
}

#[test]
fn what_grows_beyond_is_refused_and_found_by_lint() {
    for count in [24, 26, 40] {
        is_refused(&steps(count), "doubled");
        is_found(&steps(count), "doubled");
    }
    // Which of them is the first to be too long is the bound's to say.
    is_refused(&stages(27), "`s1");
    is_found(&stages(27), "`s1");
}
