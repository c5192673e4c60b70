//! The commands as a whole: `load` of the corpus, `check` of every vector, `mutants` of the systems against every
//! vector, and `protocol`, the messages of the whole corpus written and read again.

use countersign::case::{Case, Task};
use countersign::corpus::{self, Corpus, Files};
use countersign::diagnosis::{Diagnoser, Observation, Seen};
use countersign::mutation;
use countersign::runner::{self, Filter};
use countersign::scheme::{CredentialKind, SchemeKind};
use countersign::subject::Call;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::path::Path;

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
            for entry in corpus.entries.iter().filter(|entry| entry.scheme.kind == SchemeKind::System) {
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

/// Pairs of mistakes, each tried on one signed request that nothing explains, on one core; `cargo bench --bench whole
/// candidates` prints how many a second.
fn candidates(c: &mut Criterion) {
    let schemes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schemes");
    let corpus = corpus::load(&Files::in_directory(&schemes).expect("the fixtures are there")).expect("they load");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread starts");
    let mut group = c.benchmark_group("candidates");
    group.sample_size(10);
    // Under key pairs nearly all time goes into arithmetic on long numbers, which is not what is measured here.
    let has_pair =
        |entry: &&corpus::Entry| entry.scheme.account.values().any(|kind| matches!(kind, CredentialKind::Pair(_)));
    let with_variants = corpus.entries.iter().filter(|entry| !entry.scheme.variants.is_empty());
    for entry in with_variants.filter(|entry| !has_pair(entry)) {
        let signs = |(topic, vector)| entry.case(topic, vector, None);
        let Some(mut case) = entry.vectors().map(signs).find(|case| matches!(case.task, Task::Sign(_))) else {
            continue;
        };
        let diagnoser = Diagnoser::new(entry, &case.operation).expect("the scheme has the operation");
        for size in [0, 4096] {
            if let Task::Sign(task) = &mut case.task {
                task.request.body = "b".repeat(size).as_str().into();
            }
            let observed = [Observation { case: case.clone(), seen: Seen::Value("nothing gives this".into()) }];
            let tried = pool.install(|| diagnoser.diagnose(&observed)).tried.candidates();
            assert!(tried > 1000, "only {tried} candidates of {}", entry.name);
            group.throughput(Throughput::Elements(tried as u64));
            group.bench_function(format!("{}/{size}", entry.name), |b| {
                b.iter(|| {
                    pool.install(|| assert_eq!(diagnoser.diagnose(black_box(&observed)).tried.candidates(), tried))
                });
            });
        }
    }
}

fn protocol(c: &mut Criterion) {
    let corpus = loaded();
    let of_entry = |entry: &corpus::Entry| -> Vec<Case> {
        entry.vectors().map(|(topic, vector)| entry.case(topic, vector, None)).collect()
    };
    let cases: Vec<Case> = corpus.entries.iter().flat_map(of_entry).collect();
    assert!(!cases.is_empty());
    c.bench_function("protocol/corpus", |b| {
        b.iter(|| {
            for (seq, case) in cases.iter().enumerate() {
                let line = serde_json::to_string(&Call::of(seq as u64, black_box(case))).expect("it is written");
                let read: Call = serde_json::from_str(&line).expect("it is read");
                assert!(read.case().as_ref() == Ok(case), "the message of case {seq} says something else");
            }
        })
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = load, check, mutants, candidates, protocol
}
criterion_main!(benches);
