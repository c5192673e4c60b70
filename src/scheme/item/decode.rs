//! Decoding of nodes. Every value is read where it stands, so that an error has the place of the word or option.

use super::definition::{Family, Item, Kind, Opt, Preset, Written, suggestion};
use super::node::{Arg, Check, Node, Pipeline, Source, Step};
use crate::bytes::Bytes;
use crate::primitive::digest::Algorithm;
use crate::primitive::encoding;
use crate::primitive::time::TimeFormat;
use crate::scheme::machine::{Does, Gives, Tests};
use indexmap::IndexMap;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// What is read by its kind.
struct Of(&'static Opt);

impl Of {
    fn wrong<E: Error>(self, what: impl fmt::Display) -> E {
        E::custom(format_args!("`{}`: {what}", self.0.name))
    }

    fn word<E: Error>(&self, word: &str, words: &[&str]) -> Result<(), E> {
        if words.contains(&word) {
            return Ok(());
        }
        let near = suggestion(word, words.iter().copied());
        Err(Of(self.0).wrong(format_args!("`{word}` is none of {}{near}", words.join(", "))))
    }
}

impl<'de> DeserializeSeed<'de> for Of {
    type Value = Arg;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Arg, D::Error> {
        let of_form = |text: &str| serde_json::from_value::<TimeFormat>(text.into()).map(|_| ());
        Ok(match self.0.kind {
            Kind::Flag => Arg::Flag(bool::deserialize(d)?),
            Kind::Count => Arg::Count(u64::deserialize(d)?),
            Kind::Text
            | Kind::Template
            | Kind::FieldName
            | Kind::Credential
            | Kind::Parameter
            | Kind::Stage
            | Kind::Received => Arg::Text(String::deserialize(d)?),
            Kind::Cut => match String::deserialize(d)? {
                text if text.is_empty() => return Err(self.wrong("an empty text cannot be cut at")),
                text => Arg::Text(text),
            },
            Kind::Bytes => Arg::Bytes(Bytes::deserialize(d)?),
            Kind::Hex => {
                let digits = String::deserialize(d)?;
                encoding::hex_decode(digits.as_bytes(), &mut Vec::new()).map_err(|e| self.wrong(e))?;
                Arg::Text(digits)
            }
            Kind::Texts => Arg::Texts(one_or_many(d)?),
            Kind::Keep => {
                let kept = one_or_many(d)?;
                let known = |word: &&String| *word == "unreserved" || (word.len() == 1 && word.is_ascii());
                if let Some(word) = kept.iter().find(|word| !known(word)) {
                    let why = "cannot be kept: say `unreserved`, or single ASCII characters";
                    return Err(self.wrong(format_args!("`{word}` {why}")));
                }
                Arg::Texts(kept)
            }
            Kind::Word(words) | Kind::Deviation(words) => {
                let word = String::deserialize(d)?;
                self.word(&word, words)?;
                Arg::Text(word)
            }
            Kind::Words(words) => {
                let some = one_or_many(d)?;
                some.iter().try_for_each(|word| self.word(word, words))?;
                Arg::Texts(some)
            }
            Kind::Digest => {
                let word = String::deserialize(d)?;
                self.word(&word, &Algorithm::ALL.map(Algorithm::name))?;
                Arg::Text(word)
            }
            Kind::TimeForm => {
                let word = String::deserialize(d)?;
                of_form(&word).map_err(|e| self.wrong(e))?;
                Arg::Text(word)
            }
            Kind::ReceivedTime => match String::deserialize(d)? {
                word if word == "time" => Arg::Text(word),
                word => {
                    let why = "this check is about `time`, the time that `receive` binds";
                    return Err(D::Error::custom(format_args!("`{word}`: {why}")));
                }
            },
            Kind::Pipeline(_) | Kind::Number => Arg::Pipeline(Box::new(Pipeline::deserialize(d)?)),
            Kind::Parts | Kind::Alternatives => Arg::Pipelines(Vec::deserialize(d)?),
            Kind::Fields | Kind::Credentials => Arg::Fields(IndexMap::deserialize(d)?),
            Kind::Addresses => addresses(d)?,
        })
    }
}

/// `credential.X`, or a list.
fn addresses<'de, D: Deserializer<'de>>(d: D) -> Result<Arg, D::Error> {
    match serde_json::Value::deserialize(d)? {
        serde_json::Value::String(word) if word.starts_with("credential.") => Ok(Arg::Text(word)),
        serde_json::Value::String(word) => {
            let why = "is no list of addresses; it is credential.X or a list";
            Err(D::Error::custom(format_args!("`{word}` {why}")))
        }
        list => serde_json::from_value(list).map(Arg::Texts).map_err(D::Error::custom),
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    struct Texts;
    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text, or a list of texts")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
            Ok(vec![text.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<String>, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(seq))
        }
    }
    d.deserialize_any(Texts)
}

/// Options while they are read.
struct Reading<E: 'static>(&'static Item<E>, Vec<Option<Arg>>);

