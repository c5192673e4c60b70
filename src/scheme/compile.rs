//! Compilation: static checks of names and types, then names become numbers.
//!
//! A problem carries the path of its node, from which the loader finds the line.

use super::deviation::Deviation;
use super::model::{Binding, Operation, Place, QueryForm, Scheme};
use super::program::*;
use super::sign::Destination;
use crate::primitive::percent::Plus;
use std::collections::BTreeSet;

/// A static error in an operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct Problem {
    /// Dotted path from the operation: `derive.string_to_sign`.
    pub path: String,
    /// What is wrong, and what to do.
    pub message: String,
}

/// Types of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Bytes,
    Pairs,
    List,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Bytes => "bytes",
            Type::Pairs => "pairs",
            Type::List => "a list",
        }
    }
}

/// What a value depends on, so that nothing reads what is still being written.
pub(super) type Reads = BTreeSet<&'static str>;

/// A stage that later ones may use.
pub(super) struct Known<'a> {
    pub(super) name: &'a str,
    pub(super) ty: Type,
    pub(super) reads: Reads,
    /// How many places use it.
    pub(super) uses: usize,
}

pub(super) struct Compiler<'a> {
    pub(super) scheme: &'a Scheme,
    pub(super) operation: &'a Operation,
    /// How many keys of HMAC depend on the account alone.
    pub(super) keys: usize,
    pub(super) stages: Vec<Known<'a>>,
    pub(super) received: Vec<(String, Type)>,
    /// Whether `received.X` may be used here.
    pub(super) verifying: bool,
    pub(super) path: String,
}

impl Program {
    /// Compiles an operation; `scheme` gives the account and the parameters.
    pub fn compile(scheme: &Scheme, operation: &Operation) -> Result<Program, Problem> {
        let mut c = Compiler {
            scheme,
            operation,
            keys: 0,
            stages: Vec::new(),
            received: Vec::new(),
            verifying: true,
            path: String::new(),
        };
        let bindings = c.bindings()?;
        c.verifying = false;
        let mut stages = c.stages()?;
        let prepare = c.placed(&operation.prepare, "prepare", true)?;
        let place = c.placed(&operation.place, "place", false)?;
        c.verifying = true;
        let checks =
            operation.verify.iter().enumerate().map(|(i, check)| c.check(i, check)).collect::<Result<_, _>>()?;
        for i in (0..stages.len()).flat_map(|i| passed_to(&stages[i].code)).collect::<Vec<_>>() {
            stages[i].passing = c.stages[i].uses == 1;
        }
        let time = operation.receive.get("time");
        Ok(Program {
            credentials: scheme.account.iter().map(|(n, k)| (n.clone(), *k)).collect(),
            parameters: scheme.parameters.iter().map(|(n, p)| (n.clone(), p.clone())).collect(),
            plus: match operation.wire.query {
                QueryForm::Form => Plus::Space,
                QueryForm::Percent => Plus::Literal,
            },
            forms: time.map(|binding| binding.forms.clone()).unwrap_or_default(),
            keep: time.map(|binding| binding.keep).unwrap_or_default(),
            refuse: operation.refuse.clone(),
            received: c.received.len(),
            keys: c.keys,
            prepare,
            bindings,
            stages,
            place,
            checks,
        })
    }
}

