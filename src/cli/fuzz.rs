//! `countersign fuzz`: differential fuzzing of a third-party implementation.

use super::options::seconds;
use super::progress::Progress;
use super::promote::GrowingCorpus;
use super::report::command;
use super::test::random_or;
use super::{CorpusArgs, End, Failed, Outcome, ReportArgs, every, interrupt, load, say};
use crate::differential::{self, Bounds, Fuzzed};
use crate::report::{self, Secrets};
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
    /// Number of cases that are put: 20,000 where no time is given either
    #[arg(long, value_name = "N")]
    cases: Option<usize>,
    /// Seconds after which no further cases are put
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    time: Option<f32>,
    /// Number that the inputs are drawn from: the same seed gives the same ones
    #[arg(long, value_name = "SEED", default_value = "random", value_parser = random_or)]
    seed: u64,
    /// Add the findings to the corpus DIR as vectors: DIR/SCHEME/found.yaml, or found-2.yaml, …
    #[arg(long, value_name = "DIR")]
    promote: Option<PathBuf>,
    /// Seconds that an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, value_parser = seconds)]
    timeout: f32,
    /// Show the secrets of findings, so that they repeat as they stand
    #[arg(long)]
    show_secrets: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    report: ReportArgs,
    /// The adapter: a program and its arguments
    #[arg(last = true, value_name = "CMD", required = true)]
    command: Vec<OsString>,
}

/// Number of cases that are put, unless others are given.
const CASES: usize = 20_000;
/// Seconds that an answer may take, unless others are given.
const TIMEOUT: f32 = 5.0;
/// Number of times that a subject is started again: each crash is a finding.
const RESTARTS: usize = 50;

impl Fuzz {
    pub(super) fn run(self) -> Outcome {
        let output = self.report.open()?;
        let files = self.corpus.files()?;
        let corpus = load(&files)?;
        let entry = corpus.entries.iter().find(|entry| entry.name == self.scheme);
        let entry =
            entry.ok_or_else(|| Failed(format!("unknown scheme `{}`; `countersign list` lists them", self.scheme)))?;
        let open = |directory| GrowingCorpus::open(directory, &entry.name, &files.0[&entry.name]);
        let place = self.promote.as_deref().map(open).transpose()?;
        let reply = Duration::from_secs_f32(self.timeout);
        let limits = Limits { reply, restarts: RESTARTS, ..Limits::default() };
        let mut subject = Process::new(self.command.iter().cloned(), limits);
        let cases = self.cases.unwrap_or(if self.time.is_some() { usize::MAX } else { CASES });
        let bounds = Bounds { cases, time: self.time.map(Duration::from_secs_f32), seed: self.seed };
        let progress = Progress::new("cases");
        say(&format!("seed {0}; --seed {0} repeats it", self.seed))?;
        interrupt::listen();
        let fuzzed = differential::fuzz(entry, &mut subject, &bounds, &mut |cases, differing, looks| {
            progress.at(cases, self.cases.or(self.time.is_none().then_some(CASES)));
            progress.says(&format!("{differing} differences of {looks} kinds"));
        });
        drop(progress);
        let fuzzed = match fuzzed {
            Ok(fuzzed) => fuzzed,
            Err(unusable) => {
                return interrupt::end(|| self.again(None), || say(&unusable.to_string()).map(|()| End::SubjectBroken));
            }
        };
        let (again, secrets) = (self.again(Some(fuzzed.cases)), Secrets::of(self.show_secrets));
        let text = |columns| report::fuzz_text(&fuzzed, &again, secrets, columns);
        let report = self.report.write(&output, text, || report::fuzz_json(&fuzzed, &again, secrets));
        let written = every([report, place.map_or(Ok(()), |place| place.add(&fuzzed))]);
        let ended = interrupt::end(|| self.again(None), || end(&fuzzed));
        written.and(ended)
    }

    /// The command that repeats the run, or so many cases of it.
    fn again(&self, cases: Option<usize>) -> String {
        let mut words = vec!["countersign".to_owned(), "fuzz".into(), "--scheme".into(), self.scheme.clone()];
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        option("--seed", self.seed.to_string());
        cases.or(self.cases).iter().for_each(|cases| option("--cases", cases.to_string()));
        self.time.filter(|_| cases.is_none()).iter().for_each(|time| option("--time", time.to_string()));
        if self.timeout != TIMEOUT {
            option("--timeout", self.timeout.to_string());
        }
        self.corpus.corpus.iter().for_each(|directory| option("--corpus", directory.display().to_string()));
        self.promote.iter().for_each(|directory| option("--promote", directory.display().to_string()));
        words.extend(self.report.words());
        words.extend(self.show_secrets.then(|| "--show-secrets".to_owned()));
        words.push("--".to_owned());
        words.extend(self.command.iter().map(|word| word.to_string_lossy().into_owned()));
        command(words)
    }
}

fn end(fuzzed: &Fuzzed<'_>) -> Outcome {
    Ok(if fuzzed.cases == 0 {
        // Why is not said: it may hold a credential.
        let name = &fuzzed.entry.name;
        say(&format!("the reference itself has no answer to any input; `countersign check {name}` says more"))?;
        End::NothingRan
    } else if fuzzed.cases == fuzzed.skipped {
        say("the subject did none of the cases")?;
        End::NothingRan
    } else if fuzzed.conduct.breaches() > 0 {
        End::SubjectBroken
    } else if fuzzed.findings.is_empty() {
        End::Conforms
    } else {
        End::Differences
    })
}
