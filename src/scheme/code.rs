//! Pipelines and checks in code: lines of Python or of JavaScript that do what they say.
//!
//! A pipeline is written by nesting; what grows too long for a line is `value` from there on.

use super::item::{Check, Coder, Expression, Family, Kind, Language, Node, Pipeline, Source, Step, WIDTH};
use super::machine::{Does, Side, Supply, Type};

/// Number of lines beyond which nothing is written.
const MOST: usize = 6;

/// Names that mean something else in code that is written.
const TAKEN: [&str; 16] = [
    "value", "name", "pair", "x", "item", "hmac", "hashlib", "base64", "urllib", "re", "crypto", "from", "in", "class",
    "global", "default",
];

impl Pipeline {
    /// Lines that evaluate it, the last of which is an expression; none where it has no short form, or where a name
    /// would say all.
    pub fn in_code(&self, language: Language) -> Option<Vec<String>> {
        self.lines(language, 0, self.steps.len())
    }

    /// The same of the longest part of it around a node that has such lines, with `value` for what comes in; 0 is the
    /// source, 1 the first step. The part is one in which both languages can write it.
    pub fn in_code_around(&self, node: usize) -> Option<[Vec<String>; 2]> {
        let both = |(from, to): (usize, usize)| {
            Some([self.lines(Language::Python, from, to)?, self.lines(Language::JavaScript, from, to)?])
        };
        let last = self.steps.len();
        let mut parts: Vec<(usize, usize)> =
            (0..=node).flat_map(|from| (node.max(from.max(1))..=last).map(move |to| (from, to))).collect();
        parts.sort_by_key(|(from, to)| std::cmp::Reverse(to - from));
        both((0, last)).or_else(|| parts.into_iter().find_map(both))
    }

    /// The type of its source, which the steps after it take.
    fn starts_with(&self) -> Type {
        let fits = |ty: &Type| self.after(*ty, self.steps.len()).is_some();
        match self.source.item.does.value {
            Supply::Bytes(_) | Supply::Make(_) => Type::Bytes,
            Supply::Pairs(_) => Type::Pairs,
            Supply::Either(..) | Supply::Stage | Supply::Received => {
                [Type::Bytes, Type::Pairs, Type::List].into_iter().find(fits).unwrap_or(Type::Bytes)
            }
        }
    }

    /// The type after so many steps from a type.
    fn after(&self, ty: Type, steps: usize) -> Option<Type> {
        self.steps[..steps].iter().try_fold(ty, |ty, step| step.item.does.gives(ty))
    }

    /// Lines of the nodes from one to another, each by its number.
    fn lines(&self, language: Language, from: usize, to: usize) -> Option<Vec<String>> {
        let named = sources(self);
        let value = |ty: Type, kind: Kind| Expression { ty, ..Expression::new("value", kind) };
        let mut flow = match from {
            0 => source(self, language, &named)?,
            _ => value(self.after(self.starts_with(), from - 1)?, Kind::Bytes),
        };
        let is_name =
            |flow: &Expression| flow.each.is_none() && flow.code.chars().all(|c| c.is_alphanumeric() || c == '_');
        let steps = &self.steps[from.saturating_sub(1)..to];
        if steps.is_empty() && (is_name(&flow) || flow.literal.is_some()) {
            return None;
        }
        let end = if language == Language::JavaScript { ";" } else { "" };
        let mut lines = Vec::new();
        for (i, step) in steps.iter().enumerate() {
            let of_headers = self.source.is("headers");
            let mut next = apply(step, language, &named, flow.clone(), of_headers)?;
            // What is not the last line has `value = ` before it.
            let room = if i + 1 == steps.len() { WIDTH } else { WIDTH - 8 };
            let is_long = next.any(language).replace('\n', "").len() > room;
            if (is_long || flow.is_sum) && !is_name(&flow) {
                lines.extend(broken(&format!("value = {}{end}", whole(&flow, language))));
                next = apply(step, language, &named, value(flow.ty, of_any(&flow, language)), of_headers)?;
            }
            flow = next;
        }
        lines.extend(broken(&whole(&flow, language)));
        (lines.len() <= MOST).then_some(lines)
    }
}

impl Check {
    /// Lines that make the test, where it has a short form.
    pub fn in_code(&self, language: Language) -> Option<Vec<String>> {
        let sources: Vec<&Source> = self.test.pipelines().into_iter().flat_map(|(_, part)| sources(part)).collect();
        let nothing = Expression::new("value", Kind::Bytes);
        let code = node(&self.test, language, &sources, nothing, false)?;
        Some(broken(&code.any(language)))
    }
}

/// Sources without parts, of a pipeline and all within it.
fn sources(pipeline: &Pipeline) -> Vec<&Source> {
    pipeline.all().into_iter().map(|part| &part.source).filter(|source| source.pipelines().is_empty()).collect()
}

/// An expression that stands alone.
fn whole(flow: &Expression, language: Language) -> String {
    if flow.is_sum { flow.code.clone() } else { flow.any(language) }
}

