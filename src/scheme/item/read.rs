//! Reading of nodes from plain data. To whoever reads a file as a whole, a pipeline, a binding or a check is one
//! value; so a mistake in it comes with the way down to it.

use super::definition::{Family, Item, Opt, OptionKind, Preset, Written, suggestion};
use super::node::{Arg, Check, Node, Pipeline, Source};
use super::problem::{Problem, problem};
use crate::primitive::digest::Algorithm;
use crate::primitive::encoding;
use crate::primitive::key_pair::SignatureAlgorithm;
use crate::primitive::time::{TimeFormat, TimeUnit};
use crate::scheme::machine::{Does, Gives, Tests};
use crate::yaml;
use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads what holds no node.
pub fn leaf<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    yaml::decode(&value).map_err(|(way, message)| Problem { way, message })
}

/// Reads each entry of a list.
pub fn list<T>(value: Value, read: impl Fn(Value) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
    let Value::Array(entries) = value else { return Err(Problem::due(&value, "a list")) };
    entries.into_iter().enumerate().map(|(i, entry)| read(entry).map_err(|e| e.below(i))).collect()
}

/// Reads each entry of a map; `what` is due there.
pub fn by_name<T>(
    value: Value,
    what: &str,
    read: impl Fn(Value) -> Result<T, Problem>,
) -> Result<IndexMap<String, T>, Problem> {
    let Value::Object(entries) = value else { return Err(Problem::due(&value, what)) };
    let named = |(name, value): (String, Value)| match read(value) {
        Ok(entry) => Ok((name, entry)),
        Err(e) => Err(e.below(name.as_str())),
    };
    entries.into_iter().map(named).collect()
}

impl TryFrom<Value> for Pipeline {
    type Error = Problem;

    fn try_from(value: Value) -> Result<Pipeline, Problem> {
        let Value::Array(entries) = value else { return Source::try_from(value).map(Pipeline::of) };
        let mut entries = entries.into_iter().enumerate();
        let (_, first) = entries.next().ok_or_else(|| problem!("an empty pipeline; it starts with a source"))?;
        let source = Node::try_from(first).map_err(|e| e.below(0))?;
        let steps = entries.map(|(i, step)| Node::try_from(step).map_err(|e| e.below(i)));
        Ok(Pipeline { source, steps: steps.collect::<Result<_, _>>()? })
    }
}

impl TryFrom<Value> for Check {
    type Error = Problem;

    fn try_from(value: Value) -> Result<Check, Problem> {
        let Value::Object(mut map) = value else {
            return Err(Problem::due(&value, "a check, such as {present: …, reject: …},"));
        };
        let mut words = map.keys().filter_map(|key| Tests::find(key));
        let item = match (words.next(), words.next()) {
            (Some(item), None) => item,
            (Some(one), Some(other)) => return Err(two::<Tests>(one.word, other.word)),
            (None, _) => return Err(no_check(&map)),
        };
        let below = map.shift_remove(item.word).unwrap_or_default();
        let mut test = Node::of_item(item, below).map_err(|e| e.below(item.word))?;
        let (mut reject, mut optional) = (None, false);
        let mut refusal = Map::new();
        for (key, value) in map {
            match key.as_str() {
                "reject" => reject = Some(leaf(value).map_err(|e| e.below("reject"))?),
                "optional" => optional = leaf(value).map_err(|e| e.below("optional"))?,
                "status" | "code" | "message" | "reply" => drop(refusal.insert(key, value)),
                option => test.set(option, value)?,
            }
        }
        let is_about = |option: &Opt| matches!(option.kind, OptionKind::Pipeline(_) | OptionKind::ReceivedTime);
        if optional && !item.options.first().is_some_and(is_about) {
            return Err(problem!("`{}` is about no value that could be absent", item.word).below("optional"));
        }
        let lacks = || problem!("the check `{}` lacks `reject`", item.word);
        Ok(Check { test, optional, reject: reject.ok_or_else(lacks)?, refusal: leaf(refusal.into())? })
    }
}

