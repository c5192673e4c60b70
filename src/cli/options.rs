//! Options that several subcommands have: the corpus, and the form and place of a report.

use super::outcome::Failed;
use super::write::{Force, Output};
use crate::corpus::{self, Corpus, Files};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Options that name the corpus.
#[derive(Debug, Args)]
pub(super) struct CorpusArgs {
    /// Use the vectors of this directory and not those built in
    #[arg(long, value_name = "DIR")]
    pub(super) corpus: Option<PathBuf>,
}

/// Options of a report.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Form of the report
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: Force,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Json,
}

impl CorpusArgs {
    pub(super) fn files(&self) -> Result<Files, Failed> {
        match &self.corpus {
            Some(directory) => Ok(Files::in_directory(directory)?),
            None => Ok(Files::built_in()),
        }
    }

    pub(super) fn load(&self) -> Result<Corpus, Failed> {
        load(&self.files()?)
    }
}

pub(super) fn load(files: &Files) -> Result<Corpus, Failed> {
    corpus::load(files).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failed(lines.join("\ncountersign: "))
    })
}

impl ReportArgs {
    /// The options as they are typed.
    pub(super) fn words(&self) -> Vec<String> {
        let form = (self.format != Format::Text).then_some(["--format".into(), "json".into()]);
        let file = self.output.iter().map(|file| ["--output".into(), file.display().to_string()]);
        let force = self.force.force.then(|| "--force".to_owned());
        form.into_iter().chain(file).flatten().chain(force).collect()
    }

    /// Looks whether the report can be written, before the work starts.
    pub(super) fn open(&self) -> Result<Output, Failed> {
        Output::open(self.output.as_deref(), &self.force)
    }
}
