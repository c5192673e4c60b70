//! Reading an answer from a connection, with bounds on its size and a point in time when it must
//! have ended.

use crate::primitive::text;
use crate::subject::process::{is_ending, shown};
use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Longest header that is read, in bytes: status line, fields and answers that go before.
pub(super) const LONGEST_HEAD: usize = 64 << 10;
/// Longest body that is read, in bytes.
pub(super) const LONGEST_BODY: usize = 1 << 20;
/// Most header fields that are read.
/// Time that it waits before it looks whether the run is being ended.
pub(super) const GLANCE: Duration = Duration::from_millis(200);
const MOST_FIELDS: usize = 256;

/// Answer of a server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// The body, without its framing.
    pub body: Vec<u8>,
    /// Tells whether another message can be sent on the connection.
    pub keeps: bool,
    /// Bytes that came after it.
    pub after: Vec<u8>,
}

/// Reason why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// A connection that was kept open ended before the answer began: the server may have closed it
    /// before it saw the message.
    Stale,
    /// No connection could be made; why.
    Refused(String),
    /// Nothing came, or not all of it, in time.
    TimedOut,
    /// The connection ended first; how, and whether the answer had begun.
    Closed { how: String, began: bool },
    /// Bytes that are not of HTTP: what the server did, and what was seen.
    Breach(&'static str, String),
}

/// Way in which the end of a body is found.
enum Framing {
    Length(usize),
    Chunked,
    ToEnd,
}

struct Head {
    status: u16,
    framing: Framing,
    keeps: bool,
}

/// Reads the answer to a message; that to a HEAD has no body.
pub(super) fn read(stream: &TcpStream, to_head: bool, deadline: Instant) -> Result<HttpAnswer, NoAnswer> {
    let mut incoming = Incoming { stream, deadline, buffer: Vec::new(), at: 0, began: false };
    let head = incoming.head()?;
    let bodiless = to_head || matches!(head.status, 101 | 204 | 304);
    let body = if bodiless { Vec::new() } else { incoming.body(&head.framing)? };
    let to_end = !bodiless && matches!(head.framing, Framing::ToEnd);
    let after = incoming.buffer.split_off(incoming.at);
    Ok(HttpAnswer { status: head.status, body, keeps: head.keeps && !to_end && after.is_empty(), after })
}

fn not_http(bytes: &[u8]) -> NoAnswer {
    NoAnswer::Breach("wrote an answer that is not HTTP", shown(bytes))
}

struct Incoming<'s> {
    stream: &'s TcpStream,
    deadline: Instant,
    buffer: Vec<u8>,
    /// Number of bytes that were taken of the buffer.
    at: usize,
    /// Tells whether anything came.
    began: bool,
}

