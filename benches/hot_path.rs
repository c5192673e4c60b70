//! Signing and verifying: `sign/<scheme>` and `verify/<scheme>` for every scheme of the corpus, on its
//! documented example and on requests of any size grown from it. Each asserts its answer.

mod cases;

use cases::Job;
use countersign::corpus::{self, Entry, Files};
use countersign::request::{Intent, Request};
use countersign::scheme::{Decision, Scratch, State};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;

/// The example, and requests grown from it: bytes of the body, or query fields.
fn sizes(job: &Job, example: &Intent) -> Vec<(String, Intent)> {
    let mut sizes = vec![("example".to_owned(), example.clone())];
    for (name, bytes) in [("1KiB", 1 << 10), ("64KiB", 64 << 10), ("1MiB", 1 << 20)] {
        sizes.push((format!("body-{name}"), cases::with_body(job, example, bytes)));
        sizes.push((format!("query-{name}"), cases::with_query(example, bytes)));
    }
    for count in [3, 30, 300, 3_000] {
        sizes.push((format!("parameters-{count}"), cases::with_parameters(example, count, 12)));
    }
    sizes.retain(|(_, intent)| job.program.fields(job.input(), intent, &mut Scratch::default()).is_ok());
    sizes
}

fn bytes(request: &Request) -> Throughput {
    Throughput::Bytes((request.target.len() + request.body.len()) as u64)
}

fn sign(c: &mut Criterion, entry: &Entry, job: &Job, sizes: &[(String, Intent)]) {
    let mut group = c.benchmark_group(format!("sign/{}", entry.name));
    for (name, intent) in sizes {
        let (wire, mut scratch) = (job.wire(intent), Scratch::default());
        let mut signed = intent.to_wire();
        job.sign(intent, &mut scratch).iter().for_each(|field| field.put(&mut signed).expect("it goes in"));
        assert_eq!(signed, wire, "{} signs {name} wrongly", entry.name);
        group.throughput(bytes(&wire));
        group.bench_function(name, |b| b.iter(|| _ = black_box(job.sign(black_box(intent), &mut scratch))));
    }
}

fn verify(c: &mut Criterion, entry: &Entry, job: &Job, sizes: &[(String, Intent)]) {
    let mut group = c.benchmark_group(format!("verify/{}", entry.name));
    for (name, intent) in sizes {
        let (request, mut state, mut scratch) = (job.wire(intent), State::default(), Scratch::default());
        if job.judge(&request, &mut state, &mut scratch) != Decision::Accept {
            // What a signer may send and this server still refuses, such as a body where none may be.
            continue;
        }
        group.throughput(bytes(&request));
        group.bench_function(name, |b| {
            b.iter(|| {
                state.clear();
                assert_eq!(job.judge(black_box(&request), &mut state, &mut scratch), Decision::Accept);
            })
        });
    }
}

fn hot_path(c: &mut Criterion) {
    let corpus = corpus::load(&Files::built_in()).expect("the corpus loads");
    let mut schemes = 0;
    for entry in &corpus.entries {
        let Some((job, example)) = cases::example(entry) else { continue };
        let sizes = sizes(&job, &example);
        sign(c, entry, &job, &sizes);
        verify(c, entry, &job, &sizes);
        schemes += 1;
    }
    assert!(schemes > 5, "only {schemes} schemes sign");
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(1));
    targets = hot_path
}
criterion_main!(benches);
