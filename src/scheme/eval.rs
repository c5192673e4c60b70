//! Evaluation of compiled pipelines. What steps produce goes into an arena that the caller keeps.

use super::eval_hash::Hashed;
use super::eval_pairs::separated;
use super::prepare::{PreparedAccount, PreparedParameters};
use super::program::{BytesCode, BytesOp, Code, Fold, ManyCode, Program};
use super::value::{Absence, Fault, Pair, Value, Why, absent};
use super::view::View;
use crate::primitive::Sink;
use crate::primitive::percent;
use crate::primitive::time::{Instant, TimeFormat};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;

/// What is set aside at first for bytes that are gathered; most values of a signature fit.
const FIRST: usize = 128;

/// Buffers of evaluation; kept between calls, they stop growing.
#[derive(Default)]
pub struct Scratch {
    pub(super) bump: Bump,
    pub(super) out: Vec<u8>,
    /// A buffer for each hash that is fed at the same time.
    pub(super) feeds: Vec<Vec<u8>>,
}

/// How much of its work a machine shows.
pub(super) enum Showing<'a> {
    /// Nothing: what one stage passes on to one other is never held whole.
    Nothing,
    /// Every stage is held.
    Stages,
    /// Every stage is held, and what is hashed is told.
    Hashes(&'a mut dyn FnMut(Hashed<'_>)),
}

/// What a pipeline is evaluated on.
pub(super) struct Machine<'a> {
    pub program: &'a Program,
    pub view: View<'a>,
    pub account: Option<&'a PreparedAccount>,
    pub parameters: &'a PreparedParameters,
    pub time: Option<Instant>,
    /// The time as received, where derivation uses that.
    pub time_text: Option<&'a [u8]>,
    /// The time as it was written last.
    pub written: Option<(TimeFormat, &'a [u8])>,
    pub nonce: Option<&'a [u8]>,
    pub showing: Showing<'a>,
    pub stages: &'a mut [Option<Value<'a>>],
    pub received: &'a mut [Option<Value<'a>>],
    pub bump: &'a Bump,
    pub out: &'a mut Vec<u8>,
    pub feeds: &'a mut Vec<Vec<u8>>,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch(***)")
    }
}

impl<'a> Machine<'a> {
    /// A machine on a message, which is seen through `view` once the buffers are empty.
    #[inline]
    pub(super) fn new(
        program: &'a Program,
        parameters: &'a PreparedParameters,
        scratch: &'a mut Scratch,
        view: impl FnOnce(&'a Bump) -> View<'a>,
    ) -> Machine<'a> {
        let Scratch { bump, out, feeds } = scratch;
        bump.reset();
        let bump: &'a Bump = bump;
        Machine {
            program,
            view: view(bump),
            account: None,
            parameters,
            time: None,
            time_text: None,
            written: None,
            nonce: None,
            showing: Showing::Nothing,
            stages: bump.alloc_slice_fill_copy(program.stages.len(), None),
            received: bump.alloc_slice_fill_copy(program.received, None),
            bump,
            out,
            feeds,
        }
    }

    /// Evaluates a pipeline.
    pub(super) fn value(&mut self, code: &'a Code) -> Result<Value<'a>, Fault<'a>> {
        match code {
            Code::Bytes(code) => match self.maybe(code) {
                Err(fault) if fault.is_left_out() => Ok(Value::Absent),
                found => found.map(Value::Bytes),
            },
            Code::Many(code) => self.many(code).map(Value::Many),
        }
    }

    /// Evaluates a pipeline to bytes; an optional value that is not there is empty.
    pub(super) fn bytes(&mut self, code: &'a BytesCode) -> Result<&'a [u8], Fault<'a>> {
        match self.maybe(code) {
            Err(fault) if fault.is_left_out() => Ok(&[]),
            found => found,
        }
    }

    /// The same; where an optional value is not there, even if steps cut something off it, that is the
    /// fault [`Fault::LEFT_OUT`].
    pub(super) fn maybe(&mut self, code: &'a BytesCode) -> Result<&'a [u8], Fault<'a>> {
        match code {
            BytesCode::Load(load) => self.load(load),
            BytesCode::Constant(bytes) => Ok(bytes),
            BytesCode::Stage(i) => self.stage(*i)?.present(),
            BytesCode::Received(i) => self.received(*i)?.present(),
            BytesCode::FirstOf(codes) => self.first_of(codes, Self::maybe),
            BytesCode::Optional(code) => match self.maybe(code) {
                Err(fault) if fault.is_absence() => Err(Fault::LEFT_OUT),
                found => found,
            },
            BytesCode::Parts { .. } | BytesCode::Fold { op: Fold::Join(_) | Fold::JoinPairs { .. }, .. } => {
                let mut gathered = Gathered::with_capacity_in(FIRST, self.bump);
                self.feed(code, &mut gathered)?;
                Ok(gathered.into_bump_slice())
            }
            BytesCode::Step { op, of } => match self.maybe(of) {
                Err(fault) if fault.is_left_out() && !op.cuts() => self.on_bytes(op, &[]),
                found => self.on_bytes(op, found?),
            },
            BytesCode::Digest { with, of } => self.digest(*with, of),
            BytesCode::Hmac(hmac) => self.hmac(hmac),
            BytesCode::Fold { op: Fold::First(name), of } => {
                let pairs = self.many(of)?;
                let found = pairs.iter().find(|pair| pair.name() == name);
                found
                    .map(Pair::filled)
                    .ok_or_else(|| Fault::new(Why::Absent(Absence::Field("the field ", name)), self.bump))
            }
        }
    }

