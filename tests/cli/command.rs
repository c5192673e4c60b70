//! Runs the command `countersign` as a user does, and makes corpora for it to read.

use crate::setting::place;
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The command itself.
pub const COUNTERSIGN: &str = env!("CARGO_BIN_EXE_countersign");

/// How a run of the command ended, and what it took.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// Wall time.
    pub took: Duration,
    /// Peak of resident memory in bytes; 0 where nobody watched, or the system does not tell.
    pub peak: u64,
}

impl Ran {
    /// Asserts the exit code and hands the run on; the message shows everything that was printed.
    #[track_caller]
    pub fn exits(self, code: i32) -> Ran {
        assert_eq!(self.code, code, "exit code\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Asserts that standard output has this text, wherever its lines break.
    #[track_caller]
    pub fn prints(self, text: &str) -> Ran {
        assert!(says(&self.stdout, text), "`{text}` is not in standard output:\n{}", self.stdout);
        self
    }

    /// Asserts that standard error has this text, wherever its lines break.
    #[track_caller]
    pub fn complains(self, text: &str) -> Ran {
        assert!(says(&self.stderr, text), "`{text}` is not in standard error:\n{}", self.stderr);
        self
    }

    /// Asserts that neither output has this text.
    #[track_caller]
    pub fn hides(self, text: &str) -> Ran {
        assert!(!self.stdout.contains(text) && !self.stderr.contains(text), "`{text}` shows:\n{self:?}");
        self
    }

    /// Asserts that it took at most so many seconds. A machine under load is slow, so the bounds are wide.
    #[track_caller]
    pub fn within(self, seconds: u64) -> Ran {
        assert!(self.took < Duration::from_secs(seconds), "it took {:?}; stderr:\n{}", self.took, self.stderr);
        self
    }

    /// Asserts a bound on the peak of memory, in megabytes.
    #[track_caller]
    pub fn in_megabytes(self, bound: u64) -> Ran {
        assert!(self.peak < bound << 20, "it took {} MB", self.peak >> 20);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }
}

/// Text without the places where its lines are broken.
pub fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(wrapped: &str, text: &str) -> bool {
    wrapped.contains(text) || flat(wrapped).contains(&flat(text))
}

/// Runs the command with these arguments.
pub fn run<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    run_with(arguments, &[], "")
}

/// Runs the command with environment variables and standard input.
pub fn run_with<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    environment: &[(&str, &str)],
    input: &str,
) -> Ran {
    let mut command = Command::new(COUNTERSIGN);
    command.args(arguments).envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Written beside the reading of output, or both sides could wait for each other.
    let text = input.to_owned();
    let writer = thread::spawn(move || {
        // A command that has ended does not read its input; that is no error here.
        let _ = stdin.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    let took = start.elapsed();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command prints UTF-8");
    let code = output.status.code().expect("no signal");
    Ran { code, stdout: text(output.stdout), stderr: text(output.stderr), took, peak: 0 }
}

/// Runs a command under watch: every few milliseconds `each` gets its process. One that takes longer than this, or
/// more memory than so many megabytes, is ended; `Err` tells so.
pub fn watched(
    command: &mut Command,
    time: Duration,
    megabytes: u64,
    mut each: impl FnMut(u32),
) -> Result<Ran, String> {
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
        each(child.id());
        if start.elapsed() > time || peak > megabytes << 20 {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(format!("after {:?} and with {} MB it had not ended", start.elapsed(), peak >> 20));
        }
        thread::sleep(Duration::from_millis(2));
    };
    let took = start.elapsed();
    let text = |reader: JoinHandle<Vec<u8>>| String::from_utf8(reader.join().unwrap()).unwrap();
    Ok(Ran { code: status.code().expect("no signal"), stdout: text(stdout), stderr: text(stderr), took, peak })
}

fn read(mut from: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

fn peak_of(id: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) << 10
}

/// Runs the command on one scheme of this repository, which takes less time than on all.
pub fn run_on(scheme: &str, arguments: &[&str]) -> Ran {
    let folder = place("vectors").join(scheme);
    run(arguments.iter().map(Path::new).chain([Path::new("--corpus"), &folder]))
}

/// `verify` of the message that the vector of the demo signs, with this signature.
pub fn demo_verify(accounts: Value, signature: &str) -> Value {
    let authorization = format!("HMAC demo:{signature}");
    let headers = [["Host", "api.example.com"], ["X-Timestamp", "1704164645"], ["Authorization", &authorization]];
    let request = json!({ "method": "GET", "target": "/orders?state=open&limit=10", "headers": headers });
    json!({ "accounts": accounts, "messages": [{ "now": "2024-01-02T03:04:05Z", "request": request }] })
}

/// The signature of that message.
pub const DEMO_SIGNATURE: &str = "9f4ae63bb27b5ed7d3e3e521367c1800f852c0f7420c4b2e2de0ffce9b9ecad7";

/// A corpus in a directory of its own, which goes away with it.
pub struct Corpus {
    directory: TempDir,
}

impl Corpus {
    /// What `countersign new demo` writes: a scheme that this project does not know.
    pub fn demo() -> Corpus {
        static MADE: LazyLock<Corpus> = LazyLock::new(|| {
            let made = Corpus::empty();
            run(["new", "demo", "--output", made.name()]).exits(0);
            made
        });
        let corpus = Corpus::empty();
        copy(MADE.path(), corpus.path());
        corpus
    }

    /// A copy of some schemes of this repository; few, since every run of the command loads them anew.
    pub fn copied(schemes: &[&str]) -> Corpus {
        let corpus = Corpus::empty();
        for scheme in schemes {
            copy(&place("vectors").join(scheme), &corpus.file(scheme));
        }
        corpus
    }

    /// A copy of `flipsnack` in which the first occurrence of one text is another.
    #[track_caller]
    pub fn edited((old, new): (&str, &str)) -> Corpus {
        let corpus = Corpus::copied(&["flipsnack"]);
        corpus.edit("flipsnack/scheme.yaml", old, new);
        corpus
    }

    /// An empty directory.
    pub fn empty() -> Corpus {
        Corpus { directory: tempfile::tempdir().unwrap() }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The directory, as an argument.
    pub fn name(&self) -> &str {
        self.path().to_str().unwrap()
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// A file of it, as an argument.
    pub fn named(&self, name: &str) -> String {
        self.file(name).to_str().unwrap().to_owned()
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Writes a file, and its folder where there is none.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        fs::write(self.file(name), bytes).unwrap();
    }

    /// Replaces the first occurrence of `old` in a file; it must be there.
    #[track_caller]
    pub fn edit(&self, name: &str, old: &str, new: &str) {
        let text = self.read(name);
        assert!(text.contains(old), "`{old}` is not in {name}, so this edit tests nothing");
        self.write(name, text.replacen(old, new, 1));
    }

    /// Runs a command on this corpus.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        run(arguments.iter().chain(&["--corpus", self.name()]))
    }

    /// The reference behind the protocol, with this corpus: the command of a subject.
    pub fn subject(&self) -> [&str; 5] {
        ["--", COUNTERSIGN, "adapter", "--corpus", self.name()]
    }

    /// Puts a command (`test`, `fuzz`) to a subject, with this corpus as the one that is right.
    pub fn put(&self, arguments: &[&str], subject: &[&str]) -> Ran {
        run(arguments.iter().chain(&["--corpus", self.name()]).chain(subject))
    }

    /// The replies of the reference behind the protocol to messages.
    pub fn ask(&self, messages: &[Value]) -> Vec<Value> {
        let input: String = messages.iter().map(|message| format!("{message}\n")).collect();
        let ran = run_with(["adapter", "--corpus", self.name()], &[], &input).exits(0);
        let replies: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(replies.len(), messages.len());
        replies
    }

    /// The text with the directory's name taken out, for snapshots.
    pub fn redacted(&self, text: &str) -> String {
        text.replace(self.name(), "CORPUS")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}
