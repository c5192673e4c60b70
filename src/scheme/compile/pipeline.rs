//! Compilation of pipelines: what each source gives, which types each step takes and gives.

use super::compiler::{Compiler, unknown, wrong_way};
use crate::scheme::item::{Pipeline, Problem, Source, Step, problem};
use crate::scheme::machine::*;
use std::sync::Arc;

/// As many sources and steps as an operation may have: each may be evaluated within another, on one stack.
const MAX_NODES: usize = 1000;

impl Compiler<'_> {
    pub(super) fn pipeline(&mut self, pipeline: &Pipeline) -> Result<(Code, Type), Problem> {
        let (mut code, mut ty) = self.source(&pipeline.source).map_err(|e| e.below(0))?;
        let of_headers = pipeline.source.is("headers");
        for (i, step) in pipeline.steps.iter().enumerate() {
            (code, ty) = self.step(step, of_headers, code, ty).map_err(|e| e.below(i + 1))?;
        }
        Ok((code, ty))
    }

    /// A pipeline that gives bytes, which `what` needs.
    pub(super) fn of_bytes(&mut self, pipeline: &Pipeline, what: &str) -> Result<BytesCode, Problem> {
        match self.pipeline(pipeline)? {
            (Code::Bytes(code), _) => Ok(code),
            (Code::Many(_), ty) => Err(problem!("{what} needs bytes and gets {}; end it with `join`", ty.name())),
        }
    }

    /// Counts a source or step; `Err` where the operation has more than can be evaluated within one another.
    fn count(&mut self) -> Result<(), Problem> {
        self.nodes += 1;
        let why = "sources and steps, and this one is beyond; nobody signs so";
        if self.nodes > MAX_NODES { Err(problem!("an operation has at most {MAX_NODES} {why}")) } else { Ok(()) }
    }

    fn source(&mut self, source: &Source) -> Result<(Code, Type), Problem> {
        self.count()?;
        let Gives { origin, reads, value } = source.item.does;
        self.reads.extend(reads);
        Ok(match value {
            Supply::Stage => return self.stage(source.first().text()),
            Supply::Received => return self.received(source.first().text()),
            Supply::Bytes(load) => (bytes(Start::Load { load, args: self.args(source)?, origin }), Type::Bytes),
            Supply::Make(make) => (bytes(Start::Make { make, args: self.args(source)? }), Type::Bytes),
            Supply::Pairs(load) => (many(ManyStart::Load(load, self.args(source)?)), Type::Pairs),
            Supply::Either(load, load_many) => {
                let args = self.args(source)?;
                let of_many = args.0.iter().find_map(|ready| match ready {
                    Ready::Manys(ty, _) => Some(*ty),
                    _ => None,
                });
                match of_many {
                    Some(ty) => (many(ManyStart::Load(load_many, args)), ty),
                    None => (bytes(Start::Load { load, args, origin }), Type::Bytes),
                }
            }
        })
    }

    fn stage(&mut self, name: &str) -> Result<(Code, Type), Problem> {
        let known = self.operation.derive.get_index_of(name);
        if let Some(i) = known.filter(|&i| i < self.stages.len()) {
            self.uses.push(i);
            let stage = Arc::clone(&self.stages[i]);
            self.reads.extend(&stage.reads);
            self.signs(stage.signs)?;
            return Ok((of_type(stage.ty, Start::Stage(i), ManyStart::Stage(i)), stage.ty));
        }
        Err(match known {
            Some(_) => problem!("the stage `{name}` is used before it is derived; stages use earlier ones only"),
            None => unknown("stage", name, self.operation.derive.keys()),
        })
    }

    /// Marks the unit as one that signs, which nothing does that a verifier evaluates.
    fn signs(&mut self, signs: bool) -> Result<(), Problem> {
        self.signs |= signs;
        match self.verifying && signs {
            true => Err(problem!("whoever verifies has no private half: use the check `signed`, or receive the stage")),
            false => Ok(()),
        }
    }

    fn received(&self, name: &str) -> Result<(Code, Type), Problem> {
        if !self.verifying {
            let instead = "a binding called `stage.X` puts what is received in the place of the stage X";
            return Err(problem!("`received.{name}` is there only when verifying; {instead}"));
        }
        let i = self.received.iter().position(|(n, _)| n == name);
        let i = i.ok_or_else(|| unknown("received value", name, self.received.iter().map(|(n, _)| n)))?;
        let ty = self.received[i].1;
        Ok((of_type(ty, Start::Received(i), ManyStart::Received(i)), ty))
    }

    /// Pipelines of one type, which may be given.
    pub(super) fn pipelines(&mut self, due: Option<Type>, some: &[Pipeline]) -> Result<Ready, Problem> {
        let (mut of_bytes, mut of_many) = (Vec::new(), Vec::new());
        let mut common = due;
        for (i, part) in some.iter().enumerate() {
            let (code, ty) = match due {
                Some(Type::Bytes) => self.of_bytes(part, "a part").map(|code| (Code::Bytes(code), Type::Bytes)),
                _ => self.pipeline(part),
            }
            .map_err(|e| e.below(i))?;
            match (code, *common.get_or_insert(ty)) {
                (_, other) if other != ty => {
                    return Err(problem!("this gives {}, and {} is due here", ty.name(), other.name()).below(i));
                }
                (Code::Bytes(code), _) => of_bytes.push(code),
                (Code::Many(code), _) => of_many.push(code),
            }
        }
        match common {
            Some(Type::Bytes) => Ok(Ready::Codes(of_bytes)),
            Some(ty) => Ok(Ready::Manys(ty, of_many)),
            None => Err(problem!("an empty list of sources")),
        }
    }

    /// A pipeline with one step more; `of_headers` where it starts from header fields.
    fn step(&mut self, step: &Step, of_headers: bool, code: Code, ty: Type) -> Result<(Code, Type), Problem> {
        self.count()?;
        let (does, word) = (step.item.does, step.word());
        if self.as_written && step.item.is_wrong() {
            return Err(wrong_way(word));
        }
        let side = match step.get("of").text() {
            "name" => Side::Name,
            "value" => Side::Value,
            _ => Side::Both,
        };
        let Some(gives) = does.gives(ty).filter(|_| side == Side::Both || ty == Type::Pairs) else {
            let why = format!("does not fit {} (`explain {word}` says what it takes)", ty.name());
            return Err(problem!("the step `{word}` {why}"));
        };
        let mut args = self.args(step)?;
        if let (true, Does::Pairs(_), Some(caseless)) = (of_headers, does, step.item.option("caseless")) {
            // Names of header fields compare without regard to case, RFC 9110 section 5.1.
            args.0[caseless] = Ready::Flag(true);
        }
        let code = match (does, code) {
            (Does::Each(OnBytes::Digest(with), _), Code::Bytes(of)) => bytes(Start::Digest { with, of: Box::new(of) }),
            (Does::Each(does, _), Code::Bytes(of)) => Code::Bytes(of.then(does, args)),
            (Does::Each(does, own), Code::Many(of)) => {
                let side = if ty == Type::Pairs && own != Side::Both { own } else { side };
                Code::Many(of.then(OnMany::Each(does, side), args))
            }
            (
                Does::Pairs(run) | Does::Same(run) | Does::List(run) | Does::Names(run) | Does::Assign(run),
                Code::Many(of),
            ) => Code::Many(of.then(OnMany::Many(run), args)),
            (Does::Item(write), Code::Many(of)) => Code::Many(of.then(OnMany::Item(write), args)),
            (Does::Pick(pick), Code::Many(of)) => bytes(Start::Pick { pick, args, of: Box::new(of) }),
            (Does::Join, Code::Many(mut of)) => {
                // What a step writes of each pair is joined as it is written.
                let item = match of.ops.pop() {
                    Some(CompiledStep { does: OnMany::Item(write), args }) => Some((write, args)),
                    other => {
                        of.ops.extend(other);
                        None
                    }
                };
                bytes(Start::Join { with: args, item, of: Box::new(of) })
            }
            (Does::Split(split) | Does::Members(split), Code::Bytes(of)) => {
                many(ManyStart::Split { split, args, of: Box::new(of) })
            }
            (Does::Mac, Code::Bytes(flow)) => self.mac(args, flow)?,
            (Does::Sign, Code::Bytes(flow)) => {
                self.signs(true)?;
                bytes(Start::Sign { args, of: Box::new(flow) })
            }
            (does, _) => unreachable!("{does:?} has said that it takes {ty:?}"),
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
                let which = "has either `key` or `message`; the other one is what comes before it";
                return Err(problem!("an authentication code {which}"));
            }
        };
        let is_kept = is_of_account(if flow_is_key { &flow } else { &other });
        let kept = self.keys.filter(|_| is_kept);
        self.keys = self.keys.map(|keys| keys + usize::from(is_kept));
        Ok(bytes(Start::Hmac(Box::new(Hmac { with, flow, other, flow_is_key, kept }))))
    }
}

