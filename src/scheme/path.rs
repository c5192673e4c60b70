//! Paths: the name of exactly one node of a scheme.
//!
//! A path starts with the operation: `request.derive.canonical_query.sort`. Entries of a list are named by their
//! step, source or check, by `source` for the start of a pipeline, or by number; where a name stands several times,
//! `equal[1]` is the second. A key with a dot, a bracket or a quote in it stands in double quotes:
//! `request.place.query."auth.sig"`.

use crate::yaml::Segment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// The name of a node, from the operations down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Path(Vec<Named>);

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Named {
    /// To the value of a key, or to the only entry of this word in a list.
    Key(String),
    /// To one of the entries of this word in a list, from 0.
    Nth(String, usize),
    /// To an entry of a list by its number.
    Index(usize),
}

/// The word for the start of a pipeline.
const SOURCE: &str = "source";

/// Reason why a path leads nowhere, or to several places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// No such node.
    #[error("the edit `{path}` matches nothing: there is no `{name}` here; there is {there}")]
    NoMatch {
        /// The whole path.
        path: Path,
        /// Name that was not found.
        name: Named,
        /// Names that could have been given.
        there: String,
    },
    /// Several such nodes.
    #[error("the edit `{path}` matches {count} nodes: `{name}` stands {count} times; say which with {name}[0] to {name}[{}]", count - 1)]
    Ambiguous {
        /// The whole path.
        path: Path,
        /// Name that stands several times.
        name: Named,
        /// Number of them.
        count: usize,
    },
}

impl Path {
    /// The path of an operation.
    pub fn of(operation: &str) -> Path {
        Path(vec![Named::Key(operation.to_owned())])
    }

    /// The path one step further down.
    pub fn then(&self, named: Named) -> Path {
        Path(self.0.iter().cloned().chain([named]).collect())
    }

    /// The path to the value of a key.
    pub fn key(&self, key: &str) -> Path {
        self.then(Named::Key(key.to_owned()))
    }

    /// The path to the start of a pipeline.
    pub fn source(&self) -> Path {
        self.key(SOURCE)
    }

    /// Its names.
    pub fn names(&self) -> &[Named] {
        &self.0
    }

