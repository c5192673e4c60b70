//! Kinds of failure, and the texts of what differs: a kind follows from what was compared, whatever a
//! stage is called.

use crate::setting::{CORPUS, entry, load};
use countersign::bytes::Bytes;
use countersign::case::{
    Case, Ending, Expect, ExpectedResult, FailureKind, Judgement, Reply, Signed, SignedRequest, compare,
};
use countersign::conformance::assert_conforms_to;
use countersign::corpus::Entry;
use countersign::request::Request;
use countersign::runner::{self, Filter, Under};
use countersign::scheme::Class;
use countersign::subject::{InProcess, Subject};
use countersign::trial::Reference;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Names of stages that end like what tells one kind of failure from another, or are called like it.
const MISLEADING: [&str; 9] = [
    "my outcome",
    "outcome",
    "nonsense_code",
    "nonsense_class",
    "nonsense_status",
    "nonsense_message",
    "nonsense_reply",
    "nonsense_word",
    "signed request",
];

/// Answers as the reference does, with one stage that no scheme has.
struct WithStage<'c>(Reference<'c>, &'static str);

impl Subject for WithStage<'_> {
    fn answer(&mut self, case: &Case) -> Reply {
        let mut reply = self.0.answer(case);
        if let Reply::Signed(signed) = &mut reply {
            signed.stages.insert(self.1.to_owned(), Bytes::from("x"));
        }
        reply
    }
}

#[test]
fn a_stage_that_there_is_none_of_is_a_wrong_value_whatever_its_name() {
    let mut corpus = load("vectors");
    let signs = |entry: &Entry| entry.vectors().any(|(_, vector)| vector.given.task.to_sign().is_some());
    corpus.entries.retain(signs);
    corpus.entries.truncate(1);
    let entry = &corpus.entries[0];
    for name in MISLEADING {
        let mut subject = InProcess::new(WithStage(Reference::new(entry.schemes()), name), [&entry.name]);
        let run = runner::test(&corpus, &Filter::default(), Under::Decision, &mut subject, &mut |_, _| {}, &mut |_| {
            Vec::new()
        })
        .unwrap();
        assert!(run.failed() > 0);
        for failure in run.failures() {
            let lines = failure.verdict.lines();
            assert_eq!(failure.verdict.failure(), Some(FailureKind::WrongValue), "{name}: {lines:?}");
            assert!(lines[0].starts_with(&format!("stage {name}: expected one of ")), "{lines:?}");
        }
    }
}

#[test]
fn a_stage_that_is_missing_is_a_wrong_value_whatever_its_name() {
    for name in MISLEADING {
        let stages = [(name.to_owned(), Bytes::from("reject"))].into_iter().collect();
        let signing = Expect { stages, ..Expect::default() };
        let verifying = Expect {
            results: vec![ExpectedResult { stages: signing.stages.clone(), ..expected(Ending::Accept) }; 2],
            ..Expect::default()
        };
        let signed = Reply::Signed(Signed::default());
        let verified = Reply::Verified(vec![found(true); 2]);
        for (expect, reply) in [(&signing, &signed), (&verifying, &verified)] {
            let differences = compare(expect, reply);
            assert!(!differences.is_empty());
            differences.iter().for_each(|it| assert_eq!(it.kind(), FailureKind::WrongValue, "{it}"));
        }
        assert_eq!(
            told(&signing, &signed),
            [(FailureKind::WrongValue, format!("stage {name}: expected reject, found no such stage"))]
        );
    }
}

