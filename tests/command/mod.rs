//! Runs the command `countersign` as a user does, and makes corpora for it to read.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use tempfile::TempDir;

/// How a run of the command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
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
}

/// Whether a text that is wrapped has another.
pub fn says(wrapped: &str, text: &str) -> bool {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    wrapped.contains(text) || flat(wrapped).contains(&flat(text))
}

/// Runs the command with these arguments.
pub fn run<A: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = A>) -> Ran {
    run_with(arguments, &[], "")
}

/// Runs the command with environment variables and standard input.
pub fn run_with<A: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = A>,
    environment: &[(&str, &str)],
    input: &str,
) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Written beside the reading of output, or both sides could wait for each other.
    let text = input.to_owned();
    let writer = thread::spawn(move || {
        // A command that has ended does not read its input; that is no error here.
        let _ = stdin.write_all(text.as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command prints UTF-8");
    Ran { code: output.status.code().expect("no signal"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Runs the command on one scheme of this repository, which takes less time than on all.
pub fn run_on(scheme: &str, arguments: &[&str]) -> Ran {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(scheme);
    run(arguments.iter().map(Path::new).chain([Path::new("--corpus"), &folder]))
}

/// A corpus in a directory of its own, which goes away with it.
pub struct Corpus {
    directory: TempDir,
}

impl Corpus {
    /// What `countersign new demo` writes: a scheme that this project does not know.
    pub fn demo() -> Corpus {
        let directory = tempfile::tempdir().unwrap();
        run([Path::new("new"), Path::new("demo"), Path::new("--output"), directory.path()]).exits(0);
        Corpus { directory }
    }

    /// A copy of some schemes of this repository; few, since every run of the command loads them anew.
    pub fn copied(schemes: &[&str]) -> Corpus {
        let directory = tempfile::tempdir().unwrap();
        for scheme in schemes {
            copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(scheme), &directory.path().join(scheme));
        }
        Corpus { directory }
    }

    /// An empty directory.
    pub fn empty() -> Corpus {
        Corpus { directory: tempfile::tempdir().unwrap() }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// A file of it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }

    /// Writes a file.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
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
        let corpus = [Path::new("--corpus"), self.path()];
        run(arguments.iter().map(Path::new).chain(corpus))
    }

    /// The text with the directory's name taken out, for snapshots.
    pub fn redacted(&self, text: &str) -> String {
        text.replace(&*self.path().to_string_lossy(), "CORPUS")
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
