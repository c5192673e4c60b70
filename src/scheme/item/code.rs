//! Expressions of Python and of JavaScript, in which an item writes itself.
//!
//! Every value is bytes: `bytes` in Python, a `Buffer` in JavaScript, and text where a step has made text of it. Pairs
//! are arrays of names and values, where no value counts as an empty one. Within a line feed may be broken.

use crate::scheme::machine::{Side, Type};
use serde_json::{Map, Value};

/// Columns of a line of code.
pub const WIDTH: usize = 60;

/// A language that items are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Python 3.9 or later.
    Python,
    /// JavaScript, for Node.js.
    JavaScript,
}

/// Kind of a value in code: of its names, values and items where it has such.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Bytes.
    Bytes,
    /// A string of the language.
    Text,
}

/// An expression.
#[derive(Debug, Clone)]
pub struct Expression {
    pub code: String,
    pub kind: Kind,
    pub ty: Type,
    /// Text that it always is.
    pub literal: Option<String>,
    /// Tells whether it is a sum, which stands between brackets within another expression.
    pub is_sum: bool,
    /// Tells whether it may be bytes that are no text.
    pub is_raw: bool,
    /// What is done to `x`, each of these sides.
    pub each: Option<(Side, String)>,
}

/// An item in code with these options, where it has a short form.
pub type InCode = fn(&Coder) -> Option<Expression>;

/// What an item needs to write itself.
#[derive(Debug)]
pub struct Coder {
    pub language: Language,
    /// Its options, as they are printed.
    pub options: Map<String, Value>,
    /// The pipelines within it.
    pub inner: Vec<Expression>,
    /// The value that comes in.
    pub flow: Expression,
    /// Tells whether names compare without regard to case.
    pub is_caseless: bool,
}

impl Expression {
    /// An expression of bytes.
    pub fn new(code: impl Into<String>, kind: Kind) -> Expression {
        let (ty, is_raw) = (Type::Bytes, kind == Kind::Bytes);
        Expression { code: code.into(), kind, ty, literal: None, is_sum: false, is_raw, each: None }
    }

    /// The expression, of this kind.
    pub fn of(&self, kind: Kind, language: Language) -> String {
        let of_kind = |code: &str| match (language, kind, self.kind) {
            (Language::Python, Kind::Bytes, Kind::Text) => format!("{code}.encode()"),
            (Language::Python, Kind::Text, Kind::Bytes) => format!("{code}.decode()"),
            (Language::JavaScript, Kind::Bytes, Kind::Text) => format!("Buffer.from({code})"),
            (Language::JavaScript, Kind::Text, Kind::Bytes) => format!("{code}.toString()"),
            _ => code.to_owned(),
        };
        if self.ty == Type::Bytes {
            return of_kind(&if self.is_sum { format!("({})", self.code) } else { self.code.clone() });
        }
        let (side, each) = self.each.as_ref().map_or((Side::Both, "x"), |(side, each)| (*side, each));
        let (each, over) = (of_kind(each), &self.code);
        match (language, self.ty, side) {
            _ if each == "x" => over.clone(),
            (Language::Python, Type::List, _) => format!("[{each} \nfor x in {over}]"),
            (Language::Python, _, Side::Both) => format!("[tuple({each} for x in pair) \nfor pair in {over}]"),
            (Language::Python, _, Side::Name) => format!("[({each}, value) \nfor x, value in {over}]"),
            (Language::Python, _, Side::Value) => format!("[(name, {each}) \nfor name, x in {over}]"),
            (Language::JavaScript, Type::List, _) => format!("{over}.map(x => \n{each})"),
            (Language::JavaScript, _, Side::Both) => format!("{over}.map(pair => pair.map(x => \n{each}))"),
            (Language::JavaScript, _, Side::Name) => format!("{over}.map(([x, value]) => \n[{each}, value])"),
            (Language::JavaScript, _, Side::Value) => format!("{over}.map(([name, x]) => \n[name, {each}])"),
        }
    }

    /// The expression as it is; names, values and items are bytes in Python.
    pub fn any(&self, language: Language) -> String {
        let is_bytes = language == Language::Python && self.ty != Type::Bytes;
        self.of(if is_bytes { Kind::Bytes } else { self.kind }, language)
    }
}

impl Coder {
    /// What comes in, for a function that takes bytes: in JavaScript it takes strings as well.
    pub fn any(&self) -> String {
        match self.language {
            Language::Python => self.bytes(),
            Language::JavaScript => self.flow.any(self.language),
        }
    }

    /// What comes in, as bytes.
    pub fn bytes(&self) -> String {
        self.flow.of(Kind::Bytes, self.language)
    }

    /// What comes in: as a string in JavaScript, as bytes in Python.
    pub fn text(&self) -> String {
        let kind = if self.language == Language::Python { Kind::Bytes } else { Kind::Text };
        self.flow.of(kind, self.language)
    }

