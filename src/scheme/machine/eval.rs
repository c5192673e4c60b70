//! Evaluation of compiled pipelines. What steps produce goes into an arena that the caller keeps.

use super::out::{Limit, Out, Showing};
use super::types::{
    Args, BytesCode, Code, CompiledStep, Machine, ManyCode, ManyStart, OnBytes, OnMany, PreparedAccount,
    PreparedParameters, Program, Ready, Start, WriteItems,
};
use super::value::{Failure, Field, Side, Value, absent};
use super::view::{Original, View};
use crate::primitive::Sink;
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use zeroize::Zeroize;

/// Buffers of evaluation; kept between calls, they stop growing. They hold secrets, and are overwritten when
/// dropped, but for what the arena gave back before.
#[derive(Default)]
pub struct Scratch {
    pub(in crate::scheme) bump: Bump,
    /// A buffer for each hash that is fed at the same time.
    pub(in crate::scheme) feeds: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch(***)")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.feeds.iter_mut().for_each(Zeroize::zeroize);
        self.bump.reset();
        let room = self.bump.chunk_capacity();
        self.bump.alloc_slice_fill_copy(room, 0u8);
    }
}

impl<'a> Machine<'a> {
    /// A machine on a message. It is large, so it is made where it stays.
    #[inline(always)]
    pub fn new(
        program: &'a Program,
        parameters: &'a PreparedParameters,
        scratch: &'a mut Scratch,
        message: Original<'a>,
    ) -> Machine<'a> {
        let Scratch { bump, feeds } = scratch;
        bump.reset();
        let bump: &'a Bump = bump;
        Machine {
            program,
            view: View::of(message, program.plus, program.misreading, bump),
            account: None,
            parameters,
            time: None,
            time_text: None,
            written: None,
            nonce: None,
            showing: Showing::Nothing,
            stages: bump.alloc_slice_fill_copy(program.stages.len(), None),
            received: bump.alloc_slice_fill_copy(program.received.len(), None),
            bump,
            feeds,
            limit: bump.alloc(Limit::new(message, parameters.size + program.fixed)),
        }
    }

    /// From here on, values are of this account.
    #[inline]
    pub fn set_account(&mut self, account: Option<&'a PreparedAccount>) {
        self.account = account;
        self.limit.add(account.map_or(0, |account| account.size));
    }

    /// Evaluates a pipeline.
    pub fn value(&mut self, code: &'a Code) -> Result<Value<'a>, Failure<'a>> {
        match code {
            Code::Bytes(code) => match self.maybe(code) {
                Err(fault) if fault.is_left_out() => Ok(Value::Absent),
                found => found.map(Value::Bytes),
            },
            Code::Many(code) => self.many(code).map(Value::Many),
        }
    }

    /// Evaluates a pipeline to bytes; an optional value that is not there is empty.
    pub fn bytes(&mut self, code: &'a BytesCode) -> Result<&'a [u8], Failure<'a>> {
        match self.maybe(code) {
            Err(fault) if fault.is_left_out() => Ok(&[]),
            found => found,
        }
    }

    /// Evaluates a pipeline to bytes; where an optional value is not there, even if steps cut something off
    /// it, that is the fault [`Failure::LEFT_OUT`].
    pub fn maybe(&mut self, code: &'a BytesCode) -> Result<&'a [u8], Failure<'a>> {
        let mut found = self.begin(&code.start);
        for op in &code.ops {
            found = self.after(op, found);
        }
        found
    }

    /// Returns what a step makes of what comes before it.
    #[inline]
    fn after(
        &mut self,
        op: &'a CompiledStep<OnBytes>,
        found: Result<&'a [u8], Failure<'a>>,
    ) -> Result<&'a [u8], Failure<'a>> {
        let cuts = matches!(op.does, OnBytes::Cut(_) | OnBytes::CutBy(_));
        match found {
            Ok(bytes) => self.on_bytes(op.does, &op.args, bytes),
            Err(fault) if fault.is_left_out() && !cuts => self.on_bytes(op.does, &op.args, &[]),
            Err(fault) => Err(fault),
        }
    }

    /// Most pipelines begin with a value that is there, which costs no further call.
    #[inline]
    fn begin(&mut self, start: &'a Start) -> Result<&'a [u8], Failure<'a>> {
        match start {
            Start::Load { load, args, .. } => load(args, self),
            Start::Stage(i) if let Some(Value::Bytes(bytes)) = self.stages[*i] => Ok(bytes),
            start => self.start(start),
        }
    }

    fn start(&mut self, start: &'a Start) -> Result<&'a [u8], Failure<'a>> {
        match start {
            Start::Load { load, args, .. } => load(args, self),
            Start::Nothing => Err(Failure::LEFT_OUT),
            Start::Stage(i) => self.stage(*i)?.present(),
            Start::Received(i) => self.received(*i)?.present(),
            Start::Make { .. } | Start::Join { .. } => {
                let mut out = Out::gather(self.limit, self.bump);
                self.feed_start(start, &mut out)?;
                out.done()
            }
            Start::Digest { with, of } => self.digest(*with, of),
            Start::Hmac(hmac) => self.hmac(hmac),
            Start::Sign { args, of } => self.sign(args, of),
            Start::Pick { pick, args, of } => {
                let pairs = self.many(of)?;
                pick(args, self, pairs)
            }
        }
    }

    /// Evaluates a pipeline to pairs or a list.
    pub fn many(&mut self, code: &'a ManyCode) -> Result<&'a [Field<'a>], Failure<'a>> {
        let mut found = match &code.start {
            ManyStart::Load(load, args) => load(args, self)?,
            ManyStart::Stage(i) => self.stage(*i)?.many(),
            ManyStart::Received(i) => self.received(*i)?.many(),
            ManyStart::Split { split, args, of } => {
                let bytes = self.bytes(of)?;
                split(args, self, bytes)?
            }
        };
        for op in &code.ops {
            found = match op.does {
                OnMany::Each(does, side) => self.each(does, side, op, found)?,
                OnMany::Many(many) => many(&op.args, self, found)?,
                OnMany::Item(write) => self.items(write, op, found)?,
            };
        }
        Ok(found)
    }

    /// The value of a stage, derived at its first use.
    pub fn stage(&mut self, i: usize) -> Result<Value<'a>, Failure<'a>> {
        if let Some(value) = self.stages[i] {
            return Ok(value);
        }
        let stage = &*self.program.stages[i];
        let value = match stage.received.and_then(|received| self.received[received]) {
            Some(value) => value,
            None => self.value(&stage.code).map_err(|fault| fault.in_stage(&stage.name, self.bump))?,
        };
        self.stages[i] = Some(value);
        Ok(value)
    }

    fn received(&self, i: usize) -> Result<Value<'a>, Failure<'a>> {
        self.received[i].ok_or_else(|| absent("a received value", "", self.bump))
    }

    /// Writes the value of a pipeline, without holding it whole where that can be avoided.
    pub fn feed(&mut self, code: &'a BytesCode, out: &mut Out<'_, 'a>) -> Result<(), Failure<'a>> {
        let Some((last, before)) = code.ops.split_last() else { return self.feed_start(&code.start, out) };
        let mut found = self.begin(&code.start);
        for op in before {
            found = self.after(op, found);
        }
        match (last.does, found) {
            (OnBytes::Write(write), Ok(bytes)) => write(&last.args, bytes, out)?,
            (OnBytes::WriteUnless(stays, write), Ok(bytes)) if !stays(&last.args, bytes) => {
                write(&last.args, bytes, out)?;
            }
            (_, found) => match self.after(last, found) {
                Err(fault) if fault.is_left_out() => {}
                found => out.put(found?),
            },
        }
        Ok(())
    }

    fn feed_start(&mut self, start: &'a Start, out: &mut Out<'_, 'a>) -> Result<(), Failure<'a>> {
        match start {
            Start::Make { make, args } => make(args, self, out)?,
            Start::Stage(i) if self.passes(*i) => {
                let stage = &*self.program.stages[*i];
                let Code::Bytes(passed) = &stage.code else { unreachable!("types were checked at compilation") };
                self.feed(passed, out).map_err(|fault| fault.in_stage(&stage.name, self.bump))?;
            }
            Start::Join { with, item, of } => {
                let (items, with) = (self.many(of)?, self.text_or_value(with)?);
                match item {
                    Some((write, args)) => write(args, items, with, out),
                    None => items.iter().enumerate().for_each(|(i, item)| {
                        out.put(if i > 0 { with } else { b"" });
                        out.put(item.name());
                    }),
                }
            }
            start => match self.begin(start) {
                Err(fault) if fault.is_left_out() => {}
                found => out.put(found?),
            },
        }
        Ok(())
    }

    /// Returns whether a stage goes to the one that uses it without being held.
    fn passes(&self, i: usize) -> bool {
        let replaced = || self.program.stages[i].received.is_some_and(|received| self.received[received].is_some());
        self.program.passing[i] && matches!(self.showing, Showing::Nothing) && self.stages[i].is_none() && !replaced()
    }

    /// Bytes made in the arena.
    pub fn made(
        &self,
        write: impl FnOnce(&mut Out<'_, 'a>) -> Result<(), Failure<'a>>,
    ) -> Result<&'a [u8], Failure<'a>> {
        let mut out = Out::gather(self.limit, self.bump);
        write(&mut out)?;
        out.done()
    }

    #[inline]
    fn on_bytes(&mut self, does: OnBytes, args: &'a Args, bytes: &'a [u8]) -> Result<&'a [u8], Failure<'a>> {
        match does {
            OnBytes::Cut(cut) => Ok(cut(args, bytes)),
            OnBytes::CutBy(cut) => Ok(cut(&self.view, bytes)),
            OnBytes::WriteUnless(stays, _) if stays(args, bytes) => Ok(bytes),
            OnBytes::Write(write) | OnBytes::WriteUnless(_, write) => self.made(|out| write(args, bytes, out)),
            OnBytes::Digest(with) => {
                let room = self.bump.alloc_slice_fill_copy(with.size(), 0);
                with.digest(bytes, room);
                Ok(room)
            }
        }
    }

    /// Applies a step on bytes to names, values, or both.
    fn each(
        &mut self,
        does: OnBytes,
        side: Side,
        op: &'a CompiledStep<OnMany>,
        pairs: &'a [Field<'a>],
    ) -> Result<&'a [Field<'a>], Failure<'a>> {
        let mut changed = Gathered::with_capacity_in(pairs.len(), self.bump);
        let mut length = 0;
        for pair in pairs {
            let (name, value) = (pair.name(), pair.value());
            let name = if side == Side::Value { name } else { self.on_bytes(does, &op.args, name)? };
            let value = match value {
                Some(value) if side != Side::Name => Some(self.on_bytes(does, &op.args, value)?),
                other => other,
            };
            length += name.len() + value.map_or(0, <[u8]>::len);
            if !self.limit.allows(length) {
                return Err(Failure::TOO_LONG);
            }
            changed.push(Field::new(name, value));
        }
        Ok(changed.into_bump_slice())
    }

    /// A list of pairs, each written.
    fn items(
        &mut self,
        write: WriteItems,
        op: &'a CompiledStep<OnMany>,
        pairs: &'a [Field<'a>],
    ) -> Result<&'a [Field<'a>], Failure<'a>> {
        let mut items = Gathered::with_capacity_in(pairs.len(), self.bump);
        for pair in pairs {
            items.push(Field::item(self.made(|out| {
                write(&op.args, std::slice::from_ref(pair), b"", out);
                Ok(())
            })?));
        }
        Ok(items.into_bump_slice())
    }

    /// The first alternative that is present.
    pub fn first_of<C, T>(
        &mut self,
        codes: &'a [C],
        evaluate: fn(&mut Self, &'a C) -> Result<T, Failure<'a>>,
    ) -> Result<T, Failure<'a>> {
        let mut missing = None;
        for code in codes {
            match evaluate(self, code) {
                Err(fault) if fault.is_absence() => missing = Some(fault),
                other => return other,
            }
        }
        Err(missing.unwrap_or_else(|| absent("every alternative", "", self.bump)))
    }

    /// The first option of an item, which is text or a pipeline.
    pub fn text_or_value(&mut self, args: &'a Args) -> Result<&'a [u8], Failure<'a>> {
        match &args.0[0] {
            Ready::Code(code) => self.bytes(code),
            _ => Ok(args.bytes(0)),
        }
    }

    /// The pairs that stay, told by number and pair; where all do, no copy is made.
    pub fn keep(&self, pairs: &'a [Field<'a>], stays: impl Fn(usize, &Field<'a>) -> bool) -> &'a [Field<'a>] {
        let mut rest = pairs.iter().enumerate();
        let Some((first, _)) = rest.find(|(i, pair)| !stays(*i, pair)) else { return pairs };
        let mut kept = Gathered::with_capacity_in(pairs.len(), self.bump);
        kept.extend_from_slice(&pairs[..first]);
        kept.extend(rest.filter(|(i, pair)| stays(*i, pair)).map(|(_, pair)| *pair));
        kept.into_bump_slice()
    }
}
