//! The compiler: what it knows, and the units of an operation.

use crate::scheme::item::{Below, Check, Pipeline};
use crate::scheme::machine::*;
use crate::scheme::model::{Binding, CredentialKind, Operation, Parameter, Place, Scheme};
use crate::yaml::Segment;
use indexmap::IndexMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// A static error in an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Way from the operation to the node.
    pub path: Vec<Segment>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The place in the file says the rest.
        let is_key = |segment: &&Segment| matches!(segment, Segment::Key(_));
        let path: Vec<String> = self.path.iter().take_while(is_key).map(Segment::to_string).collect();
        write!(f, "{}: {}", path.join("."), self.message)
    }
}

impl std::error::Error for Problem {}

/// What an operation is compiled with.
pub(super) struct Compiler<'a> {
    pub(super) account: &'a IndexMap<String, CredentialKind>,
    pub(super) parameters: &'a IndexMap<String, Parameter>,
    pub(super) operation: &'a Operation,
    /// Number of HMAC keys that depend on the account alone; none is kept of what is compiled again.
    pub(super) keys: Option<usize>,
    /// Stages that later ones may use.
    pub(super) stages: Vec<Arc<Stage>>,
    pub(super) received: Vec<(String, Type)>,
    /// Whether `received.X` may be used here.
    pub(super) verifying: bool,
    /// Whether a message is being taken apart, before it is known whose it is.
    pub(super) receiving: bool,
    pub(super) path: Vec<Segment>,
    /// Stages that the unit uses.
    pub(super) uses: Vec<usize>,
    /// Parts of the message that the unit reads.
    pub(super) reads: BTreeSet<Destination>,
    /// Number of bytes of fixed texts.
    pub(super) fixed: usize,
}

/// A unit of an operation: what is compiled and replaced as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::scheme) enum Unit {
    Receive,
    Stage(usize),
    Prepare(usize),
    Place(usize),
    Check(usize),
}

