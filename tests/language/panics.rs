//! Nothing that comes from outside makes the loader or the verifier panic.

use crate::{CORPORA, FILES, runner};
use countersign::bytes::Bytes;
use countersign::corpus::{self, Corpus, Files};
use countersign::primitive::time::Instant;
use countersign::request::Request;
use countersign::runner as run;
use countersign::scheme::{self, Account, Message, Operation, Program, Scheme, Scratch, Server, State};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

/// One change of a text file: of lines, of words, or of a byte.
#[derive(Debug, Clone)]
struct Damage {
    how: u8,
    from: Index,
    to: Index,
    byte: u8,
}

fn damage() -> impl Strategy<Value = Vec<Damage>> {
    let one = (0u8..7, any::<Index>(), any::<Index>(), any::<u8>());
    vec(one.prop_map(|(how, from, to, byte)| Damage { how, from, to, byte }), 1..5)
}

impl Damage {
    fn apply(&self, text: &mut Vec<u8>) {
        if text.is_empty() {
            return;
        }
        let mut lines: Vec<Vec<u8>> = text.split_inclusive(|&b| b == b'\n').map(<[u8]>::to_vec).collect();
        let (from, to) = (self.from.index(lines.len()), self.to.index(lines.len()));
        match self.how {
            0 => drop(lines.remove(from)),
            1 => lines.swap(from, to),
            2 => lines.insert(to, lines[from].clone()),
            3 => lines[from].insert(0, b' '),
            4 => text.truncate(self.from.index(text.len())),
            5 => {
                let at = self.from.index(text.len());
                text[at] = self.byte;
            }
            _ => {
                let words: Vec<Vec<u8>> =
                    text.split(|b| !b.is_ascii_alphanumeric() && *b != b'-').map(<[u8]>::to_vec).collect();
                let (word, at) = (self.to.get(&words), self.from.index(text.len()));
                let end = (at + word.len()).min(text.len());
                text.splice(at..end, word.clone());
            }
        }
        if self.how < 4 {
            *text = lines.concat();
        }
    }
}

fn damaged(text: &[u8], damage: &[Damage]) -> Vec<u8> {
    let mut text = text.to_vec();
    damage.iter().for_each(|damage| damage.apply(&mut text));
    text
}