#[test]
fn what_differs_has_its_kind_and_its_text() {
    use FailureKind::{FalseAccept, FalseReject, WrongClass, WrongValue};
    let (accept, reject) = (expected(Ending::Accept), expected(Ending::Reject));
    let expired = Judgement { class: Some(Class::Expired), ..found(false) };
    let two = |one: &ExpectedResult, other: &ExpectedResult| results([one.clone(), other.clone()]);
    tells(
        &results([reject.clone()]),
        verified([found(true)]),
        &[(FalseAccept, "outcome: expected reject, found accept")],
    );
    tells(
        &results([accept.clone()]),
        verified([expired.clone()]),
        &[(FalseReject, "outcome: expected accept, found reject (expired)")],
    );
    tells(
        &two(&accept, &reject),
        verified([found(false), found(true)]),
        &[
            (FalseReject, "message 1, outcome: expected accept, found reject"),
            (FalseAccept, "message 2, outcome: expected reject, found accept"),
        ],
    );
    let detailed = ExpectedResult {
        class: Some(Class::Malformed),
        status: Some("400".into()),
        code: Some("E1".into()),
        message: None,
        ..reject.clone()
    };
    let text = |text: &str| Some(text.to_owned());
    let other = Judgement { status: text("401"), code: text("E2"), message: text("no"), ..expired.clone() };
    let details = [
        "class: expected malformed, found expired",
        "status: expected 400, found 401",
        "code: expected E1, found E2",
        "message: expected none, found no",
    ];
    tells(&results([detailed.clone()]), verified([other.clone()]), &details.map(|line| (WrongClass, line)));
    let lines = details.map(|line| format!("message 2, {line}"));
    let lines = lines.each_ref().map(|line| (WrongClass, line.as_str()));
    tells(&two(&accept, &detailed), verified([found(true), other]), &lines);
    let silent = Judgement { reply: countersign::scheme::SenderGets::Disregard, ..found(false) };
    tells(&results([reject]), verified([silent]), &[(WrongClass, "reply: expected error, found disregard")]);
    tells(&two(&accept, &accept), verified([found(true)]), &[(WrongValue, "results: expected 2, found 1")]);
    tells(
        &results([accept]),
        Reply::Signed(Signed::default()),
        &[(WrongValue, "answer: expected judgements, found a signature")],
    );
    tells(
        &Expect::default(),
        Reply::Error("no".into()),
        &[(WrongValue, "answer: expected a result, found an error: no")],
    );
}

#[test]
fn a_signed_request_that_differs_is_a_wrong_value() {
    let header = |value: &str| vec![(Bytes::from("X-Code"), Bytes::from(value))];
    let expect = |headers| Expect {
        signed_request: Some(SignedRequest {
            url: Some("https://a.example/b".into()),
            target: Some("/b".into()),
            headers,
            body: Some("c".into()),
        }),
        ..Expect::default()
    };
    let signed = |signed_request| Reply::Signed(Signed { signed_request, ..Signed::default() });
    let nothing = signed(None);
    tells(&expect(header("1")), nothing, &[(FailureKind::WrongValue, "signed request: expected one, found none")]);
    let request = |headers| Request {
        method: "GET".into(),
        scheme: "https".into(),
        target: "/".into(),
        headers,
        body: "".into(),
    };
    let lines = [
        "signed request, url: expected https://a.example/b, found https:///",
        "signed request, target: expected /b, found /",
        "signed request, body: expected c, found ",
        "signed request, header X-Code: expected 1, found 2",
    ];
    let found = signed(Some(request(header("2"))));
    tells(&expect(header("1")), found, &lines.map(|line| (FailureKind::WrongValue, line)));
    let without = told(&expect(header("1")), &signed(Some(request(Vec::new()))));
    assert_eq!(without[3].1, "signed request, header X-Code: expected once, found 0 times");
}

/// Shows the request alone that the reference would send, changed.
struct Sends<'c>(Reference<'c>, fn(&mut Request));

impl Subject for Sends<'_> {
    fn answer(&mut self, case: &Case) -> Reply {
        let mut reply = self.0.answer(case);
        if let Reply::Signed(signed) = &mut reply {
            signed.stages.clear();
            signed.signed_request.iter_mut().for_each(self.1);
        }
        reply
    }
}

/// How many vectors of signing pass of a scheme, and of how many, where the signed request is changed.
fn sent(scheme: &str, change: fn(&mut Request)) -> (usize, usize) {
    let mut corpus = load("vectors");
    corpus.entries.retain(|entry| entry.name == scheme);
    let entry = &mut corpus.entries[0];
    entry.topics.iter_mut().for_each(|topic| topic.file.vectors.retain(|vector| vector.given.task.to_sign().is_some()));
    let entry = &corpus.entries[0];
    let mut subject = InProcess::new(Sends(Reference::new(entry.schemes()), change), [&entry.name]);
    let run =
        runner::test(&corpus, &Filter::default(), Under::Decision, &mut subject, &mut |_, _| {}, &mut |_| Vec::new())
            .unwrap();
    (run.passed(), run.vectors())
}

fn host(request: &mut Request) -> &mut Vec<u8> {
    let mut headers = request.headers.iter_mut();
    &mut headers.find(|(name, _)| name.0.eq_ignore_ascii_case(b"host")).unwrap().1.0
}

