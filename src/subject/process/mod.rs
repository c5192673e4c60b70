//! A subject in a process of its own, behind the adapter protocol.
//!
//! Cases are pipelined within a window. When a process hangs or ends, a new one is started and the
//! cases that were under way are put one by one, so that the one at fault is known; restarts have a
//! budget. Memory, time and output of a subject are bounded; no process that it started outlives it.

mod alive;
mod leftovers;
mod reply;
mod streams;

use super::connection::{Conduct, Connection, Outcome, Unusable};
use super::{Case, Hello, Message};
use alive::{Alive, Ended};
pub(super) use reply::shown;
use reply::{Read, read_hello, read_reply};
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How much a process may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Time from starting the process to its reply to `start`.
    pub start: Duration,
    /// Time that a reply may take.
    pub reply: Duration,
    /// Time that the process may take to end after `stop`.
    pub stop: Duration,
    /// How often a process may be started again.
    pub restarts: usize,
    /// How many breaches of the protocol are borne.
    pub breaches: usize,
    /// Longest line that is read, in bytes.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Limits { start: seconds(20), reply: seconds(5), stop: seconds(2), restarts: 10, breaches: 100, line: 4 << 20 }
    }
}

/// How many cases are under way at most.
const WINDOW: usize = 256;

/// A program behind the adapter protocol.
pub struct Process {
    command: Vec<OsString>,
    directory: Option<PathBuf>,
    limits: Limits,
    alive: Option<Alive>,
    conduct: Conduct,
    seq: u64,
    starts: usize,
}

/// A case under way.
struct Pending {
    case: usize,
    seq: u64,
}

/// Cases that are put: those to come, those under way, and those that are put one by one.
struct Queue {
    fresh: VecDeque<usize>,
    suspects: VecDeque<usize>,
    pending: VecDeque<Pending>,
    answered: BTreeMap<u64, usize>,
    /// When the process last got on.
    progress: Instant,
}

impl Process {
    /// A program with its arguments; it is started by [`Connection::hello`].
    pub fn new(command: impl IntoIterator<Item = impl Into<OsString>>, limits: Limits) -> Process {
        Process {
            command: command.into_iter().map(Into::into).collect(),
            directory: None,
            limits,
            alive: None,
            conduct: Conduct::default(),
            seq: 0,
            starts: 0,
        }
    }

    /// The same, run in a directory.
    pub fn in_directory(mut self, directory: impl Into<PathBuf>) -> Process {
        self.directory = Some(directory.into());
        self
    }

    /// Starts the process and shakes hands.
    fn start(&mut self) -> Result<Hello, Unusable> {
        let alive = Alive::spawn(&self.command, self.directory.as_deref(), self.limits.line).map_err(Unusable)?;
        self.starts += 1;
        let alive = self.alive.insert(alive);
        let seq = self.seq;
        self.seq += 1;
        alive.send(format!("{{\"seq\":{seq},\"op\":\"start\",\"protocol\":{}}}\n", super::PROTOCOL).into_bytes());
        let answer = alive.next(self.limits.start);
        let hello = read_hello(seq, answer, self.limits.start);
        hello.map_err(|why| {
            let stderr = self.end_now();
            Unusable(format!("{}: {why}{}", self.shown(), quoted(&stderr)))
        })
    }

