//! A subject in a process of its own, behind the adapter protocol.
//!
//! Cases are pipelined within a window. When a process hangs or ends, a new one is started and the
//! cases that were under way are put one by one, so that the one at fault is known; restarts have a
//! budget. Memory, time and output of a subject are bounded; what it started is ended with it, as far as `leftovers`
//! says.

mod alive;
mod leftovers;
mod limits;
mod queue;
mod reply;
mod streams;

use super::connection::{Conduct, Connection, Delivery, INTERRUPTED, Symptom, Unusable, is_interrupted};
use super::{Call, Case, Hello, Reply};
use alive::{Alive, Ended};
#[cfg(feature = "cli")]
pub(crate) use leftovers::adopt_orphans;
pub use leftovers::end_all;
pub(super) use leftovers::is_ending;
pub use limits::Limits;
use queue::{Pending, Queue};
pub(super) use reply::shown;
use reply::{LineRead, head_and_tail, read_hello, read_reply};
use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

/// Question to ask of an adapter that is silent.
pub(super) const FLUSH: &str = "does it flush standard output after every line?";
/// Bytes that a reply may have on average, beyond [`Limits::output`].
const SHARE: usize = 1 << 16;
/// Number of cases that are under way at most.
const WINDOW: usize = 512;
/// Factor by which they become fewer where the subject is too slow for so many.
const FEWER: usize = 8;

/// The `seq` that a line names, and the reply that it is, or why it is none: what [`Process`] makes of each
/// line. For fuzzing, which would otherwise need a process.
#[doc(hidden)]
pub fn read_line(line: &[u8]) -> (Option<u64>, Result<Reply, String>) {
    match read_reply(line) {
        LineRead::Reply(seq, reply) => (seq, Ok(reply)),
        LineRead::Broken(seq, why) => (seq, Err(why)),
        LineRead::Noise(what, example) => (None, Err(format!("{what}: {example}"))),
    }
}

