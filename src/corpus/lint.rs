//! Lints of the corpus as data: what a loader cannot refuse and a reader should never meet.
//!
//! The proofs that need evaluation (single fault, permitted readings) are in `runner`.

use super::export::CORPUS_VERSION;
use super::files::Files;
use super::load::{Corpus, Entry, Topic};
use super::model::{ProvenanceKind, Vector};
use crate::case::Ending;
use crate::yaml::{Document, Error, Scalars, Segment};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// All that is wrong with the corpus, in the order of the files.
pub fn lint(files: &Files, corpus: &Corpus) -> Vec<Error> {
    let mut findings: Vec<Error> =
        files.0.values().flat_map(|folder| folder.values()).filter_map(read_differently).collect();
    for entry in &corpus.entries {
        let mut linter = Linter { entry, findings: Vec::new() };
        linter.scheme(files);
        linter.names();
        linter.references();
        linter.stages();
        linter.duplicates();
        linter.statements();
        linter.faults();
        linter.withdrawn();
        findings.extend(linter.findings);
    }
    findings
}

/// Consumers in other languages read YAML with a reader of another family: both must see one thing.
fn read_differently((file, bytes): &(String, std::borrow::Cow<'static, [u8]>)) -> Option<Error> {
    let document = Document::parse(file, bytes, Scalars::Plain).ok()?;
    if let Some(text) = document.retyped().first() {
        let message = "two YAML readers understand this file differently";
        let message = format!("{message}: `{text}` is no text in YAML 1.1; quote it");
        return Some(Error::whole(file, message));
    }
    #[cfg(feature = "runner")]
    match serde_yaml::from_slice::<serde_json::Value>(bytes) {
        Ok(theirs) if theirs == document.value() => {}
        Ok(_) => return Some(Error::whole(file, "two YAML readers understand this file differently")),
        Err(e) => return Some(Error::whole(file, format!("another YAML reader refuses this file: {e}"))),
    }
    None
}

struct Linter<'a> {
    entry: &'a Entry,
    findings: Vec<Error>,
}

impl<'a> Linter<'a> {
    fn vector(&mut self, topic: &Topic, index: usize, message: String) {
        let error = topic.document.error(&["vectors".into(), index.into()], message);
        self.findings.push(error);
    }

    fn statement(&mut self, path: &[Segment], message: String) {
        let error = self.entry.statements_document.error(path, message);
        self.findings.push(error);
    }

