//! Loading a scheme file: strict YAML, `like` resolved, edits applied, everything compiled once, so
//! that a scheme that exists is valid.

use super::edit::Edit;
use super::implementation::Implementation;
use super::item::{Check, Pipeline};
use super::machine::Program;
use super::model::{Alike, Binding, Operation, Scheme};
use crate::yaml::{self, Document, Scalars, Segment};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use std::sync::Arc;

/// As many edits as one variant, reading or operation `like` another may have: each may move all that is after it.
const MAX_EDITS: usize = 1000;

/// Reason why a scheme cannot be loaded; it says where.
pub type LoadError = yaml::Error;

/// Parses and checks a scheme; `file` is only a name for messages.
pub fn load(file: &str, bytes: &[u8]) -> Result<Scheme, LoadError> {
    let document = Document::parse(file, bytes, Scalars::Plain)?;
    let mut tree = document.value();
    resolve_like(&document, &mut tree)?;
    let scheme: Scheme = yaml::decode(&tree).map_err(|(mut path, message)| {
        path.extend(way_to_mistake(&tree, &path));
        document.error(&path, message)
    })?;
    if scheme.operations.is_empty() {
        return Err(document.error(&yaml::path("operations"), "a scheme has at least one operation"));
    }
    if let Some(name) = scheme.account.keys().find(|name| name.contains('.')) {
        let why = "a dot stands between a pair and its half, and in no name of a credential";
        return Err(document.error(&[key("account"), key(name)], why));
    }
    for (name, operation) in &scheme.operations {
        Program::compile_as_written(&scheme, operation).map_err(|problem| {
            let message = format!("{name}.{}", problem.placed());
            document.error(&problem.within([key("operations"), key(name)]).way, message)
        })?;
    }
    check_edits(&document, scheme)
}

fn key(key: &str) -> Segment {
    Segment::Key(key.to_owned())
}

/// The way on to the mistake where the node at a path is a pipeline, a binding or a check; none elsewhere.
fn way_to_mistake(tree: &Value, path: &[Segment]) -> Vec<Segment> {
    let [_, _, Segment::Key(block), within @ ..] = path else { return Vec::new() };
    let node = path.iter().try_fold(tree, |node, segment| match segment {
        Segment::Key(key) => node.get(key),
        Segment::Index(i) => node.get(i),
    });
    let value = node.cloned().unwrap_or_default();
    let problem = match (block.as_str(), within.len()) {
        ("receive", 1) => Binding::try_from(value).err(),
        ("verify", 1) => Check::try_from(value).err(),
        ("derive", 1) | ("prepare" | "place", 2) => Pipeline::try_from(value).err(),
        _ => None,
    };
    problem.map_or(Vec::new(), |problem| problem.way)
}

/// Puts the edited copy of another operation in place of `{like: NAME, edits: […]}`.
fn resolve_like(document: &Document, tree: &mut Value) -> Result<(), LoadError> {
    let Some(Value::Object(operations)) = tree.get_mut("operations") else { return Ok(()) };
    let originals = operations.clone();
    for (name, operation) in operations.iter_mut() {
        if operation.get("like").is_none() {
            continue;
        }
        let at = ["operations", name, "like"].map(key);
        let alike: Alike =
            yaml::decode(operation).map_err(|(way, message)| document.error(&[&at[..2], &way].concat(), message))?;
        let original = originals.get(&alike.like).filter(|o| o.get("like").is_none());
        let original = original.ok_or_else(|| {
            document.error(&at, "`like` names an operation of this scheme that is written out in full")
        })?;
        // What is wrong with the original is said of the original, when it is decoded itself.
        let Ok(printed) = serde_json::from_value::<Operation>(original.clone()).and_then(serde_json::to_value) else {
            *operation = original.clone();
            continue;
        };
        *operation = edited(printed, &alike.edits).map_err(|e| document.error(&at, e))?;
    }
    Ok(())
}

/// The printed form of an operation, edited; edits address the printed form.
fn edited(mut printed: Value, edits: &[Edit]) -> Result<Value, String> {
    few_enough(edits)?;
    edits.iter().try_for_each(|edit| edit.apply(&mut printed)).map_err(|e| e.to_string())?;
    Ok(printed)
}

fn few_enough(edits: &[Edit]) -> Result<(), String> {
    if edits.len() > MAX_EDITS {
        return Err(format!("{} edits, and at most {MAX_EDITS} are applied; write the operation out", edits.len()));
    }
    Ok(())
}

/// Applies the edits of every variant and reading once.
fn check_edits(document: &Document, scheme: Scheme) -> Result<Scheme, LoadError> {
    let scheme = Arc::new(scheme);
    let mut bases = IndexMap::new();
    for name in scheme.operations.keys() {
        let base = Implementation::of(&scheme, name, None, None);
        bases.insert(name.clone(), base.map_err(|e| document.error(&[key("operations"), key(name)], e))?);
    }
    let variants = scheme.variants.iter().map(|(name, variant)| ("variants", name, &variant.edits));
    let readings = scheme.readings.iter().map(|(name, reading)| ("readings", name, &reading.edits));
    for (block, name, edits) in variants.chain(readings) {
        let at = |i: usize| [key(block), key(name), key("edits"), Segment::Index(i)];
        few_enough(edits).map_err(|message| document.error(&[key(block), key(name), key("edits")], message))?;
        if let Some(i) = edits.iter().position(|edit| edit.at.word(0).is_none_or(|op| !bases.contains_key(op))) {
            let known = bases.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let message = format!("the edit `{}` starts with no operation of this scheme; it has {known}", edits[i].at);
            return Err(document.error(&at(i), message));
        }
        let mut changes = false;
        for (operation, base) in &bases {
            let own = |edit: &&Edit| edit.at.word(0) == Some(operation);
            let edited = base.edited(&edits.iter().filter(own).collect::<Vec<_>>()).map_err(|why| {
                let failing = scheme.edited(operation, edits).err().and_then(|(i, _)| i);
                document.error(&at(failing.unwrap_or(0)), why.to_string())
            })?;
            if edited.differs() {
                changes = true;
                Program::compile_as_written(&scheme, &edited.operation()).map_err(|problem| {
                    let message = format!("after the edits, {operation}.{}", problem.placed());
                    document.error(&[key(block), key(name), key("edits")], message)
                })?;
            }
        }
        if !changes {
            return Err(document.error(&[key(block), key(name)], "these edits change nothing"));
        }
    }
    drop(bases);
    Ok(Arc::into_inner(scheme).unwrap_or_else(|| unreachable!("nobody else holds the scheme")))
}

impl Scheme {
    /// The scheme as plain data in printed form; loading it again gives the same scheme.
    pub fn printed(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Object(Map::new()))
    }
}
