//! Options that several subcommands have: the corpus, and the form and place of a report.

use super::outcome::{Failed, columns_of_errors, json_text};
use super::write::{Force, Output};
use crate::corpus::{self, Corpus, Files};
use clap::{Args, ValueEnum};
use serde_json::Value;
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
        self.load_of(&[])
    }

    /// Loads the schemes that these names are of, whatever the others are; all, where there are no names.
    pub(super) fn load_of(&self, names: &[String]) -> Result<Corpus, Failed> {
        let mut files = self.files()?;
        files.0.retain(|scheme, _| names.is_empty() || names.iter().any(|name| name.split('/').next() == Some(scheme)));
        load(&files)
    }
}

pub(super) fn load(files: &Files) -> Result<Corpus, Failed> {
    corpus::load(files).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(|error| error.text(columns_of_errors())).collect();
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

    /// Writes a report in the form that was asked for; a text gets the columns that it has.
    pub(super) fn write(
        &self,
        output: &Output,
        text: impl FnOnce(usize) -> String,
        json: impl FnOnce() -> Value,
    ) -> Result<(), Failed> {
        output.write(&match self.format {
            Format::Text => text(output.columns()),
            Format::Json => json_text(&json()),
        })
    }
}

/// A number of seconds.
pub(super) fn seconds(text: &str) -> Result<f32, String> {
    let seconds: f32 = text.parse().map_err(|_| "a number of seconds".to_owned())?;
    if seconds > 0.0 && seconds <= 3600.0 { Ok(seconds) } else { Err("more than 0 and at most 3600 seconds".into()) }
}
