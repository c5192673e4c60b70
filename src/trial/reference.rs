//! The reference: schemes evaluated as they are written.

use crate::bytes::Bytes;
use crate::case::{self, Case, Judgement, Reply, SignTask, Signed, Task, VerifyTask};
use crate::primitive::time::Instant;
use crate::request::Intent;
use crate::scheme::{
    Account, AddedField, Arrival, Implementation, Knowledge, KnownStages, Outcome, PreparedAccount, PreparedParameters,
    Program, Refused, Schemes, Scratch, SignInput, State,
};
use indexmap::IndexMap;
use std::collections::HashMap;

/// The built-in implementation of every scheme that is loaded.
#[derive(Debug)]
pub struct Reference<'s> {
    schemes: Schemes<'s>,
    implementations: HashMap<[Option<String>; 4], Result<Implementation, String>>,
    scratch: Scratch,
}

impl<'s> Reference<'s> {
    /// A reference for these schemes.
    pub fn new(schemes: Schemes<'s>) -> Self {
        Reference { schemes, implementations: HashMap::new(), scratch: Scratch::default() }
    }

    /// Answers a case.
    pub fn answer(&mut self, case: &Case) -> Reply {
        self.evaluate(case).unwrap_or_else(Reply::Error)
    }

    /// Answers a case; `Err` is an error that is not the message's.
    fn evaluate(&mut self, case: &Case) -> Result<Reply, String> {
        let Some(&scheme) = self.schemes.get(case.scheme.as_str()) else {
            return Ok(Reply::Skipped(format!("no support for {}", case.scheme)));
        };
        let key = [Some(&case.scheme), Some(&case.operation), case.variant.as_ref(), case.reading.as_ref()];
        let make = || Implementation::of(scheme, &case.operation, case.variant.as_deref(), case.reading.as_deref());
        let made = self.implementations.entry(key.map(|part| part.cloned())).or_insert_with(make);
        let implementation = made.as_ref().map_err(String::clone)?;
        Ok(answer(&implementation.program, case, &mut self.scratch))
    }
}

/// Returns the answer of a compiled scheme to a case of its operation.
pub(crate) fn answer(program: &Program, case: &Case, scratch: &mut Scratch) -> Reply {
    PreparedCase::of(program, case).answer(program, scratch)
}

/// A case, ready to be put to several programs that differ from one by edits.
#[derive(Debug)]
pub(crate) enum PreparedCase {
    /// A request to sign.
    Sign(Box<ToSign>),
    /// Messages to verify.
    Verify(ToVerify),
    /// An input that does not fit the scheme.
    Unfit(String),
}

#[derive(Debug)]
pub(crate) struct ToSign {
    account: PreparedAccount,
    parameters: PreparedParameters,
    time: Option<Instant>,
    nonce: Option<Bytes>,
    intent: Intent,
    /// Stages that the program derives for which this was prepared.
    known: Option<KnownStages>,
}

#[derive(Debug)]
pub(crate) struct ToVerify {
    accounts: Vec<PreparedAccount>,
    parameters: PreparedParameters,
    messages: Vec<case::Message>,
}

impl PreparedCase {
    /// Prepares a case for this program, and for those that are made from it by edits.
    pub fn of(program: &Program, case: &Case) -> PreparedCase {
        let prepared = match &case.task {
            Task::Sign(task) => ToSign::of(program, task).map(|task| PreparedCase::Sign(Box::new(task))),
            Task::Verify(task) => ToVerify::of(program, task).map(PreparedCase::Verify),
        };
        prepared.unwrap_or_else(PreparedCase::Unfit)
    }

    /// Prepares it with what the program derives of it: that is not derived again by programs that derive it alike.
    pub fn knowing(program: &Program, case: &Case) -> PreparedCase {
        let mut prepared = PreparedCase::of(program, case);
        if let PreparedCase::Sign(task) = &mut prepared {
            task.known = program.known(task.input(), &task.intent);
        }
        prepared
    }

    /// Returns the answer of a program.
    pub fn answer(&self, program: &Program, scratch: &mut Scratch) -> Reply {
        match self {
            PreparedCase::Sign(task) => task.sign(program, scratch).map_or_else(Reply::Error, Reply::Signed),
            PreparedCase::Verify(task) => {
                let mut judgements = Vec::with_capacity(task.messages.len());
                let each = |outcome, stages| judgements.push(judgement(outcome, stages));
                task.each(program, scratch, each).map_or_else(Reply::Error, |()| Reply::Verified(judgements))
            }
            PreparedCase::Unfit(why) => Reply::Error(why.clone()),
        }
    }
}

impl PreparedCase {
    /// Hands over what a program derives of a request to sign, stage by stage; `None` where messages are verified.
    pub fn stages(
        &self,
        program: &Program,
        scratch: &mut Scratch,
        each: &mut dyn FnMut(&str, &[u8]),
    ) -> Option<Result<(), String>> {
        let PreparedCase::Sign(task) = self else { return None };
        let derived = program.stages(task.input(), &task.intent, scratch, each);
        Some(derived.map_err(|e| e.to_string()))
    }

