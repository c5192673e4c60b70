//! Cost grows no faster than sorting does in the number of fields, and linearly in bytes: for every
//! scheme of the corpus and of the fixtures, and for messages that somebody made to be costly.
//!
//! Steps are counted, not time: bytes that are looked at or written, and names that are compared, as
//! `primitive::steps` counts them where debug assertions are on.

use crate::cases::{self, Job};
use crate::setting::entries;
use countersign::bytes::Bytes;
use countersign::primitive::steps;
use countersign::request::{Intent, Request};
use countersign::scheme::{Scratch, State};

/// How much more is given.
const TIMES: usize = 10;
/// By how much cost may grow then where everything is sorted: 10 · log(30,000) / log(3,000), and some
/// for what sorting gains on few.
const SORTED: f64 = 14.5;
/// By how much where nothing needs sorting.
const LINEAR: f64 = 10.5;

fn steps_of(work: impl FnOnce()) -> f64 {
    let before = steps::taken().expect("tests run with debug assertions");
    work();
    (steps::taken().unwrap() - before) as f64
}

/// Steps of signing; none where such a request cannot be signed.
fn signing(job: &Job, intent: &Intent) -> Option<f64> {
    let mut signed = false;
    let steps = steps_of(|| signed = job.program.fields(job.input(), intent, &mut Scratch::default()).is_ok());
    signed.then_some(steps)
}

fn judging(job: &Job, request: &Request) -> f64 {
    steps_of(|| _ = job.judge(request, &mut State::default(), &mut Scratch::default()))
}

#[track_caller]
fn grows(what: &str, small: f64, large: f64, at_most: f64) {
    // What is not read at all costs what there is besides.
    let growth = large / small.max(1_000.0);
    assert!(growth <= at_most, "{what}: {TIMES} times as much costs {growth:.1} times the steps ({small} to {large})");
}

/// A way to make a request larger, and by how much cost may grow with it.
type Grow = (&'static str, usize, f64, fn(&Job, &Intent, usize) -> Intent);

const WAYS: [Grow; 4] = [
    ("parameters", 3_000, SORTED, |_, intent, n| cases::with_parameters(intent, n, 12)),
    ("body", 64 << 10, LINEAR, cases::with_body),
    ("query", 64 << 10, LINEAR, |_, intent, n| cases::with_query(intent, n)),
    ("path", 64 << 10, LINEAR, |_, intent, n| cases::with_path(intent, n)),
];

#[test]
fn signing_and_verifying_grow_with_what_is_given() {
    let (mut signed, mut grown) = (0, 0);
    for entry in entries() {
        let Some((job, example)) = cases::example(entry) else { continue };
        for (way, n, at_most, grow) in WAYS {
            let (small, large) = (grow(&job, &example, n), grow(&job, &example, n * TIMES));
            let name = format!("{} {way}", entry.name);
            let (Some(least), Some(most)) = (signing(&job, &small), signing(&job, &large)) else { continue };
            grows(&format!("sign {name}"), least, most, at_most);
            let (small, large) = (job.wire(&small), job.wire(&large));
            grows(&format!("verify {name}"), judging(&job, &small), judging(&job, &large), at_most);
            signed += 1;
            grown += usize::from(most > least * 5.0);
        }
    }
    assert!(signed > 60 && grown > 20, "{signed} were signed, and {grown} cost more where more was given");
}

/// A message that is made to be costly: a request with so many of something.
type Hostile = (&'static str, fn(&mut Request, usize));

const HOSTILE: [Hostile; 10] = [
    ("one query field again and again", |r, n| r.target = query(n, |_| "a=1".into())),
    ("query fields of many names", |r, n| r.target = query(n, |i| format!("{i}={i}"))),
    ("query fields of nothing", |r, n| r.target = query(n, |_| String::new())),
    ("escapes in the query", |r, n| r.target = query(n, |_| "%61%2b=%00".into())),
    ("one header field again and again", |r, n| r.headers.extend((0..n).map(|_| ("x-a".into(), "1".into())))),
    ("header fields of many names", |r, n| r.headers.extend((0..n).map(|i| (format!("x-amz-{i}").into(), "1".into())))),
    ("many signed names, and many header fields", |r, n| {
        let names: Vec<String> = (0..n).map(|i| format!("x-{i}")).collect();
        r.headers.extend(names.iter().map(|name| (name.as_str().into(), "1".into())));
        for (name, value) in &mut r.headers {
            if name.eq_ignore_ascii_case(b"authorization") {
                let signed = format!("SignedHeaders={};", names.join(";"));
                *value = String::from_utf8_lossy(value).replacen("SignedHeaders=", &signed, 1).into();
            }
        }
    }),
    ("separators in every header field", |r, n| {
        r.headers.iter_mut().for_each(|(_, value)| value.extend(b",a=b;c d:".repeat(n)))
    }),
    ("a boundary that nearly fits", |r, n| {
        let boundary = "-".repeat(n);
        r.set_header(b"content-type", format!("multipart/form-data; boundary={boundary}x").into_bytes());
        r.body =
            format!("--{boundary}x\r\nContent-Disposition: form-data; name=a\r\n\r\n{}", "-".repeat(20 * n)).into();
    }),
    ("JSON members of many names", |r, n| {
        r.set_header(b"content-type", b"application/json".to_vec());
        let members: Vec<String> = (0..n).map(|i| format!("\"{i}\":{i}")).collect();
        r.body = format!("{{{}}}", members.join(",")).into();
    }),
];

fn query(n: usize, field: impl Fn(usize) -> String) -> Bytes {
    format!("/?{}", (0..n).map(field).collect::<Vec<_>>().join("&")).into()
}

#[test]
fn hostile_messages_cost_no_more_than_their_length() {
    let mut grown = 0;
    for entry in entries() {
        let Some((job, example)) = cases::example(entry) else { continue };
        let base = job.wire(&example);
        for (what, spoil) in HOSTILE {
            let spoilt = |n: usize| {
                let mut request = base.clone();
                spoil(&mut request, n);
                judging(&job, &request)
            };
            let (small, large) = (spoilt(3_000), spoilt(3_000 * TIMES));
            grows(&format!("{}, {what}", entry.name), small, large, SORTED);
            grown += usize::from(large > small * 5.0);
        }
    }
    assert!(grown > 60, "only {grown} cost more where there was more to read");
}
