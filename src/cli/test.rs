//! `countersign test`: the corpus against a third-party implementation.

use super::options::seconds;
use super::progress::Progress;
use super::report::{RunReportArgs, command};
use super::{CorpusArgs, End, Failed, Outcome, OutputFile, Over, every, interrupt, say};
use crate::corpus::{Corpus, Level};
use crate::diagnosis::RunDiagnosis;
use crate::runner::{self, CaseResult, Filter, Known, NO_REASON, Rekeyed, Run, Under};
use crate::subject::{Address, Connection, Limits, Pace, Process, Rules, Server, Unusable};
use crate::yaml;
use clap::Args;
use std::borrow::Cow;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Seconds that an answer may take, unless others are given.
const TIMEOUT: f32 = 5.0;
/// Seconds that an adapter may take to start, unless others are given.
const START_TIMEOUT: f32 = 20.0;

/// Run the corpus against an implementation behind an adapter, or against a server.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Only these schemes; all that the subject implements unless given
    #[arg(long)]
    scheme: Vec<String>,
    /// Only these topics or vectors (`SCHEME/TOPIC`, `SCHEME/TOPIC/NAME`)
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Expect what this permitted reading of the document says
    #[arg(long)]
    reading: Vec<String>,
    /// Expectations that decide the exit code: `must`, `should` or `decision`, and what is stronger; others are
    /// reported beside them
    #[arg(long, default_value_t = Level::Should, value_parser = level)]
    level: Level,
    /// A file of known divergences
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// Rewrite the file of known divergences after the run
    #[arg(long, requires = "known", conflicts_with = "rekey")]
    write_known: bool,
    /// Give every vector fresh credentials, drawn from a seed (a random one unless given)
    #[arg(long, value_name = "SEED", num_args = 0..=1, default_missing_value = "random", value_parser = random_or)]
    rekey: Option<u64>,
    /// Seconds that an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = TIMEOUT, value_parser = seconds)]
    timeout: f32,
    /// Seconds that the adapter may take to start
    #[arg(long, value_name = "SECONDS", default_value_t = START_TIMEOUT, value_parser = seconds)]
    start_timeout: f32,
    #[command(flatten)]
    report: RunReportArgs,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    server: ServerArgs,
    /// The adapter: a program and its arguments
    #[arg(last = true, value_name = "CMD", required_unless_present = "http")]
    #[arg(conflicts_with_all = ["http", "rules", "rate", "allow_host"])]
    command: Vec<OsString>,
}

/// Options that name a server as subject.
#[derive(Debug, Args)]
struct ServerArgs {
    /// Test the server at this address (`http://127.0.0.1:3000`) in place of an adapter
    #[arg(long, value_name = "URL", requires = "rules")]
    http: Option<String>,
    /// The rules file: what the server implements, and what its answers mean (adapters/SERVER.md)
    #[arg(long, value_name = "FILE", requires = "http")]
    rules: Option<PathBuf>,
    /// At most so many messages a second, evenly spaced; as fast as it answers unless given
    #[arg(long, value_name = "N", requires = "http", value_parser = interval)]
    rate: Option<Duration>,
    /// Permit this host, which is not the machine itself
    #[arg(long, value_name = "HOST", requires = "http")]
    allow_host: Vec<String>,
}

/// A number, or one drawn by chance.
pub(super) fn random_or(text: &str) -> Result<u64, String> {
    match text {
        "random" => Ok(fastrand::u64(..) >> 32),
        number => number.parse().map_err(|_| "a whole number".into()),
    }
}

/// A level by its name.
fn level(text: &str) -> Result<Level, String> {
    let known = Level::ALL.into_iter().find(|level| level.to_string() == text);
    known.ok_or_else(|| format!("one of {}", Level::ALL.map(|level| level.to_string()).join(", ")))
}

