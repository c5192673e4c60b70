//! Comparison of what arrives with what it must be, and the wrong ways to compare that real code went.

use super::machine::{Args, equal};
use crate::primitive::digest::Algorithm;
use crate::primitive::{encoding, text};
use memchr::memmem;

/// Wrong ways to compare two values, for mutants alone.
pub const WAYS: &[&str] = &[
    "prefix",
    "extension",
    "first-eight",
    "contains",
    "any-base64",
    "caseless",
    "as-number",
    "empty-passes",
    "absent-is-empty",
    "any-account",
    "denies-known",
    "first-only",
    "last-only",
    "none-passes",
    "decoded-base64",
    "decoded-hex",
    "or-none",
    "or-hmac",
    "unless-none",
];

/// Values that a list of what is refused names, where one of what is permitted is due.
const KNOWN: &[&[u8]] = &[b"GET", b"POST", b"PUT", b"DELETE", b"sandbox", b"production", b"revoked", b"invalid"];

/// Returns whether what arrived is the right value, or is taken for it in the way that option `i` names.
pub fn fits(o: &Args, i: usize, arrived: &[u8], right: &[u8], caseless: bool) -> bool {
    if !o.has(i) {
        return equal(arrived, right, caseless);
    }
    let head = |bytes: &[u8], length: usize| -> usize { bytes.len().min(length) };
    match () {
        () if o.deviates(i, "prefix") => equal(arrived, &right[..head(right, arrived.len())], caseless),
        () if o.deviates(i, "extension") => equal(&arrived[..head(arrived, right.len())], right, caseless),
        () if o.deviates(i, "first-eight") => equal(&arrived[..head(arrived, 8)], &right[..head(right, 8)], caseless),
        () if o.deviates(i, "contains") => contains(arrived, right) || contains(right, arrived),
        () if o.deviates(i, "any-base64") => standard(arrived).eq(standard(right)),
        () if o.deviates(i, "as-number") => {
            let numbers = text::number(arrived).zip(text::number(right));
            equal(arrived, right, caseless) || numbers.is_some_and(|(arrived, right)| arrived == right)
        }
        () if o.deviates(i, "empty-passes") => arrived.is_empty() || equal(arrived, right, caseless),
        () if o.deviates(i, "decoded-base64") => equal(&from_base64(arrived), &from_base64(right), false),
        () if o.deviates(i, "decoded-hex") => equal(&from_hex(arrived), &from_hex(right), false),
        () if o.deviates(i, "or-none") => equal(arrived, right, caseless) || is_none(arrived),
        () if o.deviates(i, "or-hmac") => equal(arrived, right, caseless) || hmac_named(arrived).is_some(),
        () if o.deviates(i, "denies-known") => equal(arrived, right, caseless) || !KNOWN.contains(&arrived),
        () => equal(arrived, right, caseless || o.deviates(i, "caseless")),
    }
}

/// Returns whether a text that is not empty stands in another one.
fn contains(whole: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && memmem::find(whole, part).is_some()
}

/// Base64 of either alphabet in the standard one, without its padding.
fn standard(base64: &[u8]) -> impl Iterator<Item = u8> {
    let letter = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    base64.iter().map(letter).filter(|byte| *byte != b'=')
}

/// Bytes that Base64 stands for, whatever stands among it.
fn from_base64(text: &[u8]) -> Vec<u8> {
    let mut room = vec![0; text.len() + 4];
    let length = encoding::base64_decode_leniently(text, &mut room).unwrap_or_default();
    room.truncate(length);
    room
}

/// Bytes that the digits at the start of a text stand for.
fn from_hex(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encoding::hex_decode_leniently(text, &mut bytes);
    bytes
}

/// Returns whether the name of an algorithm says that nothing is signed.
pub fn is_none(named: &[u8]) -> bool {
    named.eq_ignore_ascii_case(b"none")
}

/// The hash function of an HMAC that is named, as in `HS256` and `hmac-sha256`.
pub fn hmac_named(name: &[u8]) -> Option<Algorithm> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    let digits = |name: &str| Algorithm::ALL.into_iter().find(|with| with.name().strip_prefix("sha") == Some(name));
    match name.strip_prefix("hmac-") {
        Some(with) => Algorithm::ALL.into_iter().find(|other| other.name() == with),
        None => name.strip_prefix("hs").and_then(digits),
    }
}
