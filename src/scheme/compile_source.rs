//! Compilation of pipelines and their sources.

use super::compile::{Compiler, Problem, Reads, Type};
use super::compile_step::Op;
use super::pipeline::Pipeline;
use super::program::{BytesCode, BytesOp, Code, Fold, Hmac, Load, ManyCode, ManyOp};
use super::source::{Field, Part, Repeated, Source};
use crate::bytes::Bytes;

impl Compiler<'_> {
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline) -> Result<(Code, Type, Reads), Problem> {
        let mut reads = Reads::new();
        let (mut code, mut ty) = self.source(&pipeline.source, &mut reads)?;
        for step in &pipeline.steps {
            let (op, gives) = self.step(step, ty, &mut reads)?;
            code = self.then(code, op);
            ty = gives;
        }
        Ok((code, ty, reads))
    }

    /// A pipeline that gives bytes; `wrong` says what is wrong where it gives something else.
    pub(super) fn of_bytes(
        &mut self,
        pipeline: &Pipeline,
        reads: &mut Reads,
        wrong: impl FnOnce(&str) -> String,
    ) -> Result<BytesCode, Problem> {
        let (code, ty, more) = self.pipeline(pipeline)?;
        reads.extend(more);
        match code {
            Code::Bytes(code) => Ok(code),
            Code::Many(_) => self.problem(wrong(ty.name())),
        }
    }

    /// A pipeline with one step more.
    fn then(&mut self, code: Code, op: Op) -> Code {
        match (code, op) {
            (Code::Bytes(of), Op::Bytes(BytesOp::Digest(with), _)) => {
                Code::Bytes(BytesCode::Digest { with, of: Box::new(of) })
            }
            (Code::Bytes(of), Op::Bytes(op, _)) => Code::Bytes(BytesCode::Step { op, of: Box::new(of) }),
            (Code::Bytes(flow), Op::Hmac { with, other, flow_is_key }) => {
                let kept = is_of_account(if flow_is_key { &flow } else { &other }).then_some(self.keys);
                self.keys += usize::from(kept.is_some());
                Code::Bytes(BytesCode::Hmac(Box::new(Hmac { with, flow, other, flow_is_key, kept })))
            }
            (Code::Bytes(of), Op::Split(at)) => Code::Many(ManyCode::Split { at, of: Box::new(of) }),
            (Code::Many(of), Op::Bytes(op, side)) => step(ManyOp::Each(op, side), of),
            (Code::Many(ManyCode::Step { op: ManyOp::Pair(template), of }), Op::Fold(Fold::Join(with))) => {
                Code::Bytes(BytesCode::Fold { op: Fold::JoinPairs { template, with }, of })
            }
            (Code::Many(of), Op::Fold(op)) => Code::Bytes(BytesCode::Fold { op, of: Box::new(of) }),
            (Code::Many(of), Op::Many(op)) => step(op, of),
            (Code::Bytes(_), Op::Fold(_) | Op::Many(_)) | (Code::Many(_), Op::Hmac { .. } | Op::Split(_)) => {
                unreachable!("`step` has checked what the step takes")
            }
        }
    }

    fn source(&mut self, source: &Source, reads: &mut Reads) -> Result<(Code, Type), Problem> {
        let mut read = |parts: &[&'static str]| reads.extend(parts);
        let load = match source {
            Source::Method => Load::Method,
            Source::Scheme => Load::Scheme,
            Source::Path => Load::Path,
            Source::RawPath => Load::RawPath,
            Source::Nonce => Load::Nonce,
            Source::Host => {
                read(&["header"]);
                Load::Host
            }
            Source::Url | Source::Target | Source::RawQuery => {
                read(&["query", "header"]);
                match source {
                    Source::Url => Load::Url,
                    Source::Target => Load::Target,
                    _ => Load::RawQuery,
                }
            }
            Source::Query => {
                read(&["query"]);
                return Ok((Code::Many(ManyCode::Query), Type::Pairs));
            }
            Source::Headers => {
                read(&["header"]);
                return Ok((Code::Many(ManyCode::Headers), Type::Pairs));
            }
            Source::Form => {
                read(&["form", "json"]);
                return Ok((Code::Many(ManyCode::Form), Type::Pairs));
            }
            Source::Multipart => {
                read(&["form", "json"]);
                return Ok((Code::Many(ManyCode::Multipart), Type::Pairs));
            }
            Source::Body => {
                read(&["form", "json"]);
                Load::Body
            }
            Source::Time(form) => {
                if form.is_none() {
                    self.needs_time()?;
                }
                Load::Time(*form)
            }
            Source::Credential(_) if self.path.starts_with("receive.") => {
                return self.problem(
                    "a message is received before it is known whose it is; compare with a credential in `verify`",
                );
            }
            Source::Credential(name) => Load::Credential(self.credential(name)?),
            Source::Parameter(name) => match self.scheme.parameters.get_index_of(name) {
                Some(i) => Load::Parameter(i),
                None => return self.unknown("parameter", name, self.scheme.parameters.keys()),
            },
            Source::Stage(name) => return self.stage(name, reads),
            Source::Received(name) => return self.received(name),
            Source::Field(field) => {
                match field.part {
                    Part::Header => read(&["header"]),
                    Part::Query => read(&["query"]),
                    Part::Form | Part::Json => read(&["form", "json"]),
                }
                self.field(field)?
            }
            made => return self.made(made, reads),
        };
        Ok((Code::Bytes(BytesCode::Load(load)), Type::Bytes))
    }

    /// A source that is made of others, or of nothing.
    fn made(&mut self, source: &Source, reads: &mut Reads) -> Result<(Code, Type), Problem> {
        let code = match source {
            Source::Literal(Bytes(bytes)) => BytesCode::Constant(bytes.clone()),
            Source::Concat(parts) => self.parts(b"", parts, reads)?,
            Source::Lines(parts) => self.parts(b"\n", parts, reads)?,
            Source::Join { with, parts } => self.parts(with.as_slice(), parts, reads)?,
            Source::FirstOf(parts) => {
                let (codes, ty) = self.alternatives(parts, reads)?;
                return Ok((alike(codes, BytesCode::FirstOf, ManyCode::FirstOf), ty));
            }
            Source::Optional(part) => {
                let wrong = |_: &str| "`optional` is for bytes; pairs and lists can be empty".to_owned();
                BytesCode::Optional(Box::new(self.of_bytes(part, reads, wrong)?))
            }
            Source::Merge(parts) => {
                let (codes, ty) = self.alternatives(parts, reads)?;
                if ty != Type::Pairs {
                    return self.problem(format!("`merge` needs pairs and gets {}", ty.name()));
                }
                return Ok((alike(codes, BytesCode::FirstOf, ManyCode::Merge), ty));
            }
            Source::Pairs(pairs) => {
                let mut codes = Vec::new();
                for (name, value) in pairs {
                    let wrong = |ty: &str| format!("the value of `{name}` needs bytes and gets {ty}");
                    codes.push((name.clone().into_bytes(), self.of_bytes(value, reads, wrong)?));
                }
                return Ok((Code::Many(ManyCode::Pairs(codes)), Type::Pairs));
            }
            word => unreachable!("{word:?} is made of nothing"),
        };
        Ok((Code::Bytes(code), Type::Bytes))
    }

    fn stage(&mut self, name: &str, reads: &mut Reads) -> Result<(Code, Type), Problem> {
        if let Some(i) = self.stages.iter().position(|stage| stage.name == name) {
            self.stages[i].uses += 1;
            reads.extend(self.stages[i].reads.iter());
            let ty = self.stages[i].ty;
            return Ok((of_type(ty, BytesCode::Stage(i), ManyCode::Stage(i)), ty));
        }
        if self.operation.derive.contains_key(name) {
            return self
                .problem(format!("the stage `{name}` is used before it is derived; stages use earlier ones only"));
        }
        self.unknown("stage", name, self.operation.derive.keys())
    }

    fn received(&self, name: &str) -> Result<(Code, Type), Problem> {
        if !self.verifying {
            return self.problem(format!(
                "`received.{name}` is there only when verifying; a binding called `stage.X` puts what is received in the place of the stage X"
            ));
        }
        match self.received.iter().position(|(n, _)| n == name) {
            Some(i) => {
                let ty = self.received[i].1;
                Ok((of_type(ty, BytesCode::Received(i), ManyCode::Received(i)), ty))
            }
            None => self.unknown("received value", name, self.received.iter().map(|(n, _)| n)),
        }
    }

    fn field(&self, field: &Field) -> Result<Load, Problem> {
        let (name, repeated) = (field.name.clone().into_bytes(), field.repeated);
        Ok(match field.part {
            Part::Header => Load::Header { name, repeated },
            Part::Query => Load::QueryField { name, repeated },
            Part::Form => Load::FormField { name, repeated },
            Part::Json if repeated == Repeated::Refuse => Load::JsonField { name: field.name.clone() },
            Part::Json => return self.problem("a JSON object with a member twice is always malformed"),
        })
    }

    fn parts(&mut self, with: &[u8], parts: &[Pipeline], reads: &mut Reads) -> Result<BytesCode, Problem> {
        let wrong = |ty: &str| format!("a part needs bytes and gets {ty}; end it with `join`");
        let parts = parts.iter().map(|part| self.of_bytes(part, reads, wrong)).collect::<Result<_, _>>()?;
        Ok(BytesCode::Parts { with: with.to_vec(), parts })
    }

    fn alternatives(&mut self, parts: &[Pipeline], reads: &mut Reads) -> Result<(Vec<Code>, Type), Problem> {
        let mut codes = Vec::new();
        let mut common = None;
        for part in parts {
            let (code, ty, more) = self.pipeline(part)?;
            reads.extend(more);
            if *common.get_or_insert(ty) != ty {
                return self.problem("these give different types");
            }
            codes.push(code);
        }
        match common {
            Some(ty) => Ok((codes, ty)),
            None => self.problem("an empty list of sources"),
        }
    }
}