/// The time between messages at so many a second.
fn interval(text: &str) -> Result<Duration, String> {
    let rate: f64 = text.parse().map_err(|_| "a number of messages a second".to_owned())?;
    if (0.001..=1e6).contains(&rate) {
        Ok(Duration::from_secs_f64(1.0 / rate))
    } else {
        Err("from 0.001 to 1000000 messages a second".into())
    }
}

impl Test {
    pub(super) fn run(self) -> Outcome {
        let output = self.report.open()?;
        let corpus = self.corpus.load()?;
        let known = match &self.known {
            Some(file) if file.exists() || !self.write_known => Known::load(file, &corpus)?,
            _ => Known::default(),
        };
        let rewritten = self.known.as_deref().filter(|_| self.write_known);
        let rewritten = rewritten.map(|file| self.rewritten(file)).transpose()?;
        let filter = self.filter(&corpus)?;
        let (corpus, left_out) = match self.rekey {
            Some(seed) => {
                say(&format!("re-keyed with seed {seed}; --rekey {seed} repeats it"))?;
                let Rekeyed { corpus, left_out } = runner::rekey(corpus, seed);
                (corpus, left_out)
            }
            None => (corpus, Vec::new()),
        };
        let mut subject = self.subject(&corpus)?;
        interrupt::listen();
        let diagnosis = RunDiagnosis::new(&corpus);
        let mut run = match self.put(&corpus, &filter, &mut *subject, &diagnosis) {
            Ok(run) => run,
            Err(unusable) => {
                return interrupt::end(|| self.again(None), || say(&unusable.to_string()).map(|()| End::SubjectBroken));
            }
        };
        let known = if self.write_known { known.after(&run) } else { known };
        let rewrite = rewritten.map_or(Ok(()), |file| file.write(&known.to_yaml()));
        known.apply(&mut run, self.rekey.is_some());
        run.decide(self.level);
        let report = self.report.of(&diagnosis, &run, "", &|result| self.again(Some(result)), output.columns());
        let written = every([rewrite, output.write(&report)]);
        for (vector, why) in left_out.iter().filter(|(vector, _)| filter.takes(vector)) {
            say(&format!("{vector} is left out of this run: {why}"))?;
        }
        warn(&known)?;
        let ended = interrupt::end(|| self.again(None), || end(&run));
        written.and(ended)
    }

    /// The file of known divergences, of which all is kept: what is a comment would be lost.
    fn rewritten(&self, file: &Path) -> Result<OutputFile, Failed> {
        let force = self.report.force.force;
        if file.exists() && !force && Known::has_comments(&yaml::read(file)?) {
            return Err(Failed(format!(
                "{}: has comments, which would be lost; move them into `reason`, or say --force",
                file.display()
            )));
        }
        OutputFile::open(file, Over::Kept, force)
    }

