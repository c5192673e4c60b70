//! Inputs by choices: bytes of a fuzzer or of a random source say which input is taken and how it is changed.

use super::choices::Read;
use super::{Input, change, circumstances, tricks, wire};
use crate::bytes::Bytes;
use crate::case::Task;
use crate::corpus::Entry;
use crate::scheme::{Credential, CredentialKind};
use crate::trial::Reference;
use std::collections::BTreeSet;

/// Number of inputs that differ in a number alone.
const COUNTED: usize = 40;
/// Bytes of a random input: the choices of the most changes that there are, and some content.
const DRAWN: usize = 3 + 9 * 16 + 48;

/// Operations of the protocol that inputs are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ability {
    Both,
    Sign,
    Verify,
}

impl Ability {
    /// Returns the ability of a subject that offers these operations; both where it offers neither.
    pub(crate) fn of(offered: &[String]) -> Ability {
        let is_offered = |op: &str| offered.iter().any(|offered| offered == op);
        match (is_offered("sign"), is_offered("verify")) {
            (true, false) => Ability::Sign,
            (false, true) => Ability::Verify,
            _ => Ability::Both,
        }
    }
}

/// Inputs of a scheme: those with one trick, and what they become by changes.
///
/// Bytes mean: two for the input that is changed, one for how it is changed, sixteen for each change, and the
/// rest is content that the changes put in. Fewer bytes mean zeros, so all bytes mean something.
#[derive(Debug)]
pub(crate) struct Inputs<'e> {
    entry: &'e Entry,
    does: Ability,
    /// Those with one trick.
    pub(crate) bases: Vec<Input>,
}

/// Ways in which an input is changed, from one byte.
struct Shape {
    /// Number of changes of what is to be signed.
    signing: usize,
    /// Number of changes of the message on the wire.
    wire: usize,
    /// Tells whether a secret is changed.
    secret: bool,
    /// Tells whether the reference signs what is to be signed, and the subject verifies it.
    sent: bool,
    /// Tells whether the message arrives once more.
    again: bool,
    /// Tells whether accounts, clock, sender's address or configuration are changed, twice.
    elsewhere: bool,
}

impl Shape {
    const SECRET: u8 = 5;
    const AGAIN: u8 = 6;
    const ELSEWHERE: u8 = 7;

    fn of(byte: u8) -> Shape {
        let bit = |n: u8| byte >> n & 1 == 1;
        let count = |n: u8| usize::from(byte >> n & 3);
        let (sent, secret) = (bit(4), bit(Self::SECRET));
        let (again, elsewhere) = (bit(Self::AGAIN), bit(Self::ELSEWHERE));
        Shape { signing: count(0), wire: count(2), sent, secret, again, elsewhere }
    }

    fn changes(&self) -> usize {
        self.signing + self.wire + usize::from(self.secret) + 2 * usize::from(self.elsewhere)
    }
}