impl<E: Family> Reading<E> {
    fn new(item: &'static Item<E>) -> Reading<E> {
        Reading(item, vec![None; item.options.len()])
    }

    fn option<R: Error>(&self, name: &str) -> Result<usize, R> {
        self.0.option(name).ok_or_else(|| {
            let known = self.0.options.iter().filter(|option| !option.is_deviation()).map(|option| option.name);
            let near = suggestion(name, known.clone());
            let all = known.collect::<Vec<_>>().join(", ");
            let has = if all.is_empty() { "none".to_owned() } else { all };
            R::custom(format_args!("the {} `{}` has no option `{name}`{near}; it has {has}", E::NAME, self.0.word))
        })
    }

    fn node<R: Error>(self) -> Result<Node<E>, R> {
        let Reading(item, read) = self;
        let arg = |(option, arg): (&Opt, Option<Arg>)| match (arg, option.default) {
            (Some(arg), _) => Ok(arg),
            (None, Preset::Required) => {
                Err(R::custom(format_args!("the {} `{}` lacks its option `{}`", E::NAME, item.word, option.name)))
            }
            (None, default) => Ok(default.arg()),
        };
        let args = item.options.iter().zip(read).map(arg).collect::<Result<_, _>>()?;
        Ok(Node { item, args })
    }
}

/// What stands below the word of an item.
struct Under<E: 'static>(&'static Item<E>);

impl<'de, E: Family> DeserializeSeed<'de> for Under<E> {
    type Value = Node<E>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Node<E>, D::Error> {
        let item = self.0;
        let mut reading = Reading::new(item);
        match item.written {
            Written::Options | Written::Short => return d.deserialize_any(self),
            Written::Map(_) => return d.deserialize_map(self),
            Written::List(_) => return d.deserialize_seq(self),
            Written::Bare | Written::Value => reading.1[0] = Some(Of(&item.options[0]).deserialize(d)?),
            Written::Dotted => {
                let word = item.word;
                return Err(D::Error::custom(format_args!("the source `{word}` is written {word}.NAME")));
            }
        }
        // What stands beside the word is read by whoever reads the map.
        Ok(Node { item, args: reading.1.into_iter().map(|arg| arg.unwrap_or(Arg::Absent)).collect() })
    }
}

impl<E: Family> Under<E> {
    /// The first option, alone.
    fn short<'de, D: Deserializer<'de>>(self, d: D) -> Result<Node<E>, D::Error> {
        let mut reading = Reading::new(self.0);
        match (self.0.written, self.0.options.first()) {
            (Written::Short, Some(first)) => reading.1[0] = Some(Of(first).deserialize(d)?),
            _ => {
                let why = "its options are a map";
                return Err(D::Error::custom(format_args!(
                    "the {} `{}` has no short form; {why}",
                    E::NAME,
                    self.0.word
                )));
            }
        }
        reading.node()
    }
}