impl<S, D> Piped<S, D> {
    fn then(mut self, does: D, args: Args) -> Piped<S, D> {
        self.ops.push(CompiledStep { does, args });
        self
    }
}

fn bytes(start: Start) -> Code {
    Code::Bytes(Piped { start, ops: Vec::new() })
}

fn many(start: ManyStart) -> Code {
    Code::Many(Piped { start, ops: Vec::new() })
}

fn of_type(ty: Type, of_bytes: Start, of_many: ManyStart) -> Code {
    if ty == Type::Bytes { bytes(of_bytes) } else { many(of_many) }
}

/// Returns whether a value is the same for all messages of an account.
fn is_of_account(code: &BytesCode) -> bool {
    let start = match &code.start {
        Start::Load { origin, .. } => matches!(origin, Whose::Account | Whose::Fixed),
        Start::Nothing => true,
        Start::Make { args, .. } => args.parts().all(is_of_account),
        Start::Digest { of, .. } => is_of_account(of),
        Start::Stage(_)
        | Start::Received(_)
        | Start::Hmac(_)
        | Start::Sign { .. }
        | Start::Pick { .. }
        | Start::Join { .. } => false,
    };
    start && !code.ops.iter().any(|op| matches!(op.does, OnBytes::CutBy(_)))
}

impl Code {
    /// The stages that it takes, whatever the message.
    pub(super) fn taken(&self) -> Vec<usize> {
        match self {
            Code::Bytes(code) => code.taken(),
            Code::Many(code) => code.taken(),
        }
    }
}

impl BytesCode {
    fn taken(&self) -> Vec<usize> {
        match &self.start {
            Start::Stage(i) => vec![*i],
            Start::Make { args, .. } => args.parts().flat_map(BytesCode::taken).collect(),
            Start::Digest { of, .. } | Start::Sign { of, .. } => of.taken(),
            Start::Hmac(hmac) => hmac.flow.taken(),
            Start::Pick { of, .. } | Start::Join { of, .. } => of.taken(),
            Start::Load { .. } | Start::Nothing | Start::Received(_) => Vec::new(),
        }
    }
}

impl ManyCode {
    fn taken(&self) -> Vec<usize> {
        match &self.start {
            ManyStart::Stage(i) => vec![*i],
            ManyStart::Split { of, .. } => of.taken(),
            ManyStart::Load(..) | ManyStart::Received(_) => Vec::new(),
        }
    }
}
