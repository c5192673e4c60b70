//! `countersign mutants`: how strong the vectors are.

use super::{CorpusArgs, End, Failed, Format, Outcome, ReportArgs, print};
use crate::corpus::Entry;
use crate::mutation::{self, ROWS, Row, Strength};
use crate::report;
use crate::scheme::SchemeKind;
use clap::Args;
use serde_json::{Value, json};

/// Show which plausible wrong implementations the vectors catch.
#[derive(Debug, Args)]
pub(super) struct Mutants {
    /// These schemes; every system unless given
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
        let output = self.report.open()?;
        if self.rows {
            self.report.write(&output, |_| rows(), rows_json)?;
            return Ok(End::Conforms);
        }
        let corpus = self.corpus.load_of(&self.scheme)?;
        if let Some(unknown) = self.scheme.iter().find(|name| corpus.entries.iter().all(|entry| entry.name != **name)) {
            return Err(Failed(format!("unknown scheme `{unknown}`; `countersign list` lists them")));
        }
        // Primitives are pinned by published values; what is measured is the vectors of systems.
        let wanted = |entry: &&Entry| match self.scheme.as_slice() {
            [] => entry.scheme.kind == SchemeKind::System,
            names => names.contains(&entry.name),
        };
        let strengths: Vec<Strength<'_>> = corpus
            .entries
            .iter()
            .filter(wanted)
            .map(|entry| mutation::strength(entry, self.second_order, |_| true))
            .collect();
        let text = |columns| report::mutants_text(&strengths, self.all, columns);
        self.report.write(&output, text, || report::mutants_json(&strengths))?;
        if self.report.format == Format::Text {
            strengths.iter().filter(|strength| !strength.summary.survived.is_empty()).try_for_each(shortest)?;
        }
        Ok(if strengths.iter().all(Strength::is_clean) { End::Conforms } else { End::Differences })
    }
}

/// The shortest inputs found that kill what survives.
fn shortest(strength: &Strength<'_>) -> Result<(), Failed> {
    let generated = mutation::generate(strength.matrix.entry);
    let survivors: Vec<&str> =
        strength.summary.survived.iter().map(|&i| strength.matrix.catalogue.mutants[i].id.as_str()).collect();
    for found in &generated.found {
        for id in found.protects.iter().filter(|id| survivors.contains(&id.as_str())) {
            let given = json!(found.vector.given);
            print(&format!("\n{id} would be killed by\n  {given}\n"))?;
        }
    }
    print(&format!("\n{}: {} candidates were tried\n", strength.matrix.entry.name, generated.inputs))
}

fn rows() -> String {
    let mut out = String::new();
    for row in ROWS {
        out.push_str(&format!("{}  {}\n     {}\n", row.id, row.says, covered(row)));
    }
    out
}

fn rows_json() -> Value {
    ROWS.iter().map(|row| json!({ "id": row.id, "says": row.says, "covered": covered(row) })).collect()
}

fn covered(row: &Row) -> String {
    match row.left_out {
        Some(why) => format!("left out: {why}"),
        None => row.operators().join(", "),
    }
}