    /// An expression of text.
    pub fn gives_text(&self, python: String, javascript: String) -> Option<Expression> {
        self.gives([Kind::Text, Kind::Text], python, javascript)
    }

    /// An expression of bytes.
    pub fn gives_bytes(&self, python: String, javascript: String) -> Option<Expression> {
        self.gives([Kind::Bytes, Kind::Bytes], python, javascript)
    }

    /// An expression of a string in JavaScript, and of bytes in Python.
    pub fn gives_string(&self, python: String, javascript: String) -> Option<Expression> {
        self.gives([Kind::Bytes, Kind::Text], python, javascript)
    }

    fn gives(&self, [of_python, of_javascript]: [Kind; 2], python: String, javascript: String) -> Option<Expression> {
        Some(match self.language {
            Language::Python => Expression::new(python, of_python),
            Language::JavaScript => Expression::new(javascript, of_javascript),
        })
    }

    /// Pairs of the kind of those that come in.
    pub fn gives_pairs(&self, python: String, javascript: String) -> Option<Expression> {
        let kind = if self.language == Language::Python { Kind::Bytes } else { self.flow.kind };
        self.gives([kind, kind], python, javascript)
    }

    /// What comes in, as digits or letters of an encoding in JavaScript; a hash is asked for them.
    pub fn encoded(&self, form: &str) -> String {
        let it = self.bytes();
        match it.strip_suffix(".digest()") {
            Some(hash) => format!("{hash}.digest(\"{form}\")"),
            None => format!("{it}.toString(\"{form}\")"),
        }
    }

    /// A text among its options; empty where it is none.
    pub fn option(&self, name: &str) -> &str {
        self.options.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Returns whether an option is given, or set.
    pub fn has(&self, name: &str) -> bool {
        self.options.get(name).is_some_and(|value| *value != Value::Bool(false))
    }

    /// Texts among its options.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        match self.options.get(name) {
            Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
            other => other.and_then(Value::as_str).into_iter().collect(),
        }
    }

    /// A text as a literal: of bytes in Python, of a string in JavaScript.
    pub fn literal(&self, text: &str) -> String {
        match self.language {
            Language::Python => format!("b\"{}\"", text.as_bytes().escape_ascii().to_string().replace("\\'", "'")),
            Language::JavaScript => Value::from(text).to_string(),
        }
    }

    /// Texts as a list of literals.
    pub fn literals<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> String {
        let literals: Vec<String> = texts.into_iter().map(|text| self.literal(text)).collect();
        let line = literals.join(", ");
        format!("[{}]", if line.len() * 2 > WIDTH { literals.join(", \n") } else { line })
    }

    /// Its parts with a text between.
    pub fn parts(&self, with: &str) -> Option<Expression> {
        let (all, between) = (&self.inner, self.literal(with));
        let of = |kind: Kind| all.iter().map(move |part| part.of(kind, self.language)).collect::<Vec<String>>();
        let is_short = |code: &str| with.is_empty() && code.len() <= WIDTH;
        let (sum, parts) = match self.language {
            _ if all.len() == 1 => return Some(all[0].clone()),
            Language::Python => (of(Kind::Bytes).join(" + "), of(Kind::Bytes)),
            Language::JavaScript => {
                let piece = |part: &Expression| match &part.literal {
                    Some(text) => Value::from(text.as_str())
                        .to_string()
                        .trim_matches('"')
                        .replace('`', "\\`")
                        .replace("\\\"", "\""),
                    None => format!("${{{}}}", part.code),
                };
                let any = all.iter().map(|part| part.any(self.language));
                (format!("`{}`", all.iter().map(piece).collect::<String>()), any.collect())
            }
        };
        let is_sum = is_short(&sum);
        let python = if is_sum { sum.clone() } else { format!("{between}.join([{}])", parts.join(", \n")) };
        let javascript = match () {
            () if all.iter().any(|part| part.is_raw) => {
                let comma = if with.is_empty() { ", \n".into() } else { format!(", Buffer.from({between}), \n") };
                let whole = format!("Buffer.concat([{}])", of(Kind::Bytes).join(&comma));
                return self
                    .gives_bytes(python, whole)
                    .map(|it| Expression { is_sum: is_sum && self.language == Language::Python, ..it });
            }
            () if is_sum => sum,
            () => format!("[{}].join({between})", parts.join(", \n")),
        };
        let is_sum = is_sum && self.language == Language::Python;
        Some(Expression { is_sum, ..self.gives_string(python, javascript)? })
    }
}

/// A text as it is written within a regular expression.
pub fn pattern(text: &str) -> String {
    let escape = |c: char| if "\\^$.*+?()[]{}|/-".contains(c) { format!("\\{c}") } else { c.to_string() };
    text.chars().map(escape).collect()
}
