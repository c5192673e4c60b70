//! Signing: prepare, derive, place.

use super::eval::{At, Fault, Machine, Scratch, Span, Value};
use super::program::{Destination, Placed, PreparedAccount, PreparedParameters, Program};
use crate::primitive::time::Instant;
use crate::request::{Intent, Request};

/// What a signer is given beside the request.
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
}

/// Why a request cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Something is needed and was not given.
    #[error("signing needs {0}, which was not given")]
    Missing(String),
    /// Something was given and cannot be used.
    #[error("the request cannot be signed: {0}")]
    Unusable(String),
}

impl From<Fault> for SignError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Absent(what) => SignError::Missing(what),
            Fault::Malformed(why) => SignError::Unusable(why),
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
        let mut wire = intent.to_wire();
        scratch.clear(self);
        let prepared = self.evaluate(input, &wire, &self.prepare, scratch)?;
        put(&mut wire, prepared)?;
        scratch.forget_stages(self);
        let mut machine = self.machine(input, &wire, scratch);
        for (i, stage) in self.stages.iter().enumerate() {
            if let Value::Bytes(span) = machine.stage(i)? {
                stages(&stage.name, machine.bytes(span));
            }
        }
        let placed = self.evaluate(input, &wire, &self.place, scratch)?;
        put(&mut wire, placed)?;
        Ok(wire)
    }

    fn machine<'a>(&'a self, input: SignInput<'a>, wire: &'a Request, scratch: &'a mut Scratch) -> Machine<'a> {
        Machine {
            program: self,
            request: wire,
            account: Some(input.account),
            parameters: input.parameters,
            time: input.time,
            time_text: None,
            nonce: input.nonce,
            nonce_text: None,
            scratch,
        }
    }

    fn evaluate<'p>(
        &'p self,
        input: SignInput<'_>,
        wire: &Request,
        placed: &'p [Placed],
        scratch: &mut Scratch,
    ) -> Result<Vec<(&'p Placed, Vec<u8>)>, Fault> {
        let mut machine = self.machine(input, wire, scratch);
        let mut values = Vec::with_capacity(placed.len());
        for field in placed {
            let span: Span = machine.run_bytes(&field.code)?;
            if span.at != At::Absent {
                values.push((field, machine.bytes(span).to_vec()));
            }
        }
        Ok(values)
    }
}

fn put(wire: &mut Request, values: Vec<(&Placed, Vec<u8>)>) -> Result<(), SignError> {
    for (field, value) in values {
        let name = field.name.as_bytes();
        match field.into {
            Destination::Header => wire.set_header(name, value),
            Destination::Query => wire.set_query(name, &value),
            Destination::Form if wire.has_media_type("application/x-www-form-urlencoded") => {
                wire.set_form(name, &value)
            }
            Destination::Form => {
                let why = format!("`{}` is a field of a form, and the body is none by its Content-Type", field.name);
                return Err(SignError::Unusable(why));
            }
            Destination::Json => {
                let text = String::from_utf8(value).map_err(|_| {
                    SignError::Unusable(format!("`{}` is not UTF-8, and JSON holds no other text", field.name))
                })?;
                wire.add_json(&field.name, &text).map_err(SignError::Unusable)?;
            }
        }
    }
    Ok(())
}
