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
use countersign::corpus::Entry;
use countersign::primitive::json;
use countersign::request::Request;
use countersign::scheme::{Arrival, CredentialKind, Decision, Operation, Outcome, Scratch, State, VerifyError};

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

/// Whether an operation reads JSON as a value, and values stand within one another in a body: `serde_json` keeps how
/// far in memory of its own.
fn reads_nested(operation: &Operation, body: &[u8]) -> bool {
    let printed = serde_json::json!(operation).to_string();
    let reads = ["{\"json\":", "{\"minify-json\":"].iter().any(|step| printed.contains(step));
    reads && body.iter().filter(|byte| b"{[".contains(byte)).count() > 1
}

/// Whether a scheme signs under key pairs: the numbers of RSA stand in memory of their own, and a signature is handed
/// over in such.
fn uses_a_pair(entry: &Entry) -> bool {
    entry.scheme.account.values().any(|kind| matches!(kind, CredentialKind::Pair(_)))
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
            let operation = &entry.scheme.operations[&vector.given.operation];
            assert!(
                count == 0 || reads_nested(operation, &intent.body) || uses_a_pair(entry),
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
            let operation = &entry.scheme.operations[&vector.given.operation];
            let is_exempt = |request: &Request| {
                request.body.contains(&b'\\') || is_broken_json(request) || reads_nested(operation, &request.body)
            };
            assert!(
                count == 0 || uses_a_pair(entry) || sent.iter().any(|sent| is_exempt(&sent.request)),
                "{name} allocates {count} times when it is verified"
            );
            exempt += usize::from(count > 0 && !uses_a_pair(entry));

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
