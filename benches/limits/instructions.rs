//! Instructions of each case and of its limit, counted by callgrind where valgrind is installed: they
//! are the same in every run, however busy the machine is.
//!
//! This program starts itself under callgrind, which counts within [`counted`] alone and writes what
//! it has counted each time that returns. So a case needs no program of its own, as it would with the
//! crates that drive callgrind. Valgrind may show the program a processor without the instructions
//! that hashes are made of, so that a hash takes more of them than it does outside.

use super::suite::Case;
use std::process::Command;

/// With this argument the program runs each case and its limit once.
pub const FLAG: &str = "--count";

/// The function that counts, by its whole name: given twice, a pattern is taken for one of the two only.
const COLLECT: &str = "--toggle-collect=limits::instructions::counted";
const DUMP: &str = "--dump-after=limits::instructions::counted";

/// Instructions of a case and of its limit.
pub type Counts = (u64, u64);

#[inline(never)]
pub fn counted(call: &mut dyn FnMut()) {
    call();
    // Without this the call is a jump, and callgrind does not see that this function ends.
    std::hint::black_box(());
}

/// Runs each case and its limit once, after their buffers have grown.
pub fn count_each(suite: &mut [Case]) {
    for case in suite {
        (0..6).for_each(|_| (case.run)());
        counted(&mut case.run);
        match &mut case.limit {
            Some(limit) => {
                limit();
                counted(limit);
            }
            None => counted(&mut || {}),
        }
    }
}

/// Counts all cases; nothing where valgrind is not installed.
pub fn of(suite: &[Case], words: &[String]) -> Vec<Counts> {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let program = std::env::current_exe().expect("this program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", COLLECT, DUMP])
        .arg(format!("--callgrind-out-file={}", directory.path().join("out").display()))
        .arg(program)
        .arg(FLAG)
        .args(words)
        .output();
    if !output.is_ok_and(|output| output.status.success()) {
        eprintln!("limits: valgrind is not installed or failed, so instructions are not counted");
        return Vec::new();
    }
    let totals: Vec<u64> = (1..=suite.len() * 2)
        .map(|part| {
            let dump = std::fs::read_to_string(directory.path().join(format!("out.{part}"))).unwrap_or_default();
            let total = dump.lines().find_map(|line| line.strip_prefix("totals: "));
            total.and_then(|total| total.trim().parse().ok()).unwrap_or(0)
        })
        .collect();
    totals.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
}