/// A program behind the adapter protocol.
pub struct Process {
    command: Vec<OsString>,
    directory: Option<PathBuf>,
    limits: Limits,
    alive: Option<Alive>,
    conduct: Conduct,
    seq: u64,
    /// Number of cases that are under way at most.
    window: usize,
    /// Number of bytes that were read.
    read: usize,
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
            window: WINDOW,
            read: 0,
        }
    }

    /// Runs the process in a directory.
    pub fn in_directory(mut self, directory: impl Into<PathBuf>) -> Process {
        self.directory = Some(directory.into());
        self
    }

    /// Starts the process and shakes hands.
    fn start(&mut self) -> Result<Hello, Symptom> {
        let alive = Alive::spawn(&self.command, self.directory.as_deref(), self.limits.line)?;
        let alive = self.alive.insert(alive);
        let seq = self.seq;
        self.seq += 1;
        alive.send(format!("{{\"seq\":{seq},\"op\":\"start\",\"protocol\":{}}}\n", super::PROTOCOL).into_bytes());
        let limit = self.limits.start;
        let hello = match alive.next(limit) {
            Ok(bytes) => read_hello(seq, &bytes),
            Err(Ended::Silent) => Err(format!("no reply to `start` within {} s; {FLUSH}", limit.as_secs_f32())),
            Err(ended) => Err(format!("no reply to `start`: {}", alive.how(&ended))),
        };
        hello.map_err(|why| {
            let stderr = self.end_now();
            Symptom { seen: format!("{}: {why}", self.shown()), stderr: head_and_tail(&stderr) }
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
        if left > 0 && !is_ending() {
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
            if let Some(why) = self.too_much() {
                return Err(why);
            }
            self.conduct.restarts += 1;
            // What it wrote to standard error is kept apart.
            self.start().map_err(|symptom| format!("it could not be started again: {}", symptom.seen))?;
        }
        Ok(self.alive.as_mut().unwrap_or_else(|| unreachable!("it was just started")))
    }

    /// Fills the window once half of it is free, so that many messages go together; suspects go one
    /// by one.
    fn fill(&mut self, queue: &mut Queue, cases: &[Case]) {
        let alone = !queue.suspects.is_empty();
        let (least, most) = if alone { (0, 1) } else { (self.window / 2, self.window) };
        if queue.pending.len() > least {
            return;
        }
        if queue.pending.is_empty() {
            queue.progress = Instant::now();
        }
        let mut lines = Vec::new();
        while queue.pending.len() < most {
            let Some(case) = queue.suspects.pop_front().or_else(|| queue.fresh.pop_front()) else { break };
            let seq = self.seq;
            self.seq += 1;
            queue.pending.push_back(Pending { case, seq });
            // Every value of a message can be written as JSON.
            let _ = serde_json::to_writer(&mut lines, &Call::of(seq, &cases[case]));
            lines.push(b'\n');
        }
        if let Some(alive) = &self.alive
            && !lines.is_empty()
        {
            alive.send(lines);
        }
    }

    /// Waits for the next thing that happens; the outcomes that follow from it.
    fn step(&mut self, queue: &mut Queue) -> Vec<(usize, Delivery)> {
        let limit = self.limits.reply;
        let Some(alive) = self.alive.as_mut().filter(|_| !queue.pending.is_empty()) else { return Vec::new() };
        match alive.next(limit.saturating_sub(queue.progress.elapsed())) {
            Ok(bytes) => self.line(&bytes, queue),
            Err(Ended::Silent) => self.failed(queue, Delivery::TimedOut(limit)),
            Err(ended) => {
                let how = alive.how(&ended);
                match ended {
                    Ended::TooLong | Ended::HalfLine(_) => {
                        self.conduct.breach("wrote a line without an end", how.as_str());
                    }
                    _ => {}
                }
                self.failed(queue, Delivery::Crashed(how.into()))
            }
        }
    }

    /// Waits for the replies to what is under way, which nobody wants any more; not longer than for one.
    fn settle(&mut self, mut queue: Queue) {
        let end = Instant::now() + self.limits.reply;
        queue.give_up(false, "");
        while !queue.pending.is_empty() && Instant::now() < end {
            self.step(&mut queue);
        }
        if !queue.pending.is_empty() {
            self.end_now();
        }
    }

    fn line(&mut self, bytes: &[u8], queue: &mut Queue) -> Vec<(usize, Delivery)> {
        self.read += bytes.len();
        let found = |seq: u64| queue.pending.iter().position(|pending| pending.seq == seq);
        let (seq, outcome) = match read_reply(bytes) {
            LineRead::Reply(seq, reply) => (seq, Delivery::Reply(reply)),
            LineRead::Broken(seq, why) => (seq, Delivery::Broke(why)),
            LineRead::Noise(what, example) => {
                self.conduct.breach(what, example);
                return self.unless_too_many(queue);
            }
        };
        let Some(at) = seq.and_then(found) else {
            let again = seq.is_some_and(|seq| seq < self.seq);
            let what = if again { "replied twice to one message" } else { "replied to a `seq` that was not sent" };
            self.conduct.breach(what, reply::shown(bytes));
            return self.unless_too_many(queue);
        };
        let Some(Pending { case, .. }) = queue.pending.remove(at) else { return Vec::new() };
        queue.progress = Instant::now();
        let mut outcomes = vec![(case, outcome)];
        if !queue.pending.is_empty() {
            outcomes.extend(self.unless_too_many(queue));
        } else if queue.suspects.is_empty()
            && let Some(how) = queue.unexplained.take()
        {
            self.conduct.breach("failed when it had several messages, though on none of them alone", how);
        }
        outcomes
    }

    fn unless_too_many(&mut self, queue: &mut Queue) -> Vec<(usize, Delivery)> {
        match self.too_much() {
            Some(why) => self.failed(queue, Delivery::Crashed(format!("{why}, and was ended").into())),
            None => Vec::new(),
        }
    }

    /// Returns what there is too much of, to go on.
    fn too_much(&self) -> Option<String> {
        if self.conduct.breaches() > self.limits.breaches {
            return Some(format!("it broke the protocol more than {} times", self.limits.breaches));
        }
        let needed = SHARE.saturating_mul(self.seq.try_into().unwrap_or(usize::MAX));
        let is_too_much = self.read > self.limits.output.saturating_add(needed);
        is_too_much.then(|| format!("it wrote {} MB in all, far more than replies need", self.read >> 20))
    }

    /// The process is at its end. One case under way is the one at fault; several are suspects.
    fn failed(&mut self, queue: &mut Queue, outcome: Delivery) -> Vec<(usize, Delivery)> {
        let stderr = self.end_now();
        let outcome = match outcome {
            Delivery::Crashed(symptom) => Delivery::Crashed(Symptom { stderr: head_and_tail(&stderr), ..symptom }),
            other => other,
        };
        let pending = std::mem::take(&mut queue.pending);
        match pending.len() {
            1 => {
                queue.unexplained = None;
                pending.into_iter().map(|pending| (pending.case, outcome.clone())).collect()
            }
            _ => {
                match outcome {
                    Delivery::Crashed(symptom) => queue.unexplained = Some(symptom),
                    // One that flushes when there is nothing more to read, say, is slow with many and right.
                    _ => self.window = (self.window / FEWER).max(1),
                }
                pending.into_iter().rev().for_each(|pending| queue.suspects.push_front(pending.case));
                Vec::new()
            }
        }
    }
}

impl Connection for Process {
    fn hello(&mut self) -> Result<Hello, Unusable> {
        self.start().map_err(|symptom| Unusable(symptom.to_string()))
    }

    fn put(&mut self, cases: &[Case], each: &mut dyn FnMut(usize, Delivery) -> ControlFlow<()>) {
        let mut queue = Queue::of(cases.len());
        while !queue.is_done() {
            let mut outcomes = Vec::new();
            if is_interrupted() {
                outcomes = queue.give_up(is_ending(), INTERRUPTED);
            } else if let Err(why) = self.ready() {
                self.conduct.breach("could not be asked to the end", why.as_str());
                outcomes = queue.give_up(false, &why);
            } else {
                self.fill(&mut queue, cases);
            }
            outcomes.extend(self.step(&mut queue));
            for (case, outcome) in outcomes {
                // What a subject does that is ended with the run says nothing of it.
                let is_its_own = !is_ending() || matches!(outcome, Delivery::Reply(_));
                let outcome = if is_its_own { outcome } else { Delivery::NotAsked(INTERRUPTED.to_owned()) };
                if each(case, outcome).is_break() {
                    return self.settle(queue);
                }
            }
        }
    }

    fn finish(&mut self) -> Conduct {
        if is_ending() {
            self.end_now();
        }
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
