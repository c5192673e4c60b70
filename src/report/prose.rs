//! What a report says, in blocks that each form of report renders in its own way.

use super::diff::Diff;
use crate::printable;
use std::fmt::Write;

/// How many characters a line of prose has at most.
const WIDTH: usize = 100;

/// A piece of prose; every text is printable.
pub(super) enum Block {
    /// A paragraph.
    Paragraph(String),
    /// An item of a list.
    Item(String),
    /// A line that stays as it is.
    Line(String),
    /// Where two byte strings part.
    Diff(Diff),
}

/// Prose, block by block.
#[derive(Default)]
pub(super) struct Prose(pub(super) Vec<Block>);

impl Prose {
    pub(super) fn paragraph(&mut self, text: &str) {
        self.0.push(Block::Paragraph(printable::text(text).into_owned()));
    }

    pub(super) fn item(&mut self, text: &str) {
        self.0.push(Block::Item(printable::text(text).into_owned()));
    }

    pub(super) fn line(&mut self, text: &str) {
        self.0.push(Block::Line(printable::text(text).into_owned()));
    }

    pub(super) fn diff(&mut self, expected: &[u8], found: &[u8]) {
        self.0.push(Block::Diff(Diff::of(expected, found)));
    }

    /// Text for a terminal: paragraphs stand apart and are wrapped, lines are indented.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        for block in &self.0 {
            match block {
                Block::Paragraph(text) => {
                    let lead = if out.is_empty() { "" } else { "\n" };
                    out.push_str(lead);
                    wrap(text, "", "", &mut out);
                }
                Block::Item(text) => wrap(text, "  - ", "    ", &mut out),
                Block::Line(text) => line(text, &mut out),
                Block::Diff(diff) => diff.lines().iter().for_each(|text| line(text, &mut out)),
            }
        }
        out
    }

    /// Text for a terminal, one block under the other.
    pub(super) fn compact(&self) -> String {
        let mut out = String::new();
        for block in &self.0 {
            match block {
                Block::Paragraph(text) | Block::Item(text) => {
                    let _ = writeln!(out, "  {text}");
                }
                Block::Line(text) => line(text, &mut out),
                Block::Diff(diff) => diff.lines().iter().for_each(|text| line(text, &mut out)),
            }
        }
        out
    }
}

fn line(text: &str, out: &mut String) {
    let _ = writeln!(out, "{}", format!("    {text}").trim_end());
}

fn wrap(text: &str, first: &str, further: &str, out: &mut String) {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            (line, is_empty) = (further.to_owned(), true);
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    if !is_empty {
        let _ = writeln!(out, "{line}");
    }
}
