//! `countersign check`: the corpus against the reference.

use super::report::{RunReportArgs, command};
use super::{CorpusArgs, End, Outcome, say};
use crate::corpus::Corpus;
use crate::diagnosis::RunDiagnosis;
use crate::mutation;
use crate::runner::{self, CaseResult, Filter};
use clap::Args;
use std::mem::ManuallyDrop;

/// Check the corpus against the reference.
#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// Only these: a scheme, a topic or a vector (`SCHEME`, `SCHEME/TOPIC`)
    names: Vec<String>,
    /// Run the smallest set of vectors found that kills as many mutants as all of them
    #[arg(long)]
    quick: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    report: RunReportArgs,
}

impl CheckCommand {
    pub(super) fn run(self) -> Outcome {
        let output = self.report.open()?;
        // To free what both hold, piece by piece, would take a tenth of the time of the command, which ends here.
        let corpus = ManuallyDrop::new(self.corpus.load_of(&self.names)?);
        let (names, note) = if self.quick { quick(&corpus) } else { (self.names.clone(), String::new()) };
        let run = ManuallyDrop::new(runner::check(&corpus, &Filter(names)));
        output.write(&self.report.of(
            &RunDiagnosis::new(&corpus),
            &run,
            &note,
            &|result| self.again(result),
            output.columns(),
        ))?;
        Ok(match (run.vectors(), run.failed()) {
            (0, _) => {
                say("no vector has this name; `countersign list vectors` lists them")?;
                End::NothingRan
            }
            (_, 0) => End::Conforms,
            _ => End::Differences,
        })
    }

    /// The command that checks one vector once more.
    fn again(&self, result: &CaseResult) -> String {
        let directory =
            self.corpus.corpus.iter().flat_map(|directory| ["--corpus".into(), directory.to_string_lossy()]);
        command(["countersign".into(), "check".into(), result.vector.as_str().into()].into_iter().chain(directory))
    }
}

/// Names of a minimal set of vectors, and what it is worth.
fn quick(corpus: &Corpus) -> (Vec<String>, String) {
    let (mut names, mut all, mut mutants, mut killed) = (Vec::new(), 0, 0, 0);
    for entry in &corpus.entries {
        let matrix = mutation::strength(entry, false, |_| true).matrix;
        all += matrix.vectors.len();
        mutants += matrix.kills.len();
        killed += matrix.kills.iter().filter(|kills| !kills.is_empty()).count();
        names.extend(matrix.minimal().into_iter().map(|i| matrix.vectors[i].clone()));
    }
    let note =
        format!("{} of {all} vectors, which kill {killed} of {mutants} mutants, as all of them do\n\n", names.len());
    (names, note)
}
