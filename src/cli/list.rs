//! `countersign list`: what there is.

use super::{CorpusArgs, End, Outcome, columns, print};
use crate::corpus::{Corpus, Entry};
use crate::printable;
use crate::report;
use crate::scheme::{Does, Family, Gives, Tests};
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal};

/// List what there is.
#[derive(Debug, Args)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum, default_value = "schemes")]
    what: What,
    /// Only of this scheme
    #[arg(long)]
    scheme: Option<String>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    Schemes,
    Vectors,
    Flags,
    Discrepancies,
    Statements,
    Readings,
    Steps,
    Sources,
    Checks,
}

impl List {
    pub(super) fn run(self) -> Outcome {
        let corpus = self.corpus.load()?;
        let wanted = |entry: &&Entry| self.scheme.as_ref().is_none_or(|name| *name == entry.name);
        let entries: Vec<&Entry> = corpus.entries.iter().filter(wanted).collect();
        let rows = match self.what {
            What::Steps => Does::permitted().map(|step| row([step.word, &step.does.types(), step.reason])).collect(),
            What::Sources => {
                Gives::permitted().map(|source| row([source.word, source.does.types(), source.reason])).collect()
            }
            What::Checks => Tests::permitted().map(|check| row([check.word, check.reason])).collect(),
            What::Schemes => schemes(&corpus, &self.scheme),
            what => entries.iter().flat_map(|entry| of_entry(what, entry)).collect(),
        };
        print(&left(&rows))?;
        Ok(if rows.is_empty() { End::NothingRan } else { End::Conforms })
    }
}

/// Cells of a row; what is not ours may not begin another.
fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(|cell| printable::text(cell).into_owned()).to_vec()
}

fn schemes(corpus: &Corpus, only: &Option<String>) -> Vec<Vec<String>> {
    let wanted = |entry: &&Entry| only.as_ref().is_none_or(|name| *name == entry.name);
    let line = |entry: &Entry| row([&entry.name, &format!("{} vectors", entry.vectors().count()), &entry.scheme.title]);
    corpus.entries.iter().filter(wanted).map(line).collect()
}

fn of_entry(what: What, entry: &Entry) -> Vec<Vec<String>> {
    let named = |id: &String| format!("{}/{id}", entry.name);
    match what {
        What::Vectors => {
            entry.vectors().map(|(topic, vector)| row([&entry.full_name(topic, vector), &vector.comment])).collect()
        }
        What::Flags => entry.scheme.flags.iter().map(|(id, flag)| row([&named(id), &flag.effect])).collect(),
        What::Readings => entry.scheme.readings.iter().map(|(id, reading)| row([&named(id), &reading.says])).collect(),
        What::Discrepancies => entry
            .statements
            .discrepancies
            .iter()
            .map(|(id, discrepancy)| row([&named(id), &discrepancy.finds]))
            .collect(),
        What::Statements => entry.statements.statements.iter().map(|s| row([&named(&s.id), &s.says])).collect(),
        What::Schemes | What::Steps | What::Sources | What::Checks => Vec::new(),
    }
}

/// A table whose columns are all text. On a terminal the last one is wrapped; elsewhere a row is a line.
fn left(rows: &[Vec<String>]) -> String {
    let columns = if io::stdout().is_terminal() { columns() } else { usize::MAX };
    let widest = |i: usize| rows.iter().map(|row| printable::columns(&row[i])).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(widest).collect();
    let mut out = String::new();
    for row in rows {
        let Some((last, cells)) = row.split_last() else { continue };
        let room = |cell: &String, width: &usize| " ".repeat(width - printable::columns(cell) + 2);
        let lead: String =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell}{}", room(cell, width))).collect();
        let indent = printable::columns(&lead);
        // Where the others leave hardly any room, what is wrapped stands under them.
        let is_under = indent + LEAST > columns;
        if is_under || last.trim().is_empty() {
            out.push_str(&format!("{}\n", lead.trim_end()));
        }
        let (first, further) = if is_under { ("    ".into(), 4) } else { (lead, indent) };
        report::wrap(last, [&first, &" ".repeat(further)], columns, &mut out);
    }
    out
}

/// Fewer columns than these are none for text.
const LEAST: usize = 20;
