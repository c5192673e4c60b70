//! Digests and authentication codes of what is fed to them, under keys that are prepared once.

use super::eval::{Hashed, Machine, Showing};
use super::program::{Code, Op};
use super::value::Fault;
use crate::primitive::Sink;
use crate::primitive::digest::{Algorithm, Key, Output, Running};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use std::sync::OnceLock;

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
    /// The hash that a step makes of what comes before it.
    pub(super) fn hash(&mut self, op: &'a Op, flow: &'a Code) -> Result<&'a [u8], Fault<'a>> {
        let output = match op {
            Op::Digest(with) if self.is_silent() => self.fed(Start::Digest(*with), flow)?,
            Op::Digest(with) => {
                let message = self.run_bytes(flow)?;
                self.tell(Hashed { with: *with, key: None, message });
                with.digest(message)
            }
            Op::Hmac { with, other, flow_is_key, key } => {
                let account = self.account;
                let kept = key.and_then(|i| account.map(|account| &account.keys[i]));
                match kept.and_then(|kept| kept.get()).filter(|_| self.is_silent()) {
                    Some(key) => self.fed(Start::Code(key), if *flow_is_key { other } else { flow })?,
                    None => self.code(*with, flow, other, *flow_is_key, kept)?,
                }
            }
            _ => unreachable!("no other step hashes"),
        };
        Ok(self.bump.alloc_slice_copy(&output))
    }

    /// An authentication code under a key that is not prepared yet; it is kept where there is a place.
    fn code(
        &mut self,
        with: Algorithm,
        flow: &'a Code,
        other: &'a Code,
        flow_is_key: bool,
        kept: Option<&OnceLock<Key>>,
    ) -> Result<Output, Fault<'a>> {
        let (flow, other) = (self.run_bytes(flow)?, self.run_bytes(other)?);
        let (key, message) = if flow_is_key { (flow, other) } else { (other, flow) };
        self.tell(Hashed { with, key: Some(key), message });
        Ok(match kept {
            Some(kept) => kept.get_or_init(|| Key::new(with, key)).code(message),
            None => Key::new(with, key).code(message),
        })
    }

    fn fed(&mut self, start: Start<'_>, message: &'a Code) -> Result<Output, Fault<'a>> {
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