#[test]
fn arbitrary_bytes_are_no_scheme() {
    let yaml = "[-\\[\\]{}:,&*!?|>'\"%@` #a-z0-9\n]{0,60}".prop_map(String::into_bytes);
    let bytes = prop_oneof![vec(any::<u8>(), 0..200), yaml];
    let result = runner(2000).run(&bytes, |bytes| {
        prop_assert!(scheme::load("x", &bytes).is_err());
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_damaged_scheme_is_loaded_and_evaluated_or_refused() {
    let schemes: Vec<&[u8]> =
        FILES.iter().flat_map(|files| files.0.values()).map(|folder| &*folder["scheme.yaml"].1).collect();
    let result = runner(400).run(&(any::<Index>(), damage(), request()), |(scheme, damage, request)| {
        if let Ok(scheme) = scheme::load("x", &damaged(schemes[scheme.index(schemes.len())], &damage)) {
            verify_by_all(&programs(&scheme), &[Account::default()], &request);
            prop_assert!(scheme::load("x", &serde_json::to_vec(&scheme.printed()).unwrap()).is_ok());
        }
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_damaged_folder_is_loaded_and_linted_or_refused() {
    // Large files are only more of the same, and slow here.
    let small = |file: &(&String, &(String, Cow<'static, [u8]>))| file.1.1.len() < 40_000;
    let files = FILES.iter().flat_map(|files| &files.0).flat_map(|(scheme, folder)| {
        folder.iter().filter(small).map(move |(file, _)| (scheme.clone(), file.clone(), folder.clone()))
    });
    let files: Vec<_> = files.collect();
    let result = runner(50).run(&(any::<Index>(), damage()), |(which, damage)| {
        let (scheme, file, mut folder) = which.get(&files).clone();
        let small_folder = |(name, entry): (&String, &(String, Cow<'static, [u8]>))| {
            *name == file || small(&(name, entry)) || name.ends_with("s.yaml")
        };
        folder.retain(|name, entry| small_folder((name, entry)));
        let (_, bytes) = folder.get_mut(&file).unwrap();
        *bytes = Cow::Owned(damaged(bytes, &damage));
        let files = Files([(scheme.clone(), folder)].into());
        if let Ok(entry) = corpus::load_entry(&files, &scheme) {
            countersign::trial::lint_entry(&entry);
            let corpus = Corpus { entries: vec![entry] };
            corpus::lint(&files, &corpus);
            run::check(&corpus, &run::Filter::default());
            corpus::to_json(&corpus);
        }
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

/// Every operation of every variant and reading: as it is, without its checks, and without what it receives, so that
/// no early refusal keeps noise from what comes after it.
fn programs(scheme: &Scheme) -> Vec<Program> {
    let names = |names: Vec<&String>| -> Vec<Option<String>> {
        std::iter::once(None).chain(names.into_iter().cloned().map(Some)).collect()
    };
    let mut programs = Vec::new();
    for variant in names(scheme.variants.keys().collect()) {
        for reading in names(scheme.readings.keys().collect()) {
            let Ok(scheme) = scheme.resolved(variant.as_deref(), reading.as_deref()) else { continue };
            for operation in scheme.operations.values() {
                let unchecked = Operation { verify: Vec::new(), ..operation.clone() };
                let bare = Operation { receive: Default::default(), ..unchecked.clone() };
                let editions = [operation, &unchecked, &bare];
                programs.extend(editions.into_iter().filter_map(|operation| Program::compile(&scheme, operation).ok()));
            }
        }
    }
    programs
}

fn verify_by_all(programs: &[Program], accounts: &[Account], request: &Request) {
    for program in programs {
        let accounts: Vec<_> = accounts.iter().filter_map(|account| program.account(account).ok()).collect();
        let parameters = program.parameters(&Default::default()).unwrap();
        let server = Server { accounts: &accounts, parameters: &parameters };
        let client_address = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let message = Message { request, now: Some(Instant(1_525_435_514_649_000_000)), client_address };
        let _ = program.verify(server, &mut State::default(), message, &mut Scratch::default(), &mut |_, _| {});
    }
}

/// Header field and body of a media type, the body made of pieces of such bodies.
fn typed_body() -> impl Strategy<Value = (&'static str, Vec<u8>)> {
    let part = "--a\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n";
    let made = |media: &'static str, pieces: &[&'static str]| {
        let pieces = vec(proptest::sample::select(pieces.to_vec()), 0..6);
        (Just(media), pieces.prop_map(|pieces| pieces.concat().into_bytes()))
    };
    prop_oneof![
        made("multipart/form-data; boundary=a", &["--a", part, "--", "\r\n", "\r\n\r\n", "1"]),
        made("multipart/form-data", &["--", "\r\n"]),
        made("application/x-www-form-urlencoded", &["a=b", "&", "=", "+", "%41", "%", "data=1"]),
        made("application/json", &["{", "}", "\"a\"", ":", ",", "\\u", "[", "1", "null"]),
    ]
}

/// A request of noise, which can mostly still be read up to some part.
fn request() -> impl Strategy<Value = Request> {
    let bytes = || vec(prop_oneof![any::<u8>(), Just(b'%'), Just(b'&'), Just(b'='), Just(b':'), Just(b',')], 0..40);
    let target = prop_oneof![Just(b"/?a=b".to_vec()), bytes()];
    let headers = vec((bytes().prop_map(Bytes), bytes().prop_map(Bytes)), 0..4);
    let untyped = bytes().prop_map(|body| (None, body));
    let body = prop_oneof![1 => untyped, 3 => typed_body().prop_map(|(media, body)| (Some(media), body))];
    (bytes(), bytes(), target, headers, body).prop_map(|(method, scheme, target, mut headers, (media, body))| {
        headers.extend(media.map(|media| ("Content-Type".into(), media.into())));
        let [method, scheme, target, body] = [method, scheme, target, body].map(Bytes);
        Request { method, scheme, target, headers, body }
    })
}

/// An entry's programs, its accounts, and the requests of its vectors.
type Known = (Vec<Program>, Vec<Account>, Vec<Request>);

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let entries = CORPORA.iter().flat_map(|corpus| &corpus.entries);
    let known = entries.map(|entry| {
        let steps =
            entry.vectors().filter_map(|(_, vector)| vector.given.task.to_verify()).flat_map(|verify| &verify.messages);
        let accounts = entry.topics.iter().flat_map(|topic| topic.file.accounts.values().cloned());
        (programs(&entry.scheme), accounts.collect(), steps.map(|step| step.request.clone()).collect())
    });
    known.filter(|(_, _, requests): &Known| !requests.is_empty()).collect()
});

#[test]
fn arbitrary_requests_are_judged() {
    let result = runner(200).run(&request(), |request| {
        KNOWN.iter().for_each(|(programs, accounts, _)| verify_by_all(programs, accounts, &request));
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn damaged_requests_are_judged() {
    let strategy = (any::<Index>(), any::<Index>(), any::<Index>(), damage(), request());
    let result = runner(800).run(&strategy, |(entry, which, part, damage, noise)| {
        let (programs, accounts, requests) = entry.get(&KNOWN);
        let mut request = which.get(requests).clone();
        let mut parts: Vec<&mut Bytes> = vec![&mut request.target, &mut request.body];
        parts.extend(request.headers.iter_mut().flat_map(|(name, value)| [name, value]));
        let at = part.index(parts.len());
        *parts[at] = damaged(parts[at], &damage).into();
        request.headers.extend(noise.headers);
        verify_by_all(programs, accounts, &request);
        Ok(())
    });
    result.unwrap_or_else(|e| panic!("{e}"));
}
