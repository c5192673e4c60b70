//! Bytes and text as something that can be shown: what does not print stands as an escape.
//!
//! Text that is not ours may hold anything: a control character that moves the cursor of a terminal, one
//! that XML or HTML forbids, one that turns the direction of writing. May use nothing else of this crate.

use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;
use unicode_width::UnicodeWidthChar;

/// Text where it is UTF-8 and printable, escapes elsewhere. A backslash is doubled, so that what is
/// shown stands for one byte string only.
pub fn bytes(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|c| match c {
            '"' | '\'' => out.push(c),
            c => out.extend(c.escape_debug()),
        });
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}

/// Text in one line. A backslash stays as it is: this is for reading.
pub fn text(text: &str) -> Cow<'_, str> {
    escaped(text, prints, |c, out| out.extend(c.escape_debug()))
}

/// Text in lines that are ours.
#[cfg(feature = "cli")]
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c == '\n' || prints(c), |c, out| out.extend(c.escape_debug()))
}

/// JSON in lines that are ours; what stands in its texts is still read as it was.
#[cfg(feature = "cli")]
pub fn json(json: &str) -> Cow<'_, str> {
    let unit = |unit: &u16| format!("\\u{unit:04x}");
    escaped(json, |c| c == '\n' || prints(c), |c, out| out.extend(c.encode_utf16(&mut [0; 2]).iter().map(unit)))
}

fn escaped(text: &str, stands: fn(char) -> bool, escape: impl Fn(char, &mut String)) -> Cow<'_, str> {
    if text.chars().all(stands) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| if stands(c) { out.push(c) } else { escape(c, &mut out) });
    Cow::Owned(out)
}

/// Returns whether a character stands for itself: a letter, its marks, a sign, the space; none that is not seen.
fn prints(c: char) -> bool {
    matches!(c, ' '..='~') || is_combining_mark(c) || c.escape_debug().len() == 1
}

/// Columns of a terminal where nobody says how many there are.
pub const COLUMNS: usize = 80;

/// Columns that a printable text takes.
pub fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The start of a printable text that takes so many columns at most; `…` stands for the rest.
pub fn start(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut out = fitting(text.chars(), most);
    out.push('…');
    out
}

/// The end of one.
pub fn end(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let reversed = fitting(text.chars().rev(), most) + "…";
    reversed.chars().rev().collect()
}

/// Characters that leave a column of so many for `…`.
fn fitting(chars: impl Iterator<Item = char>, most: usize) -> String {
    let mut taken = 1;
    let fits = |c: &char| {
        taken += c.width().unwrap_or(0);
        taken <= most
    };
    chars.take_while(fits).collect()
}

/// `1 vector`, `2 vectors`.
pub fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
