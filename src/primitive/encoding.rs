//! Hexadecimal and Base64 (RFC 4648), strict when decoding.

use super::percent::HexCase;
use super::{ROOM, Sink};
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use thiserror::Error;

/// Bytes that are not of the encoding.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not {0}")]
pub struct Undecodable(pub &'static str);

/// Appends two digits a byte.
pub fn hex(bytes: &[u8], case: HexCase, out: &mut impl Sink) {
    static LOWER: [[u8; 2]; 256] = pairs_of(HexCase::Lower);
    static UPPER: [[u8; 2]; 256] = pairs_of(HexCase::Upper);
    let pairs = if case == HexCase::Lower { &LOWER } else { &UPPER };
    for block in bytes.chunks(ROOM / 2) {
        out.fill(block.len() * 2, |room| {
            let (room, _) = room.as_chunks_mut::<2>();
            room.iter_mut().zip(block).for_each(|(pair, byte)| *pair = pairs[usize::from(*byte)]);
            block.len() * 2
        });
    }
}

/// The digits of each byte.
const fn pairs_of(case: HexCase) -> [[u8; 2]; 256] {
    let (digits, mut pairs, mut byte) = (case.digits(), [[0; 2]; 256], 0);
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
}

/// Appends the bytes that hexadecimal digits of either case stand for.
pub fn hex_decode(text: &[u8], out: &mut impl Sink) -> Result<(), Undecodable> {
    let digit = |b: u8| char::from(b).to_digit(16);
    if !text.len().is_multiple_of(2) || !text.iter().all(u8::is_ascii_hexdigit) {
        return Err(Undecodable("hexadecimal"));
    }
    for block in text.chunks(ROOM) {
        out.fill(block.len() / 2, |room| {
            for (byte, pair) in room.iter_mut().zip(block.chunks_exact(2)) {
                *byte = (digit(pair[0]).unwrap_or(0) * 16 + digit(pair[1]).unwrap_or(0)) as u8;
            }
            block.len() / 2
        });
    }
    Ok(())
}

/// Set of the 64 characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alphabet {
    /// `A-Za-z0-9+/`, RFC 4648 section 4.
    #[default]
    Standard,
    /// `A-Za-z0-9-_`, RFC 4648 section 5.
    Url,
}

/// Alphabet and padding of Base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Base64 {
    /// Set of the 64 characters.
    pub alphabet: Alphabet,
    /// Tells whether `=` fills the last group.
    pub padding: bool,
}

impl Base64 {
    /// The engine, which holds tables of its alphabet: made once, when the crate is compiled.
    fn engine(self) -> &'static GeneralPurpose {
        const fn engine(alphabet: &base64::alphabet::Alphabet, padding: bool) -> GeneralPurpose {
            let mode = if padding { DecodePaddingMode::RequireCanonical } else { DecodePaddingMode::RequireNone };
            let config = GeneralPurposeConfig::new().with_encode_padding(padding).with_decode_padding_mode(mode);
            GeneralPurpose::new(alphabet, config)
        }
        static ENGINES: [GeneralPurpose; 4] = [
            engine(&base64::alphabet::STANDARD, false),
            engine(&base64::alphabet::STANDARD, true),
            engine(&base64::alphabet::URL_SAFE, false),
            engine(&base64::alphabet::URL_SAFE, true),
        ];
        &ENGINES[usize::from(self.alphabet == Alphabet::Url) * 2 + usize::from(self.padding)]
    }

    /// Appends `bytes` encoded.
    pub fn encode(self, bytes: &[u8], out: &mut impl Sink) {
        let engine = self.engine();
        // Of whole groups, but for the last.
        for block in bytes.chunks(ROOM / 4 * 3) {
            out.fill(block.len().div_ceil(3) * 4, |room| {
                engine.encode_slice(block, room).unwrap_or_else(|_| unreachable!("there is room"))
            });
        }
    }

    /// Appends `text` decoded, as [`Base64::decode_into`] does.
    pub fn decode(self, text: &[u8], out: &mut Vec<u8>) -> Result<(), Undecodable> {
        let start = out.len();
        out.resize(start + text.len(), 0);
        let decoded = self.decode_into(text, &mut out[start..]);
        out.truncate(start + decoded.as_ref().unwrap_or(&0));
        decoded.map(drop)
    }

    /// Writes `text` decoded into `room`, which has at least the length of the text, and returns how many bytes
    /// that are. No white space, canonical padding, no stray bits at the end.
    pub fn decode_into(self, text: &[u8], room: &mut [u8]) -> Result<usize, Undecodable> {
        let name = match self.alphabet {
            Alphabet::Standard => "Base64",
            Alphabet::Url => "Base64 of the URL-safe alphabet",
        };
        self.engine().decode_slice(text, room).map_err(|_| Undecodable(name))
    }
}

/// Writes the bytes that Base64 stands for as lenient decoders read it into `room`, which has four bytes more than the
/// text, and returns how many bytes that are: either alphabet, any padding; white space and all else is passed over.
pub fn base64_decode_leniently(text: &[u8], room: &mut [u8]) -> Result<usize, Undecodable> {
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
    Base64 { alphabet: Alphabet::Standard, padding: true }.decode_into(&clean, room)?;
    Ok(whole)
}

/// Appends the bytes that digits of either case stand for, up to the first pair of characters that are none.
pub fn hex_decode_leniently(text: &[u8], out: &mut Vec<u8>) {
    let digit = |b: u8| char::from(b).to_digit(16);
    let byte = |pair: &[u8]| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8);
    out.extend(text.chunks_exact(2).map_while(byte));
}
