//! Bytes and text as something that can be shown: what does not print stands as an escape.
//!
//! Text of a subject may hold anything: a control character that moves the cursor of a terminal, one
//! that XML or HTML forbids, one that turns the direction of writing.

use std::borrow::Cow;

/// Text where it is UTF-8 and printable, escapes elsewhere. A backslash is doubled, so that what is
/// shown stands for one byte string only.
pub(super) fn bytes(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| push(c, &mut out));
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}

/// Text in one line. A backslash stays as it is: this is for reading.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| if c == '\\' { out.push(c) } else { push(c, &mut out) });
    Cow::Owned(out)
}

fn push(c: char, out: &mut String) {
    match c {
        '"' | '\'' => out.push(c),
        c => out.extend(c.escape_debug()),
    }
}

/// `1 vector`, `2 vectors`.
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
