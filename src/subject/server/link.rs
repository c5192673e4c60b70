//! A connection to a server, kept open where the server permits.

use super::address::Address;
use super::answer::{self, GLANCE, HttpAnswer, NoAnswer};
use crate::subject::connection::Conduct;
use crate::subject::connection::is_interrupted;
use crate::subject::process::shown;
use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// Sends messages to a server one after another.
pub(super) struct Link {
    address: Address,
    /// Time that an exchange may take.
    limit: Duration,
    /// Time from one message to the next.
    interval: Duration,
    /// Time at which the next message may be sent.
    next: Option<Instant>,
    open: Option<TcpStream>,
    /// Tells whether connections are kept open.
    keeps: bool,
}

impl Link {
    pub(super) fn new(address: Address, limit: Duration, interval: Duration) -> Link {
        Link { address, limit, interval, next: None, open: None, keeps: true }
    }

    /// Opens a connection.
    pub(super) fn open(&mut self) -> Result<(), NoAnswer> {
        self.open = Some(self.connect(Instant::now() + self.limit)?);
        Ok(())
    }

    /// From now on every message gets a connection of its own.
    pub(super) fn keep_no_longer(&mut self) {
        (self.keeps, self.open) = (false, None);
    }

    /// Sends a message and reads the answer; the next one goes over a new connection after an error.
    pub(super) fn exchange(
        &mut self,
        message: &[u8],
        to_head: bool,
        conduct: &mut Conduct,
    ) -> Result<HttpAnswer, NoAnswer> {
        self.wait();
        let deadline = Instant::now() + self.limit;
        let kept = self.open.take().filter(|stream| is_idle(stream, conduct));
        let is_kept = kept.is_some();
        let stream = match kept {
            Some(stream) => stream,
            None => self.connect(deadline)?,
        };
        let sent = send(&stream, message, deadline);
        if sent == Err(NoAnswer::TimedOut) {
            return Err(NoAnswer::TimedOut);
        }
        // A server may answer before it has read everything, and close its side.
        let answer = match answer::read(&stream, to_head, deadline) {
            Err(NoAnswer::Closed { began: false, .. }) if is_kept => return Err(NoAnswer::Stale),
            other => other?,
        };
        if !answer.after.is_empty() {
            conduct.breach("wrote more than its answer", shown(&answer.after));
        }
        if answer.keeps && self.keeps && sent.is_ok() {
            self.open = Some(stream);
        }
        Ok(answer)
    }

    /// Keeps messages evenly apart.
    fn wait(&mut self) {
        let now = Instant::now();
        let at = self.next.map_or(now, |next| next.max(now));
        while let left = at.saturating_duration_since(Instant::now())
            && !left.is_zero()
            && !is_interrupted()
        {
            thread::sleep(left.min(GLANCE));
        }
        self.next = Some(at + self.interval);
    }

    fn connect(&self, deadline: Instant) -> Result<TcpStream, NoAnswer> {
        let mut why = "it has no address".to_owned();
        for socket in &self.address.sockets {
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
            match TcpStream::connect_timeout(socket, left) {
                Ok(stream) => {
                    // Head and body of a message go out at once; waiting would gain nothing.
                    let _ = stream.set_nodelay(true);
                    return Ok(stream);
                }
                Err(e) => why = e.to_string(),
            }
        }
        Err(NoAnswer::Refused(format!("{} cannot be connected to: {why}", self.address.url())))
    }
}

fn send(stream: &TcpStream, message: &[u8], deadline: Instant) -> Result<(), NoAnswer> {
    let mut rest = message;
    while !rest.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left < Duration::from_millis(1) || stream.set_write_timeout(Some(left)).is_err() {
            return Err(NoAnswer::TimedOut);
        }
        match (&mut &*stream).write(rest) {
            Ok(count) => rest = &rest[count..],
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Err(NoAnswer::TimedOut);
            }
            Err(e) => return Err(NoAnswer::Closed { how: e.to_string(), began: false }),
        }
    }
    Ok(())
}

/// Returns whether a connection is open and silent. What comes without a message to answer is a breach.
fn is_idle(stream: &TcpStream, conduct: &mut Conduct) -> bool {
    let mut bytes = [0; 256];
    let peeked = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut bytes));
    if let Ok(count @ 1..) = peeked {
        conduct.breach("wrote more than its answer", shown(&bytes[..count]));
    }
    let is_silent = peeked.is_err_and(|e| e.kind() == ErrorKind::WouldBlock);
    is_silent && stream.set_nonblocking(false).is_ok()
}
