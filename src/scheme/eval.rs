//! Evaluation of compiled pipelines in buffers that the caller keeps.
//!
//! A value is a span of the request, of a credential or of the arena, never a copy where none is
//! needed; what steps produce is appended to the arena.

use super::program::{Code, Load, PreparedAccount, PreparedParameters, Program};
use super::source::Repeated;
use crate::primitive::percent::Plus;
use crate::primitive::time::Instant;
use crate::request::Request;
use std::ops::Range;

/// Buffers of evaluation; kept between calls, they stop growing.
#[derive(Default)]
pub struct Scratch {
    pub(super) arena: Vec<u8>,
    out: Vec<u8>,
    pub(super) pairs: Vec<Pair>,
    /// Parts of the concatenations that are under way.
    parts: Vec<Span>,
    stages: Vec<Option<Value>>,
    pub(super) received: Vec<Option<Value>>,
}

/// Where the bytes of a span are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Absent,
    Arena,
    Method,
    Scheme,
    Target,
    Body,
    Nonce,
    HeaderName(usize),
    Header(usize),
    Constant(usize),
    Credential(usize),
    Parameter(usize),
}

/// Bytes that are somewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub at: At,
    pub start: usize,
    pub end: usize,
}

/// A name and an optional value; an item of a list is a name alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub name: Span,
    pub value: Option<Span>,
    /// Position before sorting, which decides ties.
    pub order: usize,
}

/// A value of one of the three types; pairs and lists are ranges of the scratch's pairs.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Bytes(Span),
    Many(Range<usize>),
}

/// Why a value cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not there.
    Absent(String),
    /// It is there and cannot be read.
    Malformed(String),
}

/// What a pipeline is evaluated on.
pub(super) struct Machine<'a> {
    pub program: &'a Program,
    pub request: &'a Request,
    pub account: Option<&'a PreparedAccount>,
    pub parameters: &'a PreparedParameters,
    pub time: Option<Instant>,
    /// The time as received, where derivation uses that.
    pub time_text: Option<Span>,
    pub nonce: Option<&'a [u8]>,
    /// A nonce that was bound from the wire.
    pub nonce_text: Option<Span>,
    pub scratch: &'a mut Scratch,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch(***)")
    }
}

impl Scratch {
    pub(super) fn clear(&mut self, program: &Program) {
        self.arena.clear();
        self.pairs.clear();
        self.parts.clear();
        self.received.clear();
        self.received.resize(program.received, None);
        self.forget_stages(program);
    }

    pub(super) fn forget_stages(&mut self, program: &Program) {
        self.stages.clear();
        self.stages.resize(program.stages.len(), None);
    }
}

impl Span {
    pub(super) fn whole(at: At, bytes: &[u8]) -> Span {
        Span { at, start: 0, end: bytes.len() }
    }

    /// Empty, and there.
    pub(super) const EMPTY: Span = Span { at: At::Method, start: 0, end: 0 };

    const ABSENT: Span = Span { at: At::Absent, start: 0, end: 0 };
}

pub(super) fn absent<T>(what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Absent(what.into()))
}

