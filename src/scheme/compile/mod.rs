//! Compilation: static checks of names and types, then names become numbers. It knows no step, source or check by
//! name.
//!
//! An operation is compiled unit by unit: a binding, a stage, a field that is added, a check. A problem carries the
//! path of its node, from which the loader finds the line.

mod args;
mod pipeline;

use super::item::{Below, Check, Pipeline};
use super::machine::*;
use super::model::{Binding, CredentialKind, Keep, Operation, Parameter, Place, QueryForm, Scheme};
use crate::primitive::percent::Plus;
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
struct Compiler<'a> {
    account: &'a IndexMap<String, CredentialKind>,
    parameters: &'a IndexMap<String, Parameter>,
    operation: &'a Operation,
    /// Number of HMAC keys that depend on the account alone; none is kept of what is compiled again.
    keys: Option<usize>,
    /// Stages that later ones may use.
    stages: Vec<Arc<Stage>>,
    received: Vec<(String, Type)>,
    /// Whether `received.X` may be used here.
    verifying: bool,
    /// Whether a message is being taken apart, before it is known whose it is.
    receiving: bool,
    path: Vec<Segment>,
    /// Stages that the unit uses.
    uses: Vec<usize>,
    /// Parts of the message that the unit reads.
    reads: BTreeSet<Destination>,
    /// Number of bytes of fixed texts.
    fixed: usize,
}

/// A unit of an operation: what is compiled and replaced as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Unit {
    Receive,
    Stage(usize),
    Prepare(usize),
    Place(usize),
    Check(usize),
}

/// A unit as the scheme says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// A stage or a field that is added.
    Pipeline(Pipeline),
    /// A check.
    Check(Check),
    /// All bindings.
    Receive(IndexMap<String, Binding>),
    /// It is left out.
    Nothing,
}

impl Program {
    /// Compiles an operation; `scheme` gives the account and the parameters.
    pub fn compile(scheme: &Scheme, operation: &Operation) -> Result<Program, Problem> {
        let mut c = Compiler::new(scheme, operation);
        let bindings = c.bindings(&operation.receive)?;
        for (name, pipeline) in &operation.derive {
            let stage = c.stage_unit(name, pipeline)?;
            c.stages.push(stage);
        }
        let prepare = c.placed_units(&operation.prepare, true)?;
        let place = c.placed_units(&operation.place, false)?;
        c.verifying = true;
        let checks =
            operation.verify.iter().enumerate().map(|(i, check)| c.check_unit(i, check)).collect::<Result<_, _>>()?;
        let credentials = scheme.account.iter().map(|(n, kind)| (n.clone(), *kind == CredentialKind::Addresses));
        let default = |parameter: &Parameter| parameter.default.clone().map(String::into_bytes);
        let mut program = Program {
            credentials: credentials.collect(),
            parameters: scheme.parameters.iter().map(|(n, p)| (n.clone(), default(p))).collect(),
            fixed: c.fixed,
            keys: c.keys.unwrap_or_default(),
            plus: match operation.wire.query {
                QueryForm::Form => Plus::Space,
                QueryForm::Percent => Plus::Literal,
            },
            forms: Vec::new(),
            written_anew: false,
            refuse: operation.refuse.clone(),
            prepare,
            bindings,
            received: c.received,
            passing: Vec::new(),
            stages: c.stages,
            place,
            checks,
        };
        program.take_time(&operation.receive);
        program.pass_on();
        Ok(program)
    }

    fn take_time(&mut self, receive: &IndexMap<String, Binding>) {
        let time = receive.get("time");
        self.forms = time.map(|binding| binding.forms.clone()).unwrap_or_default();
        self.written_anew = time.is_some_and(|binding| binding.keep == Keep::Instant);
    }

