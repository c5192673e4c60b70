//! Mistakes of remembering what was accepted.

use super::check::{arrives_in, at, at_word, compared, pipeline, test};
use super::operator::{Mutation, Operator, delete, deviate, one, operator, set, with};
use crate::mutation::site::{Site, Spot};
use crate::scheme::{Edit, EditKind, Named, Node, Pipeline, Tests};
use serde_json::{Value, json};

/// The last check, and one that remembers what passes it alone: no refused message has left a trace.
fn is_last(site: &Site<'_>) -> bool {
    matches!(site.spot, Spot::Check(check, i, count) if i + 1 == count && ["unique", "increasing"].contains(&check.test.word()))
}

fn same_anywhere(site: &Site<'_>) -> Vec<Mutation> {
    let nothing = json!([{ "text": "" }]);
    match test(site).map(|test| (test.word(), test)) {
        Some(("same", test)) => one(site, set(json!({ "same": { "key": nothing, "value": pipeline(test, "value") } }))),
        Some(("increasing", test)) => {
            one(site, set(json!({ "increasing": { "by": nothing, "value": pipeline(test, "value") } })))
        }
        Some(("rate", test)) => {
            let (limit, per) = (pipeline(test, "limit"), test.get("per").text());
            one(site, set(json!({ "rate": { "limit": limit, "per": per, "by": nothing } })))
        }
        _ => Vec::new(),
    }
}

/// A check that a number differs from all that were seen, in place of one that it grows.
fn only_differs(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Check(check, ..) = site.spot else { return Vec::new() };
    let (Some(by), Some(value)) = (pipeline(&check.test, "by"), pipeline(&check.test, "value")) else {
        return Vec::new();
    };
    let Value::Object(mut differs) = check.printed() else { return Vec::new() };
    match differs.shift_remove("increasing") {
        Some(_) => {
            differs.insert("unique".into(), json!({ "lines": [by, value] }));
            one(site, EditKind::Replace(differs.into()))
        }
        None => Vec::new(),
    }
}

/// The value that a check has not seen, and what else a message has by which memory is divided.
fn divided(site: &Site<'_>) -> Vec<Mutation> {
    let Some(value) = test(site).filter(|test| test.is("unique")).and_then(|test| pipeline(test, "value")) else {
        return Vec::new();
    };
    let checks = site.operation.1.verify.iter().map(|check| &check.test);
    let by = |name: &str, what: Value| with(site, set(json!({ "unique": [{ "lines": [value, what] }] })), name);
    let reads = |pipeline: &Pipeline| value.all().iter().any(|part| part.source == pipeline.source);
    let mut all = Vec::new();
    for test in checks {
        match test.word() {
            "account" => {
                let keys = test.pipelines().into_iter().filter(|(_, key)| !reads(key));
                all.extend(keys.take(1).map(|(_, key)| by("account", json!(key))));
            }
            "equal" if pipeline(test, "right").is_some_and(|right| right.source.name_in("stage").is_some()) => {
                all.extend(compared(test).filter(|left| !reads(left)).map(|left| by("signature", json!(left))));
            }
            _ => {}
        }
    }
    all
}

/// The parts of the value that a check has not seen, but for one.
fn undivided(site: &Site<'_>) -> Vec<Mutation> {
    let Some(value) = test(site).filter(|test| test.is("unique")).and_then(|test| pipeline(test, "value")) else {
        return Vec::new();
    };
    let Some((_, parts)) = value.source.parts().filter(|_| value.steps.is_empty()) else { return Vec::new() };
    let without = |left_out: usize| {
        let rest: Vec<Value> =
            parts.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, part)| json!(part)).collect();
        with(site, set(json!({ "unique": [{ "lines": rest }] })), &(left_out + 1).to_string())
    };
    let alone = |i: usize| with(site, set(json!({ "unique": parts[i] })), &format!("{} alone", i + 1));
    let alone = (0..parts.len()).filter(|_| parts.len() > 2).map(alone);
    (0..parts.len()).filter(|_| parts.len() > 1).map(without).chain(alone).collect()
}

/// Keys of a memory, changed before they are looked up.
fn keys(site: &Site<'_>, step: &Value) -> Vec<Mutation> {
    let option = match test(site).map(Node::word) {
        Some("unique") => "value",
        Some("same") => "key",
        _ => return Vec::new(),
    };
    let Some(key) = test(site).and_then(|test| pipeline(test, option)) else { return Vec::new() };
    let mut printed = json!(key);
    let Value::Array(nodes) = &mut printed else { return Vec::new() };
    nodes.push(step.clone());
    let change = match option {
        "key" => json!({ "same": { "key": printed, "value": test(site).and_then(|test| pipeline(test, "value")) } }),
        _ => json!({ "unique": printed }),
    };
    one(site, set(change))
}

