//! Digests and authentication codes of what is fed to them, under keys that are prepared once.

use super::eval::{Hashed, Machine, Showing};
use super::program::{BytesCode, Hmac};
use super::value::Fault;
use crate::primitive::Sink;
use crate::primitive::digest::{Algorithm, Key, Output, Running};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;

/// Bytes gathered before they are hashed: a shorter message is hashed in one go.
const GATHERED: usize = 2048;

/// A hash that is fed.
struct Feed<'a, 'k> {
    start: Start<'k>,
    running: Option<Running>,
    gathered: Gathered<'a, u8>,
}

/// What a hash starts from.
#[derive(Clone, Copy)]
enum Start<'k> {
    Digest(Algorithm),
    Code(&'k Key),
}

impl<'a, 'k> Feed<'a, 'k> {
    fn new(start: Start<'k>, bump: &'a Bump) -> Feed<'a, 'k> {
        Feed { start, running: None, gathered: Gathered::with_capacity_in(GATHERED, bump) }
    }

    fn running(&mut self) -> &mut Running {
        self.running.get_or_insert_with(|| match self.start {
            Start::Digest(with) => Running::of(with),
            Start::Code(key) => Running::keyed(key),
        })
    }

    fn flush(&mut self) {
        self.running();
        self.running.iter_mut().for_each(|running| running.update(&self.gathered));
        self.gathered.clear();
    }

    fn finish(mut self) -> Output {
        match (&self.running, self.start) {
            (None, Start::Digest(with)) => with.digest(&self.gathered),
            (None, Start::Code(key)) => key.code(&self.gathered),
            (Some(_), _) => {
                self.flush();
                self.running.map_or_else(|| unreachable!("it is running"), Running::finish)
            }
        }
    }
}

impl Sink for Feed<'_, '_> {
    fn put(&mut self, bytes: &[u8]) {
        if self.gathered.len() + bytes.len() > GATHERED {
            self.flush();
            if bytes.len() > GATHERED {
                return self.running().update(bytes);
            }
        }
        self.gathered.extend_from_slice_copy(bytes);
    }
}

impl<'a> Machine<'a> {
    /// The digest of what a pipeline gives.
    pub(super) fn digest(&mut self, with: Algorithm, of: &'a BytesCode) -> Result<&'a [u8], Fault<'a>> {
        let output = if self.is_silent() {
            self.fed(Start::Digest(with), of)?
        } else {
            let message = self.bytes(of)?;
            self.tell(Hashed { with, key: None, message });
            with.digest(message)
        };
        Ok(self.bump.alloc_slice_copy(&output))
    }

    /// An authentication code; where its key depends on the account alone, the key is prepared once.
    pub(super) fn hmac(&mut self, hmac: &'a Hmac) -> Result<&'a [u8], Fault<'a>> {
        let account = self.account;
        let kept = hmac.kept.and_then(|i| account.map(|account| &account.keys[i]));
        let output = match kept.and_then(|kept| kept.get()).filter(|_| self.is_silent()) {
            Some(key) => self.fed(Start::Code(key), if hmac.flow_is_key { &hmac.other } else { &hmac.flow })?,
            None => {
                let (flow, other) = (self.bytes(&hmac.flow)?, self.bytes(&hmac.other)?);
                let (key, message) = if hmac.flow_is_key { (flow, other) } else { (other, flow) };
                self.tell(Hashed { with: hmac.with, key: Some(key), message });
                match kept {
                    Some(kept) => kept.get_or_init(|| Key::new(hmac.with, key)).code(message),
                    None => Key::new(hmac.with, key).code(message),
                }
            }
        };
        Ok(self.bump.alloc_slice_copy(&output))
    }

    fn fed(&mut self, start: Start<'_>, message: &'a BytesCode) -> Result<Output, Fault<'a>> {
        let mut feed = Feed::new(start, self.bump);
        self.feed(message, &mut feed)?;
        Ok(feed.finish())
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
