//! Processes that a subject leaves behind. Each subject runs in a process group of its own with a
//! mark in its environment, which what it starts inherits; at its end whatever has the mark is ended.
//!
//! A program that both leaves the group and clears its environment is not found. On systems without
//! `/proc` only the group is ended, and elsewhere than on Unix the process alone.

use std::collections::BTreeSet;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Name of the variable that marks the processes of a subject.
const VARIABLE: &str = "COUNTERSIGN_SUBJECT_MARK";

/// How long processes are looked for that start one another.
const PATIENCE: Duration = Duration::from_secs(2);

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

    /// Ends every process that has the mark, and returns when none is left; how many there were.
    pub(super) fn kill_all(&self, child: &Child) -> usize {
        kill_marked(&|mark| mark == self.0, Some(child.id()))
    }
}

/// Puts no further case to any subject: what is under way is waited for.
pub fn interrupt() {
    IS_INTERRUPTED.store(true, Ordering::SeqCst);
}

/// Whether no further case is put.
pub fn is_interrupted() -> bool {
    IS_INTERRUPTED.load(Ordering::SeqCst)
}

/// Ends every process of every subject of this process, and starts none any more.
pub fn end_all() {
    interrupt();
    IS_ENDING.store(true, Ordering::SeqCst);
    let ours = format!("{}-", std::process::id());
    kill_marked(&|mark| mark.starts_with(&ours), None);
}

/// Whether subjects are not to be started any more.
pub(in crate::subject) fn is_ending() -> bool {
    IS_ENDING.load(Ordering::SeqCst)
}

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// How many looks in a row must find nothing.
const CLEAN_LOOKS: usize = 4;

/// Ends the processes whose mark is meant, but for one; how many there were.
fn kill_marked(is_meant: &dyn Fn(&str) -> bool, but: Option<u32>) -> usize {
    let mut killed = BTreeSet::new();
    let end = Instant::now() + PATIENCE;
    let mut clean = 0;
    loop {
        let mut is_clean = true;
        // Each is ended as soon as it is found: it may start others meanwhile.
        marked(is_meant, &mut |id| {
            if Some(id) != but {
                is_clean = false;
                kill(id);
                killed.insert(id);
            }
        });
        // A process that starts another one and ends can be missed by one look, and by a second.
        clean = if is_clean { clean + 1 } else { 0 };
        if clean == CLEAN_LOOKS || Instant::now() > end {
            return killed.len();
        }
    }
}

#[cfg(target_os = "linux")]
fn marked(is_meant: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(u32)) {
    let Ok(entries) = std::fs::read_dir("/proc") else { return };
    for id in entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
        let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let mark = |variable| std::str::from_utf8(variable).ok()?.strip_prefix(VARIABLE)?.strip_prefix('=');
        if environment.split(|&b| b == 0).filter_map(mark).any(is_meant) {
            each(id);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn marked(_: &dyn Fn(&str) -> bool, _: &mut dyn FnMut(u32)) {}

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
