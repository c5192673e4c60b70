//! What a crate puts into its own `cargo test`: the vectors of a scheme, then cases from bytes.

use countersign::case::{Case, Reply, Task};
use countersign::conformance::{assert_agrees, assert_conforms_to};
use countersign::corpus::{self, Files};
use countersign::request::{Pair, Target};
use countersign::trial::Reference;
use countersign_example_oauth1_request::{Published, SCHEME, known, sign};

#[test]
fn it_agrees_on_the_vectors() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/schemes/oauth1");
    let files = Files::in_directory(folder.as_ref()).unwrap();
    let run = assert_conforms_to(&corpus::load(&files).unwrap(), Published, &["oauth1"]);
    assert!(run.passed() >= 5, "{} vectors passed", run.passed());
}

#[test]
fn it_agrees_on_some_thousand_cases() {
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..10_000 {
        let data: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(80).collect();
        assert_agrees(&SCHEME, Published, &data);
    }
    println!("{} cases were compared", SCHEME.compared());
    assert!(SCHEME.compared() > 2_000, "{} cases were compared", SCHEME.compared());
}

/// A known difference that is none any more must not be skipped: the README tells both.
#[test]
fn the_known_differences_are_there_and_nothing_else_is_skipped_for_them() {
    let plain =
        |method: &str, host: &str, values: [&str; 2]| (method.to_owned(), host.to_owned(), values.map(str::to_owned));
    for ((method, host, values), differs) in [
        (plain("GET", "example.com", ["a", "b"]), false),
        (plain("GET", "example.com", ["a", " "]), false),
        (plain("GET", "example.com", ["-", "/"]), true),
        (plain("GET", "EXAMPLE.com", ["a", "b"]), true),
        (plain("GET", "example.com:443", ["a", "b"]), true),
        (plain("GET", "example.com:8443", ["a", "b"]), false),
        (plain("get", "example.com", ["a", "b"]), true),
    ] {
        let mut case = (0..=255).filter_map(|n| SCHEME.case(&[n, 0, 0])).find(is_plain).unwrap();
        let Task::Sign(task) = &mut case.task else { unreachable!("it is plain") };
        let field = |value: &String| Pair("x".into(), Some(value.as_str().into()));
        if let Some((_, query)) = task.request.meant() {
            *query = values.iter().map(field).collect();
        }
        (task.request.scheme, task.request.host) = ("https".into(), host.as_str().into());
        task.request.method = method.as_str().into();
        let (signed, fields) = sign(task).unwrap();
        let is_known = known(task, &fields).is_some();
        let Reply::Signed(expected) = Reference::new(SCHEME.entry().schemes()).answer(&case) else {
            unreachable!("it signs")
        };
        let (expected, found) = (&expected.stages["signature"], &signed.stages["signature"]);
        println!("{method} {host}, x of {values:?}: {expected} by RFC 5849, {found} by the crate");
        assert_eq!((expected != found, is_known), (differs, differs), "{method} {host} {values:?}");
    }
}

fn is_plain(case: &Case) -> bool {
    match &case.task {
        Task::Sign(task) => {
            matches!(task.request.target, Target::Meant { .. }) && task.request.body.0.is_empty() && sign(task).is_ok()
        }
        Task::Verify(_) => false,
    }
}
