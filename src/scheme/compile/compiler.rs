//! The compiler: what it knows, and the units of an operation.

use crate::scheme::account::CredentialKind;
use crate::scheme::item::{Check, Pipeline, Problem, problem, suggestion};
use crate::scheme::machine::*;
use crate::scheme::model::{Binding, Keep, Operation, Parameter, Place, Scheme};
use indexmap::IndexMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Context in which an operation is compiled.
pub(super) struct Compiler<'a> {
    /// Names of the values of an account, and what each is.
    pub(super) account: Vec<(String, Held)>,
    pub(super) parameters: &'a IndexMap<String, Parameter>,
    pub(super) operation: &'a Operation,
    /// Number of HMAC keys that depend on the account alone; none is kept of what is compiled again.
    pub(super) keys: Option<usize>,
    /// Stages that later ones may use.
    pub(super) stages: Vec<Arc<Stage>>,
    pub(super) received: Vec<(String, Type)>,
    /// Tells whether `received.X` may be used here.
    pub(super) verifying: bool,
    /// Tells whether a message is being taken apart, before it is known whose it is.
    pub(super) receiving: bool,
    /// Tells whether this is a scheme as a file says it, which may prescribe nothing that only mutants do.
    pub(super) as_written: bool,
    /// Tells whether the unit signs.
    pub(super) signs: bool,
    /// Stages that the unit uses.
    pub(super) uses: Vec<usize>,
    /// Parts of the message that the unit reads.
    pub(super) reads: BTreeSet<Destination>,
    /// Number of bytes of fixed texts.
    pub(super) fixed: usize,
    /// Number of sources and steps.
    pub(super) nodes: usize,
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

