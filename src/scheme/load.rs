//! Loading a scheme file: strict YAML, `like` resolved, edits applied, everything compiled once, so
//! that a scheme that exists is valid.

use super::compile::Problem;
use super::edit::Edit;
use super::model::{Operation, Scheme};
use super::mutant_steps::MUTANT_STEPS;
use super::program::Program;
use crate::yaml::{self, Document, Scalars, Segment};
use indexmap::IndexMap;
use serde_json::{Map, Value};

/// Why a scheme cannot be loaded; it says where.
pub type LoadError = yaml::Error;

/// Parses and checks a scheme; `file` is only a name for messages.
pub fn load(file: &str, bytes: &[u8]) -> Result<Scheme, LoadError> {
    let document = Document::parse(file, bytes, Scalars::Plain)?;
    let mut tree = document.value();
    resolve_like(&document, &mut tree)?;
    let scheme: Scheme = document.decode_value(tree)?;
    if let Some(name) = deviation_in(&scheme.printed()["operations"]) {
        let message = format!("`{name}` is a wrong way that mutants go; a scheme file may not prescribe it");
        return Err(document.error(&yaml::path("operations"), message));
    }
    check_operations(&document, &scheme)?;
    check_edits(&document, &scheme)?;
    Ok(scheme)
}

/// A deviation, or a step of mutants, somewhere in the printed form.
fn deviation_in(node: &Value) -> Option<String> {
    match node {
        Value::Array(items) => items.iter().find_map(|item| {
            let step = item.as_object().filter(|map| map.len() == 1).and_then(|map| map.keys().next());
            let mutant = step.filter(|name| MUTANT_STEPS.iter().any(|doc| doc.name == *name));
            mutant.cloned().or_else(|| deviation_in(item))
        }),
        Value::Object(map) => match map.get("deviation") {
            Some(Value::String(name)) => Some(name.clone()),
            _ => map.values().find_map(deviation_in),
        },
        _ => None,
    }
}

/// Puts the edited copy of another operation in place of `{like: NAME, edits: […]}`.
fn resolve_like(document: &Document, tree: &mut Value) -> Result<(), LoadError> {
    let Some(Value::Object(operations)) = tree.get_mut("operations") else { return Ok(()) };
    let originals = operations.clone();
    for (name, operation) in operations.iter_mut() {
        let Some(original) = operation.get("like") else { continue };
        let at = ["operations", name, "like"].map(|s| Segment::Key(s.into()));
        let original = original.as_str().and_then(|o| originals.get(o)).filter(|o| o.get("like").is_none());
        let original = original.ok_or_else(|| {
            document.error(&at, "`like` names an operation of this scheme that is written out in full")
        })?;
        // What is wrong with the original is said of the original, when it is decoded itself.
        let Ok(printed) = serde_json::from_value::<Operation>(original.clone()).and_then(serde_json::to_value) else {
            *operation = original.clone();
            continue;
        };
        *operation = alike(printed, operation).map_err(|e| document.error(&at, e))?;
    }
    Ok(())
}

/// The printed form of an operation, edited; edits address the printed form.
fn alike(mut printed: Value, like: &Value) -> Result<Value, String> {
    let allowed = like.as_object().is_some_and(|map| map.keys().all(|k| k == "like" || k == "edits"));
    if !allowed {
        return Err("an operation that is `like` another has `edits` and nothing else".into());
    }
    let edits: Vec<Edit> = match like.get("edits") {
        Some(edits) => serde_json::from_value(edits.clone()).map_err(|e| e.to_string())?,
        None => Vec::new(),
    };
    edits.iter().try_for_each(|edit| edit.apply_to_printed(&mut printed)).map_err(|e| e.to_string())?;
    Ok(printed)
}

fn check_operations(document: &Document, scheme: &Scheme) -> Result<(), LoadError> {
    if scheme.operations.is_empty() {
        return Err(document.error(&yaml::path("operations"), "a scheme has at least one operation"));
    }
    for (name, operation) in &scheme.operations {
        if let Err(Problem { path, message }) = Program::compile(scheme, operation) {
            let place = yaml::path(&format!("operations.{name}.{path}"));
            return Err(document.error(&place, format!("{name}.{path}: {message}")));
        }
    }
    Ok(())
}

fn check_edits(document: &Document, scheme: &Scheme) -> Result<(), LoadError> {
    let variants = scheme.variants.iter().map(|(name, variant)| ("variants", name, &variant.edits));
    let readings = scheme.readings.iter().map(|(name, reading)| ("readings", name, &reading.edits));
    for (block, name, edits) in variants.chain(readings) {
        let edited = scheme.edited(edits).map_err(|(i, message)| {
            let place = yaml::path(&format!("{block}.{name}.edits.{}", i.unwrap_or(0)));
            document.error(&place, message)
        })?;
        if edited.operations == scheme.operations {
            let place = yaml::path(&format!("{block}.{name}"));
            return Err(document.error(&place, "these edits change nothing"));
        }
    }
    Ok(())
}

impl Scheme {
    /// The scheme with edits applied and checked; an error says at which edit.
    pub fn edited(&self, edits: &[Edit]) -> Result<Scheme, (Option<usize>, String)> {
        let mut operations = self.operations.clone();
        for (i, edit) in edits.iter().enumerate() {
            operations = edit.apply(&operations).map_err(|e| (Some(i), e.to_string()))?;
        }
        let edited = Scheme { operations, ..self.clone() };
        let changed = |(name, operation): &(&String, &Operation)| self.operations.get(*name) != Some(operation);
        for (name, operation) in edited.operations.iter().filter(changed) {
            Program::compile(&edited, operation).map_err(|p| (None, format!("after the edits, {name}.{p}")))?;
        }
        Ok(edited)
    }

    /// The scheme as plain data in printed form; loading it again gives the same scheme.
    pub fn printed(&self) -> Value {
        serde_json::to_value(self).unwrap_or(Value::Object(Map::new()))
    }

    /// Operations by name, with a variant and a reading applied.
    pub fn resolved(&self, variant: Option<&str>, reading: Option<&str>) -> Result<Scheme, String> {
        let mut edits: Vec<Edit> = Vec::new();
        if let Some(name) = variant {
            edits.extend(known("variant", name, &self.variants)?.edits.iter().cloned());
        }
        if let Some(name) = reading {
            edits.extend(known("reading", name, &self.readings)?.edits.iter().cloned());
        }
        self.edited(&edits).map_err(|(_, message)| message)
    }
}

fn known<'a, T>(what: &str, name: &str, all: &'a IndexMap<String, T>) -> Result<&'a T, String> {
    let names = || all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    all.get(name).ok_or_else(|| {
        format!("unknown {what} `{name}`; the scheme has {}", if all.is_empty() { "none".into() } else { names() })
    })
}
