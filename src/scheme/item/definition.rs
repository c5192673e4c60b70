//! What the definition of an item says.

use super::code::InCode;
use crate::scheme::machine::Type;

/// One step, source or check, written as an entry of a table of `items!`. `E` is what it does.
#[derive(Debug)]
pub struct Item<E: 'static> {
    /// The word by which it is written and addressed.
    pub word: &'static str,
    /// Words for it elsewhere, in lower case: nothing is written so, and `explain` and errors lead to it.
    pub also: &'static [&'static str],
    /// Its options, in order.
    pub options: &'static [Opt],
    /// Written form of its options.
    pub written: Written,
    /// Its effect and who needs it, in words.
    pub reason: &'static str,
    /// Example of its use, as JSON, and what comes of that.
    pub example: (&'static str, &'static str),
    /// Place where the rule stands.
    pub document: &'static str,
    /// Its effect.
    pub does: E,
    /// How it is written in code, where it has a short form.
    pub code: Option<InCode>,
}

/// A table of items: word and words for it elsewhere, how it is written, options; reason and document; example and what
/// comes of it; what it does; and how it is written in code, where it has a short form. An entry that lacks another of
/// these is none.
macro_rules! items {
    (@) => { None };
    (@ $code:expr) => { Some($code) };
    ($(
        $word:literal $(| $also:literal)* $written:ident $(($own:literal))? [$($option:expr),* $(,)?]
        $reason:literal ($document:literal)
        $example:literal => $gives:literal
        $does:expr $(, $code:expr)?;
    )*) => {
        &[$($crate::scheme::item::Item {
            word: $word,
            also: &[$($also),*],
            options: &[$($option),*],
            written: $crate::scheme::item::Written::$written $(($own))?,
            reason: $reason,
            example: ($example, $gives),
            document: $document,
            does: $does,
            code: $crate::scheme::item::items!(@ $($code)?),
        }),*]
    };
}
pub(in crate::scheme) use items;

/// A kind of item: what all items of it have in common.
pub trait Family: Sized + 'static {
    /// Name of one: `step`.
    const NAME: &'static str;
    /// The tables of those that a scheme file may use.
    const TABLES: &'static [&'static [Item<Self>]];
    /// Those of mutants, which no scheme file may use.
    const WRONG: &'static [Item<Self>] = &[];

    /// Those that a scheme file may use.
    fn permitted() -> impl Iterator<Item = &'static Item<Self>> {
        Self::TABLES.iter().copied().flatten()
    }

    /// All of them.
    fn items() -> impl Iterator<Item = &'static Item<Self>> {
        Self::permitted().chain(Self::WRONG)
    }

    /// The item of this word.
    fn find(word: &str) -> Option<&'static Item<Self>> {
        Self::items().find(|item| item.word == word)
    }
}

/// An option of an item.
#[derive(Debug, Clone, Copy)]
pub struct Opt {
    /// Its name.
    pub name: &'static str,
    /// Kind of its value.
    pub kind: OptionKind,
    /// Its value unless given.
    pub default: Preset,
}

/// Kind of the value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionKind {
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Count,
    /// Text.
    Text,
    /// Text at which something is cut: not empty.
    Cut,
    /// Text, or `{hex: "…"}`.
    Bytes,
    /// Text, `{hex: "…"}`, or a pipeline as a list.
    TextOrValue,
    /// Digits of a byte string in hexadecimal.
    Hex,
    /// A list of texts.
    Texts,
    /// Names of JSON members and numbers of JSON items.
    JsonPath,
    /// `unreserved`, `alphanumeric` and single ASCII characters.
    Keep,
    /// Texts, each with the text that takes its place.
    Replacements,
    /// Text with `{name}` and `{value}`.
    Template,
    /// Text with references to sources between braces; it is read as the parts of `concat`.
    References,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words, in order.
    Words(&'static [&'static str]),
    /// A wrong way to do it, one of these, for mutants alone.
    Deviation(&'static [&'static str]),
    /// A hash function.
    Digest,
    /// A signature algorithm.
    Signature,
    /// A half of a pair of the account, `private` or `public`.
    Key(&'static str),
    /// A form of a time; unless given, the form in which it is received.
    TimeForm,
    /// A time that is received: `time`, or `received.X`.
    ReceivedTime,
    /// A pipeline that gives this type.
    Pipeline(Type),
    /// A pipeline that gives a whole number.
    Number,
    /// A length of time: a number with its unit, or a pipeline that gives one, in seconds unless another unit is said.
    Window,
    /// Pipelines that give this type; without one, pipelines of one type.
    Pipelines(Option<Type>),
    /// Pipelines by name that give bytes.
    Fields,
    /// Pipelines that give bytes, by the name of a credential.
    Credentials,
    /// The name of a field of the message.
    FieldName,
    /// The name of a credential.
    Credential,
    /// The name of a parameter.
    Parameter,
    /// The name of a stage.
    Stage,
    /// The name of a received value.
    Received,
    /// `credential.X`, or a list of addresses and CIDR prefixes.
    Addresses,
}

/// Value of an option unless it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// It must be given.
    Required,
    /// It is not there.
    Absent,
    /// A flag.
    Flag(bool),
    /// A word.
    Word(&'static str),
    /// Words.
    Words(&'static [&'static str]),
}

/// Written form of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Written {
    /// The word, or the word with a map of its options.
    Options,
    /// The same, or the word with its first option alone.
    Short,
    /// The word, a dot and a name, which is the first option: `header.Date`.
    Dotted,
    /// The word with its first option; further options stand beside it.
    Value,
    /// The word with a map of so many options; further ones stand beside it.
    Map(usize),
    /// The word with a list of so many options, of which the last may be a list itself; further ones
    /// stand beside it.
    List(usize),
}

