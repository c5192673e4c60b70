//! A vector that is like another one of its scheme: what is given is taken from there, with changes.
//!
//! `like` names, in full, a vector that is written out. Given is what is given there, with the change of the fault
//! where that is made after signing, and then each of `changes`. Nothing else is taken over, expectations least of all.

use super::model::Fault;
use crate::bytes::Bytes;
use crate::case::{Change, Given, SignTask, Task, VerifyTask};
use crate::request::{Pair, Request, Target};
use crate::yaml::{self, Document, Error, Segment};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Vectors of a scheme that are written out, by their full names: what is given, and the accounts of the file.
#[derive(Default)]
pub(super) struct Originals<'t>(HashMap<String, (&'t Value, &'t Value)>);

impl<'t> Originals<'t> {
    /// Of the files of a scheme, each under the name of its topic.
    pub fn of(scheme: &str, topics: impl Iterator<Item = (&'t str, &'t Value)>) -> Originals<'t> {
        let mut all = HashMap::new();
        for (topic, tree) in topics {
            let accounts = tree.get("accounts").unwrap_or(&Value::Null);
            for vector in tree.get("vectors").and_then(Value::as_array).into_iter().flatten() {
                if let (Some(Value::String(name)), Some(given)) = (vector.get("name"), vector.get("given")) {
                    all.insert(format!("{scheme}/{topic}/{name}"), (given, accounts));
                }
            }
        }
        Originals(all)
    }

    /// A file with what is given written out in every vector that is like another.
    pub fn resolved(&self, document: &Document, tree: &Value) -> Result<Value, Error> {
        let mut resolved = tree.clone();
        let accounts = tree.get("accounts").unwrap_or(&Value::Null);
        let Some(Value::Array(vectors)) = resolved.get_mut("vectors") else { return Ok(resolved) };
        for (i, vector) in vectors.iter_mut().enumerate() {
            let Value::Object(fields) = vector else { continue };
            self.write_out(fields, accounts).map_err(|(below, message)| {
                let path: Vec<Segment> = ["vectors".into(), i.into()].into_iter().chain(below).collect();
                document.error(&path, message)
            })?;
        }
        Ok(resolved)
    }

    fn write_out(&self, fields: &mut Map<String, Value>, accounts: &Value) -> Result<(), Misplaced> {
        let (like, changes) = (fields.shift_remove("like"), fields.shift_remove("changes"));
        let Some(like) = like else {
            let message = "`changes` are of a vector that is `like` another, and this one is not";
            return if changes.is_some() { Err((vec!["changes".into()], message.into())) } else { Ok(()) };
        };
        if fields.contains_key("given") {
            let message = "a vector that is `like` another has no `given`: what differs stands under `changes`";
            return Err((vec!["given".into()], message.into()));
        }
        let at_like = |message: &str| (vec!["like".into()], message.to_owned());
        let message =
            "`like` names a vector of this scheme, in full, that has its `given` written out; there is none such";
        let &(original, theirs) = like.as_str().and_then(|name| self.0.get(name)).ok_or_else(|| at_like(message))?;
        // What is wrong with the original or with the fault is said of these, when they are decoded themselves.
        let Ok(mut given) = yaml::decode::<Given>(original) else {
            fields.insert("given".into(), original.clone());
            return Ok(());
        };
        if given.task.accounts().iter().any(|name| theirs.get(name) != accounts.get(name)) {
            return Err(at_like(
                "the accounts of the vector that this one is `like` stand in both files, and are the same",
            ));
        }
        let fault = fields.get("fault").and_then(|fault| yaml::decode::<Fault>(fault).ok());
        if let Some(fault) = fault.filter(|fault| fault.when.is_after()) {
            let at = vec!["fault".into(), "change".into()];
            make(&fault.change, &mut given).map_err(|message| (at, message))?;
        }
        let changes: Vec<Change> = yaml::decode(&changes.unwrap_or(json!([])))
            .map_err(|(below, message)| ([Segment::from("changes")].into_iter().chain(below).collect(), message))?;
        for (i, change) in changes.iter().enumerate() {
            make(change, &mut given).map_err(|message| (vec!["changes".into(), i.into()], message))?;
        }
        fields.insert("given".into(), json!(given));
        Ok(())
    }
}

/// The node of a vector that is wrong, and what is wrong with it.
type Misplaced = (Vec<Segment>, String);

/// Makes a change of what is given.
fn make(change: &Change, given: &mut Given) -> Result<(), String> {
    match (change, &mut given.task) {
        // These say in words why a message is refused, and change nothing.
        (Change::State(_) | Change::AsPrinted(_), _) => {}
        (Change::SetVariant(variant), _) => given.variant = Some(variant.clone()),
        (_, Task::Sign(task)) => make_of_signed(change, task)?,
        (_, Task::Verify(task)) => make_of_sent(change, task)?,
    }
    Ok(())
}

fn make_of_signed(change: &Change, task: &mut SignTask<String>) -> Result<(), String> {
    let request = &mut task.request;
    match (change, &mut request.target) {
        (Change::SetTime(time), _) => task.time = Some(time.clone()),
        (Change::SetParameter(name, value), _) => drop(task.parameters.insert(name.clone(), value.clone())),
        (Change::SetTarget(exact), target) => *target = Target::Exact(exact.clone()),
        (Change::SetQuery(name, value), Target::Meant { query, .. }) => {
            let at = query.iter().position(|pair| pair.0 == *name).unwrap_or(query.len());
            query.retain(|pair| pair.0 != *name);
            query.insert(at, Pair(name.clone(), Some(value.clone())));
        }
        (Change::AddQuery(name, value), Target::Meant { query, .. }) => {
            query.push(Pair(name.clone(), Some(value.clone())));
        }
        (Change::RemoveQuery(name), Target::Meant { query, .. }) => query.retain(|pair| pair.0 != *name),
        (change, target) => {
            let exact = if let Target::Exact(target) = target { target.clone() } else { Bytes::default() };
            let (method, headers, body) = (request.method.clone(), request.headers.clone(), request.body.clone());
            let mut wire = Request { method, scheme: request.scheme.clone(), target: exact, headers, body };
            change.apply(&mut wire)?;
            (request.method, request.headers, request.body) = (wire.method, wire.headers, wire.body);
            if let Target::Exact(target) = target {
                *target = wire.target;
            }
        }
    }
    Ok(())
}

fn make_of_sent(change: &Change, task: &mut VerifyTask<String>) -> Result<(), String> {
    let [message] = task.messages.as_mut_slice() else {
        return Err("a vector that others are `like` has one message".into());
    };
    match change {
        Change::SetNow(time) => message.now = Some(time.clone()),
        Change::SetClientAddress(address) => message.client_address = Some(*address),
        Change::SetParameter(name, value) => drop(task.parameters.insert(name.clone(), value.clone())),
        Change::ForgetAccount(name) => task.accounts.retain(|account| account != name),
        change => change.apply(&mut message.request)?,
    }
    Ok(())
}
