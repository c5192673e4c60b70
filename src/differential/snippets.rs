//! Text that real code gets wrong, to be put into names, values, paths and keys.

use crate::scheme::PathDomain;

/// What is put in where any text is permitted.
const TEXT: &[&str] = &[
    " ",
    "+",
    "%",
    "%20",
    "%2F",
    "%2f",
    "&",
    "=",
    "~",
    "!",
    "*",
    "'",
    "(",
    ")",
    "é",
    "e\u{301}",
    "\u{1f600}",
    "\u{ff5e}",
    "/",
    "//",
    "\\",
    "\"",
    ":",
    "@",
    ",",
    ";",
    "{",
    "}",
    "[",
    "]",
    "|",
    "^",
    "#",
    "?",
    "<",
    "\t",
    "ß",
    "İ",
    "\\n",
    "/../",
    "/./",
    "A",
    "z",
    "0",
    "00",
    "10",
    "9",
    "-",
    "_",
    ".",
];

/// What is put in where letters, digits and few signs are.
const ASCII: &[&str] = &["A", "z", "a", "Z", "0", "00", "10", "9", "-", "_", "."];

/// One of them.
pub(super) fn snippet(domain: PathDomain, random: &mut fastrand::Rng) -> &'static str {
    let all = match domain {
        PathDomain::Text => TEXT,
        PathDomain::Ascii => ASCII,
    };
    all[random.usize(..all.len())]
}

/// A word of letters, with snippets in it.
pub(super) fn word(domain: PathDomain, random: &mut fastrand::Rng) -> String {
    let mut word = String::new();
    for _ in 0..random.usize(0..4) {
        word.push(char::from(b"abxyBX12"[random.usize(..8)]));
        if random.usize(..3) == 0 {
            word.push_str(snippet(domain, random));
        }
    }
    word
}

/// Puts a snippet at a random place into text; bytes that are not UTF-8 stay as they are.
pub(super) fn put_into(bytes: &mut Vec<u8>, domain: PathDomain, random: &mut fastrand::Rng) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let at = places[random.usize(..places.len())];
    bytes.splice(at..at, snippet(domain, random).bytes());
}