/// A memory that is looked at before anything else, and keeps what is refused afterwards.
fn before_the_rest(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Check(check, i, _) = site.spot else { return Vec::new() };
    let needs_account = |test: &Node<Tests>| {
        let mut parts = test.pipelines().into_iter().flat_map(|(_, pipeline)| pipeline.all());
        parts.any(|part| ["credential", "stage"].iter().any(|space| part.source.name_in(space).is_some()))
    };
    let remembers = ["unique", "increasing"].contains(&check.test.word());
    if i == 0 || !remembers || needs_account(&check.test) {
        return Vec::new();
    }
    let Value::Object(mut moved) = check.printed() else { return Vec::new() };
    moved.insert("deviation".into(), json!("refused-count"));
    let checks = &site.operation.1.verify;
    let before = |k: usize, detail: &str| {
        let word = checks[k].test.word();
        let number = checks[..k].iter().filter(|check| check.test.is(word)).count();
        let at = site.path.parent().then(Named::Nth(word.into(), number));
        let edits = vec![
            Edit { at, change: EditKind::InsertBefore(moved.clone().into()) },
            Edit { at: site.path.clone(), change: delete() },
        ];
        Mutation { at: site.path.clone(), edits, detail: detail.to_owned() }
    };
    let of_signature = checks[..i].iter().position(|check| {
        let compares = ["equal", "any-equal", "signed"].contains(&check.test.word());
        compares && needs_account(&check.test)
    });
    let late = of_signature.filter(|k| *k > 0).map(|k| before(k, "the rest is checked"));
    std::iter::once(before(0, "")).chain(late).collect()
}

/// A memory that a time stands beside: an older message is refused for its age.
fn with_time(site: &Site<'_>, deviation: &str) -> Vec<Mutation> {
    let has_time = site.operation.1.verify.iter().any(|check| check.test.is("fresh"));
    if has_time { at_word(site, "unique", deviate(deviation)) } else { Vec::new() }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "refused-leave-a-trace",
        &["V26"],
        "remembers refused messages",
        "remember accepted messages only",
        |site| {
            if is_last(site) { Vec::new() } else { at(site, |test| test.item.does.remembers, deviate("refused-count")) }
        },
    ),
    operator("last-id-only", &["V08"], "remembers the last id only", "remember every id", |site| {
        at_word(site, "unique", deviate("last-only"))
    }),
    operator(
        "only-differs",
        &["V33"],
        "takes any number that it has not seen, a smaller one too",
        "refuse a number that is not greater than the last",
        only_differs,
    ),
    operator(
        "same-number-passes",
        &["V33"],
        "takes the last number a second time",
        "refuse a number that is not greater than the last",
        |site| at_word(site, "increasing", deviate("same-passes")),
    ),
    operator(
        "numbers-compared-as-text",
        &["V33", "C32"],
        "compares numbers as text, so that 10 comes before 9",
        "compare numbers by their value",
        |site| at_word(site, "increasing", deviate("as-text")),
    ),
    operator(
        "bound-to-nothing",
        &["V26"],
        "remembers one value for everything",
        "remember a value for each key",
        same_anywhere,
    ),
    operator(
        "one-message-more",
        &["V11"],
        "lets one message more pass than the limit",
        "the limit itself is the last that passes",
        |site| at_word(site, "rate", deviate("one-more")),
    ),
    operator(
        "one-message-less",
        &["V11"],
        "lets one message less pass than the limit",
        "the limit itself still passes",
        |site| at_word(site, "rate", deviate("one-less")),
    ),
    operator(
        "window-with-its-start",
        &["V11"],
        "counts a message at the start of the window",
        "a message one window old does not count",
        |site| at_word(site, "rate", deviate("inclusive-start")),
    ),
    operator(
        "window-without-end",
        &["V11"],
        "never forgets a message",
        "count the messages of the window only",
        |site| at_word(site, "rate", deviate("forever")),
    ),
    operator(
        "calendar-minute-counted",
        &["V11"],
        "counts from the start of the minute on the clock",
        "count the messages of the last minute, whenever it began",
        |site| at_word(site, "rate", deviate("calendar")),
    ),
    operator(
        "memory-divided",
        &["V40"],
        "remembers an id for each account or signature by itself",
        "refuse an id that was seen, whoever sends it and whatever stands beside it",
        divided,
    ),
    operator(
        "memory-undivided",
        &["V40"],
        "remembers an id without what it belongs to",
        "remember an id together with all that the document ties it to",
        undivided,
    ),
    operator(
        "keys-cut-to-8",
        &["V40"],
        "remembers the first 8 characters of an id alone",
        "remember whole ids",
        |site| keys(site, &json!({ "truncate": 8 })),
    ),
    operator(
        "keys-cut-to-32",
        &["V40"],
        "remembers the first 32 characters of an id alone",
        "remember whole ids",
        |site| keys(site, &json!({ "truncate": 32 })),
    ),
    operator("keys-folded", &["V40"], "remembers ids without regard to case", "remember ids as they are", |site| {
        // Of one that is read alone, `received-lower-cased` says the same.
        let alone = test(site).filter(|test| test.is("unique")).and_then(|test| pipeline(test, "value"));
        if alone.is_some_and(|value| arrives_in(&value.source)) { Vec::new() } else { keys(site, &json!("lower")) }
    }),
    operator(
        "remembered-before-the-rest",
        &["V41"],
        "remembers the id of a message before it has checked who sends it",
        "remember an id once the message is accepted",
        before_the_rest,
    ),
    operator(
        "replay-forgets",
        &["V41"],
        "forgets what it has seen when it refuses a message for it",
        "keep ids, whatever comes of a later message",
        |site| at_word(site, "unique", deviate("replay-forgets")),
    ),
    operator(
        "forgotten-after-a-minute",
        &["V41"],
        "forgets an id after a minute, while its message is still young enough",
        "keep an id for as long as its message could be accepted",
        |site| with_time(site, "one-minute"),
    ),
];
