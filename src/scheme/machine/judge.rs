//! The judge of a message: what a check looks at beside the message, and what it finds.

use super::Machine;
use super::code::BytesCode;
use super::prepare::PreparedAccount;
use super::state::{State, Trace};
use super::value::{Absence, Fault};
use crate::primitive::text;
use crate::primitive::time::Instant;
use crate::request::Request;
use bumpalo::collections::Vec as Gathered;
use std::fmt;
use std::net::IpAddr;
use subtle::ConstantTimeEq;

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

/// Why a message cannot be judged: something about the server or the scheme, not about the message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// A check needs the server's clock.
    #[error("a check needs `now`, the server's clock, which was not given")]
    NoClock,
    /// A parameter is not a whole number of seconds or messages.
    #[error("a check needs a whole number, and the server has `{0}`")]
    NotANumber(String),
    /// A derived value would become longer than any may.
    #[error("the stage `{0}` becomes longer than {limit} times what it is made of; it can only grow so", limit = super::eval::MULTIPLE)]
    TooLong(String),
}

/// Passed, or not.
pub enum Judgement<'a> {
    /// It passed.
    Pass,
    /// It did not.
    Fail(Detail<'a>),
}

/// What was found; it becomes text only where somebody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail<'a> {
    /// In words.
    Says(&'a str),
    /// Something is not there.
    Absent(Absence<'a>),
    /// A value of so many bytes is another than it must be.
    Unequal(usize),
    /// Age in nanoseconds.
    Old(i128),
}

/// A judgement, or a reason why there is none.
pub enum Stop<'a> {
    /// A value cannot be had.
    Fault(Fault<'a>),
    /// The message cannot be judged.
    Error(VerifyError),
}

impl fmt::Display for Detail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Detail::Says(text) => f.write_str(text),
            Detail::Absent(absence) => write!(f, "{absence} is absent"),
            Detail::Unequal(length) => write!(f, "`{}` is not what it must be", Mask(*length)),
            Detail::Old(age) => write!(f, "the message is {} ms old", age.div_euclid(1_000_000)),
        }
    }
}

impl<'a> From<Fault<'a>> for Stop<'a> {
    fn from(fault: Fault<'a>) -> Self {
        Stop::Fault(fault)
    }
}

impl From<VerifyError> for Stop<'_> {
    fn from(error: VerifyError) -> Self {
        Stop::Error(error)
    }
}

impl From<bool> for Judgement<'_> {
    fn from(passed: bool) -> Self {
        if passed { Judgement::Pass } else { Judgement::Fail(Detail::Says("the check failed")) }
    }
}

/// What a check is evaluated on.
pub struct Judge<'a, 's> {
    pub machine: &'s mut Machine<'a>,
    pub accounts: &'a [PreparedAccount],
    pub message: Message<'a>,
    pub state: &'s mut State,
    /// The number of the check.
    pub check: usize,
    /// What the message leaves with each check, should it be accepted.
    pub traces: Gathered<'a, (usize, Trace<'a>)>,
}

impl<'a> Judge<'a, '_> {
    /// The server's clock, in nanoseconds since 1970.
    pub fn now(&self) -> Result<i128, VerifyError> {
        self.message.now.map(|instant| instant.0).ok_or(VerifyError::NoClock)
    }

    /// A whole number that the server has configured.
    pub fn setting(&mut self, code: &'a BytesCode) -> Result<u64, Stop<'a>> {
        let bytes = self.machine.bytes(code)?;
        whole_number(bytes).ok_or_else(|| VerifyError::NotANumber(bytes.escape_ascii().to_string()).into())
    }

    /// Keeps a trace until the message is accepted, or `at_once`.
    pub fn remember(&mut self, trace: Trace<'a>, at_once: bool) {
        match at_once {
            true => self.state.keep(self.check, trace),
            false => self.traces.push((self.check, trace)),
        }
    }
}

/// Compares in time that depends on the lengths alone: what differs is gathered from all bytes, eight
/// at a time, and looked at once.
pub fn equal(a: &[u8], b: &[u8], caseless: bool) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let fold = |byte: u8| if caseless { byte.to_ascii_lowercase() } else { byte };
    let word = |bytes: &[u8; 8]| u64::from_ne_bytes(if caseless { bytes.map(fold) } else { *bytes });
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let words = a_words.iter().zip(b_words).fold(0, |differs, (a, b)| differs | (word(a) ^ word(b)));
    let rest = a_rest.iter().zip(b_rest).fold(0, |differs, (&a, &b)| differs | (fold(a) ^ fold(b)));
    (words | u64::from(rest)).ct_eq(&0).into()
}

/// Digits alone, without sign or spaces.
pub fn whole_number(bytes: &[u8]) -> Option<u64> {
    text::digits(bytes)?.parse().ok()
}

/// What a message about a received value may show: its length, for it may hold a secret.
pub struct Mask(pub usize);

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*** ({} bytes)", self.0)
    }
}
