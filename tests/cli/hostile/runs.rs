//! Runs the command against one hostile subject and looks at what it takes.

use crate::command::{COUNTERSIGN, Ran, watched};
use crate::setting::{lacks, place};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

/// Longest run that is borne; a command that runs longer hangs.
const HANGS: Duration = Duration::from_secs(40);

/// A few vectors, for subjects that are started again on each.
pub const FEW: [&str; 2] = ["flipsnack/documented", "flipsnack/sign/only-the-api-key"];

/// Runs a test of several modes that do little but wait, side by side.
pub fn all_at_once(modes: &[&str], test: impl Fn(&str) + Sync) {
    thread::scope(|scope| modes.iter().for_each(|mode| drop(scope.spawn(|| test(mode)))));
}

/// How many vectors of signing there are.
pub fn signing() -> usize {
    let file = place("vectors/flipsnack/sign.yaml");
    fs::read_to_string(file).unwrap().matches("\n  - name: ").count()
}

/// The closing line of a run in which none is skipped.
pub fn passed_and_failed(passed: usize, failed: usize) -> String {
    format!("\n{passed} passed, {failed} failed, 0 skipped\n")
}

/// `countersign test` against a subject, with options.
pub struct Test {
    options: Vec<OsString>,
    only: Vec<&'static str>,
    subject: Vec<OsString>,
    /// The scheme that is fuzzed; a test unless given.
    fuzzed: Option<&'static str>,
    interrupted: Option<Interrupt>,
}

/// A signal that is sent once there is something in a file.
struct Interrupt {
    file: PathBuf,
    signal: &'static str,
    times: usize,
}

/// Python itself: what stands on the path may be a script that looks for it, which takes time.
static PYTHON: LazyLock<Option<String>> =
    LazyLock::new(|| match Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output() {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap().trim().to_owned()),
        Err(e) => {
            lacks("python3", e, "its hostile subjects are not run");
            None
        }
    });

/// The program of hostile subjects in one of its modes; none where there is no Python.
pub fn subject(mode: &str, arguments: &[&str]) -> Option<Test> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/hostile/subjects/subject.py");
    let command = [PYTHON.as_deref()?, "-B", program, mode];
    Some(Test::of(command.iter().chain(arguments)))
}

impl Test {
    /// Any command as subject.
    pub fn of(command: impl IntoIterator<Item = impl Into<OsString>>) -> Test {
        let subject = command.into_iter().map(Into::into).collect();
        Test { options: Vec::new(), only: Vec::new(), subject, fuzzed: None, interrupted: None }
    }

    /// The command of the subject itself.
    pub fn command(self) -> Vec<OsString> {
        self.subject
    }

    /// Options of the command.
    pub fn with(mut self, options: &[&str]) -> Test {
        self.options.extend(options.iter().map(OsString::from));
        self
    }

    /// Only these vectors; those of signing unless given.
    pub fn only(mut self, names: &[&'static str]) -> Test {
        self.only.extend(names);
        self
    }

    /// Fuzzes a scheme of the built-in corpus in place of testing.
    pub fn fuzzing(mut self, scheme: &'static str) -> Test {
        self.fuzzed = Some(scheme);
        self
    }

    /// Interrupted by so many signals, once there is something in this file.
    pub fn interrupted(mut self, file: &Path, signal: &'static str, times: usize) -> Test {
        self.interrupted = Some(Interrupt { file: file.to_owned(), signal, times });
        self
    }

    /// Runs it, and asserts that nothing of the subject is left afterwards.
    #[track_caller]
    pub fn run(mut self) -> Ran {
        let only = if self.only.is_empty() { vec!["flipsnack/sign"] } else { self.only };
        let mut command = Command::new(COUNTERSIGN);
        match self.fuzzed {
            Some(scheme) => command.args(["fuzz", "--scheme", scheme]),
            None => command
                .arg("test")
                .arg("--corpus")
                .arg(place("vectors/flipsnack"))
                .args(only.iter().flat_map(|name| ["--only", name])),
        };
        command.args(self.options);
        command.arg("--").args(self.subject);
        let mut runner = 0;
        let ran = watched(&mut command, HANGS, 1 << 20, |id| {
            runner = id;
            let is_due = |due: &Interrupt| due.times > 0 && fs::metadata(&due.file).is_ok_and(|file| file.len() > 0);
            if let Some(due) = self.interrupted.as_mut().filter(|due| is_due(due)) {
                due.times -= 1;
                let _ = Command::new("kill").arg(format!("-{}", due.signal)).arg(id.to_string()).status();
                // Signals that come together are one.
                thread::sleep(Duration::from_millis(100));
            }
        });
        let left = marked(runner);
        kill(&left);
        let ran = ran.unwrap();
        assert!(left.is_empty(), "processes of the subject are left: {left:?}");
        ran
    }
}

/// The processes that have the mark of subjects of this run of the command.
fn marked(runner: u32) -> Vec<PathBuf> {
    let mark = format!("COUNTERSIGN_SUBJECT_MARK={runner}-").into_bytes();
    let has_mark = |directory: &PathBuf| {
        let environment = fs::read(directory.join("environ")).unwrap_or_default();
        environment.split(|&b| b == 0).any(|variable| variable.starts_with(&mark))
    };
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).filter(has_mark).collect()
}

fn kill(processes: &[PathBuf]) {
    for process in processes {
        let _ = Command::new("kill").arg("-9").arg(process.file_name().unwrap()).status();
    }
}
