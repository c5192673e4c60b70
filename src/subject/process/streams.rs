//! The three streams of a process, each read or written by a thread of its own within bounds.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStderr, ChildStdin, ChildStdout};
use std::sync::mpsc::{self, Sender, SyncSender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Bytes of standard error that are kept: so much of its beginning, so much of its end.
pub(super) const KEPT: usize = 8 << 10;

/// Time for which lines gather before they are read. Each write to a reader that waits would wake it, at the
/// cost of the process that writes: some make one write a line.
const GATHER: Duration = Duration::from_millis(1);

/// Event on standard output or input.
pub(super) enum Event {
    /// Lines, each without its line feed.
    Lines(VecDeque<Vec<u8>>),
    /// The stream ended within a line.
    HalfLine(Vec<u8>),
    /// A line is longer than the limit.
    TooLong,
    /// Standard output ended.
    End,
    /// The subject closed its standard input.
    InputClosed,
}

/// Reads lines until the end, or until one is too long.
pub(super) fn read_lines(stdout: ChildStdout, limit: usize, events: SyncSender<Event>) {
    thread::spawn(move || {
        let mut reader = BufReader::with_capacity(1 << 16, stdout);
        loop {
            let mut line = Vec::new();
            let event = match reader.by_ref().take(limit as u64).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => Event::End,
                Ok(_) if line.last() == Some(&b'\n') => {
                    line.pop();
                    Event::Lines(with_those_that_wait(line, &mut reader))
                }
                Ok(n) if n >= limit => Event::TooLong,
                Ok(_) => Event::HalfLine(line),
            };
            let is_last = !matches!(event, Event::Lines(_));
            if events.send(event).is_err() || is_last {
                return;
            }
            thread::sleep(GATHER);
        }
    });
}

/// A line, and the whole lines that were read together with it.
fn with_those_that_wait(line: Vec<u8>, reader: &mut BufReader<ChildStdout>) -> VecDeque<Vec<u8>> {
    let whole = reader.buffer().iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1);
    let more = reader.buffer()[..whole].split_inclusive(|&b| b == b'\n').map(|line| line[..line.len() - 1].to_vec());
    let lines = std::iter::once(line).chain(more).collect();
    reader.consume(whole);
    lines
}

/// Standard input of a process. It ends when this is dropped and everything is written.
pub(super) struct StandardInput {
    pieces: Sender<Vec<u8>>,
    #[cfg(unix)]
    pipe: Option<std::os::fd::OwnedFd>,
}

impl StandardInput {
    /// Hands over bytes to be written.
    pub(super) fn send(&self, bytes: Vec<u8>) {
        let _ = self.pieces.send(bytes);
    }

    /// Returns whether nobody reads from the other end any more, as far as the system tells.
    #[cfg(unix)]
    pub(super) fn is_closed(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let Some(pipe) = &self.pipe else { return false };
        let mut ends = [PollFd::new(pipe, PollFlags::empty())];
        let polled = poll(&mut ends, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
        polled.is_ok() && ends[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
    }

    #[cfg(not(unix))]
    pub(super) fn is_closed(&self) -> bool {
        false
    }
}

/// Writes what is handed to it, several pieces at once where they wait.
pub(super) fn write_all(mut stdin: ChildStdin, events: SyncSender<Event>) -> StandardInput {
    let (sender, pieces) = mpsc::channel::<Vec<u8>>();
    let input = StandardInput {
        pieces: sender,
        #[cfg(unix)]
        pipe: std::os::fd::AsFd::as_fd(&stdin).try_clone_to_owned().ok(),
    };
    thread::spawn(move || {
        while let Ok(mut piece) = pieces.recv() {
            pieces.try_iter().for_each(|more| piece.extend(more));
            if stdin.write_all(&piece).and_then(|()| stdin.flush()).is_err() {
                let _ = events.send(Event::InputClosed);
                return;
            }
        }
    });
    input
}

/// Beginning and end of what was written to standard error.
#[derive(Debug, Default)]
pub(super) struct HeadAndTail {
    head: Vec<u8>,
    tail: Vec<u8>,
    dropped: usize,
}

impl HeadAndTail {
    fn add(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(KEPT - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.extend_from_slice(rest);
        let excess = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..excess);
        self.dropped += excess;
    }

    /// As text without what would move the cursor of a terminal; what was left out is counted.
    pub(super) fn text(&self) -> String {
        let mut bytes = self.head.clone();
        if self.dropped > 0 {
            bytes.extend(format!("\n[{} bytes left out]\n", self.dropped).into_bytes());
        }
        bytes.extend(&self.tail);
        let mut text = String::new();
        for c in String::from_utf8_lossy(&bytes).chars() {
            match c {
                '\n' | '\t' => text.push(c),
                c if c.is_control() => text.extend(c.escape_default()),
                c => text.push(c),
            }
        }
        text
    }
}

/// Reads standard error to its end and keeps a part of it.
pub(super) fn keep_stderr(mut stderr: ChildStderr) -> Arc<Mutex<HeadAndTail>> {
    let kept = Arc::new(Mutex::new(HeadAndTail::default()));
    let own = Arc::clone(&kept);
    thread::spawn(move || {
        let mut buffer = [0; 1 << 14];
        while let Ok(n) = stderr.read(&mut buffer) {
            if n == 0 {
                return;
            }
            if let Ok(mut kept) = own.lock() {
                kept.add(&buffer[..n]);
            }
        }
    });
    kept
}