impl Machine<'_> {
    /// The bytes of a span.
    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        let whole: &[u8] = match span.at {
            At::Absent => &[],
            At::Arena => &self.scratch.arena,
            At::Method => &self.request.method,
            At::Scheme => &self.request.scheme,
            At::Target => &self.request.target,
            At::Body => &self.request.body,
            At::Nonce => self.nonce.unwrap_or_default(),
            At::HeaderName(i) => &self.request.headers[i].0,
            At::Header(i) => &self.request.headers[i].1,
            At::Constant(i) => &self.program.constants[i],
            At::Credential(i) => self.account.and_then(|a| a.values[i].as_ref()).map_or(&[], |v| v.as_slice()),
            At::Parameter(i) => self.parameters.0[i].as_deref().unwrap_or_default(),
        };
        &whole[span.start..span.end]
    }

    /// Evaluates a pipeline to bytes.
    pub(super) fn run_bytes(&mut self, code: &Code) -> Result<Span, Fault> {
        match self.run(code)? {
            Value::Bytes(span) => Ok(span),
            Value::Many(_) => unreachable!("types were checked at compilation"),
        }
    }

    /// Evaluates a pipeline to pairs or a list.
    pub(super) fn run_many(&mut self, code: &Code) -> Result<Range<usize>, Fault> {
        match self.run(code)? {
            Value::Many(range) => Ok(range),
            Value::Bytes(_) => unreachable!("types were checked at compilation"),
        }
    }

    /// Evaluates a pipeline.
    pub(super) fn run(&mut self, code: &Code) -> Result<Value, Fault> {
        let mut value = self.load(&code.source)?;
        for op in &code.steps {
            value = self.step(op, value)?;
        }
        Ok(value)
    }

    /// The value of a stage, derived at its first use.
    pub(super) fn stage(&mut self, i: usize) -> Result<Value, Fault> {
        if let Some(value) = &self.scratch.stages[i] {
            return Ok(value.clone());
        }
        let stage = &self.program.stages[i];
        let received = stage.received.and_then(|r| self.scratch.received[r].clone());
        let value = match received {
            Some(value) => value,
            None => self.run(&stage.code)?,
        };
        self.scratch.stages[i] = Some(value.clone());
        Ok(value)
    }

    /// Appends what `produce` writes to the arena.
    pub(super) fn produce(
        &mut self,
        produce: impl FnOnce(&Self, &mut Vec<u8>) -> Result<(), Fault>,
    ) -> Result<Span, Fault> {
        let mut out = std::mem::take(&mut self.scratch.out);
        out.clear();
        let result = produce(self, &mut out);
        let start = self.scratch.arena.len();
        self.scratch.arena.extend_from_slice(&out);
        self.scratch.out = out;
        result.map(|()| Span { at: At::Arena, start, end: self.scratch.arena.len() })
    }

    fn load(&mut self, load: &Load) -> Result<Value, Fault> {
        let request = self.request;
        let span = match load {
            Load::Method => Span::whole(At::Method, &request.method),
            Load::Scheme => Span::whole(At::Scheme, &request.scheme),
            Load::Host => self.header(b"host", Repeated::Refuse)?,
            Load::Url => {
                self.header(b"host", Repeated::Refuse)?;
                self.produce(|m, out| {
                    out.extend(m.request.url());
                    Ok(())
                })?
            }
            Load::Target => Span::whole(At::Target, &request.target),
            Load::RawPath => Span::whole(At::Target, request.raw_path()),
            Load::RawQuery => {
                let end = request.target.len();
                Span { at: At::Target, start: request.query_start().unwrap_or(end), end }
            }
            Load::Path => self.decoded(Span::whole(At::Target, request.raw_path()), Plus::Literal)?,
            Load::Query => return self.query().map(Value::Many),
            Load::Form => return self.form().map(Value::Many),
            Load::Multipart => return self.multipart().map(Value::Many),
            Load::Headers => return Ok(Value::Many(self.headers())),
            Load::Body => Span::whole(At::Body, &request.body),
            Load::Nonce => self.load_nonce()?,
            Load::Time(form) => self.load_time(*form)?,
            Load::Credential(i) => match self.account.and_then(|a| a.values[*i].as_ref()) {
                Some(bytes) => Span::whole(At::Credential(*i), bytes),
                None => return absent(format!("credential.{}", self.program.credentials[*i].0)),
            },
            Load::Parameter(i) => match &self.parameters.0[*i] {
                Some(bytes) => Span::whole(At::Parameter(*i), bytes),
                None => return absent(format!("parameter.{}", self.program.parameters[*i].0)),
            },
            Load::Stage(i) => return self.stage(*i),
            Load::Received(i) => match &self.scratch.received[*i] {
                Some(value) => return Ok(value.clone()),
                None => return absent("a received value"),
            },
            Load::Header { name, repeated } => self.header(name, *repeated)?,
            Load::QueryField { name, repeated } => {
                let fields = self.query()?;
                self.field(fields, name, *repeated, "query")?
            }
            Load::FormField { name, repeated } => {
                let fields = self.form()?;
                self.field(fields, name, *repeated, "form")?
            }
            Load::JsonField { name } => self.json(name)?,
            Load::Constant(i) => Span::whole(At::Constant(*i), &self.program.constants[*i]),
            Load::Parts { with, parts } => self.parts(*with, parts)?,
            Load::FirstOf(codes) => return self.first_of(codes),
            Load::Optional(code) => match self.run_bytes(code) {
                Err(Fault::Absent(_)) => Span::ABSENT,
                other => other?,
            },
            Load::Merge(codes) => return self.merge(codes).map(Value::Many),
            Load::Pairs(pairs) => return self.pairs(pairs).map(Value::Many),
        };
        Ok(Value::Bytes(span))
    }

    fn load_nonce(&self) -> Result<Span, Fault> {
        match (self.nonce_text, self.nonce) {
            (Some(span), _) => Ok(span),
            (None, Some(bytes)) => Ok(Span::whole(At::Nonce, bytes)),
            (None, None) => absent("nonce"),
        }
    }

    fn load_time(&mut self, form: Option<crate::primitive::time::TimeFormat>) -> Result<Span, Fault> {
        if let (None, Some(text)) = (form, self.time_text) {
            return Ok(text);
        }
        let form = form.or_else(|| self.program.forms.first().copied());
        match (self.time, form) {
            (Some(time), Some(form)) => self.produce(|_, out| {
                form.write(time, out);
                Ok(())
            }),
            _ => absent("time"),
        }
    }

    pub(super) fn push(&mut self, name: Span, value: Option<Span>) {
        let order = self.scratch.pairs.len();
        self.scratch.pairs.push(Pair { name, value, order });
    }

    fn parts(&mut self, with: usize, parts: &[Code]) -> Result<Span, Fault> {
        let base = self.scratch.parts.len();
        for code in parts {
            let span = self.run_bytes(code)?;
            self.scratch.parts.push(span);
        }
        let joined = self.produce(|m, out| {
            for (i, &span) in m.scratch.parts[base..].iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(&m.program.constants[with]);
                }
                out.extend_from_slice(m.bytes(span));
            }
            Ok(())
        });
        self.scratch.parts.truncate(base);
        joined
    }

    fn first_of(&mut self, codes: &[Code]) -> Result<Value, Fault> {
        let mut missing = Fault::Absent("every alternative".into());
        for code in codes {
            match self.run(code) {
                Err(fault @ Fault::Absent(_)) => missing = fault,
                other => return other,
            }
        }
        Err(missing)
    }

    fn merge(&mut self, codes: &[Code]) -> Result<Range<usize>, Fault> {
        let ranges = codes.iter().map(|code| self.run_many(code)).collect::<Result<Vec<_>, _>>()?;
        let start = self.scratch.pairs.len();
        for i in ranges.into_iter().flatten() {
            let Pair { name, value, .. } = self.scratch.pairs[i];
            self.push(name, value);
        }
        Ok(start..self.scratch.pairs.len())
    }

    fn pairs(&mut self, pairs: &[(usize, Code)]) -> Result<Range<usize>, Fault> {
        let values = pairs.iter().map(|(_, code)| self.run_bytes(code)).collect::<Result<Vec<_>, _>>()?;
        let start = self.scratch.pairs.len();
        for ((constant, _), value) in pairs.iter().zip(values) {
            self.push(Span::whole(At::Constant(*constant), &self.program.constants[*constant]), Some(value));
        }
        Ok(start..self.scratch.pairs.len())
    }
}