/// A map that has the word of no check.
fn no_check(map: &Map<String, Value>) -> Problem {
    let may_stand = |key: &str| {
        ["reject", "optional", "status", "code", "message", "reply"].contains(&key)
            || Tests::items().any(|item| item.option(key).is_some())
    };
    match map.keys().find(|key| !may_stand(key)) {
        Some(key) => unknown::<Tests>(key),
        None => {
            let known: Vec<&str> = Tests::items().map(|item| item.word).collect();
            problem!("a check has exactly one of {}", known.join(", "))
        }
    }
}

fn two<E: Family>(one: &str, other: &str) -> Problem {
    problem!("`{one}` and `{other}` in one map: a {} is one word", E::NAME)
}

/// `unknown step …`, and what the word is instead.
fn unknown<E: Family>(word: &str) -> Problem {
    let name = word.split_once('.').map(|(_, name)| name);
    let known = E::items().map(|item| match (item.written, name) {
        (Written::Dotted, Some(name)) => format!("{}.{name}", item.word),
        _ => item.word.to_owned(),
    });
    let near = match E::items().find(|item| item.is_also(word)) {
        Some(item) => format!(", did you mean `{}`?", item.word),
        None => suggestion(word, known.collect::<Vec<_>>().iter().map(String::as_str)),
    };
    let families = [
        (Does::NAME, Does::find(word).is_some()),
        (Gives::NAME, Gives::find(word.split('.').next().unwrap_or_default()).is_some()),
        (Tests::NAME, Tests::find(word).is_some()),
    ];
    let other = families.into_iter().find(|(name, is)| *is && *name != E::NAME);
    let other =
        other.map_or(String::new(), |(name, _)| format!("; `{word}` is a {name}, and here a {} is due", E::NAME));
    let hint = if E::NAME == Gives::NAME { "; fixed text is written {text: \"…\"}" } else { "" };
    let family = E::NAME;
    problem!("unknown {family} `{word}`{near}{other}; `explain {family}s` lists them{hint}")
}

/// A step or source: a word, or a map of one.
impl<E: Family> TryFrom<Value> for Node<E> {
    type Error = Problem;

    fn try_from(value: Value) -> Result<Node<E>, Problem> {
        let map = match value {
            Value::String(word) => return Node::of_word(&word),
            Value::Object(map) => map,
            other => return Err(Problem::due(&other, format_args!("a {}", E::NAME))),
        };
        let mut entries = map.into_iter();
        let empty = || problem!("an empty map, where a {} is due", E::NAME);
        let (word, value) = entries.next().ok_or_else(empty)?;
        if word == "field" && E::NAME == Gives::NAME {
            let mut field = Node::of_field(value).map_err(|e| e.below("field"))?;
            entries.try_for_each(|(name, value)| field.set(&name, value))?;
            return Ok(field);
        }
        let item = E::find(&word).ok_or_else(|| unknown::<E>(&word))?;
        let node = Node::of_item(item, value).map_err(|e| e.below(item.word))?;
        entries.next().map_or(Ok(node), |(other, _)| Err(two::<E>(&word, &other)))
    }
}

impl<E: Family> Node<E> {
    /// The node that a word is: `sort`, `query`, `header.Date`.
    fn of_word(word: &str) -> Result<Node<E>, Problem> {
        let cut = word.split_once('.');
        let node = cut.map_or_else(|| E::find(word).map(Node::new), |(space, name)| Node::named(space, name));
        let node = node.ok_or_else(|| unknown::<E>(word))?;
        match (node.item.written, cut) {
            (Written::Dotted, None) => Err(problem!("`{word}` lacks a name: it is written {word}.NAME")),
            (Written::Dotted, Some((_, ""))) => Err(problem!("`{word}` lacks a name after the dot")),
            _ => node.complete(),
        }
    }

    /// A field of the message, whose further options stand beside it.
    fn of_field(value: Value) -> Result<Node<E>, Problem> {
        let word: String = leaf(value)?;
        match Node::of_word(&word)? {
            node if node.item.written == Written::Dotted => Ok(node),
            _ => Err(problem!("`{word}` is not a field; a field is header.X, query.X, form.X or json.X")),
        }
    }

