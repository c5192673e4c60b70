//! Carrying credentials and stages over from one key to another, in whatever form a message has them.

use crate::bytes::Bytes;
use crate::primitive::encoding::{Alphabet, Base64};
use crate::primitive::percent::{self, KeepSet, Plus};
use crate::request::Request;
use crate::scheme::{Credential, CredentialKind, Scheme};
use indexmap::IndexMap;

/// A permutation of letters and digits: digits among digits, letters of hexadecimal digits among
/// those, other letters among those, capitals as their small letters.
#[derive(Debug)]
pub(super) struct Permutation([u8; 256]);

impl Permutation {
    pub(super) fn new(seed: u64) -> Permutation {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut table: [u8; 256] = std::array::from_fn(|byte| byte as u8);
        for group in [&b"0123456789"[..], b"abcdef", b"ghijklmnopqrstuvwxyz"] {
            let mut shuffled = group.to_vec();
            // Where every character stays, nothing is fresh.
            while shuffled == group {
                random.shuffle(&mut shuffled);
            }
            for (&from, &to) in group.iter().zip(&shuffled) {
                table[usize::from(from)] = to;
                table[usize::from(from.to_ascii_uppercase())] = to.to_ascii_uppercase();
            }
        }
        Permutation(table)
    }

    /// Replaces letters and digits.
    pub(super) fn apply(&self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.0[usize::from(*byte)]);
    }

    fn applied(&self, bytes: &[u8]) -> Vec<u8> {
        bytes.iter().map(|&byte| self.0[usize::from(byte)]).collect()
    }
}

/// Replaces stages in a request that carries them by others of the same names.
pub(crate) fn with_other_stages(
    request: &mut Request,
    before: IndexMap<String, Bytes>,
    after: &IndexMap<String, Bytes>,
) {
    let listed = |(name, value): (String, Bytes)| (name, value.0);
    let after: Vec<_> = after.clone().into_iter().map(listed).collect();
    let same = Permutation(std::array::from_fn(|byte| byte as u8));
    let mut carry = Carry { permutation: &same, credentials: Vec::new(), short: Vec::new(), stages: Vec::new() };
    carry.stages(before.into_iter().map(listed).collect(), &after);
    carry.request(request);
}

/// Kinds of what an account has, by name.
pub(super) type Kinds = IndexMap<String, CredentialKind>;

/// Returns whether a value of an account is a credential; attributes and addresses are none.
pub(super) fn is_credential(kinds: &Kinds, name: &str) -> bool {
    matches!(kinds.get(name), Some(CredentialKind::Public | CredentialKind::Secret))
}

/// A way of writing a value.
type Form = fn(&[u8]) -> Vec<u8>;

/// Shorter values are not looked for in a message: they would be found by chance.
const SHORTEST: usize = 4;

/// Texts and what replaces them.
pub(super) struct Carry<'p> {
    permutation: &'p Permutation,
    /// Credentials, the longest first.
    credentials: Vec<Vec<u8>>,
    /// Those that are too short to be looked for within a value.
    short: Vec<Vec<u8>>,
    /// Stages before and after.
    stages: Vec<(Vec<u8>, Vec<u8>)>,
}

