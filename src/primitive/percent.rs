//! Percent-encoding (RFC 3986 section 2.1) and the splitting of queries and forms.
//!
//! Own code and not a crate's: which bytes stay, the case of the digits and the form of a space are
//! data of a scheme, and decoding is strict (a broken escape is an error, never kept as it is).

use super::Sink;
use thiserror::Error;

/// The bytes that stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepSet([bool; 256]);

impl KeepSet {
    /// `ALPHA / DIGIT / "-" / "." / "_" / "~"`, RFC 3986 section 2.3.
    pub const UNRESERVED: KeepSet =
        KeepSet([false; 256]).with(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");
    /// What may stand in a path: unreserved, sub-delims, `:`, `@` and `/`, RFC 3986 section 3.3.
    pub const PATH: KeepSet = KeepSet::UNRESERVED.with(b"!$&'()*+,;=:@/");
    /// Nothing stays.
    pub const NONE: KeepSet = KeepSet([false; 256]);

    /// The set with these bytes added.
    pub const fn with(mut self, bytes: &[u8]) -> KeepSet {
        let mut i = 0;
        while i < bytes.len() {
            self.0[bytes[i] as usize] = true;
            i += 1;
        }
        self
    }

    /// The union of two sets.
    pub fn union(mut self, other: &KeepSet) -> KeepSet {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine |= theirs;
        }
        self
    }

    /// Whether this byte stays.
    pub fn keeps(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// Case of hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HexCase {
    /// `0-9a-f`.
    Lower,
    /// `0-9A-F`.
    #[default]
    Upper,
}

impl HexCase {
    /// The sixteen digits.
    pub fn digits(self) -> &'static [u8; 16] {
        match self {
            HexCase::Lower => b"0123456789abcdef",
            HexCase::Upper => b"0123456789ABCDEF",
        }
    }
}

/// Appends `bytes` encoded with upper-case digits.
pub fn encode(bytes: &[u8], keep: &KeepSet, out: &mut impl Sink) {
    encode_with(bytes, keep, HexCase::Upper, false, out);
}

/// Appends `bytes` encoded; `plus` writes a space as `+`.
pub fn encode_with(bytes: &[u8], keep: &KeepSet, case: HexCase, plus: bool, out: &mut impl Sink) {
    let digits = case.digits();
    let mut rest = bytes;
    while !rest.is_empty() {
        let run = rest.iter().position(|&b| !keep.keeps(b)).unwrap_or(rest.len());
        out.put(&rest[..run]);
        rest = &rest[run..];
        if let Some((&byte, tail)) = rest.split_first() {
            if plus && byte == b' ' {
                out.put(b"+");
            } else {
                let (high, low) = (usize::from(byte >> 4), usize::from(byte & 15));
                out.put(&[b'%', digits[high], digits[low]]);
            }
            rest = tail;
        }
    }
}

/// What `+` means when decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plus {
    /// Itself, as in a path.
    Literal,
    /// A space, as in a form.
    Space,
}

/// A `%` that is not followed by two hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a `%` at byte {0} is not followed by two hexadecimal digits")]
pub struct BrokenEscape(pub usize);

impl Plus {
    /// Whether this byte stands for something else.
    pub fn escapes(self, byte: u8) -> bool {
        byte == b'%' || (byte == b'+' && self == Plus::Space)
    }
}

/// Appends `bytes` decoded.
pub fn decode(bytes: &[u8], plus: Plus, out: &mut impl Sink) -> Result<(), BrokenEscape> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let run = rest.iter().position(|&b| plus.escapes(b)).unwrap_or(rest.len());
        out.put(&rest[..run]);
        rest = &rest[run..];
        if !rest.is_empty() {
            let at = bytes.len() - rest.len();
            out.put(&[first(&mut rest, plus).ok_or(BrokenEscape(at))?]);
        }
    }
    Ok(())
}

