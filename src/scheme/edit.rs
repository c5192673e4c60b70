//! Edits: a change of exactly one node of a scheme.
//!
//! Variants, readings and mutants are all lists of edits. Edits work on the printed form, in which every pipeline is a
//! list and every step has all its options; what an edit does not name stays as it is.

use super::path::{Lost, Path};
use crate::yaml::Segment;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

/// A change of exactly one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Edit {
    /// Path of the node.
    pub at: Path,
    /// Change of the node.
    pub change: EditKind,
}

/// Change of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditKind {
    /// It goes away.
    Delete,
    /// It and its successor change places.
    SwapWithNext,
    /// These options get these values.
    Set(Map<String, Value>),
    /// A node is put in before it.
    InsertBefore(Value),
    /// A node is put in after it.
    InsertAfter(Value),
    /// Another node takes its place.
    Replace(Value),
}

/// Reason why an edit cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EditError {
    /// Its path leads to no node, or to several.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// The change does not fit the node.
    #[error("the edit `{path}` cannot be applied: {reason}")]
    Unfit {
        /// The whole path.
        path: Path,
        /// Reason why not.
        reason: String,
    },
}

impl Edit {
    /// Applies this edit to plain data in printed form.
    pub(super) fn apply(&self, tree: &mut Value) -> Result<(), EditError> {
        self.apply_below(0, tree)
    }

    /// Applies this edit to the node to which the first names of its path lead.
    pub(super) fn apply_below(&self, depth: usize, tree: &mut Value) -> Result<(), EditError> {
        let place = self.at.lead(&self.at.names()[depth..], tree)?;
        let Some((last, above)) = place.split_last() else { return self.change(tree) };
        let nowhere = || self.unfit("the path leads nowhere");
        let parent = descend(tree, above).ok_or_else(nowhere)?;
        match (&self.change, parent, last) {
            (EditKind::Set(_) | EditKind::Replace(_), parent, last) => {
                self.change(descend(parent, std::slice::from_ref(last)).ok_or_else(nowhere)?)?;
            }
            (EditKind::Delete, Value::Array(items), Segment::Index(i)) => drop(items.remove(*i)),
            (EditKind::Delete, Value::Object(map), Segment::Key(key)) => drop(map.shift_remove(key)),
            (EditKind::SwapWithNext, Value::Array(items), Segment::Index(i)) if i + 1 < items.len() => {
                items.swap(*i, i + 1);
            }
            (EditKind::InsertBefore(node), Value::Array(items), Segment::Index(i)) => items.insert(*i, node.clone()),
            (EditKind::InsertAfter(node), Value::Array(items), Segment::Index(i)) => items.insert(i + 1, node.clone()),
            (EditKind::InsertBefore(entries), Value::Object(map), Segment::Key(key)) => {
                self.insert(map, key, entries, 0)?
            }
            (EditKind::InsertAfter(entries), Value::Object(map), Segment::Key(key)) => {
                self.insert(map, key, entries, 1)?
            }
            _ => return Err(self.unfit("only an entry of a list with another one after it changes places")),
        }
        Ok(())
    }

    /// Changes a node that stays where it is.
    fn change(&self, node: &mut Value) -> Result<(), EditError> {
        match &self.change {
            EditKind::Set(options) => self.set(node, options),
            EditKind::Replace(new) => {
                *node = new.clone();
                Ok(())
            }
            _ => Err(self.unfit("the path is empty")),
        }
    }

    /// Sets options: of a step or source they lie below its word, of a check beside it.
    fn set(&self, node: &mut Value, options: &Map<String, Value>) -> Result<(), EditError> {
        let word = self.at.names().last().and_then(|_| self.at.word(self.at.names().len() - 1));
        let below = match node {
            Value::Object(map) if map.len() == 1 => map.keys().next().filter(|key| Some(key.as_str()) == word).cloned(),
            _ => None,
        };
        let options_of = match below {
            Some(word) => node.get_mut(&word),
            None => Some(node),
        };
        match options_of {
            Some(Value::Object(map)) => {
                map.extend(options.clone());
                Ok(())
            }
            _ => Err(self.unfit("this node has no options to set")),
        }
    }

    fn insert(&self, map: &mut Map<String, Value>, key: &str, new: &Value, after: usize) -> Result<(), EditError> {
        let Value::Object(new) = new else {
            return Err(self.unfit("into a map, entries are inserted as a map"));
        };
        let at = map.keys().position(|k| k == key).unwrap_or(0) + after;
        let mut entries: Vec<_> = std::mem::take(map).into_iter().collect();
        entries.splice(at..at, new.clone());
        map.extend(entries);
        Ok(())
    }

    pub(super) fn unfit(&self, reason: impl Into<String>) -> EditError {
        EditError::Unfit { path: self.at.clone(), reason: reason.into() }
    }
}

fn descend<'a>(tree: &'a mut Value, way: &[Segment]) -> Option<&'a mut Value> {
    way.iter().try_fold(tree, |node, down| match down {
        Segment::Key(key) => node.get_mut(key),
        Segment::Index(i) => node.get_mut(*i),
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
        let path: Path = at.parse()?;
        let known = "delete, swap-with-next, set, insert-before, insert-after, replace";
        let count = map.len();
        let mut changes = map.into_iter();
        let (Some((word, value)), 1) = (changes.next(), count) else {
            return Err(format!("the edit `{at}` has {count} changes; it has exactly one of {known}"));
        };
        let change = match (word.as_str(), value) {
            ("delete", Value::Bool(true)) => EditKind::Delete,
            ("swap-with-next", Value::Bool(true)) => EditKind::SwapWithNext,
            ("delete" | "swap-with-next", other) => {
                return Err(format!(
                    "the edit `{at}` has `{word}: {other}`; it is written `{word}: true`, or left out"
                ));
            }
            ("set", Value::Object(options)) => EditKind::Set(options),
            ("set", other) => return Err(format!("the edit `{at}` sets `{other}`; options are set by a map")),
            ("insert-before", node) => EditKind::InsertBefore(node),
            ("insert-after", node) => EditKind::InsertAfter(node),
            ("replace", node) => EditKind::Replace(node),
            (other, _) => return Err(format!("the edit `{at}` has the change `{other}`; it is one of {known}")),
        };
        Ok(Edit { at: path, change })
    }
}

impl From<Edit> for Value {
    fn from(edit: Edit) -> Value {
        let (word, value) = match edit.change {
            EditKind::Delete => ("delete", Value::Bool(true)),
            EditKind::SwapWithNext => ("swap-with-next", Value::Bool(true)),
            EditKind::Set(options) => ("set", Value::Object(options)),
            EditKind::InsertBefore(node) => ("insert-before", node),
            EditKind::InsertAfter(node) => ("insert-after", node),
            EditKind::Replace(node) => ("replace", node),
        };
        Value::Object(
            [("edit".to_owned(), Value::String(edit.at.into())), (word.to_owned(), value)].into_iter().collect(),
        )
    }
}