impl Opt {
    /// An option that must be given.
    pub const fn required(name: &'static str, kind: OptionKind) -> Opt {
        Opt { name, kind, default: Preset::Required }
    }

    /// An option that need not be there.
    pub const fn optional(name: &'static str, kind: OptionKind) -> Opt {
        Opt { name, kind, default: Preset::Absent }
    }

    /// A flag, and whether it is set unless given.
    pub const fn flag(name: &'static str, default: bool) -> Opt {
        Opt { name, kind: OptionKind::Flag, default: Preset::Flag(default) }
    }

    /// One of some words, and which one unless given.
    pub const fn word(name: &'static str, words: &'static [&'static str], default: &'static str) -> Opt {
        Opt { name, kind: OptionKind::Word(words), default: Preset::Word(default) }
    }

    /// A wrong way to do it, one of some, for mutants alone.
    pub const fn deviation(ways: &'static [&'static str]) -> Opt {
        Opt::optional("deviation", OptionKind::Deviation(ways))
    }

    /// Describes its kind and its value unless given.
    pub fn says(&self) -> String {
        self.kind.says() + &self.default.says()
    }

    /// Tells whether it is a wrong way of mutants.
    pub fn is_deviation(&self) -> bool {
        matches!(self.kind, OptionKind::Deviation(_))
    }
}

impl OptionKind {
    fn says(self) -> String {
        match self {
            OptionKind::Flag => "true or false".into(),
            OptionKind::Count => "a whole number".into(),
            OptionKind::Text => "text".into(),
            OptionKind::Cut => "text, not empty".into(),
            OptionKind::Bytes => "text, or {hex: …}".into(),
            OptionKind::TextOrValue => "text, {hex: …}, or a list: a pipeline that gives bytes".into(),
            OptionKind::Hex => "hexadecimal digits".into(),
            OptionKind::Texts => "a text, or a list of texts".into(),
            OptionKind::JsonPath => "names of members and numbers of items, the outermost first".into(),
            OptionKind::Keep => "`unreserved`, `alphanumeric`, single ASCII characters, or a list of these".into(),
            OptionKind::Replacements => "texts, each with the text that takes its place".into(),
            OptionKind::Template => "text with {name} and {value}".into(),
            OptionKind::References => "text with sources between braces".into(),
            OptionKind::Word(words) => format!("one of {}", words.join(", ")),
            OptionKind::Words(words) => format!("some of {}, in order", words.join(", ")),
            OptionKind::Deviation(ways) => format!("for mutants alone: {}", ways.join(", ")),
            OptionKind::Digest => "the name of a hash function".into(),
            OptionKind::Signature => "the name of a signature algorithm".into(),
            OptionKind::Key(half) => format!("credential.X.{half}, of a pair of the account"),
            OptionKind::TimeForm => "a form of a time".into(),
            OptionKind::ReceivedTime => "`time`, or received.X, which is bound with `as`".into(),
            OptionKind::Pipeline(ty) => format!("a pipeline that gives {}", ty.name()),
            OptionKind::Number => "a pipeline that gives a whole number".into(),
            OptionKind::Window => {
                "`300 s`, `5000 ms`, a pipeline that gives a whole number of seconds, or {of: …, unit: …}".into()
            }
            OptionKind::Pipelines(Some(ty)) => format!("pipelines that give {}", ty.name()),
            OptionKind::Pipelines(None) => "pipelines of one type".into(),
            OptionKind::Fields => "pipelines that give bytes, by name".into(),
            OptionKind::Credentials => "pipelines that give bytes, by the name of a credential".into(),
            OptionKind::FieldName => "the name of the field".into(),
            OptionKind::Credential => "the name of a credential".into(),
            OptionKind::Parameter => "the name of a parameter".into(),
            OptionKind::Stage => "the name of a stage".into(),
            OptionKind::Received => "the name of a received value".into(),
            OptionKind::Addresses => "credential.X, or a list of addresses and CIDR prefixes".into(),
        }
    }
}

impl Preset {
    fn says(self) -> String {
        match self {
            Preset::Required => String::new(),
            Preset::Absent => "; need not be given".into(),
            Preset::Flag(flag) => format!("; {flag} unless given"),
            Preset::Word(word) => format!("; {word} unless given"),
            Preset::Words(words) => format!("; {} unless given", words.join(", ")),
        }
    }
}

impl<E: Family> Item<E> {
    /// Tells whether no scheme file may use it.
    pub fn is_wrong(&self) -> bool {
        E::WRONG.iter().any(|item| item.word == self.word)
    }

    /// Number of the options that stand with its word; further ones stand beside it.
    pub fn own(&self) -> usize {
        match self.written {
            Written::Options | Written::Short => self.options.len(),
            Written::Dotted | Written::Value => 1,
            Written::Map(n) | Written::List(n) => n,
        }
    }

    /// Returns whether this is another word for it, in letters of either case.
    pub fn is_also(&self, word: &str) -> bool {
        self.also.iter().any(|other| other.eq_ignore_ascii_case(word))
    }

    /// The number of an option.
    pub fn option(&self, name: &str) -> Option<usize> {
        self.options.iter().position(|option| option.name == name)
    }
}

/// `, did you mean …?` where a known word is near, or `` where none is.
pub fn suggestion<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> String {
    let near = known.map(|other| (distance(word, other), other)).min();
    near.filter(|(d, other)| *d <= 2 && *d < other.len())
        .map_or(String::new(), |(_, other)| format!(", did you mean `{other}`?"))
}

/// Number of characters to put in, take out or exchange between two short words.
pub fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
