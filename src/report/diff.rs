//! An aligned diff of two byte strings, with the place marked.

use crate::printable;

/// Number of characters before and after the place that are shown.
const CONTEXT: usize = 24;
/// The longest stretch that is shown of what differs.
const LONGEST: usize = 72;
/// Columns of `expected` and `found`.
const LABEL: usize = 9;

/// Place where two byte strings part.
pub(super) struct Diff {
    /// Around the place, what was expected.
    pub(super) expected: Window,
    /// Surroundings of the place in what was found.
    pub(super) found: Window,
    /// The place and both lengths, in words.
    pub(super) place: String,
}

/// The surroundings of a place, printable.
pub(super) struct Window {
    /// Text before it that is alike.
    pub(super) before: String,
    /// Text that differs; empty where the other has something more.
    pub(super) stretch: String,
    /// Text after it that is alike.
    pub(super) after: String,
}

/// Lines of so many columns that show where two byte strings part; printable bytes stand for themselves.
///
/// ```
/// let lines = countersign::report::diff(b"a%20b", b"a+b", 80);
/// assert_eq!(lines, [
///     "expected  a%20b",
///     "           ^^^",
///     "found     a+b",
///     "           ^",
///     "first difference at byte 1: expected 5 bytes, found 3",
/// ]);
/// ```
pub fn diff(expected: &[u8], found: &[u8], columns: usize) -> Vec<String> {
    let diff = Diff::of(expected, found);
    diff.marked(columns).into_iter().chain([diff.place]).collect()
}

impl Diff {
    pub(super) fn of(expected: &[u8], found: &[u8]) -> Diff {
        let prefix = expected.iter().zip(found).take_while(|(a, b)| a == b).count();
        let rest = expected.len().min(found.len()) - prefix;
        let suffix = expected.iter().rev().zip(found.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
        Diff {
            expected: Window::of(expected, prefix, expected.len() - suffix),
            found: Window::of(found, prefix, found.len() - suffix),
            place: format!(
                "first difference at byte {prefix}: expected {}, found {}",
                printable::count(expected.len(), "byte"),
                found.len()
            ),
        }
    }

    /// Both, each with marks under what differs.
    pub(super) fn marked(&self, columns: usize) -> Vec<String> {
        let room = columns.saturating_sub(LABEL + 1).max(20);
        let windows = [("expected", &self.expected), ("found", &self.found)];
        let all_fits = windows.iter().all(|(_, window)| window.columns() <= room);
        // What is alike before the place is cut alike, so that what follows stands one under the other.
        let most_before = if all_fits { room } else { room / 3 };
        let mut lines = Vec::with_capacity(4);
        for (label, window) in windows {
            let before = printable::end(&window.before, most_before);
            let at = printable::columns(&before);
            let stretch = printable::start(&window.stretch, room - at);
            let marked = printable::columns(&stretch);
            let after = printable::start(&window.after, room - at - marked);
            lines.push(format!("{label:<LABEL$} {before}{stretch}{after}").trim_end().to_owned());
            lines.push(format!("{:<LABEL$} {}{}", "", " ".repeat(at), "^".repeat(marked.max(1))));
        }
        lines
    }
}

impl Window {
    fn columns(&self) -> usize {
        [&self.before, &self.stretch, &self.after].into_iter().map(|part| printable::columns(part)).sum()
    }

    /// The bytes around a stretch.
    fn of(bytes: &[u8], from: usize, to: usize) -> Window {
        let start = from.saturating_sub(CONTEXT);
        let end = (to + CONTEXT).min(bytes.len());
        let before = format!("{}{}", if start > 0 { "…" } else { "" }, printable::bytes(&bytes[start..from]));
        let stretch = printable::bytes(&bytes[from..to]);
        if let Some((at, _)) = stretch.char_indices().nth(LONGEST) {
            return Window { before, stretch: format!("{}…", &stretch[..at]), after: String::new() };
        }
        let more = if end < bytes.len() { "…" } else { "" };
        Window { before, stretch, after: format!("{}{more}", printable::bytes(&bytes[to..end])) }
    }
}
