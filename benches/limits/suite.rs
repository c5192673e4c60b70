//! The cases: every scheme of the corpus that hashes something, each with its limit.

use super::bare::{Bare, bare};
use super::cases::{self, Job};
use super::{floor, straightforward};
use countersign::corpus::{self, Entry, Files};
use countersign::diagnosis::parse_request;
use countersign::primitive::percent::{self, KeepSet};
use countersign::request::{Intent, Pair, Request, Target};
use countersign::scheme::{Credential, Decision, Scratch, State};
use std::hint::black_box;
use std::rc::Rc;

const MEBIBYTE: usize = 1 << 20;

/// Something that is measured, and what it cannot be faster than.
pub struct Case {
    pub name: String,
    pub run: Box<dyn FnMut()>,
    /// None where nothing is hashed.
    pub limit: Option<Box<dyn FnMut()>>,
}

/// What is done before hashing, and counts into the limit.
enum Before {
    Nothing,
    /// These bytes are percent-encoded.
    Encoding(Vec<u8>),
    /// These pairs are sorted.
    Sorting(Vec<(Vec<u8>, Vec<u8>)>),
}

/// All cases, in the order of the corpus.
pub fn suite() -> Vec<Case> {
    let corpus = corpus::load(&Files::built_in()).expect("the corpus loads");
    corpus.entries.iter().flat_map(of_scheme).collect()
}

fn of_scheme(entry: &Entry) -> Vec<Case> {
    let Some((job, example)) = cases::example(entry) else { return Vec::new() };
    let job = Rc::new(job);
    let hashed = total(&job, &example);
    let mut suite = pair(entry, &job, "example", example.clone(), Before::Nothing);
    suite.push(parsing(entry, &job, &example));
    if hashed == 0 {
        return suite;
    }
    suite.extend(straightforward(entry, &job, &example));
    suite.extend(floor(entry, &job, &example).into_iter().flatten());
    let body = cases::with_body(&job, &example, MEBIBYTE);
    if total(&job, &body) >= MEBIBYTE {
        suite.extend(pair(entry, &job, "body-1MiB", body, Before::Nothing));
    }
    let query = cases::with_query(&example, MEBIBYTE);
    if total(&job, &query) >= MEBIBYTE {
        suite.extend(pair(entry, &job, "query-1MiB", query, Before::Nothing));
    }
    let path = cases::with_path(&example, MEBIBYTE);
    let Target::Exact(raw) = &path.target else { unreachable!("it is exact") };
    if total(&job, &path) >= MEBIBYTE {
        let before = Before::Encoding(raw.0.clone());
        suite.extend(pair(entry, &job, "encoded-1MiB", path, before));
    }
    let parameters = cases::with_parameters(&example, MEBIBYTE / 64, 64);
    if total(&job, &parameters) >= MEBIBYTE * 9 / 10 {
        let Target::Meant { query, .. } = &parameters.target else { unreachable!("it is meant") };
        let pairs =
            query.iter().map(|Pair(name, value)| (name.0.clone(), value.clone().unwrap_or_default().0)).collect();
        suite.extend(pair(entry, &job, "sorted-1MiB", parameters, Before::Sorting(pairs)));
    }
    suite
}

/// How many bytes are hashed; none where the request cannot be signed.
fn total(job: &Job, intent: &Intent) -> usize {
    let mut total = 0;
    let told = job.program.hashes(job.input(), intent, &mut Scratch::default(), &mut |h| total += h.message.len());
    told.map_or(0, |()| total)
}

/// The stages of a request that is signed.
fn shown(job: &Job, intent: &Intent) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    let mut keep = |_: &str, value: &[u8]| shown.push(value.to_vec());
    job.program.sign(job.input(), intent, &mut Scratch::default(), &mut keep).expect("it can be signed");
    shown
}

/// Signing a request, and verifying what came out where the scheme accepts that by itself.
fn pair(entry: &Entry, job: &Rc<Job>, what: &str, intent: Intent, before: Before) -> Vec<Case> {
    let request = job.wire(&intent);
    let limit = |before: &Before| limit(job, &intent, before);
    let limits = (limit(&before), limit(&before));
    let mut pair = vec![Case {
        name: format!("sign/{}/{what}", entry.name),
        limit: limits.0,
        run: {
            let (job, intent, mut scratch) = (Rc::clone(job), intent, Scratch::default());
            Box::new(move || _ = black_box(job.sign(black_box(&intent), &mut scratch)))
        },
    }];
    // Where nothing is checked, nothing is hashed.
    if job.checks && accepts(job, &request, &mut State::default(), &mut Scratch::default()) {
        let (job, mut state, mut scratch) = (Rc::clone(job), State::default(), Scratch::default());
        let run = Box::new(move || {
            state.clear();
            assert!(accepts(&job, black_box(&request), &mut state, &mut scratch), "what was signed is refused");
        });
        pair.push(Case { name: format!("verify/{}/{what}", entry.name), limit: limits.1, run });
    }
    pair
}

fn accepts(job: &Job, request: &Request, state: &mut State, scratch: &mut Scratch) -> bool {
    job.judge(request, state, scratch) == Decision::Accept
}

