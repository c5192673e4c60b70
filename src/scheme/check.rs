//! Checks: the steps of verification, each one entry in the table.
//!
//! Their examples hold for the message of the examples of sources.

use super::compared::{WAYS, fits, hmac_named, is_none};
use super::item::{Family, Item, Kind, Opt, OptionKind, items};
use super::machine::{
    Args, Detail, Failure, Judge, Machine, PreparedAccount, Ready, Repeated, Stop, Test, Tests, Trace, Type, Why,
    equal, whole_number,
};
use crate::primitive::digest::{Algorithm, Key};
use crate::primitive::key_pair::{self, SignatureAlgorithm};
use crate::primitive::text;
use bumpalo::collections::Vec as Gathered;
use ipnet::IpNet;
use std::net::IpAddr;

const VALUE: Opt = bytes("value");
const LIST: Opt = Opt::required("list", OptionKind::Pipeline(Type::List));
const TIME: Opt = Opt::required("time", OptionKind::ReceivedTime);
const SECOND: i128 = 1_000_000_000;
const MINUTE: i128 = 60 * SECOND;
const DAY: i128 = 24 * 60 * MINUTE;

impl Family for Tests {
    const NAME: &'static str = "check";
    const TABLES: &'static [&'static [Item<Tests>]] = &[items! {
        "present" Value [VALUE, Opt::deviation(&["empty-passes"])]
            "the value is there and not empty" ("every scheme that sends a credential")
            r#"{"present":"header.x-id"}"# => "accept"
            tests(|o, judge| {
                let value = judge.machine.bytes(o.code(0))?;
                Ok(!value.is_empty() || o.deviates(1, "empty-passes"))
            });

        "account" Value [Opt::required("credentials", OptionKind::Credentials), Opt::deviation(&["caseless", "first-known", "absent-passes"])]
            "some account has these credentials; it is the account from here on" ("every scheme with a key id")
            r#"{"account":{"key":{"text":"k-1"}}}"# => "accept"
            compares(account);

        "equal" List(2) [
            bytes("left"), bytes("right"), Opt::flag("caseless", false), Opt::deviation(WAYS),
        ]
            "what arrived is what it must be; compared in constant time, `caseless` without regard to ASCII case"
            ("every scheme that sends a signature")
            r#"{"equal":["header.x-id",{"text":"7"}]}"# => "accept"
            compares(equal_values), |c| {
                let of = |i: usize| c.inner[i].of(Kind::Bytes, c.language);
                let (left, right) = (of(0), of(1));
                c.gives_bytes(
                    format!("hmac.compare_digest({left}, {right})"),
                    format!("{left}.length === {right}.length && \ncrypto.timingSafeEqual({left}, {right})"),
                ).filter(|_| !c.has("caseless"))
            };

        "signed" Map(5) [
            Opt::required("with", OptionKind::Signature), Opt::required("key", OptionKind::Key("public")),
            bytes("message"), bytes("signature"), Opt::word("form", &["raw", "der"], "raw"),
            Opt::deviation(&[
                "empty-passes", "zero-passes", "larger-passes", "public-as-secret", "hmac-as-named", "unless-none",
            ]),
        ]
            "a signature of the message under a key pair" ("RFC 8032 section 5.1.7; RFC 8017; FIPS 186-5")
            r#"{"signed":{"with":"ed25519","key":"credential.pair.public","message":"header.x-id","signature":
                [{"text":"gRAgnkI8fOyQPAIdx8X6f4UUBnOfHm6Ej92LCARsaUpnHhqyjDDkZG0b62bDWhShBQUrJPyMxY3RFPUwRqw8Cw=="},"base64-decode"]}}"# => "accept"
            tests(signed);

        "any-equal" List(2) [LIST, VALUE, Opt::deviation(WAYS)]
            "one item of a list, of candidate signatures, is the value"
            ("Stripe, webhook signatures; Standard Webhooks")
            r#"{"any-equal":[["header.x-id",{"split":","}],{"text":"7"}]}"# => "accept"
            compares(|o, judge| {
                let (items, value) = (judge.machine.many(o.many(0))?, judge.machine.bytes(o.code(1))?);
                let items = match () {
                    () if o.deviates(2, "first-only") => &items[..items.len().min(1)],
                    () if o.deviates(2, "last-only") => &items[items.len().saturating_sub(1)..],
                    () => items,
                };
                // Every item is compared, so that the time taken does not tell which one fits.
                let found = items.iter().fold(false, |found, item| found | fits(o, 2, item.name(), value, false));
                let is_unsigned = o.deviates(2, "unless-none") && judge.named.is_some_and(is_none);
                Ok(found || is_unsigned || items.is_empty() && o.deviates(2, "none-passes"))
            });

        "one-of" List(2) [VALUE, Opt::required("allowed", OptionKind::Texts)]
            "the value is one of these texts" ("schemes that list what they take")
            r#"{"one-of":["method","PUT","POST"]}"# => "accept"
            tests(|o, judge| {
                let value = judge.machine.bytes(o.code(0))?;
                Ok(o.texts(1).iter().any(|text| text == value))
            });

        "matches" List(2) [VALUE, Opt::word("syntax", &["b68token"], "b68token")]
            "the value has this syntax" ("RFC 6750 section 2.1")
            r#"{"matches":["header.x-id","b68token"]}"# => "accept"
            tests(|o, judge| Ok(text::is_b68token(judge.machine.bytes(o.code(0))?)));

        "includes" List(2) [LIST, Opt::required("item", OptionKind::Text)]
            "a list has this item, which must be signed" ("AWS Signature Version 4, signed headers")
            r#"{"includes":[["headers","names"],"X-Id"]}"# => "accept"
            tests(|o, judge| {
                let items = judge.machine.many(o.many(0))?;
                Ok(items.iter().any(|pair| pair.name() == o.bytes(1)))
            });

        "fresh" Value [
            TIME, Opt::optional("within", OptionKind::Window), Opt::optional("for", OptionKind::Window),
            Opt::deviation(&[
                "old-passes", "future-passes", "exclusive", "whole-seconds", "sixtyfold", "thousandfold", "doubled",
                "calendar", "days-dropped", "none-passes", "clock-in-milliseconds",
            ]),
        ]
            "the received time is off the server's clock by at most `within` (`0 s` unless given), either way; with \
             `for`, the clock is at most so much after it" ("RFC 5849 section 3.3; Stripe, webhook signatures")
            r#"{"fresh":"time","within":{"text":"300"}}"# => "accept"
            tests(fresh);

        "until" Value [TIME, Opt::flag("exclusive", false)]
            "the server's clock has not passed the received time; with `exclusive`, it has not reached it"
            ("Amazon S3, REST authentication, Expires; RFC 7519 section 4.1.4")
            r#"{"until":"time"}"# => "accept"
            tests(|o, judge| {
                let left = judge.time(o.received_time(0))? - judge.now()?;
                Ok(left > 0 || left == 0 && !o.flag(1))
            });

        "from" Value [TIME, Opt::deviation(&["exclusive"])]
            "the server's clock has reached the received time" ("RFC 7519 section 4.1.5; Tencent COS, KeyTime")
            r#"{"from":"time"}"# => "accept"
            tests(|o, judge| {
                let past = judge.now()? - judge.time(o.received_time(0))?;
                Ok(past > 0 || past == 0 && !o.deviates(1, "exclusive"))
            });

        "at-most" List(2) [VALUE, Opt::required("limit", OptionKind::Count)]
            "a whole number is at most this" ("AWS Signature Version 4, X-Amz-Expires")
            r#"{"at-most":["header.x-id",604800]}"# => "accept"
            tests(|o, judge| {
                let number = whole_number(judge.machine.bytes(o.code(0))?);
                Ok(number.is_some_and(|number| number <= o.count(1)))
            });

        "unique" Value [VALUE, Opt::deviation(&["last-only", "refused-count", "replay-forgets", "one-minute"])]
            "the value was not seen before in an accepted message" ("RFC 5849 section 3.3; Standard Webhooks")
            r#"{"unique":"header.x-id"}"# => "accept"
            Tests { remembers: true, compares: false, test: unique };

        "same" Map(2) [bytes("key"), VALUE, Opt::deviation(&["refused-count"])]
            "the value is the one first accepted with this key" ("schemes that bind a value to a payment")
            r#"{"same":{"key":"header.x-id","value":"body"}}"# => "accept"
            Tests { remembers: true, compares: true, test: |o, judge| {
                let (key, value) = (judge.machine.bytes(o.code(0))?, judge.machine.bytes(o.code(1))?);
                let same = judge.state.bound(judge.check, key).is_none_or(|bound| equal(bound, value, false));
                judge.remember(Trace::Bound(key, value), o.deviates(2, "refused-count"));
                Ok(same)
            } };

        "increasing" Map(2) [
            VALUE, bytes("by"), Opt::deviation(&["same-passes", "as-text", "refused-count"]),
        ]
            "a whole number is greater than in every accepted message of `by`" ("RFC 7616 section 3.4, nc")
            r#"{"increasing":{"by":"header.authorization","value":"header.x-id"}}"# => "accept"
            Tests { remembers: true, compares: false, test: increasing };

        "rate" Map(3) [
            Opt::required("limit", OptionKind::Number), Opt::required("per", OptionKind::Word(&["minute"])), bytes("by"),
            Opt::deviation(&["one-more", "one-less", "inclusive-start", "forever", "calendar", "refused-count"]),
        ]
            "fewer than `limit` messages of `by` were accepted in the minute that ends now" ("RFC 6585 section 4")
            r#"{"rate":{"limit":{"text":"2"},"per":"minute","by":"header.x-id"}}"# => "accept"
            Tests { remembers: true, compares: false, test: rate };

        "address" Value [
            Opt::required("addresses", OptionKind::Addresses),
            Opt::deviation(&[
                "absent-passes", "same-network", "text-prefix", "text-part", "ipv4-only", "mapped", "forwarded",
            ]),
        ]
            "the client's address is listed, in an attribute of the account or here; IPv4 written as IPv6 is another one"
            ("schemes that list the addresses of their servers")
            r#"{"address":["192.0.2.0/24"]}"# => "accept"
            tests(address);

        "under" List(2) [bytes("url"), bytes("base"), Opt::deviation(&["no-boundary", "as-prefix"])]
            "a URL is a base URL, or continues it at a `/`; a slash at the end of the base is part of it"
            ("schemes that tie a key to an environment")
            r#"{"under":["url",{"text":"https://example.com"}]}"# => "accept"
            tests(|o, judge| {
                let (url, base) = (judge.machine.bytes(o.code(0))?, judge.machine.bytes(o.code(1))?);
                if o.deviates(2, "as-prefix") {
                    return Ok(url.starts_with(base));
                }
                if o.deviates(2, "no-boundary") {
                    return Ok(url.starts_with(base.strip_suffix(b"/").unwrap_or(base)));
                }
                let rest = url.strip_prefix(base);
                Ok(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/") || base.ends_with(b"/")))
            });
    }];
}