impl Compiler<'_> {
    pub(super) fn problem<T>(&self, message: impl Into<String>) -> Result<T, Problem> {
        Err(Problem { path: self.path.clone(), message: message.into() })
    }

    fn bindings(&mut self) -> Result<Vec<Bind>, Problem> {
        let operation = self.operation;
        operation.receive.iter().map(|(name, binding)| self.binding(name, binding)).collect()
    }

    fn binding(&mut self, name: &str, binding: &Binding) -> Result<Bind, Problem> {
        self.path = format!("receive.{name}");
        let is_time = name == "time";
        if is_time == binding.forms.is_empty() {
            let message =
                if is_time { "a received time says in which forms: as: […]" } else { "`as` is for `time` only" };
            return self.problem(message);
        }
        let mut alternatives = Vec::new();
        let mut common = None;
        for alternative in &binding.first_of {
            let (code, found, _) = self.pipeline(alternative)?;
            if *common.get_or_insert(found) != found {
                return self.problem("these give different types");
            }
            alternatives.push(code);
        }
        let ty = common.unwrap_or(Type::Bytes);
        if ty != Type::Bytes && (is_time || name == "nonce" || binding.template.is_some()) {
            return self.problem(format!("this binding needs bytes and gets {}", ty.name()));
        }
        let bound = match &binding.template {
            Some(template) => self.template(template, binding)?,
            None if is_time => Bound::Time,
            None if name == "nonce" => Bound::Nonce,
            None => Bound::Value(self.receive(name, ty)?),
        };
        Ok(Bind { name: name.into(), alternatives, bound })
    }

    fn receive(&mut self, name: &str, ty: Type) -> Result<usize, Problem> {
        if let Some(stage) = name.strip_prefix("stage.").filter(|stage| !self.operation.derive.contains_key(*stage)) {
            return self.unknown("stage", stage, self.operation.derive.keys());
        }
        if self.received.iter().any(|(n, _)| n == name) {
            return self.problem(format!("`{name}` is received twice"));
        }
        self.received.push((name.to_owned(), ty));
        Ok(self.received.len() - 1)
    }

    fn template(&mut self, template: &str, binding: &Binding) -> Result<Bound, Problem> {
        let mut pieces = Vec::new();
        for (text, is_name) in cut(template) {
            if is_name {
                if matches!(pieces.last(), Some(Piece::Placeholder(_))) {
                    return self.problem("two placeholders need literal text between them");
                }
                pieces.push(Piece::Placeholder(self.receive(text, Type::Bytes)?));
            } else {
                pieces.push(Piece::Literal(text.as_bytes().to_vec()));
            }
        }
        match binding.deviation {
            None | Some(Deviation::AnyPrefix | Deviation::SplitsAtLast) => {}
            Some(other) => return self.deviant(other),
        }
        Ok(Bound::Template { pieces, caseless: binding.caseless, deviation: binding.deviation })
    }

    fn stages(&mut self) -> Result<Vec<Stage>, Problem> {
        let operation = self.operation;
        let mut stages = Vec::new();
        for (name, pipeline) in &operation.derive {
            self.path = format!("derive.{name}");
            let (code, ty, reads) = self.pipeline(pipeline)?;
            let received = self.received.iter().position(|(n, _)| n.strip_prefix("stage.") == Some(name));
            if let Some(i) = received.filter(|&i| self.received[i].1 != ty) {
                let found = self.received[i].1.name();
                return self
                    .problem(format!("this stage is {}, and what is received in its place is {found}", ty.name()));
            }
            stages.push(Stage { name: name.clone(), code, received, passing: false });
            self.stages.push(Known { name, ty, reads, uses: 0 });
        }
        Ok(stages)
    }

    fn placed(&mut self, place: &Place, block: &str, prepare: bool) -> Result<Vec<Placed>, Problem> {
        let parts = [
            ("header", Destination::Header, &place.header),
            ("query", Destination::Query, &place.query),
            ("form", Destination::Form, &place.form),
            ("json", Destination::Json, &place.json),
        ];
        let mut placed = Vec::new();
        for (part, into, fields) in parts {
            for (name, pipeline) in fields {
                self.path = format!("{block}.{part}.{name}");
                let mut reads = Reads::new();
                let code = self.of_bytes(pipeline, &mut reads, |ty| format!("a field needs bytes and gets {ty}"))?;
                if prepare && reads.contains(part) {
                    return self.problem(format!("what is prepared may not depend on the {part} that it is put into"));
                }
                placed.push(Placed { into, name: name.clone(), code });
            }
        }
        Ok(placed)
    }

    pub(super) fn needs_time(&self) -> Result<(), Problem> {
        if self.operation.receive.contains_key("time") {
            return Ok(());
        }
        self.problem("no time is received: bind it with receive: {time: {from: …, as: …}}")
    }

    pub(super) fn credential(&self, name: &str) -> Result<usize, Problem> {
        let position = self.scheme.account.get_index_of(name);
        position.map_or_else(|| self.unknown("credential", name, self.scheme.account.keys()), Ok)
    }

    pub(super) fn unknown<'n, T>(
        &self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n String>,
    ) -> Result<T, Problem> {
        let known: Vec<_> = known.map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        self.problem(format!("unknown {what} `{name}`; the scheme has {known}"))
    }
}

/// The stages that a pipeline takes, whatever the message.
fn passed_to(code: &Code) -> Vec<usize> {
    match code {
        Code::Bytes(code) => bytes_passed_to(code),
        Code::Many(code) => many_passed_to(code),
    }
}

fn bytes_passed_to(code: &BytesCode) -> Vec<usize> {
    match code {
        BytesCode::Stage(i) => vec![*i],
        BytesCode::Parts { parts, .. } => parts.iter().flat_map(bytes_passed_to).collect(),
        BytesCode::Step { of, .. } | BytesCode::Digest { of, .. } => bytes_passed_to(of),
        BytesCode::Hmac(hmac) => bytes_passed_to(&hmac.flow),
        BytesCode::Fold { of, .. } => many_passed_to(of),
        BytesCode::Load(_)
        | BytesCode::Constant(_)
        | BytesCode::Received(_)
        | BytesCode::FirstOf(_)
        | BytesCode::Optional(_) => Vec::new(),
    }
}

fn many_passed_to(code: &ManyCode) -> Vec<usize> {
    match code {
        ManyCode::Stage(i) => vec![*i],
        ManyCode::Split { of, .. } => bytes_passed_to(of),
        ManyCode::Step { of, .. } => many_passed_to(of),
        _ => Vec::new(),
    }
}

/// Cuts a template into literal text and the names between braces.
pub(super) fn cut(template: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((open, close)) = rest.find('{').and_then(|o| rest[o..].find('}').map(|c| (o, o + c))) {
        pieces.push((&rest[..open], false));
        pieces.push((&rest[open + 1..close], true));
        rest = &rest[close + 1..];
    }
    pieces.push((rest, false));
    pieces.retain(|(text, is_name)| *is_name || !text.is_empty());
    pieces
}
