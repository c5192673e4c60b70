//! The report on a run, of `check` and of `test` alike.

use super::options::seconds;
use super::progress::Progress;
use super::{Failed, write_report};
use crate::corpus::Corpus;
use crate::diagnosis::explain_run;
use crate::report::{self, Again};
use crate::runner::Run;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Options of the report on a run.
#[derive(Debug, Args)]
pub(super) struct RunReportArgs {
    /// Form of the report
    #[arg(long, value_enum, default_value = "text")]
    format: RunFormat,
    /// Write the report to this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Seconds that may be spent on what explains failures; then it is said how much was left untried
    #[arg(long, value_name = "SECONDS", default_value_t = TIME, value_parser = seconds)]
    diagnosis_time: f32,
}

/// Seconds that may be spent on what explains failures, unless others are given.
const TIME: f32 = 5.0;

/// Forms of the report on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RunFormat {
    Text,
    Json,
    Junit,
    Html,
}

impl RunReportArgs {
    /// Writes the report on a run, with what explains its failures. `note` stands before a text;
    /// `again` is the command that puts one vector once more.
    pub(super) fn write(&self, corpus: &Corpus, run: &Run, note: &str, again: Again<'_>) -> Result<(), Failed> {
        let progress = Progress::new("candidates");
        let causes = explain_run(corpus, run, &progress.watch(self.diagnosis_time));
        drop(progress);
        let report = match self.format {
            RunFormat::Text if run.subject.is_none() => note.to_owned() + &report::check_text(run, &causes, again),
            RunFormat::Text => report::test_text(run, &causes, again),
            RunFormat::Json => format!("{:#}\n", report::run_json(run, &causes)),
            RunFormat::Junit => report::run_junit(run, &causes),
            RunFormat::Html => report::run_html(run, &causes, again),
        };
        write_report(self.output.as_deref(), &report)
    }
}

/// A command as it is typed into a POSIX shell.
pub(super) fn command<'a>(words: impl IntoIterator<Item = impl Into<std::borrow::Cow<'a, str>>>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = |word: std::borrow::Cow<'a, str>| match !word.is_empty() && word.chars().all(plain) {
        true => word.into_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    };
    words.into_iter().map(|word| quoted(word.into())).collect::<Vec<_>>().join(" ")
}
