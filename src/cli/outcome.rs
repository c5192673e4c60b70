//! How a command ends, and how it writes what it has to say.

use std::io::Write;

/// How a command ended, when it ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Conforms,
    Differences,
    SubjectBroken,
    NothingRan,
    /// By a signal: the exit code.
    Interrupted(u8),
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

/// What of several things failed; none of them hinders another.
pub(super) fn every(results: impl IntoIterator<Item = Result<(), Failed>>) -> Result<(), Failed> {
    let failed: Vec<String> = results.into_iter().filter_map(|result| Some(result.err()?.0)).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failed(failed.join("\ncountersign: "))) }
}

/// Prints to standard output; a reader who has gone away is no error.
pub(super) fn print(text: &str) -> Result<(), Failed> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failed::from),
    }
}
