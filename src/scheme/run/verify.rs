//! Verifying: receive, then the checks in order; stages are derived when a check needs them.

use crate::scheme::machine::{
    Args, Arrival, Detail, Failure, Judge, Machine, Original, PreparedAccount, PreparedParameters, Program, Ready,
    Scratch, Showing, State, Stop, Value, VerifyError, Why,
};
use crate::scheme::reject::{Class, Refusal, SenderGets};
use bumpalo::collections::Vec as Gathered;
use std::fmt;

/// Accounts and parameters that a server knows.
#[derive(Debug, Clone, Copy)]
pub struct Knowledge<'a> {
    /// The accounts. Where no check names one, the first is the server's own.
    pub accounts: &'a [PreparedAccount],
    /// Parameters that the server has configured.
    pub parameters: &'a PreparedParameters,
}

/// Result of verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The message is accepted.
    Accept,
    /// The message is refused.
    Reject(Refused),
}

/// Reason and form of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The class.
    pub class: Class,
    /// Status, code, message and reply.
    pub refusal: Refusal,
    /// The check that refused, in order; none where receiving failed.
    pub check: Option<usize>,
    /// Finding, for a person.
    pub detail: String,
}

/// Judgement of a message, without a copy of anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'s> {
    /// The message is accepted.
    Accept,
    /// The message is refused.
    Reject(Denial<'s>),
}

/// Reason and form of a refusal, told from what the program says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Denial<'s> {
    /// The class.
    pub class: Class,
    /// The check that refused, in order; none where receiving failed.
    pub check: Option<usize>,
    /// Refusal of the check, where the class is the check's.
    own: Option<&'s Refusal>,
    general: &'s Refusal,
    reply: SenderGets,
    /// The binding that failed, or the stage that a check could not have.
    within: Option<&'s str>,
    found: Detail<'s>,
}

impl<'s> Denial<'s> {
    fn pick(&self, part: impl Fn(&'s Refusal) -> &'s Option<String>) -> Option<&'s str> {
        self.own.and_then(|own| part(own).as_deref()).or(part(self.general).as_deref())
    }

    /// HTTP status, where the scheme gives one.
    pub fn status(&self) -> Option<&'s str> {
        self.pick(|refusal| &refusal.status)
    }

    /// Code of the API, where the scheme gives one.
    pub fn code(&self) -> Option<&'s str> {
        self.pick(|refusal| &refusal.code)
    }

    /// Arrival text, where the scheme gives one.
    pub fn message(&self) -> Option<&'s str> {
        self.pick(|refusal| &refusal.message)
    }

    /// Returns what the sender gets.
    pub fn reply(&self) -> SenderGets {
        self.reply
    }

    /// A copy that outlives the buffers.
    pub fn to_refused(&self) -> Refused {
        let copy = |text: Option<&str>| text.map(str::to_owned);
        let (status, code, message) = (copy(self.status()), copy(self.code()), copy(self.message()));
        let refusal = Refusal { status, code, message, reply: self.reply };
        Refused { class: self.class, refusal, check: self.check, detail: self.to_string() }
    }
}

/// Prints what was found, for a person.
impl fmt::Display for Denial<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.within {
            write!(f, "{} {name}: ", if self.check.is_none() { "receiving" } else { "deriving" })?;
        }
        write!(f, "{}", self.found)
    }
}

