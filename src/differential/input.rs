//! Inputs: first every single trick that mutation knows, in random order, then tricks upon tricks.

use super::snippets::{put_into, word};
use super::wire;
use crate::bytes::Bytes;
use crate::corpus::{Entry, Pair, SignGiven, Step, Time, VerifyGiven};
use crate::mutation::{self, Candidate};
use crate::scheme::{Credential, CredentialKind, Scheme};
use crate::subject::{Reference, Reply, Subject};
use std::collections::BTreeSet;

/// How many candidates that differ in a number alone are put.
const COUNTED: usize = 40;

/// An endless stream of inputs, the same for the same seed.
pub(super) struct Inputs<'e> {
    entry: &'e Entry,
    random: fastrand::Rng,
    /// Single tricks that are still to come.
    fresh: Vec<Candidate>,
    /// What further tricks are put upon.
    bases: Vec<Candidate>,
}

impl<'e> Inputs<'e> {
    /// Inputs for what a subject does: `sign`, `verify`, or both.
    pub(super) fn new(entry: &'e Entry, seed: u64, ops: &[String]) -> Inputs<'e> {
        let mut random = fastrand::Rng::with_seed(seed);
        let does = |op: &str| ops.iter().any(|offered| offered == op);
        let wanted = |input: &Candidate| if input.given.sign.is_some() { does("sign") } else { does("verify") };
        let all = mutation::candidates(entry);
        let kept = all.iter().flat_map(|input| wrongly_kept(entry, input)).collect::<Vec<_>>();
        let mut fresh: Vec<Candidate> = all.into_iter().chain(kept).filter(wanted).collect();
        let mut counted = 0;
        fresh.retain(|input| {
            let is_counted = input.trick.starts_with("number-");
            counted += usize::from(is_counted);
            !is_counted || counted <= COUNTED
        });
        let bases = fresh.clone();
        random.shuffle(&mut fresh);
        Inputs { entry, random, fresh, bases }
    }
}

impl Iterator for Inputs<'_> {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        if let Some(single) = self.fresh.pop() {
            return Some(single);
        }
        let random = &mut self.random;
        let mut input = self.bases.get(random.usize(..self.bases.len().max(1)))?.clone();
        // More than one thing is wrong with it now, so no recipe tells it.
        input.fault = None;
        for _ in 0..random.usize(1..4) {
            match (&mut input.given.sign, &mut input.given.verify) {
                (Some(sign), _) => change_signing(&self.entry.scheme, sign, random),
                (None, Some(verify)) => {
                    let at = random.usize(..verify.steps.len().max(1));
                    if let Some(step) = verify.steps.get_mut(at) {
                        wire::change(step, random);
                    }
                }
                (None, None) => {}
            }
            if random.usize(..8) == 0 {
                change_secret(&self.entry.scheme, &mut input, random);
            }
        }
        input.trick = "several-tricks".into();
        Some(input)
    }
}

/// Messages whose circumstances are wrong: signed with empty secrets, to a server whose secrets are
/// empty; and to a server on which an attribute of the account is that of another. Of an input that
/// signs.
fn wrongly_kept(entry: &Entry, input: &Candidate) -> Vec<Candidate> {
    if input.given.sign.is_none() || input.trick != "number-1" {
        return Vec::new();
    }
    let of_kind = |kind: CredentialKind| entry.scheme.account.iter().filter(move |(_, k)| **k == kind).map(|(n, _)| n);
    let mut all = Vec::new();
    let empty: Vec<(&str, Credential)> =
        of_kind(CredentialKind::Secret).map(|name| (name.as_str(), Credential::Value(Bytes::default()))).collect();
    let mut keyless = input.clone();
    set(&mut keyless, &empty);
    all.extend(sent(entry, &keyless, "signed-with-an-empty-secret"));
    for name in of_kind(CredentialKind::Attribute) {
        let accounts = entry.topics.iter().flat_map(|topic| topic.file.accounts.values());
        let others: BTreeSet<Bytes> = accounts
            .filter_map(|account| match account.0.get(name) {
                Some(Credential::Value(value)) => Some(value.clone()),
                _ => None,
            })
            .collect();
        for other in others {
            if let Some(mut message) = sent(entry, input, "to-a-server-with-another-attribute") {
                set(&mut message, &[(name, Credential::Value(other))]);
                all.push(message);
            }
        }
    }
    all
}

/// Sets credentials of every account.
fn set(input: &mut Candidate, values: &[(&str, Credential)]) {
    for account in input.accounts.values_mut() {
        for (name, value) in values {
            account.0.insert((*name).to_owned(), value.clone());
        }
    }
}

