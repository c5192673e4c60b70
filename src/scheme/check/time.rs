//! Checks of the time that a message carries.

use super::value::tests;
use crate::scheme::item::{CheckItem, Item, Kind, Opt, Written};
use crate::scheme::machine::{Args, Detail, Fault, Judge, Judgement, Stop, Why, whole_number};

const TIME: Opt = Opt::required("time", Kind::ReceivedTime);
const SECOND: i128 = 1_000_000_000;

pub static FRESH: CheckItem = Item {
    word: "fresh",
    options: &[
        TIME,
        Opt::optional("within", Kind::Number),
        Opt::optional("for", Kind::Number),
        Opt::deviation(&["old-passes", "future-passes", "milliseconds", "exclusive", "whole-seconds"]),
    ],
    written: Written::Value,
    reason: "the received time is off the server's clock by at most the seconds of `within` (0 unless given), either \
             way; with `for`, so many seconds after it",
    example: (r#"{"fresh":"time","within":{"text":"300"}}"#, "accept"),
    document: "RFC 5849 section 3.3; Stripe, webhook signatures",
    does: tests(false, fresh),
};

fn fresh<'a>(o: &'a Args, judge: &mut Judge<'a, '_>) -> Result<Judgement<'a>, Stop<'a>> {
    let now = judge.now()?;
    let within = o.maybe_code(1).map(|code| judge.setting(code)).transpose()?.unwrap_or(0);
    let after = match o.maybe_code(2) {
        Some(code) => match whole_number(judge.machine.bytes(code)?) {
            Some(seconds) => seconds,
            None => return Err(Fault::of(&Why::Malformed("the lifetime is no whole number of seconds")).into()),
        },
        None => within,
    };
    let Some(time) = judge.machine.time else {
        return Ok(Judgement::Fail(Detail::Says("no time was received")));
    };
    let unit = if o.deviates(3, "milliseconds") { SECOND / 1000 } else { SECOND };
    let mut age = now - time.0;
    if o.deviates(3, "whole-seconds") {
        age = (now.div_euclid(SECOND) - time.0.div_euclid(SECOND)) * SECOND;
    }
    let edge = i128::from(o.deviates(3, "exclusive"));
    let not_future = age >= -(i128::from(within) * unit) + edge || o.deviates(3, "future-passes");
    let not_old = age <= i128::from(after) * unit - edge || o.deviates(3, "old-passes");
    Ok(if not_future && not_old { Judgement::Pass } else { Judgement::Fail(Detail::Old(age)) })
}

pub static UNTIL: CheckItem = Item {
    word: "until",
    options: &[TIME],
    written: Written::Value,
    reason: "the server's clock has not passed the received time",
    example: (r#"{"until":"time"}"#, "accept"),
    document: "Amazon S3, REST authentication, Expires",
    does: tests(false, |_, judge| Ok((judge.now()? <= judge.machine.time.map_or(i128::MIN, |time| time.0)).into())),
};