/// An option that is a pipeline of bytes and must be given.
const fn bytes(name: &'static str) -> Opt {
    Opt::required(name, OptionKind::Pipeline(Type::Bytes))
}

/// A test of one message by itself.
const fn tests(test: Test) -> Tests {
    Tests { remembers: false, compares: false, test }
}

/// The same, in which values are compared as credentials.
const fn compares(test: Test) -> Tests {
    Tests { remembers: false, compares: true, test }
}

fn account<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let machine = &mut *judge.machine;
    let mut wanted = Gathered::new_in(machine.bump);
    for (i, code) in o.credentials(0) {
        match machine.bytes(code) {
            Err(fault) if fault.is_absence() && o.deviates(1, "absent-passes") => return Ok(true),
            found => wanted.push((*i, found?)),
        }
    }
    let fits = |account: &&PreparedAccount| {
        let same = |value: &[u8], wanted| equal(value, wanted, o.deviates(1, "caseless"));
        wanted.iter().all(|&(i, wanted)| account.values[i].as_ref().is_some_and(|value| same(value, wanted)))
    };
    match judge.accounts.iter().find(fits) {
        Some(account) => {
            machine.set_account(Some(account));
            // What was derived before, for another account, is derived again.
            machine.stages.fill(None);
            Ok(true)
        }
        None if o.deviates(1, "first-known") => {
            machine.set_account(judge.accounts.first());
            Ok(true)
        }
        None => Err(Stop::Failed(Detail::Says("no account has this key"))),
    }
}

