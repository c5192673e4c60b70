//! One test a vector: every vector that is found, of the corpus and of the fixture schemes, against
//! the reference, its permitted readings included. `cargo test --test vectors NAME` runs some.

#[path = "setting/mod.rs"]
mod setting;

use countersign::corpus::Corpus;
use countersign::report;
use countersign::runner::{self, Filter};
use libtest_mimic::{Arguments, Failed, Trial};
use setting::{CORPUS, FIXTURES};

fn main() {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for (corpus, prefix) in [(&*CORPUS, ""), (&*FIXTURES, "fixture ")] {
        for entry in &corpus.entries {
            for (topic, vector) in entry.vectors() {
                let name = entry.full_name(topic, vector);
                trials.push(Trial::test(format!("{prefix}{name}"), move || check(corpus, &name)));
            }
        }
    }
    assert!(trials.len() > 1000, "only {} vectors were found: is the corpus whole?", trials.len());
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(corpus: &Corpus, name: &str) -> Result<(), Failed> {
    let run = runner::check(corpus, &Filter(vec![name.to_owned()]));
    match (run.vectors(), run.failed()) {
        (1, 0) => Ok(()),
        (1, _) => Err(report::check_text(
            &run,
            &[],
            &|failure| format!("cargo test --test vectors {}", failure.vector),
            report::COLUMNS,
        )
        .into()),
        (n, _) => Err(format!("{n} vectors are called {name}").into()),
    }
}
