//! What a scheme file says with items: pipelines of a source and steps, and checks.

use super::definition::{Family, Item, Preset, Written};
use crate::bytes::Bytes;
use crate::primitive::time::TimeUnit;
use crate::scheme::machine::{Does, Gives, Tests, Whose};
use crate::scheme::reject::{Class, Refusal};
use crate::yaml::Segment;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// An item with its options.
#[derive(Debug)]
pub struct Node<E: 'static> {
    /// The item.
    pub item: &'static Item<E>,
    /// Its options, in the order of the item.
    pub args: Vec<Arg>,
}

/// Start of a pipeline.
pub type Source = Node<Gives>;
/// Change that a pipeline makes to its value.
pub type Step = Node<Does>;

/// Value of an option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// Not given.
    Absent,
    /// A flag.
    Flag(bool),
    /// A whole number.
    Count(u64),
    /// Text, a word, a name.
    Text(String),
    /// Bytes.
    Bytes(Bytes),
    /// Texts or words.
    Texts(Vec<String>),
    /// Texts, each with another one.
    Replacements(IndexMap<String, String>),
    /// A pipeline.
    Pipeline(Box<Pipeline>),
    /// A length of time.
    Window(Box<Pipeline>, TimeUnit),
    /// Pipelines.
    Pipelines(Vec<Pipeline>),
    /// Pipelines by name.
    Fields(IndexMap<String, Pipeline>),
}

/// A source and the steps that its value goes through. Written as a list, or as the source alone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Pipeline {
    /// Source of the value.
    pub source: Source,
    /// Steps that the value goes through, in order.
    pub steps: Vec<Step>,
}

/// A step of verification, with the class that it refuses with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub struct Check {
    /// The test. An absent value fails it; a value that cannot be read is `malformed`.
    pub test: Node<Tests>,
    /// Tells whether it passes where its first value is absent.
    pub optional: bool,
    /// Reason why a message that fails is refused.
    pub reject: Class,
    /// Answer to the sender, where the document says.
    pub refusal: Refusal,
}

impl<E> Clone for Node<E> {
    fn clone(&self) -> Self {
        Node { item: self.item, args: self.args.clone() }
    }
}

impl<E> PartialEq for Node<E> {
    fn eq(&self, other: &Self) -> bool {
        self.item.word == other.item.word && self.args == other.args
    }
}

impl<E> Eq for Node<E> {}

impl<E: Family> Node<E> {
    /// A node with the defaults of its item.
    pub(super) fn new(item: &'static Item<E>) -> Node<E> {
        Node { item, args: item.options.iter().map(|option| option.default.arg()).collect() }
    }

    /// The node that is written as a word and, after a dot, a name: `credential.secret`.
    pub(super) fn named(word: &str, name: &str) -> Option<Node<E>> {
        let mut node = Node::new(E::items().find(|item| item.word == word && item.written == Written::Dotted)?);
        node.args[0] = Arg::Text(name.to_owned());
        Some(node)
    }

    /// The word of its item.
    pub fn word(&self) -> &'static str {
        self.item.word
    }

    /// Returns whether it is of the item of this word; `header.X` is not of the word `header`.
    pub fn is(&self, word: &str) -> bool {
        self.item.word == word && self.item.written != Written::Dotted
    }

    /// An option by its name; `Absent` where the item has none of that name.
    pub fn get(&self, name: &str) -> &Arg {
        self.item.option(name).map_or(&Arg::Absent, |i| &self.args[i])
    }

    /// The first option: the name of a dotted source, the value of a check.
    pub fn first(&self) -> &Arg {
        self.args.first().unwrap_or(&Arg::Absent)
    }

    /// The way down from the node to an option: the keys and numbers of the printed form.
    pub fn way(&self, i: usize) -> Vec<Segment> {
        let own = || self.word().into();
        let option = || self.item.options[i].name.into();
        match self.item.written {
            _ if i >= self.item.own() => vec![option()],
            Written::Options | Written::Short | Written::Map(_) => vec![own(), option()],
            Written::List(_) => vec![own(), i.into()],
            Written::Value => vec![own()],
            Written::Dotted => Vec::new(),
        }
    }

    /// Pipelines within it, each with its way down from the node.
    pub fn pipelines(&self) -> Vec<(Vec<Segment>, &Pipeline)> {
        let within = |(i, arg)| {
            let below = move |(below, pipeline)| (self.way(i).into_iter().chain(below).collect(), pipeline);
            Arg::pipelines(arg).into_iter().map(below)
        };
        self.args.iter().enumerate().flat_map(within).collect()
    }

    /// The list of its parts and the way to it, where it has such a list.
    pub fn parts(&self) -> Option<(Vec<Segment>, &[Pipeline])> {
        let (i, parts) = self.args.iter().enumerate().find_map(|(i, arg)| match arg {
            Arg::Pipelines(parts) => Some((i, parts.as_slice())),
            _ => None,
        })?;
        Some((self.way(i), parts))
    }
}

