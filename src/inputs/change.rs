//! Changes of what is to be signed: what signers get wrong.

use super::Input;
use super::choices::Choices;
use super::snippets::{put_into, word};
use crate::bytes::Bytes;
use crate::case::{SignTask, Time};
use crate::request::{Intent, Pair, Target};
use crate::scheme::{Credential, CredentialKind, Scheme};

/// What is put at the end of a form.
const FORM_FIELDS: [&str; 5] = ["x=1", "y=a+b", "z=%20", "x=", "B=2"];

/// Makes one change of a request that is to be signed.
pub(super) fn signing(scheme: &Scheme, sign: &mut SignTask<String>, choices: &mut Choices<'_, '_>) {
    let values = scheme.domain.query.values;
    let SignTask { request: Intent { target, headers, body, .. }, time, parameters, .. } = sign;
    match (choices.below(8), target) {
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
        _ => {
            let is = |start: &[u8]| {
                headers
                    .iter()
                    .any(|(name, value)| name.0.eq_ignore_ascii_case(b"content-type") && value.0.starts_with(start))
            };
            // What has a form of its own stays in it: a signer is not given what is malformed.
            if is(b"application/x-www-form-urlencoded") {
                let separator = if body.is_empty() { "" } else { "&" };
                body.extend(separator.bytes());
                body.extend(FORM_FIELDS[choices.below(FORM_FIELDS.len())].bytes());
            } else if !is(b"multipart/") {
                let at = choices.below(body.len() + 1);
                body.splice(at..at, word(values, choices).bytes().filter(|byte| !byte.is_ascii_control()));
            }
        }
    }
}

/// Another secret; of a message that is signed already, one with which it does not fit.
pub(super) fn secret(scheme: &Scheme, input: &mut Input, choices: &mut Choices<'_, '_>) {
    let is_secret = |name: &str| scheme.account.get(name) == Some(&CredentialKind::Secret);
    for account in input.accounts.values_mut() {
        for (_, value) in account.0.iter_mut().filter(|(name, _)| is_secret(name)) {
            if let Credential::Value(bytes) = value {
                put_into(&mut bytes.0, scheme.domain.secrets, choices);
            }
        }
    }
}