/// The kind of a value that stands alone.
fn of_any(flow: &Expression, language: Language) -> Kind {
    if flow.ty != Type::Bytes && language == Language::Python { Kind::Bytes } else { flow.kind }
}

/// A step of what comes in.
fn apply(step: &Step, language: Language, named: &[&Source], flow: Expression, of_headers: bool) -> Option<Expression> {
    let (does, ty) = (step.item.does, flow.ty);
    let gives = does.gives(ty)?;
    let Does::Each(_, own) = does else {
        let code = node(step, language, named, flow, of_headers && matches!(does, Does::Pairs(_)))?;
        return Some(Expression { ty: gives, ..code });
    };
    if ty == Type::Bytes {
        return node(step, language, named, flow, false);
    }
    let side = match step.get("of").text() {
        "name" => Side::Name,
        "value" => Side::Value,
        _ => own,
    };
    // What is done to other sides is done before.
    let (over, x) = match &flow.each {
        Some((other, each)) if *other == side => (flow.code.clone(), Expression::new(each, flow.kind)),
        _ => (flow.any(language), Expression::new("x", of_any(&flow, language))),
    };
    let each = node(step, language, named, x, false)?;
    let is_of_one = side != Side::Both && ty == Type::Pairs && flow.kind != each.kind;
    let (each, kind) = match is_of_one {
        true => (each.of(flow.kind, language), flow.kind),
        false => (each.any(language), each.kind),
    };
    Some(Expression { ty, each: Some((side, each)), ..Expression::new(over, kind) })
}

/// The value that a pipeline within another gives.
fn within(pipeline: &Pipeline, language: Language, named: &[&Source]) -> Option<Expression> {
    let of_headers = pipeline.source.is("headers");
    let start = source(pipeline, language, named)?;
    pipeline.steps.iter().try_fold(start, |flow, step| apply(step, language, named, flow, of_headers))
}

/// The value of a source: by its name, where it has no parts.
fn source(pipeline: &Pipeline, language: Language, named: &[&Source]) -> Option<Expression> {
    let source = &pipeline.source;
    let ty = pipeline.starts_with();
    if source.item.code.is_none() && source.pipelines().is_empty() {
        let is_raw = source.is("body");
        return Some(Expression { ty, is_raw, ..Expression::new(name(source, language, named)?, Kind::Bytes) });
    }
    let code = node(source, language, named, Expression::new("value", Kind::Bytes), false)?;
    Some(Expression { ty, ..code })
}

/// A node, where its item has code, and no wrong way of mutants is among its options.
fn node<E: Family>(
    node: &Node<E>,
    language: Language,
    named: &[&Source],
    flow: Expression,
    is_caseless: bool,
) -> Option<Expression> {
    let code = node.item.code.filter(|_| *node.get("deviation") == super::item::Arg::Absent)?;
    let inner: Option<Vec<Expression>> =
        node.pipelines().into_iter().map(|(_, part)| within(part, language, named)).collect();
    let is_caseless = is_caseless || node.get("caseless").is_set();
    code(&Coder { language, options: node.options(), inner: inner?, flow, is_caseless })
}

/// The name of a source in code; with that of its space where it would be another's.
fn name(source: &Source, language: Language, named: &[&Source]) -> Option<String> {
    let cased = |text: &str| cased(text, language);
    let own = |source: &Source| match source.first().text() {
        own if !own.is_empty() && source.name_in(source.word()).is_some() => cased(own),
        _ => cased(source.word()),
    };
    let others = || named.iter().filter(|other| **other != source && !other.is_fixed());
    let plain = own(source);
    let is_good = plain.starts_with(|c: char| c.is_ascii_alphabetic()) && !TAKEN.contains(&plain.as_str());
    if is_good && others().all(|other| own(other) != plain) {
        return Some(plain);
    }
    let spaced = |source: &Source| cased(&format!("{} {}", source.word(), source.first().text()));
    let name = spaced(source);
    (source.name_in(source.word()).is_some() && others().all(|other| spaced(other) != name)).then_some(name)
}

/// A name in the form of names of a language: `api_key`, `apiKey`.
fn cased(text: &str, language: Language) -> String {
    let mut name = String::new();
    let mut before = '-';
    for c in text.chars() {
        let starts = !before.is_alphanumeric() || (c.is_uppercase() && !before.is_uppercase());
        match (language, starts && c.is_alphanumeric() && !name.is_empty()) {
            (Language::JavaScript, true) => name.push(c.to_ascii_uppercase()),
            (Language::Python, true) => name.extend(['_', c.to_ascii_lowercase()]),
            _ if c.is_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ => {}
        }
        before = c;
    }
    name
}

/// Code in lines: where it is too long for one, it is broken where it may be.
fn broken(code: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let is_short = code.replace('\n', "").len() <= WIDTH;
    for piece in code.split('\n') {
        let line = lines.last_mut().filter(|line| is_short || line.is_empty() || line.len() + piece.len() <= WIDTH);
        match line {
            Some(line) => line.push_str(piece),
            None => lines.push(format!("    {piece}")),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}
