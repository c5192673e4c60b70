//! `countersign check`: the corpus against the reference.

use super::{CorpusArgs, End, Format, Outcome, ReportArgs};
use crate::report;
use crate::runner::{self, Filter};
use clap::Args;

/// Check the corpus against the reference.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Only these: a scheme, a topic or a vector (`SCHEME`, `SCHEME/TOPIC`)
    names: Vec<String>,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Check {
    pub(super) fn run(self) -> Outcome {
        let corpus = self.corpus.load()?;
        let run = runner::check(&corpus, &Filter(self.names));
        let report = match self.report.format {
            Format::Text => report::run_text(&run),
            Format::Json => format!("{:#}\n", report::run_json(&run)),
        };
        self.report.write(&report)?;
        Ok(match (run.vectors(), run.failed()) {
            (0, _) => {
                eprintln!("countersign: no vector has this name; `countersign list vectors` lists them");
                End::NothingRan
            }
            (_, 0) => End::Conforms,
            _ => End::Differences,
        })
    }
}
