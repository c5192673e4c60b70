//! An aligned diff of two byte strings, with the place marked.

/// How many characters before and after the place are shown.
const CONTEXT: usize = 24;
/// The longest stretch that is shown of what differs.
const LONGEST: usize = 72;

/// Lines that show where two byte strings part; printable bytes stand for themselves.
///
/// ```
/// let lines = countersign::report::diff(b"a%20b", b"a+b");
/// assert_eq!(lines, [
///     "expected  a%20b",
///     "           ^^^",
///     "found     a+b",
///     "           ^",
///     "first difference at byte 1: expected 5 bytes, found 3",
/// ]);
/// ```
pub fn diff(expected: &[u8], found: &[u8]) -> Vec<String> {
    let prefix = expected.iter().zip(found).take_while(|(a, b)| a == b).count();
    let rest = expected.len().min(found.len()) - prefix;
    let suffix = expected.iter().rev().zip(found.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut lines = Vec::with_capacity(5);
    for (label, bytes) in [("expected", expected), ("found", found)] {
        let (text, marks) = window(bytes, prefix, bytes.len() - suffix);
        lines.push(format!("{label:<9} {text}").trim_end().to_owned());
        lines.push(format!("{:<9} {marks}", ""));
    }
    lines.push(format!("first difference at byte {prefix}: expected {} bytes, found {}", expected.len(), found.len()));
    lines
}

/// The bytes around a stretch, and marks under the stretch.
fn window(bytes: &[u8], from: usize, to: usize) -> (String, String) {
    let start = from.saturating_sub(CONTEXT);
    let end = (to + CONTEXT).min(bytes.len());
    let shown = escape(&bytes[from..to]);
    let (shown, cut) = match shown.char_indices().nth(LONGEST) {
        Some((at, _)) => (format!("{}…", &shown[..at]), true),
        None => (shown, false),
    };
    let lead = format!("{}{}", if start > 0 { "…" } else { "" }, escape(&bytes[start..from]));
    let tail = if cut {
        String::new()
    } else {
        format!("{}{}", escape(&bytes[to..end]), if end < bytes.len() { "…" } else { "" })
    };
    let marks = "^".repeat(shown.chars().count().max(1));
    (format!("{lead}{shown}{tail}"), format!("{}{marks}", " ".repeat(lead.chars().count())))
}

/// The longest text of a subject that is shown, in characters.
const LONGEST_TEXT: usize = 300;

/// A text that a subject gave, in one line and not too long.
pub(super) fn plain(text: &str) -> String {
    let shown = escape(text.as_bytes());
    match shown.char_indices().nth(LONGEST_TEXT) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}

/// Text where it is UTF-8 and printable, escapes elsewhere.
fn escape(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                c if c.is_control() => out.extend(c.escape_default()),
                c => out.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| out.push_str(&format!("\\x{byte:02x}")));
    }
    out
}