    /// The node of an item by what stands below its word.
    fn of_item(item: &'static Item<E>, below: Value) -> Result<Node<E>, Problem> {
        let mut node = Node::new(item);
        let (word, family) = (item.word, E::NAME);
        match (item.written, below) {
            (Written::Dotted, _) => {
                return Err(problem!("the {family} `{word}` is written {word}.NAME"));
            }
            (Written::Options | Written::Short | Written::Map(_), Value::Object(options)) => {
                options.into_iter().try_for_each(|(name, value)| node.set(&name, value))?;
            }
            (Written::List(n), Value::Array(values)) => node.set_list(n, values)?,
            (Written::Options | Written::Short, Value::Null) => {
                return Err(problem!("nothing stands below `{word}`; leave out the colon, or say what"));
            }
            (Written::Value | Written::Short, value) => node.args[0] = item.options[0].read(value)?,
            (Written::Options, _) => {
                return Err(problem!("the {family} `{word}` has no short form; its options are a map"));
            }
            (Written::Map(_), value) => return Err(Problem::due(&value, format_args!("a map of options of `{word}`"))),
            (Written::List(n), value) => {
                return Err(Problem::due(&value, format_args!("a list of {n} values below `{word}`")));
            }
        }
        if item.options.iter().any(|option| option.kind == OptionKind::References) {
            // What stands between braces is edited as a part, wherever it is written.
            node.item = E::find("concat").unwrap_or(item);
        }
        node.complete()
    }

    /// Sets an option by its name.
    fn set(&mut self, name: &str, value: Value) -> Result<(), Problem> {
        let Some(i) = self.item.option(name) else {
            let known = self.item.options.iter().filter(|option| !option.is_deviation()).map(|option| option.name);
            let near = suggestion(name, known.clone());
            let all = known.collect::<Vec<_>>().join(", ");
            let has = if all.is_empty() { "none" } else { &all };
            let (family, word) = (E::NAME, self.word());
            return Err(problem!("the {family} `{word}` has no option `{name}`{near}; it has {has}"));
        };
        self.args[i] = self.item.options[i].read(value).map_err(|e| e.below(name))?;
        Ok(())
    }

    /// Sets the first options by a list of them, of which the last may be a list itself.
    fn set_list(&mut self, n: usize, values: Vec<Value>) -> Result<(), Problem> {
        let mut values = values.into_iter().enumerate();
        for (option, arg) in self.item.options[..n].iter().zip(&mut self.args) {
            let lacks = || problem!("`{}` lacks its {}", self.item.word, option.name);
            let (i, value) = values.next().ok_or_else(lacks)?;
            *arg = match option.kind == OptionKind::Texts {
                false => option.read(value).map_err(|e| e.below(i))?,
                true => {
                    let all = std::iter::once((i, value)).chain(values.by_ref());
                    Arg::Texts(all.map(|(i, text)| leaf(text).map_err(|e| e.below(i))).collect::<Result<_, _>>()?)
                }
            };
        }
        let more = || problem!("`{}` has {n} values and no more", self.item.word);
        values.next().map_or(Ok(()), |_| Err(more()))
    }

    /// The node, if no option is missing.
    fn complete(self) -> Result<Node<E>, Problem> {
        let mut options = self.item.options.iter().zip(&self.args);
        match options.find(|(option, arg)| option.default == Preset::Required && **arg == Arg::Absent) {
            Some((option, _)) => {
                let (family, word) = (E::NAME, self.word());
                Err(problem!("the {family} `{word}` lacks its option `{}`", option.name))
            }
            None => Ok(self),
        }
    }
}