/// Whether `bytes` decoded are `wanted`; a broken escape is like nothing.
pub fn decodes_to(bytes: &[u8], plus: Plus, wanted: &[u8]) -> bool {
    let mut rest = bytes;
    wanted.iter().all(|&byte| first(&mut rest, plus) == Some(byte)) && rest.is_empty()
}

/// Takes the first byte, decoded; `None` at the end and at a broken escape.
fn first(rest: &mut &[u8], plus: Plus) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let (byte, tail) = match *rest {
        [b'%', high, low, tail @ ..] => ((digit(*high)? * 16 + digit(*low)?) as u8, tail),
        [b'%', ..] | [] => return None,
        [b'+', tail @ ..] if plus == Plus::Space => (b' ', tail),
        [byte, tail @ ..] => (*byte, tail),
    };
    *rest = tail;
    Some(byte)
}

/// A name or a value as it stands in a query or form.
#[derive(Debug, Clone, Copy)]
pub struct Raw<'a> {
    /// The bytes, not decoded.
    pub bytes: &'a [u8],
    /// Whether they are the same when decoded.
    pub plain: bool,
}

/// What a byte may be in a query or form, one bit each; an ordinary byte has none.
const AND: u8 = 1;
const EQUALS: u8 = 2;
const PERCENT: u8 = 4;
const PLUS: u8 = 8;
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    classes[b'&' as usize] = AND;
    classes[b'=' as usize] = EQUALS;
    classes[b'%' as usize] = PERCENT;
    classes[b'+' as usize] = PLUS;
    classes
};

/// Name and value of the first piece of a raw query or form, and what follows its `&`.
pub fn first_piece(raw: &[u8], plus: Plus) -> (Raw<'_>, Option<Raw<'_>>, Option<&[u8]>) {
    let (name, end) = until(raw, AND | EQUALS, plus);
    match end.and_then(|end| raw[end..].split_first()) {
        Some((b'=', rest)) => {
            let (value, end) = value(rest, plus);
            (name, Some(value), end.map(|end| &rest[end + 1..]))
        }
        Some((_, rest)) => (name, None, Some(rest)),
        None => (name, None, None),
    }
}

/// What stands before the first byte of some classes, and where that byte is.
fn until(raw: &[u8], ends: u8, plus: Plus) -> (Raw<'_>, Option<usize>) {
    let escapes = if plus == Plus::Space { PERCENT | PLUS } else { PERCENT };
    let mut seen = 0;
    let end = raw.iter().position(|&b| {
        let class = CLASSES[usize::from(b)];
        seen |= class;
        class & ends != 0
    });
    (Raw { bytes: &raw[..end.unwrap_or(raw.len())], plain: seen & escapes == 0 }, end)
}

/// A value, and where the `&` after it is.
fn value(raw: &[u8], plus: Plus) -> (Raw<'_>, Option<usize>) {
    // Most values are short; for a long one it pays to prepare a search of many bytes at once.
    const NEAR: usize = 64;
    let (near, far) = raw.split_at(raw.len().min(NEAR));
    let (head, end) = until(near, AND, plus);
    if end.is_some() || far.is_empty() {
        return (head, end);
    }
    let end = memchr::memchr(b'&', far).map(|end| near.len() + end);
    let bytes = &raw[..end.unwrap_or(raw.len())];
    let escapes = match plus {
        Plus::Literal => memchr::memchr(b'%', &bytes[near.len()..]),
        Plus::Space => memchr::memchr2(b'%', b'+', &bytes[near.len()..]),
    };
    (Raw { bytes, plain: head.plain && escapes.is_none() }, end)
}

/// Raw `(name, value)` pieces of a query or form: split at `&`, empty pieces skipped, then at the
/// first `=`.
pub fn pieces(raw: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    raw.split(|&b| b == b'&').filter(|piece| !piece.is_empty()).map(|piece| {
        match piece.iter().position(|&b| b == b'=') {
            Some(at) => (&piece[..at], Some(&piece[at + 1..])),
            None => (piece, None),
        }
    })
}