    fn subject<'c>(&self, corpus: &'c Corpus) -> Result<Box<dyn Connection + 'c>, Failed> {
        let answer = Duration::from_secs_f32(self.timeout);
        let (Some(url), Some(rules)) = (&self.server.http, &self.server.rules) else {
            let limits =
                Limits { start: Duration::from_secs_f32(self.start_timeout), reply: answer, ..Limits::default() };
            return Ok(Box::new(Process::new(self.command.iter().cloned(), limits)));
        };
        let address = Address::parse(url, &self.server.allow_host).map_err(|e| Failed(format!("--http: {e}")))?;
        let rules = Rules::load(rules, &corpus.schemes(), &|name| std::env::var(name).ok())?;
        let interval = self.server.rate.unwrap_or_default();
        Ok(Box::new(Server::new(address, rules, corpus.schemes(), Pace { answer, interval, ..Pace::default() })))
    }

    fn filter(&self, corpus: &Corpus) -> Result<Filter, Failed> {
        if let Some(unknown) = self.scheme.iter().find(|name| corpus.entries.iter().all(|entry| entry.name != **name)) {
            return Err(Failed(format!("unknown scheme `{unknown}`; `countersign list` lists them")));
        }
        if let Some(unknown) = self
            .reading
            .iter()
            .find(|name| corpus.entries.iter().all(|entry| !entry.scheme.readings.contains_key(*name)))
        {
            return Err(Failed(format!("unknown reading `{unknown}`; `countersign list readings` lists them")));
        }
        Ok(Filter(self.scheme.iter().chain(&self.only).cloned().collect()))
    }

    fn put(
        &self,
        corpus: &Corpus,
        filter: &Filter,
        subject: &mut dyn Connection,
        diagnosis: &RunDiagnosis<'_>,
    ) -> Result<Run, Unusable> {
        let under = if self.reading.is_empty() { Under::Decision } else { Under::Named(&self.reading) };
        let progress = Progress::new("vectors");
        // A server that wants to be asked slowly is asked no more than it must be.
        let mut ask = |run: &Run| match self.server.rate {
            Some(_) => Vec::new(),
            None => self.report.questions(diagnosis, run),
        };
        runner::test(corpus, filter, under, subject, &mut |done, of| progress.at(done, Some(of)), &mut ask)
    }

    /// The command that puts one vector once more, or repeats the run as a whole.
    fn again(&self, result: Option<&CaseResult>) -> String {
        let mut words: Vec<Cow<'_, str>> = ["countersign", "test"].map(Into::into).into();
        let mut option = |name: &'static str, value: Cow<'_, str>| {
            words.extend([Cow::Borrowed(name), Cow::Owned(value.into_owned())]);
        };
        match result {
            Some(result) => {
                option("--only", result.vector.as_str().into());
                result.reading.iter().for_each(|reading| option("--reading", reading.into()));
            }
            None => {
                self.scheme.iter().for_each(|name| option("--scheme", name.into()));
                self.only.iter().for_each(|name| option("--only", name.into()));
                self.reading.iter().for_each(|name| option("--reading", name.into()));
            }
        }
        if self.level != Level::Should {
            option("--level", self.level.to_string().into());
        }
        self.known.iter().for_each(|file| option("--known", file.to_string_lossy()));
        self.corpus.corpus.iter().for_each(|directory| option("--corpus", directory.to_string_lossy()));
        self.rekey.iter().for_each(|seed| option("--rekey", seed.to_string().into()));
        if self.timeout != TIMEOUT {
            option("--timeout", self.timeout.to_string().into());
        }
        if self.start_timeout != START_TIMEOUT {
            option("--start-timeout", self.start_timeout.to_string().into());
        }
        self.server.http.iter().for_each(|url| option("--http", url.into()));
        self.server.rules.iter().for_each(|file| option("--rules", file.to_string_lossy()));
        self.server.allow_host.iter().for_each(|host| option("--allow-host", host.into()));
        if result.is_none() {
            self.server.rate.iter().for_each(|pause| option("--rate", (1.0 / pause.as_secs_f64()).to_string().into()));
            words.extend(self.write_known.then_some("--write-known".into()));
            words.extend(self.report.words().into_iter().map(Cow::Owned));
        }
        if !self.command.is_empty() {
            words.push("--".into());
            words.extend(self.command.iter().map(|word| word.to_string_lossy()));
        }
        command(words)
    }
}

fn warn(known: &Known) -> Result<(), Failed> {
    match known.divergences.iter().filter(|known| known.reason == NO_REASON).count() {
        0 => Ok(()),
        without => say(&format!("known divergences without a reason: {without}; write one into the file for each")),
    }
}

fn end(run: &Run) -> Outcome {
    if run.vectors() == run.not_run() {
        say("no vector ran")?;
    }
    Ok(if run.conduct.breaches() > 0 || run.broken_off.is_some() {
        End::SubjectBroken
    } else if run.vectors() == run.not_run() {
        End::NothingRan
    } else if run.failed() > 0 {
        End::Differences
    } else {
        End::Conforms
    })
}
