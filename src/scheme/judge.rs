//! The judge: tests one check after the other.

use super::deviation::Deviation;
use super::eval::Machine;
use super::prepare::PreparedAccount;
use super::program::{AddressList, BytesCode, TestCode};
use super::state::{State, Trace};
use super::value::{Absence, Fault, Why};
use super::verify::{Message, VerifyError};
use crate::primitive::text;
use bumpalo::collections::Vec as Gathered;
use ipnet::IpNet;
use std::fmt;
use subtle::ConstantTimeEq;

/// Passed, or not.
pub(super) enum Judgement<'a> {
    Pass,
    Fail(Detail<'a>),
}

/// What was found; it becomes text only where somebody reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail<'a> {
    Says(&'a str),
    Absent(Absence<'a>),
    /// A value of so many bytes is another than it must be.
    Unequal(usize),
    /// Age in nanoseconds.
    Old(i128),
}

/// A judgement, or a reason why there is none.
pub(super) enum Stop<'a> {
    Fault(Fault<'a>),
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

pub(super) struct Judge<'a, 's> {
    pub machine: &'s mut Machine<'a>,
    pub accounts: &'a [PreparedAccount],
    pub message: Message<'a>,
    pub state: &'s mut State,
    /// What the message leaves with each check, should it be accepted.
    pub traces: Gathered<'a, (usize, Trace<'a>)>,
}

impl<'a> Judge<'a, '_> {
    pub(super) fn test(
        &mut self,
        check: usize,
        test: &'a TestCode,
        deviation: Option<Deviation>,
    ) -> Result<Judgement<'a>, Stop<'a>> {
        let deviates = |how: Deviation| deviation == Some(how);
        let machine = &mut *self.machine;
        let passed = match test {
            TestCode::Present(value) => !machine.bytes(value)?.is_empty() || deviates(Deviation::EmptyPasses),
            TestCode::Account(fields) => return self.account(fields),
            TestCode::Equal { left, right, caseless } => {
                let (left, right) = (machine.bytes(left), machine.bytes(right));
                if deviates(Deviation::AbsentPasses) && left.is_err_and(Fault::is_absence) {
                    return Ok(Judgement::Pass);
                }
                let empty = |bytes: Result<&'a [u8], Fault<'a>>| match bytes {
                    Err(fault) if fault.is_absence() && deviates(Deviation::AbsentIsEmpty) => Ok(&[][..]),
                    other => other,
                };
                let (left, mut wanted) = (empty(left)?, empty(right)?);
                if deviates(Deviation::Prefix) {
                    wanted = &wanted[..wanted.len().min(left.len())];
                }
                if !equal(left, wanted, *caseless) {
                    return Ok(Judgement::Fail(Detail::Unequal(left.len())));
                }
                true
            }
            TestCode::AnyEqual { list, value } => {
                let (items, value) = (machine.many(list)?, machine.bytes(value)?);
                // Every item is compared, so that the time taken does not tell which one fits.
                items.iter().fold(false, |found, item| found | equal(item.name(), value, false))
            }
            TestCode::OneOf { value, allowed } => {
                let value = machine.bytes(value)?;
                allowed.iter().any(|text| text == value)
            }
            TestCode::Matches { value, syntax } => syntax.matches(machine.bytes(value)?),
            TestCode::Includes { list, item } => machine.many(list)?.iter().any(|pair| pair.name() == item),
            TestCode::Fresh { within, lasting } => return self.fresh(within.as_ref(), lasting.as_ref(), deviation),
            TestCode::Until => self.now()? <= self.machine.time.map_or(i128::MIN, |time| time.0),
            TestCode::AtMost { value, limit } => {
                whole_number(machine.bytes(value)?).is_some_and(|number| number <= *limit)
            }
            TestCode::Unique(value) => {
                let value = machine.bytes(value)?;
                let new = !self.state.has_seen(check, value);
                self.remember(check, Trace::Seen(value), deviation);
                new
            }
            TestCode::Same { key, value } => {
                let (key, value) = (machine.bytes(key)?, machine.bytes(value)?);
                let same = self.state.bound(check, key).is_none_or(|bound| equal(bound, value, false));
                self.remember(check, Trace::Bound(key, value), deviation);
                same
            }
            TestCode::Rate { limit, per, by } => {
                let limit = self.setting(limit)?;
                let key = self.machine.bytes(by)?;
                let now = self.now()?;
                let start = match deviation {
                    Some(Deviation::Forever) => i128::MIN,
                    Some(Deviation::InclusiveStart) => now - per.nanoseconds() - 1,
                    _ => now - per.nanoseconds(),
                };
                let count = self.state.accepted_within(check, key, start, now) as u64;
                self.remember(check, Trace::Accepted(key, now), deviation);
                match deviation {
                    Some(Deviation::OneMore) => count <= limit,
                    Some(Deviation::OneLess) => count + 1 < limit,
                    _ => count < limit,
                }
            }
            TestCode::Address(list) => self.address(list, deviation),
            TestCode::Under { url, base } => {
                let (url, base) = (machine.bytes(url)?, machine.bytes(base)?);
                under(url, base, deviates(Deviation::NoBoundary))
            }
        };
        Ok(if passed { Judgement::Pass } else { Judgement::Fail(Detail::Says("the check failed")) })
    }

    fn account(&mut self, fields: &'a [(usize, BytesCode)]) -> Result<Judgement<'a>, Stop<'a>> {
        let mut wanted = Gathered::with_capacity_in(fields.len(), self.machine.bump);
        for (i, code) in fields {
            wanted.push((*i, self.machine.bytes(code)?));
        }
        let fits = |account: &&PreparedAccount| {
            let same = |value: &[u8], wanted| equal(value, wanted, false);
            wanted.iter().all(|&(i, wanted)| account.values[i].as_ref().is_some_and(|value| same(value, wanted)))
        };
        match self.accounts.iter().find(fits) {
            Some(account) => {
                self.machine.account = Some(account);
                // What was derived before, for another account, is derived again.
                self.machine.stages.fill(None);
                Ok(Judgement::Pass)
            }
            None => Ok(Judgement::Fail(Detail::Says("no account has this key"))),
        }
    }

    fn fresh(
        &mut self,
        within: Option<&'a BytesCode>,
        lasting: Option<&'a BytesCode>,
        deviation: Option<Deviation>,
    ) -> Result<Judgement<'a>, Stop<'a>> {
        let now = self.now()?;
        let within = within.map(|code| self.setting(code)).transpose()?.unwrap_or(0);
        let after = match lasting {
            Some(code) => match whole_number(self.machine.bytes(code)?) {
                Some(seconds) => seconds,
                None => {
                    return Err(Fault::of(&Why::Malformed("the lifetime is no whole number of seconds")).into());
                }
            },
            None => within,
        };
        let Some(time) = self.machine.time else {
            return Ok(Judgement::Fail(Detail::Says("no time was received")));
        };
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
        Ok(if fresh { Judgement::Pass } else { Judgement::Fail(Detail::Old(age)) })
    }

    fn now(&self) -> Result<i128, VerifyError> {
        self.message.now.map(|instant| instant.0).ok_or(VerifyError::NoClock)
    }

    /// A number that the server has configured.
    fn setting(&mut self, code: &'a BytesCode) -> Result<u64, Stop<'a>> {
        let bytes = self.machine.bytes(code)?;
        whole_number(bytes).ok_or_else(|| VerifyError::NotANumber(bytes.escape_ascii().to_string()).into())
    }

    /// Keeps a trace until the message is accepted; a deviation keeps it at once.
    fn remember(&mut self, check: usize, trace: Trace<'a>, deviation: Option<Deviation>) {
        if deviation == Some(Deviation::LastOnly) {
            self.traces.push((check, Trace::Forget));
        }
        match deviation {
            Some(Deviation::RefusedCount) => self.state.keep(check, trace),
            _ => self.traces.push((check, trace)),
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

/// Compares in time that depends on the lengths alone: what differs is gathered from all bytes, eight
/// at a time, and looked at once.
fn equal(a: &[u8], b: &[u8], caseless: bool) -> bool {
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
fn whole_number(bytes: &[u8]) -> Option<u64> {
    text::digits(bytes)?.parse().ok()
}

fn under(url: &[u8], base: &[u8], anywhere: bool) -> bool {
    if anywhere {
        return url.starts_with(base.strip_suffix(b"/").unwrap_or(base));
    }
    let rest = url.strip_prefix(base);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || base.ends_with(b"/"))
}

/// What a message about a received value may show: its length, for it may hold a secret.
pub(super) struct Mask(pub usize);

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "*** ({} bytes)", self.0)
    }
}
