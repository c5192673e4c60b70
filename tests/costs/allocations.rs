//! Signing and verifying allocate nothing once their buffers have grown: for every vector of the
//! corpus and of the fixture schemes, whatever it ends in.
//!
//! `allocation-counter` counts by thread and brings the allocator that counts, so that no unsafe code
//! stands here, and tests that run at the same time do not disturb each other.

use crate::cases::{self, Job};
use crate::setting::entries;
use allocation_counter::measure;
use bumpalo::Bump;
use countersign::case::Task;
use countersign::corpus::{Entry, Vector};
use countersign::primitive::json;
use countersign::request::Request;
use countersign::scheme::{Arrival, Decision, Outcome, Pipeline, Scratch, State, VerifyError};

/// Rounds after which buffers have grown: the arena at least doubles with each.
const WARM: usize = 8;

/// Allocations of a call whose buffers have grown.
fn allocations(mut call: impl FnMut()) -> u64 {
    (0..WARM).for_each(|_| call());
    measure(call).count_total
}

fn is_broken_json(request: &Request) -> bool {
    request.has_media_type("application/json") && json::Object::parse(&request.body, &Bump::new()).is_err()
}

/// Steps that read JSON as a value: `serde_json` keeps how far it is within others in memory of its own.
const JSON: &[&str] = &["json", "members", "minify-json"];
/// Steps and checks whose crates hand over what they make in memory of its own.
const ELSEWHERE: &[&str] = &["sign", "signed", "dictionary", "inner-list", "parameters", "bare-item"];

/// Returns whether a vector's operation, under its variant, has one of some steps or checks.
fn has(entry: &Entry, vector: &Vector, words: &[&str]) -> bool {
    let given = &vector.given;
    let edits = entry.scheme.edits_of(given.variant.as_deref(), None).unwrap();
    let operation = entry.scheme.edited(&given.operation, edits).unwrap();
    let checks = operation.verify.iter().flat_map(|check| check.test.pipelines()).map(|(_, pipeline)| pipeline);
    let bindings = operation.receive.values().flat_map(|binding| &binding.first_of);
    let placed = operation.placed().map(|(_, _, pipeline)| pipeline);
    let mut all = checks.chain(bindings).chain(placed).chain(operation.derive.values()).flat_map(Pipeline::all);
    operation.verify.iter().any(|check| words.contains(&check.test.word()))
        || all.any(|pipeline| pipeline.steps.iter().any(|step| words.contains(&step.word())))
}

/// Returns whether values may stand within one another in a body.
fn is_nested(body: &[u8]) -> bool {
    body.iter().filter(|byte| b"{[".contains(byte)).count() > 1
}

#[test]
fn signing_allocates_nothing() {
    let (mut signed, mut schemes) = (0, 0);
    for entry in entries() {
        let before = signed;
        for (vector, task) in cases::tasks(entry) {
            let Task::Sign(task) = task else { continue };
            let (job, intent) = Job::signing(entry, vector, &task);
            let name = format!("{}/{}", entry.name, vector.name);
            let mut scratch = Scratch::default();
            if job.program.fields(job.input(), &intent, &mut scratch).is_err() {
                continue;
            }
            let count = allocations(|| {
                std::hint::black_box(job.sign(&intent, &mut scratch));
            });
            let nested = || is_nested(&intent.body) && has(entry, vector, JSON);
            assert!(
                count == 0 || nested() || has(entry, vector, ELSEWHERE),
                "{name} allocates {count} times when it signs"
            );
            let mut wire = intent.to_wire();
            job.sign(&intent, &mut scratch).iter().for_each(|field| field.put(&mut wire).unwrap());
            assert_eq!(wire, job.wire(&intent), "{name} is signed otherwise when nothing is shown");
            signed += 1;
        }
        schemes += usize::from(signed > before);
    }
    assert!(signed > 500 && schemes > 15, "only {signed} vectors of {schemes} schemes sign");
}

#[test]
fn verifying_allocates_nothing() {
    let (mut accepted, mut refused, mut exempt) = (0, 0, 0);
    for entry in entries() {
        for (vector, task) in cases::tasks(entry) {
            let Task::Verify(task) = task else { continue };
            let (job, sent) = Job::verifying(entry, vector, &task);
            let name = format!("{}/{}", entry.name, vector.name);
            let (mut scratch, mut state) = (Scratch::default(), State::default());
            let mut judge = |each: &mut dyn FnMut(usize, Result<Decision<'_>, VerifyError>)| {
                state.clear();
                for (i, sent) in sent.iter().enumerate() {
                    let message = Arrival { request: &sent.request, now: sent.now, client_address: sent.address };
                    each(i, job.program.judge(job.server(), &mut state, message, &mut scratch));
                }
            };
            let count = allocations(|| judge(&mut |_, decision| _ = std::hint::black_box(decision)));
            // `serde_json` keeps what it unescapes, and what it says of a broken object, in memory of its own.
            let is_exempt = |request: &Request| {
                let nested = || is_nested(&request.body) && has(entry, vector, JSON);
                request.body.contains(&b'\\') || is_broken_json(request) || nested()
            };
            let elsewhere = count > 0 && has(entry, vector, ELSEWHERE);
            assert!(
                count == 0 || elsewhere || sent.iter().any(|sent| is_exempt(&sent.request)),
                "{name} allocates {count} times when it is verified"
            );
            exempt += usize::from(count > 0 && !elsewhere);

            let (mut shown, mut whole) = (Scratch::default(), State::default());
            judge(&mut |i, decision| {
                let sent = &sent[i];
                let message = Arrival { request: &sent.request, now: sent.now, client_address: sent.address };
                let outcome = job.program.verify(job.server(), &mut whole, message, &mut shown, &mut |_, _| {});
                let decision = decision.map(|decision| match decision {
                    Decision::Accept => Outcome::Accept,
                    Decision::Reject(denial) => Outcome::Reject(denial.to_refused()),
                });
                assert_eq!(decision, outcome, "{name} is judged otherwise when nothing is shown");
                match outcome {
                    Ok(Outcome::Accept) => accepted += 1,
                    _ => refused += 1,
                }
            });
        }
    }
    assert!(exempt < 40, "{exempt} vectors allocate");
    assert!(accepted > 300 && refused > 700, "only {accepted} accepted and {refused} refused");
}