    /// Hands over what a program derives of the first message to verify, whether or not it accepts it.
    pub fn derived(&self, program: &Program, scratch: &mut Scratch, each: &mut dyn FnMut(&str, &[u8])) {
        let PreparedCase::Verify(task) = self else { return };
        let mut is_first = true;
        // What cannot be judged is derived as far as it can be.
        let _ = task.each(program, scratch, |_, stages| {
            if std::mem::take(&mut is_first) {
                stages.iter().for_each(|(name, value)| each(name, value.as_slice()));
            }
        });
    }

    /// Hands over the fields that a program adds to a request to sign; `None` where messages are verified.
    pub fn fields(
        &self,
        program: &Program,
        scratch: &mut Scratch,
        each: &mut dyn FnMut(&AddedField<'_>),
    ) -> Option<Result<(), String>> {
        let PreparedCase::Sign(task) = self else { return None };
        let added = program.fields(task.input(), &task.intent, scratch);
        Some(added.map(|fields| fields.iter().for_each(each)).map_err(|e| e.to_string()))
    }
}

impl ToSign {
    fn of(program: &Program, task: &SignTask) -> Result<ToSign, String> {
        Ok(ToSign {
            account: program.account(&task.account).map_err(|e| e.to_string())?,
            parameters: program.parameters(&task.parameters).map_err(|e| e.to_string())?,
            time: task.time.as_ref().map(|time| time.instant()),
            nonce: task.nonce.clone(),
            intent: task.request.clone(),
            known: None,
        })
    }

    fn input(&self) -> SignInput<'_> {
        SignInput {
            account: &self.account,
            parameters: &self.parameters,
            time: self.time,
            nonce: self.nonce.as_ref().map(|nonce| nonce.as_slice()),
            known: self.known.as_ref(),
        }
    }

    fn sign(&self, program: &Program, scratch: &mut Scratch) -> Result<Signed, String> {
        let mut stages = IndexMap::with_capacity(program.stage_names().count());
        let mut keep = |name: &str, value: &[u8]| {
            stages.insert(name.to_owned(), Bytes(value.to_vec()));
        };
        let wire = program.sign(self.input(), &self.intent, scratch, &mut keep);
        let wire = wire.map_err(|e| e.to_string())?;
        Ok(Signed { stages, signed_request: Some(wire) })
    }
}

impl ToVerify {
    fn of(program: &Program, task: &VerifyTask) -> Result<ToVerify, String> {
        let prepare =
            |(i, account): (usize, &Account)| program.account(account).map_err(|e| format!("account {}: {e}", i + 1));
        Ok(ToVerify {
            accounts: task.accounts.iter().enumerate().map(prepare).collect::<Result<_, _>>()?,
            parameters: program.parameters(&task.parameters).map_err(|e| e.to_string())?,
            messages: task.messages.clone(),
        })
    }

    fn each(
        &self,
        program: &Program,
        scratch: &mut Scratch,
        mut each: impl FnMut(Outcome, IndexMap<String, Bytes>),
    ) -> Result<(), String> {
        let server = Knowledge { accounts: &self.accounts, parameters: &self.parameters };
        let mut state = State::default();
        for case::Message { request, now, client_address } in &self.messages {
            let now = now.as_ref().map(|now| now.instant());
            let message = Arrival { request, now, client_address: *client_address };
            let mut stages = IndexMap::new();
            let mut keep = |name: &str, value: &[u8]| {
                stages.insert(name.to_owned(), Bytes(value.to_vec()));
            };
            let outcome = program.verify(server, &mut state, message, scratch, &mut keep).map_err(|e| e.to_string())?;
            each(outcome, stages);
        }
        Ok(())
    }
}

/// Signs the request of a task.
pub(crate) fn sign(program: &Program, task: &SignTask, scratch: &mut Scratch) -> Result<Signed, String> {
    ToSign::of(program, task)?.sign(program, scratch)
}

/// Verifies the messages of a task in order and hands over each outcome with its stages.
pub(crate) fn verify_each(
    program: &Program,
    task: &VerifyTask,
    scratch: &mut Scratch,
    each: impl FnMut(Outcome, IndexMap<String, Bytes>),
) -> Result<(), String> {
    ToVerify::of(program, task)?.each(program, scratch, each)
}

/// The first value of each check on the first message of a task; `None` where it is not received.
pub(crate) fn checked(program: &Program, task: &VerifyTask, scratch: &mut Scratch) -> Option<Vec<Option<Vec<u8>>>> {
    let task = ToVerify::of(program, task).ok()?;
    let server = Knowledge { accounts: &task.accounts, parameters: &task.parameters };
    let case::Message { request, now, client_address } = task.messages.first()?;
    let message = Arrival { request, now: now.as_ref().map(|now| now.instant()), client_address: *client_address };
    let mut values = Vec::new();
    let keep = &mut |value: Option<&[u8]>| values.push(value.map(<[u8]>::to_vec));
    program.checked(server, message, scratch, keep).then_some(values)
}

fn judgement(outcome: Outcome, stages: IndexMap<String, Bytes>) -> Judgement {
    match outcome {
        Outcome::Accept => Judgement { stages, ..Judgement::accepted() },
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
