//! One test a vector: every vector that is found, of the corpus and of the fixture schemes, against
//! the reference, its permitted readings included. `cargo test --test vectors NAME` runs some.

use countersign::corpus::{self, Files};
use countersign::report;
use countersign::runner::{self, Filter};
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::sync::Arc;

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut trials = Vec::new();
    for (directory, prefix) in [("vectors", ""), ("tests/fixtures/schemes", "fixture ")] {
        let files = Files::in_directory(&root.join(directory)).unwrap_or_else(|e| panic!("{e}"));
        let corpus = Arc::new(corpus::load(&files).unwrap_or_else(|errors| panic!("{}", errors[0])));
        for entry in &corpus.entries {
            for (topic, vector) in entry.vectors() {
                let (name, corpus) = (entry.full_name(topic, vector), Arc::clone(&corpus));
                trials.push(Trial::test(format!("{prefix}{name}"), move || check(&corpus, &name)));
            }
        }
    }
    assert!(trials.len() > 1000, "only {} vectors were found: is the corpus whole?", trials.len());
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(corpus: &corpus::Corpus, name: &str) -> Result<(), Failed> {
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
