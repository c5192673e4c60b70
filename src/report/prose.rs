//! Contents of a report, in blocks that each form of report renders in its own way.

use super::diff::Diff;
use crate::printable;
use std::fmt::Write;

/// A passage of prose; every text is printable.
pub(super) enum Passage {
    /// A paragraph.
    Paragraph(String),
    /// An item of a list.
    Item(String),
    /// A line that stays as it is.
    Line(String),
    /// Place where two byte strings part.
    Diff(Diff),
}

/// Prose, block by block.
#[derive(Default)]
pub(super) struct Prose(pub(super) Vec<Passage>);

impl Prose {
    pub(super) fn paragraph(&mut self, text: &str) {
        self.0.push(Passage::Paragraph(printable::text(text).into_owned()));
    }

    pub(super) fn item(&mut self, text: &str) {
        self.0.push(Passage::Item(printable::text(text).into_owned()));
    }

    pub(super) fn line(&mut self, text: &str) {
        self.0.push(Passage::Line(printable::text(text).into_owned()));
    }

    pub(super) fn diff(&mut self, expected: &[u8], found: &[u8]) {
        self.0.push(Passage::Diff(Diff::of(expected, found)));
    }

    /// Text for a terminal of so many columns: paragraphs stand apart and are wrapped, lines are indented.
    pub(super) fn text(&self, columns: usize) -> String {
        let mut out = String::new();
        for block in &self.0 {
            match block {
                Passage::Paragraph(text) => {
                    let lead = if out.is_empty() { "" } else { "\n" };
                    out.push_str(lead);
                    wrap(text, ["", ""], columns, &mut out);
                }
                Passage::Item(text) => wrap(text, ["  - ", "    "], columns, &mut out),
                Passage::Line(text) => line(text, &mut out),
                Passage::Diff(diff) => self::diff(diff, columns, &mut out),
            }
        }
        out
    }

    /// Text for a terminal of so many columns, one block under the other.
    pub(super) fn compact(&self, columns: usize) -> String {
        let mut out = String::new();
        for block in &self.0 {
            match block {
                Passage::Paragraph(text) | Passage::Item(text) => wrap(text, ["  ", "  "], columns, &mut out),
                Passage::Line(text) => line(text, &mut out),
                Passage::Diff(diff) => self::diff(diff, columns, &mut out),
            }
        }
        out
    }
}

const INDENT: &str = "    ";

fn line(text: &str, out: &mut String) {
    let _ = writeln!(out, "{}", format!("{INDENT}{text}").trim_end());
}

fn diff(diff: &Diff, columns: usize, out: &mut String) {
    diff.marked(columns.saturating_sub(INDENT.len())).iter().for_each(|text| line(text, out));
    wrap(&diff.place, [INDENT, INDENT], columns, out);
}

/// Writes a printable text in lines of so many columns, with what stands before the first and before the others.
pub(crate) fn wrap(text: &str, [first, further]: [&str; 2], columns: usize, out: &mut String) {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && printable::columns(&line) + 1 + printable::columns(word) > columns {
            let _ = writeln!(out, "{}", line.trim_end());
            (line, is_empty) = (further.to_owned(), true);
        }
        // Spaces stay as they are within a line, and are nothing at its start.
        if is_empty && word.is_empty() {
            continue;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    if !is_empty {
        let _ = writeln!(out, "{}", line.trim_end());
    }
}
