//! `countersign fuzz`: differential fuzzing of a third-party implementation.

use super::options::seconds;
use super::progress::Progress;
use super::test::random_or;
use super::{CorpusArgs, End, Failed, Format, Outcome, ReportArgs, interrupt, write_file};
use crate::differential::{self, Bounds, Fuzzed};
use crate::report;
use crate::subject::{Limits, Process};
use clap::Args;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Look for inputs on which an implementation behind an adapter differs from the reference.
#[derive(Debug, Args)]
pub(super) struct Fuzz {
    /// The scheme
    #[arg(long)]
    scheme: String,
    /// How many cases are put
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    cases: usize,
    /// Seconds after which no further cases are put
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time: Option<f32>,
    /// What the inputs are drawn from: the same seed gives the same ones
    #[arg(long, value_name = "SEED", default_value = "random", value_parser = random_or)]
    seed: u64,
    /// Write the findings as vectors: DIR/SCHEME/found.yaml
    #[arg(long, value_name = "DIR")]
    promote: Option<PathBuf>,
    /// Seconds that an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 5.0, value_parser = seconds)]
    timeout: f32,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    report: ReportArgs,
    /// The adapter: a program and its arguments
    #[arg(last = true, value_name = "CMD", required = true)]
    command: Vec<OsString>,
}

/// How often a subject is started again: each crash is a finding.
const RESTARTS: usize = 50;

impl Fuzz {
    pub(super) fn run(self) -> Outcome {
        let corpus = self.corpus.load()?;
        let entry = corpus.entries.iter().find(|entry| entry.name == self.scheme);
        let entry =
            entry.ok_or_else(|| Failed(format!("unknown scheme `{}`; `countersign list` lists them", self.scheme)))?;
        let reply = Duration::from_secs_f32(self.timeout);
        let limits = Limits { reply, restarts: RESTARTS, ..Limits::default() };
        let mut subject = Process::new(self.command.iter().cloned(), limits);
        let bounds = Bounds { cases: self.cases, time: self.time.map(Duration::from_secs_f32), seed: self.seed };
        let progress = Progress::new("cases");
        interrupt::end_subjects_with_us();
        let fuzzed = differential::fuzz(entry, &mut subject, &bounds, &mut |cases, differing, looks| {
            progress.at(cases, bounds.cases);
            progress.says(&format!("{differing} differences of {looks} kinds"));
        });
        interrupt::wait_if_interrupted();
        drop(progress);
        let fuzzed = match fuzzed {
            Ok(fuzzed) => fuzzed,
            Err(unusable) => {
                eprintln!("countersign: {unusable}");
                return Ok(End::SubjectBroken);
            }
        };
        self.report.write(&match self.report.format {
            Format::Text => report::fuzz_text(&fuzzed),
            Format::Json => format!("{:#}\n", report::fuzz_json(&fuzzed)),
        })?;
        self.promote(&fuzzed)?;
        Ok(end(&fuzzed))
    }

    fn promote(&self, fuzzed: &Fuzzed<'_>) -> Result<(), Failed> {
        let (Some(directory), Some(text)) = (&self.promote, differential::promoted(fuzzed)) else { return Ok(()) };
        let folder = directory.join(&fuzzed.entry.name);
        std::fs::create_dir_all(&folder).map_err(|e| Failed(format!("{}: cannot be made: {e}", folder.display())))?;
        let file = folder.join("found.yaml");
        write_file(&file, text.as_bytes())?;
        eprintln!("countersign: {} vectors were written to {}", fuzzed.findings.len(), file.display());
        Ok(())
    }
}

fn end(fuzzed: &Fuzzed<'_>) -> End {
    if fuzzed.cases == fuzzed.skipped {
        eprintln!("countersign: the subject did none of the cases");
        End::NothingRan
    } else if fuzzed.conduct.breaches() > 0 {
        End::SubjectBroken
    } else if fuzzed.findings.is_empty() {
        End::Conforms
    } else {
        End::Differences
    }
}
