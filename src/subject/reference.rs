//! The reference: schemes evaluated as they are written.

use super::case::{Case, SignTask, Task, VerifyTask};
use super::{Judgement, Reply, Signed, Subject};
use crate::bytes::Bytes;
use crate::corpus::{Entry, WireRequest};
use crate::scheme::{
    Account, Implementation, Message, Outcome, Program, Refused, Scheme, Scratch, Server, SignInput, State,
};
use indexmap::IndexMap;
use std::collections::HashMap;
use std::sync::Arc;

/// The built-in implementation of every scheme that is loaded.
#[derive(Debug)]
pub struct Reference<'s> {
    schemes: HashMap<String, &'s Arc<Scheme>>,
    implementations: HashMap<[Option<String>; 4], Result<Implementation, String>>,
    scratch: Scratch,
}

impl<'s> Reference<'s> {
    /// A reference for these schemes.
    pub fn new(schemes: impl IntoIterator<Item = (&'s str, &'s Arc<Scheme>)>) -> Self {
        let schemes = schemes.into_iter().map(|(name, scheme)| (name.to_owned(), scheme)).collect();
        Reference { schemes, implementations: HashMap::new(), scratch: Scratch::default() }
    }

    /// A reference for the scheme of an entry.
    pub fn of(entry: &'s Entry) -> Self {
        Reference::new([(entry.name.as_str(), &entry.scheme)])
    }

    /// Answers a case; `Err` is an error that is not the message's.
    fn evaluate(&mut self, case: &Case) -> Result<Reply, String> {
        let Some(&scheme) = self.schemes.get(&case.scheme) else {
            return Ok(Reply::Skipped(format!("no support for {}", case.scheme)));
        };
        let key = [Some(&case.scheme), Some(&case.operation), case.variant.as_ref(), case.reading.as_ref()];
        let make = || Implementation::of(scheme, &case.operation, case.variant.as_deref(), case.reading.as_deref());
        let made = self.implementations.entry(key.map(|part| part.cloned())).or_insert_with(make);
        let implementation = made.as_ref().map_err(String::clone)?;
        Ok(answer(&implementation.program, case, &mut self.scratch))
    }
}

/// What a compiled scheme answers to a case of its operation.
pub(crate) fn answer(program: &Program, case: &Case, scratch: &mut Scratch) -> Reply {
    let reply = match &case.task {
        Task::Sign(task) => sign(program, task, scratch).map(Reply::Signed),
        Task::Verify(task) => verify(program, task, scratch).map(Reply::Verified),
    };
    reply.unwrap_or_else(Reply::Error)
}

impl Subject for Reference<'_> {
    fn answer(&mut self, case: &Case) -> Reply {
        self.evaluate(case).unwrap_or_else(Reply::Error)
    }
}

/// Signs the request of a task.
pub(crate) fn sign(program: &Program, task: &SignTask, scratch: &mut Scratch) -> Result<Signed, String> {
    let account = program.account(&task.account).map_err(|e| e.to_string())?;
    let parameters = program.parameters(&task.parameters).map_err(|e| e.to_string())?;
    let input = SignInput {
        account: &account,
        parameters: &parameters,
        time: task.time.as_ref().map(|time| time.instant()),
        nonce: task.nonce.as_ref().map(Bytes::as_slice),
    };
    let mut stages = IndexMap::new();
    let mut keep = |name: &str, value: &[u8]| {
        stages.insert(name.to_owned(), Bytes(value.to_vec()));
    };
    let wire = program.sign(input, &task.request.intent(), scratch, &mut keep).map_err(|e| e.to_string())?;
    Ok(Signed { stages, signed_request: Some(WireRequest::from(&wire)) })
}

fn verify(program: &Program, task: &VerifyTask, scratch: &mut Scratch) -> Result<Vec<Judgement>, String> {
    let mut judgements = Vec::with_capacity(task.steps.len());
    verify_each(program, task, scratch, |outcome, stages| judgements.push(judgement(outcome, stages)))?;
    Ok(judgements)
}

/// Verifies the steps of a task in order and hands over each outcome with its stages.
pub(crate) fn verify_each(
    program: &Program,
    task: &VerifyTask,
    scratch: &mut Scratch,
    mut each: impl FnMut(Outcome, IndexMap<String, Bytes>),
) -> Result<(), String> {
    let prepare =
        |(i, account): (usize, &Account)| program.account(account).map_err(|e| format!("account {}: {e}", i + 1));
    let accounts = task.accounts.iter().enumerate().map(prepare).collect::<Result<Vec<_>, _>>()?;
    let parameters = program.parameters(&task.parameters).map_err(|e| e.to_string())?;
    let server = Server { accounts: &accounts, parameters: &parameters };
    let mut state = State::default();
    for step in &task.steps {
        let request = step.request.request();
        let message = Message {
            request: &request,
            now: step.now.as_ref().map(|time| time.instant()),
            client_address: step.client_address,
        };
        let mut stages = IndexMap::new();
        let mut keep = |name: &str, value: &[u8]| {
            stages.insert(name.to_owned(), Bytes(value.to_vec()));
        };
        let outcome = program.verify(server, &mut state, message, scratch, &mut keep).map_err(|e| e.to_string())?;
        each(outcome, stages);
    }
    Ok(())
}

fn judgement(outcome: Outcome, stages: IndexMap<String, Bytes>) -> Judgement {
    match outcome {
        Outcome::Accept => Judgement {
            accept: true,
            class: None,
            status: None,
            code: None,
            message: None,
            reply: Default::default(),
            stages,
        },
        Outcome::Reject(Refused { class, refusal, .. }) => Judgement {
            accept: false,
            class: Some(class),
            status: refusal.status,
            code: refusal.code,
            message: refusal.message,
            reply: refusal.reply,
            stages: IndexMap::new(),
        },
    }
}