/// A unit as the scheme says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scheme) enum Part {
    /// A stage or a field that is added.
    Pipeline(Pipeline),
    /// A check.
    Check(Check),
    /// All bindings.
    Receive(IndexMap<String, Binding>),
    /// It is left out.
    Nothing,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(scheme: &'a Scheme, operation: &'a Operation) -> Compiler<'a> {
        Compiler {
            account: &scheme.account,
            parameters: &scheme.parameters,
            operation,
            keys: Some(0),
            stages: Vec::new(),
            received: Vec::new(),
            verifying: false,
            receiving: false,
            path: Vec::new(),
            uses: Vec::new(),
            reads: BTreeSet::new(),
            fixed: 0,
        }
    }

    pub(super) fn problem<T>(&self, message: impl Into<String>) -> Result<T, Problem> {
        Err(Problem { path: self.path.clone(), message: message.into() })
    }

    /// Starts a unit.
    pub(super) fn unit<'k>(&mut self, path: impl IntoIterator<Item = &'k str>) {
        self.path = path.into_iter().map(|key| Segment::Key(key.to_owned())).collect();
        self.uses.clear();
        self.reads.clear();
    }

    /// What is compiled below the present node.
    pub(super) fn below<'k, T>(
        &mut self,
        way: impl IntoIterator<Item = Below<'k>>,
        compile: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let depth = self.path.len();
        self.path.extend(way.into_iter().map(|below| match below {
            Below::Key(key) => Segment::Key(key.to_owned()),
            Below::Index(i) => Segment::Index(i),
        }));
        let compiled = compile(self);
        self.path.truncate(depth);
        compiled
    }

    pub(super) fn bindings(&mut self, receive: &IndexMap<String, Binding>) -> Result<Vec<Arc<Bind>>, Problem> {
        (self.verifying, self.receiving) = (true, true);
        let bindings = receive.iter().map(|(name, binding)| self.binding(name, binding)).collect();
        (self.verifying, self.receiving) = (false, false);
        bindings
    }

    pub(super) fn binding(&mut self, name: &str, binding: &Binding) -> Result<Arc<Bind>, Problem> {
        self.unit(["receive", name]);
        let is_time = name == "time";
        if is_time == binding.forms.is_empty() {
            let message =
                if is_time { "a received time says in which forms: as: […]" } else { "`as` is for `time` only" };
            return self.problem(message);
        }
        let mut alternatives = Vec::new();
        let mut common = None;
        let several = binding.first_of.len() > 1;
        for (i, alternative) in binding.first_of.iter().enumerate() {
            let way = if several { vec![Below::Key("first-of"), Below::Index(i)] } else { vec![Below::Key("from")] };
            let (code, found) = self.below(way, |c| c.pipeline(alternative))?;
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
        Ok(Arc::new(Bind { name: name.into(), alternatives, bound }))
    }

    pub(super) fn receive(&mut self, name: &str, ty: Type) -> Result<usize, Problem> {
        if let Some(stage) = name.strip_prefix("stage.").filter(|stage| !self.operation.derive.contains_key(*stage)) {
            return self.unknown("stage", stage, self.operation.derive.keys());
        }
        if self.received.iter().any(|(n, _)| n == name) {
            return self.problem(format!("`{name}` is received twice"));
        }
        self.received.push((name.to_owned(), ty));
        Ok(self.received.len() - 1)
    }

    pub(super) fn template(&mut self, template: &str, binding: &Binding) -> Result<Bound, Problem> {
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
        let deviation = binding.deviation.clone();
        if let Some(other) = deviation.as_deref().filter(|word| !Binding::DEVIATIONS.contains(word)) {
            return self.problem(format!("a template cannot deviate by `{other}`"));
        }
        Ok(Bound::Template { pieces, caseless: binding.caseless, deviation })
    }

    pub(super) fn stage_unit(&mut self, name: &str, pipeline: &Pipeline) -> Result<Arc<Stage>, Problem> {
        self.unit(["derive", name]);
        let (code, ty) = self.pipeline(pipeline)?;
        let received = self.received.iter().position(|(n, _)| n.strip_prefix("stage.") == Some(name));
        if let Some(i) = received.filter(|&i| self.received[i].1 != ty) {
            let found = self.received[i].1.name();
            return self.problem(format!("this stage is {}, and what is received in its place is {found}", ty.name()));
        }
        let (takes, uses) = (taken(&code), std::mem::take(&mut self.uses));
        let reads = std::mem::take(&mut self.reads).into_iter().collect();
        Ok(Arc::new(Stage { name: name.to_owned(), code, received, ty, reads, uses, takes }))
    }

    pub(super) fn placed_units(&mut self, place: &Place, prepare: bool) -> Result<Vec<Arc<Placed>>, Problem> {
        place.fields().map(|field| self.placed_unit(field, prepare)).collect()
    }

    pub(super) fn placed_unit(
        &mut self,
        (into, name, pipeline): (Destination, &str, &Pipeline),
        prepare: bool,
    ) -> Result<Arc<Placed>, Problem> {
        self.unit([if prepare { "prepare" } else { "place" }, into.word(), name]);
        let code = self.of_bytes(pipeline, |ty| format!("a field needs bytes and gets {ty}"))?;
        if prepare && self.reads.contains(&into) {
            let part = into.word();
            return self.problem(format!("what is prepared may not depend on the {part} that it is put into"));
        }
        Ok(Arc::new(Placed { into, name: name.to_owned(), code, uses: std::mem::take(&mut self.uses) }))
    }

    pub(super) fn check_unit(&mut self, i: usize, check: &Check) -> Result<Arc<Checked>, Problem> {
        self.unit(["verify"]);
        self.path.push(Segment::Index(i));
        let args = self.args(&check.test)?;
        let (test, uses) = (check.test.item.does.test, std::mem::take(&mut self.uses));
        Ok(Arc::new(Checked { test, args, class: check.reject, refusal: check.refusal.clone(), uses }))
    }

    pub(super) fn needs_time(&self) -> Result<(), Problem> {
        if self.operation.receive.contains_key("time") {
            return Ok(());
        }
        self.problem("no time is received: bind it with receive: {time: {from: …, as: …}}")
    }

    pub(super) fn credential(&self, name: &str) -> Result<usize, Problem> {
        let position = self.account.get_index_of(name);
        position.map_or_else(|| self.unknown("credential", name, self.account.keys()), Ok)
    }

    pub(super) fn unknown<'n, T>(
        &self,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'n String>,
    ) -> Result<T, Problem> {
        let known: Vec<_> = known.map(String::as_str).collect();
        let near = crate::scheme::item::suggestion(name, known.iter().copied());
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        self.problem(format!("unknown {what} `{name}`{near}; the scheme has {known}"))
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

/// The stages that a pipeline takes, whatever the message.
fn taken(code: &Code) -> Vec<usize> {
    match code {
        Code::Bytes(code) => of_bytes(code),
        Code::Many(code) => of_many(code),
    }
}

fn of_bytes(code: &BytesCode) -> Vec<usize> {
    match &code.start {
        Start::Stage(i) => vec![*i],
        Start::Parts { parts, .. } => parts.iter().flat_map(of_bytes).collect(),
        Start::Digest { of, .. } => of_bytes(of),
        Start::Hmac(hmac) => of_bytes(&hmac.flow),
        Start::Pick { of, .. } | Start::Join { of, .. } => of_many(of),
        Start::Load { .. }
        | Start::Constant(_)
        | Start::Nothing
        | Start::Received(_)
        | Start::FirstOf(_)
        | Start::Optional(_) => Vec::new(),
    }
}

fn of_many(code: &ManyCode) -> Vec<usize> {
    match &code.start {
        ManyStart::Stage(i) => vec![*i],
        ManyStart::Split { of, .. } => of_bytes(of),
        ManyStart::Load(..)
        | ManyStart::Received(_)
        | ManyStart::FirstOf(_)
        | ManyStart::Merge(_)
        | ManyStart::Pairs(_) => Vec::new(),
    }
}
