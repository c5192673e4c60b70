//! Percent-encoding (RFC 3986 section 2.1) and the splitting of queries and forms.
//!
//! Own code and not a crate's: which bytes stay, the case of the digits and the form of a space are
//! data of a scheme, and decoding is strict (a broken escape is an error, never kept as it is).

use super::{ROOM, Sink};
use thiserror::Error;

/// The bytes that stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepSet([bool; 256]);

impl KeepSet {
    /// `ALPHA / DIGIT`.
    pub const ALPHANUMERIC: KeepSet =
        KeepSet([false; 256]).with(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    /// `ALPHA / DIGIT / "-" / "." / "_" / "~"`, RFC 3986 section 2.3.
    pub const UNRESERVED: KeepSet = KeepSet::ALPHANUMERIC.with(b"-._~");
    /// Bytes that may stand in a path: unreserved, sub-delims, `:`, `@` and `/`, RFC 3986 section 3.3.
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

    /// Tells whether this byte stays.
    pub fn keeps(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// Case of hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HexCase {
    /// `0-9a-f`.
    Lower,
    /// `0-9A-F`.
    #[default]
    Upper,
}

impl HexCase {
    /// The sixteen digits.
    pub const fn digits(self) -> &'static [u8; 16] {
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

/// So many bytes are encoded at once.
const BLOCK: usize = ROOM / 3;

/// Appends `bytes` encoded; `plus` writes a space as `+`.
pub fn encode_with(bytes: &[u8], keep: &KeepSet, case: HexCase, plus: bool, out: &mut impl Sink) {
    let mut rest = bytes;
    while !rest.is_empty() {
        // What stays goes on as it is, where it is long; pieces go on together.
        let run = rest.iter().position(|&b| !keep.keeps(b)).unwrap_or(rest.len());
        if run >= BLOCK || run == rest.len() {
            out.put(&rest[..run]);
            rest = &rest[run..];
        }
        let (block, after) = rest.split_at(rest.len().min(BLOCK));
        out.fill(block.len() * 3, |room| encode_block(block, keep, case.digits(), plus, room));
        rest = after;
    }
}

/// Encodes a block; how many bytes that are.
fn encode_block(block: &[u8], keep: &KeepSet, digits: &[u8; 16], plus: bool, out: &mut [u8]) -> usize {
    let mut end = 0;
    for &byte in block {
        if keep.keeps(byte) {
            out[end] = byte;
            end += 1;
        } else if plus && byte == b' ' {
            out[end] = b'+';
            end += 1;
        } else {
            let escape = [b'%', digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
            out[end..end + 3].copy_from_slice(&escape);
            end += 3;
        }
    }
    end
}

/// Meaning of `+` when decoding.
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
    /// Offset of the first byte that stands for something else.
    pub fn find(self, bytes: &[u8]) -> Option<usize> {
        match self {
            Plus::Literal => memchr::memchr(b'%', bytes),
            Plus::Space => memchr::memchr2(b'%', b'+', bytes),
        }
    }
}

/// Appends `bytes` decoded.
pub fn decode(bytes: &[u8], plus: Plus, out: &mut impl Sink) -> Result<(), BrokenEscape> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let run = plus.find(rest).unwrap_or(rest.len());
        out.put(&rest[..run]);
        rest = &rest[run..];
        if !rest.is_empty() {
            let at = bytes.len() - rest.len();
            out.put(&[first(&mut rest, plus).ok_or(BrokenEscape(at))?]);
        }
    }
    Ok(())
}

/// Appends `bytes` decoded; a broken escape stands for itself.
pub fn decode_leniently(bytes: &[u8], plus: Plus, out: &mut impl Sink) {
    let mut rest = bytes;
    while let Some((byte, tail)) = rest.split_first() {
        match first(&mut rest, plus) {
            Some(decoded) => out.put(&[decoded]),
            None => {
                out.put(&[*byte]);
                rest = tail;
            }
        }
    }
}

/// Tells whether `bytes` decoded are `wanted`; a broken escape is like nothing.
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

/// Raw `(name, value)` pieces of a query or form: split at `&`, empty pieces skipped, then at the
/// first `=`.
pub fn pieces(raw: &[u8]) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
    let mut rest = Some(raw);
    let split = std::iter::from_fn(move || {
        let raw = rest?;
        let (piece, after) = cut(raw, b'&');
        rest = after;
        Some(piece)
    });
    split.filter(|piece| !piece.is_empty()).map(|piece| cut(piece, b'='))
}

/// Returns the part before the first such byte, and the part after it.
fn cut(bytes: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(at, bytes) {
        Some(at) => (&bytes[..at], Some(&bytes[at + 1..])),
        None => (bytes, None),
    }
}
