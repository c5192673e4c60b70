//! Processes that a subject leaves behind. Each subject runs in a process group of its own with a
//! mark in its environment, which what it starts inherits; at its end whatever has the mark is ended.
//!
//! A program that both leaves the group and clears its environment is not found. On systems without
//! `/proc` only the group is ended, and elsewhere than on Unix the process alone.

use std::process::{Child, Command};
use std::sync::atomic::{AtomicU64, Ordering};

/// Name of the variable that marks the processes of a subject.
const VARIABLE: &str = "COUNTERSIGN_SUBJECT_MARK";

/// A mark that no other subject has.
pub(super) struct Marker(String);

impl Marker {
    pub(super) fn new() -> Marker {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Marker(format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// Marks a process that is to be started, and gives it a group of its own.
    pub(super) fn put(&self, command: &mut Command) {
        command.env(VARIABLE, &self.0);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
    }

    /// Ends every process that has the mark; how many there were.
    pub(super) fn kill_all(&self, child: &Child) -> usize {
        let mut killed = 0;
        // What is ended may have started another one meanwhile.
        for _ in 0..8 {
            let found: Vec<u32> = self.marked().into_iter().filter(|&id| id != child.id()).collect();
            if found.is_empty() {
                break;
            }
            killed += found.len();
            found.into_iter().for_each(kill);
        }
        killed
    }

    #[cfg(target_os = "linux")]
    fn marked(&self) -> Vec<u32> {
        let mark = format!("{VARIABLE}={}", self.0).into_bytes();
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let has_mark = |id: &u32| {
            let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
            environment.split(|&b| b == 0).any(|variable| variable == mark)
        };
        ids.filter(has_mark).collect()
    }

    #[cfg(not(target_os = "linux"))]
    fn marked(&self) -> Vec<u32> {
        Vec::new()
    }
}

/// Ends the group of a process that has not been waited for.
#[cfg(unix)]
pub(super) fn kill_group(child: &Child) {
    if let Some(group) = pid(child.id()) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
pub(super) fn kill_group(_: &Child) {}

#[cfg(unix)]
fn kill(id: u32) {
    if let Some(id) = pid(id) {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_: u32) {}

#[cfg(unix)]
fn pid(id: u32) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(id).ok()?)
}