    /// The program of an operation that differs from this program's in some units alone; `None` where what they
    /// give is of another kind than before, so that the others are concerned too.
    pub(super) fn recompiled<'p>(
        &self,
        scheme: &Scheme,
        operation: &Operation,
        changed: impl Iterator<Item = (&'p Unit, &'p Part)>,
    ) -> Result<Option<Program>, Problem> {
        let mut program = self.clone();
        let mut c = Compiler::new(scheme, operation);
        c.keys = None;
        for (unit, part) in changed {
            c.received.clone_from(&program.received);
            c.stages.clone_from(&program.stages);
            match (*unit, part) {
                (Unit::Receive, Part::Receive(receive)) => {
                    c.received.clear();
                    program.bindings = c.bindings(receive)?;
                    // What is received has numbers that all units share.
                    if c.received != program.received
                        || receive.contains_key("time") != operation.receive.contains_key("time")
                    {
                        return Ok(None);
                    }
                    program.take_time(receive);
                }
                (Unit::Stage(i), Part::Pipeline(pipeline)) => {
                    c.stages.truncate(i);
                    let old = &self.stages[i];
                    let stage = c.stage_unit(&old.name, pipeline)?;
                    if (stage.ty, &stage.reads, stage.received) != (old.ty, &old.reads, old.received) {
                        return Ok(None);
                    }
                    program.stages[i] = stage;
                }
                (Unit::Prepare(i), Part::Pipeline(pipeline)) => {
                    let old = &self.prepare[i];
                    program.prepare[i] = c.placed_unit((old.into, &old.name, pipeline), true)?;
                }
                (Unit::Place(i), Part::Pipeline(pipeline)) => {
                    let old = &self.place[i];
                    program.place[i] = c.placed_unit((old.into, &old.name, pipeline), false)?;
                }
                (Unit::Prepare(i), Part::Nothing) => program.prepare[i] = Arc::new(self.prepare[i].left_out()),
                (Unit::Place(i), Part::Nothing) => program.place[i] = Arc::new(self.place[i].left_out()),
                (Unit::Check(i), Part::Check(check)) => {
                    c.verifying = true;
                    program.checks[i] = c.check_unit(i, check)?;
                    c.verifying = false;
                }
                (Unit::Check(i), Part::Nothing) => program.checks[i] = Arc::new(self.checks[i].left_out()),
                (unit, part) => unreachable!("{unit:?} is no {part:?}"),
            }
        }
        program.fixed += c.fixed;
        program.pass_on();
        Ok(Some(program))
    }

    /// This program with units of another one of the same operation in place of its own.
    pub(super) fn with_units<'u>(&self, other: &Program, units: impl Iterator<Item = &'u Unit>) -> Program {
        let mut program = self.clone();
        for unit in units {
            match *unit {
                Unit::Receive => {
                    program.bindings.clone_from(&other.bindings);
                    program.forms.clone_from(&other.forms);
                    program.written_anew = other.written_anew;
                }
                Unit::Stage(i) => program.stages[i] = Arc::clone(&other.stages[i]),
                Unit::Prepare(i) => program.prepare[i] = Arc::clone(&other.prepare[i]),
                Unit::Place(i) => program.place[i] = Arc::clone(&other.place[i]),
                Unit::Check(i) => program.checks[i] = Arc::clone(&other.checks[i]),
            }
        }
        program.fixed = self.fixed.max(other.fixed);
        program.pass_on();
        program
    }

    /// Finds the stages that one later stage takes as they are, whatever the message, and nothing else does.
    fn pass_on(&mut self) {
        let mut uses = vec![0; self.stages.len()];
        let placed = self.prepare.iter().chain(&self.place).map(|placed| &placed.uses);
        let checks = self.checks.iter().map(|check| &check.uses);
        let stages = self.stages.iter().map(|stage| &stage.uses);
        placed.chain(checks).chain(stages).flatten().for_each(|&stage| uses[stage] += 1);
        self.passing.clear();
        self.passing.resize(self.stages.len(), false);
        for taken in self.stages.iter().flat_map(|stage| &stage.takes) {
            self.passing[*taken] = uses[*taken] == 1;
        }
    }
}