fn replace(target: &mut Bytes, from: &str, to: &str) {
    *target = target.to_string().replacen(from, to, 1).as_str().into();
}

#[test]
fn a_signed_request_that_means_the_same_on_the_wire_is_right() {
    let white: fn(&mut Request) = |request| {
        request.headers.iter_mut().for_each(|(_, value)| value.0 = [b" \t", value.0.as_slice(), b" "].concat());
    };
    let upper: fn(&mut Request) = |request| host(request).make_ascii_uppercase();
    let port: fn(&mut Request) = |request| host(request).extend(b":443");
    for change in [white, upper, port] {
        for scheme in ["flipbase", "flipsnack"] {
            let (passed, vectors) = sent(scheme, change);
            assert!(passed == vectors && vectors > 10, "{scheme}: {passed} of {vectors}");
        }
    }
    // The scheme signs fields as they are decoded.
    let (passed, vectors) = sent("flipsnack", |request| replace(&mut request.target, "action=", "%61ction="));
    assert_eq!(passed, vectors);
}

#[test]
fn a_signed_request_that_means_something_else_on_the_wire_is_wrong() {
    let other_host: fn(&mut Request) = |request| host(request).extend(b".example");
    let other_port: fn(&mut Request) = |request| host(request).extend(b":80");
    let no_slash: fn(&mut Request) = |request| replace(&mut request.target, "/", "%2F");
    let text_of_an_escape: fn(&mut Request) = |request| replace(&mut request.target, "/", "%252F");
    for change in [other_host, other_port, no_slash, text_of_an_escape] {
        assert_eq!(sent("flipsnack", change).0, 0);
    }
    // An escape where the path is signed as it is sent; one vector has no such letter.
    assert_eq!(sent("flipbase", |request| replace(&mut request.target, "a", "%61")).0, 1);
}

fn expected(outcome: Ending) -> ExpectedResult {
    let (class, status, code, message) = Default::default();
    ExpectedResult { outcome, class, status, code, message, reply: Default::default(), stages: Default::default() }
}

fn found(accept: bool) -> Judgement {
    let (class, status, code, message) = Default::default();
    Judgement { accept, class, status, code, message, reply: Default::default(), stages: Default::default() }
}

fn results(results: impl Into<Vec<ExpectedResult>>) -> Expect {
    Expect { results: results.into(), ..Expect::default() }
}

fn verified(results: impl Into<Vec<Judgement>>) -> Reply {
    Reply::Verified(results.into())
}

/// FailureKind and text of each difference.
fn told(expect: &Expect, reply: &Reply) -> Vec<(FailureKind, String)> {
    compare(expect, reply).iter().map(|it| (it.kind(), it.to_string())).collect()
}

#[track_caller]
fn tells(expect: &Expect, reply: Reply, lines: &[(FailureKind, &str)]) {
    let lines: Vec<_> = lines.iter().map(|(kind, line)| (*kind, (*line).to_owned())).collect();
    assert_eq!(told(expect, &reply), lines);
}

/// Judges the messages of one vector otherwise than the reference does.
struct OtherwiseOf<'c>(Reference<'c>, Case);

impl Subject for OtherwiseOf<'_> {
    fn answer(&mut self, case: &Case) -> Reply {
        let mut reply = self.0.answer(case);
        if let (Reply::Verified(results), true) = (&mut reply, *case == self.1) {
            results.iter_mut().for_each(|result| *result = Judgement { accept: !result.accept, ..found(true) });
        }
        reply
    }
}

#[test]
fn who_differs_from_a_decision_conforms_and_who_differs_from_a_must_does_not() {
    let entry = entry("flipbase");
    let differs_on = |name: &str| {
        let (topic, vector) = entry.find(name).unwrap();
        OtherwiseOf(Reference::new(entry.schemes()), entry.case(topic, vector, None))
    };
    let decided = assert_conforms_to(&CORPUS, differs_on("flipbase/verify/lower-case-escapes"), &["flipbase"]);
    assert_eq!((decided.beside(), decided.failed()), (1, 0));
    let must = AssertUnwindSafe(|| {
        assert_conforms_to(&CORPUS, differs_on("flipbase/verify/without-a-body"), &["flipbase"]);
    });
    assert!(catch_unwind(must).is_err(), "a must is missed, and it conforms");
}