impl Incoming<'_> {
    /// Reads on; how many bytes came, 0 at the end.
    fn more(&mut self) -> Result<usize, NoAnswer> {
        if self.at > 0 {
            self.buffer.drain(..std::mem::take(&mut self.at));
        }
        let mut piece = [0; 1 << 13];
        loop {
            let left = self.deadline.saturating_duration_since(Instant::now());
            let is_over = left < Duration::from_millis(1) || is_ending();
            if is_over || self.stream.set_read_timeout(Some(left.min(GLANCE))).is_err() {
                return Err(NoAnswer::TimedOut);
            }
            match (&mut &*self.stream).read(&mut piece) {
                Ok(count) => {
                    self.began |= count > 0;
                    self.buffer.extend_from_slice(&piece[..count]);
                    return Ok(count);
                }
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {}
                Err(e) => return Err(self.closed(&format!("without an answer: {e}"))),
            }
        }
    }

    fn closed(&self, when: &str) -> NoAnswer {
        NoAnswer::Closed { how: format!("it closed the connection {when}"), began: self.began }
    }

    /// Reads on within an answer, where the end of the connection is too early.
    fn within(&mut self, part: &str) -> Result<usize, NoAnswer> {
        match self.more()? {
            0 => Err(self.closed(&format!("within {part} of its answer"))),
            count => Ok(count),
        }
    }

    /// A line with its end, of at most so many bytes.
    fn line(&mut self, longest: usize, part: &str) -> Result<Vec<u8>, NoAnswer> {
        let mut seen = 0;
        loop {
            let waiting = &self.buffer[self.at..];
            let end = waiting[seen..].iter().position(|&b| b == b'\n').map(|end| seen + end + 1);
            seen = waiting.len();
            if end.unwrap_or(seen) > longest {
                let example = format!("{part} of more than {LONGEST_HEAD} bytes: {}", shown(waiting));
                return Err(NoAnswer::Breach("wrote an answer without an end", example));
            }
            if let Some(end) = end {
                let line = waiting[..end].to_vec();
                self.at += end;
                return Ok(line);
            }
            self.within(part)?;
        }
    }

    /// The beginning shows at once whether it is HTTP, even where no line end follows.
    fn begin(&mut self) -> Result<(), NoAnswer> {
        const START: &[u8] = b"HTTP/1.";
        loop {
            let waiting = &self.buffer[self.at..];
            let length = waiting.len().min(START.len());
            if waiting[..length] != START[..length] {
                return Err(not_http(waiting));
            }
            if length == START.len() {
                return Ok(());
            }
            if length > 0 {
                self.within("the first line")?;
            } else if self.more()? == 0 {
                return Err(self.closed("without an answer"));
            }
        }
    }

    /// The header of the final answer; such as `100 Continue` go before it and are left out.
    fn head(&mut self) -> Result<Head, NoAnswer> {
        let mut room = LONGEST_HEAD;
        loop {
            self.begin()?;
            let mut text = Vec::new();
            while !matches!(text.as_slice(), [.., b'\n', b'\n'] | [.., b'\n', b'\r', b'\n']) {
                let line = self.line(room, "a header")?;
                room -= line.len();
                text.extend(line);
            }
            let head = parse(&text)?;
            if !(100..200).contains(&head.status) || head.status == 101 {
                return Ok(head);
            }
        }
    }

    fn body(&mut self, framing: &Framing) -> Result<Vec<u8>, NoAnswer> {
        let mut body = Vec::new();
        match *framing {
            Framing::Length(length) => self.take(length, &mut body)?,
            Framing::Chunked => self.chunks(&mut body)?,
            Framing::ToEnd => {
                while !self.buffer[self.at..].is_empty() || self.more()? > 0 {
                    let waiting = self.buffer.len() - self.at;
                    self.take(waiting, &mut body)?;
                }
            }
        }
        Ok(body)
    }

    /// Takes so many bytes of the body.
    fn take(&mut self, mut count: usize, body: &mut Vec<u8>) -> Result<(), NoAnswer> {
        if count > LONGEST_BODY - body.len() {
            let example = format!("a body of more than {LONGEST_BODY} bytes");
            return Err(NoAnswer::Breach("wrote an answer without an end", example));
        }
        while count > 0 {
            if self.at == self.buffer.len() {
                self.within("the body")?;
            }
            let piece = &self.buffer[self.at..self.buffer.len().min(self.at + count)];
            body.extend_from_slice(piece);
            count -= piece.len();
            self.at += piece.len();
        }
        Ok(())
    }

    /// Chunks and trailer fields (RFC 9112, section 7.1).
    fn chunks(&mut self, body: &mut Vec<u8>) -> Result<(), NoAnswer> {
        let mut room = LONGEST_HEAD;
        loop {
            let line = self.line(room, "a chunk size")?;
            let size = match httparse::parse_chunk_size(&line) {
                Ok(httparse::Status::Complete((_, size))) => usize::try_from(size).unwrap_or(usize::MAX),
                _ => return Err(not_http(&line)),
            };
            if size == 0 {
                break;
            }
            self.take(size, body)?;
            let end = self.line(room, "the end of a chunk")?;
            if end.trim_ascii() != b"" {
                return Err(not_http(&end));
            }
        }
        loop {
            let line = self.line(room, "a trailer")?;
            room -= line.len();
            if line.trim_ascii().is_empty() {
                return Ok(());
            }
        }
    }
}

fn parse(text: &[u8]) -> Result<Head, NoAnswer> {
    let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut response = httparse::Response::new(&mut fields);
    let (Ok(httparse::Status::Complete(_)), Some(status)) = (response.parse(text), response.code) else {
        return Err(not_http(text));
    };
    let is_latest = response.version == Some(1);
    let words = |name: &str| {
        let own: Vec<&[u8]> =
            response.headers.iter().filter(|f| f.name.eq_ignore_ascii_case(name)).map(|f| f.value).collect();
        let split = own.into_iter().flat_map(|value| value.split(|&b| b == b','));
        split.map(|word| word.trim_ascii().to_ascii_lowercase()).collect::<Vec<_>>()
    };
    let (connection, coding, lengths) = (words("connection"), words("transfer-encoding"), words("content-length"));
    let framing = match (coding.last(), lengths.first()) {
        (Some(last), _) if last == b"chunked" => Framing::Chunked,
        (Some(_), _) | (None, None) => Framing::ToEnd,
        (None, Some(first)) if lengths.iter().all(|length| length == first) => {
            Framing::Length(number(first).ok_or_else(|| not_http(text))?)
        }
        (None, Some(_)) => return Err(not_http(text)),
    };
    let says = |word: &[u8]| connection.iter().any(|own| own == word);
    let keeps = status != 101 && if is_latest { !says(b"close") } else { says(b"keep-alive") };
    Ok(Head { status, framing, keeps })
}

/// A length in decimal digits; one that is too great is greater than every limit.
fn number(digits: &[u8]) -> Option<usize> {
    text::digits(digits).map(|digits| digits.parse().unwrap_or(usize::MAX))
}
