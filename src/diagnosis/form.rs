//! The form of a value: how many characters of which alphabet. It tells of a value nothing else.

use std::fmt;

/// Number of characters, of which alphabet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Number of bytes.
    pub length: usize,
    /// The narrowest alphabet that has them all.
    pub alphabet: Charset,
}

/// Alphabets, the narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Charset {
    /// `0-9a-f`.
    LowerHex,
    /// `0-9A-F`.
    UpperHex,
    /// `A-Za-z0-9+/`, perhaps with `=` at the end.
    Base64,
    /// `A-Za-z0-9-_`, perhaps with `=` at the end.
    Base64Url,
    /// Other printable characters.
    Text,
    /// Bytes that are not printable.
    Binary,
}

/// The form of a value.
pub fn form(value: &[u8]) -> Form {
    let digits = value.strip_suffix(b"==").or_else(|| value.strip_suffix(b"=")).unwrap_or(value);
    let all = |bytes: &[u8], more: &[u8]| bytes.iter().all(|b| b.is_ascii_alphanumeric() || more.contains(b));
    let hex = |upper: bool| {
        value.iter().all(|b| b.is_ascii_digit() || (b.is_ascii_hexdigit() && b.is_ascii_uppercase() == upper))
    };
    let alphabet = match () {
        () if hex(false) => Charset::LowerHex,
        () if hex(true) => Charset::UpperHex,
        () if all(digits, b"+/") => Charset::Base64,
        () if all(digits, b"-_") => Charset::Base64Url,
        () if value.iter().all(|b| (b' '..=b'~').contains(b)) => Charset::Text,
        () => Charset::Binary,
    };
    Form { length: value.len(), alphabet }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.alphabet {
            Charset::LowerHex => "hexadecimal digits in lower case",
            Charset::UpperHex => "hexadecimal digits in upper case",
            Charset::Base64 => "characters of Base64",
            Charset::Base64Url => "characters of URL-safe Base64",
            Charset::Text => "characters",
            Charset::Binary => "bytes that are not all printable",
        };
        write!(f, "{} {what}", self.length)
    }
}

/// Sizes of the digests that schemes use, whole or cut, in bytes.
const SIZES: [usize; 8] = [8, 16, 20, 28, 32, 48, 64, 10];

impl Form {
    /// Returns whether some digest, whole or cut, is written in this form.
    pub fn may_be_a_digest(&self) -> bool {
        let base64 = |size: usize| [size.div_ceil(3) * 4, (size * 4).div_ceil(3)];
        let is = |lengths: &dyn Fn(usize) -> Vec<usize>| SIZES.iter().any(|&size| lengths(size).contains(&self.length));
        match self.alphabet {
            Charset::LowerHex | Charset::UpperHex => is(&|size| vec![size * 2]) || is(&|size| base64(size).to_vec()),
            Charset::Base64 | Charset::Base64Url => {
                is(&|size| [base64(size), base64(size * 2)].concat()) || is(&|size| vec![size * 2])
            }
            Charset::Text | Charset::Binary => false,
        }
    }
}
