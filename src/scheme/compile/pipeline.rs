//! Compilation of pipelines: what each source gives, which types each step takes and gives.

use super::compiler::{Compiler, Problem};
use crate::scheme::item::{Arg, Below, Pipeline, Source, Step};
use crate::scheme::machine::*;

impl Compiler<'_> {
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline) -> Result<(Code, Type), Problem> {
        let (mut code, mut ty) = self.below([Below::Index(0)], |c| c.source(&pipeline.source))?;
        for (i, step) in pipeline.steps.iter().enumerate() {
            (code, ty) = self.below([Below::Index(i + 1)], |c| c.step(step, code, ty))?;
        }
        Ok((code, ty))
    }

    /// A pipeline that gives bytes; `wrong` says what is wrong where it gives something else.
    pub(super) fn of_bytes(
        &mut self,
        pipeline: &Pipeline,
        wrong: impl FnOnce(&str) -> String,
    ) -> Result<BytesCode, Problem> {
        match self.pipeline(pipeline)? {
            (Code::Bytes(code), _) => Ok(code),
            (Code::Many(_), ty) => self.problem(wrong(ty.name())),
        }
    }

    fn source(&mut self, source: &Source) -> Result<(Code, Type), Problem> {
        let Gives { origin, reads, value } = source.item.does;
        self.reads.extend(reads);
        let start = match value {
            Supply::Bytes(load) => Start::Load { load, args: self.args(source)?, origin },
            Supply::Pairs(load) => return Ok((many(ManyStart::Load(load, self.args(source)?)), Type::Pairs)),
            Supply::Constant => Start::Constant(self.args(source)?.bytes(0).to_vec()),
            Supply::Parts(with) => {
                let with = match (with, source.first()) {
                    (Some(with), _) => with.as_bytes().to_vec(),
                    (None, Arg::Bytes(with)) => with.0.clone(),
                    (None, _) => return self.problem("a separator is missing"),
                };
                self.fixed += with.len();
                let wrong = |ty: &str| format!("a part needs bytes and gets {ty}; end it with `join`");
                let parts = source.pipelines().into_iter();
                let parts = parts.map(|(way, part)| self.below(way, |c| c.of_bytes(part, wrong)));
                Start::Parts { with, parts: parts.collect::<Result<_, _>>()? }
            }
            Supply::Stage => return self.stage(source.first().text()),
            Supply::Received => return self.received(source.first().text()),
            Supply::FirstOf => {
                return Ok(match self.alternatives(source)? {
                    (Alike::Bytes(codes), ty) => (bytes(Start::FirstOf(codes)), ty),
                    (Alike::Many(codes), ty) => (many(ManyStart::FirstOf(codes)), ty),
                });
            }
            Supply::Merge => match self.alternatives(source)? {
                (Alike::Many(codes), Type::Pairs) => return Ok((many(ManyStart::Merge(codes)), Type::Pairs)),
                (_, ty) => return self.problem(format!("`{}` needs pairs and gets {}", source.word(), ty.name())),
            },
            Supply::Optional => {
                let word = source.word();
                let wrong = |_: &str| format!("`{word}` is for bytes; pairs and lists can be empty");
                let Some((way, value)) = source.pipelines().pop() else { return self.problem("a value is missing") };
                Start::Optional(Box::new(self.below(way, |c| c.of_bytes(value, wrong))?))
            }
            Supply::Fields => {
                let Arg::Fields(fields) = source.first() else { return self.problem("fields are missing") };
                let mut codes = Vec::new();
                for (name, value) in fields {
                    let wrong = |ty: &str| format!("the value of `{name}` needs bytes and gets {ty}");
                    let way = [Below::Key(source.word()), Below::Key(name)];
                    codes.push((name.clone().into_bytes(), self.below(way, |c| c.of_bytes(value, wrong))?));
                }
                return Ok((many(ManyStart::Pairs(codes)), Type::Pairs));
            }
        };
        Ok((bytes(start), Type::Bytes))
    }

    fn stage(&mut self, name: &str) -> Result<(Code, Type), Problem> {
        let known = self.operation.derive.get_index_of(name);
        if let Some(i) = known.filter(|&i| i < self.stages.len()) {
            self.uses.push(i);
            let stage = &self.stages[i];
            self.reads.extend(&stage.reads);
            return Ok((of_type(stage.ty, Start::Stage(i), ManyStart::Stage(i)), stage.ty));
        }
        if known.is_some() {
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
                Ok((of_type(ty, Start::Received(i), ManyStart::Received(i)), ty))
            }
            None => self.unknown("received value", name, self.received.iter().map(|(n, _)| n)),
        }
    }

    fn alternatives(&mut self, source: &Source) -> Result<(Alike, Type), Problem> {
        let (mut of_bytes, mut of_many) = (Vec::new(), Vec::new());
        let mut common = None;
        for (way, part) in source.pipelines() {
            let (code, ty) = self.below(way, |c| c.pipeline(part))?;
            if *common.get_or_insert(ty) != ty {
                return self.problem("these give different types");
            }
            match code {
                Code::Bytes(code) => of_bytes.push(code),
                Code::Many(code) => of_many.push(code),
            }
        }
        match common {
            Some(Type::Bytes) => Ok((Alike::Bytes(of_bytes), Type::Bytes)),
            Some(ty) => Ok((Alike::Many(of_many), ty)),
            None => self.problem("an empty list of sources"),
        }
    }

    /// A pipeline with one step more.
    fn step(&mut self, step: &Step, code: Code, ty: Type) -> Result<(Code, Type), Problem> {
        let does = step.item.does;
        let side = match step.get("of").text() {
            "name" => Side::Name,
            "value" => Side::Value,
            _ => Side::Both,
        };
        let Some(gives) = does.gives(ty).filter(|_| side == Side::Both || ty == Type::Pairs) else {
            let word = step.word();
            let why = format!("does not fit {} (`explain {word}` says what it takes)", ty.name());
            return self.problem(format!("the step `{word}` {why}"));
        };
        let args = self.args(step)?;
        let on_bytes = match does {
            Does::Cut(cut) => Some(OnBytes::Cut(cut)),
            Does::CutBy(cut) => Some(OnBytes::CutBy(cut)),
            Does::Write(write) | Does::WriteValue(write) => Some(OnBytes::Write(write)),
            Does::WriteUnless(stays, write) => Some(OnBytes::WriteUnless(stays, write)),
            Does::Digest(with) => Some(OnBytes::Digest(with)),
            _ => None,
        };
        let code = match (does, code, on_bytes) {
            (Does::Digest(with), Code::Bytes(of), _) => bytes(Start::Digest { with, of: Box::new(of) }),
            (_, Code::Bytes(mut of), Some(does)) => {
                of.ops.push(BytesOp { does, args });
                Code::Bytes(of)
            }
            (_, Code::Many(of), Some(on_bytes)) => {
                let value_only = matches!(does, Does::WriteValue(_)) && ty == Type::Pairs;
                then(of, OnMany::Each(on_bytes, if value_only { Side::Value } else { side }), args)
            }
            (Does::Pairs(run) | Does::Same(run) | Does::List(run) | Does::Assign(run), Code::Many(of), None) => {
                then(of, OnMany::Many(run), args)
            }
            (Does::Item(write), Code::Many(of), None) => then(of, OnMany::Item(write), args),
            (Does::Pick(pick), Code::Many(of), None) => bytes(Start::Pick { pick, args, of: Box::new(of) }),
            (Does::Join(with), Code::Many(mut of), None) => {
                let with = with(&args).to_vec();
                // What a step writes of each pair is joined as it is written.
                let item = of.ops.pop_if(|op| matches!(op.does, OnMany::Item(_)));
                let item = item.and_then(|op| match op.does {
                    OnMany::Item(write) => Some((write, op.args)),
                    _ => None,
                });
                bytes(Start::Join { with, item, of: Box::new(of) })
            }
            (Does::Split(split), Code::Bytes(of), None) => many(ManyStart::Split { split, args, of: Box::new(of) }),
            (Does::Mac, Code::Bytes(flow), None) => self.mac(args, flow)?,
            (does, ..) => unreachable!("{does:?} has said that it takes {ty:?}"),
        };
        Ok((code, gives))
    }

    /// An authentication code, of hash function, key and message, of which one is what comes before.
    fn mac(&mut self, args: Args, flow: BytesCode) -> Result<Code, Problem> {
        let with = args.digest(0);
        let mut given = args.0.into_vec().into_iter().skip(1).map(|ready| match ready {
            Ready::Code(code) => Some(*code),
            _ => None,
        });
        let (other, flow_is_key) = match (given.next().flatten(), given.next().flatten()) {
            (Some(key), None) => (key, false),
            (None, Some(message)) => (message, true),
            _ => {
                return self.problem(
                    "an authentication code has either `key` or `message`; the other one is what comes before it",
                );
            }
        };
        let is_kept = is_of_account(if flow_is_key { &flow } else { &other });
        let kept = self.keys.filter(|_| is_kept);
        self.keys = self.keys.map(|keys| keys + usize::from(is_kept));
        Ok(bytes(Start::Hmac(Box::new(Hmac { with, flow, other, flow_is_key, kept }))))
    }
}

