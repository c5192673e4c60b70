//! Verifying: receive, then the checks in order; stages are derived when a check needs them.

use super::eval::{Fault, Machine, Scratch, Value};
use super::judge::{Judge, Judgement, Stop};
use super::model::Refusal;
use super::program::{Checked, PreparedAccount, PreparedParameters, Program};
use super::reject::Class;
use super::state::State;
use crate::primitive::time::Instant;
use crate::request::Request;
use std::net::IpAddr;

/// What a server knows.
#[derive(Debug, Clone, Copy)]
pub struct Server<'a> {
    /// The accounts. Where no check names one, the first is the server's own.
    pub accounts: &'a [PreparedAccount],
    /// What the server has configured.
    pub parameters: &'a PreparedParameters,
}

/// A message on the wire, and its circumstances.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// The request as it arrived.
    pub request: &'a Request,
    /// The server's clock.
    pub now: Option<Instant>,
    /// Where the message came from.
    pub client_address: Option<IpAddr>,
}

/// How verification ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The message is accepted.
    Accept,
    /// The message is refused.
    Reject(Refused),
}

/// Why and how a message was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The class.
    pub class: Class,
    /// Status, code, message and reply.
    pub refusal: Refusal,
    /// The check that refused, in order; none where receiving failed.
    pub check: Option<usize>,
    /// What was found, for a person.
    pub detail: String,
}

/// Why a message cannot be judged: something about the server, not about the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A check needs the server's clock.
    #[error("a check needs `now`, the server's clock, which was not given")]
    NoClock,
    /// A parameter is not a whole number of seconds or messages.
    #[error("a check needs a whole number, and the server has `{0}`")]
    NotANumber(String),
}

impl Program {
    /// Judges one message; what an accepted one leaves goes into `state`, and its byte-valued
    /// stages, as far as they can be derived, into `stages`.
    pub fn verify(
        &self,
        server: Server<'_>,
        state: &mut State,
        message: Message<'_>,
        scratch: &mut Scratch,
        stages: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<Outcome, VerifyError> {
        scratch.clear(self);
        let machine = Machine {
            program: self,
            request: message.request,
            account: server.accounts.first(),
            parameters: server.parameters,
            time: None,
            time_text: None,
            nonce: None,
            nonce_text: None,
            scratch,
        };
        let mut judge = Judge { machine, accounts: server.accounts, message, state, traces: Vec::new() };
        for bind in &self.bindings {
            if let Err(fault) = judge.receive(bind) {
                return Ok(Outcome::Reject(self.unreceived(&bind.name, fault)));
            }
        }
        for (i, check) in self.checks.iter().enumerate() {
            let failed = match judge.test(i, &check.test, check.deviation) {
                Ok(Judgement::Pass) => continue,
                Ok(Judgement::Fail(detail)) => (check.class, detail),
                Err(Stop::Fault(Fault::Absent(what))) => (check.class, format!("{what} is absent")),
                Err(Stop::Fault(Fault::Malformed(why))) => (Class::Malformed, why),
                Err(Stop::Error(error)) => return Err(error),
            };
            return Ok(Outcome::Reject(self.refused(i, check, failed)));
        }
        let Judge { mut machine, state, traces, .. } = judge;
        state.keep(traces);
        for (i, stage) in self.stages.iter().enumerate() {
            if let Ok(Value::Bytes(span)) = machine.stage(i) {
                stages(&stage.name, machine.bytes(span));
            }
        }
        Ok(Outcome::Accept)
    }

    fn unreceived(&self, name: &str, fault: Fault) -> Refused {
        let (class, detail) = match fault {
            Fault::Absent(what) => (Class::MissingCredential, format!("{what} is absent")),
            Fault::Malformed(why) => (Class::Malformed, why),
        };
        Refused { class, refusal: self.refuse.clone(), check: None, detail: format!("receiving {name}: {detail}") }
    }

    fn refused(&self, i: usize, check: &Checked, (class, detail): (Class, String)) -> Refused {
        let (own, general) = (&check.refusal, &self.refuse);
        // What cannot be read is not what the check is about, so its code and message do not apply.
        let specific = class == check.class;
        let pick = |own: &Option<String>, general: &Option<String>| {
            own.as_ref().filter(|_| specific).or(general.as_ref()).cloned()
        };
        let refusal = Refusal {
            status: pick(&own.status, &general.status),
            code: pick(&own.code, &general.code),
            message: pick(&own.message, &general.message),
            reply: if own.reply.is_error() { general.reply } else { own.reply },
        };
        Refused { class, refusal, check: Some(i), detail }
    }
}
