//! Inputs: first every single trick that mutation knows, in random order, then tricks upon tricks.

use super::{change, wire};
use crate::bytes::Bytes;
use crate::corpus::{Entry, Step, VerifyGiven};
use crate::mutation::{self, Candidate};
use crate::scheme::{Credential, CredentialKind};
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
        let bases = bases(entry, |input| if input.given.sign.is_some() { does("sign") } else { does("verify") });
        let mut fresh = bases.clone();
        random.shuffle(&mut fresh);
        Inputs { entry, random, fresh, bases }
    }
}

/// The inputs with one trick each that are wanted, the plainest first.
pub(super) fn bases(entry: &Entry, wanted: impl Fn(&Candidate) -> bool) -> Vec<Candidate> {
    let mut reference = Reference::of(entry);
    let all = mutation::candidates(entry);
    let kept = all.iter().flat_map(|input| wrongly_kept(entry, input, &mut reference)).collect::<Vec<_>>();
    let mut bases: Vec<Candidate> = all.into_iter().chain(kept).filter(wanted).collect();
    let mut counted = 0;
    bases.retain(|input| {
        let is_counted = input.trick.starts_with("number-");
        counted += usize::from(is_counted);
        !is_counted || counted <= COUNTED
    });
    bases
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
                (Some(sign), _) => change::signing(&self.entry.scheme, sign, random),
                (None, Some(verify)) => {
                    let at = random.usize(..verify.steps.len().max(1));
                    if let Some(step) = verify.steps.get_mut(at) {
                        wire::change(step, random);
                    }
                }
                (None, None) => {}
            }
            if random.usize(..8) == 0 {
                change::secret(&self.entry.scheme, &mut input, random);
            }
        }
        input.trick = "several-tricks".into();
        Some(input)
    }
}

/// Messages whose circumstances are wrong: signed with empty secrets, to a server whose secrets are
/// empty; and to a server on which an attribute of the account is that of another. Of an input that
/// signs.
fn wrongly_kept(entry: &Entry, input: &Candidate, reference: &mut Reference<'_>) -> Vec<Candidate> {
    if input.given.sign.is_none() || input.trick != "number-1" {
        return Vec::new();
    }
    let of_kind = |kind: CredentialKind| entry.scheme.account.iter().filter(move |(_, k)| **k == kind).map(|(n, _)| n);
    let mut all = Vec::new();
    let empty: Vec<(&str, Credential)> =
        of_kind(CredentialKind::Secret).map(|name| (name.as_str(), Credential::Value(Bytes::default()))).collect();
    let mut keyless = input.clone();
    set(&mut keyless, &empty);
    all.extend(sent(entry, &keyless, "signed-with-an-empty-secret", reference));
    for name in of_kind(CredentialKind::Attribute) {
        let accounts = entry.topics.iter().flat_map(|topic| topic.file.accounts.values());
        let others: BTreeSet<Bytes> = accounts
            .filter_map(|account| match account.0.get(name) {
                Some(Credential::Value(value)) => Some(value.clone()),
                _ => None,
            })
            .collect();
        for other in others {
            if let Some(mut message) = sent(entry, input, "to-a-server-with-another-attribute", reference) {
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
pub(super) fn sent(entry: &Entry, input: &Candidate, trick: &str, reference: &mut Reference<'_>) -> Option<Candidate> {
    let sign = input.given.sign.as_ref()?;
    let Reply::Signed(signed) = reference.answer(&input.case(entry)) else { return None };
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
