//! Changes of a message on the wire: what a verifier must not confuse, and what it must not overlook.

use super::choices::Choices;
use crate::case::Message;
use crate::request::Request;

/// Makes one change.
pub(super) fn change(step: &mut Message, choices: &mut Choices<'_, '_>) {
    let request = &mut step.request;
    let header = (!request.headers.is_empty()).then(|| choices.below(request.headers.len()));
    match (choices.below(14), header) {
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
        // How a broken multipart body is read, no document of an API says.
        _ if is_multipart(request) => {}
        _ => exchange(&mut request.body.0, choices),
    }
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