fn equal_values<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let (left, right) = (judge.machine.bytes(o.code(0)), judge.machine.bytes(o.code(1)));
    let is_empty = |fault: Failure<'_>| fault.is_absence() && o.deviates(3, "absent-is-empty");
    let left = left.or_else(|fault| if is_empty(fault) { Ok(&[][..]) } else { Err(fault) })?;
    let right = right.or_else(|fault| if is_empty(fault) { Ok(&[][..]) } else { Err(fault) })?;
    if o.deviates(3, "or-none") || o.deviates(3, "or-hmac") {
        judge.named = Some(left);
    }
    let is_unsigned = o.deviates(3, "unless-none") && judge.named.is_some_and(is_none);
    let is_of_any = |judge: &mut Judge<'a, '_>| o.deviates(3, "any-account") && of_any_account(o, judge, left);
    match fits(o, 3, left, right, o.flag(2)) || is_unsigned || is_of_any(judge) {
        true => Ok(true),
        false => Err(Stop::Failed(Detail::Unequal(left.len()))),
    }
}

/// Returns whether what arrived is the right value for some account that the server knows.
fn of_any_account<'a>(o: &'a Args, judge: &mut Judge<'a, '_>, left: &[u8]) -> bool {
    let own = judge.machine.account;
    let mut found = false;
    for account in judge.accounts.iter().map(Some).chain([own]) {
        judge.machine.set_account(account);
        judge.machine.stages.fill(None);
        found |= judge.machine.bytes(o.code(1)).is_ok_and(|right| equal(left, right, o.flag(2)));
    }
    found
}

