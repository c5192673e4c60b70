//! A process that runs.

use super::leftovers::{self, Marker};
use super::reply;
use super::streams::{self, Event, HeadAndTail, StandardInput};
use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Number of reads that wait to be looked at, each of lines that came together.
const WAITING: usize = 16;
/// Time for which the last words of a process that has ended are waited for.
const LAST_WORDS: Duration = Duration::from_millis(50);
/// Time for which a silent process is waited for before it is looked whether it still runs.
const GLANCE: Duration = Duration::from_millis(200);
/// Time between looks at processes that it has started and left.
const ORPHANS: Duration = Duration::from_secs(1);
/// Time that a process that no longer listens may take over what it had been told.
const DEAF: Duration = Duration::from_millis(500);

/// A process that runs.
pub(super) struct Alive {
    child: Child,
    marker: Marker,
    input: Option<StandardInput>,
    events: Receiver<Event>,
    /// Lines that were read and not looked at.
    lines: VecDeque<Vec<u8>>,
    stderr: Arc<Mutex<HeadAndTail>>,
    /// Time at which it was seen to have closed its standard input.
    deaf: Option<Instant>,
    /// Time at which orphans were last waited for.
    orphans: Instant,
}

/// Reason why there is no line.
#[derive(Debug)]
pub(super) enum Ended {
    /// Nothing came in time.
    Silent,
    /// The stream ended within a line.
    HalfLine(Vec<u8>),
    /// A line was too long.
    TooLong,
    /// The process closed its standard output, or ended.
    Output,
    /// It closed its standard input and wrote no more.
    Input,
}

/// End of a process that was told to stop.
pub(super) struct Stopped {
    /// Text that it wrote to standard error.
    pub stderr: String,
    /// Number of processes that it left behind.
    pub left: usize,
    /// Description of its end, where that was not well.
    pub badly: Option<String>,
    /// Lines that nobody had asked for.
    pub unread: usize,
}

