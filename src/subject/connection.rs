//! A connection to a subject: in process, a program behind the adapter protocol, or a server.

use super::{CAPABILITIES, Case, Hello, PROTOCOL, Reply, Subject};
use std::fmt;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Result of putting a case to a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It replied.
    Reply(Reply),
    /// It did not reply within this time.
    TimedOut(Duration),
    /// It ended before it replied; how.
    Crashed(Symptom),
    /// A reply that is not of the protocol, with what is wrong.
    Broke(String),
    /// It was not asked; why.
    NotAsked(String),
}

/// The reason why a case was not asked in a run that was interrupted.
#[cfg(feature = "runner")]
pub(super) const INTERRUPTED: &str = "the run was interrupted";

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Puts no further case to any subject: what is under way is waited for.
pub fn interrupt() {
    IS_INTERRUPTED.store(true, Ordering::SeqCst);
}

/// Returns whether no further case is put.
pub fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::SeqCst)
}

/// Something that cases can be put to.
pub trait Connection {
    /// Starts the subject and asks who it is.
    fn hello(&mut self) -> Result<Hello, Unusable>;

    /// Puts cases, and hands over what came of each with its number, in any order, each exactly
    /// once, until the receiver breaks off.
    fn put(&mut self, cases: &[Case], each: &mut dyn FnMut(usize, Delivery) -> ControlFlow<()>);

    /// Ends the subject and says how it behaved.
    fn finish(&mut self) -> Conduct;

    /// Returns why a case cannot be put over this connection, whatever the subject does; `None` where it can.
    fn cannot_put(&self, _case: &Case) -> Option<String> {
        None
    }

    /// Returns whether it leads to a server: one gives every answer a status, and may want to be left alone.
    fn is_server(&self) -> bool {
        false
    }
}

/// Reason why a subject cannot be tested at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub String);

/// Conduct of a subject beside its replies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conduct {
    /// Breaches of the protocol, each kind once, with the first example of it.
    pub breaches: Vec<Breach>,
    /// Beginning and end of what it wrote to standard error.
    pub stderr: String,
    /// Number of times it was started again.
    pub restarts: usize,
}

/// A kind of thing that a subject did against the protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Sentence that says what it did.
    pub what: String,
    /// The first time: what was seen.
    pub example: Symptom,
    /// Number of times.
    pub times: usize,
}

/// Symptom of a subject that failed, with lines of standard error where these may say why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symptom {
    /// The observation, in a clause.
    pub seen: String,
    /// First and last lines of standard error.
    pub stderr: Vec<String>,
}

impl Symptom {
    /// The observation, in a clause that leads to the lines of standard error where there are some.
    pub fn clause(&self) -> String {
        let wrote = if self.stderr.is_empty() { "" } else { "; it wrote to standard error:" };
        format!("{}{wrote}", self.seen)
    }
}

impl fmt::Display for Symptom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.clause())?;
        self.stderr.iter().try_for_each(|line| write!(f, "\n    | {line}"))
    }
}

impl From<String> for Symptom {
    fn from(seen: String) -> Symptom {
        Symptom { seen, stderr: Vec::new() }
    }
}

impl From<&str> for Symptom {
    fn from(seen: &str) -> Symptom {
        seen.to_owned().into()
    }
}

impl Conduct {
    /// Records a breach.
    #[cfg(feature = "runner")]
    pub(super) fn breach(&mut self, what: &str, example: impl Into<Symptom>) {
        match self.breaches.iter_mut().find(|breach| breach.what == what) {
            Some(breach) => breach.times += 1,
            None => self.breaches.push(Breach { what: what.to_owned(), example: example.into(), times: 1 }),
        }
    }

    /// Counts the breaches, in all.
    pub fn breaches(&self) -> usize {
        self.breaches.iter().map(|breach| breach.times).sum()
    }
}

/// A subject in this process. A panic is an outcome like any other.
pub struct InProcess<S> {
    subject: S,
    schemes: Vec<String>,
}

impl<S: Subject> InProcess<S> {
    /// A subject that implements these schemes.
    pub fn new(subject: S, schemes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        InProcess { subject, schemes: schemes.into_iter().map(Into::into).collect() }
    }
}

impl<S: Subject> Connection for InProcess<S> {
    fn hello(&mut self) -> Result<Hello, Unusable> {
        let both = || vec!["sign".to_owned(), "verify".to_owned()];
        Ok(Hello {
            seq: PROTOCOL.into(),
            name: std::any::type_name::<S>().into(),
            version: String::new(),
            language: "rust".into(),
            schemes: self.schemes.iter().map(|name| (name.clone(), both())).collect(),
            capabilities: CAPABILITIES.map(str::to_owned).to_vec(),
        })
    }

    fn put(&mut self, cases: &[Case], each: &mut dyn FnMut(usize, Delivery) -> ControlFlow<()>) {
        for (i, case) in cases.iter().enumerate() {
            let reply = catch_unwind(AssertUnwindSafe(|| self.subject.answer(case)));
            let outcome = match reply {
                Ok(reply) => Delivery::Reply(reply),
                Err(panic) => Delivery::Crashed(format!("it panicked: {}", panic_text(&*panic)).into()),
            };
            if each(i, outcome).is_break() {
                return;
            }
        }
    }

    fn finish(&mut self) -> Conduct {
        Conduct::default()
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a text")
}
