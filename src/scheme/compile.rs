//! Compilation: static checks of names and types, then names become numbers.
//!
//! A problem carries the path of its node, from which the loader finds the line.

use super::check::{Addresses, Check, Test};
use super::model::{Binding, CredentialKind, Operation, Place, QueryForm, Scheme};
use super::pipeline::Pipeline;
use super::program::*;
use super::source::{Field, Part, Repeated, Source};
use super::step::{self, Action, Step};
use crate::bytes::Bytes;
use crate::primitive::encoding::Base64;
use crate::primitive::percent::{KeepSet, Plus};
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
enum Type {
    Bytes,
    Pairs,
    List,
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Type::Bytes => "bytes",
            Type::Pairs => "pairs",
            Type::List => "a list",
        }
    }
}

/// What a value depends on, so that nothing reads what is still being written.
type Reads = BTreeSet<&'static str>;

struct Compiler<'a> {
    scheme: &'a Scheme,
    operation: &'a Operation,
    constants: Vec<Vec<u8>>,
    stages: Vec<(String, Type, Reads)>,
    received: Vec<(String, Type)>,
    /// Whether `received.X` may be used here.
    verifying: bool,
    path: String,
}

impl Program {
    /// Compiles an operation; `scheme` gives the account and the parameters.
    pub fn compile(scheme: &Scheme, operation: &Operation) -> Result<Program, Problem> {
        let mut c = Compiler {
            scheme,
            operation,
            constants: Vec::new(),
            stages: Vec::new(),
            received: Vec::new(),
            verifying: true,
            path: String::new(),
        };
        let bindings = c.bindings()?;
        c.verifying = false;
        let stages = c.stages()?;
        let prepare = c.placed(&operation.prepare, "prepare", true)?;
        let place = c.placed(&operation.place, "place", false)?;
        c.verifying = true;
        let checks =
            operation.verify.iter().enumerate().map(|(i, check)| c.check(i, check)).collect::<Result<_, _>>()?;
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
            constants: c.constants,
            prepare,
            bindings,
            stages,
            place,
            checks,
        })
    }
}

