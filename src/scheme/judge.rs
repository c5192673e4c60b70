//! The judge: binds what is received, and tests one check after the other.

use super::eval::{Fault, Machine, Span, Value};
use super::eval_step::find;
use super::model::Keep;
use super::program::{AddressList, Bind, Bound, Code, Piece, PreparedAccount, TestCode};
use super::state::{State, Trace};
use super::verify::{Message, VerifyError};
use subtle::ConstantTimeEq;

/// Passed, or not.
pub(super) enum Judgement {
    Pass,
    Fail(String),
}

/// A judgement, or a reason why there is none.
pub(super) enum Stop {
    Fault(Fault),
    Error(VerifyError),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<VerifyError> for Stop {
    fn from(error: VerifyError) -> Self {
        Stop::Error(error)
    }
}

pub(super) struct Judge<'a, 's> {
    pub machine: Machine<'a>,
    pub accounts: &'a [PreparedAccount],
    pub message: Message<'a>,
    pub state: &'s mut State,
    pub traces: Vec<Trace>,
}

impl Judge<'_, '_> {
    pub(super) fn receive(&mut self, bind: &Bind) -> Result<(), Fault> {
        let value = self.first_present(&bind.alternatives)?;
        match (&bind.bound, value) {
            (Bound::Value(i), value) => self.machine.scratch.received[*i] = Some(value),
            (Bound::Nonce, Value::Bytes(span)) => self.machine.nonce_text = Some(span),
            (Bound::Time, Value::Bytes(span)) => self.receive_time(span)?,
            (Bound::Template { pieces, caseless }, Value::Bytes(span)) => self.take_apart(pieces, *caseless, span)?,
            _ => unreachable!("types were checked at compilation"),
        }
        Ok(())
    }

    fn first_present(&mut self, codes: &[Code]) -> Result<Value, Fault> {
        let mut missing = Fault::Absent("a received value".into());
        for code in codes {
            match self.machine.run(code) {
                Err(fault @ Fault::Absent(_)) => missing = fault,
                other => return other,
            }
        }
        Err(missing)
    }

    fn receive_time(&mut self, span: Span) -> Result<(), Fault> {
        let program = self.machine.program;
        let text = self.machine.bytes(span);
        let time = program.forms.iter().find_map(|form| form.parse(text).ok());
        let Some(time) = time else {
            return Err(Fault::Malformed(format!("`{}` is no time of a form that is accepted", text.escape_ascii())));
        };
        self.machine.time = Some(time);
        self.machine.time_text = (program.keep == Keep::Text).then_some(span);
        Ok(())
    }

    fn take_apart(&mut self, pieces: &[Piece], caseless: bool, span: Span) -> Result<(), Fault> {
        let whole = self.machine.bytes(span);
        let unlike = || Fault::Malformed(format!("`{}` has another form than the template", mask(whole)));
        let mut from = span.start;
        let mut open: Option<usize> = None;
        let mut bound = Vec::new();
        for (i, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Placeholder(name) => open = Some(*name),
                Piece::Literal(text) => {
                    let rest = self.machine.bytes(Span { start: from, ..span });
                    let at = match open {
                        Some(_) => find(rest, text),
                        None => {
                            let head = rest.get(..text.len()).unwrap_or_default();
                            let same = head == text || (caseless && i == 0 && head.eq_ignore_ascii_case(text));
                            same.then_some(0)
                        }
                    };
                    let at = at.ok_or_else(unlike)?;
                    if let Some(name) = open.take() {
                        bound.push((name, Span { start: from, end: from + at, ..span }));
                    }
                    from += at + text.len();
                }
            }
        }
        match open {
            Some(name) => bound.push((name, Span { start: from, ..span })),
            None if from != span.end => return Err(unlike()),
            None => {}
        }
        for (name, span) in bound {
            self.machine.scratch.received[name] = Some(Value::Bytes(span));
        }
        Ok(())
    }