fn signed<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let machine = &mut *judge.machine;
    let (message, signature) = (machine.bytes(o.code(2))?, machine.bytes(o.code(3))?);
    let (with, form, key) = (o.signature(0), o.form(4), machine.public(o.key(1))?);
    Ok(match () {
        () if o.deviates(5, "empty-passes") && signature.is_empty() => true,
        () if o.deviates(5, "zero-passes") && with.pair().is_ecdsa() && key_pair::is_zero(form, signature) => true,
        () if o.deviates(5, "larger-passes") && with == SignatureAlgorithm::Ed25519 => {
            key_pair::reduced(signature).is_some_and(|signature| key.verify(with, form, message, &signature))
                || key.verify(with, form, message, signature)
        }
        () if o.deviates(5, "unless-none") && judge.named.is_some_and(is_none) => true,
        () if o.deviates(5, "hmac-as-named") => match judge.named.and_then(hmac_named) {
            Some(named) => is_under_text(o, machine, named, message, signature),
            None => key.verify(with, form, message, signature),
        },
        () if o.deviates(5, "public-as-secret") => {
            is_under_text(o, machine, with.digest(), message, signature) || key.verify(with, form, message, signature)
        }
        () => key.verify(with, form, message, signature),
    })
}

/// Returns whether a signature is the MAC whose secret is the text of the public half.
fn is_under_text(o: &Args, machine: &Machine<'_>, with: Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let secret = machine.account.and_then(|account| account.values[o.key(1)].as_ref());
    let mut code = [0; 64];
    let code = &mut code[..with.size()];
    Key::new(with, secret.map_or(&[], |secret| secret)).code(message, code);
    equal(code, signature, false)
}

fn fresh<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let now = judge.now()?;
    let within = if o.has(1) { judge.window(o.window(1))? } else { 0 };
    let after = if o.has(2) { judge.window(o.window(2))? } else { within };
    let times = match () {
        () if o.deviates(3, "sixtyfold") => 60,
        () if o.deviates(3, "thousandfold") => 1000,
        () if o.deviates(3, "doubled") => 2,
        () => 1,
    };
    let (within, after) = (within * times, after * times);
    let time = match judge.time(o.received_time(0)) {
        Err(_) if o.deviates(3, "none-passes") => return Ok(true),
        time => time?,
    };
    if o.deviates(3, "calendar") && after > 0 {
        let same = now.div_euclid(after) == time.div_euclid(after);
        return if same { Ok(true) } else { Err(Stop::Failed(Detail::Old(now - time))) };
    }
    let mut age = now - time;
    if o.deviates(3, "clock-in-milliseconds") {
        age = now.saturating_mul(1000) - time;
    }
    if o.deviates(3, "days-dropped") {
        age = age.rem_euclid(DAY).div_euclid(SECOND) * SECOND;
    }
    if o.deviates(3, "whole-seconds") {
        age = (now.div_euclid(SECOND) - time.div_euclid(SECOND)) * SECOND;
    }
    let edge = i128::from(o.deviates(3, "exclusive"));
    let not_future = age >= -within + edge || o.deviates(3, "future-passes");
    let not_old = age <= after - edge || o.deviates(3, "old-passes");
    if not_future && not_old { Ok(true) } else { Err(Stop::Failed(Detail::Old(age))) }
}

