//! `countersign mutants`: how strong the vectors are.

use super::{CorpusArgs, End, Failed, Format, Outcome, ReportArgs};
use crate::corpus::Entry;
use crate::mutation::{self, ROWS, Strength};
use crate::report;
use clap::Args;

/// Show which plausible wrong implementations the vectors catch.
#[derive(Debug, Args)]
pub(super) struct Mutants {
    /// Only these schemes
    #[arg(long)]
    scheme: Vec<String>,
    /// Also pairs of mistakes
    #[arg(long)]
    second_order: bool,
    /// Print every mutant with its kills
    #[arg(long)]
    all: bool,
    /// Print the table of bug classes and the operators that cover them
    #[arg(long)]
    rows: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Mutants {
    pub(super) fn run(self) -> Outcome {
        if self.rows {
            self.report.write(&rows())?;
            return Ok(End::Conforms);
        }
        let corpus = self.corpus.load()?;
        if let Some(unknown) = self.scheme.iter().find(|name| corpus.entries.iter().all(|entry| entry.name != **name)) {
            return Err(Failed(format!("unknown scheme `{unknown}`; `countersign list` lists them")));
        }
        let wanted = |entry: &&Entry| self.scheme.is_empty() || self.scheme.contains(&entry.name);
        let strengths: Vec<Strength<'_>> = corpus
            .entries
            .iter()
            .filter(wanted)
            .map(|entry| mutation::strength(entry, self.second_order, |_| true))
            .collect();
        let report = match self.report.format {
            Format::Text => report::mutants_text(&strengths, self.all),
            Format::Json => format!("{:#}\n", report::mutants_json(&strengths)),
        };
        self.report.write(&report)?;
        Ok(if strengths.iter().all(Strength::is_clean) { End::Conforms } else { End::Differences })
    }
}

fn rows() -> String {
    let mut out = String::new();
    for row in ROWS {
        let covered = match row.left_out {
            Some(why) => format!("left out: {why}"),
            None => row.operators().join(", "),
        };
        out.push_str(&format!("{}  {}\n     {covered}\n", row.id, row.says));
    }
    out
}