impl Alive {
    /// Starts a program; `Err` says why it cannot be.
    pub(super) fn spawn(command: &[OsString], directory: Option<&Path>, line: usize) -> Result<Alive, String> {
        let (program, arguments) = command.split_first().ok_or("no program was given")?;
        if leftovers::is_ending() {
            return Err("this run is being ended".into());
        }
        let marker = Marker::new();
        let mut process = Command::new(program);
        process.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(directory) = directory {
            process.current_dir(directory);
        }
        marker.put(&mut process);
        let mut child = process.spawn().map_err(|e| why_not(Path::new(program), &e))?;
        let (events, seen) = mpsc::sync_channel(WAITING);
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err("a stream of the process is missing".into());
        };
        streams::read_lines(stdout, line, events.clone());
        let input = streams::write_all(stdin, events);
        let stderr = streams::keep_stderr(stderr);
        Ok(Alive {
            child,
            marker,
            input: Some(input),
            events: seen,
            lines: VecDeque::new(),
            stderr,
            deaf: None,
            orphans: Instant::now(),
        })
    }

    /// Hands bytes to the process; one that no longer reads is noticed by its silence.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        if let Some(input) = &self.input {
            input.send(bytes);
        }
    }

    /// The next line that the process writes.
    pub(super) fn next(&mut self, limit: Duration) -> Result<Vec<u8>, Ended> {
        let end = Instant::now() + limit;
        let mut has_ended = false;
        loop {
            if self.orphans.elapsed() > ORPHANS {
                leftovers::wait_for_orphans(Some(&self.child));
                self.orphans = Instant::now();
            }
            if let Some(line) = self.lines.pop_front() {
                return Ok(line);
            }
            let until = self.deaf.map_or(end, |since| end.min(since + DEAF));
            let left = until.saturating_duration_since(Instant::now());
            match self.events.recv_timeout(left.min(GLANCE)) {
                Ok(Event::Lines(lines)) => {
                    self.deaf = self.deaf.map(|_| Instant::now());
                    self.lines = lines;
                }
                Ok(Event::HalfLine(line)) => return Err(Ended::HalfLine(line)),
                Ok(Event::TooLong) => return Err(Ended::TooLong),
                Ok(Event::InputClosed) => self.deaf = Some(Instant::now()),
                Ok(Event::End) | Err(RecvTimeoutError::Disconnected) => return Err(Ended::Output),
                Err(RecvTimeoutError::Timeout) => {
                    // What it started may hold its output open when it has ended itself.
                    if std::mem::replace(&mut has_ended, self.wait(Duration::ZERO).is_some()) {
                        return Err(Ended::Output);
                    }
                    if Instant::now() >= until {
                        let is_deaf = self.deaf.is_some() || self.input.as_ref().is_some_and(StandardInput::is_closed);
                        return Err(if is_deaf { Ended::Input } else { Ended::Silent });
                    }
                }
            }
        }
    }

    /// Returns how the process ended, in words.
    pub(super) fn how(&mut self, ended: &Ended) -> String {
        match ended {
            Ended::Silent => "it did not reply".into(),
            Ended::TooLong => "it wrote a line of several megabytes, and no line feed".into(),
            Ended::Input => "it closed its standard input before it replied".into(),
            Ended::HalfLine(line) => format!("it ended within a line: {}", reply::shown(line)),
            Ended::Output => match self.wait(LAST_WORDS * 4) {
                Some(status) => format!("it ended with {} before it replied", in_words(status)),
                None => "it closed its standard output before it replied".into(),
            },
        }
    }

    fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + limit;
        let mut pause = Duration::from_micros(200);
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < end => thread::sleep(pause),
                _ => return None,
            }
            pause = (pause * 2).min(Duration::from_millis(10));
        }
    }

    /// Ends it with all that it started: its standard error, and how many were left of those.
    pub(super) fn kill(mut self) -> (String, usize) {
        let gone = self.wait(Duration::ZERO).is_some();
        let left = self.sweep(gone);
        (self.last_words(), left)
    }

    /// Ends the process and what it started; how many of these there were after it had ended itself.
    fn sweep(&mut self, gone: bool) -> usize {
        self.input = None;
        if !gone {
            leftovers::kill_group(&self.child);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let left = self.marker.kill_all();
        if gone { left } else { 0 }
    }

    fn last_words(&mut self) -> String {
        // The thread that reads them ends with the stream, which may be a moment after the process.
        let end = Instant::now() + LAST_WORDS;
        while Arc::strong_count(&self.stderr) > 1 && Instant::now() < end {
            thread::sleep(Duration::from_millis(1));
        }
        self.stderr.lock().map(|kept| kept.text()).unwrap_or_default()
    }

    /// Tells it to stop, and ends it where it does not.
    pub(super) fn stop(mut self, limit: Duration) -> Stopped {
        self.send(b"{\"seq\":\"stop\",\"op\":\"stop\"}\n".to_vec());
        // The end of input is a second way of saying so.
        self.input = None;
        let end = Instant::now() + limit;
        let mut unread = self.lines.len();
        // One that never falls silent gets no more time than one that does.
        while let left = end.saturating_duration_since(Instant::now())
            && !left.is_zero()
        {
            match self.events.recv_timeout(left.min(GLANCE)) {
                Ok(Event::Lines(lines)) => unread += lines.len(),
                Ok(Event::HalfLine(_)) => unread += 1,
                Ok(Event::InputClosed) => {}
                Ok(Event::TooLong | Event::End) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) if self.wait(Duration::ZERO).is_some() => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        let status = self.wait(end.saturating_duration_since(Instant::now()).max(LAST_WORDS));
        let badly = match status {
            Some(status) if status.success() => None,
            Some(status) => Some(format!("it ended with {}", in_words(status))),
            None => Some(format!("it still ran {} s later, and was ended", limit.as_secs_f32())),
        };
        let left = self.sweep(status.is_some());
        Stopped { stderr: self.last_words(), left, badly, unread }
    }
}

/// An exit status in words.
fn in_words(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit status {code}"),
        None => status.to_string(),
    }
}

/// Says why a program cannot be started, and what to do.
fn why_not(program: &Path, error: &std::io::Error) -> String {
    let has_directory = program.components().count() > 1;
    let what = match error.kind() {
        _ if has_directory && program.is_dir() => "it is a directory, and must be a program".into(),
        ErrorKind::NotFound if has_directory && program.exists() => {
            "the interpreter that its first line names is not there".into()
        }
        ErrorKind::NotFound if has_directory => "there is no such file".into(),
        ErrorKind::NotFound if program.exists() => {
            format!("no program of this name is on the PATH; one in this directory is `./{}`", program.display())
        }
        ErrorKind::NotFound => "no program of this name is on the PATH".into(),
        ErrorKind::PermissionDenied => {
            "it is not executable; put its interpreter before it, as in `python3 FILE`, or `chmod +x` it".into()
        }
        _ => error.to_string(),
    };
    format!("`{}` cannot be started: {what}", program.display())
}