/// The message that an input signs, as it reaches the server: from an address that is listed, where
/// addresses are.
fn sent(entry: &Entry, input: &Candidate, trick: &str) -> Option<Candidate> {
    let sign = input.given.sign.as_ref()?;
    let Reply::Signed(signed) = Reference::of(entry).answer(&input.case(entry)) else { return None };
    let listed = input.accounts.values().flat_map(|account| account.0.values()).find_map(|value| match value {
        Credential::Addresses(addresses) => addresses.iter().find_map(|address| address.parse().ok()),
        Credential::Value(_) => None,
    });
    let step = Step { now: sign.time.clone(), client_address: listed, request: signed.signed_request? };
    let (accounts, parameters) = (vec![sign.account.clone()], sign.parameters.clone());
    let mut input = input.clone();
    input.given.verify = Some(VerifyGiven { accounts, parameters, steps: vec![step] });
    input.given.sign = None;
    input.trick = trick.to_owned();
    Some(input)
}

fn change_signing(scheme: &Scheme, sign: &mut SignGiven, random: &mut fastrand::Rng) {
    let values = scheme.domain.query.values;
    let request = &mut sign.request;
    match random.usize(..8) {
        0 | 1 if request.path.is_some() => {
            let value = (!scheme.domain.query.valueless || random.bool()).then(|| Bytes::from(&*word(values, random)));
            let again = scheme.domain.query.repeated && random.usize(..3) == 0;
            let name = match request.query.last() {
                Some(pair) if again => pair.0.clone(),
                _ => Bytes::from(&*format!("{}{}", word(values, random), random.u8(b'a'..=b'z') as char)),
            };
            request.query.push(Pair(name, value));
        }
        2 if !request.query.is_empty() => {
            let at = random.usize(..request.query.len());
            let Pair(name, value) = &mut request.query[at];
            put_into(if random.bool() { &mut name.0 } else { &mut value.get_or_insert_default().0 }, values, random);
        }
        3 if request.query.len() > 1 => {
            let at = random.usize(..request.query.len() - 1);
            request.query.swap(at, at + 1);
        }
        4 => {
            if let Some(path) = &mut request.path {
                put_into(&mut path.0, scheme.domain.path, random);
                if path.0.first() != Some(&b'/') {
                    path.0.insert(0, b'/');
                }
            }
        }
        5 if sign.time.is_some() => {
            let seconds = random.u64(1_000_000_000..2_000_000_000);
            let fraction = ["", ".000", ".5", ".050", ".999", ".123456"][random.usize(..6)];
            let text = crate::primitive::time::Instant(i128::from(seconds) * 1_000_000_000).to_string();
            sign.time = Time::try_from(text.replacen('Z', &format!("{fraction}Z"), 1)).ok().or(sign.time.take());
        }
        6 if !sign.parameters.is_empty() => {
            let at = random.usize(..sign.parameters.len());
            if let Some((_, value)) = sign.parameters.get_index_mut(at) {
                put_into(&mut value.0, scheme.domain.secrets, random);
            }
        }
        _ => {
            let body = &mut request.body.0;
            let is = |start: &[u8]| {
                request
                    .headers
                    .iter()
                    .any(|(name, value)| name.0.eq_ignore_ascii_case(b"content-type") && value.0.starts_with(start))
            };
            // What has a form of its own stays in it: a signer is not given what is malformed.
            if is(b"application/x-www-form-urlencoded") {
                body.extend(if body.is_empty() { "" } else { "&" }.bytes());
                body.extend(random.choice(["x=1", "y=a+b", "z=%20", "x=", "B=2"]).unwrap_or("x=1").bytes());
            } else if !is(b"multipart/") {
                let at = random.usize(..body.len() + 1);
                body.splice(at..at, word(values, random).bytes().filter(|byte| !byte.is_ascii_control()));
            }
        }
    }
}

/// Another secret; of a message that is signed already, one with which it does not fit.
fn change_secret(scheme: &Scheme, input: &mut Candidate, random: &mut fastrand::Rng) {
    let is_secret = |name: &str| scheme.account.get(name) == Some(&CredentialKind::Secret);
    for account in input.accounts.values_mut() {
        for (_, value) in account.0.iter_mut().filter(|(name, _)| is_secret(name)) {
            if let Credential::Value(bytes) = value {
                put_into(&mut bytes.0, scheme.domain.secrets, random);
            }
        }
    }
}
