//! Of the page: its sections, the names of results, and prose.

use crate::printable;
use crate::report::diff::Window;
use crate::report::prose::{Passage, Prose};
use crate::report::words;
use crate::runner::CaseResult;
use maud::{Markup, html};

/// A part of the page.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) content: Markup,
}

/// The address of a result on the page: its vector, and its reading where it has one.
pub(super) fn anchor(result: &CaseResult) -> String {
    match &result.reading {
        Some(reading) => format!("{}@{reading}", result.vector),
        None => result.vector.clone(),
    }
}

/// The vector and the reading of a result, the name free to break after a slash.
pub(super) fn name(result: &CaseResult) -> Markup {
    let parts: Vec<&str> = result.vector.split_inclusive('/').collect();
    html! {
        code.name { @for part in &parts { (part) wbr; } }
        (words::under(result))
    }
}

/// Prose as paragraphs, lists, lines and diffs.
pub(super) fn blocks(content: &[Passage]) -> Markup {
    let kind = |block: &Passage| std::mem::discriminant(block);
    html! {
        @for blocks in content.chunk_by(|one, other| kind(one) == kind(other)) {
            @match &blocks[0] {
                Passage::Paragraph(_) => @for block in blocks { @if let Passage::Paragraph(text) = block { p { (prose(text)) } } },
                Passage::Item(_) => ul { @for block in blocks { @if let Passage::Item(text) = block { li { (prose(text)) } } } },
                Passage::Line(_) => pre { @for block in blocks { @if let Passage::Line(text) = block { (text) "\n" } } },
                Passage::Diff(_) => @for block in blocks {
                    @if let Passage::Diff(diff) = block {
                        dl.diff {
                            dt { "expected" }
                            dd { (window(&diff.expected, "expected")) }
                            dt { "found" }
                            dd { (window(&diff.found, "found")) }
                        }
                        p.note { (diff.place) }
                    }
                },
            }
        }
    }
}

/// Text in which backticks mark what is written literally.
pub(super) fn prose(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    html! {
        @if parts.len() % 2 == 1 {
            @for (i, part) in parts.iter().enumerate() { @if i % 2 == 1 { code { (part) } } @else { (part) } }
        } @else { (text) }
    }
}

fn window(window: &Window, side: &str) -> Markup {
    html! { code { (window.before) mark class=(side) { (window.stretch) } (window.after) } }
}

/// Returns what comes after the first paragraph, which stands elsewhere.
pub(super) fn rest(prose: &Prose) -> &[Passage] {
    prose.0.get(1..).unwrap_or_default()
}

/// The first paragraph.
pub(super) fn first(prose: &Prose) -> &str {
    match prose.0.first() {
        Some(Passage::Paragraph(text)) => text,
        _ => "",
    }
}

pub(super) fn shown(text: &str) -> String {
    printable::text(text).into_owned()
}