/// The bare primitives on what is hashed, and what is done before that, each alone.
fn limit(job: &Job, intent: &Intent, before: &Before) -> Option<Box<dyn FnMut()>> {
    let shown = shown(job, intent);
    let mut hashes: Vec<Bare> = Vec::new();
    let mut told = |hashed: countersign::scheme::Hashed<'_>| hashes.push(bare(hashed, &shown));
    job.program.hashes(job.input(), intent, &mut Scratch::default(), &mut told).expect("it can be signed");
    if hashes.is_empty() {
        return None;
    }
    let mut buffer = Vec::new();
    let mut before: Box<dyn FnMut()> = match before {
        Before::Nothing => Box::new(|| {}),
        Before::Encoding(bytes) => {
            let (bytes, mut out) = (bytes.clone(), Vec::new());
            Box::new(move || {
                out.clear();
                percent::encode(black_box(&bytes), &KeepSet::UNRESERVED, &mut out);
                black_box(&out);
            })
        }
        Before::Sorting(pairs) => {
            let pairs = pairs.clone();
            Box::new(move || {
                let mut pairs: Vec<(&[u8], &[u8])> = pairs.iter().map(|(n, v)| (n.as_slice(), v.as_slice())).collect();
                pairs.sort_by(|a, b| a.0.cmp(b.0));
                black_box(&pairs);
            })
        }
    };
    Some(Box::new(move || {
        before();
        for hash in &mut hashes {
            hash(&mut buffer);
            black_box(&buffer);
        }
    }))
}

/// The signed request of the example, read from its bytes.
fn parsing(entry: &Entry, job: &Job, example: &Intent) -> Case {
    let request = job.wire(example);
    let mut wire = [&request.method[..], b" ", &request.target, b" HTTP/1.1\r\n"].concat();
    for (name, value) in &request.headers {
        wire.extend([&name[..], b": ", value, b"\r\n"].concat());
    }
    wire.extend(format!("Content-Length: {}\r\n\r\n", request.body.len()).bytes());
    wire.extend(&*request.body);
    let parse = |wire: &[u8]| parse_request(wire, None, &mut |_| Err("no file is named".into()));
    assert_eq!(parse(&wire).expect("it is a request").0.target, request.target);
    Case {
        name: format!("parse/{}/example", entry.name),
        limit: None,
        run: Box::new(move || _ = black_box(parse(black_box(&wire)))),
    }
}

/// The signature in plain Rust; its limit is signing, so that its ratio says how many times faster that is.
fn straightforward(entry: &Entry, job: &Rc<Job>, example: &Intent) -> Option<Case> {
    let plain = straightforward::of(&entry.name)?;
    let Target::Meant { path, query } = &example.target else { return None };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let request = straightforward::Request {
        method: text(&example.method),
        path: text(path),
        query: query
            .iter()
            .map(|Pair(name, value)| (text(name), text(value.as_ref().map_or(&[][..], |value| value))))
            .collect(),
        credentials: credentials(job).map(|(name, value)| (name, text(&value))).collect(),
        time: job.time.map(|time| jiff::Timestamp::from_nanosecond(time.0).expect("a time of our age")),
    };
    let signature = plain(&request).into_bytes();
    assert!(shown(job, example).contains(&signature), "{} is signed otherwise in plain Rust", entry.name);
    let (job, intent, mut scratch) = (Rc::clone(job), example.clone(), Scratch::default());
    Some(Case {
        name: format!("straightforward/{}/example", entry.name),
        run: Box::new(move || _ = black_box(plain(black_box(&request)))),
        limit: Some(Box::new(move || _ = black_box(job.sign(black_box(&intent), &mut scratch)))),
    })
}

/// Signing and verifying written out by hand, with the limit that the reference has.
fn floor(entry: &Entry, job: &Job, example: &Intent) -> Option<[Case; 2]> {
    let given = floor::Given {
        intent: example.clone(),
        request: job.wire(example),
        credentials: credentials(job).collect(),
        time: job.time,
    };
    let (mut sign, mut verify) = floor::of(&entry.name, given)?;
    let mut signature = Vec::new();
    sign(&mut signature);
    assert!(shown(job, example).contains(&signature) && verify(), "{} is signed otherwise by hand", entry.name);
    let limit = || limit(job, example, &Before::Nothing);
    let sign = Box::new(move || {
        signature.clear();
        sign(black_box(&mut signature));
    });
    let verify = Box::new(move || assert!(black_box(verify()), "what was signed is refused"));
    Some([
        Case { name: format!("floor/{}/sign", entry.name), run: sign, limit: limit() },
        Case { name: format!("floor/{}/verify", entry.name), run: verify, limit: limit() },
    ])
}

/// The credentials of the signer that are bytes.
fn credentials(job: &Job) -> impl Iterator<Item = (String, Vec<u8>)> {
    job.credentials[0].0.iter().filter_map(|(name, value)| match value {
        Credential::Value(bytes) => Some((name.clone(), bytes.as_slice().to_vec())),
        Credential::Addresses(_) => None,
    })
}
