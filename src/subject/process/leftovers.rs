//! Processes that a subject leaves behind. Each subject runs in a process group of its own with a
//! mark in its environment, which what it starts inherits; at its end whatever has the mark is ended,
//! and whatever descends from this process, where that adopts orphans.
//!
//! Where it does not, a program that both leaves the group and clears its environment is not found. On
//! systems without `/proc` only the group is ended, and elsewhere than on Unix the process alone.

use std::collections::BTreeSet;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Name of the variable that marks the processes of a subject.
const VARIABLE: &str = "COUNTERSIGN_SUBJECT_MARK";

/// Time for which processes are looked for that start one another.
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

    /// Ends every process that has the mark, and returns when none is left; how many there were. The process
    /// that was started with it has been waited for.
    pub(super) fn kill_all(&self) -> usize {
        let killed = kill_leftovers(&|mark| mark == self.0);
        wait_for_orphans(None);
        killed
    }
}

/// From now on this process is the parent of whatever descends from it and has lost its own, so that what
/// its subjects start cannot get away from it: for a program that has one subject at a time, and no other
/// children than those that it has now.
#[cfg(all(feature = "cli", target_os = "linux"))]
pub(crate) fn adopt_orphans() {
    if rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok() {
        let children = processes().filter(|process| process.parent == std::process::id());
        STRANGERS.get_or_init(|| children.map(|process| process.id).collect());
    }
}

/// Children that this process has had before it adopts orphans; nothing where it does not.
#[cfg(target_os = "linux")]
static STRANGERS: std::sync::OnceLock<BTreeSet<u32>> = std::sync::OnceLock::new();

/// Ends every process of every subject of this process, and starts none any more.
pub fn end_all() {
    crate::subject::interrupt();
    IS_ENDING.store(true, Ordering::SeqCst);
    let ours = format!("{}-", std::process::id());
    kill_leftovers(&|mark| mark.starts_with(&ours));
}

/// Returns whether subjects are not to be started any more.
pub(in crate::subject) fn is_ending() -> bool {
    IS_ENDING.load(Ordering::SeqCst)
}

static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Number of looks in a row that must find nothing.
const CLEAN_LOOKS: usize = 4;

/// Ends the processes whose mark is meant, and what descends from this process; how many there were.
fn kill_leftovers(is_meant: &dyn Fn(&str) -> bool) -> usize {
    let (mut killed, mut ended) = (BTreeSet::new(), BTreeSet::new());
    let end = Instant::now() + PATIENCE;
    let (mut clean, mut is_first) = (0, true);
    loop {
        let mut groups = BTreeSet::new();
        // Each is ended as soon as it is found: it may start others meanwhile.
        leftovers(is_meant, &mut |ProcessEntry { id, group, has_ended, .. }| match has_ended {
            false => {
                kill(id);
                killed.insert(id);
                groups.insert(group);
            }
            // It ended between two looks, and may have started another one before.
            true if ended.insert(id) => {
                if !is_first {
                    killed.insert(id);
                }
                groups.insert(group);
            }
            true => {}
        });
        is_first = false;
        // One that has started another one and ended by now has it in its group.
        groups.iter().for_each(|&group| kill_group_of(group));
        // A process that starts another one and ends can be missed by one look, and by a second.
        clean = if groups.is_empty() { clean + 1 } else { 0 };
        if clean == CLEAN_LOOKS || Instant::now() > end {
            return killed.len();
        }
    }
}

/// A process as `/proc` has it.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there are none without `/proc`"))]
struct ProcessEntry {
    id: u32,
    parent: u32,
    /// Its process group.
    group: u32,
    /// Tells whether it has ended, and is there only to be waited for.
    has_ended: bool,
}

#[cfg(target_os = "linux")]
fn processes() -> impl Iterator<Item = ProcessEntry> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let stat = std::fs::read(format!("/proc/{id}/stat")).ok()?;
        // The name of the program, in parentheses, may hold anything.
        let after = &stat[stat.iter().rposition(|&b| b == b')')? + 1..];
        let mut fields = std::str::from_utf8(after).ok()?.split_ascii_whitespace();
        let has_ended = matches!(fields.next()?, "Z" | "X");
        let mut number = || fields.next()?.parse().ok();
        Some(ProcessEntry { id, parent: number()?, group: number()?, has_ended })
    })
}

#[cfg(target_os = "linux")]
fn leftovers(is_meant: &dyn Fn(&str) -> bool, each: &mut dyn FnMut(ProcessEntry)) {
    // What is listed before its parent is found by the next look, as a child of this process.
    let mut ours = BTreeSet::from([std::process::id()]);
    for process in processes() {
        let ProcessEntry { id, parent, has_ended, .. } = process;
        let descends = STRANGERS.get().is_some_and(|others| ours.contains(&parent) && !others.contains(&id));
        if descends || (!has_ended && has_mark(id, is_meant)) {
            each(process);
            ours.insert(id);
        }
    }
}

#[cfg(target_os = "linux")]
fn has_mark(id: u32, is_meant: &dyn Fn(&str) -> bool) -> bool {
    let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
    let mark = |variable| std::str::from_utf8(variable).ok()?.strip_prefix(VARIABLE)?.strip_prefix('=');
    environment.split(|&b| b == 0).filter_map(mark).any(is_meant)
}

/// Waits for the orphans that have ended, or they would pile up; not for the subject, which others do.
#[cfg(target_os = "linux")]
pub(super) fn wait_for_orphans(subject: Option<&Child>) {
    let Some(strangers) = STRANGERS.get() else { return };
    let is_orphan = |process: &ProcessEntry| process.has_ended && process.parent == std::process::id();
    for ProcessEntry { id, .. } in processes().filter(is_orphan) {
        if Some(id) != subject.map(Child::id) && !strangers.contains(&id) {
            let _ = rustix::process::waitpid(pid(id), rustix::process::WaitOptions::NOHANG);
        }
    }
}

#[cfg(all(feature = "cli", not(target_os = "linux")))]
pub(crate) fn adopt_orphans() {}

#[cfg(not(target_os = "linux"))]
fn leftovers(_: &dyn Fn(&str) -> bool, _: &mut dyn FnMut(ProcessEntry)) {}

#[cfg(not(target_os = "linux"))]
pub(super) fn wait_for_orphans(_: Option<&Child>) {}

/// Ends the group of a process that has not been waited for.
pub(super) fn kill_group(child: &Child) {
    kill_group_of(child.id());
}

/// Ends a group that is not this process's own.
#[cfg(unix)]
fn kill_group_of(group: u32) {
    if let Some(group) = pid(group).filter(|group| *group != rustix::process::getpgrp()) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group_of(_: u32) {}

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
