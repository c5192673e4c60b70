//! Checks that remember accepted messages.

use crate::scheme::item::{CheckItem, Item, Kind, Opt, Written};
use crate::scheme::machine::{Test, Tests, Trace, Type, equal};

const VALUE: Kind = Kind::Pipeline(Type::Bytes);

const fn remembers(compares: bool, test: Test) -> Tests {
    Tests { remembers: true, compares, test }
}

pub static UNIQUE: CheckItem = Item {
    word: "unique",
    options: &[Opt::required("value", VALUE), Opt::deviation(&["last-only", "refused-count"])],
    written: Written::Value,
    reason: "the value was not seen before in an accepted message",
    example: (r#"{"unique":"header.x-id"}"#, "accept"),
    document: "RFC 5849 section 3.3; Standard Webhooks",
    does: remembers(false, |o, judge| {
        let value = judge.machine.bytes(o.code(0))?;
        let new = !judge.state.has_seen(judge.check, value);
        if o.deviates(1, "last-only") {
            judge.remember(Trace::Forget, false);
        }
        judge.remember(Trace::Seen(value), o.deviates(1, "refused-count"));
        Ok(new.into())
    }),
};

pub static SAME: CheckItem = Item {
    word: "same",
    options: &[Opt::required("key", VALUE), Opt::required("value", VALUE), Opt::deviation(&["refused-count"])],
    written: Written::Map(2),
    reason: "the value is the one first accepted with this key",
    example: (r#"{"same":{"key":"header.x-id","value":"body"}}"#, "accept"),
    document: "schemes that bind a value to a payment",
    does: remembers(true, |o, judge| {
        let (key, value) = (judge.machine.bytes(o.code(0))?, judge.machine.bytes(o.code(1))?);
        let same = judge.state.bound(judge.check, key).is_none_or(|bound| equal(bound, value, false));
        judge.remember(Trace::Bound(key, value), o.deviates(2, "refused-count"));
        Ok(same.into())
    }),
};

/// Windows of `rate`, in nanoseconds.
const WINDOWS: &[&str] = &["minute"];
const MINUTE: i128 = 60_000_000_000;

pub static RATE: CheckItem = Item {
    word: "rate",
    options: &[
        Opt::required("limit", Kind::Number),
        Opt::required("per", Kind::Word(WINDOWS)),
        Opt::required("by", VALUE),
        Opt::deviation(&["one-more", "one-less", "inclusive-start", "forever", "refused-count"]),
    ],
    written: Written::Map(3),
    reason: "fewer than `limit` messages of `by` were accepted in the window that ends now",
    example: (r#"{"rate":{"limit":{"text":"2"},"per":"minute","by":"header.x-id"}}"#, "accept"),
    document: "RFC 6585 section 4",
    does: remembers(false, |o, judge| {
        let limit = judge.setting(o.code(0))?;
        let key = judge.machine.bytes(o.code(2))?;
        let now = judge.now()?;
        let start = match () {
            () if o.deviates(3, "forever") => i128::MIN,
            () if o.deviates(3, "inclusive-start") => now - MINUTE - 1,
            () => now - MINUTE,
        };
        let count = judge.state.accepted_within(judge.check, key, start, now) as u64;
        judge.remember(Trace::Accepted(key, now), o.deviates(3, "refused-count"));
        Ok(match () {
            () if o.deviates(3, "one-more") => count <= limit,
            () if o.deviates(3, "one-less") => count + 1 < limit,
            () => count < limit,
        }
        .into())
    }),
};