    /// The program as a person would type it.
    fn shown(&self) -> String {
        self.command.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    /// Ends the process with all that it started; what it wrote to standard error.
    fn end_now(&mut self) -> String {
        let Some(alive) = self.alive.take() else { return String::new() };
        let (stderr, left) = alive.kill();
        self.keep(&stderr, left);
        stderr
    }

    fn keep(&mut self, stderr: &str, left: usize) {
        if left > 0 {
            self.conduct.breach("left processes behind, which were ended", format!("{left} of them"));
        }
        if !stderr.is_empty() && !self.conduct.stderr.contains(stderr) && self.conduct.stderr.len() < streams::KEPT {
            self.conduct.stderr.push_str(stderr);
        }
    }

    /// A process to put cases to; `Err` says why there is none any more.
    fn ready(&mut self) -> Result<&mut Alive, String> {
        if self.alive.is_none() {
            if self.conduct.restarts >= self.limits.restarts {
                return Err(format!("it was started again {} times, and that is the limit", self.conduct.restarts));
            }
            if self.conduct.breaches() > self.limits.breaches {
                return Err(format!("it broke the protocol more than {} times", self.limits.breaches));
            }
            self.conduct.restarts += 1;
            self.start().map_err(|why| format!("it could not be started again: {why}"))?;
        }
        Ok(self.alive.as_mut().unwrap_or_else(|| unreachable!("it was just started")))
    }

    /// Fills the window; suspects go one by one.
    fn fill(&mut self, queue: &mut Queue, cases: &[Case]) {
        loop {
            let alone = !queue.suspects.is_empty();
            if queue.pending.len() >= if alone { 1 } else { WINDOW } {
                return;
            }
            let Some(case) = queue.suspects.pop_front().or_else(|| queue.fresh.pop_front()) else { return };
            let seq = self.seq;
            self.seq += 1;
            if queue.pending.is_empty() {
                queue.progress = Instant::now();
            }
            queue.pending.push_back(Pending { case, seq });
            if let Some(alive) = &mut self.alive {
                alive.send(line(&Message::of(seq, &cases[case])));
            }
            if alone {
                return;
            }
        }
    }

    /// Waits for the next thing that happens; the outcomes that follow from it.
    fn step(&mut self, queue: &mut Queue) -> Vec<(usize, Outcome)> {
        let limit = self.limits.reply;
        let Some(alive) = &mut self.alive else { return Vec::new() };
        match alive.next(limit.saturating_sub(queue.progress.elapsed())) {
            Ok(bytes) => self.line(&bytes, queue),
            Err(Ended::Silent) => self.failed(queue, Outcome::TimedOut(limit)),
            Err(ended) => {
                let how = alive.how(&ended);
                match ended {
                    Ended::TooLong | Ended::HalfLine(_) => self.conduct.breach("wrote a line without an end", &how),
                    _ => {}
                }
                self.failed(queue, Outcome::Crashed(how))
            }
        }
    }

    fn line(&mut self, bytes: &[u8], queue: &mut Queue) -> Vec<(usize, Outcome)> {
        let found = |seq: u64| queue.pending.iter().position(|pending| pending.seq == seq);
        let (seq, outcome) = match read_reply(bytes) {
            Read::Reply(seq, reply) => (seq, Outcome::Reply(reply)),
            Read::Broken(seq, why) => (seq, Outcome::Broke(why)),
            Read::Noise(what, example) => {
                self.conduct.breach(what, example);
                return self.unless_too_many(queue);
            }
        };
        let Some(at) = seq.and_then(found) else {
            let again = seq.is_some_and(|seq| queue.answered.contains_key(&seq));
            let what = if again { "replied twice to one message" } else { "replied to a `seq` that was not sent" };
            self.conduct.breach(what, reply::shown(bytes));
            return self.unless_too_many(queue);
        };
        let Some(Pending { case, seq }) = queue.pending.remove(at) else { return Vec::new() };
        queue.answered.insert(seq, case);
        queue.progress = Instant::now();
        vec![(case, outcome)]
    }

    fn unless_too_many(&mut self, queue: &mut Queue) -> Vec<(usize, Outcome)> {
        if self.conduct.breaches() <= self.limits.breaches {
            return Vec::new();
        }
        self.failed(queue, Outcome::Crashed("it broke the protocol again and again, and was ended".into()))
    }

    /// The process is at its end. One case under way is the one at fault; several are suspects.
    fn failed(&mut self, queue: &mut Queue, outcome: Outcome) -> Vec<(usize, Outcome)> {
        let stderr = self.end_now();
        let outcome = match outcome {
            Outcome::Crashed(how) => Outcome::Crashed(format!("{how}{}", quoted(&stderr))),
            other => other,
        };
        let pending = std::mem::take(&mut queue.pending);
        match pending.len() {
            1 => pending.into_iter().map(|pending| (pending.case, outcome.clone())).collect(),
            _ => {
                pending.into_iter().rev().for_each(|pending| queue.suspects.push_front(pending.case));
                Vec::new()
            }
        }
    }
}

impl Connection for Process {
    fn hello(&mut self) -> Result<Hello, Unusable> {
        self.start()
    }

    fn put(&mut self, cases: &[Case], each: &mut dyn FnMut(usize, Outcome) -> ControlFlow<()>) {
        let mut queue = Queue {
            fresh: (0..cases.len()).collect(),
            suspects: VecDeque::new(),
            pending: VecDeque::new(),
            answered: BTreeMap::new(),
            progress: Instant::now(),
        };
        while !(queue.fresh.is_empty() && queue.suspects.is_empty() && queue.pending.is_empty()) {
            if let Err(why) = self.ready() {
                let left = queue.suspects.into_iter().chain(queue.fresh);
                for case in left {
                    if each(case, Outcome::NotAsked(why.clone())).is_break() {
                        return;
                    }
                }
                return;
            }
            self.fill(&mut queue, cases);
            for (case, outcome) in self.step(&mut queue) {
                if each(case, outcome).is_break() {
                    return;
                }
            }
        }
    }

    fn finish(&mut self) -> Conduct {
        if let Some(alive) = self.alive.take() {
            let ended = alive.stop(self.limits.stop);
            self.keep(&ended.stderr, ended.left);
            if let Some(how) = ended.badly {
                self.conduct.breach("did not end well after `stop`", how);
            }
            if ended.unread > 0 {
                self.conduct.breach("went on writing when everything was answered", format!("{} lines", ended.unread));
            }
        }
        std::mem::take(&mut self.conduct)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end_now();
    }
}

fn line(message: &Message) -> Vec<u8> {
    // Every value of a message can be written as JSON.
    let mut line = serde_json::to_vec(message).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Standard error, where there is something, behind a sentence.
fn quoted(stderr: &str) -> String {
    let last: Vec<&str> = stderr.trim_end().lines().rev().take(6).collect();
    if last.is_empty() {
        return String::new();
    }
    let lines = last.into_iter().rev().map(|line| format!("\n    | {line}"));
    format!("; it wrote to standard error:{}", lines.collect::<String>())
}