impl Preset {
    /// The option that this default is.
    pub(super) fn arg(self) -> Arg {
        match self {
            Preset::Required | Preset::Absent => Arg::Absent,
            Preset::Flag(flag) => Arg::Flag(flag),
            Preset::Word(word) => Arg::Text(word.to_owned()),
            Preset::Words(words) => Arg::Texts(words.iter().map(|word| (*word).to_owned()).collect()),
        }
    }
}

impl Arg {
    /// Pipelines within it, each with its way down from the option.
    fn pipelines(&self) -> Vec<(Option<Segment>, &Pipeline)> {
        match self {
            Arg::Pipeline(pipeline) => vec![(None, &**pipeline)],
            Arg::Window(pipeline, unit) => vec![(unit.beside(), &**pipeline)],
            Arg::Pipelines(some) => some.iter().enumerate().map(|(i, one)| (Some(i.into()), one)).collect(),
            Arg::Fields(fields) => fields.iter().map(|(name, one)| (Some(name.as_str().into()), one)).collect(),
            Arg::Absent
            | Arg::Flag(_)
            | Arg::Count(_)
            | Arg::Text(_)
            | Arg::Bytes(_)
            | Arg::Texts(_)
            | Arg::Replacements(_) => Vec::new(),
        }
    }

    /// The text, word or name; empty where it is none.
    pub fn text(&self) -> &str {
        match self {
            Arg::Text(text) => text,
            _ => "",
        }
    }

    /// The texts or words; none where it is none.
    pub fn texts(&self) -> &[String] {
        match self {
            Arg::Texts(texts) => texts,
            _ => &[],
        }
    }

    /// Returns whether it is the flag that is set.
    pub fn is_set(&self) -> bool {
        *self == Arg::Flag(true)
    }

    /// The pipeline, where it is one.
    pub fn pipeline(&self) -> Option<&Pipeline> {
        match self {
            Arg::Pipeline(pipeline) | Arg::Window(pipeline, _) => Some(pipeline),
            _ => None,
        }
    }
}

impl TimeUnit {
    /// The way to the number of a window; it stands alone where the unit is seconds.
    pub(in crate::scheme) fn beside(self) -> Option<Segment> {
        (self != TimeUnit::Seconds).then(|| "of".into())
    }
}

impl Pipeline {
    /// The source alone.
    pub fn of(source: Source) -> Pipeline {
        Pipeline { source, steps: Vec::new() }
    }

    /// The sources that it starts from: those of its parts, where it is made of parts.
    pub fn sources(&self) -> Vec<&Source> {
        let parts = self.source.pipelines();
        match parts.is_empty() {
            true => vec![&self.source],
            false => parts.into_iter().flat_map(|(_, part)| part.sources()).collect(),
        }
    }

    /// The top-level member of a JSON body that its first step takes, where it takes one.
    pub fn member(&self) -> Option<&str> {
        let step = self.steps.first().filter(|step| self.source.is("body") && step.is("json"))?;
        step.first().texts().first().map(String::as_str)
    }

    /// Every pipeline within, itself first.
    pub fn all(&self) -> Vec<&Pipeline> {
        let steps = self.steps.iter().flat_map(Node::pipelines);
        let within = self.source.pipelines().into_iter().chain(steps).flat_map(|(_, within)| within.all());
        std::iter::once(self).chain(within).collect()
    }
}

impl Source {
    /// Bytes that are always the same.
    pub fn literal(text: &str) -> Source {
        match Gives::find("text") {
            Some(item) => Node { item, args: vec![Arg::Text(text.to_owned())] },
            None => unreachable!("there is a source for fixed text"),
        }
    }

    /// The name after the dot, where it is of this space.
    pub fn name_in(&self, space: &str) -> Option<&str> {
        (self.item.word == space && self.item.written == Written::Dotted).then(|| self.first().text())
    }

    /// Part of the message, name, and what a repetition means, where it is one field of a message.
    pub fn field(&self) -> Option<(&'static str, &str)> {
        ["header", "query", "form", "json"].into_iter().find_map(|part| Some((part, self.name_in(part)?)))
    }

    /// The fixed text, where it is one.
    pub fn fixed(&self) -> Option<&str> {
        self.is("text").then(|| self.first().text())
    }

    /// Returns whether it gives bytes that are always the same.
    pub fn is_fixed(&self) -> bool {
        self.item.does.origin == Whose::Fixed
    }
}
