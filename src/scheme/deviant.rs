//! Evaluation of the wrong ways that only mutants go.

use super::deviation::Deviation;
use crate::primitive::encoding::{Alphabet, Base64, Undecodable};
use crate::primitive::percent::{self, KeepSet};
use std::cmp::Ordering;
use unicode_normalization::UnicodeNormalization;

/// Base64 as lenient decoders read it: any alphabet, any padding, white space and junk skipped.
pub(super) fn any_base64(text: &[u8], out: &mut Vec<u8>) -> Result<(), Undecodable> {
    let standard = |b: &u8| match b {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        b if b.is_ascii_alphanumeric() || b"+/".contains(b) => Some(*b),
        _ => None,
    };
    let mut clean: Vec<u8> = text.iter().filter_map(standard).collect();
    // One character left over stands for no byte, and stray bits are dropped by decoding zeros.
    if clean.len() % 4 == 1 {
        clean.pop();
    }
    let whole = clean.len() * 6 / 8;
    while !clean.len().is_multiple_of(4) {
        clean.push(b'A');
    }
    let start = out.len();
    Base64 { alphabet: Alphabet::Standard, padding: true }.decode(&clean, out)?;
    out.truncate(start + whole);
    Ok(())
}

/// Percent-encoding that keeps escapes, or writes one `%` for a character.
pub(super) fn percent_encode(bytes: &[u8], keep: &KeepSet, how: Deviation, out: &mut Vec<u8>) {
    let is_escape =
        |i: usize| bytes[i] == b'%' && bytes.get(i + 1..i + 3).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit));
    for (i, &byte) in bytes.iter().enumerate() {
        let start = out.len();
        match how {
            Deviation::KeepsEscapes if is_escape(i) => out.push(b'%'),
            _ => percent::encode(&[byte], keep, out),
        }
        let continues = (0x80..0xc0).contains(&byte) && i > 0 && bytes[i - 1] >= 0x80;
        if how == Deviation::OnePercent && continues {
            out.remove(start);
        }
    }
}

/// UTF-8 written as Latin-1; what is not UTF-8 stays.
pub(super) fn latin1(bytes: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => out.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))),
        Err(_) => out.extend_from_slice(bytes),
    }
}

/// UTF-8 composed; what is not UTF-8 stays.
pub(super) fn nfc(bytes: &[u8], out: &mut Vec<u8>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => out.extend(text.nfc().collect::<String>().into_bytes()),
        Err(_) => out.extend_from_slice(bytes),
    }
}

/// Pairs of digits, each without a leading zero.
pub(super) fn drop_digit_zeros(bytes: &[u8], out: &mut Vec<u8>) {
    for pair in bytes.chunks(2) {
        out.extend_from_slice(if pair.len() == 2 && pair[0] == b'0' { &pair[1..] } else { pair });
    }
}

/// One text in the place of another, wherever it stands; an empty text stands nowhere.
pub(super) fn replace(mut bytes: &[u8], text: &[u8], by: &[u8], out: &mut Vec<u8>) {
    while let Some(&first) = bytes.first() {
        match bytes.strip_prefix(text).filter(|_| !text.is_empty()) {
            Some(rest) => {
                out.extend_from_slice(by);
                bytes = rest;
            }
            None => {
                out.push(first);
                bytes = &bytes[1..];
            }
        }
    }
}

/// By UTF-16 code units where both are UTF-8.
pub(super) fn compare_utf16(a: &[u8], b: &[u8]) -> Ordering {
    match (std::str::from_utf8(a), std::str::from_utf8(b)) {
        (Ok(a), Ok(b)) => a.encode_utf16().cmp(b.encode_utf16()),
        _ => a.cmp(b),
    }
}

/// Runs of digits by their number, everything else by bytes.
pub(super) fn compare_natural(a: &[u8], b: &[u8]) -> Ordering {
    let digits = |s: &[u8]| s.iter().take_while(|b| b.is_ascii_digit()).count();
    let (mut x, mut y) = (a, b);
    loop {
        let (m, n) = (digits(x), digits(y));
        let order = if m > 0 && n > 0 {
            let number = |s: &[u8]| s.iter().copied().skip_while(|&b| b == b'0').collect::<Vec<u8>>();
            let (p, q) = (number(&x[..m]), number(&y[..n]));
            (x, y) = (&x[m..], &y[n..]);
            p.len().cmp(&q.len()).then(p.cmp(&q))
        } else {
            let order = x.first().cmp(&y.first());
            (x, y) = (x.get(1..).unwrap_or_default(), y.get(1..).unwrap_or_default());
            order
        };
        if order != Ordering::Equal || (x.is_empty() && y.is_empty()) {
            return order.then(a.cmp(b));
        }
    }
}