fn unique<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let value = judge.machine.bytes(o.code(0))?;
    if let (Some(now), true) = (judge.message.now, o.deviates(1, "one-minute")) {
        let count = judge.state.accepted_within(judge.check, value, now.0 - MINUTE, now.0);
        judge.remember(Trace::Accepted(value, now.0), false);
        return Ok(count == 0);
    }
    let new = !judge.state.has_seen(judge.check, value);
    if o.deviates(1, "last-only") || !new && o.deviates(1, "replay-forgets") {
        judge.remember(Trace::Forget, o.deviates(1, "replay-forgets"));
    }
    if new {
        judge.remember(Trace::Seen(value), o.deviates(1, "refused-count"));
    }
    Ok(new)
}

fn increasing<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let (value, key) = (judge.machine.bytes(o.code(0))?, judge.machine.bytes(o.code(1))?);
    if text::digits(value).is_none() {
        return Err(Failure::of(&Why::Malformed("what must grow is no whole number")).into());
    }
    // Without zeros before it, the longer number is the greater one, whatever its length.
    let number = &value[value.iter().take_while(|digit| **digit == b'0').count()..];
    let order = |last: &[u8]| match o.deviates(2, "as-text") {
        true => number.cmp(last),
        false => number.len().cmp(&last.len()).then(number.cmp(last)),
    };
    let last = judge.state.bound(judge.check, key);
    let grows = last.map(order).is_none_or(|order| order.is_gt() || order.is_eq() && o.deviates(2, "same-passes"));
    if grows {
        judge.remember(Trace::Bound(key, number), o.deviates(2, "refused-count"));
    }
    Ok(grows)
}

fn rate<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let limit = judge.setting(o.code(0))?;
    let key = judge.machine.bytes(o.code(2))?;
    let now = judge.now()?;
    let start = match () {
        () if o.deviates(3, "forever") => i128::MIN,
        () if o.deviates(3, "inclusive-start") => now - MINUTE - 1,
        () if o.deviates(3, "calendar") => now.div_euclid(MINUTE) * MINUTE - 1,
        () => now - MINUTE,
    };
    let count = judge.state.accepted_within(judge.check, key, start, now) as u64;
    judge.remember(Trace::Accepted(key, now), o.deviates(3, "refused-count"));
    Ok(match () {
        () if o.deviates(3, "one-more") => count <= limit,
        () if o.deviates(3, "one-less") => count + 1 < limit,
        () => count < limit,
    })
}

fn address<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<bool, Stop<'a>> {
    let networks = match &o.0[0] {
        Ready::Networks(networks) => networks.as_slice(),
        _ => judge.machine.account.map_or(&[][..], |account| &account.addresses[o.number(0)]),
    };
    let Some(address) = judge.message.client_address else { return Ok(o.deviates(1, "absent-passes")) };
    let address = match () {
        () if o.deviates(1, "mapped") => address.to_canonical(),
        () if o.deviates(1, "ipv4-only") && address.is_ipv6() => return Ok(false),
        () if o.deviates(1, "forwarded") => forwarded(judge).unwrap_or(address),
        () => address,
    };
    let text = |address: IpAddr| address.to_string();
    let contains = |network: &IpNet| match () {
        () if o.deviates(1, "same-network") => {
            IpNet::new(network.addr(), 24).is_ok_and(|wide| wide.trunc().contains(&address))
        }
        () if o.deviates(1, "text-prefix") => text(address).starts_with(&text(network.addr())),
        () if o.deviates(1, "text-part") => text(network.addr()).contains(&text(address)),
        () => network.contains(&address),
    };
    Ok(networks.iter().any(contains))
}

/// The address that a proxy says the message comes from, or the sender itself.
fn forwarded(judge: &mut Judge<'_, '_>) -> Option<IpAddr> {
    let said = judge.machine.view.header(b"x-forwarded-for", Repeated::First).ok()?;
    std::str::from_utf8(said).ok()?.split(',').next()?.trim().parse().ok()
}
