//! Digests and authentication codes of what is fed to them, under keys that are prepared once.

use super::eval::{Machine, Showing};
use super::program::{BytesCode, Hmac};
use super::value::Fault;
use crate::primitive::digest::{Algorithm, Key, Running};
use crate::primitive::{Sink, copy};

/// What is hashed, as it is told to whoever asks for it.
#[derive(Clone, Copy)]
pub struct Hashed<'a> {
    /// The hash function.
    pub with: Algorithm,
    /// The key, where it is an HMAC.
    pub key: Option<&'a [u8]>,
    /// The bytes.
    pub message: &'a [u8],
}

impl std::fmt::Debug for Hashed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hashed({:?}, ***)", self.with)
    }
}

/// Bytes gathered before they are hashed: a shorter message is hashed in one go.
const GATHERED: usize = 2048;

/// A hash that is fed.
struct Feed<'k> {
    start: Start<'k>,
    running: Option<Running>,
    gathered: Vec<u8>,
    /// How many bytes have been gathered.
    end: usize,
}

/// What a hash starts from.
#[derive(Clone, Copy)]
enum Start<'k> {
    Digest(Algorithm),
    Code(&'k Key),
}

impl Feed<'_> {
    fn running(&mut self) -> &mut Running {
        self.running.get_or_insert_with(|| match self.start {
            Start::Digest(with) => Running::of(with),
            Start::Code(key) => Running::keyed(key),
        })
    }

    fn flush(&mut self) {
        self.running();
        self.running.iter_mut().for_each(|running| running.update(&self.gathered[..self.end]));
        self.end = 0;
    }

    /// Takes bytes for which there is no room.
    #[cold]
    fn put_long(&mut self, bytes: &[u8]) {
        self.flush();
        match self.gathered.get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.end = bytes.len();
            }
            None => self.running().update(bytes),
        }
    }

    /// Writes what comes out into `room`, which has its size.
    fn finish(&mut self, room: &mut [u8]) {
        if self.running.is_some() {
            self.flush();
        }
        match (self.running.take(), self.start) {
            (Some(running), _) => running.finish(room),
            (None, Start::Digest(with)) => with.digest(&self.gathered[..self.end], room),
            (None, Start::Code(key)) => key.code(&self.gathered[..self.end], room),
        }
    }
}

impl Sink for Feed<'_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        match self.gathered.get_mut(self.end..self.end + bytes.len()) {
            Some(room) => {
                copy(bytes, room);
                self.end += bytes.len();
            }
            None => self.put_long(bytes),
        }
    }

    fn fill(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> usize) {
        if self.gathered.len() - self.end < most {
            self.flush();
        }
        let end = self.end;
        self.end += write(&mut self.gathered[end..end + most]);
    }
}

impl<'a> Machine<'a> {
    /// The digest of what a pipeline gives.
    pub(super) fn digest(&mut self, with: Algorithm, of: &'a BytesCode) -> Result<&'a [u8], Fault<'a>> {
        let room = self.bump.alloc_slice_fill_copy(with.size(), 0);
        if self.is_silent() {
            self.fed(Start::Digest(with), of, room)?;
        } else {
            let message = self.bytes(of)?;
            self.tell(Hashed { with, key: None, message });
            with.digest(message, room);
        }
        Ok(room)
    }

    /// An authentication code; where its key depends on the account alone, the key is prepared once.
    pub(super) fn hmac(&mut self, hmac: &'a Hmac) -> Result<&'a [u8], Fault<'a>> {
        let account = self.account;
        let kept = hmac.kept.and_then(|i| account.map(|account| &account.keys[i]));
        let room = self.bump.alloc_slice_fill_copy(hmac.with.size(), 0);
        match kept.and_then(|kept| kept.get()).filter(|_| self.is_silent()) {
            Some(key) => {
                self.fed(Start::Code(key), if hmac.flow_is_key { &hmac.other } else { &hmac.flow }, room)?;
            }
            None => {
                let (flow, other) = (self.bytes(&hmac.flow)?, self.bytes(&hmac.other)?);
                let (key, message) = if hmac.flow_is_key { (flow, other) } else { (other, flow) };
                self.tell(Hashed { with: hmac.with, key: Some(key), message });
                match kept {
                    Some(kept) => kept.get_or_init(|| Key::new(hmac.with, key)).code(message, room),
                    None => Key::new(hmac.with, key).code(message, room),
                }
            }
        }
        Ok(room)
    }

    /// Hashes what a pipeline writes into `room`.
    fn fed(&mut self, start: Start<'_>, message: &'a BytesCode, room: &mut [u8]) -> Result<(), Fault<'a>> {
        let gathered = self.feeds.pop().unwrap_or_else(|| vec![0; GATHERED]);
        let mut feed = Feed { start, running: None, gathered, end: 0 };
        let fed = self.feed(message, &mut feed);
        if fed.is_ok() {
            feed.finish(room);
        }
        self.feeds.push(feed.gathered);
        fed
    }

    fn is_silent(&self) -> bool {
        !matches!(self.showing, Showing::Hashes(_))
    }

    fn tell(&mut self, hashed: Hashed<'_>) {
        if let Showing::Hashes(listen) = &mut self.showing {
            listen(hashed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitive::ROOM;

    /// Pieces that are put and pieces that are made in place, so that each kind comes when the buffer is full.
    #[test]
    fn what_is_fed_in_pieces_is_hashed_as_one() {
        let with = Algorithm::Sha256;
        let key = Key::new(with, b"key");
        for start in [Start::Digest(with), Start::Code(&key)] {
            for first in GATHERED - 2 * ROOM..GATHERED + 2 {
                let mut feed = Feed { start, running: None, gathered: vec![0; GATHERED], end: 0 };
                let mut message = vec![b'a'; first];
                feed.put(&message);
                for piece in [[b'b'; ROOM].as_slice(), &[b'c'; ROOM - 1], b"d", &[b'e'; GATHERED + 1]] {
                    match piece.len() {
                        1..=ROOM => feed.fill(ROOM, |room| {
                            room[..piece.len()].copy_from_slice(piece);
                            piece.len()
                        }),
                        _ => feed.put(piece),
                    }
                    message.extend_from_slice(piece);
                }
                let (mut found, mut expected) = (vec![0; with.size()], vec![0; with.size()]);
                feed.finish(&mut found);
                match start {
                    Start::Digest(with) => with.digest(&message, &mut expected),
                    Start::Code(key) => key.code(&message, &mut expected),
                }
                assert_eq!(found, expected, "{first} bytes first");
            }
        }
    }
}