impl<'a> Compiler<'a> {
    pub(super) fn new(scheme: &'a Scheme, operation: &'a Operation) -> Compiler<'a> {
        Compiler {
            account: held(&scheme.account),
            parameters: &scheme.parameters,
            operation,
            keys: Some(0),
            stages: Vec::new(),
            received: Vec::new(),
            verifying: false,
            receiving: false,
            as_written: false,
            signs: false,
            uses: Vec::new(),
            reads: BTreeSet::new(),
            fixed: 0,
            nodes: 0,
        }
    }

    pub(super) fn bindings(&mut self, receive: &IndexMap<String, Binding>) -> Result<Vec<Arc<Bind>>, Problem> {
        (self.verifying, self.receiving) = (true, true);
        let bind = |(name, binding): (&String, &Binding)| {
            self.binding(name, binding).map_err(|e| e.within(["receive".into(), name.as_str().into()]))
        };
        let bindings = receive.iter().map(bind).collect();
        (self.verifying, self.receiving) = (false, false);
        bindings
    }

    fn binding(&mut self, name: &str, binding: &Binding) -> Result<Arc<Bind>, Problem> {
        let is_time = name == "time";
        if is_time && binding.forms.is_empty() {
            return Err(problem!("a received time says in which forms: as: […]"));
        }
        if !binding.forms.is_empty() && (name == "nonce" || binding.template.is_some()) {
            return Err(problem!("`as` is for a time, which is bound by a name of its own"));
        }
        if binding.keep == Keep::Instant && !is_time {
            return Err(problem!("`keep` is for `time` only"));
        }
        if let Some(way) = binding.deviation.as_deref() {
            let is_of_time = Binding::OF_TIME.iter().any(|(other, _)| *other == way);
            let fits = if binding.template.is_some() { Binding::OF_TEMPLATE.contains(&way) } else { is_of_time };
            match fits {
                _ if self.as_written => return Err(wrong_way(way)),
                true => {}
                false => return Err(problem!("`{way}` is no wrong way to receive this")),
            }
        }
        let mut alternatives = Vec::new();
        let mut common = None;
        let several = binding.first_of.len() > 1;
        for (i, alternative) in binding.first_of.iter().enumerate() {
            let way = || if several { vec!["first-of".into(), i.into()] } else { vec!["from".into()] };
            let (code, found) = self.pipeline(alternative).map_err(|e| e.within(way()))?;
            if *common.get_or_insert(found) != found {
                return Err(problem!("these give different types"));
            }
            alternatives.push(code);
        }
        let ty = common.unwrap_or(Type::Bytes);
        if ty != Type::Bytes && (name == "nonce" || !binding.forms.is_empty() || binding.template.is_some()) {
            return Err(problem!("this binding needs bytes and gets {}", ty.name()));
        }
        let bound = match &binding.template {
            Some(template) => self.template(template, binding)?,
            None if is_time => Bound::Time,
            None if name == "nonce" => Bound::Nonce,
            None => Bound::Value(self.receive(name, ty)?, binding.read_as()),
        };
        let takes_any_text = binding.deviation.as_deref() == Some("any-text");
        Ok(Arc::new(Bind { name: name.into(), alternatives, bound, optional: binding.optional, takes_any_text }))
    }

    fn receive(&mut self, name: &str, ty: Type) -> Result<usize, Problem> {
        if let Some(stage) = name.strip_prefix("stage.").filter(|stage| !self.operation.derive.contains_key(*stage)) {
            return Err(unknown("stage", stage, self.operation.derive.keys()));
        }
        if self.received.iter().any(|(n, _)| n == name) {
            return Err(problem!("`{name}` is received twice"));
        }
        self.received.push((name.to_owned(), ty));
        Ok(self.received.len() - 1)
    }

    fn template(&mut self, template: &str, binding: &Binding) -> Result<Bound, Problem> {
        let mut pieces = Vec::new();
        for (text, is_name) in cut(template) {
            if is_name {
                if matches!(pieces.last(), Some(Piece::Placeholder(_))) {
                    return Err(problem!("two placeholders need literal text between them"));
                }
                pieces.push(Piece::Placeholder(self.receive(text, Type::Bytes)?));
            } else {
                pieces.push(Piece::Literal(text.as_bytes().to_vec()));
            }
        }
        Ok(Bound::Template { pieces, caseless: binding.caseless, deviation: binding.deviation.clone() })
    }

    pub(super) fn stage_unit(&mut self, name: &str, pipeline: &Pipeline) -> Result<Arc<Stage>, Problem> {
        let within = |e: Problem| e.within(["derive".into(), name.into()]);
        self.begin();
        let (code, ty) = self.pipeline(pipeline).map_err(within)?;
        let received = self.received.iter().position(|(n, _)| n.strip_prefix("stage.") == Some(name));
        if let Some(i) = received.filter(|&i| self.received[i].1 != ty) {
            let (own, found) = (ty.name(), self.received[i].1.name());
            return Err(within(problem!("this stage is {own}, and what is received in its place is {found}")));
        }
        let (takes, uses) = (code.taken(), std::mem::take(&mut self.uses));
        let reads = std::mem::take(&mut self.reads).into_iter().collect();
        let signs = self.signs && received.is_none();
        Ok(Arc::new(Stage { name: name.to_owned(), code, received, ty, signs, reads, uses, takes }))
    }

    pub(super) fn placed_units(&mut self, place: &Place, prepare: bool) -> Result<Vec<Arc<Placed>>, Problem> {
        place.fields().map(|field| self.placed_unit(field, prepare)).collect()
    }

    pub(super) fn placed_unit(
        &mut self,
        (into, name, pipeline): (Destination, &str, &Pipeline),
        prepare: bool,
    ) -> Result<Arc<Placed>, Problem> {
        let block = if prepare { "prepare" } else { "place" };
        let within = |e: Problem| e.within([block.into(), into.word().into(), name.into()]);
        if into == Destination::Path && (prepare || name != "whole") {
            return Err(within(problem!(
                "a path is placed as a whole, and in `place` alone: place: {{path: {{whole: …}}}}"
            )));
        }
        self.begin();
        let code = self.of_bytes(pipeline, "a field").map_err(within)?;
        if prepare && self.reads.contains(&into) {
            let part = into.word();
            return Err(within(problem!("what is prepared may not depend on the {part} that it is put into")));
        }
        Ok(Arc::new(Placed { into, name: name.to_owned(), code, uses: std::mem::take(&mut self.uses) }))
    }

    pub(super) fn check_unit(&mut self, i: usize, check: &Check) -> Result<Arc<Checked>, Problem> {
        self.begin();
        let args = self.args(&check.test).map_err(|e| e.within(["verify".into(), i.into()]))?;
        let (test, uses) = (check.test.item.does.test, std::mem::take(&mut self.uses));
        let (optional, class, refusal) = (check.optional, check.reject, check.refusal.clone());
        Ok(Arc::new(Checked { test, args, optional, class, refusal, uses }))
    }

    pub(super) fn needs_time(&self) -> Result<(), Problem> {
        match self.operation.receive.contains_key("time") {
            true => Ok(()),
            false => Err(problem!("no time is received: bind it with receive: {{time: {{from: …, as: …}}}}")),
        }
    }

    /// The number of a received value that is a time.
    pub(super) fn received_time(&self, name: &str) -> Result<usize, Problem> {
        let i = self.received.iter().position(|(other, _)| other == name);
        let i = i.ok_or_else(|| unknown("received value", name, self.received.iter().map(|(name, _)| name)))?;
        match self.operation.receive.get(name) {
            Some(binding) if !binding.forms.is_empty() => Ok(i),
            _ => Err(problem!("`{name}` is no time: say in `receive` in which forms, as: […]")),
        }
    }

    /// The number of a value of the account that is no key.
    pub(super) fn credential(&self, name: &str) -> Result<usize, Problem> {
        match self.held(name)? {
            (_, Held::Private(_)) => Err(problem!("`{name}` is a private half, with which only `sign` does anything")),
            (i, _) => Ok(i),
        }
    }

    /// The number of a value of the account, and what it is.
    pub(super) fn held(&self, name: &str) -> Result<(usize, Held), Problem> {
        let i = self.account.iter().position(|(other, _)| other == name);
        let i = i.ok_or_else(|| unknown("credential", name, self.account.iter().map(|(name, _)| name)))?;
        Ok((i, self.account[i].1))
    }

    /// Begins a unit, which reads, uses and signs nothing yet.
    fn begin(&mut self) {
        self.reads.clear();
        self.uses.clear();
        self.signs = false;
    }
}

/// Names of the values of an account, and what each is: a pair has two.
fn held(account: &IndexMap<String, CredentialKind>) -> Vec<(String, Held)> {
    let values = |(name, kind): (&String, &CredentialKind)| match kind {
        CredentialKind::Public | CredentialKind::Attribute => vec![(name.clone(), Held::Bytes)],
        CredentialKind::Secret => vec![(name.clone(), Held::Secret)],
        CredentialKind::Addresses => vec![(name.clone(), Held::Addresses)],
        CredentialKind::Pair(kind) => {
            vec![(format!("{name}.private"), Held::Private(*kind)), (format!("{name}.public"), Held::Public(*kind))]
        }
    };
    account.iter().flat_map(values).collect()
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

/// A name that the scheme does not have.
pub(super) fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n String>) -> Problem {
    let known: Vec<_> = known.map(String::as_str).collect();
    let near = suggestion(name, known.iter().copied());
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    problem!("unknown {what} `{name}`{near}; the scheme has {known}")
}

/// Something that only mutants do, in a scheme file.
pub(super) fn wrong_way(word: &str) -> Problem {
    problem!(
        "`{word}` is a wrong way that mutants go; a scheme file may not prescribe it; text is put around a value by \
         `concat` or `template`"
    )
}