impl Compiler<'_> {
    fn problem<T>(&self, message: impl Into<String>) -> Result<T, Problem> {
        Err(Problem { path: self.path.clone(), message: message.into() })
    }

    fn constant(&mut self, bytes: &[u8]) -> usize {
        let known = self.constants.iter().position(|c| c == bytes);
        known.unwrap_or_else(|| {
            self.constants.push(bytes.to_vec());
            self.constants.len() - 1
        })
    }

    fn bindings(&mut self) -> Result<Vec<Bind>, Problem> {
        let operation = self.operation;
        operation.receive.iter().map(|(name, binding)| self.binding(name, binding)).collect()
    }

    fn binding(&mut self, name: &str, binding: &Binding) -> Result<Bind, Problem> {
        self.path = format!("receive.{name}");
        if let Some(stage) = name.strip_prefix("stage.").filter(|stage| !self.operation.derive.contains_key(*stage)) {
            return self.unknown("stage", stage, self.operation.derive.keys());
        }
        let is_time = name == "time";
        if is_time == binding.forms.is_empty() {
            let message =
                if is_time { "a received time says in which forms: as: […]" } else { "`as` is for `time` only" };
            return self.problem(message);
        }
        let mut alternatives = Vec::new();
        let mut ty = Type::Bytes;
        for alternative in &binding.first_of {
            let (code, found, _) = self.pipeline(alternative)?;
            ty = found;
            alternatives.push(code);
        }
        if ty != Type::Bytes && (is_time || name == "nonce" || binding.template.is_some()) {
            return self.problem(format!("this binding needs bytes and gets {}", ty.name()));
        }
        let bound = match &binding.template {
            Some(template) => self.template(template, binding.caseless)?,
            None if is_time => Bound::Time,
            None if name == "nonce" => Bound::Nonce,
            None => Bound::Value(self.receive(name, ty)?),
        };
        Ok(Bind { name: name.into(), alternatives, bound })
    }

    fn receive(&mut self, name: &str, ty: Type) -> Result<usize, Problem> {
        if self.received.iter().any(|(n, _)| n == name) {
            return self.problem(format!("`{name}` is received twice"));
        }
        self.received.push((name.to_owned(), ty));
        Ok(self.received.len() - 1)
    }

    fn template(&mut self, template: &str, caseless: bool) -> Result<Bound, Problem> {
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
        Ok(Bound::Template { pieces, caseless })
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
            stages.push(Stage { name: name.clone(), code, received, is_bytes: ty == Type::Bytes });
            self.stages.push((name.clone(), ty, reads));
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
                let (code, ty, reads) = self.pipeline(pipeline)?;
                if ty != Type::Bytes {
                    return self.problem(format!("a field needs bytes and gets {}", ty.name()));
                }
                if prepare && reads.contains(part) {
                    return self.problem(format!("what is prepared may not depend on the {part} that it is put into"));
                }
                placed.push(Placed { into, name: name.clone(), code });
            }
        }
        Ok(placed)
    }

    fn check(&mut self, i: usize, check: &Check) -> Result<Checked, Problem> {
        self.path = format!("verify.{i}");
        let test = match &check.test {
            Test::Present(value) => TestCode::Present(self.bytes(value)?),
            Test::Account(fields) => {
                let mut codes = Vec::new();
                for (name, value) in fields {
                    codes.push((self.credential(name)?, self.bytes(value)?));
                }
                TestCode::Account(codes)
            }
            Test::Equal { left, right, caseless } => {
                TestCode::Equal { left: self.bytes(left)?, right: self.bytes(right)?, caseless: *caseless }
            }
            Test::AnyEqual { list, value } => TestCode::AnyEqual { list: self.list(list)?, value: self.bytes(value)? },
            Test::OneOf { value, allowed } => {
                let allowed = allowed.iter().map(|text| text.clone().into_bytes()).collect();
                TestCode::OneOf { value: self.bytes(value)?, allowed }
            }
            Test::Matches { value, syntax } => TestCode::Matches { value: self.bytes(value)?, syntax: *syntax },
            Test::Includes { list, item } => {
                TestCode::Includes { list: self.list(list)?, item: item.clone().into_bytes() }
            }
            Test::Fresh { within, lasting } => {
                self.needs_time()?;
                TestCode::Fresh { within: self.maybe(within.as_ref())?, lasting: self.maybe(lasting.as_ref())? }
            }
            Test::Until => {
                self.needs_time()?;
                TestCode::Until
            }
            Test::AtMost { value, limit } => TestCode::AtMost { value: self.bytes(value)?, limit: *limit },
            Test::Unique(value) => TestCode::Unique(self.bytes(value)?),
            Test::Same { key, value } => TestCode::Same { key: self.bytes(key)?, value: self.bytes(value)? },
            Test::Rate { limit, per, by } => {
                TestCode::Rate { limit: self.bytes(limit)?, per: *per, by: self.bytes(by)? }
            }
            Test::Address(Addresses::Credential(name)) => {
                let i = self.credential(name)?;
                if self.scheme.account[name] != CredentialKind::Addresses {
                    return self.problem(format!("`{name}` is no list of addresses"));
                }
                TestCode::Address(AddressList::Credential(i))
            }
            Test::Address(Addresses::Listed(list)) => {
                let networks: Option<_> = list.iter().map(|text| network(text)).collect();
                match networks {
                    Some(networks) => TestCode::Address(AddressList::Listed(networks)),
                    None => return self.problem("a listed address is neither an address nor a CIDR prefix"),
                }
            }
            Test::Under { url, base } => TestCode::Under { url: self.bytes(url)?, base: self.bytes(base)? },
        };
        Ok(Checked { test, class: check.reject, refusal: check.refusal.clone() })
    }

    fn needs_time(&self) -> Result<(), Problem> {
        if self.operation.receive.contains_key("time") {
            return Ok(());
        }
        self.problem("no time is received: bind it with receive: {time: {from: …, as: …}}")
    }

    fn maybe(&mut self, pipeline: Option<&Pipeline>) -> Result<Option<Code>, Problem> {
        pipeline.map(|pipeline| self.bytes(pipeline)).transpose()
    }

    fn bytes(&mut self, pipeline: &Pipeline) -> Result<Code, Problem> {
        self.typed(pipeline, Type::Bytes)
    }

    fn list(&mut self, pipeline: &Pipeline) -> Result<Code, Problem> {
        self.typed(pipeline, Type::List)
    }

    fn typed(&mut self, pipeline: &Pipeline, wanted: Type) -> Result<Code, Problem> {
        match self.pipeline(pipeline)? {
            (code, ty, _) if ty == wanted => Ok(code),
            (_, ty, _) => self.problem(format!("{} is needed here, and this gives {}", wanted.name(), ty.name())),
        }
    }

    fn credential(&self, name: &str) -> Result<usize, Problem> {
        let position = self.scheme.account.get_index_of(name);
        position.map_or_else(|| self.unknown("credential", name, self.scheme.account.keys()), Ok)
    }

    fn unknown<'n, T>(&self, what: &str, name: &str, known: impl Iterator<Item = &'n String>) -> Result<T, Problem> {
        let known: Vec<_> = known.map(String::as_str).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        self.problem(format!("unknown {what} `{name}`; the scheme has {known}"))
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> Result<(Code, Type, Reads), Problem> {
        let mut reads = Reads::new();
        let (source, mut ty) = self.source(&pipeline.source, &mut reads)?;
        let mut steps = Vec::new();
        for step in &pipeline.steps {
            let (op, gives) = self.step(step, ty, &mut reads)?;
            steps.push(op);
            ty = gives;
        }
        Ok((Code { source, steps }, ty, reads))
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
            Source::Literal(Bytes(bytes)) => Load::Constant(self.constant(bytes)),
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
                    codes.push((self.constant(name.as_bytes()), code));
                }
                return Ok((Load::Pairs(codes), Type::Pairs));
            }
        };
        Ok((load, Type::Bytes))
    }

    fn stage(&self, name: &str, reads: &mut Reads) -> Result<(Load, Type), Problem> {
        if let Some(i) = self.stages.iter().position(|(n, ..)| n == name) {
            reads.extend(self.stages[i].2.iter());
            return Ok((Load::Stage(i), self.stages[i].1));
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
        let with = self.constant(with);
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

    fn step(&mut self, step: &Step, ty: Type, reads: &mut Reads) -> Result<(Op, Type), Problem> {
        let on_bytes = |op: BytesOp, side: step::Side| match (ty, side) {
            (Type::Bytes | Type::List, step::Side::Name | step::Side::Value) => None,
            _ => Some((Op::Bytes(op, side), ty)),
        };
        let both = step::Side::Both;
        let needs = |wanted: Type, op: Op, gives: Type| (ty == wanted).then_some((op, gives));
        let compiled = match &step.0 {
            Action::Digest(step::Digest { with }) => on_bytes(BytesOp::Digest(*with), both),
            Action::Hmac(hmac) => {
                let (other, flow_is_key) = match (&hmac.key, &hmac.message) {
                    (Some(key), None) => (key, false),
                    (None, Some(message)) => (message, true),
                    _ => return self.problem("`hmac` has either `key` or `message`"),
                };
                let (other, other_ty, more) = self.pipeline(other)?;
                reads.extend(more);
                if other_ty != Type::Bytes {
                    return self.problem(format!("key and message of `hmac` are bytes, not {}", other_ty.name()));
                }
                needs(Type::Bytes, Op::Hmac { with: hmac.with, other, flow_is_key }, Type::Bytes)
            }
            Action::Hex(hex) => on_bytes(BytesOp::Hex(hex.case), both),
            Action::HexDecode(_) => on_bytes(BytesOp::HexDecode, both),
            Action::Base64(options) => on_bytes(BytesOp::Base64(base64(options)), both),
            Action::Base64Decode(options) => on_bytes(BytesOp::Base64Decode(base64(options)), both),
            Action::Truncate(truncate) => on_bytes(BytesOp::Truncate(truncate.bytes), both),
            Action::PercentEncode(options) => {
                let keep = Box::new(self.keep_set(&options.keep)?);
                on_bytes(BytesOp::PercentEncode { keep, case: options.case, plus: options.plus }, options.of)
            }
            Action::PercentDecode(options) => {
                let plus = if options.plus { Plus::Space } else { Plus::Literal };
                on_bytes(BytesOp::PercentDecode(plus), options.of)
            }
            Action::Lower(step::Of { of }) => on_bytes(BytesOp::Lower, *of),
            Action::Upper(step::Of { of }) => on_bytes(BytesOp::Upper, *of),
            Action::Trim(step::Of { of }) => on_bytes(BytesOp::Trim, *of),
            Action::CollapseSpace(step::Of { of }) => on_bytes(BytesOp::CollapseSpace, *of),
            Action::Unquote(step::Of { of }) => on_bytes(BytesOp::Unquote, *of),
            Action::NormalizePath(_) => on_bytes(BytesOp::NormalizePath, both),
            Action::StripPrefix(step::Text { text }) => on_bytes(BytesOp::StripPrefix(text.clone().into_bytes()), both),
            Action::PrefixUnlessEmpty(step::Text { text }) => {
                on_bytes(BytesOp::PrefixUnlessEmpty(text.clone().into_bytes()), both)
            }
            Action::DropDefaultPort(_) => on_bytes(BytesOp::DropDefaultPort, both),
            Action::Except(names) => self.filter(names, ty, Filter::Except, reads)?,
            Action::Only(names) => self.filter(names, ty, Filter::Only, reads)?,
            Action::ExceptEmpty(names) => self.filter(names, ty, Filter::ExceptEmpty, reads)?,
            Action::OnlyPrefix(step::Text { text }) => {
                needs(Type::Pairs, Op::Filter(Filter::OnlyPrefix(text.clone().into_bytes())), Type::Pairs)
            }
            Action::Sort(step::Sort { by, caseless }) => {
                (ty != Type::Bytes).then(|| (Op::Sort { by: by.clone(), caseless: *caseless }, ty))
            }
            Action::Group(step::With { with }) => needs(Type::Pairs, Op::Group(with.0.clone()), Type::Pairs),
            Action::First(step::Name { name }) => needs(Type::Pairs, Op::First(name.clone().into_bytes()), Type::Bytes),
            Action::All(step::Name { name }) => needs(Type::Pairs, Op::All(name.clone().into_bytes()), Type::List),
            Action::Names(_) => needs(Type::Pairs, Op::Names, Type::List),
            Action::Pair(pair) => {
                let with_value = self.pair_template(&pair.template)?;
                let valueless = pair.valueless.as_ref().map(|t| self.pair_template(t)).transpose()?;
                let valueless = valueless.unwrap_or_else(|| with_value.clone());
                needs(Type::Pairs, Op::Pair { with_value, valueless }, Type::List)
            }
            Action::Join(step::With { with }) => needs(Type::List, Op::Join(with.0.clone()), Type::Bytes),
            Action::Split(step::At { at }) => needs(Type::Bytes, Op::Split(self.cut_at(at)?), Type::List),
            Action::Assign(step::At { at }) => needs(Type::List, Op::Assign(self.cut_at(at)?), Type::Pairs),
        };
        compiled.map_or_else(
            || {
                let step = serde_json::Value::from(step.clone());
                let name =
                    step.as_object().and_then(|map| map.keys().next()).cloned().unwrap_or_else(|| step.to_string());
                self.problem(format!(
                    "the step `{name}` does not fit {} (`explain {name}` says what it takes)",
                    ty.name()
                ))
            },
            Ok,
        )
    }

    fn filter(
        &mut self,
        names: &step::Names,
        ty: Type,
        filter: fn(NameSet) -> Filter,
        reads: &mut Reads,
    ) -> Result<Option<(Op, Type)>, Problem> {
        let from = match &names.from {
            None => None,
            Some(pipeline) => {
                let (code, from_ty, more) = self.pipeline(pipeline)?;
                reads.extend(more);
                if from_ty != Type::List {
                    return self.problem(format!("names come from a list, not from {}", from_ty.name()));
                }
                Some(Box::new(code))
            }
        };
        let fixed = names.names.iter().map(|name| name.clone().into_bytes()).collect();
        let set = NameSet { names: fixed, from, caseless: names.caseless };
        Ok((ty == Type::Pairs).then(|| (Op::Filter(filter(set)), Type::Pairs)))
    }

    fn keep_set(&self, keep: &[String]) -> Result<KeepSet, Problem> {
        keep.iter().try_fold(KeepSet::NONE, |set, word| match word.as_str() {
            "unreserved" => Ok(set.union(&KeepSet::UNRESERVED)),
            one if one.len() == 1 => Ok(set.with(one.as_bytes())),
            other => self.problem(format!("`{other}` cannot be kept: say `unreserved`, or single ASCII characters")),
        })
    }

    fn pair_template(&self, template: &str) -> Result<Vec<TemplatePiece>, Problem> {
        let piece = |(text, is_name): (&str, bool)| match (text, is_name) {
            (literal, false) => Ok(TemplatePiece::Literal(literal.as_bytes().to_vec())),
            ("name", true) => Ok(TemplatePiece::Name),
            ("value", true) => Ok(TemplatePiece::Value),
            (other, true) => self.problem(format!("`{{{other}}}` is unknown; a pair has {{name}} and {{value}}")),
        };
        cut(template).into_iter().map(piece).collect()
    }

    fn cut_at(&self, at: &str) -> Result<Vec<u8>, Problem> {
        if at.is_empty() {
            return self.problem("an empty text cannot be cut at");
        }
        Ok(at.as_bytes().to_vec())
    }
}

fn base64(options: &step::Base64) -> Base64 {
    Base64 { alphabet: options.alphabet, padding: options.padding }
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
