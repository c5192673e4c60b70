//! Evaluation of compiled pipelines. What steps produce goes into an arena that the caller keeps.

use super::eval_pairs::{fill, separated};
use super::program::{BytesOp, Code, Load, Op, PreparedAccount, PreparedParameters, Program};
use super::source::Repeated;
use super::value::{Fault, Pair, Value, absent};
use super::view::View;
use crate::primitive::Sink;
use crate::primitive::digest::Algorithm;
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
}

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
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch(***)")
    }
}

impl std::fmt::Debug for Hashed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hashed({:?}, ***)", self.with)
    }
}

impl<'a> Machine<'a> {
    pub(super) fn new(
        program: &'a Program,
        parameters: &'a PreparedParameters,
        view: View<'a>,
        bump: &'a Bump,
        out: &'a mut Vec<u8>,
    ) -> Machine<'a> {
        Machine {
            program,
            view,
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
        }
    }

    /// Evaluates a pipeline.
    pub(super) fn run(&mut self, code: &'a Code) -> Result<Value<'a>, Fault<'a>> {
        match code {
            Code::Load(load) => self.load(load),
            Code::Step { op: op @ (Op::Digest(_) | Op::Hmac { .. }), of } => self.hash(op, of).map(Value::Bytes),
            Code::Step { op: Op::Join(_) | Op::JoinPairs { .. }, .. } => {
                self.gather(|m, out| m.feed(code, out)).map(Value::Bytes)
            }
            Code::Step { op, of } => {
                let value = self.run(of)?;
                self.step(op, value)
            }
        }
    }

    /// Evaluates a pipeline to bytes.
    pub(super) fn run_bytes(&mut self, code: &'a Code) -> Result<&'a [u8], Fault<'a>> {
        self.run(code).map(Value::bytes)
    }

    /// Evaluates a pipeline to pairs or a list.
    pub(super) fn run_many(&mut self, code: &'a Code) -> Result<&'a [Pair<'a>], Fault<'a>> {
        self.run(code).map(Value::many)
    }

    /// The value of a stage, derived at its first use.
    pub(super) fn stage(&mut self, i: usize) -> Result<Value<'a>, Fault<'a>> {
        if let Some(value) = self.stages[i] {
            return Ok(value);
        }
        let stage = &self.program.stages[i];
        let value = match stage.received.and_then(|received| self.received[received]) {
            Some(value) => value,
            None => self.run(&stage.code)?,
        };
        self.stages[i] = Some(value);
        Ok(value)
    }

    /// Writes the value of a pipeline, without holding it whole where that can be avoided.
    pub(super) fn feed(&mut self, code: &'a Code, out: &mut impl Sink) -> Result<(), Fault<'a>> {
        match code {
            Code::Load(Load::Parts { with, parts }) => self.parts(with, parts, out)?,
            Code::Load(Load::Stage(i)) if self.passes(*i) => self.feed(&self.program.stages[*i].code, out)?,
            Code::Step { op: Op::Join(with), of } => {
                let items = self.run_many(of)?;
                separated(items, with, out, |item, out| out.put(item.name()));
            }
            Code::Step { op: Op::JoinPairs { with_value, valueless, with }, of } => {
                let pairs = self.run_many(of)?;
                separated(pairs, with, out, |pair, out| fill(with_value, valueless, pair, out));
            }
            Code::Step { op: Op::Bytes(BytesOp::PercentEncode { keep, case, plus }, _), of } => {
                percent::encode_with(self.run_bytes(of)?, keep, *case, *plus, out);
            }
            _ => out.put(self.run_bytes(code)?),
        }
        Ok(())
    }

    fn parts(&mut self, with: &[u8], parts: &'a [Code], out: &mut impl Sink) -> Result<(), Fault<'a>> {
        for (i, part) in parts.iter().enumerate() {
            if i > 0 && !with.is_empty() {
                out.put(with);
            }
            self.feed(part, out)?;
        }
        Ok(())
    }

    /// Whether a stage goes to the one that uses it without being held.
    fn passes(&self, i: usize) -> bool {
        let stage = &self.program.stages[i];
        let replaced = || stage.received.is_some_and(|received| self.received[received].is_some());
        stage.passing && matches!(self.showing, Showing::Nothing) && self.stages[i].is_none() && !replaced()
    }

    /// Bytes written piece by piece into the arena.
    pub(super) fn gather(
        &mut self,
        write: impl FnOnce(&mut Self, &mut Gathered<'a, u8>) -> Result<(), Fault<'a>>,
    ) -> Result<&'a [u8], Fault<'a>> {
        let mut gathered = Gathered::with_capacity_in(FIRST, self.bump);
        write(self, &mut gathered)?;
        Ok(gathered.into_bump_slice())
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

    fn load(&mut self, load: &'a Load) -> Result<Value<'a>, Fault<'a>> {
        let bytes = match load {
            Load::Method => self.view.method,
            Load::Scheme => self.view.scheme,
            Load::Host => self.view.header(b"host", Repeated::Refuse)?,
            Load::Url => self.view.url()?,
            Load::Target => self.view.target(),
            Load::RawPath => self.view.raw_path(),
            Load::RawQuery => self.view.raw_query(),
            Load::Path => self.view.path()?,
            Load::Query => return self.view.query().map(Value::Many),
            Load::Form => return self.view.form().map(Value::Many),
            Load::Multipart => return self.view.multipart().map(Value::Many),
            Load::Headers => return Ok(Value::Many(self.view.headers())),
            Load::Body => self.view.body,
            Load::Nonce => match self.nonce {
                Some(nonce) => nonce,
                None => return absent("nonce", ""),
            },
            Load::Time(form) => self.load_time(*form)?,
            Load::Credential(i) => match self.account.and_then(|account| account.values[*i].as_ref()) {
                Some(bytes) => bytes,
                None => return absent("credential.", &self.program.credentials[*i].0),
            },
            Load::Parameter(i) => match &self.parameters.0[*i] {
                Some(bytes) => bytes,
                None => return absent("parameter.", &self.program.parameters[*i].0),
            },
            Load::Stage(i) => return self.stage(*i),
            Load::Received(i) => return self.received[*i].map_or_else(|| absent("a received value", ""), Ok),
            Load::Header { name, repeated } => self.view.header(name, *repeated)?,
            Load::QueryField { name, repeated } => {
                let fields = self.view.query()?;
                self.view.field(fields, name, *repeated, "query")?
            }
            Load::FormField { name, repeated } => {
                let fields = self.view.form()?;
                self.view.field(fields, name, *repeated, "form")?
            }
            Load::JsonField { name } => self.view.json(name)?,
            Load::Constant(bytes) => bytes,
            Load::Parts { with, parts } => self.gather(|m, out| m.parts(with, parts, out))?,
            Load::FirstOf(codes) => return self.first_of(codes, absent("every alternative", "")),
            Load::Optional(code) => match self.run(code) {
                Err(Fault::Absent(_)) => return Ok(Value::Absent),
                value => return value,
            },
            Load::Merge(codes) => return self.merge(codes).map(Value::Many),
            Load::Pairs(pairs) => return self.pairs(pairs).map(Value::Many),
        };
        Ok(Value::Bytes(bytes))
    }

    fn load_time(&mut self, form: Option<TimeFormat>) -> Result<&'a [u8], Fault<'a>> {
        if let (None, Some(text)) = (form, self.time_text) {
            return Ok(text);
        }
        let form = form.or_else(|| self.program.forms.first().copied());
        let (Some(time), Some(form)) = (self.time, form) else { return absent("time", "") };
        if let Some((_, text)) = self.written.filter(|(written, _)| *written == form) {
            return Ok(text);
        }
        let text = self.produce(|out| {
            form.write(time, out);
            Ok(())
        })?;
        self.written = Some((form, text));
        Ok(text)
    }

    /// The first alternative that is present.
    pub(super) fn first_of(
        &mut self,
        codes: &'a [Code],
        mut missing: Result<Value<'a>, Fault<'a>>,
    ) -> Result<Value<'a>, Fault<'a>> {
        for code in codes {
            match self.run(code) {
                fault @ Err(Fault::Absent(_)) => missing = fault,
                other => return other,
            }
        }
        missing
    }

    fn merge(&mut self, codes: &'a [Code]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        let mut merged: &'a [Pair<'a>] = &[];
        for code in codes {
            let more = self.run_many(code)?;
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

    fn pairs(&mut self, pairs: &'a [(Vec<u8>, Code)]) -> Result<&'a [Pair<'a>], Fault<'a>> {
        let mut made = Gathered::with_capacity_in(pairs.len(), self.bump);
        for (name, code) in pairs {
            made.push(Pair::new(name, Some(self.run_bytes(code)?)));
        }
        Ok(made.into_bump_slice())
    }
}
