//! Digests, authentication codes and signatures of what is fed to them, under keys that are prepared once.

use super::out::{Begins, Feed, GATHERED, Hashed, Out, Showing};
use super::types::{Args, BytesCode, Hmac, Machine};
use super::value::{Failure, Why, absent};
use crate::primitive::digest::{Algorithm, Key};
use crate::primitive::key_pair::PublicKey;

impl<'a> Machine<'a> {
    /// The digest of what a pipeline gives.
    pub(super) fn digest(&mut self, with: Algorithm, of: &'a BytesCode) -> Result<&'a [u8], Failure<'a>> {
        let room = self.bump.alloc_slice_fill_copy(with.size(), 0);
        if self.is_silent() {
            self.fed(Begins::Digest(with), of, room)?;
        } else {
            let message = self.bytes(of)?;
            self.tell(Hashed { with, key: None, message });
            with.digest(message, room);
        }
        Ok(room)
    }

    /// An authentication code; where its key depends on the account alone, the key is prepared once.
    pub(super) fn hmac(&mut self, hmac: &'a Hmac) -> Result<&'a [u8], Failure<'a>> {
        let account = self.account;
        let kept = hmac.kept.and_then(|i| account.map(|account| &account.keys[i]));
        let room = self.bump.alloc_slice_fill_copy(hmac.with.size(), 0);
        match kept.and_then(|kept| kept.get()).filter(|_| self.is_silent()) {
            Some(key) => {
                self.fed(Begins::Code(key), if hmac.flow_is_key { &hmac.other } else { &hmac.flow }, room)?;
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

    /// A signature under the private half of a pair.
    pub(super) fn sign(&mut self, args: &'a Args, of: &'a BytesCode) -> Result<&'a [u8], Failure<'a>> {
        let message = self.bytes(of)?;
        let i = args.key(1);
        let key = self.account.and_then(|account| account.private.iter().find(|(other, _)| *other == i));
        let (_, key) = key.ok_or_else(|| absent("credential.", &self.program.credentials[i].0, self.bump))?;
        match key.sign(args.signature(0), args.form(2), message) {
            Some(signature) => Ok(self.bump.alloc_slice_copy(&signature)),
            None => Err(Failure::of(&Why::Malformed("the key is too short for this signature"))),
        }
    }

    /// The public half of a pair.
    pub fn public(&self, i: usize) -> Result<&'a PublicKey, Failure<'a>> {
        let key = self.account.and_then(|account| account.public.iter().find(|(other, _)| *other == i));
        key.map(|(_, key)| key).ok_or_else(|| absent("credential.", &self.program.credentials[i].0, self.bump))
    }

    /// Hashes what a pipeline writes into `room`.
    fn fed(&mut self, start: Begins<'a>, message: &'a BytesCode, room: &mut [u8]) -> Result<(), Failure<'a>> {
        let mut buffer = self.feeds.pop().unwrap_or_else(|| vec![0; GATHERED]);
        let mut feed = Feed(start, None);
        let mut out = Out::hash(&mut feed, &mut buffer, self.limit, self.bump);
        let fed = self.feed(message, &mut out).and_then(|()| out.finish(room));
        self.feeds.push(buffer);
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

impl std::fmt::Debug for Hashed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hashed({:?}, ***)", self.with)
    }
}
