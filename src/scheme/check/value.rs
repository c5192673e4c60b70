//! Checks of one message by itself.
//!
//! Their examples, and those of the other checks, hold for the message of the examples of sources.

use crate::primitive::text;
use crate::scheme::item::{CheckItem, Item, Kind, Opt, Written};
use crate::scheme::machine::{
    Args, Detail, Fault, Judge, Judgement, PreparedAccount, Ready, Stop, Test, Tests, Type, equal, whole_number,
};
use bumpalo::collections::Vec as Gathered;
use ipnet::IpNet;

const VALUE: Kind = Kind::Pipeline(Type::Bytes);

pub(super) const fn tests(compares: bool, test: Test) -> Tests {
    Tests { remembers: false, compares, test }
}

pub static PRESENT: CheckItem = Item {
    word: "present",
    options: &[Opt::required("value", VALUE), Opt::deviation(&["empty-passes"])],
    written: Written::Value,
    reason: "the value is there and not empty",
    example: (r#"{"present":"header.x-id"}"#, "accept"),
    document: "every scheme that sends a credential",
    does: tests(false, |o, judge| {
        let value = judge.machine.bytes(o.code(0))?;
        Ok((!value.is_empty() || o.deviates(1, "empty-passes")).into())
    }),
};

pub static ACCOUNT: CheckItem = Item {
    word: "account",
    options: &[Opt::required("credentials", Kind::Credentials)],
    written: Written::Value,
    reason: "some account has these credentials; it is the account from here on",
    example: (r#"{"account":{"key":{"text":"k-1"}}}"#, "accept"),
    document: "every scheme with a key id",
    does: tests(true, account),
};

fn account<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<Judgement<'a>, Stop<'a>> {
    let machine = &mut *judge.machine;
    let mut wanted = Gathered::new_in(machine.bump);
    for (i, code) in o.credentials(0) {
        wanted.push((*i, machine.bytes(code)?));
    }
    let fits = |account: &&PreparedAccount| {
        let same = |value: &[u8], wanted| equal(value, wanted, false);
        wanted.iter().all(|&(i, wanted)| account.values[i].as_ref().is_some_and(|value| same(value, wanted)))
    };
    match judge.accounts.iter().find(fits) {
        Some(account) => {
            machine.set_account(Some(account));
            // What was derived before, for another account, is derived again.
            machine.stages.fill(None);
            Ok(Judgement::Pass)
        }
        None => Ok(Judgement::Fail(Detail::Says("no account has this key"))),
    }
}

pub static EQUAL: CheckItem = Item {
    word: "equal",
    options: &[
        Opt::required("left", VALUE),
        Opt::required("right", VALUE),
        Opt::flag("caseless"),
        Opt::deviation(&["prefix", "absent-is-empty", "absent-passes"]),
    ],
    written: Written::List(2),
    reason: "what arrived is what it must be; compared in constant time, `caseless` without regard to ASCII case",
    example: (r#"{"equal":["header.x-id",{"text":"7"}]}"#, "accept"),
    document: "every scheme that sends a signature",
    does: tests(true, |o, judge| {
        let (left, right) = (judge.machine.bytes(o.code(0)), judge.machine.bytes(o.code(1)));
        if o.deviates(3, "absent-passes") && left.is_err_and(Fault::is_absence) {
            return Ok(Judgement::Pass);
        }
        let is_empty = |fault: Fault<'_>| fault.is_absence() && o.deviates(3, "absent-is-empty");
        let left = left.or_else(|fault| if is_empty(fault) { Ok(&[][..]) } else { Err(fault) })?;
        let mut wanted = right.or_else(|fault| if is_empty(fault) { Ok(&[][..]) } else { Err(fault) })?;
        if o.deviates(3, "prefix") {
            wanted = &wanted[..wanted.len().min(left.len())];
        }
        Ok(match equal(left, wanted, o.flag(2)) {
            true => Judgement::Pass,
            false => Judgement::Fail(Detail::Unequal(left.len())),
        })
    }),
};

pub static ANY_EQUAL: CheckItem = Item {
    word: "any-equal",
    options: &[Opt::required("list", Kind::Pipeline(Type::List)), Opt::required("value", VALUE)],
    written: Written::List(2),
    reason: "one item of a list is the value: candidate signatures, while a key is changed",
    example: (r#"{"any-equal":[["header.x-id",{"split":","}],{"text":"7"}]}"#, "accept"),
    document: "Stripe, webhook signatures; Standard Webhooks",
    does: tests(true, |o, judge| {
        let (items, value) = (judge.machine.many(o.many(0))?, judge.machine.bytes(o.code(1))?);
        // Every item is compared, so that the time taken does not tell which one fits.
        Ok(items.iter().fold(false, |found, item| found | equal(item.name(), value, false)).into())
    }),
};

pub static ONE_OF: CheckItem = Item {
    word: "one-of",
    options: &[Opt::required("value", VALUE), Opt::required("allowed", Kind::Texts)],
    written: Written::List(2),
    reason: "the value is one of these texts",
    example: (r#"{"one-of":["method","PUT","POST"]}"#, "accept"),
    document: "schemes that list what they take",
    does: tests(false, |o, judge| {
        let value = judge.machine.bytes(o.code(0))?;
        Ok(o.texts(1).iter().any(|text| text == value).into())
    }),
};

pub static MATCHES: CheckItem = Item {
    word: "matches",
    options: &[Opt::required("value", VALUE), Opt::word("syntax", &["b68token"], "b68token")],
    written: Written::List(2),
    reason: "the value has this syntax",
    example: (r#"{"matches":["header.x-id","b68token"]}"#, "accept"),
    document: "RFC 6750 section 2.1",
    does: tests(false, |o, judge| Ok(text::is_b68token(judge.machine.bytes(o.code(0))?).into())),
};

pub static INCLUDES: CheckItem = Item {
    word: "includes",
    options: &[Opt::required("list", Kind::Pipeline(Type::List)), Opt::required("item", Kind::Text)],
    written: Written::List(2),
    reason: "a list has this item: a header field that must be signed",
    example: (r#"{"includes":[["headers","names"],"X-Id"]}"#, "accept"),
    document: "AWS Signature Version 4, signed headers",
    does: tests(false, |o, judge| {
        let items = judge.machine.many(o.many(0))?;
        Ok(items.iter().any(|pair| pair.name() == o.bytes(1)).into())
    }),
};

pub static AT_MOST: CheckItem = Item {
    word: "at-most",
    options: &[Opt::required("value", VALUE), Opt::required("limit", Kind::Count)],
    written: Written::List(2),
    reason: "a whole number is at most this",
    example: (r#"{"at-most":["header.x-id",604800]}"#, "accept"),
    document: "AWS Signature Version 4, X-Amz-Expires",
    does: tests(false, |o, judge| {
        let number = whole_number(judge.machine.bytes(o.code(0))?);
        Ok(number.is_some_and(|number| number <= o.count(1)).into())
    }),
};

pub static ADDRESS: CheckItem = Item {
    word: "address",
    options: &[Opt::required("addresses", Kind::Addresses), Opt::deviation(&["absent-passes", "same-network"])],
    written: Written::Value,
    reason: "the client's address is listed, in an attribute of the account or here",
    example: (r#"{"address":["192.0.2.0/24"]}"#, "accept"),
    document: "schemes that list the addresses of their servers",
    does: tests(false, |o, judge| {
        let networks = match &o.0[0] {
            Ready::Networks(networks) => networks.as_slice(),
            _ => judge.machine.account.map_or(&[][..], |account| &account.addresses[o.number(0)]),
        };
        let Some(address) = judge.message.client_address else { return Ok(o.deviates(1, "absent-passes").into()) };
        let contains = |network: &IpNet| match o.deviates(1, "same-network") {
            true => IpNet::new(network.addr(), 24).is_ok_and(|wide| wide.trunc().contains(&address)),
            false => network.contains(&address),
        };
        Ok(networks.iter().any(contains).into())
    }),
};

pub static UNDER: CheckItem = Item {
    word: "under",
    options: &[Opt::required("url", VALUE), Opt::required("base", VALUE), Opt::deviation(&["no-boundary"])],
    written: Written::List(2),
    reason: "a URL is a base URL, or continues it at a `/`; a slash at the end of the base is part of it",
    example: (r#"{"under":["url",{"text":"https://example.com"}]}"#, "accept"),
    document: "schemes that tie a key to an environment",
    does: tests(false, |o, judge| {
        let (url, base) = (judge.machine.bytes(o.code(0))?, judge.machine.bytes(o.code(1))?);
        if o.deviates(2, "no-boundary") {
            return Ok(url.starts_with(base.strip_suffix(b"/").unwrap_or(base)).into());
        }
        let rest = url.strip_prefix(base);
        Ok(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || base.ends_with(b"/")).into())
    }),
};