impl Opt {
    /// Reads what the option is.
    fn read(&self, value: Value) -> Result<Arg, Problem> {
        match self.kind {
            OptionKind::Flag => leaf(value).map(Arg::Flag),
            OptionKind::Count => leaf(value).map(Arg::Count),
            OptionKind::TextOrValue if value.is_array() => Ok(Arg::Pipeline(Box::new(value.try_into()?))),
            OptionKind::Bytes | OptionKind::TextOrValue => leaf(value).map(Arg::Bytes),
            OptionKind::Text
            | OptionKind::Template
            | OptionKind::FieldName
            | OptionKind::Credential
            | OptionKind::Parameter
            | OptionKind::Stage
            | OptionKind::Received => leaf(value).map(Arg::Text),
            OptionKind::Cut => {
                self.text(value, |text| text.is_empty().then(|| "an empty text cannot be cut at".to_owned()))
            }
            OptionKind::Hex => self.text(value, |digits| {
                encoding::hex_decode(digits.as_bytes(), &mut Vec::new()).err().map(|e| e.to_string())
            }),
            OptionKind::Word(words) | OptionKind::Deviation(words) => self.text(value, |word| none_of(words, word)),
            OptionKind::Digest => self.text(value, |word| none_of(&Algorithm::ALL.map(Algorithm::name), word)),
            OptionKind::TimeForm => self.text(value, |form| form.parse::<TimeFormat>().err()),
            OptionKind::Signature => {
                self.text(value, |word| none_of(&SignatureAlgorithm::ALL.map(SignatureAlgorithm::name), word))
            }
            OptionKind::Key(half) => self.text(value, |word| {
                let name = word.strip_prefix("credential.").and_then(|name| name.strip_suffix(half)?.strip_suffix('.'));
                let is_half = name.is_some_and(|name| !name.is_empty());
                (!is_half).then(|| format!("`{word}` is no {half} half of a pair, which is credential.X.{half}"))
            }),
            OptionKind::ReceivedTime => match leaf::<String>(value)? {
                word if word == "time" || word.starts_with("received.") => Ok(Arg::Text(word)),
                word => {
                    Err(problem!("`{word}`: this check is about a time that `receive` binds: `time`, or received.X"))
                }
            },
            OptionKind::Texts => self.texts(value, |_| None),
            OptionKind::JsonPath => {
                let name = |value: Value| match value {
                    Value::Number(number) if number.is_u64() => Ok(number.to_string()),
                    name => leaf(name),
                };
                match value {
                    Value::Array(names) if names.is_empty() => Err(problem!("an empty path")),
                    Value::Array(_) => list(value, name).map(Arg::Texts),
                    alone => Ok(Arg::Texts(vec![name(alone)?])),
                }
            }
            OptionKind::Words(words) => self.texts(value, |word| none_of(words, word)),
            OptionKind::Keep => self.texts(value, |word| {
                let why = "cannot be kept: say `unreserved`, `alphanumeric`, or single ASCII characters";
                let is_known = ["unreserved", "alphanumeric"].contains(&word) || (word.len() == 1 && word.is_ascii());
                (!is_known).then(|| format!("`{word}` {why}"))
            }),
            OptionKind::Replacements => {
                let texts: IndexMap<String, String> = by_name(value, "a map of texts", leaf)?;
                match texts.keys().find(|text| text.is_empty()) {
                    None if !texts.is_empty() => Ok(Arg::Replacements(texts)),
                    None => Err(problem!("an empty map, where texts and what takes their places are due")),
                    Some(_) => Err(problem!("an empty text stands nowhere, and nothing can take its place")),
                }
            }
            OptionKind::Pipeline(_) | OptionKind::Number => Ok(Arg::Pipeline(Box::new(value.try_into()?))),
            OptionKind::References => parts(&leaf::<String>(value)?).map(Arg::Pipelines),
            OptionKind::Window => window(value),
            OptionKind::Pipelines(_) => list(value, Pipeline::try_from).map(Arg::Pipelines),
            OptionKind::Fields | OptionKind::Credentials => {
                by_name(value, "a map of pipelines", Pipeline::try_from).map(Arg::Fields)
            }
            OptionKind::Addresses => match value {
                Value::String(word) if word.starts_with("credential.") => Ok(Arg::Text(word)),
                Value::String(word) => Err(problem!("`{word}` is no list of addresses; it is credential.X or a list")),
                addresses => list(addresses, leaf).map(Arg::Texts),
            },
        }
    }