impl Program {
    /// Judges one message; what an accepted one leaves goes into `state`, and its byte-valued
    /// stages, as far as they can be derived, into `stages`.
    pub fn verify(
        &self,
        server: Knowledge<'_>,
        state: &mut State,
        message: Arrival<'_>,
        scratch: &mut Scratch,
        stages: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<Outcome, VerifyError> {
        let mut machine = self.receiver(server, message, scratch);
        machine.showing = Showing::Stages;
        if let Decision::Reject(denial) = self.decide(&mut machine, server, state, message)? {
            return Ok(Outcome::Reject(denial.to_refused()));
        }
        for (i, stage) in self.stages.iter().enumerate() {
            if let Ok(Value::Bytes(value)) = machine.stage(i) {
                stages(&stage.name, value);
            }
        }
        Ok(Outcome::Accept)
    }

    /// Judges one message as [`Program::verify`] does, showing nothing of what was derived. Once the
    /// buffers have grown it allocates nothing, but for what the state keeps of new messages.
    pub fn judge<'s>(
        &'s self,
        server: Knowledge<'s>,
        state: &mut State,
        message: Arrival<'s>,
        scratch: &'s mut Scratch,
    ) -> Result<Decision<'s>, VerifyError> {
        self.decide(&mut self.receiver(server, message, scratch), server, state, message)
    }

    /// Hands over the first value of each check, where it is bytes that the message has, and judges nothing. Returns
    /// whether the message was received.
    pub fn checked(
        &self,
        server: Knowledge<'_>,
        message: Arrival<'_>,
        scratch: &mut Scratch,
        each: &mut dyn FnMut(Option<&[u8]>),
    ) -> bool {
        let mut machine = self.receiver(server, message, scratch);
        let (traces, mut state) = (Gathered::new_in(machine.bump), State::default());
        let mut judge = Judge {
            machine: &mut machine,
            accounts: server.accounts,
            message,
            state: &mut state,
            check: 0,
            named: None,
            traces,
        };
        if self.bindings.iter().any(|bind| judge.receive(bind).is_err()) {
            return false;
        }
        for check in &self.checks {
            each(match check.args.0.first() {
                Some(Ready::Code(code)) => judge.machine.bytes(code).ok(),
                _ => None,
            });
        }
        true
    }

    /// A machine on a message that arrived.
    #[inline]
    fn receiver<'s>(&'s self, server: Knowledge<'s>, message: Arrival<'s>, scratch: &'s mut Scratch) -> Machine<'s> {
        let mut machine = Machine::new(self, server.parameters, scratch, Original::Arrived(message.request));
        machine.set_account(server.accounts.first());
        machine
    }

    fn decide<'s>(
        &'s self,
        machine: &mut Machine<'s>,
        server: Knowledge<'s>,
        state: &mut State,
        message: Arrival<'s>,
    ) -> Result<Decision<'s>, VerifyError> {
        let traces = Gathered::new_in(machine.bump);
        let mut judge = Judge { machine, accounts: server.accounts, message, state, check: 0, named: None, traces };
        let decision = judge.decide()?;
        if decision == Decision::Accept {
            judge.traces.iter().for_each(|(check, trace)| judge.state.keep(*check, *trace));
        }
        Ok(decision)
    }
}

impl<'a> Judge<'a, '_> {
    fn decide(&mut self) -> Result<Decision<'a>, VerifyError> {
        let program = self.machine.program;
        let general = &program.refuse;
        if self.machine.view.passes() {
            return Ok(Decision::Accept);
        }
        for bind in &program.bindings {
            if let Err(fault) = self.receive(bind) {
                let (class, found, _) = refusal(fault, Class::MissingCredential)?;
                let (own, reply, within) = (None, general.reply, Some(bind.name.as_str()));
                return Ok(Decision::Reject(Denial { class, check: None, own, general, reply, within, found }));
            }
        }
        for (i, check) in program.checks.iter().enumerate() {
            self.check = i;
            if check.optional && self.lacks(&check.args) {
                continue;
            }
            let (class, found, within) = match (check.test)(&check.args, self) {
                Ok(true) => continue,
                Ok(false) => (check.class, Detail::Says("the check failed"), None),
                Err(Stop::Failed(found)) => (check.class, found, None),
                Err(Stop::Failure(fault)) => refusal(fault, check.class)?,
                Err(Stop::Error(error)) => return Err(error),
            };
            // What cannot be read is not what the check is about, so its code and message do not apply.
            let own = (class == check.class).then_some(&check.refusal);
            let reply = if check.refusal.reply.is_error() { general.reply } else { check.refusal.reply };
            return Ok(Decision::Reject(Denial { class, check: Some(i), own, general, reply, within, found }));
        }
        Ok(Decision::Accept)
    }
}

impl<'a> Judge<'a, '_> {
    /// Returns whether the first value of a check is absent.
    fn lacks(&mut self, args: &'a Args) -> bool {
        match &args.0[0] {
            Ready::Code(code) => self.machine.bytes(code).is_err_and(Failure::is_absence),
            Ready::Many(code) => self.machine.many(code).is_err_and(Failure::is_absence),
            Ready::ReceivedTime(None) => self.machine.time.is_none(),
            Ready::ReceivedTime(Some(i)) => self.machine.received[*i].is_none(),
            _ => false,
        }
    }
}

/// The class of a fault, where absence has one of its own; and the stage that it is in.
fn refusal(fault: Failure<'_>, absence: Class) -> Result<(Class, Detail<'_>, Option<&str>), VerifyError> {
    let (why, stage) = fault.why();
    Ok(match why {
        Why::Absent(what) => (absence, Detail::Absent(what), stage),
        Why::Malformed(why) => (Class::Malformed, Detail::Says(why), stage),
        Why::TooLong => return Err(VerifyError::TooLong(stage.unwrap_or("a value").to_owned())),
        Why::LeftOut | Why::In(..) => unreachable!("what is left out is empty to a check; a stage was told apart"),
    })
}