/// Pipelines of one type.
enum Alike {
    Bytes(Vec<BytesCode>),
    Many(Vec<ManyCode>),
}

fn bytes(start: Start) -> Code {
    Code::Bytes(BytesCode { start, ops: Vec::new() })
}

fn many(start: ManyStart) -> Code {
    Code::Many(ManyCode { start, ops: Vec::new() })
}

fn then(mut of: ManyCode, does: OnMany, args: Args) -> Code {
    of.ops.push(ManyOp { does, args });
    Code::Many(of)
}

fn of_type(ty: Type, of_bytes: Start, of_many: ManyStart) -> Code {
    if ty == Type::Bytes { bytes(of_bytes) } else { many(of_many) }
}

/// Whether a value is the same for all messages of an account.
fn is_of_account(code: &BytesCode) -> bool {
    let start = match &code.start {
        Start::Load { origin, .. } => *origin == Origin::Account,
        Start::Constant(_) | Start::Nothing => true,
        Start::Parts { parts, .. } => parts.iter().all(is_of_account),
        Start::Digest { of, .. } => is_of_account(of),
        Start::Stage(_)
        | Start::Received(_)
        | Start::FirstOf(_)
        | Start::Optional(_)
        | Start::Hmac(_)
        | Start::Pick { .. }
        | Start::Join { .. } => false,
    };
    start && !code.ops.iter().any(|op| matches!(op.does, OnBytes::CutBy(_)))
}