impl<'p> Carry<'p> {
    /// Credentials of accounts.
    pub(super) fn of_credentials<'a>(
        scheme: &Scheme,
        accounts: impl IntoIterator<Item = &'a IndexMap<String, Credential>>,
        permutation: &'p Permutation,
    ) -> Carry<'p> {
        let mut credentials: Vec<Vec<u8>> = Vec::new();
        for (name, value) in accounts.into_iter().flatten() {
            if let (true, Credential::Value(value)) = (is_credential(&scheme.account, name), value) {
                credentials.push(value.0.clone());
            }
        }
        credentials.sort_by_key(|credential| std::cmp::Reverse(credential.len()));
        let short = credentials.split_off(credentials.partition_point(|credential| credential.len() >= SHORTEST));
        Carry { permutation, credentials, short, stages: Vec::new() }
    }

    /// Stages by name, before and after.
    pub(super) fn stages(&mut self, before: Vec<(String, Vec<u8>)>, after: &[(String, Vec<u8>)]) {
        for (name, old) in before.into_iter().filter(|(_, old)| old.len() >= SHORTEST) {
            let new = after.iter().find(|(other, _)| *other == name).map(|(_, new)| new.clone());
            if let Some(new) = new.filter(|new| *new != old) {
                self.stages.push((old, new));
            }
        }
        self.stages.sort_by_key(|(old, _)| std::cmp::Reverse(old.len()));
    }

    /// Every part of a request.
    pub(super) fn request(&self, request: &mut Request) {
        request.headers.iter_mut().for_each(|(_, value)| self.value(value));
        let query = request.target.0.iter().position(|&b| b == b'?').map_or(request.target.0.len(), |q| q + 1);
        let raw = request.target.0.split_off(query);
        request.target.0.extend(self.pieces(&raw));
        let is_form = request.has_media_type("application/x-www-form-urlencoded");
        request.body = Bytes(if is_form { self.pieces(&request.body.0) } else { self.within(&request.body.0) });
    }

    /// A query or form; what is not changed stays as it is written.
    fn pieces(&self, raw: &[u8]) -> Vec<u8> {
        let piece = |piece: &[u8]| {
            let Some(at) = piece.iter().position(|&b| b == b'=') else { return piece.to_vec() };
            let (name, raw) = (&piece[..=at], &piece[at + 1..]);
            let mut value = Vec::new();
            if percent::decode(raw, Plus::Space, &mut value).is_err() {
                return [name, &self.carried(raw)].concat();
            }
            let carried = self.carried(&value);
            if carried == value {
                return piece.to_vec();
            }
            let mut out = name.to_vec();
            percent::encode(&carried, &KeepSet::UNRESERVED, &mut out);
            out
        };
        raw.split(|&b| b == b'&').map(piece).collect::<Vec<_>>().join(&b'&')
    }

    /// One value.
    pub(super) fn value(&self, value: &mut Bytes) {
        value.0 = self.carried(&value.0);
    }

    fn carried(&self, value: &[u8]) -> Vec<u8> {
        if self.short.iter().any(|short| !short.is_empty() && short == value) {
            return self.permutation.applied(value);
        }
        let exact = self.within(value);
        if exact != value {
            return exact;
        }
        // The last word is what differs most: a token behind its scheme, a signature behind a key.
        let start = value.iter().rposition(|b| b" :=,".contains(b)).map_or(0, |at| at + 1);
        for from in [0, start] {
            let word = &value[from..];
            if let Some(carried) = self.similar(word).or_else(|| self.decoded(word)) {
                return [&value[..from], &carried].concat();
            }
        }
        value.to_vec()
    }

    /// Stages and credentials wherever they stand within a value, in capitals and small letters too.
    fn within(&self, value: &[u8]) -> Vec<u8> {
        let credentials = self.credentials.iter().map(|old| (old.clone(), self.permutation.applied(old)));
        let pairs: Vec<(Vec<u8>, Vec<u8>)> = self.stages.iter().cloned().chain(credentials).collect();
        let forms: [Form; 3] = [<[u8]>::to_vec, <[u8]>::to_ascii_uppercase, <[u8]>::to_ascii_lowercase];
        let mut out = Vec::with_capacity(value.len());
        let mut rest = value;
        'next: while let Some(&first) = rest.first() {
            for form in forms {
                for (old, new) in &pairs {
                    if let Some(after) = rest.strip_prefix(form(old).as_slice()) {
                        out.extend(form(new));
                        rest = after;
                        continue 'next;
                    }
                }
            }
            out.push(first);
            rest = &rest[1..];
        }
        out
    }

    /// A stage or credential of which something was cut off, added or exchanged in one place.
    fn similar(&self, value: &[u8]) -> Option<Vec<u8>> {
        let credentials = self.credentials.iter().map(|old| (old.clone(), self.permutation.applied(old)));
        let near = self.stages.iter().cloned().chain(credentials).find_map(|(old, new)| {
            let shorter = old.len().min(value.len());
            let head = old.iter().zip(value).take_while(|(a, b)| a == b).count();
            let tail =
                old.iter().rev().zip(value.iter().rev()).take(shorter - head).take_while(|(a, b)| a == b).count();
            // Of a short piece of a value more must be left than of one that is whole.
            let is_near = head + tail >= SHORTEST && (head + tail) * 2 >= shorter && (head + tail) * 8 >= old.len();
            (is_near && old.len() == new.len()).then_some((old, new, head, tail))
        });
        let (_, new, head, tail) = near?;
        let middle = &value[head..value.len() - tail];
        let end = new.len() - tail;
        let mut carried = [&new[..head], middle, &new[end..]].concat();
        if carried == new {
            // What was exchanged must not by chance be right.
            let at = head.min(carried.len() - 1);
            carried[at] = if carried[at] == b'A' { b'B' } else { b'A' };
        }
        Some(carried)
    }

    /// Base64 of something that holds a credential.
    fn decoded(&self, value: &[u8]) -> Option<Vec<u8>> {
        let padding = value.len().is_multiple_of(4);
        let base64 = Base64 { alphabet: Alphabet::Standard, padding };
        let mut inner = Vec::new();
        base64.decode(value, &mut inner).ok()?;
        let carried = self.within(&inner);
        if carried == inner {
            return None;
        }
        let mut out = Vec::new();
        base64.encode(&carried, &mut out);
        Some(out)
    }
}