    /// Reads a text; `wrong` says what is wrong with it.
    fn text(&self, value: Value, wrong: impl Fn(&str) -> Option<String>) -> Result<Arg, Problem> {
        self.one(value, wrong).map(Arg::Text)
    }

    /// Reads texts, or one alone; `wrong` says what is wrong with one of them.
    fn texts(&self, value: Value, wrong: impl Fn(&str) -> Option<String>) -> Result<Arg, Problem> {
        match value {
            Value::String(_) => Ok(Arg::Texts(vec![self.one(value, wrong)?])),
            Value::Array(_) => list(value, |text| self.one(text, &wrong)).map(Arg::Texts),
            other => Err(Problem::due(&other, "a text, or a list of texts,")),
        }
    }

    fn one(&self, value: Value, wrong: impl Fn(&str) -> Option<String>) -> Result<String, Problem> {
        let text: String = leaf(value)?;
        wrong(&text).map_or(Ok(text), |why| Err(problem!("`{}`: {why}", self.name)))
    }
}

/// The parts of a template: fixed text, and sources between braces; `{{` is a brace.
fn parts(template: &str) -> Result<Vec<Pipeline>, Problem> {
    let (mut parts, mut text, mut rest) = (Vec::new(), String::new(), template);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        if let Some(after) = after.strip_prefix('{') {
            text.push('{');
            rest = after;
            continue;
        }
        let unclosed = || problem!("a brace of the template stays open; `{{{{` is a brace that is text");
        let (word, after) = after.split_once('}').ok_or_else(unclosed)?;
        if !text.is_empty() {
            parts.push(Pipeline::of(Source::literal(&std::mem::take(&mut text))));
        }
        let source = Node::of_word(word).map_err(|e| {
            match word.contains(|c: char| !c.is_ascii_alphanumeric() && !"._-@".contains(c)) {
                true => problem!("{e}; in a template `{{{{` is a brace that is text"),
                false => e,
            }
        })?;
        parts.push(Pipeline::of(source));
        rest = after;
    }
    text.push_str(rest);
    if parts.is_empty() || !text.is_empty() {
        parts.push(Pipeline::of(Source::literal(&text)));
    }
    Ok(parts)
}

/// Reads a length of time.
fn window(value: Value) -> Result<Arg, Problem> {
    let (of, unit) = match value {
        Value::String(text) if text.starts_with(|first: char| first.is_ascii_digit()) => match TimeUnit::parse(&text) {
            Some((digits, unit)) => (Pipeline::of(Source::literal(digits)), unit),
            None => return Err(problem!("`{text}` is no length of time; it has a unit: `300 s`, `5000 ms`")),
        },
        Value::Number(number) => {
            return Err(problem!("`{number}` is no length of time; it has a unit: `{number} s`, `{number} ms`"));
        }
        Value::Object(mut map) if map.contains_key("of") => {
            let of = Pipeline::try_from(map.shift_remove("of").unwrap_or_default()).map_err(|e| e.below("of"))?;
            let unit = map.shift_remove("unit").ok_or_else(|| problem!("a length of time lacks its `unit`"))?;
            if let Some(other) = map.keys().next() {
                return Err(problem!("a length of time has no `{other}`; it has of, unit"));
            }
            (of, leaf(unit).map_err(|e| e.below("unit"))?)
        }
        pipeline => (Pipeline::try_from(pipeline)?, TimeUnit::Seconds),
    };
    Ok(Arg::Window(Box::new(of), unit))
}

/// Returns what is wrong with a word that is none of some.
fn none_of(words: &[&str], word: &str) -> Option<String> {
    let near = || suggestion(word, words.iter().copied());
    (!words.contains(&word)).then(|| format!("`{word}` is none of {}{}", words.join(", "), near()))
}