fn step(op: ManyOp, of: ManyCode) -> Code {
    Code::Many(ManyCode::Step { op, of: Box::new(of) })
}

fn of_type(ty: Type, bytes: BytesCode, many: ManyCode) -> Code {
    if ty == Type::Bytes { Code::Bytes(bytes) } else { Code::Many(many) }
}

/// Pipelines of one type, put together.
fn alike(
    codes: Vec<Code>,
    bytes: impl FnOnce(Vec<BytesCode>) -> BytesCode,
    many: impl FnOnce(Vec<ManyCode>) -> ManyCode,
) -> Code {
    let (mut of_bytes, mut of_many) = (Vec::new(), Vec::new());
    for code in codes {
        match code {
            Code::Bytes(code) => of_bytes.push(code),
            Code::Many(code) => of_many.push(code),
        }
    }
    if of_many.is_empty() { Code::Bytes(bytes(of_bytes)) } else { Code::Many(many(of_many)) }
}

/// Whether a value is the same for all messages of an account.
fn is_of_account(code: &BytesCode) -> bool {
    match code {
        BytesCode::Load(Load::Credential(_)) | BytesCode::Constant(_) => true,
        BytesCode::Parts { parts, .. } => parts.iter().all(is_of_account),
        // This one looks at the message's URI scheme.
        BytesCode::Step { op: BytesOp::DropDefaultPort, .. } => false,
        BytesCode::Step { of, .. } | BytesCode::Digest { of, .. } => is_of_account(of),
        _ => false,
    }
}
