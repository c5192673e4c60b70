//! Shrinking: simpler inputs, of which the simplest that still shows a difference is taken.

use super::Input;
use crate::bytes::Bytes;
use crate::case::{SignTask, Task, Time, VerifyTask};
use crate::request::{Pair, Target};
use crate::scheme::Credential;

/// Number of times that an input is made simpler.
pub(crate) const ROUNDS: usize = 60;

/// Measures how complicated an input is: what is long, and what is not letters and digits, costs.
pub(crate) fn size(input: &Input) -> usize {
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
pub(crate) fn smaller(input: &Input) -> Vec<Input> {
    let mut all = Vec::new();
    match &input.given.task {
        Task::Sign(sign) => signing(input, sign, &mut all),
        Task::Verify(verify) => verifying(input, verify, &mut all),
    }
    let before = size(input);
    all.retain(|other| size(other) < before);
    all
}

fn signing(input: &Input, sign: &SignTask<String>, all: &mut Vec<Input>) {
    let mut push = |change: &dyn Fn(&mut SignTask<String>)| {
        let mut changed = sign.clone();
        change(&mut changed);
        let mut other = input.clone();
        other.given.task = Task::Sign(Box::new(changed));
        all.push(other);
    };
    let request = &sign.request;
    if let Target::Meant { path, query } = &request.target {
        let mut push = |change: &dyn Fn(&mut Bytes, &mut Vec<Pair>)| {
            push(&|sign| sign.request.meant().into_iter().for_each(|(path, query)| change(path, query)));
        };
        for (i, Pair(name, value)) in query.iter().enumerate() {
            push(&|_, query| drop(query.remove(i)));
            for text in shorter(name) {
                push(&|_, query| query[i].0 = text.clone());
            }
            for text in value.iter().flat_map(shorter) {
                push(&|_, query| query[i].1 = Some(text.clone()));
            }
            push(&|_, query| query.sort_by_key(|Pair(name, _)| name.len()));
        }
        for text in shorter(path).into_iter().filter(|path| path.first() == Some(&b'/')) {
            push(&|path, _| *path = text.clone());
        }
    }
    for i in 0..request.headers.len() {
        push(&|sign| {
            sign.request.headers.remove(i);
        });
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
fn secrets(input: &Input, all: &mut Vec<Input>) {
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

fn verifying(input: &Input, verify: &VerifyTask<String>, all: &mut Vec<Input>) {
    let mut push = |change: &dyn Fn(&mut VerifyTask<String>)| {
        let mut changed = verify.clone();
        change(&mut changed);
        let mut other = input.clone();
        other.given.task = Task::Verify(changed);
        // A recipe tells the input as it was.
        other.fault = None;
        all.push(other);
    };
    for i in 0..verify.messages.len() {
        if verify.messages.len() > 1 {
            push(&|verify| {
                verify.messages.remove(i);
            });
        }
        let request = &verify.messages[i].request;
        for k in 0..request.headers.len() {
            push(&|verify| {
                verify.messages[i].request.headers.remove(k);
            });
            for text in shorter(&request.headers[k].1) {
                push(&|verify| verify.messages[i].request.headers[k].1 = text.clone());
            }
        }
        for text in shorter_body(&request.headers, &request.body) {
            push(&|verify| verify.messages[i].request.body = text.clone());
        }
        for text in shorter(&request.target).into_iter().filter(|target| target.0.first() == Some(&b'/')) {
            push(&|verify| verify.messages[i].request.target = text.clone());
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
