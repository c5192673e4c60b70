//! The signing hot path: `sign/<scheme>` and `verify/<scheme>` for every scheme of the corpus, on
//! its first vector that signs and the first that is accepted. Each asserts its answer.

use countersign::corpus::{self, Entry, Files, Outcome as Expected, Vector};
use countersign::scheme::{Account, Message, Outcome, Program, Scratch, Server, SignInput, State};
use countersign::subject::{Case, Task};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// A vector whose scheme is compiled for it.
fn prepared(entry: &Entry, wanted: impl Fn(&Vector) -> bool) -> Option<(Program, Case, &Vector)> {
    let (topic, vector) = entry.vectors().find(|(_, vector)| wanted(vector))?;
    let scheme = entry.scheme.resolved(vector.given.variant.as_deref(), None).expect("the corpus loads");
    let program = Program::compile(&scheme, &scheme.operations[&vector.given.operation]).expect("the corpus compiles");
    Some((program, Case::of(&entry.name, topic, vector, None), vector))
}

fn sign(c: &mut Criterion, entry: &Entry) {
    let Some((program, case, vector)) = prepared(entry, |vector| vector.given.sign.is_some()) else { return };
    let Task::Sign(task) = &case.task else { unreachable!("it signs") };
    let account = program.account(&task.account).expect("the account fits");
    let parameters = program.parameters(&task.parameters).expect("the parameters fit");
    let intent = task.request.intent();
    let nonce = task.nonce.as_ref().map(|nonce| nonce.as_slice());
    let time = task.time.as_ref().map(|time| time.instant());
    let mut scratch = Scratch::default();
    let mut run = |stages: &mut dyn FnMut(&str, &[u8])| {
        let input = SignInput { account: &account, parameters: &parameters, time, nonce };
        program.sign(input, black_box(&intent), &mut scratch, stages).expect("it can be signed")
    };
    let mut right = 0;
    run(&mut |name, value| right += usize::from(vector.expect.stages.get(name).is_some_and(|e| e.as_slice() == value)));
    assert_eq!(right, vector.expect.stages.len(), "{} signs wrongly", entry.name);
    c.bench_function(&format!("sign/{}", entry.name), |b| b.iter(|| run(&mut |_, _| {})));
}

fn verify(c: &mut Criterion, entry: &Entry) {
    let accepted =
        |vector: &Vector| vector.expect.results.len() == 1 && vector.expect.results[0].outcome == Expected::Accept;
    let Some((program, case, _)) = prepared(entry, accepted) else { return };
    let Task::Verify(task) = &case.task else { unreachable!("it verifies") };
    let prepare = |account: &countersign::subject::NamedAccount| program.account(&Account(account.values.clone()));
    let accounts: Vec<_> = task.accounts.iter().map(prepare).collect::<Result<_, _>>().expect("the accounts fit");
    let parameters = program.parameters(&task.parameters).expect("the parameters fit");
    let request = task.steps[0].request.request();
    let now = task.steps[0].now.as_ref().map(|time| time.instant());
    let client_address = task.steps[0].client_address;
    let mut scratch = Scratch::default();
    let mut run = || {
        let server = Server { accounts: &accounts, parameters: &parameters };
        let message = Message { request: black_box(&request), now, client_address };
        program.verify(server, &mut State::default(), message, &mut scratch, &mut |_, _| {}).expect("it can be judged")
    };
    assert_eq!(run(), Outcome::Accept, "{} verifies wrongly", entry.name);
    c.bench_function(&format!("verify/{}", entry.name), |b| b.iter(&mut run));
}

fn hot_path(c: &mut Criterion) {
    let corpus = corpus::load(&Files::built_in()).expect("the corpus loads");
    for entry in &corpus.entries {
        sign(c, entry);
        verify(c, entry);
    }
}

criterion_group!(benches, hot_path);
criterion_main!(benches);
