//! Where bytes go while they are made: into the arena, or into a hash that takes them as they come.

use super::value::{Fault, Why};
use crate::primitive::digest::{Algorithm, Key, Running};
use crate::primitive::{Sink, copy};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;

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

/// Where bytes go.
pub struct Out<'o, 'a> {
    to: To<'o, 'a>,
    /// The arena, for what is made on the way and for faults.
    pub bump: &'a Bump,
    /// So many bytes are taken at most; looked at where buffers are full, and at the end.
    most: usize,
}

enum To<'o, 'a> {
    Arena(Gathered<'a, u8>),
    Hash(&'o mut Feed<'a>),
    /// It became too long.
    Nowhere,
}

/// Size of what is set aside at first for bytes that are gathered; most values of a signature fit.
const FIRST: usize = 128;

impl<'o, 'a> Out<'o, 'a> {
    /// Gathers bytes in the arena, `most` at most.
    pub(super) fn gather(bump: &'a Bump, most: usize) -> Out<'o, 'a> {
        Out { to: To::Arena(Gathered::with_capacity_in(FIRST, bump)), bump, most }
    }

    /// Hands bytes to a hash, `most` at most.
    pub(super) fn hash(feed: &'o mut Feed<'a>, bump: &'a Bump, most: usize) -> Out<'o, 'a> {
        Out { to: To::Hash(feed), bump, most }
    }

    /// What was gathered; a fault where it became too long.
    pub(super) fn done(self) -> Result<&'a [u8], Fault<'a>> {
        match self.to {
            To::Arena(made) if made.len() <= self.most => Ok(made.into_bump_slice()),
            To::Hash(feed) if feed.hashed + feed.end <= self.most => Ok(&[]),
            _ => Err(Fault::TOO_LONG),
        }
    }

    /// A fault of what cannot be read.
    pub fn malformed(&self, why: impl std::fmt::Display) -> Fault<'a> {
        let text = bumpalo::format!(in self.bump, "{}", why).into_bump_str();
        Fault::new(Why::Malformed(text), self.bump)
    }

    /// Takes bytes for which a buffer has no room; where too many were taken, nothing is taken any more.
    #[cold]
    fn put_long(&mut self, bytes: &[u8]) {
        match &mut self.to {
            To::Arena(made) if made.len() + bytes.len() <= self.most => made.put(bytes),
            To::Hash(feed) if feed.hashed + feed.end <= self.most => feed.put(bytes),
            to => *to = To::Nowhere,
        }
    }
}

impl Sink for Out<'_, '_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        match &mut self.to {
            To::Arena(made) if made.capacity() - made.len() >= bytes.len() => return made.put(bytes),
            To::Hash(feed) => {
                if feed.takes(bytes) {
                    return;
                }
            }
            _ => {}
        }
        self.put_long(bytes);
    }

    fn fill(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> usize) {
        match &mut self.to {
            To::Arena(made) if made.len() <= self.most => made.fill(most, write),
            To::Hash(feed) if feed.hashed + feed.end <= self.most => feed.fill(most, write),
            to => *to = To::Nowhere,
        }
    }
}

/// Size of the buffer of a hash: a shorter message is hashed in one go.
pub(super) const GATHERED: usize = 2048;

/// A hash that is fed.
pub(super) struct Feed<'a> {
    pub(super) start: Begins<'a>,
    pub(super) running: Option<Running>,
    pub(super) gathered: Vec<u8>,
    /// Number of bytes that have been gathered.
    pub(super) end: usize,
    /// Number of bytes that have been hashed.
    pub(super) hashed: usize,
}

/// What a hash starts from.
#[derive(Clone, Copy)]
pub(super) enum Begins<'a> {
    Digest(Algorithm),
    Code(&'a Key),
}

impl<'a> Feed<'a> {
    pub(super) fn new(start: Begins<'a>, gathered: Vec<u8>) -> Feed<'a> {
        Feed { start, running: None, gathered, end: 0, hashed: 0 }
    }

    /// Whether there is room for bytes, which are then taken.
    #[inline]
    fn takes(&mut self, bytes: &[u8]) -> bool {
        let Some(room) = self.gathered.get_mut(self.end..self.end + bytes.len()) else { return false };
        copy(bytes, room);
        self.end += bytes.len();
        true
    }

    fn running(&mut self) -> &mut Running {
        self.running.get_or_insert_with(|| match self.start {
            Begins::Digest(with) => Running::of(with),
            Begins::Code(key) => Running::keyed(key),
        })
    }

    fn flush(&mut self) {
        self.running();
        self.running.iter_mut().for_each(|running| running.update(&self.gathered[..self.end]));
        self.hashed += std::mem::take(&mut self.end);
    }

    /// Writes what comes out into `room`, which has its size.
    pub(super) fn finish(&mut self, room: &mut [u8]) {
        if self.running.is_some() {
            self.flush();
        }
        match (self.running.take(), self.start) {
            (Some(running), _) => running.finish(room),
            (None, Begins::Digest(with)) => with.digest(&self.gathered[..self.end], room),
            (None, Begins::Code(key)) => key.code(&self.gathered[..self.end], room),
        }
    }
}

impl Sink for Feed<'_> {
    fn put(&mut self, bytes: &[u8]) {
        if self.takes(bytes) {
            return;
        }
        self.flush();
        if !self.takes(bytes) {
            self.running().update(bytes);
            self.hashed += bytes.len();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitive::ROOM;

    /// Pieces that are put and pieces that are made in place, so that each kind comes when the buffer is full.
    #[test]
    fn what_is_fed_in_pieces_is_hashed_as_one() {
        let with = Algorithm::Sha256;
        let key = Key::new(with, b"key");
        for start in [Begins::Digest(with), Begins::Code(&key)] {
            for first in GATHERED - 2 * ROOM..GATHERED + 2 {
                let mut feed = Feed::new(start, vec![0; GATHERED]);
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
                    Begins::Digest(with) => with.digest(&message, &mut expected),
                    Begins::Code(key) => key.code(&message, &mut expected),
                }
                assert_eq!(found, expected, "{first} bytes first");
            }
        }
    }
}
