//! Changes of what is to be signed: what signers get wrong.

use super::choices::Choices;
use super::snippets::{put_into, word};
use super::{Input, body};
use crate::bytes::Bytes;
use crate::case::{SignTask, Time};
use crate::primitive::key_pair::{self, PairKind};
use crate::request::{Intent, Pair, Target};
use crate::scheme::{Characters, Credential, CredentialKind, Destination, Operation, Scheme};

/// Makes one change of a request that is to be signed by an operation of a scheme.
pub(super) fn signing(
    scheme: &Scheme,
    operation: &Operation,
    sign: &mut SignTask<String>,
    choices: &mut Choices<'_, '_>,
) {
    let values = scheme.domain.query.values;
    let wire = sign.request.to_wire();
    let SignTask { request: Intent { method, target, headers, body, .. }, time, parameters, .. } = sign;
    match (choices.below(12), target) {
        (0 | 1, Target::Meant { query, .. }) => {
            let value =
                (!scheme.domain.query.valueless || choices.flip()).then(|| Bytes::from(&*word(values, choices)));
            let again = scheme.domain.query.repeated && choices.below(3) == 0;
            let name = match query.last() {
                Some(pair) if again => pair.0.clone(),
                _ => Bytes::from(&*format!("{}{}", word(values, choices), choices.letter())),
            };
            query.push(Pair(name, value));
        }
        (2, Target::Meant { query, .. }) if !query.is_empty() => {
            let at = choices.below(query.len());
            let Pair(name, value) = &mut query[at];
            put_into(if choices.flip() { &mut name.0 } else { &mut value.get_or_insert_default().0 }, values, choices);
        }
        (3, Target::Meant { query, .. }) if query.len() > 1 => {
            let at = choices.below(query.len() - 1);
            query.swap(at, at + 1);
        }
        (4, Target::Meant { path, .. }) => {
            put_into(path, scheme.domain.path, choices);
            if path.first() != Some(&b'/') {
                path.insert(0, b'/');
            }
        }
        (4, Target::Exact(_)) => {}
        (5, _) if time.is_some() => {
            let seconds = choices.seconds();
            let fraction = ["", ".000", ".5", ".050", ".999", ".123456"][choices.below(6)];
            let text = crate::primitive::time::Instant(i128::from(seconds) * 1_000_000_000).to_string();
            *time = Time::try_from(text.replacen('Z', &format!("{fraction}Z"), 1)).ok().or(time.take());
        }
        (6, _) if !parameters.is_empty() => {
            let at = choices.below(parameters.len());
            if let Some((_, value)) = parameters.get_index_mut(at) {
                put_into(&mut value.0, scheme.domain.secrets, choices);
            }
        }
        // A field of the caller's own, or one in whose place the scheme puts its own.
        (7, target) => {
            let (value, own) = (Bytes::from(word(Characters::Ascii, choices)), choices.flip());
            let placed: Vec<(Destination, &str)> = operation.placed().map(|(into, name, _)| (into, name)).collect();
            match (placed.get(choices.below(placed.len())), target) {
                (Some((Destination::Header, name)), _) if !own => {
                    headers.push((Bytes::from(name.to_ascii_lowercase()), value));
                }
                (Some((Destination::Query, name)), Target::Meant { query, .. }) if !own => {
                    query.push(Pair(Bytes::from(*name), Some(value)));
                }
                _ => headers.push((Bytes::from(format!("x-{}", choices.letter())), value)),
            }
        }
        (8, target) => {
            // A target that is exact, whatever it then holds.
            let mut exact = wire.target;
            let place = (choices.below(exact.len()) + 1).min(exact.len());
            exact.splice(place..place, word(Characters::Text, choices).bytes().filter(u8::is_ascii_graphic));
            *target = Target::Exact(exact);
        }
        (9, _) if !scheme.domain.methods.is_empty() => {
            *method = Bytes::from(&*scheme.domain.methods[choices.below(scheme.domain.methods.len())]);
        }
        _ => {
            let content_type = wire.header(b"content-type").next().unwrap_or_default();
            // What has a form of its own stays in it: a signer is not given what is malformed.
            body::add(body, content_type, values, choices);
        }
    }
}

/// Another secret; of a message that is signed already, one with which it does not fit.
pub(super) fn secret(scheme: &Scheme, input: &mut Input, choices: &mut Choices<'_, '_>) {
    for (name, kind) in &scheme.account {
        if let CredentialKind::Pair(kind) = kind {
            other_pair(name, *kind, input, choices);
        }
    }
    let is_secret = |name: &str| scheme.account.get(name) == Some(&CredentialKind::Secret);
    for account in input.accounts.values_mut() {
        for (_, value) in account.0.iter_mut().filter(|(name, _)| is_secret(name)) {
            if let Credential::Value(bytes) = value {
                put_into(&mut bytes.0, scheme.domain.secrets, choices);
            }
        }
    }
}

/// Another pair, of a kind of which one is made soon.
fn other_pair(name: &str, kind: PairKind, input: &mut Input, choices: &mut Choices<'_, '_>) {
    let seed = [choices.below(256) as u8];
    let Some(halves) = Some(kind).filter(|kind| *kind != PairKind::Rsa).and_then(|kind| key_pair::fresh(kind, &seed))
    else {
        return;
    };
    for account in input.accounts.values_mut() {
        for (half, pem) in ["private", "public"].iter().zip(&halves) {
            if let Some(value) = account.0.get_mut(&format!("{name}.{half}")) {
                *value = Credential::Value(pem.as_str().into());
            }
        }
    }
}
