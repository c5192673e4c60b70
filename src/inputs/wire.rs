//! Changes of a message on the wire: what a verifier must not confuse, and what it must not overlook.

use super::choices::Choices;
use super::snippets::word;
use super::{Input, body};
use crate::bytes::Bytes;
use crate::case::Message;
use crate::request::Request;
use crate::scheme::Characters;

/// Makes one change; some put in what another input has.
pub(super) fn change(message: &mut Message, others: &[Input], choices: &mut Choices<'_, '_>) {
    let request = &mut message.request;
    let header = (!request.headers.is_empty()).then(|| choices.below(request.headers.len()));
    match (choices.below(20), header) {
        (0, Some(at)) => request.headers[at].0.0.make_ascii_uppercase(),
        (1, Some(at)) => request.headers.push(request.headers[at].clone()),
        (2, Some(at)) => {
            let mut second = request.headers[at].clone();
            exchange(&mut second.1.0, choices);
            let place = if choices.flip() { at } else { at + 1 };
            request.headers.insert(place, second);
        }
        // How a folded Content-Type is read, no document of an API says.
        (3, Some(at)) if !request.headers[at].0.0.eq_ignore_ascii_case(b"content-type") => {
            let value = &mut request.headers[at].1.0;
            let place = choices.below(value.len() + 1);
            value.splice(place..place, *b"\r\n ");
        }
        (4, Some(at)) => exchange(&mut request.headers[at].1.0, choices),
        (5, Some(at)) => {
            request.headers.remove(at);
        }
        (6, _) => absolute(request),
        (7, _) => escape(&mut request.target.0, choices),
        (8, _) => swap(&mut request.target.0, choices),
        (9, _) => request.target.0.push(if request.target.0.contains(&b'?') { b'&' } else { b'?' }),
        (10, _) => exchange(&mut request.target.0, choices),
        (11, _) => exchange(&mut request.method.0, choices),
        (12, _) => request.method.0.make_ascii_lowercase(),
        (13, _) => request.scheme = Bytes::from("http"),
        (14 | 15, _) => take(request, others, choices),
        // How a header field of a multipart body is read that cannot be, no document of an API says.
        (16, Some(at)) if !is_multipart(request) => insert(&mut request.headers[at].1, choices),
        (16 | 17, _) => insert(&mut request.target, choices),
        // How a broken multipart body is read, no document of an API says.
        _ if is_multipart(request) => {}
        (18, _) => {
            let content_type = request.header(b"content-type").next().unwrap_or_default().to_vec();
            body::add(&mut request.body, &content_type, Characters::Text, choices);
        }
        _ => exchange(&mut request.body.0, choices),
    }
}

/// Takes a part of the message of another input: a header field, its name, the target or the body.
fn take(request: &mut Request, others: &[Input], choices: &mut Choices<'_, '_>) {
    let other = others.get(choices.below(others.len())).and_then(|other| other.given.task.to_verify());
    let Some(Message { request: other, .. }) = other.and_then(|verify| verify.messages.last()) else { return };
    let field = other.headers.get(choices.below(other.headers.len()));
    let at = choices.below(request.headers.len() + 1);
    match (choices.below(6), field) {
        (0, _) => request.target = other.target.clone(),
        (1, _) if !is_multipart(request) && !is_multipart(other) => request.body = other.body.clone(),
        (2, Some((name, _))) if at < request.headers.len() => request.headers[at].0 = name.clone(),
        (3, Some((name, _))) => request.headers.insert(at, (name.clone(), word(Characters::Text, choices).into())),
        (_, Some(field)) => request.headers.insert(at, field.clone()),
        (_, None) => {}
    }
}

/// Some text more; no control characters, which no HTTP implementation passes on.
fn insert(bytes: &mut Vec<u8>, choices: &mut Choices<'_, '_>) {
    let at = choices.below(bytes.len() + 1);
    bytes.splice(at..at, word(Characters::Text, choices).bytes().filter(|byte| !byte.is_ascii_control()));
}

fn is_multipart(request: &Request) -> bool {
    request.headers.iter().any(|(_, value)| value.0.starts_with(b"multipart/"))
}

/// One byte more, less, or another one.
fn exchange(bytes: &mut Vec<u8>, choices: &mut Choices<'_, '_>) {
    let at = choices.below(bytes.len().max(1));
    match (choices.below(3), bytes.get_mut(at)) {
        (0, Some(_)) => {
            bytes.remove(at);
        }
        (1, Some(byte)) => {
            let other = if byte.is_ascii_alphabetic() && choices.flip() { *byte ^ 0x20 } else { choices.byte() };
            *byte = other;
        }
        _ => bytes.insert(at.min(bytes.len()), choices.byte()),
    }
}

/// The target in absolute form, RFC 9112 section 3.2.2.
fn absolute(request: &mut Request) {
    request.target = request.url().into();
}

/// An unreserved character as an escape, or the digits of an escape in small letters.
fn escape(target: &mut Vec<u8>, choices: &mut Choices<'_, '_>) {
    let digits: Vec<usize> = (0..target.len()).filter(|&at| target[at] == b'%').collect();
    if !digits.is_empty() && choices.flip() {
        let at = digits[choices.below(digits.len())];
        target.iter_mut().skip(at + 1).take(2).for_each(|byte| byte.make_ascii_lowercase());
        return;
    }
    let plain: Vec<usize> = (0..target.len()).filter(|&at| target[at].is_ascii_alphanumeric()).collect();
    if !plain.is_empty() {
        let at = plain[choices.below(plain.len())];
        let escape = format!("%{:02X}", target[at]);
        target.splice(at..=at, escape.bytes());
    }
}

/// `+` and `%20` for one another.
fn swap(target: &mut Vec<u8>, choices: &mut Choices<'_, '_>) {
    let spaces: Vec<usize> =
        (0..target.len()).filter(|&at| target[at] == b'+' || target[at..].starts_with(b"%20")).collect();
    if spaces.is_empty() {
        return;
    }
    let at = spaces[choices.below(spaces.len())];
    if target[at] == b'+' {
        target.splice(at..=at, *b"%20");
    } else {
        target.splice(at..at + 3, *b"+");
    }
}
