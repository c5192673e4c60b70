//! The commands as a whole: `load` of the corpus, `check` of every vector, `mutants` against every
//! vector, and `protocol`, the messages of the whole corpus written and read again.

use countersign::corpus::{self, Corpus, Files};
use countersign::mutation;
use countersign::runner::{self, Filter};
use countersign::subject::{Case, Message};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn loaded() -> Corpus {
    corpus::load(&Files::built_in()).expect("the corpus loads")
}

fn load(c: &mut Criterion) {
    c.bench_function("load/corpus", |b| b.iter(|| assert!(!black_box(loaded()).entries.is_empty())));
}

fn check(c: &mut Criterion) {
    let corpus = loaded();
    c.bench_function("check/corpus", |b| {
        b.iter(|| {
            let run = runner::check(black_box(&corpus), &Filter(Vec::new()));
            assert!(run.vectors() > 0 && run.failed() == 0, "the reference fails");
        })
    });
}

fn mutants(c: &mut Criterion) {
    let corpus = loaded();
    c.bench_function("mutants/corpus", |b| {
        b.iter(|| {
            for entry in &corpus.entries {
                let strength = mutation::strength(black_box(entry), false, |_| true);
                let alive = strength.matrix.kills.iter().filter(|kills| kills.is_empty()).count();
                assert_eq!(
                    alive,
                    strength.summary.equivalent.len() + strength.summary.survived.len(),
                    "{}",
                    entry.name
                );
            }
        })
    });
}

fn protocol(c: &mut Criterion) {
    let corpus = loaded();
    let of_entry = |entry: &corpus::Entry| -> Vec<Case> {
        entry.vectors().map(|(topic, vector)| Case::of(&entry.name, topic, vector, None)).collect()
    };
    let cases: Vec<Case> = corpus.entries.iter().flat_map(of_entry).collect();
    assert!(!cases.is_empty());
    c.bench_function("protocol/corpus", |b| {
        b.iter(|| {
            for (seq, case) in cases.iter().enumerate() {
                let line = serde_json::to_string(&Message::of(seq as u64, black_box(case))).expect("it is written");
                let read: Message = serde_json::from_str(&line).expect("it is read");
                assert!(read.case().as_ref() == Ok(case), "the message of case {seq} says something else");
            }
        })
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = load, check, mutants, protocol
}
criterion_main!(benches);
