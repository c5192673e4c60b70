//! `assert_agrees`: a crate that signs, fuzzed in its own process, here by pseudo-random bytes.

use super::wrong_signer::WrongSigner;
use countersign::case::{Case, Judgement, Reply, Task};
use countersign::conformance::{PreparedScheme, assert_agrees};
use countersign::request::Target;
use countersign::scheme::Class;
use countersign::subject::{Op, Subject};
use countersign::trial::Reference;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

static OAUTH1: LazyLock<PreparedScheme> =
    LazyLock::new(|| PreparedScheme::in_directory("tests/fixtures/schemes/oauth1", "oauth1"));

/// Bytes of a fuzzer that sees nothing, the same for the same number.
fn bytes(number: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(number);
    std::iter::repeat_with(|| random.u8(..)).take(80).collect()
}

/// The report on the first difference, and the bytes that showed it.
fn first_report(scheme: &PreparedScheme<'_>, mut subject: impl Subject, inputs: u64) -> Option<(String, Vec<u8>)> {
    let text = |panic: Box<dyn Any + Send>| panic.downcast_ref::<String>().cloned().unwrap_or_default();
    (0..inputs).map(bytes).find_map(|data| {
        let put = || assert_agrees(scheme, Lent(&mut subject), &data);
        catch_unwind(AssertUnwindSafe(put)).err().map(|panic| (text(panic), data))
    })
}

struct Lent<'s, S>(&'s mut S);

impl<S: Subject> Subject for Lent<'_, S> {
    fn answer(&mut self, case: &Case) -> Reply {
        self.0.answer(case)
    }
}

/// The reference with a change of its answers.
struct Changed<F>(Reference<'static>, F);

impl<F: FnMut(&Case, &mut Reply)> Subject for Changed<F> {
    fn answer(&mut self, case: &Case) -> Reply {
        let mut reply = self.0.answer(case);
        (self.1)(case, &mut reply);
        reply
    }
}

fn changed<F: FnMut(&Case, &mut Reply)>(change: F) -> Changed<F> {
    Changed(Reference::new(OAUTH1.entry().schemes()), change)
}

#[test]
fn a_wrong_signer_is_found_and_its_mistake_named() {
    let start = Instant::now();
    let (report, data) = first_report(&OAUTH1, WrongSigner, 200_000).expect("the mistake is not found");
    println!("found after {} answers in {:.2?}:\n{report}", OAUTH1.compared(), start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    let first = report.lines().next().unwrap_or_default();
    assert!(first.starts_with("Your code sorts names without regard to case"), "{report}");
    for part in ["The simplest input that shows it:", "stage signature differs", "To mend it: compare bytes"] {
        assert!(report.contains(part), "the report lacks `{part}`:\n{report}");
    }
    // The same bytes show the same again.
    let again = catch_unwind(AssertUnwindSafe(|| assert_agrees(&OAUTH1, WrongSigner, &data))).unwrap_err();
    assert_eq!(again.downcast_ref::<String>(), Some(&report));
}

#[test]
fn the_reference_is_not_found_fault_with_on_any_bytes() {
    let scheme = PreparedScheme::in_directory("tests/fixtures/schemes/oauth1", "oauth1");
    let mut short: Vec<Vec<u8>> =
        (0..=255).flat_map(|byte| [vec![], vec![byte], vec![0, byte], vec![byte; 3]]).collect();
    short.extend((0..8_000).map(bytes));
    for data in &short {
        assert_agrees(&scheme, Lent(&mut changed(|_, _| {})), data);
    }
    assert!(scheme.compared() > 8_000, "{} answers", scheme.compared());
}

#[test]
fn a_verifier_that_does_not_compare_signatures_is_found() {
    let scheme = PreparedScheme::in_directory("tests/fixtures/schemes/oauth1", "oauth1").only(Op::Verify);
    let mut signed = 0;
    let lax = changed(|case, reply| {
        signed += usize::from(matches!(case.task, Task::Sign(_)));
        if let Reply::Verified(results) = reply {
            let is_mismatch = |result: &&mut Judgement| result.class == Some(Class::SignatureMismatch);
            results.iter_mut().filter(is_mismatch).for_each(|result| *result = accepted());
        }
    });
    let (report, _) = first_report(&scheme, lax, 1_000).expect("it is not found");
    let first = report.lines().next().unwrap_or_default();
    assert!(first.starts_with("Your code ") && first.ends_with("(oauth1, verify request: false accept)"), "{report}");
    assert_eq!(signed, 0, "a subject that verifies alone is asked to sign");
}

fn accepted() -> Judgement {
    serde_json::from_str(r#"{"accept":true}"#).unwrap()
}

#[test]
fn a_panic_of_the_subject_is_reported_with_its_input() {
    let panics = changed(|case, _| {
        let Task::Sign(task) = &case.task else { return };
        let Target::Meant { query, .. } = &task.request.target else { return };
        assert!(query.len() < 3, "three fields are too many");
    });
    let (report, _) = first_report(&OAUTH1, panics, 5_000).expect("it is not found");
    assert!(report.starts_with("(oauth1, sign request: crash)"), "{report}");
    assert!(report.contains("it panicked: three fields are too many"), "{report}");
}

/// A fuzzer climbs only where one byte changes little.
#[test]
fn a_small_change_of_the_bytes_is_a_small_change_of_the_case() {
    let mut alike = 0;
    for number in 0..400 {
        // Two changes of what is signed, and content.
        let mut data = bytes(number);
        data[2] = 2;
        let case = OAUTH1.case(&data);
        data[3 + 16 + usize::try_from(number % 16).unwrap()] ^= 1;
        let (one, other) = (format!("{case:?}"), format!("{:?}", OAUTH1.case(&data)));
        let before = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let after = one.bytes().rev().zip(other.bytes().rev()).take_while(|(a, b)| a == b).count();
        alike += usize::from(before + after + 100 > one.len().min(other.len()));
    }
    assert!(alike > 360, "{alike} of 400 changes are small");
}
