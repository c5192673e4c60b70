//! Shrinking: simpler inputs, of which the simplest that still shows a difference is taken.

use crate::bytes::Bytes;
use crate::corpus::{Pair, SignGiven, Time, VerifyGiven};
use crate::mutation::Candidate;
use crate::scheme::Credential;

/// How often an input is made simpler.
pub(super) const ROUNDS: usize = 60;

/// How complicated an input is: what is long, and what is not letters and digits, costs.
pub(super) fn size(input: &Candidate) -> usize {
    let cost = |text: String| {
        let signs = text.bytes().filter(|byte| !byte.is_ascii_alphanumeric()).count();
        let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
        text.len() * 4 + signs + capitals
    };
    let secrets = input.accounts.values().flat_map(|account| account.0.values());
    let secrets = secrets.map(|value| match value {
        Credential::Value(bytes) => cost(bytes.to_string()),
        Credential::Addresses(_) => 0,
    });
    cost(serde_json::json!(input.given).to_string()) + secrets.sum::<usize>()
}

/// Inputs that are simpler by one thing.
pub(super) fn smaller(input: &Candidate) -> Vec<Candidate> {
    let mut all = Vec::new();
    match (&input.given.sign, &input.given.verify) {
        (Some(sign), _) => signing(input, sign, &mut all),
        (None, Some(verify)) => verifying(input, verify, &mut all),
        (None, None) => {}
    }
    let before = size(input);
    all.retain(|other| size(other) < before);
    all
}

fn signing(input: &Candidate, sign: &SignGiven, all: &mut Vec<Candidate>) {
    let mut push = |change: &dyn Fn(&mut SignGiven)| {
        let mut changed = sign.clone();
        change(&mut changed);
        let mut other = input.clone();
        other.given.sign = Some(changed);
        all.push(other);
    };
    let request = &sign.request;
    for i in 0..request.query.len() {
        push(&|sign| {
            sign.request.query.remove(i);
        });
        for text in shorter(&request.query[i].0) {
            push(&|sign| sign.request.query[i].0 = text.clone());
        }
        for text in request.query[i].1.iter().flat_map(shorter) {
            push(&|sign| sign.request.query[i].1 = Some(text.clone()));
        }
        push(&|sign| {
            sign.request.query.sort_by_key(|Pair(name, _)| name.0.len());
        });
    }
    for i in 0..request.headers.len() {
        push(&|sign| {
            sign.request.headers.remove(i);
        });
    }
    for text in request.path.iter().flat_map(shorter).filter(|path| path.0.first() == Some(&b'/')) {
        push(&|sign| sign.request.path = Some(text.clone()));
    }
    for text in shorter_body(&request.headers, &request.body) {
        push(&|sign| sign.request.body = text.clone());
    }
    for (i, value) in sign.parameters.values().enumerate() {
        for text in shorter(value) {
            push(&|sign| {
                if let Some((_, value)) = sign.parameters.get_index_mut(i) {
                    *value = text.clone();
                }
            });
        }
    }
    if sign.time.is_some() {
        for plain in ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123Z"] {
            push(&|sign| sign.time = Time::try_from(plain.to_owned()).ok());
        }
    }
    secrets(input, all);
}

/// Simpler secrets, of a request that is still to be signed.
fn secrets(input: &Candidate, all: &mut Vec<Candidate>) {
    for (account, values) in &input.accounts {
        for (name, value) in &values.0 {
            let Credential::Value(value) = value else { continue };
            for text in shorter(value).into_iter().filter(|text| !text.0.is_empty()) {
                let mut other = input.clone();
                if let Some(value) = other.accounts.get_mut(account).and_then(|values| values.0.get_mut(name)) {
                    *value = Credential::Value(text);
                }
                all.push(other);
            }
        }
    }
}

fn verifying(input: &Candidate, verify: &VerifyGiven, all: &mut Vec<Candidate>) {
    let mut push = |change: &dyn Fn(&mut VerifyGiven)| {
        let mut changed = verify.clone();
        change(&mut changed);
        let mut other = input.clone();
        other.given.verify = Some(changed);
        // A recipe tells the input as it was.
        other.fault = None;
        all.push(other);
    };
    for i in 0..verify.steps.len() {
        if verify.steps.len() > 1 {
            push(&|verify| {
                verify.steps.remove(i);
            });
        }
        let request = &verify.steps[i].request;
        for k in 0..request.headers.len() {
            push(&|verify| {
                verify.steps[i].request.headers.remove(k);
            });
            for text in shorter(&request.headers[k].1) {
                push(&|verify| verify.steps[i].request.headers[k].1 = text.clone());
            }
        }
        for text in shorter_body(&request.headers, &request.body) {
            push(&|verify| verify.steps[i].request.body = text.clone());
        }
        for text in shorter(&request.target).into_iter().filter(|target| target.0.first() == Some(&b'/')) {
            push(&|verify| verify.steps[i].request.target = text.clone());
        }
    }
    if verify.accounts.len() > 1 {
        for i in 0..verify.accounts.len() {
            push(&|verify| {
                verify.accounts.remove(i);
            });
        }
    }
}

/// A shorter body; of a multipart body, whose form must stay, none at all.
fn shorter_body(headers: &[(Bytes, Bytes)], body: &Bytes) -> Vec<Bytes> {
    let is_multipart = headers.iter().any(|(_, value)| value.0.starts_with(b"multipart/"));
    shorter(body).into_iter().filter(|text| !is_multipart || text.0.is_empty()).collect()
}

/// Nothing, halves, and the text without one character or one piece between `&`.
fn shorter(bytes: &Bytes) -> Vec<Bytes> {
    let all = &bytes.0;
    let mut shorter: Vec<Vec<u8>> = vec![Vec::new()];
    let pieces: Vec<&[u8]> = all.split(|&b| b == b'&').collect();
    if pieces.len() > 1 {
        let without =
            |i: usize| pieces.iter().enumerate().filter(|(k, _)| *k != i).map(|(_, p)| *p).collect::<Vec<_>>();
        shorter.extend((0..pieces.len()).map(|i| without(i).join(&b'&')));
    }
    if let Ok(text) = std::str::from_utf8(all) {
        let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let chars = places.len() - 1;
        for step in [chars / 2, chars / 4, chars / 8, 1].into_iter().filter(|step| *step > 0) {
            for from in (0..chars).step_by(step).take(48) {
                let to = (from + step).min(chars);
                shorter.push([&all[..places[from]], &all[places[to]..]].concat());
            }
        }
    }
    shorter.sort();
    shorter.dedup();
    shorter.into_iter().map(Bytes).collect()
}
