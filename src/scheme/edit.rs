//! Edits: a change of exactly one node of a scheme, addressed by a named path.
//!
//! Variants, readings and mutants are all lists of edits. A path starts with the operation:
//! `request.derive.canonical_query.sort`. Entries of a list are named by their step, source or
//! check (`sort`, `concat`, `equal`), by `source` for the start of a pipeline, or by number; where a
//! name stands several times, `equal[1]` is the second. Edits work on the printed form, in which
//! every pipeline is a list and every step has all its options.

use super::model::Operation;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// A change of exactly one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Edit {
    /// Path of the node.
    pub at: String,
    /// What happens to it.
    pub change: Change,
}

/// What happens to a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It goes away.
    Delete(bool),
    /// It and its successor change places.
    SwapWithNext(bool),
    /// These options get these values.
    Set(Map<String, Value>),
    /// A node is put in before it.
    InsertBefore(Value),
    /// A node is put in after it.
    InsertAfter(Value),
    /// Another node takes its place.
    Replace(Value),
}

/// Why an edit cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// No such node.
    #[error("the edit `{path}` matches nothing: there is no `{segment}` here; there is {there}")]
    NoMatch {
        /// The whole path.
        path: String,
        /// The segment that was not found.
        segment: String,
        /// What could have been named.
        there: String,
    },
    /// Several such nodes.
    #[error("the edit `{path}` matches {count} nodes: `{segment}` stands {count} times; say which with {segment}[0] to {segment}[{}]", count - 1)]
    Ambiguous {
        /// The whole path.
        path: String,
        /// The segment that stands several times.
        segment: String,
        /// How many there are.
        count: usize,
    },
    /// The change does not fit the node.
    #[error("the edit `{path}` cannot be applied: {reason}")]
    Unfit {
        /// The whole path.
        path: String,
        /// Why not.
        reason: String,
    },
}

/// One step down the tree of plain data.
#[derive(Debug, Clone)]
enum Down {
    Key(String),
    Index(usize),
}

impl Edit {
    /// Applies this edit to operations by name.
    pub fn apply(&self, operations: &IndexMap<String, Operation>) -> Result<IndexMap<String, Operation>, EditError> {
        let mut tree = serde_json::to_value(operations).map_err(|e| self.unfit(e.to_string()))?;
        self.apply_to_printed(&mut tree)?;
        serde_json::from_value(tree).map_err(|e| self.unfit(format!("the scheme is not valid after it: {e}")))
    }

    /// Applies this edit to plain data in printed form.
    pub(crate) fn apply_to_printed(&self, tree: &mut Value) -> Result<(), EditError> {
        let (place, named) = self.find(tree)?;
        let (last, above) = place.split_last().ok_or_else(|| self.unfit("the path is empty".into()))?;
        let parent = descend(tree, above).ok_or_else(|| self.unfit("the path leads nowhere".into()))?;
        match (&self.change, parent, last) {
            (Change::Set(options), parent, last) => {
                let node = descend(parent, std::slice::from_ref(last)).ok_or_else(|| self.unfit("no node".into()))?;
                self.set(node, named.as_deref(), options)
            }
            (Change::Delete(_), Value::Array(items), Down::Index(i)) => {
                items.remove(*i);
                Ok(())
            }
            (Change::Delete(_), Value::Object(map), Down::Key(key)) => {
                map.shift_remove(key);
                Ok(())
            }
            (Change::SwapWithNext(_), Value::Array(items), Down::Index(i)) if i + 1 < items.len() => {
                items.swap(*i, i + 1);
                Ok(())
            }
            (Change::InsertBefore(node), Value::Array(items), Down::Index(i)) => {
                items.insert(*i, node.clone());
                Ok(())
            }
            (Change::InsertAfter(node), Value::Array(items), Down::Index(i)) => {
                items.insert(i + 1, node.clone());
                Ok(())
            }
            (Change::InsertBefore(entries), Value::Object(map), Down::Key(key)) => self.insert(map, key, entries, 0),
            (Change::InsertAfter(entries), Value::Object(map), Down::Key(key)) => self.insert(map, key, entries, 1),
            (Change::Replace(node), Value::Array(items), Down::Index(i)) => {
                items[*i] = node.clone();
                Ok(())
            }
            (Change::Replace(node), Value::Object(map), Down::Key(key)) => {
                map.insert(key.clone(), node.clone());
                Ok(())
            }
            _ => Err(self.unfit("only an entry of a list with another one after it changes places".into())),
        }
    }

