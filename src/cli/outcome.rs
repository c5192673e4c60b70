//! End of a command, and writing of what it has to say.

use crate::printable::{self, COLUMNS};
use crate::report;
use crate::subject::MASK;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;
use terminal_size::{Height, Width, terminal_size_of};

/// End of a command that ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Conforms,
    Differences,
    SubjectBroken,
    NothingRan,
    /// By a signal: the exit code.
    Interrupted(u8),
}

impl End {
    /// The exit code.
    pub(super) fn code(self) -> u8 {
        match self {
            End::Conforms => 0,
            End::Differences => 1,
            End::SubjectBroken => 3,
            End::NothingRan => 4,
            End::Interrupted(code) => code,
        }
    }
}

/// Reason why a command could not run; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failed(pub(super) String);

impl From<crate::yaml::Error> for Failed {
    fn from(error: crate::yaml::Error) -> Self {
        Failed(error.text(columns_of_errors()))
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Failed(error.to_string())
    }
}

pub(super) type Outcome = Result<End, Failed>;

/// Columns of the terminal that standard output goes to.
pub(super) fn columns() -> usize {
    of(terminal_size_of(io::stdout()))
}

/// Columns of the one that standard error goes to.
pub(super) fn columns_of_errors() -> usize {
    of(terminal_size_of(io::stderr()))
}

/// A text for standard output in lines that fit, with what stands before the first and before the others.
pub(super) fn wrapped(text: &str, leads: [&str; 2]) -> String {
    let mut out = String::new();
    report::wrap(&printable::text(text), leads, columns(), &mut out);
    out
}

fn of(terminal: Option<(Width, Height)>) -> usize {
    terminal.map_or(COLUMNS, |(Width(columns), _)| columns.into()).max(FEWEST)
}

/// A narrower terminal is written to as if it had these.
const FEWEST: usize = 40;

/// Returns what of several things failed; none of them hinders another.
pub(super) fn every(results: impl IntoIterator<Item = Result<(), Failed>>) -> Result<(), Failed> {
    let failed: Vec<String> = results.into_iter().filter_map(|result| Some(result.err()?.0)).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failed(failed.join("\ncountersign: "))) }
}

/// A report that is JSON. Every character that is escaped stands in a text, where this is read as the character.
pub(super) fn json_text(report: &Value) -> String {
    printable::json(&format!("{report:#}\n")).into_owned()
}

/// Prints to standard output. What does not print stands as an escape: much of what is said is not ours.
pub(super) fn print(text: &str) -> Result<(), Failed> {
    write(io::stdout().lock(), &printable::lines(text))
}

/// Says something beside the output, on standard error.
pub(super) fn say(text: &str) -> Result<(), Failed> {
    write(io::stderr().lock(), &format!("countersign: {}\n", printable::lines(text)))
}

/// Writes at once.
fn write(mut stream: impl Write, text: &str) -> Result<(), Failed> {
    written(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()))
}

/// Returns whether output was written; a reader who has gone away is no error.
fn written(result: io::Result<()>) -> Result<(), Failed> {
    match result {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failed(format!("output cannot be written: {e}"))),
        _ => Ok(()),
    }
}

/// Prints what the parser of arguments has to say: help, which is ours, or a mistake. Returns the exit code.
pub(super) fn usage(mut error: clap::Error) -> Result<u8, Failed> {
    if !error.use_stderr() {
        return written(error.print().and_then(|()| io::stdout().flush())).map(|()| 0);
    }
    // A word that nobody asked for may be a credential.
    if let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidArg)
        && error.kind() == ErrorKind::UnknownArgument
        && !word.starts_with('-')
    {
        error.insert(ContextKind::InvalidArg, ContextValue::String(MASK.into()));
    }
    write(io::stderr().lock(), &printable::lines(&error.to_string())).map(|()| 2)
}

/// Returns whether a derived file is anything but a regular file with this text; of a text that is empty, anything at
/// all.
pub(super) fn is_stale(file: &Path, text: &str) -> bool {
    match std::fs::metadata(file) {
        Ok(found) if found.is_file() && found.len() == text.len() as u64 && !text.is_empty() => {
            std::fs::read(file).map_or(true, |found| found != text.as_bytes())
        }
        found => found.is_ok() || !text.is_empty(),
    }
}
