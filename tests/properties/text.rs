//! Byte strings as inputs: those that have tripped signers up, and any others.

use arbitrary::{Arbitrary, Result, Unstructured};

/// Bytes of a name, a value, a path or a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(pub Vec<u8>);

/// Names that the documents treat specially, and their near misses; characters that some encoder
/// treats specially; bytes that are no text.
const TELLING: [&[u8]; 40] = [
    b"",
    b"a",
    b"A",
    b"ab",
    b"b",
    b"z",
    b"_",
    b"0",
    b"10",
    b"9",
    b" ",
    b"+",
    b"%",
    b"%2B",
    b"%zz",
    b"%C3%A9",
    b"&",
    b"=",
    b"a=b",
    b"a&b",
    b"?",
    b"#",
    b"/",
    b"//",
    b"/a/../b",
    b"/A",
    b":",
    b";",
    b"~",
    b"*",
    b"'",
    b"signature",
    b"file",
    b"apiKey",
    b"Signature",
    b"FILE",
    b"fileUrl",
    "\u{e9}".as_bytes(),
    "e\u{301}".as_bytes(),
    b"\xff\x00\n",
];

impl<'a> Arbitrary<'a> for Text {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Text> {
        // One telling string, two joined, or anything: one byte decides, so that a fuzzer finds them.
        let choice = usize::from(input.arbitrary::<u8>()?);
        let telling = |i: usize| TELLING[i % TELLING.len()];
        Ok(Text(match choice / 64 {
            0 | 1 => telling(choice).to_vec(),
            2 => [telling(choice), telling(usize::from(input.arbitrary::<u8>()?))].concat(),
            _ => input.arbitrary()?,
        }))
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// A change of some bytes in the middle of others.
#[derive(Debug, Clone, Arbitrary)]
pub struct Splice {
    at: u16,
    remove: u8,
    insert: Text,
}

impl Splice {
    /// Puts the inserted bytes in the place of the removed ones, both within bounds.
    pub fn apply(&self, bytes: &mut Vec<u8>) {
        let at = usize::from(self.at) % (bytes.len() + 1);
        let end = bytes.len().min(at + usize::from(self.remove % 8));
        bytes.splice(at..end, self.insert.0.iter().copied());
    }
}
