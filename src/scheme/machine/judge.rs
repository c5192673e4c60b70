//! The judge of a message: what a check looks at beside the message, and what it finds.

use super::state::Trace;
use super::types::{Bound, BytesCode, Judge, Machine, Stop, TimeWindow};
use super::value::{Detail, Failure, Value, VerifyError, Why};
use crate::primitive::text;
use std::fmt;
use subtle::ConstantTimeEq;

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

impl<'a> From<Failure<'a>> for Stop<'a> {
    fn from(fault: Failure<'a>) -> Self {
        Stop::Failure(fault)
    }
}

impl From<VerifyError> for Stop<'_> {
    fn from(error: VerifyError) -> Self {
        Stop::Error(error)
    }
}

impl<'a> Machine<'a> {
    /// A length of time, in nanoseconds.
    pub fn length(&mut self, window: &'a TimeWindow) -> Result<i128, Failure<'a>> {
        let number = whole_number(self.bytes(&window.code)?);
        let number = number.ok_or(Failure::of(&Why::Malformed("the length of time is no whole number")))?;
        Ok(i128::from(number) * window.unit)
    }
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

    /// A received time, in nanoseconds since 1970: `time`, or that of a number.
    pub fn time(&self, received: Option<usize>) -> Result<i128, Stop<'a>> {
        let time = match received {
            None => self.machine.time,
            Some(i) => {
                let forms = self.machine.program.bindings.iter().find_map(|bind| match &bind.bound {
                    Bound::Value(other, forms) if *other == i => Some(forms),
                    _ => None,
                });
                let text = self.machine.received[i].map(Value::bytes);
                text.zip(forms).and_then(|(text, forms)| forms.iter().find_map(|form| form.read(text)))
            }
        };
        time.map(|time| time.0).ok_or(Stop::Failed(Detail::Says("no time was received")))
    }

    /// A length of time, in nanoseconds; none where the message says one that is no whole number.
    pub fn window(&mut self, window: &'a TimeWindow) -> Result<i128, Stop<'a>> {
        match window.arrives {
            false => Ok(i128::from(self.setting(&window.code)?) * window.unit),
            true => Ok(self.machine.length(window)?),
        }
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

/// Length of a received value: all that a message about it shows, for it may hold a secret.
pub struct Mask(pub usize);

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*** ({} bytes)", self.0)
    }
}