    /// Evaluates a pipeline to pairs or a list.
    pub(super) fn many(&mut self, code: &'a ManyCode) -> Result<&'a [Pair<'a>], Fault<'a>> {
        match code {
            ManyCode::Query => self.view.query(),
            ManyCode::Form => self.view.form(),
            ManyCode::Multipart => self.view.multipart(),
            ManyCode::Headers => Ok(self.view.headers()),
            ManyCode::Stage(i) => self.stage(*i).map(Value::many),
            ManyCode::Received(i) => self.received(*i).map(Value::many),
            ManyCode::FirstOf(codes) => self.first_of(codes, Self::many),
            ManyCode::Merge(codes) => self.merge(codes),
            ManyCode::Pairs(pairs) => self.pairs(pairs),
            ManyCode::Split { at, of } => {
                let bytes = self.bytes(of)?;
                Ok(self.split(at, bytes))
            }
            ManyCode::Step { op, of } => {
                let pairs = self.many(of)?;
                self.on_many(op, pairs)
            }
        }
    }

    /// The value of a stage, derived at its first use.
    pub(super) fn stage(&mut self, i: usize) -> Result<Value<'a>, Fault<'a>> {
        if let Some(value) = self.stages[i] {
            return Ok(value);
        }
        let stage = &self.program.stages[i];
        let value = match stage.received.and_then(|received| self.received[received]) {
            Some(value) => value,
            None => self.value(&stage.code)?,
        };
        self.stages[i] = Some(value);
        Ok(value)
    }

    fn received(&self, i: usize) -> Result<Value<'a>, Fault<'a>> {
        self.received[i].ok_or_else(|| absent("a received value", "", self.bump))
    }

    /// Writes the value of a pipeline, without holding it whole where that can be avoided.
    pub(super) fn feed(&mut self, code: &'a BytesCode, out: &mut impl Sink) -> Result<(), Fault<'a>> {
        match code {
            BytesCode::Parts { with, parts } => {
                for (i, part) in parts.iter().enumerate() {
                    if i > 0 && !with.is_empty() {
                        out.put(with);
                    }
                    self.feed(part, out)?;
                }
            }
            BytesCode::Stage(i) => match &self.program.stages[*i].code {
                Code::Bytes(passed) if self.passes(*i) => self.feed(passed, out)?,
                _ => out.put(self.bytes(code)?),
            },
            BytesCode::Fold { op: Fold::Join(with), of } => {
                let items = self.many(of)?;
                separated(items, with, out, |item, out| out.put(item.name()));
            }
            BytesCode::Fold { op: Fold::JoinPairs { template, with }, of } => {
                let pairs = self.many(of)?;
                separated(pairs, with, out, |pair, out| template.fill(pair, out));
            }
            BytesCode::Step { op: BytesOp::PercentEncode { keep, case, plus }, of } => {
                percent::encode_with(self.bytes(of)?, keep, *case, *plus, out);
            }
            _ => out.put(self.bytes(code)?),
        }
        Ok(())
    }

    /// Whether a stage goes to the one that uses it without being held.
    fn passes(&self, i: usize) -> bool {
        let stage = &self.program.stages[i];
        let replaced = || stage.received.is_some_and(|received| self.received[received].is_some());
        stage.passing && matches!(self.showing, Showing::Nothing) && self.stages[i].is_none() && !replaced()
    }

    /// Bytes made in the arena.
    pub(super) fn made(&self, write: impl FnOnce(&mut Gathered<'a, u8>)) -> &'a [u8] {
        let mut made = Gathered::with_capacity_in(FIRST, self.bump);
        write(&mut made);
        made.into_bump_slice()
    }

    /// Bytes written by what needs a buffer of its own, then put into the arena.
    pub(super) fn produce(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), Fault<'a>>,
    ) -> Result<&'a [u8], Fault<'a>> {
        self.out.clear();
        write(self.out)?;
        Ok(self.bump.alloc_slice_copy(self.out))
    }

    /// The first alternative that is present.
    pub(super) fn first_of<C, T>(
        &mut self,
        codes: &'a [C],
        evaluate: fn(&mut Self, &'a C) -> Result<T, Fault<'a>>,
    ) -> Result<T, Fault<'a>> {
        let mut missing = None;
        for code in codes {
            match evaluate(self, code) {
                Err(fault) if fault.is_absence() => missing = Some(fault),
                other => return other,
            }
        }
        Err(missing.unwrap_or_else(|| absent("every alternative", "", self.bump)))
    }

    fn merge(&mut self, codes: &'a [ManyCode]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        let mut merged: &'a [Pair<'a>] = &[];
        for code in codes {
            let more = self.many(code)?;
            // Most messages have fields in one place alone.
            merged = match (merged, more) {
                (all, []) | ([], all) => all,
                (some, more) => {
                    let all = some.iter().chain(more).copied();
                    Gathered::from_iter_in(all, self.bump).into_bump_slice()
                }
            };
        }
        Ok(merged)
    }

    fn pairs(&mut self, pairs: &'a [(Vec<u8>, BytesCode)]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        let mut made = Gathered::with_capacity_in(pairs.len(), self.bump);
        for (name, code) in pairs {
            made.push(Pair::new(name, Some(self.bytes(code)?)));
        }
        Ok(made.into_bump_slice())
    }
}