impl<'e> Inputs<'e> {
    /// Inputs for a subject that does this.
    pub(crate) fn new(entry: &'e Entry, does: Ability) -> Inputs<'e> {
        let mut reference = Reference::new(entry.schemes());
        let all = tricks(entry);
        let kept = all.iter().flat_map(|input| wrongly_kept(entry, input, &mut reference)).collect::<Vec<_>>();
        let mut counted = 0;
        let mut bases: Vec<Input> = all.into_iter().chain(kept).collect();
        bases.retain(|input| {
            let is_counted = input.trick.starts_with("number-");
            counted += usize::from(is_counted);
            !is_counted || counted <= COUNTED
        });
        let mut inputs = Inputs { entry, does: Ability::Both, bases };
        inputs.limit(does);
        inputs
    }

    /// Leaves out what a subject that does this is not asked.
    pub(crate) fn limit(&mut self, does: Ability) {
        self.does = does;
        // What is to be signed is signed by the reference, and becomes something to verify.
        if does == Ability::Sign {
            self.bases.retain(|input| input.given.task.to_sign().is_some());
        }
    }

    /// The input that bytes mean; `None` where the reference cannot sign what was to be sent.
    pub(crate) fn of_bytes(&self, data: &[u8], reference: &mut Reference<'_>) -> Option<Input> {
        let mut read = Read::new(data, 3);
        let at = usize::from(u16::from_le_bytes([read.byte(), read.byte()]));
        let mut input = self.bases.get(at % self.bases.len().max(1))?.clone();
        let shape = Shape::of(read.byte());
        read.expect(shape.changes());
        let scheme = &self.entry.scheme;
        if let Task::Sign(sign) = &mut input.given.task {
            let operation = &scheme.operations[&input.given.operation];
            (0..shape.signing).for_each(|_| change::signing(scheme, operation, sign, &mut read.change()));
        }
        if shape.secret {
            change::secret(scheme, &mut input, &mut read.change());
        }
        let is_sent = self.does == Ability::Verify || self.does == Ability::Both && shape.sent;
        if is_sent && input.given.task.to_sign().is_some() {
            input = input.sent(self.entry, "signed-and-sent", input.listed(), reference)?;
        }
        if let Task::Verify(verify) = &mut input.given.task {
            if let Some(message) = verify.messages.last_mut() {
                (0..shape.wire).for_each(|_| wire::change(message, &self.bases, &mut read.change()));
            }
            verify.messages.extend(shape.again.then(|| verify.messages.last().cloned()).flatten());
        }
        if shape.elsewhere {
            (0..2).for_each(|_| circumstances::change(self.entry, &mut input, &mut read.change()));
        }
        // More than one thing may be wrong with it now, so no recipe tells it.
        input.fault = None;
        Some(input)
    }

    /// First every input with one trick in random order, then changed ones without end: the same for the same seed.
    pub(crate) fn stream(&self, seed: u64) -> impl Iterator<Item = Input> + use<'_, 'e> {
        let mut random = fastrand::Rng::with_seed(seed);
        let is_put = |input: &&Input| self.does != Ability::Verify || input.given.task.to_verify().is_some();
        let mut single: Vec<Input> = self.bases.iter().filter(is_put).cloned().collect();
        random.shuffle(&mut single);
        let mut reference = Reference::new(self.entry.schemes());
        let changed = move || {
            let mut data: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(DRAWN).collect();
            // With another secret almost everything is refused, and so is most of what arrives once more or elsewhere.
            for bit in [Shape::SECRET, Shape::AGAIN, Shape::ELSEWHERE] {
                if random.u8(..4) > 0 {
                    data[2] &= !(1 << bit);
                }
            }
            data.truncate(if random.bool() { DRAWN } else { data.len() - 48 });
            Some(self.of_bytes(&data, &mut reference))
        };
        single.into_iter().chain(std::iter::from_fn(changed).flatten())
    }
}

/// Messages whose circumstances are wrong: signed with empty secrets, to a server whose secrets are
/// empty; and to a server on which an attribute of the account is that of another. Of an input that
/// signs.
fn wrongly_kept(entry: &Entry, input: &Input, reference: &mut Reference<'_>) -> Vec<Input> {
    if input.given.task.to_sign().is_none() || input.trick != "number-1" {
        return Vec::new();
    }
    let of_kind = |kind: CredentialKind| entry.scheme.account.iter().filter(move |(_, k)| **k == kind).map(|(n, _)| n);
    let mut all = Vec::new();
    let empty: Vec<(&str, Credential)> =
        of_kind(CredentialKind::Secret).map(|name| (name.as_str(), Credential::Value(Bytes::default()))).collect();
    let mut keyless = input.clone();
    set(&mut keyless, &empty);
    all.extend(keyless.sent(entry, "signed-with-an-empty-secret", input.listed(), reference));
    for name in of_kind(CredentialKind::Attribute) {
        let accounts = entry.topics.iter().flat_map(|topic| topic.file.accounts.values());
        let others: BTreeSet<Bytes> = accounts
            .filter_map(|account| match account.0.get(name) {
                Some(Credential::Value(value)) => Some(value.clone()),
                _ => None,
            })
            .collect();
        for other in others {
            let sent = input.sent(entry, "to-a-server-with-another-attribute", input.listed(), reference);
            if let Some(mut message) = sent {
                set(&mut message, &[(name, Credential::Value(other))]);
                all.push(message);
            }
        }
    }
    all
}

/// Sets credentials of every account.
fn set(input: &mut Input, values: &[(&str, Credential)]) {
    for account in input.accounts.values_mut() {
        for (name, value) in values {
            account.0.insert((*name).to_owned(), value.clone());
        }
    }
}
