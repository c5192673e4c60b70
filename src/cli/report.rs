//! The report on a run, of `check` and of `test` alike.

use super::options::seconds;
use super::progress::Progress;
use super::{Failed, Force, Output, json_text};
use crate::case::Case;
use crate::diagnosis::RunDiagnosis;
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
    /// Do not look for what explains failures
    #[arg(long, conflicts_with = "diagnosis_time")]
    no_diagnosis: bool,
    #[command(flatten)]
    pub(super) force: Force,
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
    /// The options as they are typed.
    pub(super) fn words(&self) -> Vec<String> {
        let form = self.format.to_possible_value().filter(|_| self.format != RunFormat::Text);
        let form = form.map(|form| ["--format".into(), form.get_name().to_owned()]);
        let file = self.output.iter().map(|file| ["--output".into(), file.display().to_string()]);
        let force = self.force.force.then(|| "--force".to_owned());
        let time = ["--diagnosis-time".to_owned(), self.diagnosis_time.to_string()];
        let time = Some(time).filter(|_| self.diagnosis_time != TIME);
        let none = self.no_diagnosis.then(|| "--no-diagnosis".to_owned());
        form.into_iter().chain(file).chain(time).flatten().chain(none).chain(force).collect()
    }

    /// Looks whether the report can be written, before the work starts.
    pub(super) fn open(&self) -> Result<Output, Failed> {
        Output::open(self.output.as_deref(), &self.force)
    }

    /// What is asked beside the vectors, so that what explains its failures can be told apart.
    pub(super) fn questions(&self, diagnosis: &RunDiagnosis<'_>, run: &Run) -> Vec<Case> {
        let progress = Progress::new("candidates");
        if self.no_diagnosis { Vec::new() } else { diagnosis.questions(run, &progress.watch(self.diagnosis_time)) }
    }

    /// The report on a run, with what explains its failures. `note` stands before a text; `again` is the
    /// command that puts one vector once more; a text has so many columns.
    pub(super) fn of(
        &self,
        diagnosis: &RunDiagnosis<'_>,
        run: &Run,
        note: &str,
        again: Again<'_>,
        columns: usize,
    ) -> String {
        let progress = Progress::new("candidates");
        let causes = match self.no_diagnosis {
            true => Vec::new(),
            false => diagnosis.causes(run, &progress.watch(self.diagnosis_time)),
        };
        drop(progress);
        match self.format {
            RunFormat::Json => json_text(&report::run_json(run, &causes)),
            RunFormat::Text if run.subject.is_none() => {
                note.to_owned() + &report::check_text(run, &causes, again, columns)
            }
            RunFormat::Text => report::test_text(run, &causes, again, columns),
            RunFormat::Junit => report::run_junit(run, &causes),
            RunFormat::Html => report::run_html(run, &causes, again),
        }
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
