//! Digests and authentication codes of what is fed to them, under keys that are prepared once.

use super::eval::{Hashed, Machine, Showing};
use super::program::{Load, Op};
use super::value::{Fault, Value};
use crate::primitive::Sink;
use crate::primitive::digest::{Algorithm, Key, Output, Running};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use std::borrow::Cow;

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
    /// The hash that a step makes of a source and the steps before it.
    pub(super) fn hash(&mut self, source: &'a Load, before: &'a [Op], op: &'a Op) -> Result<&'a [u8], Fault<'a>> {
        let output = match op {
            Op::Digest(with) if self.is_silent() => self.fed(Start::Digest(*with), source, before)?,
            Op::Digest(with) => {
                let message = self.run_steps(source, before)?.bytes();
                self.tell(Hashed { with: *with, key: None, message });
                with.digest(message)
            }
            Op::Hmac { with, other, flow_is_key, key } => {
                let (flow, other) = ((source, before), (&other.source, other.steps.as_slice()));
                let account = self.account;
                let kept = key.and_then(|i| account.map(|account| &account.keys[i]));
                match kept.and_then(|kept| kept.get()).filter(|_| self.is_silent()) {
                    Some(key) => {
                        let message = if *flow_is_key { other } else { flow };
                        self.fed(Start::Code(key), message.0, message.1)?
                    }
                    None => {
                        let flow = self.run_steps(flow.0, flow.1).map(Value::bytes)?;
                        let other = self.run_steps(other.0, other.1).map(Value::bytes)?;
                        let (key, message) = if *flow_is_key { (flow, other) } else { (other, flow) };
                        self.tell(Hashed { with: *with, key: Some(key), message });
                        let prepare = || Key::new(*with, key);
                        let prepared =
                            kept.map_or_else(|| Cow::Owned(prepare()), |kept| Cow::Borrowed(kept.get_or_init(prepare)));
                        prepared.code(message)
                    }
                }
            }
            _ => unreachable!("no other step hashes"),
        };
        Ok(self.bump.alloc_slice_copy(&output))
    }

    fn fed(&mut self, start: Start<'_>, source: &'a Load, steps: &'a [Op]) -> Result<Output, Fault<'a>> {
        let mut feed = Feed::new(start, self.bump);
        self.feed(source, steps, &mut feed)?;
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
