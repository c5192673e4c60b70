//! Values of pipelines on a message that arrived, as its verifier has them.

use crate::case::VerifyTask;
use crate::scheme::{Arg, Check, Implementation, Operation, Pipeline, Scheme, Scratch};
use crate::trial;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// A message, and its operation without a check that could refuse it.
#[derive(Debug)]
pub(in crate::diagnosis) struct Probe<'m> {
    pub(super) scheme: Scheme,
    pub(super) checks: Vec<Check>,
    /// A check of a value that is to be filled in.
    check: Check,
    name: String,
    task: &'m VerifyTask,
}

impl<'m> Probe<'m> {
    /// Of a message. What it has in a form that cannot be received counts as absent.
    pub(in crate::diagnosis) fn new(verifier: &Implementation, task: &'m VerifyTask) -> Probe<'m> {
        let mut operation = verifier.operation();
        let checks = std::mem::take(&mut operation.verify);
        operation.receive.values_mut().for_each(|binding| binding.optional = true);
        let name = verifier.name().to_owned();
        let scheme =
            Scheme { operations: [(name.clone(), operation)].into_iter().collect(), ..verifier.scheme().clone() };
        let check = read(json!({ "present": "method", "reject": "malformed" }));
        let mut probe = Probe { scheme, checks, check, name, task };
        if probe.checked(&[]).is_none() {
            probe.leave_out_unreadable();
        }
        probe
    }

    pub(super) fn operation(&self) -> &Operation {
        &self.scheme.operations[&self.name]
    }

    /// The value of each pipeline that gives bytes; `None` where it has none.
    pub(super) fn values<'p>(&self, pipelines: impl IntoIterator<Item = &'p Pipeline>) -> Vec<Option<Vec<u8>>> {
        let pipelines: Vec<&Pipeline> = pipelines.into_iter().collect();
        self.checked(&pipelines).unwrap_or_else(|| vec![None; pipelines.len()])
    }

    /// The value of one pipeline.
    pub(in crate::diagnosis) fn value(&self, pipeline: &Pipeline) -> Option<Vec<u8>> {
        self.values([pipeline]).pop().flatten()
    }

    /// The same; `None` where the message is not received. Each pipeline is what a check compares.
    fn checked(&self, pipelines: &[&Pipeline]) -> Option<Vec<Option<Vec<u8>>>> {
        let check = |pipeline: &&Pipeline| {
            let mut check = self.check.clone();
            check.test.args[0] = Arg::Pipeline(Box::new((*pipeline).clone()));
            check
        };
        let mut scheme = self.scheme.clone();
        scheme.operations[&self.name].verify = pipelines.iter().map(check).collect();
        let verifier = Implementation::of(&Arc::new(scheme), &self.name, None, None).ok()?;
        trial::checked(&verifier.program, self.task, &mut Scratch::default())
    }

    /// Lets those bindings be absent for which the message is refused.
    fn leave_out_unreadable(&mut self) {
        let absent: Pipeline = read("header.Countersign-Absent".into());
        let receive = self.operation().receive.clone();
        self.scheme.operations[&self.name].receive.values_mut().for_each(|own| own.first_of = vec![absent.clone()]);
        for (name, binding) in receive {
            let own = &mut self.scheme.operations[&self.name].receive[&name];
            let without = std::mem::replace(&mut own.first_of, binding.first_of);
            if self.checked(&[]).is_none() {
                self.scheme.operations[&self.name].receive[&name].first_of = without;
            }
        }
    }
}

/// Reads what is always right.
fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap_or_else(|e| unreachable!("this is read: {e}"))
}
