//! `countersign list`: what there is.

use super::named::{Category, mutants, named};
use super::{CorpusArgs, End, Outcome, columns, print};
use crate::printable;
use crate::report;
use clap::Args;
use std::io::{self, IsTerminal};

/// List what there is.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Kind of names to list
    #[arg(value_enum, default_value = "schemes")]
    what: Category,
    /// Only of this scheme
    #[arg(long)]
    scheme: Option<String>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

impl List {
    pub(super) fn run(self) -> Outcome {
        let corpus = self.corpus.load()?;
        let all = match self.what {
            Category::Mutants => {
                corpus.entries.iter().filter(|entry| self.wants(Some(&entry.name))).flat_map(mutants).collect()
            }
            _ => named(&corpus),
        };
        let listed = all.iter().filter(|one| one.kind == self.what && self.wants(one.scheme));
        // What is not ours may not begin another row.
        let rows: Vec<_> =
            listed.map(|one| [&one.name, &one.says].map(|cell| printable::text(cell).into_owned())).collect();
        print(&table(&rows))?;
        Ok(if rows.is_empty() { End::NothingRan } else { End::Conforms })
    }

    fn wants(&self, scheme: Option<&str>) -> bool {
        self.scheme.is_none() || self.scheme.as_deref() == scheme
    }
}

/// A table of names and what they are. On a terminal that is wrapped; elsewhere a row is a line.
fn table(rows: &[[String; 2]]) -> String {
    let columns = if io::stdout().is_terminal() { columns() } else { usize::MAX };
    let width = rows.iter().map(|[name, _]| printable::columns(name)).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for [name, says] in rows {
        // Where names leave hardly any room, what is said stands under them.
        if width + LEAST > columns || says.trim().is_empty() {
            out.push_str(&format!("{name}\n"));
            report::wrap(says, ["    ", "    "], columns, &mut out);
        } else {
            let lead = format!("{name}{}", " ".repeat(width - printable::columns(name)));
            report::wrap(says, [&lead, &" ".repeat(width)], columns, &mut out);
        }
    }
    out
}

/// Fewer columns than these are none for text.
const LEAST: usize = 20;
