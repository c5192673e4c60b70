//! Mistakes about time: how old a message may be, and in which form a time is written.

use super::operator::{Mutation, Operator, deviate, one, operator, set, with};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::primitive::time::TimeUnit;
use crate::scheme::{Arg, Edit, EditKind, Keep, Node, OptionKind, Path, Source, Tests};
use serde_json::{Map, Value, json};
use std::slice;

fn at_fresh(site: &Site<'_>, deviation: &str) -> Vec<Mutation> {
    match site.spot {
        Spot::Check(check, ..) if check.test.is("fresh") => one(site, deviate(deviation)),
        _ => Vec::new(),
    }
}

/// Returns whether a check is about how far a time is off the clock.
fn has_window(test: &Node<Tests>) -> bool {
    test.is("fresh") && test.get("within") != &Arg::Absent
}

/// The lengths of time in one unit, taken for so many of another one.
fn in_another_unit(site: &Site<'_>, unit: TimeUnit, taken_for: TimeUnit) -> Vec<Mutation> {
    let Spot::Check(check, ..) = site.spot else { return Vec::new() };
    let options = check.test.item.options.iter().zip(&check.test.args);
    let windows: Map<String, Value> = options
        .filter_map(|(option, arg)| match arg {
            Arg::Window(number, own) if *own == unit => {
                Some((option.name.to_owned(), json!({ "of": number, "unit": taken_for })))
            }
            _ => None,
        })
        .collect();
    if windows.is_empty() { Vec::new() } else { one(site, EditKind::Set(windows)) }
}

/// A time that is bound though it cannot be read, and the check of it.
fn none_passes(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Check(check, ..) = site.spot else { return Vec::new() };
    let times = check.test.item.options.iter().zip(&check.test.args);
    let time = times.into_iter().find(|(option, _)| option.kind == OptionKind::ReceivedTime);
    let own = time.map_or("", |(_, arg)| arg.text());
    let name = own.strip_prefix("received.").unwrap_or("time");
    let binding = site.operation.1.receive.get(name).filter(|binding| binding.keep == Keep::Text);
    if !check.test.is("fresh") || binding.is_none() {
        return Vec::new();
    }
    let bound = Path::of(site.operation.0).key("receive").key(name);
    let edits = [(bound, deviate("any-text")), (site.path.clone(), deviate("none-passes"))];
    let edits = edits.into_iter().map(|(at, change)| Edit { at, change }).collect();
    vec![Mutation { at: site.path.clone(), edits, detail: String::new() }]
}

/// Another received time than the one that a check is about.
fn another_time(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Check(check, ..) = site.spot else { return Vec::new() };
    let times = check.test.item.options.iter().zip(&check.test.args);
    let Some((_, own)) = times.into_iter().find(|(option, _)| option.kind == OptionKind::ReceivedTime) else {
        return Vec::new();
    };
    let bound = site.operation.1.receive.iter().filter(|(_, binding)| !binding.forms.is_empty());
    let names = bound.map(|(name, _)| if name == "time" { name.clone() } else { format!("received.{name}") });
    let others = names.filter(|name| name != own.text());
    others.map(|other| with(site, set(json!({ (check.test.word()): other })), &other)).collect()
}

/// Changes of the time wherever the signer writes it, the last made first; given once, at the first of these places.
fn wherever_written(site: &Site<'_>, is: fn(&Source) -> bool, changes: &[EditKind], detail: &str) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    let writes = |site: &Site<'_>| {
        let time = site.source().filter(|source| source.is("time"));
        matches!(site.block, Block::Derive | Block::Place) && time.is_some_and(is)
    };
    let paths: Vec<Path> =
        sites(site.scheme, name, operation).into_iter().filter(writes).map(|other| other.path).collect();
    if paths.first() != Some(&site.path) {
        return Vec::new();
    }
    let at = |at: Path| changes.iter().map(move |change| Edit { at: at.clone(), change: change.clone() });
    vec![Mutation { at: site.path.clone(), edits: paths.into_iter().flat_map(at).collect(), detail: detail.into() }]
}