    pub(super) fn test(&mut self, check: usize, test: &TestCode) -> Result<Judgement, Stop> {
        let machine = &mut self.machine;
        let passed = match test {
            TestCode::Present(value) => {
                let span = machine.run_bytes(value)?;
                !machine.bytes(span).is_empty()
            }
            TestCode::Account(fields) => return self.account(fields),
            TestCode::Equal { left, right, caseless } => {
                let (left, right) = (machine.run_bytes(left)?, machine.run_bytes(right)?);
                let equal = equal(machine.bytes(left), machine.bytes(right), *caseless);
                if !equal {
                    let found = mask(machine.bytes(left)).to_string();
                    return Ok(Judgement::Fail(format!("`{found}` is not what it must be")));
                }
                true
            }
            TestCode::AnyEqual { list, value } => {
                let (items, value) = (machine.run_many(list)?, machine.run_bytes(value)?);
                let value = machine.bytes(value);
                // Every item is compared, so that the time taken does not tell which one fits.
                let items = machine.scratch.pairs[items].iter();
                items.fold(false, |found, item| found | equal(machine.bytes(item.name), value, false))
            }
            TestCode::OneOf { value, allowed } => {
                let span = machine.run_bytes(value)?;
                allowed.iter().any(|text| text == machine.bytes(span))
            }
            TestCode::Matches { value, syntax } => {
                let span = machine.run_bytes(value)?;
                syntax.matches(machine.bytes(span))
            }
            TestCode::Includes { list, item } => {
                let items = machine.run_many(list)?;
                machine.scratch.pairs[items].iter().any(|pair| machine.bytes(pair.name) == item)
            }
            TestCode::Fresh { within, lasting } => return self.fresh(within.as_ref(), lasting.as_ref()),
            TestCode::Until => self.now()? <= self.machine.time.map_or(i128::MIN, |time| time.0),
            TestCode::AtMost { value, limit } => {
                let span = machine.run_bytes(value)?;
                whole_number(machine.bytes(span)).is_some_and(|number| number <= *limit)
            }
            TestCode::Unique(value) => {
                let span = machine.run_bytes(value)?;
                let value = machine.bytes(span).to_vec();
                let new = !self.state.has_seen(check, &value);
                self.traces.push(Trace::Seen(check, value));
                new
            }
            TestCode::Same { key, value } => {
                let (key, value) = (machine.run_bytes(key)?, machine.run_bytes(value)?);
                let (key, value) = (machine.bytes(key).to_vec(), machine.bytes(value).to_vec());
                let same = self.state.bound(check, &key).is_none_or(|bound| equal(bound, &value, false));
                self.traces.push(Trace::Bound(check, key, value));
                same
            }
            TestCode::Rate { limit, per, by } => {
                let limit = self.setting(limit)?;
                let span = self.machine.run_bytes(by)?;
                let key = self.machine.bytes(span).to_vec();
                let now = self.now()?;
                let count = self.state.accepted_since(check, &key, now - per.nanoseconds());
                self.traces.push(Trace::Accepted(check, key, now));
                (count as u64) < limit
            }
            TestCode::Address(list) => self.address(list),
            TestCode::Under { url, base } => {
                let (url, base) = (machine.run_bytes(url)?, machine.run_bytes(base)?);
                under(machine.bytes(url), machine.bytes(base))
            }
        };
        Ok(if passed { Judgement::Pass } else { Judgement::Fail("the check failed".into()) })
    }

    fn account(&mut self, fields: &[(usize, Code)]) -> Result<Judgement, Stop> {
        let mut spans = Vec::with_capacity(fields.len());
        for (i, code) in fields {
            spans.push((*i, self.machine.run_bytes(code)?));
        }
        let machine = &self.machine;
        let fits = |account: &&PreparedAccount| {
            spans.iter().all(|&(i, span)| {
                account.values[i].as_ref().is_some_and(|value| equal(value, machine.bytes(span), false))
            })
        };
        let found = self.accounts.iter().find(fits);
        match found {
            Some(account) => {
                self.machine.account = Some(account);
                Ok(Judgement::Pass)
            }
            None => Ok(Judgement::Fail("no account has this key".into())),
        }
    }

    fn fresh(&mut self, within: Option<&Code>, lasting: Option<&Code>) -> Result<Judgement, Stop> {
        let now = self.now()?;
        let within = within.map(|code| self.setting(code)).transpose()?.unwrap_or(0);
        let after = match lasting {
            Some(code) => {
                let span = self.machine.run_bytes(code)?;
                match whole_number(self.machine.bytes(span)) {
                    Some(seconds) => seconds,
                    None => return Err(Fault::Malformed("the lifetime is no whole number of seconds".into()).into()),
                }
            }
            None => within,
        };
        let Some(time) = self.machine.time else { return Ok(Judgement::Fail("no time was received".into())) };
        let second = 1_000_000_000;
        let age = now - time.0;
        let fresh = age >= -(i128::from(within) * second) && age <= i128::from(after) * second;
        Ok(if fresh {
            Judgement::Pass
        } else {
            Judgement::Fail(format!("the message is {} ms old", age.div_euclid(1_000_000)))
        })
    }

    fn now(&self) -> Result<i128, VerifyError> {
        self.message.now.map(|instant| instant.0).ok_or(VerifyError::NoClock)
    }

    /// A number that the server has configured.
    fn setting(&mut self, code: &Code) -> Result<u64, Stop> {
        let span = self.machine.run_bytes(code)?;
        let bytes = self.machine.bytes(span);
        whole_number(bytes).ok_or_else(|| VerifyError::NotANumber(bytes.escape_ascii().to_string()).into())
    }

    fn address(&self, list: &AddressList) -> bool {
        let networks = match list {
            AddressList::Listed(networks) => networks.as_slice(),
            AddressList::Credential(i) => self.machine.account.map_or(&[][..], |account| &account.addresses[*i]),
        };
        self.message.client_address.is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
    }
}

/// Compares in time that depends on the lengths alone.
fn equal(a: &[u8], b: &[u8], caseless: bool) -> bool {
    if caseless {
        return a.to_ascii_lowercase().ct_eq(&b.to_ascii_lowercase()).into();
    }
    a.ct_eq(b).into()
}

/// Digits alone, without sign or spaces.
fn whole_number(bytes: &[u8]) -> Option<u64> {
    let digits = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(bytes).ok().filter(|_| digits)?.parse().ok()
}

fn under(url: &[u8], base: &[u8]) -> bool {
    let path = url.split(|&b| b == b'?').next().unwrap_or_default();
    let base = base.strip_suffix(b"/").unwrap_or(base);
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// What a message about a received value may show: its length, for it may hold a secret.
fn mask(bytes: &[u8]) -> impl std::fmt::Display {
    format!("*** ({} bytes)", bytes.len())
}