impl<'de, E: Family> Visitor<'de> for Under<E> {
    type Value = Node<E>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.written {
            Written::List(n) => write!(f, "a list of {n} values below `{}`", self.0.word),
            _ => write!(f, "options of `{}`", self.0.word),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<E>, A::Error> {
        let mut reading = Reading::new(self.0);
        while let Some(name) = map.next_key::<String>()? {
            let i = reading.option(&name)?;
            reading.1[i] = Some(map.next_value_seed(Of(&self.0.options[i]))?);
        }
        reading.node()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<E>, A::Error> {
        let Written::List(n) = self.0.written else { return self.short(SeqAccessDeserializer::new(seq)) };
        let mut args = vec![Arg::Absent; self.0.options.len()];
        for (i, option) in self.0.options.iter().enumerate().take(n) {
            let lacks = || A::Error::custom(format_args!("`{}` lacks its {}", self.0.word, option.name));
            args[i] = match option.kind {
                Kind::Texts => {
                    let mut texts = Vec::new();
                    while let Some(text) = seq.next_element()? {
                        texts.push(text);
                    }
                    (!texts.is_empty()).then_some(Arg::Texts(texts)).ok_or_else(lacks)?
                }
                _ => seq.next_element_seed(Of(option))?.ok_or_else(lacks)?,
            };
        }
        if seq.next_element::<serde::de::IgnoredAny>()?.is_some() {
            return Err(A::Error::custom(format_args!("`{}` has {n} values and no more", self.0.word)));
        }
        Ok(Node { item: self.0, args })
    }

    fn visit_str<R: Error>(self, text: &str) -> Result<Node<E>, R> {
        self.short(text.into_deserializer())
    }

    fn visit_bool<R: Error>(self, flag: bool) -> Result<Node<E>, R> {
        self.short(flag.into_deserializer())
    }

    fn visit_u64<R: Error>(self, count: u64) -> Result<Node<E>, R> {
        self.short(count.into_deserializer())
    }

    fn visit_i64<R: Error>(self, count: i64) -> Result<Node<E>, R> {
        self.short(count.into_deserializer())
    }

    fn visit_unit<R: Error>(self) -> Result<Node<E>, R> {
        Err(R::custom(format_args!("nothing stands below `{}`; leave out the colon, or say what", self.0.word)))
    }
}

/// `unknown step …`, and what the word is instead.
fn unknown<E: Family, R: Error>(word: &str) -> R {
    let near = suggestion(word, E::items().map(|item| item.word));
    let elsewhere = [Does::NAME, Gives::NAME, Tests::NAME].into_iter().zip([
        Does::find(word).is_some(),
        Gives::find(word.split('.').next().unwrap_or_default()).is_some(),
        Tests::find(word).is_some(),
    ]);
    let other = elsewhere.filter(|(name, is)| *is && *name != E::NAME).map(|(name, _)| name).next();
    let other = other.map_or(String::new(), |name| format!("; `{word}` is a {name}, and here a {} is due", E::NAME));
    let hint = match E::NAME {
        "source" => "; fixed text is written {text: \"…\"}",
        _ => "",
    };
    R::custom(format_args!("unknown {} `{word}`{near}{other}; `explain {}s` lists them{hint}", E::NAME, E::NAME))
}

/// A step or source: a word, or a map of one.
struct One<E: 'static>(PhantomData<E>);

impl<'de, E: Family> Visitor<'de> for One<E> {
    type Value = Node<E>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {}: a word, or a map of one word", E::NAME)
    }

    fn visit_str<R: Error>(self, word: &str) -> Result<Node<E>, R> {
        let (space, name) = word.split_once('.').map_or((word, None), |(space, name)| (space, Some(name)));
        let item = E::find(space).ok_or_else(|| unknown::<E, R>(word))?;
        let mut reading = Reading::new(item);
        match (item.written, name) {
            (Written::Dotted, Some(name)) if !name.is_empty() => reading.1[0] = Some(Arg::Text(name.to_owned())),
            (Written::Dotted, Some(_)) => return Err(R::custom(format_args!("`{word}` lacks a name after the dot"))),
            // `query` is a source, and `query.X` another one.
            (_, Some(name)) => match E::items().find(|item| item.word == space && item.written == Written::Dotted) {
                Some(item) if !name.is_empty() => {
                    let mut reading = Reading::new(item);
                    reading.1[0] = Some(Arg::Text(name.to_owned()));
                    return reading.node();
                }
                Some(_) => return Err(R::custom(format_args!("`{word}` lacks a name after the dot"))),
                None => return Err(unknown::<E, R>(word)),
            },
            (Written::Dotted, None) => {
                return Err(R::custom(format_args!("`{word}` lacks a name: it is written {word}.NAME")));
            }
            (_, None) => {}
        }
        reading.node()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<E>, A::Error> {
        match map.next_key::<String>()? {
            Some(word) => self.after(word, map),
            None => Err(A::Error::custom(format_args!("an empty map, where a {} is due", E::NAME))),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Node<E>, A::Error> {
        Err(A::Error::custom(format_args!("a list, where a {} is due", E::NAME)))
    }
}

impl<E: Family> One<E> {
    /// What stands in a map after its first key.
    fn after<'de, A: MapAccess<'de>>(self, word: String, mut map: A) -> Result<Node<E>, A::Error> {
        let node = match (E::find(&word), word.as_str()) {
            (_, "field") if E::NAME == Gives::NAME => {
                let dotted: Node<E> = map.next_value_seed(Word(PhantomData))?;
                let mut reading = Reading(dotted.item, dotted.args.into_iter().map(Some).collect());
                while let Some(name) = map.next_key::<String>()? {
                    let i = reading.option(&name)?;
                    reading.1[i] = Some(map.next_value_seed(Of(&dotted.item.options[i]))?);
                }
                return reading.node();
            }
            (Some(item), _) => map.next_value_seed(Under(item))?,
            (None, _) => return Err(unknown::<E, _>(&word)),
        };
        match map.next_key::<String>()? {
            Some(other) => {
                let two = "in one map: a";
                Err(A::Error::custom(format_args!("`{word}` and `{other}` {two} {} is one word", E::NAME)))
            }
            None => Ok(node),
        }
    }
}

impl Source {
    /// A source that is written as a map, of which the first key was read.
    pub(in crate::scheme) fn after_key<'de, A: MapAccess<'de>>(word: String, map: A) -> Result<Source, A::Error> {
        One::<Gives>(PhantomData).after(word, map)
    }
}

/// A word alone.
struct Word<E: 'static>(PhantomData<E>);

impl<'de, E: Family> DeserializeSeed<'de> for Word<E> {
    type Value = Node<E>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Node<E>, D::Error> {
        let word = String::deserialize(d)?;
        let node = One::<E>(PhantomData).visit_str::<D::Error>(&word)?;
        if node.item.written != Written::Dotted {
            let fields = "a field is header.X, query.X, form.X or json.X";
            return Err(D::Error::custom(format_args!("`{word}` is not a field; {fields}")));
        }
        Ok(node)
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Step, D::Error> {
        d.deserialize_any(One::<Does>(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Source, D::Error> {
        d.deserialize_any(One::<Gives>(PhantomData))
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Pipeline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a pipeline: a source, or a list of a source and steps")
    }

    fn visit_str<R: Error>(self, word: &str) -> Result<Pipeline, R> {
        One::<Gives>(PhantomData).visit_str(word).map(Pipeline::of)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Pipeline, A::Error> {
        Source::deserialize(MapAccessDeserializer::new(map)).map(Pipeline::of)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Pipeline, A::Error> {
        let empty = || A::Error::custom("an empty pipeline; it starts with a source");
        let source = seq.next_element::<Source>()?.ok_or_else(empty)?;
        let mut steps = Vec::new();
        while let Some(step) = seq.next_element::<Step>()? {
            steps.push(step);
        }
        Ok(Pipeline { source, steps })
    }
}

impl<'de> Deserialize<'de> for Pipeline {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Pipeline, D::Error> {
        d.deserialize_any(Whole)
    }
}

struct Checks;

/// What stands beside the word of a check.
#[derive(Default)]
struct Beside {
    options: Vec<(&'static Opt, Arg)>,
    refusal: serde_json::Map<String, serde_json::Value>,
}

impl<'de> Visitor<'de> for Checks {
    type Value = Check;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a check: a map such as {present: …, reject: …}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Check, A::Error> {
        let mut test: Option<Node<Tests>> = None;
        let mut reject = None;
        let mut beside = Beside::default();
        while let Some(key) = map.next_key::<String>()? {
            // Where the word of the check is still to come, an option of its name is of the same kind elsewhere.
            let own = test.as_ref().map(|test: &Node<Tests>| test.item);
            let all = own.into_iter().chain(Tests::items()).flat_map(|item| item.options);
            let mut options = all.filter(|option| option.name == key);
            match (Tests::find(&key), key.as_str()) {
                (Some(item), _) => {
                    let found = map.next_value_seed(Under(item))?;
                    if let Some(other) = test.replace(found) {
                        let two = format!("`{}` and `{key}`", other.word());
                        return Err(A::Error::custom(format_args!("{two} in one map: a check is one word")));
                    }
                }
                (None, "reject") => reject = Some(map.next_value()?),
                (None, "status" | "code" | "message" | "reply") => drop(beside.refusal.insert(key, map.next_value()?)),
                (None, _) => match options.next() {
                    Some(option) => beside.options.push((option, map.next_value_seed(Of(option))?)),
                    None => return Err(unknown::<Tests, _>(&key)),
                },
            }
        }
        let known = || Tests::items().map(|item| item.word).collect::<Vec<_>>().join(", ");
        let test = test.ok_or_else(|| A::Error::custom(format_args!("a check has exactly one of {}", known())))?;
        let word = test.word();
        let lacks = || A::Error::custom(format_args!("the check `{word}` lacks `reject`"));
        let reject = reject.ok_or_else(lacks)?;
        let mut reading =
            Reading(test.item, test.args.into_iter().map(|arg| (arg != Arg::Absent).then_some(arg)).collect());
        for (option, arg) in beside.options {
            let i = reading.option(option.name)?;
            reading.1[i] = Some(arg);
        }
        let refusal = serde_json::from_value(beside.refusal.into()).map_err(A::Error::custom)?;
        Ok(Check { test: reading.node()?, reject, refusal })
    }
}

impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Check, D::Error> {
        d.deserialize_any(Checks)
    }
}