/// Seconds since 1970 with their fraction.
fn with_fraction(site: &Site<'_>) -> Vec<Mutation> {
    // A bare `time` is written in the first form that is received.
    let received = site.operation.1.receive.get("time").and_then(|binding| binding.forms.first());
    if received.is_none_or(|form| form.text() != "unix-seconds") {
        return Vec::new();
    }
    let is_bare = |source: &Source| source.args.iter().all(|arg| *arg == Arg::Absent);
    let fraction = EditKind::Replace(json!({ "time": "%s%.f" }));
    let float = EditKind::InsertAfter(json!("as-float"));
    let javascript = wherever_written(site, is_bare, slice::from_ref(&fraction), "Date.now() / 1000");
    [javascript, wherever_written(site, is_bare, &[fraction, float], "time.time()")].concat()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "old-messages-pass",
        &["V08", "V12"],
        "does not refuse old messages",
        "refuse a message older than the tolerance",
        |site| at_fresh(site, "old-passes"),
    ),
    operator(
        "future-messages-pass",
        &["V09"],
        "does not refuse messages from the future",
        "refuse a message ahead of the clock by more than the tolerance",
        |site| at_fresh(site, "future-passes"),
    ),
    operator(
        "tolerance-in-milliseconds",
        &["V10"],
        "takes the tolerance for milliseconds",
        "the tolerance is in seconds",
        |site| in_another_unit(site, TimeUnit::Seconds, TimeUnit::Milliseconds),
    ),
    operator(
        "tolerance-in-seconds",
        &["V10"],
        "takes the tolerance for seconds",
        "the tolerance is in milliseconds",
        |site| in_another_unit(site, TimeUnit::Milliseconds, TimeUnit::Seconds),
    ),
    operator(
        "tolerance-in-minutes",
        &["V10"],
        "takes the tolerance for minutes",
        "the tolerance is in seconds",
        |site| match site.spot {
            Spot::Check(check, ..) if has_window(&check.test) => one(site, deviate("sixtyfold")),
            _ => Vec::new(),
        },
    ),
    operator(
        "tolerance-thousandfold",
        &["V10"],
        "takes times in seconds for milliseconds, or the tolerance a thousand times",
        "compare times and tolerance in one unit",
        |site| match site.spot {
            Spot::Check(check, ..) if has_window(&check.test) => one(site, deviate("thousandfold")),
            _ => Vec::new(),
        },
    ),
    operator(
        "clock-in-milliseconds",
        &["V10"],
        "compares its clock in milliseconds with a time in seconds",
        "compare both in one unit",
        |site| match site.spot {
            Spot::Check(check, ..) if has_window(&check.test) => one(site, deviate("clock-in-milliseconds")),
            _ => Vec::new(),
        },
    ),
    operator(
        "lifetime-of-message-ignored",
        &["V08", "V10"],
        "compares the time with the tolerance alone, whatever lifetime the message has",
        "take a message for as long as it says",
        |site| match site.spot {
            Spot::Check(check, ..) if has_window(&check.test) && check.test.get("for") != &Arg::Absent => {
                let printed = check.printed();
                one(site, set(json!({ "for": printed["within"] })))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "time-that-is-none-passes",
        &["V08", "V13"],
        "takes a message whose time cannot be read, which compares as neither too old nor too new",
        "refuse a message whose time cannot be read",
        none_passes,
    ),
    operator(
        "tolerance-doubled",
        &["V10", "V11"],
        "permits twice the tolerance",
        "the tolerance is counted once, from the time of the message",
        |site| match site.spot {
            Spot::Check(check, ..) if has_window(&check.test) => one(site, deviate("doubled")),
            _ => Vec::new(),
        },
    ),
    operator(
        "days-dropped",
        &["V10"],
        "drops whole days and parts of a second from the age of a message, as a field `seconds` of a time span does",
        "compare the whole difference of the two times",
        |site| at_fresh(site, "days-dropped"),
    ),
    operator(
        "another-time-compared",
        &["V08", "V09"],
        "compares another time of the message with its clock",
        "compare the time that the document means",
        another_time,
    ),
    operator(
        "tolerance-exclusive",
        &["V11"],
        "refuses a message that is exactly as old as permitted",
        "the tolerance itself is permitted",
        |site| at_fresh(site, "exclusive"),
    ),
    operator(
        "last-instant-taken-otherwise",
        &["V11"],
        "takes the instant of expiry itself for the other side of the limit",
        "refuse or take a message at the instant of expiry as the document says",
        |site| match site.spot {
            Spot::Check(check, ..) if check.test.is("until") => {
                one(site, set(json!({ "exclusive": !check.test.get("exclusive").is_set() })))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "first-instant-refused",
        &["V11"],
        "refuses a message at the very instant from which it is valid",
        "take a message from its instant on, that one included",
        |site| match site.spot {
            Spot::Check(check, ..) if check.test.is("from") => one(site, deviate("exclusive")),
            _ => Vec::new(),
        },
    ),
    operator(
        "whole-seconds-compared",
        &["V10", "V13"],
        "compares times in whole seconds",
        "compare times as exactly as they are given",
        |site| at_fresh(site, "whole-seconds"),
    ),
    operator(
        "zero-fraction-left-out",
        &["C72"],
        "leaves the fraction of a second out where it is zero",
        "write every digit of the form, zeros too",
        |site| {
            let replaced = EditKind::InsertAfter(json!({ "replace": { ".000Z": "Z" } }));
            wherever_written(site, |_| true, &[replaced], "")
        },
    ),
    operator(
        "time-with-fraction",
        &["C72"],
        "writes seconds since 1970 with their fraction, as a clock gives them that counts in floating point",
        "write whole seconds, cut off",
        with_fraction,
    ),
    operator(
        "calendar-window",
        &["V10", "V11"],
        "takes a message of the same window on the clock, and not of the last so many seconds",
        "compare the difference of the two times with the tolerance",
        |site| match site.spot {
            Spot::Check(check, ..) if has_window(&check.test) => one(site, deviate("calendar")),
            _ => Vec::new(),
        },
    ),
];