    /// The way to the node, and the name of the list entry that it is.
    fn find(&self, tree: &Value) -> Result<(Vec<Down>, Option<String>), EditError> {
        let mut way = Vec::new();
        let mut node = tree;
        let mut named: Option<String> = None;
        for segment in self.at.split('.') {
            // Below a named entry of a list lies what its name stands for: `sort` holds its options.
            if let Some(name) = named.take() {
                let inner = node.get(&name).ok_or_else(|| self.unfit(format!("`{name}` has nothing below it")))?;
                way.push(Down::Key(name));
                node = inner;
            }
            let (name, which) = index_of(segment);
            let down = match node {
                Value::Object(map) if which.is_none() && map.contains_key(name) => Down::Key(name.to_owned()),
                Value::Array(items) => match name.parse::<usize>() {
                    Ok(i) if i < items.len() => Down::Index(i),
                    _ if name == "source" && !items.is_empty() => Down::Index(0),
                    _ => {
                        let i = self.entry(items, segment, name, which)?;
                        // A check holds its options itself, beside the key that names it.
                        let is_step = items[i].as_object().is_some_and(|map| map.len() == 1);
                        named = is_step.then(|| name.to_owned());
                        Down::Index(i)
                    }
                },
                _ => return Err(self.no_match(segment, node)),
            };
            node = match &down {
                Down::Key(key) => &node[key],
                Down::Index(i) => &node[*i],
            };
            way.push(down);
        }
        Ok((way, named))
    }

    fn entry(&self, items: &[Value], segment: &str, name: &str, which: Option<usize>) -> Result<usize, EditError> {
        let matches = |item: &Value| item == name || item.get(name).is_some();
        let found: Vec<usize> = (0..items.len()).filter(|&i| matches(&items[i])).collect();
        match (found.as_slice(), which) {
            ([], _) => Err(self.no_match(segment, &Value::Array(items.to_vec()))),
            ([one], None | Some(0)) => Ok(*one),
            (several, Some(n)) => {
                several.get(n).copied().ok_or_else(|| self.no_match(segment, &Value::Array(items.to_vec())))
            }
            (several, None) => {
                Err(EditError::Ambiguous { path: self.at.clone(), segment: name.into(), count: several.len() })
            }
        }
    }

    fn set(&self, node: &mut Value, named: Option<&str>, options: &Map<String, Value>) -> Result<(), EditError> {
        // A step or source holds its options below its name.
        let options_of = match named {
            Some(name) => node.get_mut(name),
            None => Some(node),
        };
        match options_of {
            Some(Value::Object(map)) => {
                map.extend(options.clone());
                Ok(())
            }
            _ => Err(self.unfit("this node has no options to set".into())),
        }
    }

    fn insert(&self, map: &mut Map<String, Value>, key: &str, new: &Value, after: usize) -> Result<(), EditError> {
        let Value::Object(new) = new else {
            return Err(self.unfit("into a map, entries are inserted as a map".into()));
        };
        let at = map.keys().position(|k| k == key).unwrap_or(0) + after;
        let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
        entries.splice(at..at, new.clone());
        map.extend(entries);
        Ok(())
    }

    fn no_match(&self, segment: &str, node: &Value) -> EditError {
        let there = match node {
            Value::Object(map) => map.keys().cloned().collect(),
            Value::Array(items) => items.iter().map(entry_name).collect(),
            _ => Vec::new(),
        };
        let there = if there.is_empty() { "nothing".to_owned() } else { there.join(", ") };
        EditError::NoMatch { path: self.at.clone(), segment: segment.into(), there }
    }

    fn unfit(&self, reason: String) -> EditError {
        EditError::Unfit { path: self.at.clone(), reason }
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

fn index_of(segment: &str) -> (&str, Option<usize>) {
    let parsed = segment.strip_suffix(']').and_then(|s| s.split_once('['));
    parsed.and_then(|(name, n)| n.parse().ok().map(|n| (name, Some(n)))).unwrap_or((segment, None))
}

fn descend<'a>(tree: &'a mut Value, way: &[Down]) -> Option<&'a mut Value> {
    way.iter().try_fold(tree, |node, down| match down {
        Down::Key(key) => node.get_mut(key),
        Down::Index(i) => node.get_mut(*i),
    })
}

impl TryFrom<Value> for Edit {
    type Error = String;

    fn try_from(value: Value) -> Result<Edit, String> {
        let Value::Object(mut map) = value else { return Err(format!("`{value}` is no edit; it is a map")) };
        let at = match map.shift_remove("edit") {
            Some(Value::String(path)) if !path.is_empty() => path,
            _ => return Err("an edit names its node: {edit: operation.derive.stage.step, …}".into()),
        };
        if map.len() != 1 {
            let known = "delete, swap-with-next, set, insert-before, insert-after, replace";
            return Err(format!("the edit `{at}` has {} changes; it has exactly one of {known}", map.len()));
        }
        let change = serde_json::from_value(Value::Object(map)).map_err(|e| format!("the edit `{at}`: {e}"))?;
        Ok(Edit { at, change })
    }
}

impl From<Edit> for Value {
    fn from(edit: Edit) -> Value {
        let mut map = Map::new();
        map.insert("edit".into(), Value::String(edit.at));
        if let Ok(Value::Object(change)) = serde_json::to_value(edit.change) {
            map.extend(change);
        }
        Value::Object(map)
    }
}