    fn indexed(&self) -> impl Iterator<Item = (&'a Topic, usize, &'a Vector)> + use<'a> {
        let topics = self.entry.topics.iter();
        topics.flat_map(|topic| topic.file.vectors.iter().enumerate().map(move |(i, vector)| (topic, i, vector)))
    }

    fn scheme(&mut self, files: &Files) {
        let written = files.0.get(&self.entry.name).and_then(|folder| folder.get("scheme.yaml"));
        let parsed = written.and_then(|(file, bytes)| Document::parse(file, bytes, Scalars::Plain).ok());
        let Some(document) = parsed else { return };
        let without = self.entry.operations_without_vectors().map(|name| {
            let message = format!("no vector is of the operation `{name}`; write one, and `generate` finds more");
            (vec!["operations".into(), name.into()], message)
        });
        let all = self.entry.scheme.lint().into_iter().chain(without);
        self.findings.extend(all.map(|(path, message)| document.error(&path, message)));
    }

    fn names(&mut self) {
        let kebab = |name: &str| {
            !name.is_empty()
                && name
                    .split('-')
                    .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        };
        let mut seen = HashSet::new();
        for (topic, i, vector) in self.indexed() {
            if !kebab(&vector.name) {
                self.vector(
                    topic,
                    i,
                    format!("`{}` is not kebab-case: lower-case letters and digits, words joined by `-`", vector.name),
                );
            }
            if !seen.insert((&topic.name, &vector.name)) {
                self.vector(topic, i, format!("the name `{}` stands twice in this file", vector.name));
            }
            if vector.comment.trim().is_empty() || vector.source.place.trim().is_empty() {
                self.vector(topic, i, "a vector says in its comment why it exists, and its source has a place".into());
            }
        }
    }

    fn references(&mut self) {
        let (mut flags, mut shown) = (HashSet::new(), HashSet::new());
        for (topic, i, vector) in self.indexed().filter(|(_, _, vector)| vector.withdrawn.is_none()) {
            for flag in
                vector.flags.iter().filter(|f| !self.entry.scheme.flags.contains_key(*f)).cloned().collect::<Vec<_>>()
            {
                self.vector(topic, i, format!("the flag `{flag}` is not declared in scheme.yaml"));
            }
            let known = &self.entry.statements.discrepancies;
            for id in vector.discrepancies.iter().filter(|d| !known.contains_key(*d)) {
                self.vector(topic, i, format!("the discrepancy `{id}` is not recorded in statements.yaml"));
            }
            flags.extend(&vector.flags);
            shown.extend(&vector.discrepancies);
        }
        for flag in self.entry.scheme.flags.keys().filter(|flag| !flags.contains(flag)) {
            let message = format!("no vector has the flag `{flag}`");
            self.findings.push(Error::whole(&self.entry.name, message));
        }
        for (id, discrepancy) in &self.entry.statements.discrepancies {
            if shown.contains(id) == discrepancy.reason.is_some() {
                let message =
                    format!("the discrepancy `{id}` is either shown by a vector or has a reason why none can show it");
                self.statement(&["discrepancies".into(), id.as_str().into()], message);
            }
        }
        for (name, reading) in &self.entry.scheme.readings {
            if !self.entry.statements.discrepancies.contains_key(&reading.discrepancy) {
                let message = format!(
                    "the reading `{name}` answers the discrepancy `{}`, which is not recorded",
                    reading.discrepancy
                );
                self.statement(&["discrepancies".into()], message);
            }
        }
    }

    fn stages(&mut self) {
        let scheme = &self.entry.scheme;
        for (topic, i, Vector { given, expect, .. }) in self.indexed() {
            let edits = scheme.edits_of(given.variant.as_deref(), None).unwrap_or_default();
            let Ok(operation) = scheme.edited(&given.operation, edits) else { continue };
            let expected = expect.results.iter().flat_map(|result| result.stages.keys()).chain(expect.stages.keys());
            for stage in expected.filter(|stage| !operation.derive.contains_key(*stage)) {
                let known = operation.derive.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
                let message = format!("`{}` has no stage `{stage}`; it has {known}", given.operation);
                let way = ["vectors".into(), i.into(), "expect".into(), "stages".into(), stage.as_str().into()];
                self.findings.push(topic.document.error(&way, message));
            }
        }
    }

    fn duplicates(&mut self) {
        let mut seen: HashMap<String, (String, &Vector)> = HashMap::new();
        for (topic, i, vector) in self.indexed().filter(|(_, _, vector)| vector.withdrawn.is_none()) {
            // Two vectors are the same when the same is given, whatever the accounts are called.
            let given = json!(vector.given.in_full(&topic.file.accounts));
            let name = self.entry.full_name(topic, vector);
            if let Some((other, first)) = seen.get(&given.to_string()) {
                let agree = first.expect == vector.expect;
                let message = if agree {
                    format!("the same as {other}")
                } else {
                    format!("contradicts {other}: the same is given, and something else expected")
                };
                self.vector(topic, i, message);
            }
            seen.insert(given.to_string(), (name, vector));
        }
    }

    fn statements(&mut self) {
        let mut ids = HashSet::new();
        let statements = &self.entry.statements.statements;
        for (i, statement) in statements.iter().enumerate() {
            let path = ["statements".into(), i.into()];
            if !ids.insert(&statement.id) {
                self.statement(&path, format!("the id `{}` stands twice", statement.id));
            }
            if [&statement.place, &statement.says].iter().any(|text| text.trim().is_empty()) {
                self.statement(&path, "an empty row".into());
            }
            let reason = statement.reason.as_ref().is_some_and(|r| !r.trim().is_empty());
            if statement.vectors.is_empty() != reason {
                self.statement(&path, "a statement has either vectors that cover it or a reason why none can".into());
            }
            for name in statement.vectors.iter().filter(|name| self.entry.find(name).is_none()).collect::<Vec<_>>() {
                self.statement(&path, format!("there is no vector `{name}`"));
            }
        }
        if statements.is_empty() {
            self.statement(&["statements".into()], "no statements".into());
        }
    }

    fn withdrawn(&mut self) {
        let version = |text: &str| -> Option<[u32; 3]> {
            let parts: Vec<u32> = text.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
            parts.try_into().ok()
        };
        for (topic, i, vector) in self.indexed() {
            if let Some(withdrawn) = &vector.withdrawn {
                let since = version(&withdrawn.since);
                if withdrawn.reason.trim().is_empty() || since.is_none() || since > version(CORPUS_VERSION) {
                    let message =
                        "a vector is withdrawn with a `reason`, `since` a version of the corpus that there is";
                    self.vector(topic, i, message.into());
                }
            }
        }
        for kind in self.entry.statements.origins.keys() {
            if *kind == ProvenanceKind::Generated || self.indexed().all(|(_, _, vector)| vector.source.kind != *kind) {
                let message = "no vector has this kind of source, or it is of this project";
                self.statement(&["origins".into()], message.into());
            }
        }
    }

    fn faults(&mut self) {
        for (topic, i, vector) in self.indexed() {
            if vector.gains.is_some() && vector.gains().is_none() {
                self.vector(topic, i, "`gains` is of a vector that ends in a refusal, and this one does not".into());
            }
            let refused = vector.expect.results.last().is_some_and(|result| result.outcome == Ending::Reject);
            if refused != vector.fault.is_some() {
                let message = if refused {
                    "a vector that ends in a refusal says its fault"
                } else {
                    "a fault, and the vector does not end in a refusal"
                };
                self.vector(topic, i, message.into());
            }
            for result in &vector.expect.results {
                if (result.outcome == Ending::Reject) != result.class.is_some() {
                    self.vector(topic, i, "a refusal has a class, and nothing else has".into());
                }
            }
        }
    }
}
