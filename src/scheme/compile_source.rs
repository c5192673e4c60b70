//! Compilation of pipelines and their sources.

use super::compile::{Compiler, Problem, Reads, Type};
use super::pipeline::Pipeline;
use super::program::{BytesOp, Code, Load, Op};
use super::source::{Field, Part, Repeated, Source};
use crate::bytes::Bytes;

impl Compiler<'_> {
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline) -> Result<(Code, Type, Reads), Problem> {
        let mut reads = Reads::new();
        let (source, mut ty) = self.source(&pipeline.source, &mut reads)?;
        let mut code = Code::Load(source);
        for step in &pipeline.steps {
            let (op, gives) = self.step(step, ty, &mut reads)?;
            code = self.then(code, op);
            ty = gives;
        }
        Ok((code, ty, reads))
    }

    /// A pipeline with one step more.
    fn then(&mut self, code: Code, mut op: Op) -> Code {
        if let Op::Hmac { other, flow_is_key, key, .. } = &mut op
            && is_of_account(if *flow_is_key { &code } else { other })
        {
            *key = Some(self.keys);
            self.keys += 1;
        }
        match (code, op) {
            (Code::Step { op: Op::Pair { with_value, valueless }, of }, Op::Join(with)) => {
                Code::Step { op: Op::JoinPairs { with_value, valueless, with }, of }
            }
            (code, op) => Code::Step { op, of: Box::new(code) },
        }
    }

    fn source(&mut self, source: &Source, reads: &mut Reads) -> Result<(Load, Type), Problem> {
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
                return Ok((Load::Query, Type::Pairs));
            }
            Source::Headers => {
                read(&["header"]);
                return Ok((Load::Headers, Type::Pairs));
            }
            Source::Form => {
                read(&["form", "json"]);
                return Ok((Load::Form, Type::Pairs));
            }
            Source::Multipart => {
                read(&["form", "json"]);
                return Ok((Load::Multipart, Type::Pairs));
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
                return self.field(field);
            }
            Source::Literal(Bytes(bytes)) => Load::Constant(bytes.clone()),
            Source::Concat(parts) => self.parts(b"", parts, reads)?,
            Source::Lines(parts) => self.parts(b"\n", parts, reads)?,
            Source::Join { with, parts } => self.parts(with.as_slice(), parts, reads)?,
            Source::FirstOf(parts) => {
                let (codes, ty) = self.alternatives(parts, reads)?;
                return Ok((Load::FirstOf(codes), ty));
            }
            Source::Optional(part) => {
                let (code, ty, more) = self.pipeline(part)?;
                reads.extend(more);
                if ty != Type::Bytes {
                    return self.problem("`optional` is for bytes; pairs and lists can be empty");
                }
                Load::Optional(Box::new(code))
            }
            Source::Merge(parts) => {
                let (codes, ty) = self.alternatives(parts, reads)?;
                if ty != Type::Pairs {
                    return self.problem(format!("`merge` needs pairs and gets {}", ty.name()));
                }
                return Ok((Load::Merge(codes), Type::Pairs));
            }
            Source::Pairs(pairs) => {
                let mut codes = Vec::new();
                for (name, value) in pairs {
                    let (code, ty, more) = self.pipeline(value)?;
                    reads.extend(more);
                    if ty != Type::Bytes {
                        return self.problem(format!("the value of `{name}` needs bytes and gets {}", ty.name()));
                    }
                    codes.push((name.clone().into_bytes(), code));
                }
                return Ok((Load::Pairs(codes), Type::Pairs));
            }
        };
        Ok((load, Type::Bytes))
    }

    fn stage(&mut self, name: &str, reads: &mut Reads) -> Result<(Load, Type), Problem> {
        if let Some(i) = self.stages.iter().position(|stage| stage.name == name) {
            self.stages[i].uses += 1;
            reads.extend(self.stages[i].reads.iter());
            return Ok((Load::Stage(i), self.stages[i].ty));
        }
        if self.operation.derive.contains_key(name) {
            return self
                .problem(format!("the stage `{name}` is used before it is derived; stages use earlier ones only"));
        }
        self.unknown("stage", name, self.operation.derive.keys())
    }

    fn received(&self, name: &str) -> Result<(Load, Type), Problem> {
        if !self.verifying {
            return self.problem(format!(
                "`received.{name}` is there only when verifying; a binding called `stage.X` puts what is received in the place of the stage X"
            ));
        }
        match self.received.iter().position(|(n, _)| n == name) {
            Some(i) => Ok((Load::Received(i), self.received[i].1)),
            None => self.unknown("received value", name, self.received.iter().map(|(n, _)| n)),
        }
    }

    fn field(&self, field: &Field) -> Result<(Load, Type), Problem> {
        let (name, repeated) = (field.name.clone().into_bytes(), field.repeated);
        let load = match field.part {
            Part::Header => Load::Header { name, repeated },
            Part::Query => Load::QueryField { name, repeated },
            Part::Form => Load::FormField { name, repeated },
            Part::Json if repeated == Repeated::Refuse => Load::JsonField { name: field.name.clone() },
            Part::Json => return self.problem("a JSON object with a member twice is always malformed"),
        };
        Ok((load, Type::Bytes))
    }

    fn parts(&mut self, with: &[u8], parts: &[Pipeline], reads: &mut Reads) -> Result<Load, Problem> {
        let with = with.to_vec();
        let mut codes = Vec::new();
        for part in parts {
            let (code, ty, more) = self.pipeline(part)?;
            reads.extend(more);
            if ty != Type::Bytes {
                return self.problem(format!("a part needs bytes and gets {}; end it with `join`", ty.name()));
            }
            codes.push(code);
        }
        Ok(Load::Parts { with, parts: codes })
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

/// Whether a value is the same for all messages of an account.
fn is_of_account(code: &Code) -> bool {
    match code {
        Code::Load(Load::Credential(_) | Load::Constant(_)) => true,
        Code::Load(Load::Parts { parts, .. }) => parts.iter().all(is_of_account),
        // This one looks at the message's URI scheme.
        Code::Step { op: Op::Bytes(BytesOp::DropDefaultPort, _), .. } => false,
        Code::Step { op: Op::Bytes(..) | Op::Digest(_), of } => is_of_account(of),
        _ => false,
    }
}
