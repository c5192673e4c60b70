//! How a command ends, and how it writes what it has to say.

use std::io::Write;
use std::path::Path;

/// How a command ended, when it ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Conforms,
    Differences,
    SubjectBroken,
    NothingRan,
}

/// Why a command could not run; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Failed(pub(super) String);

impl From<crate::yaml::Error> for Failed {
    fn from(error: crate::yaml::Error) -> Self {
        Failed(error.to_string())
    }
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Failed(error.to_string())
    }
}

pub(super) type Outcome = Result<End, Failed>;

/// Writes a report to a file, or prints it.
pub(super) fn write_report(output: Option<&Path>, report: &str) -> Result<(), Failed> {
    match output {
        Some(file) => write_file(file, report.as_bytes()),
        None => print(report),
    }
}

/// Prints to standard output; a reader who has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failed> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failed::from),
    }
}

pub(super) fn write_file(file: &Path, bytes: &[u8]) -> Result<(), Failed> {
    std::fs::write(file, bytes).map_err(|e| Failed(format!("{}: cannot be written: {e}", file.display())))
}

/// Whether a derived file is anything but a regular file with this text; of a text that is empty, anything at all.
pub(super) fn is_stale(file: &Path, text: &str) -> bool {
    match std::fs::metadata(file) {
        Ok(found) if found.is_file() && found.len() == text.len() as u64 && !text.is_empty() => {
            std::fs::read(file).map_or(true, |found| found != text.as_bytes())
        }
        found => found.is_ok() || !text.is_empty(),
    }
}
