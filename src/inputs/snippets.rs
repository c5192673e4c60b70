//! Text that real code gets wrong, to be put into names, values, paths and keys.

use super::choices::Choices;
use crate::scheme::Characters;
use std::borrow::Cow;

/// Texts that are put in where any text is permitted.
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

/// Texts that are put in where letters, digits and few signs are.
const ASCII: &[&str] = &["A", "z", "a", "Z", "0", "00", "10", "9", "-", "_", "."];

/// One of them, or text of the source's own.
pub(super) fn snippet(domain: Characters, choices: &mut Choices<'_, '_>) -> Cow<'static, str> {
    if let Some(content) = choices.content() {
        return Cow::Owned(permitted(domain, &content));
    }
    let all = match domain {
        Characters::Text => TEXT,
        Characters::Ascii => ASCII,
    };
    Cow::Borrowed(all[choices.below(all.len())])
}

/// Returns the characters of some bytes that a domain permits. Control characters are left out: where a value becomes a
/// header field, no message can carry them.
fn permitted(domain: Characters, bytes: &[u8]) -> String {
    let is_permitted = |c: &char| match domain {
        Characters::Text => !c.is_control(),
        Characters::Ascii => c.is_ascii_alphanumeric() || "-_.".contains(*c),
    };
    String::from_utf8_lossy(bytes).chars().filter(is_permitted).collect()
}

/// A word of letters, with snippets in it.
pub(super) fn word(domain: Characters, choices: &mut Choices<'_, '_>) -> String {
    let mut word = String::new();
    for _ in 0..choices.below(4) {
        word.push(char::from(b"abxyBX12"[choices.below(8)]));
        if choices.below(3) == 0 {
            word.push_str(&snippet(domain, choices));
        }
    }
    word
}

/// Puts a snippet at some place into text; bytes that are not UTF-8 stay as they are.
pub(super) fn put_into(bytes: &mut Vec<u8>, domain: Characters, choices: &mut Choices<'_, '_>) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let at = places[choices.below(places.len())];
    bytes.splice(at..at, snippet(domain, choices).bytes());
}
