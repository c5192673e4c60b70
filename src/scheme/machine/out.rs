//! Where bytes go while they are made: into the arena, or into a hash that takes them as they come.

use super::value::{Failure, MULTIPLE, SLACK, Why};
use super::view::Original;
use crate::primitive::digest::{Algorithm, Key, Running};
use crate::primitive::{ROOM, Sink, copy, steps};
use bumpalo::Bump;
use std::cell::Cell;

/// Inputs of a hash, as they are told to whoever asks for them.
#[derive(Clone, Copy)]
pub struct Hashed<'a> {
    /// The hash function.
    pub with: Algorithm,
    /// The key, where it is an HMAC.
    pub key: Option<&'a [u8]>,
    /// The bytes.
    pub message: &'a [u8],
}

/// Amount of its work that a machine shows.
pub enum Showing<'a> {
    /// Nothing: what one stage passes on to one other is never held whole.
    Nothing,
    /// Every stage is held.
    Stages,
    /// Every stage is held, and what is hashed is told.
    Hashes(&'a mut dyn FnMut(Hashed<'_>)),
}

/// Length that derived values may reach: [`MULTIPLE`] times what they are made of, and [`SLACK`]. What that is, is
/// counted once something becomes so long that it matters.
pub struct Limit<'a> {
    message: Original<'a>,
    /// Number of bytes of account, parameters and fixed texts.
    beside: Cell<usize>,
    /// Once it was counted.
    most: Cell<Option<usize>>,
}

impl<'a> Limit<'a> {
    /// For what is made of a message, and of so many bytes beside it.
    pub(super) fn new(message: Original<'a>, beside: usize) -> Limit<'a> {
        Limit { message, beside: Cell::new(beside), most: Cell::new(None) }
    }

    /// Values are made of so many bytes more.
    pub(super) fn add(&self, bytes: usize) {
        self.beside.set(self.beside.get() + bytes);
        self.most.set(None);
    }

    /// Returns whether a value may have this length.
    #[inline]
    pub fn allows(&self, length: usize) -> bool {
        length <= SLACK || length <= self.most()
    }

    #[cold]
    fn most(&self) -> usize {
        let most = self.most.get().unwrap_or_else(|| SLACK + MULTIPLE * (self.message.size() + self.beside.get()));
        self.most.set(Some(most));
        most
    }
}

/// Writer of bytes: into a buffer, and where that is full, into a longer one or into a hash.
pub struct Out<'o, 'a: 'o> {
    buffer: &'o mut [u8],
    /// Number of bytes in the buffer.
    end: usize,
    /// Number of bytes that have been hashed.
    hashed: usize,
    /// Looked at where the buffer is full, and at the end.
    limit: &'a Limit<'a>,
    hash: Option<&'o mut Feed<'a>>,
    /// The arena, for what is made on the way and for faults.
    pub bump: &'a Bump,
}

/// Start of a hash.
#[derive(Clone, Copy)]
pub(super) enum Begins<'a> {
    Digest(Algorithm),
    Code(&'a Key),
}

/// A hash that is fed: what it starts from, and once something was hashed, how far it is.
pub(super) struct Feed<'a>(pub(super) Begins<'a>, pub(super) Option<Running>);

/// Size of the buffer of a hash: a shorter message is hashed in one go.
pub(super) const GATHERED: usize = 2048;

impl<'a> Out<'a, 'a> {
    /// Gathers bytes in the arena.
    pub(super) fn gather(limit: &'a Limit<'a>, bump: &'a Bump) -> Out<'a, 'a> {
        // Most values of a signature fit.
        Out { buffer: bump.alloc_slice_fill_copy(ROOM, 0), end: 0, hashed: 0, limit, hash: None, bump }
    }

    /// Returns what was gathered; a fault where it became too long.
    pub(super) fn done(self) -> Result<&'a [u8], Failure<'a>> {
        self.is_whole()?;
        Ok(&self.buffer[..self.end])
    }
}

impl<'o, 'a> Out<'o, 'a> {
    /// Hands bytes to a hash by way of a buffer, which has [`ROOM`] or more.
    pub(super) fn hash(
        feed: &'o mut Feed<'a>,
        buffer: &'o mut [u8],
        limit: &'a Limit<'a>,
        bump: &'a Bump,
    ) -> Out<'o, 'a> {
        Out { buffer, end: 0, hashed: 0, limit, hash: Some(feed), bump }
    }

