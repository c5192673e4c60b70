//! The judge: binds what is received, and tests one check after the other.

use super::deviation::Deviation;
use super::eval::{Fault, Machine, Span, Value};
use super::eval_step::find;
use super::model::Keep;
use super::program::{AddressList, Bind, Bound, Code, Piece, PreparedAccount, TestCode};
use super::state::{State, Trace};
use super::verify::{Message, VerifyError};
use ipnet::IpNet;
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
            (Bound::Template { pieces, caseless, deviation }, Value::Bytes(span)) => {
                self.take_apart(pieces, *caseless, *deviation, span)?
            }
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

    fn take_apart(
        &mut self,
        pieces: &[Piece],
        caseless: bool,
        deviation: Option<Deviation>,
        span: Span,
    ) -> Result<(), Fault> {
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
                        Some(_) if deviation == Some(Deviation::SplitsAtLast) => rfind(rest, text),
                        Some(_) => find(rest, text),
                        None if deviation == Some(Deviation::AnyPrefix) && i == 0 => {
                            // Everything up to the first space goes, whatever it is.
                            let skipped = rest.iter().position(|&b| b == b' ').map_or(0, |space| space + 1);
                            from += skipped;
                            continue;
                        }
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

    pub(super) fn test(
        &mut self,
        check: usize,
        test: &TestCode,
        deviation: Option<Deviation>,
    ) -> Result<Judgement, Stop> {
        let deviates = |how: Deviation| deviation == Some(how);
        let machine = &mut self.machine;
        let passed = match test {
            TestCode::Present(value) => {
                let span = machine.run_bytes(value)?;
                !machine.bytes(span).is_empty() || deviates(Deviation::EmptyPasses)
            }
            TestCode::Account(fields) => return self.account(fields),
            TestCode::Equal { left, right, caseless } => {
                let (left, right) = (machine.run_bytes(left), machine.run_bytes(right));
                if deviates(Deviation::AbsentPasses) && matches!(left, Err(Fault::Absent(_))) {
                    return Ok(Judgement::Pass);
                }
                let empty = |span: Result<Span, Fault>| match span {
                    Err(Fault::Absent(_)) if deviates(Deviation::AbsentIsEmpty) => Ok(Span::EMPTY),
                    other => other,
                };
                let (left, right) = (empty(left)?, empty(right)?);
                let mut wanted = machine.bytes(right);
                if deviates(Deviation::Prefix) {
                    wanted = &wanted[..wanted.len().min(machine.bytes(left).len())];
                }
                let equal = equal(machine.bytes(left), wanted, *caseless);
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
            TestCode::Fresh { within, lasting } => return self.fresh(within.as_ref(), lasting.as_ref(), deviation),
            TestCode::Until => self.now()? <= self.machine.time.map_or(i128::MIN, |time| time.0),
            TestCode::AtMost { value, limit } => {
                let span = machine.run_bytes(value)?;
                whole_number(machine.bytes(span)).is_some_and(|number| number <= *limit)
            }
            TestCode::Unique(value) => {
                let span = machine.run_bytes(value)?;
                let value = machine.bytes(span).to_vec();
                let new = !self.state.has_seen(check, &value);
                self.remember(Trace::Seen(check, value), deviation);
                new
            }
            TestCode::Same { key, value } => {
                let (key, value) = (machine.run_bytes(key)?, machine.run_bytes(value)?);
                let (key, value) = (machine.bytes(key).to_vec(), machine.bytes(value).to_vec());
                let same = self.state.bound(check, &key).is_none_or(|bound| equal(bound, &value, false));
                self.remember(Trace::Bound(check, key, value), deviation);
                same
            }
            TestCode::Rate { limit, per, by } => {
                let limit = self.setting(limit)?;
                let span = self.machine.run_bytes(by)?;
                let key = self.machine.bytes(span).to_vec();
                let now = self.now()?;
                let start = match deviation {
                    Some(Deviation::Forever) => i128::MIN,
                    Some(Deviation::InclusiveStart) => now - per.nanoseconds() - 1,
                    _ => now - per.nanoseconds(),
                };
                let count = self.state.accepted_since(check, &key, start) as u64;
                self.remember(Trace::Accepted(check, key, now), deviation);
                match deviation {
                    Some(Deviation::OneMore) => count <= limit,
                    Some(Deviation::OneLess) => count + 1 < limit,
                    _ => count < limit,
                }
            }
            TestCode::Address(list) => self.address(list, deviation),
            TestCode::Under { url, base } => {
                let (url, base) = (machine.run_bytes(url)?, machine.run_bytes(base)?);
                under(machine.bytes(url), machine.bytes(base), deviates(Deviation::NoBoundary))
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
                // What was derived before, for another account, is derived again.
                self.machine.scratch.forget_stages(self.machine.program);
                Ok(Judgement::Pass)
            }
            None => Ok(Judgement::Fail("no account has this key".into())),
        }
    }

    fn fresh(
        &mut self,
        within: Option<&Code>,
        lasting: Option<&Code>,
        deviation: Option<Deviation>,
    ) -> Result<Judgement, Stop> {
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
        let unit = if deviation == Some(Deviation::Milliseconds) { second / 1000 } else { second };
        let mut age = now - time.0;
        if deviation == Some(Deviation::WholeSeconds) {
            age = (now.div_euclid(second) - time.0.div_euclid(second)) * second;
        }
        let edge = i128::from(deviation == Some(Deviation::Exclusive));
        let not_future = age >= -(i128::from(within) * unit) + edge || deviation == Some(Deviation::FuturePasses);
        let not_old = age <= i128::from(after) * unit - edge || deviation == Some(Deviation::OldPasses);
        let fresh = not_future && not_old;
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

    /// Keeps a trace until the message is accepted; a deviation keeps it at once.
    fn remember(&mut self, trace: Trace, deviation: Option<Deviation>) {
        if deviation == Some(Deviation::LastOnly) {
            self.traces.push(Trace::Forget);
        }
        match deviation {
            Some(Deviation::RefusedCount) => self.state.keep(vec![trace]),
            _ => self.traces.push(trace),
        }
    }

    fn address(&self, list: &AddressList, deviation: Option<Deviation>) -> bool {
        let networks = match list {
            AddressList::Listed(networks) => networks.as_slice(),
            AddressList::Credential(i) => self.machine.account.map_or(&[][..], |account| &account.addresses[*i]),
        };
        let Some(address) = self.message.client_address else { return deviation == Some(Deviation::AbsentPasses) };
        let contains = |network: &IpNet| match deviation {
            Some(Deviation::SameNetwork) => {
                IpNet::new(network.addr(), 24).is_ok_and(|wide| wide.trunc().contains(&address))
            }
            _ => network.contains(&address),
        };
        networks.iter().any(contains)
    }
}

/// Compares in time that depends on the lengths alone.
fn equal(a: &[u8], b: &[u8], caseless: bool) -> bool {
    if caseless {
        return a.to_ascii_lowercase().ct_eq(&b.to_ascii_lowercase()).into();
    }
    a.ct_eq(b).into()
}

/// Offset of the last `needle`.
fn rfind(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).rposition(|window| window == needle)
}

/// Digits alone, without sign or spaces.
fn whole_number(bytes: &[u8]) -> Option<u64> {
    let digits = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(bytes).ok().filter(|_| digits)?.parse().ok()
}

fn under(url: &[u8], base: &[u8], anywhere: bool) -> bool {
    let path = url.split(|&b| b == b'?').next().unwrap_or_default();
    let base = base.strip_suffix(b"/").unwrap_or(base);
    path.strip_prefix(base).is_some_and(|rest| anywhere || rest.is_empty() || rest.starts_with(b"/"))
}

/// What a message about a received value may show: its length, for it may hold a secret.
fn mask(bytes: &[u8]) -> impl std::fmt::Display {
    format!("*** ({} bytes)", bytes.len())
}
