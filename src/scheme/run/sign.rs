//! Signing: prepare, derive, place.

use crate::primitive::time::Instant;
use crate::request::{Intent, Request};
use crate::scheme::machine::{
    Absence, Destination, Failure, Hashed, Machine, Original, Placed, PreparedAccount, PreparedParameters, Program,
    Scratch, Showing, Value, VerifyError, Why, json_text,
};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Values that a signer is given beside the request.
#[derive(Debug, Clone, Copy)]
pub struct SignInput<'a> {
    /// The signer's account.
    pub account: &'a PreparedAccount,
    /// Parameters that the signer chose.
    pub parameters: &'a PreparedParameters,
    /// The signer's clock.
    pub time: Option<Instant>,
    /// A nonce or message id.
    pub nonce: Option<&'a [u8]>,
    /// Stages of the same request that are known already, and are not derived again.
    pub known: Option<&'a KnownStages>,
}

/// Reason why a request cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Something is needed and was not given.
    #[error("signing needs {0}")]
    Missing(String),
    /// Something was given and cannot be used.
    #[error("the request cannot be signed: {0}")]
    Unusable(String),
    /// A derived value would become longer than any may.
    #[error("{}", VerifyError::TooLong(.0.clone()))]
    TooLong(String),
}

impl From<Failure<'_>> for SignError {
    fn from(fault: Failure<'_>) -> Self {
        let (why, stage) = fault.why();
        let within = stage.map_or(String::new(), |stage| format!(" (stage `{stage}`)"));
        match why {
            Why::Absent(Absence::Secret(name)) => {
                SignError::Missing(format!("credential.{name}, which was not given or is empty{within}"))
            }
            Why::Absent(what) => SignError::Missing(format!("{what}, which was not given{within}")),
            Why::Malformed(why) => SignError::Unusable(format!("{why}{within}")),
            Why::TooLong => SignError::TooLong(stage.unwrap_or("a field").to_owned()),
            Why::LeftOut | Why::In(..) => unreachable!("what is left out is no error, and a stage was told apart"),
        }
    }
}

/// A field that a signer adds. It replaces fields of its name.
#[derive(Clone, Copy)]
pub struct AddedField<'s> {
    /// Its destination.
    pub into: Destination,
    /// Its name.
    pub name: &'s str,
    /// Its value, not encoded.
    pub value: &'s [u8],
}

impl std::fmt::Debug for AddedField<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // It may be the credential itself.
        write!(f, "Added({:?} {}: ***)", self.into, self.name)
    }
}

/// Stages that a program derives of one request, kept for programs that share them.
pub struct KnownStages {
    program: Program,
    stages: Vec<Option<Zeroizing<Vec<u8>>>>,
}

impl std::fmt::Debug for KnownStages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known(***)")
    }
}

impl KnownStages {
    /// Fills in the value of each stage that another program derives as the kept one does: the same stage, from the
    /// same ones, of the same message.
    fn fill<'k>(&'k self, other: &Program, stages: &mut [Option<Value<'k>>]) {
        let own = &self.program;
        let mut same: Vec<bool> = Vec::with_capacity(stages.len());
        for (mine, others) in own.stages.iter().zip(&other.stages) {
            same.push(Arc::ptr_eq(mine, others) && mine.uses.iter().all(|&used| same[used]));
        }
        let is_prepared = |(mine, others): (&Arc<Placed>, &Arc<Placed>)| {
            Arc::ptr_eq(mine, others) && mine.uses.iter().all(|&used| same[used])
        };
        let same_message =
            own.prepare.len() == other.prepare.len() && own.prepare.iter().zip(&other.prepare).all(is_prepared);
        if own.stages.len() != other.stages.len() || own.forms != other.forms || !same_message {
            return;
        }
        for (i, value) in self.stages.iter().enumerate().filter(|(i, _)| same[*i]) {
            stages[i] = value.as_ref().map(|value| Value::Bytes(value));
        }
    }
}