impl<'a> Compiler<'a> {
    fn new(scheme: &'a Scheme, operation: &'a Operation) -> Compiler<'a> {
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

    fn problem<T>(&self, message: impl Into<String>) -> Result<T, Problem> {
        Err(Problem { path: self.path.clone(), message: message.into() })
    }

    /// Starts a unit.
    fn unit<'k>(&mut self, path: impl IntoIterator<Item = &'k str>) {
        self.path = path.into_iter().map(|key| Segment::Key(key.to_owned())).collect();
        self.uses.clear();
        self.reads.clear();
    }

    /// What is compiled below the present node.
    fn below<'k, T>(
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

    fn bindings(&mut self, receive: &IndexMap<String, Binding>) -> Result<Vec<Arc<Bind>>, Problem> {
        (self.verifying, self.receiving) = (true, true);
        let bindings = receive.iter().map(|(name, binding)| self.binding(name, binding)).collect();
        (self.verifying, self.receiving) = (false, false);
        bindings
    }

    fn binding(&mut self, name: &str, binding: &Binding) -> Result<Arc<Bind>, Problem> {
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
        let deviation = binding.deviation.clone();
        if let Some(other) = deviation.as_deref().filter(|word| !Binding::DEVIATIONS.contains(word)) {
            return self.problem(format!("a template cannot deviate by `{other}`"));
        }
        Ok(Bound::Template { pieces, caseless: binding.caseless, deviation })
    }

    fn stage_unit(&mut self, name: &str, pipeline: &Pipeline) -> Result<Arc<Stage>, Problem> {
        self.unit(["derive", name]);
        let (code, ty) = self.pipeline(pipeline)?;
        let received = self.received.iter().position(|(n, _)| n.strip_prefix("stage.") == Some(name));
        if let Some(i) = received.filter(|&i| self.received[i].1 != ty) {
            let found = self.received[i].1.name();
            return self.problem(format!("this stage is {}, and what is received in its place is {found}", ty.name()));
        }
        let (takes, uses) = (pipeline::taken(&code), std::mem::take(&mut self.uses));
        let reads = std::mem::take(&mut self.reads).into_iter().collect();
        Ok(Arc::new(Stage { name: name.to_owned(), code, received, ty, reads, uses, takes }))
    }

    fn placed_units(&mut self, place: &Place, prepare: bool) -> Result<Vec<Arc<Placed>>, Problem> {
        place.fields().map(|field| self.placed_unit(field, prepare)).collect()
    }

    fn placed_unit(
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

    fn check_unit(&mut self, i: usize, check: &Check) -> Result<Arc<Checked>, Problem> {
        self.unit(["verify"]);
        self.path.push(Segment::Index(i));
        let args = self.args(&check.test)?;
        let (test, uses) = (check.test.item.does.test, std::mem::take(&mut self.uses));
        Ok(Arc::new(Checked { test, args, class: check.reject, refusal: check.refusal.clone(), uses }))
    }

    fn needs_time(&self) -> Result<(), Problem> {
        if self.operation.receive.contains_key("time") {
            return Ok(());
        }
        self.problem("no time is received: bind it with receive: {time: {from: …, as: …}}")
    }

    fn credential(&self, name: &str) -> Result<usize, Problem> {
        let position = self.account.get_index_of(name);
        position.map_or_else(|| self.unknown("credential", name, self.account.keys()), Ok)
    }

    fn unknown<'n, T>(&self, what: &str, name: &str, known: impl Iterator<Item = &'n String>) -> Result<T, Problem> {
        let known: Vec<_> = known.map(String::as_str).collect();
        let near = super::item::suggestion(name, known.iter().copied());
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        self.problem(format!("unknown {what} `{name}`{near}; the scheme has {known}"))
    }
}

/// Cuts a template into literal text and the names between braces.
fn cut(template: &str) -> Vec<(&str, bool)> {
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
