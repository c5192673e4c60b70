//! `countersign lint`: mistakes that a loader cannot refuse.

use super::{CorpusArgs, End, Outcome, columns, load, print, wrapped};
use crate::corpus::{self, Files};
use crate::{parallel, trial};
use clap::Args;
use std::path::PathBuf;

/// Look for mistakes in a corpus or in one scheme folder.
#[derive(Debug, Args)]
pub(super) struct Lint {
    /// A corpus, or the folder of one scheme
    path: Option<PathBuf>,
    #[command(flatten)]
    corpus: CorpusArgs,
}

impl Lint {
    pub(super) fn run(self) -> Outcome {
        let files = match &self.path {
            Some(path) => Files::in_directory(path)?,
            None => self.corpus.files()?,
        };
        let corpus = load(&files)?;
        let mut findings: Vec<String> =
            corpus::lint(&files, &corpus).iter().map(|finding| finding.text(columns())).collect();
        findings.extend(parallel::map(&corpus.entries, trial::lint_entry).into_iter().flatten());
        for finding in &findings {
            print(&format!("{finding}\n"))?;
        }
        for note in parallel::map(&corpus.entries, |entry| trial::round_trips(entry).unchecked).iter().flatten() {
            print(&wrapped(&format!("note: {note}"), ["", "  "]))?;
        }
        let vectors: usize = corpus.entries.iter().map(|entry| entry.vectors().count()).sum();
        print(&format!("{} schemes, {vectors} vectors, {} findings\n", corpus.entries.len(), findings.len()))?;
        Ok(if findings.is_empty() { End::Conforms } else { End::Differences })
    }
}