    /// The path without its last name.
    pub fn parent(&self) -> Path {
        Path(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    /// The key or word at a depth.
    pub fn word(&self, depth: usize) -> Option<&str> {
        match self.0.get(depth)? {
            Named::Key(word) | Named::Nth(word, _) => Some(word),
            Named::Index(_) => None,
        }
    }

    /// The path as a person needs it: without the start of pipelines, and without the number of the first.
    pub fn brief(&self) -> String {
        let brief = |named: &Named| match named {
            Named::Key(word) if word == SOURCE => None,
            Named::Nth(word, 0) => Some(Named::Key(word.clone()).to_string()),
            named => Some(named.to_string()),
        };
        self.0.iter().filter_map(brief).collect::<Vec<_>>().join(".")
    }

    /// Returns where in a printed tree it leads: keys and numbers alone. Below a named entry of a list lies what its
    /// name
    /// stands for: `sort` holds its options.
    pub fn locate(&self, tree: &Value) -> Result<Vec<Segment>, Lost> {
        self.lead(&self.0, tree)
    }

    /// The same for some of its names, from the node where they start.
    pub(super) fn lead(&self, names: &[Named], tree: &Value) -> Result<Vec<Segment>, Lost> {
        let mut way = Vec::new();
        let mut node = tree;
        let mut inner: Option<&str> = None;
        for named in names {
            if let Some(word) = inner.take() {
                let Some(below) = node.get(word) else { return Err(self.no_match(named, node)) };
                way.push(Segment::Key(word.to_owned()));
                node = below;
            }
            let segment = match (node, named) {
                (Value::Object(map), Named::Key(key)) if map.contains_key(key) => Segment::Key(key.clone()),
                (Value::Object(map), Named::Index(i)) if map.contains_key(&i.to_string()) => {
                    Segment::Key(i.to_string())
                }
                (Value::Array(items), Named::Index(i)) if *i < items.len() => Segment::Index(*i),
                (Value::Array(items), Named::Key(word)) if word == SOURCE && !items.is_empty() => Segment::Index(0),
                (Value::Array(items), Named::Key(word) | Named::Nth(word, _)) => {
                    let i = self.entry(items, named, word, node)?;
                    // A check holds its options itself, beside the key that names it.
                    inner = items[i].as_object().filter(|map| map.len() == 1).map(|_| word.as_str());
                    Segment::Index(i)
                }
                _ => return Err(self.no_match(named, node)),
            };
            node = match &segment {
                Segment::Key(key) => &node[key],
                Segment::Index(i) => &node[*i],
            };
            way.push(segment);
        }
        Ok(way)
    }

    /// The number of the list entry that a word names.
    fn entry(&self, items: &[Value], named: &Named, word: &str, node: &Value) -> Result<usize, Lost> {
        let is = |item: &Value| item == word || item.get(word).is_some();
        let found: Vec<usize> = (0..items.len()).filter(|&i| is(&items[i])).collect();
        let count = found.len();
        match (named, count) {
            (Named::Nth(_, n), _) => found.get(*n).copied().ok_or_else(|| self.no_match(named, node)),
            (_, 0) => Err(self.no_match(named, node)),
            (_, 1) => Ok(found[0]),
            _ => Err(Lost::Ambiguous { path: self.clone(), name: named.clone(), count }),
        }
    }

    fn no_match(&self, name: &Named, node: &Value) -> Lost {
        let there: Vec<String> = match node {
            Value::Object(map) => map.keys().cloned().collect(),
            Value::Array(items) => items.iter().map(entry_name).collect(),
            _ => Vec::new(),
        };
        let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
        Lost::NoMatch { path: self.clone(), name: name.clone(), there }
    }
}

fn entry_name(item: &Value) -> String {
    match item {
        Value::String(word) => word.clone(),
        Value::Object(map) => map.keys().next().cloned().unwrap_or_default(),
        Value::Array(items) => items.first().map(entry_name).unwrap_or_default(),
        other => other.to_string(),
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, named) in self.0.iter().enumerate() {
            let dot = if i > 0 { "." } else { "" };
            write!(f, "{dot}{named}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |f: &mut fmt::Formatter<'_>, word: &str| {
            let is_plain = !word.is_empty() && !word.contains(['.', '[', ']', '"']) && word.parse::<usize>().is_err();
            if is_plain { f.write_str(word) } else { write!(f, "{}", Value::from(word)) }
        };
        match self {
            Named::Key(key) => word(f, key),
            Named::Nth(name, n) => {
                word(f, name)?;
                write!(f, "[{n}]")
            }
            Named::Index(i) => write!(f, "{i}"),
        }
    }
}

impl FromStr for Path {
    type Err = String;

    fn from_str(text: &str) -> Result<Path, String> {
        let bad = |why: &str| format!("the path `{text}` {why}");
        let mut names = Vec::new();
        let mut rest = text;
        loop {
            let (word, is_quoted, after) = if rest.starts_with('"') {
                let mut quoted = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let word = quoted.next().and_then(Result::ok).ok_or_else(|| bad("has a quote that does not end"))?;
                (word, true, &rest[quoted.byte_offset()..])
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                (rest[..end].to_owned(), false, &rest[end..])
            };
            let (nth, after) = match after.strip_prefix('[').and_then(|after| after.split_once(']')) {
                Some((n, after)) => (Some(n.parse().map_err(|_| bad("has no number between brackets"))?), after),
                None => (None, after),
            };
            names.push(match (nth, word.parse()) {
                (Some(n), _) => Named::Nth(word, n),
                (None, Ok(i)) if !is_quoted => Named::Index(i),
                _ if word.is_empty() && !is_quoted => return Err(bad("has an empty name")),
                _ => Named::Key(word),
            });
            match after.strip_prefix('.') {
                Some(after) => rest = after,
                None if after.is_empty() => return Ok(Path(names)),
                None => return Err(bad("has something after a name that is no dot")),
            }
        }
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Path, String> {
        text.parse()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> String {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_prints() {
        for text in
            ["request.derive.s.sort", "r.verify.equal[1].equal.0", r#"r.place.query."auth.sig""#, r#"r."0"."a\"[b]".1"#]
        {
            let path: Path = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
        }
        let quoted: Path = r#"r."a.b"[2]"#.parse().unwrap();
        assert_eq!(quoted.names()[1], Named::Nth("a.b".into(), 2));
    }

    #[test]
    fn what_is_no_path_says_why() {
        for (text, why) in [("a..b", "empty name"), ("a[x]", "no number"), ("\"a", "does not end"), ("a[0]b", "no dot")]
        {
            assert!(text.parse::<Path>().unwrap_err().contains(why), "{text}");
        }
    }
}
