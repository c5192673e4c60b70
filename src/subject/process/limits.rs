//! Limits on what a subject may take.

use std::time::Duration;

/// Limits on what a process may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Time from starting the process to its reply to `start`.
    pub start: Duration,
    /// Time that a reply may take.
    pub reply: Duration,
    /// Time that the process may take to end after `stop`.
    pub stop: Duration,
    /// Number of times that a process may be started again.
    pub restarts: usize,
    /// Number of breaches of the protocol that are borne.
    pub breaches: usize,
    /// Longest line that is read, in bytes.
    pub line: usize,
    /// Bytes that are read in all, beyond what so many replies need.
    pub output: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Limits {
            start: seconds(20),
            reply: seconds(5),
            stop: seconds(2),
            restarts: 10,
            breaches: 100,
            line: 4 << 20,
            output: 64 << 20,
        }
    }
}
