//! Runs the command against one hostile subject and looks at what it takes.

use crate::command::Ran;
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

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
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/flipsnack/sign.yaml");
    fs::read_to_string(file).unwrap().matches("\n  - name: ").count()
}

/// The closing line of a run in which none is skipped.
pub fn passed_and_failed(passed: usize, failed: usize) -> String {
    format!("\n{passed} passed, {failed} failed, 0 skipped\n")
}

/// A run of the command, and what it took.
pub struct Run {
    pub ran: Ran,
    /// Wall time.
    pub took: Duration,
    /// Peak of resident memory in bytes; 0 where the system does not tell.
    pub peak: u64,
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
            assert!(std::env::var_os("COUNTERSIGN_REQUIRE_ADAPTERS").is_none(), "python3 cannot be run: {e}");
            eprintln!("python3 is not on this machine ({e}): its hostile subjects are not run");
            None
        }
    });

/// The program of hostile subjects in one of its modes; none where there is no Python.
pub fn subject(mode: &str, arguments: &[&str]) -> Option<Test> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile/subjects/subject.py");
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
    pub fn run(mut self) -> Run {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/flipsnack");
        let only = if self.only.is_empty() { vec!["flipsnack/sign"] } else { self.only };
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        match self.fuzzed {
            Some(scheme) => command.args(["fuzz", "--scheme", scheme]),
            None => command.arg("test").arg("--corpus").arg(corpus).args(only.iter().flat_map(|name| ["--only", name])),
        };
        command.args(self.options);
        command.arg("--").args(self.subject);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (read(child.stdout.take().unwrap()), read(child.stderr.take().unwrap()));
        let mut peak = 0;
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            peak = peak.max(peak_of(child.id()));
            let is_due = |due: &Interrupt| due.times > 0 && fs::metadata(&due.file).is_ok_and(|file| file.len() > 0);
            if let Some(due) = self.interrupted.as_mut().filter(|due| is_due(due)) {
                due.times -= 1;
                let _ = Command::new("kill").arg(format!("-{}", due.signal)).arg(child.id().to_string()).status();
                // Signals that come together are one.
                thread::sleep(Duration::from_millis(100));
            }
            if start.elapsed() > HANGS {
                child.kill().unwrap();
                child.wait().unwrap();
                kill(&marked(child.id()));
                panic!("the command hangs");
            }
            thread::sleep(Duration::from_millis(5));
        };
        let took = start.elapsed();
        let left = marked(child.id());
        kill(&left);
        assert!(left.is_empty(), "processes of the subject are left: {left:?}");
        let text = |reader: thread::JoinHandle<Vec<u8>>| String::from_utf8(reader.join().unwrap()).unwrap();
        let ran = Ran { code: status.code().expect("no signal"), stdout: text(stdout), stderr: text(stderr) };
        Run { ran, took, peak }
    }
}

impl Run {
    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Run {
        Run { ran: self.ran.exits(code), ..self }
    }

    /// Asserts that standard output has this text, wherever its lines are broken.
    #[track_caller]
    pub fn prints(self, text: &str) -> Run {
        let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat(&self.ran.stdout).contains(&flat(text)),
            "`{text}` is not in standard output:\n{}",
            self.ran.stdout
        );
        self
    }

    /// Asserts that standard error has this text.
    #[track_caller]
    pub fn complains(self, text: &str) -> Run {
        Run { ran: self.ran.complains(text), ..self }
    }

    /// Asserts that it took at most so many seconds. A machine under load is slow, so the bounds are wide.
    #[track_caller]
    pub fn within(self, seconds: u64) -> Run {
        assert!(self.took < Duration::from_secs(seconds), "it took {:?}", self.took);
        self
    }

    /// Asserts a bound on the peak of memory, in megabytes.
    #[track_caller]
    pub fn in_megabytes(self, bound: u64) -> Run {
        assert!(self.peak < bound << 20, "it took {} MB", self.peak >> 20);
        self
    }
}

fn read(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn peak_of(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
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