impl Program {
    /// Signs a request: the wire request, and in `stages` every byte-valued stage in order.
    pub fn sign(
        &self,
        input: SignInput<'_>,
        intent: &Intent,
        scratch: &mut Scratch,
        stages: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<Request, SignError> {
        let fields = self.derive(input, intent, scratch, Showing::Stages, stages)?;
        let mut wire = intent.to_wire();
        fields.iter().try_for_each(|field| field.put(&mut wire))?;
        Ok(wire)
    }

    /// Derives the stages of a request as [`Program::sign`] does, and makes no request of them.
    pub fn stages(
        &self,
        input: SignInput<'_>,
        intent: &Intent,
        scratch: &mut Scratch,
        stages: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<(), SignError> {
        self.derive(input, intent, scratch, Showing::Stages, stages).map(drop)
    }

    /// Returns what this program derives of a request; `None` where it cannot sign it.
    pub fn known(&self, input: SignInput<'_>, intent: &Intent) -> Option<KnownStages> {
        let mut stages: Vec<Option<Zeroizing<Vec<u8>>>> = self.stages.iter().map(|_| None).collect();
        let mut keep = |name: &str, value: &[u8]| {
            if let Some(i) = self.stages.iter().position(|stage| stage.name == name) {
                stages[i] = Some(Zeroizing::new(value.to_vec()));
            }
        };
        self.stages(input, intent, &mut Scratch::default(), &mut keep).ok()?;
        Some(KnownStages { program: self.clone(), stages })
    }

    /// The fields that signing adds to a request, in order, showing nothing of what was derived. Once
    /// the buffers have grown it allocates nothing.
    pub fn fields<'s>(
        &'s self,
        input: SignInput<'s>,
        intent: &'s Intent,
        scratch: &'s mut Scratch,
    ) -> Result<&'s [AddedField<'s>], SignError> {
        self.derive(input, intent, scratch, Showing::Nothing, &mut |_, _| {})
    }

    /// Signs a request and tells everything that is hashed for it, in order.
    pub fn hashes(
        &self,
        input: SignInput<'_>,
        intent: &Intent,
        scratch: &mut Scratch,
        told: &mut dyn FnMut(Hashed<'_>),
    ) -> Result<(), SignError> {
        self.derive(input, intent, scratch, Showing::Hashes(told), &mut |_, _| {}).map(drop)
    }

    fn derive<'s>(
        &'s self,
        input: SignInput<'s>,
        intent: &'s Intent,
        scratch: &'s mut Scratch,
        showing: Showing<'s>,
        stages: &mut dyn FnMut(&str, &[u8]),
    ) -> Result<&'s [AddedField<'s>], SignError> {
        let mut machine = Machine::new(self, input.parameters, scratch, Original::Meant(intent));
        let bump = machine.bump;
        machine.set_account(Some(input.account));
        machine.time = input.time;
        machine.nonce = input.nonce;
        machine.showing = showing;
        let mut added = Gathered::with_capacity_in(self.prepare.len() + self.place.len(), bump);
        machine.evaluate(&self.prepare, &mut added)?;
        for field in &added {
            machine.view.add(field.into, field.name, field.value)?;
        }
        if !self.prepare.is_empty() {
            machine.stages.fill(None);
        }
        if let Some(known) = input.known {
            known.fill(self, machine.stages);
        }
        if let Err(fault) = machine.derive(stages) {
            // What one stage passes on to another is derived late, so that another fault may have been
            // found first; stage by stage, the first one is found.
            machine.showing = Showing::Stages;
            machine.stages.fill(None);
            return Err(machine.derive(&mut |_, _| {}).err().unwrap_or(fault).into());
        }
        machine.evaluate(&self.place, &mut added)?;
        Ok(added.into_bump_slice())
    }
}

impl<'a> Machine<'a> {
    /// Derives the stages in order, but for those that are derived with the stage that they go to.
    fn derive(&mut self, stages: &mut dyn FnMut(&str, &[u8])) -> Result<(), Failure<'a>> {
        let silent = matches!(self.showing, Showing::Nothing);
        let passing = &self.program.passing;
        for (i, stage) in self.program.stages.iter().enumerate().filter(|(i, _)| !(silent && passing[*i])) {
            if let Value::Bytes(value) = self.stage(i)? {
                stages(&stage.name, value);
            }
        }
        Ok(())
    }

    fn evaluate(
        &mut self,
        placed: &'a [Arc<Placed>],
        added: &mut Gathered<'a, AddedField<'a>>,
    ) -> Result<(), Failure<'a>> {
        for field in placed {
            let Placed { into, name, code, .. } = &**field;
            let value = match self.maybe(code) {
                Err(fault) if fault.is_left_out() => continue,
                found => found?,
            };
            if *into == Destination::Form && !self.view.is_form()? {
                return Err(Failure::of(&Why::Malformed(
                    "a field of a form goes into a body that is none by its Content-Type",
                )));
            }
            added.push(AddedField { into: *into, name, value });
        }
        Ok(())
    }
}

impl AddedField<'_> {
    /// Puts the field into a request on the wire; `Err` says why its body cannot take it.
    pub fn put(&self, wire: &mut Request) -> Result<(), SignError> {
        let name = self.name.as_bytes();
        match self.into {
            Destination::Header => wire.set_header(name, self.value.to_vec()),
            Destination::Query => wire.set_query(name, self.value),
            Destination::Form => wire.set_form(name, self.value),
            Destination::Json => {
                let bump = Bump::new();
                let text = json_text(self.name, self.value, &bump)?;
                wire.add_json(self.name, text).map_err(SignError::Unusable)?;
            }
            Destination::Path => wire.set_path(self.value).map_err(SignError::Unusable)?,
        }
        Ok(())
    }
}