    /// Writes what comes of the hash into `room`, which has its size.
    pub(super) fn finish(self, room: &mut [u8]) -> Result<(), Failure<'a>> {
        self.is_whole()?;
        let message = &self.buffer[..self.end];
        let Some(feed) = self.hash else { return Ok(()) };
        match (feed.0, feed.1.take()) {
            (_, Some(mut running)) => {
                running.update(message);
                running.finish(room);
            }
            (Begins::Digest(with), None) => with.digest(message, room),
            (Begins::Code(key), None) => key.code(message, room),
        }
        Ok(())
    }

    fn is_whole(&self) -> Result<(), Failure<'a>> {
        if self.limit.allows(self.hashed + self.end) { Ok(()) } else { Err(Failure::TOO_LONG) }
    }

    /// A fault of what cannot be read.
    pub fn malformed(&self, why: impl std::fmt::Display) -> Failure<'a> {
        let text = bumpalo::format!(in self.bump, "{}", why).into_bump_str();
        Failure::new(Why::Malformed(text), self.bump)
    }

    /// Hashes what is in the buffer.
    fn flush(&mut self) {
        let Some(Feed(start, running)) = self.hash.as_deref_mut() else { return };
        let running = running.get_or_insert_with(|| match start {
            Begins::Digest(with) => Running::of(*with),
            Begins::Code(key) => Running::keyed(key),
        });
        running.update(&self.buffer[..self.end]);
        self.hashed += std::mem::take(&mut self.end);
    }

    /// Makes room for bytes where the buffer has none. Once there are too many, nothing is kept of what comes.
    #[cold]
    fn make_room(&mut self, length: usize) {
        if self.is_whole().is_err() {
            (self.hashed, self.end) = (usize::MAX / 2, 0);
        } else if self.hash.is_some() {
            self.flush();
        } else {
            let longer = self.bump.alloc_slice_fill_copy((self.end + length).max(2 * self.buffer.len()), 0);
            longer[..self.end].copy_from_slice(&self.buffer[..self.end]);
            self.buffer = longer;
        }
    }

    /// Takes bytes for which the buffer has no room.
    #[cold]
    fn put_long(&mut self, bytes: &[u8]) {
        steps::count(bytes.len());
        self.make_room(bytes.len());
        match (self.buffer.get_mut(self.end..self.end + bytes.len()), self.hash.as_deref_mut()) {
            (Some(room), _) => {
                room.copy_from_slice(bytes);
                self.end += bytes.len();
            }
            // It is longer than the whole buffer.
            (None, Some(Feed(_, Some(running)))) => {
                running.update(bytes);
                self.hashed += bytes.len();
            }
            (None, _) => {}
        }
    }
}

impl Sink for Out<'_, '_> {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        match self.buffer.get_mut(self.end..self.end + bytes.len()) {
            Some(room) => {
                steps::count(bytes.len());
                copy(bytes, room);
                self.end += bytes.len();
            }
            None => self.put_long(bytes),
        }
    }

    fn fill(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> usize) {
        if self.buffer.len() - self.end < most {
            self.make_room(most);
        }
        let end = self.end;
        self.end += write(&mut self.buffer[end..end + most]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    /// Pieces that are put and pieces that are made in place, so that each kind comes when the buffer is full.
    #[test]
    fn what_is_fed_in_pieces_is_hashed_as_one() {
        let (with, bump, request) = (Algorithm::Sha256, Bump::new(), Request::default());
        let limit = Limit::new(Original::Arrived(&request), 0);
        let key = Key::new(with, b"key");
        let mut buffer = vec![0; GATHERED];
        for start in [Begins::Digest(with), Begins::Code(&key)] {
            for first in GATHERED - 2 * ROOM..GATHERED + 2 {
                let mut message = vec![b'a'; first];
                let mut feed = Feed(start, None);
                let mut out = Out::hash(&mut feed, &mut buffer, &limit, &bump);
                let mut gathered = Out::gather(&limit, &bump);
                out.put(&message);
                gathered.put(&message);
                for piece in [[b'b'; ROOM].as_slice(), &[b'c'; ROOM - 1], b"d", &[b'e'; GATHERED + 1]] {
                    for out in [&mut out, &mut gathered] {
                        match piece.len() {
                            1..=ROOM => out.fill(ROOM, |room| {
                                room[..piece.len()].copy_from_slice(piece);
                                piece.len()
                            }),
                            _ => out.put(piece),
                        }
                    }
                    message.extend_from_slice(piece);
                }
                let (mut found, mut expected) = (vec![0; with.size()], vec![0; with.size()]);
                out.finish(&mut found).unwrap();
                match start {
                    Begins::Digest(with) => with.digest(&message, &mut expected),
                    Begins::Code(key) => key.code(&message, &mut expected),
                }
                assert_eq!(found, expected, "{first} bytes first");
                assert_eq!(gathered.done().unwrap(), message);
            }
        }
    }

    #[test]
    fn too_many_bytes_are_a_fault_and_are_not_kept() {
        let (bump, mut buffer) = (Bump::new(), vec![0; GATHERED]);
        let request = Request { body: vec![0; 7].into(), ..Request::default() };
        let limit = Limit::new(Original::Arrived(&request), 2);
        limit.add(1);
        let most = SLACK + 10 * MULTIPLE;
        for length in [1, ROOM, GATHERED, GATHERED + 1] {
            for count in [most / length, most / length + 1] {
                let piece = vec![b'a'; length];
                let mut gathered = Out::gather(&limit, &bump);
                let mut feed = Feed(Begins::Digest(Algorithm::Md5), None);
                let mut out = Out::hash(&mut feed, &mut buffer, &limit, &bump);
                (0..count).for_each(|_| [&mut gathered, &mut out].into_iter().for_each(|out| out.put(&piece)));
                let fits = count * length <= most;
                assert_eq!(out.finish(&mut [0; 16]).is_ok(), fits, "{count} of {length}");
                assert_eq!(gathered.done().is_ok(), fits, "{count} of {length}");
            }
        }
        let mut out = Out::gather(&limit, &bump);
        (0..1 << 20).for_each(|_| out.put(&[b'a'; ROOM]));
        assert!(out.buffer.len() <= 4 * most && out.done().is_err());
    }
}
