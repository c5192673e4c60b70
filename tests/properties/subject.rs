//! Target `subject`: an implementation behind the adapter protocol answers as the reference does.
//!
//! Inputs are cases of a scheme by its own structure, as [`PreparedScheme`] makes them. The fuzzer
//! sees the coverage of the reference alone: a process in another language has none to show.

use countersign::conformance::PreparedScheme;
use countersign::corpus::{self, Corpus, Files};
use countersign::report;
use countersign::subject::{Connection, InProcess, Limits, Process};
use countersign::trial::Reference;
use std::cell::RefCell;
use std::env;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// What is driven, from the environment; without it, the reference in this process.
#[derive(Debug, Default, Clone)]
pub struct Settings {
    /// `COUNTERSIGN_SUBJECT`: a program and its arguments, apart by spaces.
    pub subject: Option<String>,
    /// `COUNTERSIGN_SCHEME`: the scheme; all that the subject implements unless given.
    pub scheme: Option<String>,
    /// `COUNTERSIGN_CORPUS`: a directory of schemes; the built-in ones unless given.
    pub corpus: Option<String>,
}

impl Settings {
    fn from_environment() -> Settings {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        Settings {
            subject: variable("COUNTERSIGN_SUBJECT"),
            scheme: variable("COUNTERSIGN_SCHEME"),
            corpus: variable("COUNTERSIGN_CORPUS"),
        }
    }
}

/// How often a process that dies is started again: each time is a finding, unless it then answers.
const RESTARTS: usize = 50;
/// After so many inputs of which the subject answered none, the run is a mistake.
const SKIPPED: u64 = 5_000;

/// A subject with its schemes, for the whole run.
pub struct Driven {
    schemes: Vec<PreparedScheme<'static>>,
    subject: Box<dyn Connection>,
    put: u64,
}

impl Driven {
    /// Starts the subject and prepares its schemes; `Err` says what is wrong and what to do.
    pub fn start(settings: &Settings) -> Result<Driven, String> {
        let files = match &settings.corpus {
            Some(directory) => Files::in_directory(Path::new(directory)).map_err(|error| error.to_string())?,
            None => Files::built_in(),
        };
        let corpus = kept(corpus::load(&files).map_err(|errors| errors[0].to_string())?);
        let mut subject = connection(settings, corpus);
        let hello = subject.hello().map_err(|unusable| unusable.to_string())?;
        let is_wanted = |name: &String| settings.scheme.as_ref().is_none_or(|wanted| wanted == name);
        let mut schemes = Vec::new();
        let offered = |name: &String| hello.schemes.get(name).is_some_and(|ops| !ops.is_empty());
        for entry in corpus.entries.iter().filter(|entry| is_wanted(&entry.name) && offered(&entry.name)) {
            schemes.push(PreparedScheme::of(entry).told(&hello));
        }
        if schemes.is_empty() {
            let wanted = settings.scheme.as_deref().unwrap_or("any scheme of the corpus");
            let offered: Vec<_> = hello.schemes.keys().map(String::as_str).collect();
            return Err(format!(
                "the subject does not implement {wanted}, but {offered:?}; COUNTERSIGN_SCHEME names one, and \
                 COUNTERSIGN_CORPUS a directory with schemes of your own"
            ));
        }
        Ok(Driven { schemes, subject, put: 0 })
    }

    /// Puts the case that bytes mean; `Err` is the report on a difference. Where there are several
    /// schemes, the first byte says which.
    pub fn put(&mut self, data: &[u8]) -> Result<(), String> {
        let (first, rest) = match (self.schemes.len(), data.split_first()) {
            (1, _) | (_, None) => (0, data),
            (several, Some((first, rest))) => (usize::from(*first) % several, rest),
        };
        let scheme = &self.schemes[first];
        if let Some(finding) = scheme.difference(&mut *self.subject, rest) {
            // A panic that follows leaves nobody to end the process. The next input starts it again.
            self.subject.finish();
            return Err(report::finding_text(scheme.entry(), &finding));
        }
        self.put += 1;
        if self.put == SKIPPED && self.compared() == 0 {
            return Err(format!("of {SKIPPED} inputs the subject answered none: it skips all of them"));
        }
        Ok(())
    }

    /// How many inputs the subject has answered.
    pub fn compared(&self) -> u64 {
        self.schemes.iter().map(PreparedScheme::compared).sum()
    }
}

/// A corpus for as long as the run lasts; it stays reachable, so that no sanitizer takes it for lost.
fn kept(corpus: Corpus) -> &'static Corpus {
    static KEPT: Mutex<Vec<&Corpus>> = Mutex::new(Vec::new());
    let corpus: &'static Corpus = Box::leak(Box::new(corpus));
    KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(corpus);
    corpus
}

/// The subject: a process, or the reference against itself.
fn connection(settings: &Settings, corpus: &'static Corpus) -> Box<dyn Connection> {
    match &settings.subject {
        Some(command) => {
            let limits = Limits { restarts: RESTARTS, ..Limits::default() };
            Box::new(Process::new(command.split_whitespace(), limits))
        }
        None => {
            let names = corpus.entries.iter().map(|entry| entry.name.as_str());
            Box::new(InProcess::new(Reference::new(corpus.schemes()), names))
        }
    }
}

thread_local! {
    static DRIVEN: RefCell<Option<Driven>> = const { RefCell::new(None) };
}

/// Starts what the environment names, so that the first input is not charged with that.
pub fn prepare() {
    let driven = Driven::start(&Settings::from_environment()).unwrap_or_else(|why| panic!("{why}"));
    DRIVEN.set(Some(driven));
}

/// The property, of the subject that was prepared.
pub fn run(data: &[u8]) {
    if DRIVEN.with_borrow(Option::is_none) {
        prepare();
    }
    let put = |driven: &mut Option<Driven>| driven.as_mut().map_or(Ok(()), |driven| driven.put(data));
    DRIVEN.with_borrow_mut(put).unwrap_or_else(|report: String| panic!("{report}"));
}
