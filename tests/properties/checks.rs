//! Every check of a scheme refuses, and with its class, where what it looks at is another thing: the value is exchanged
//! for a text, the list for one that lists nothing, the clock is moved, the message sent again. Nothing else about an
//! accepted message changes, so it is this check that refuses it.

use crate::base::{Accepted, Received, SCHEMES};
use countersign::primitive::time::Instant;
use countersign::scheme::{Check, Operation, Outcome, Program, Refused, Scratch, State, VerifyError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Every check of an accepted message, by kind: the message, and the number of the check. One that is optional is left
/// out: the message may lack what it looks at.
static KINDS: LazyLock<BTreeMap<&'static str, Vec<(&'static Accepted, usize)>>> = LazyLock::new(|| {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for accepted in SCHEMES.iter().flat_map(|scheme| &scheme.accepted) {
        for (i, check) in checks(accepted).iter().enumerate().filter(|(_, check)| !check.optional) {
            kinds.entry(check.test.word()).or_default().push((accepted, i));
        }
    }
    kinds
});

fn checks(accepted: &Accepted) -> &[Check] {
    &accepted.server.compiled.structure.operation.verify
}

/// For each kind of check, one message: two bytes say which, the others are text that is put in.
pub fn run(bytes: &[u8]) {
    let [low, high, more @ ..] = bytes else { return };
    let which = usize::from(u16::from_le_bytes([*low, *high]));
    // No value of a message starts so, and no token may hold it.
    let more = more.iter().take(8).map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz "[usize::from(*byte) % 27]));
    let unlike: String = std::iter::once('\u{1}').chain(more).collect();
    for (kind, places) in KINDS.iter() {
        let (accepted, check) = places[which % places.len()];
        let Accepted { name, .. } = accepted;
        for other in others(&checks(accepted)[check], &unlike) {
            let (place, outcome) = judge_other(accepted, check, other);
            let Ok(Outcome::Reject(Refused { class, check: refused_by, .. })) = outcome else {
                panic!("{name}: `{kind}` does not refuse: {outcome:?}");
            };
            assert_eq!(refused_by, Some(place), "{name}: `{kind}`, {class}");
            assert_eq!(class, checks(accepted)[check].reject, "{name}: `{kind}`");
        }
    }
}

/// What is other about a message, so that one check refuses it.
enum Other {
    /// The check itself: what it looks at, or what it wants.
    Check(Check),
    /// Nothing; the message comes twice.
    Again,
    /// The clock, by so many nanoseconds; what is fresh must be so to the moment.
    Clock(Check, i128),
    /// Nobody knows where the message comes from.
    Nowhere,
}

/// A check with entries of its printed form exchanged.
fn with(check: &Check, entries: Value) -> Check {
    let mut printed = check.printed();
    printed.as_object_mut().unwrap().extend(entries.as_object().unwrap().clone());
    serde_json::from_value(printed).unwrap()
}

/// The ways in which a message can be other for a check; `unlike` is a text that no scheme has.
fn others(check: &Check, unlike: &str) -> Vec<Other> {
    let (literal, second) = (json!({ "text": unlike }), 1_000_000_000);
    let word = check.test.word();
    let own = check.printed()[word].clone();
    let other = |value: Value| Other::Check(with(check, json!({ word: value })));
    match word {
        "present" => vec![other(json!({ "text": "" }))],
        "account" => {
            let fields = own.as_object().unwrap().keys().map(|name| (name.clone(), literal.clone()));
            vec![other(Value::Object(fields.collect()))]
        }
        "equal" => vec![other(json!([literal, own[1]])), other(json!([own[0], literal]))],
        "signed" => {
            let mut own = own;
            own["message"] = literal;
            vec![other(own)]
        }
        "any-equal" | "under" => vec![other(json!([own[0], literal]))],
        "matches" => vec![other(json!([literal, own[1]]))],
        "one-of" => {
            let allowed = own.as_array().unwrap().iter().skip(1).cloned();
            vec![other(std::iter::once(literal).chain(allowed).collect())]
        }
        "includes" => vec![other(json!([own[0], unlike]))],
        "fresh" => {
            let zero = json!({ "text": "0" });
            let mut exact = json!({ "within": zero });
            if check.printed().get("for").is_some() {
                exact["for"] = zero;
            }
            let exact = with(check, exact);
            vec![Other::Clock(exact.clone(), 365 * 86_400 * second), Other::Clock(exact, -365 * 86_400 * second)]
        }
        "until" => vec![Other::Clock(check.clone(), 365 * 86_400 * second)],
        "from" => vec![Other::Clock(check.clone(), -365 * 86_400 * second)],
        "at-most" => {
            let limit = own[1].as_u64().unwrap();
            vec![other(json!([{ "text": (limit + 1 + unlike.len() as u64).to_string() }, limit]))]
        }
        "unique" | "increasing" => vec![Other::Again],
        "same" => vec![other(json!({ "key": own["key"], "value": literal }))],
        "rate" => vec![other(json!({ "limit": { "text": "0" }, "per": own["per"], "by": own["by"] }))],
        "address" => vec![other(json!(["255.255.255.255"])), Other::Nowhere],
        other => panic!("how is a message other for the check `{other}`?"),
    }
}

/// Whether a check is about what came before, or about the clock.
fn is_of_the_moment(check: &Check) -> bool {
    check.test.item.does.remembers || ["fresh", "from", "until"].contains(&check.test.word())
}

/// The checks up to this one and after it, without others of the moment, which could refuse first; and its place.
fn around(all: &[Check], check: usize) -> (Vec<Check>, usize) {
    let stays = |i: &usize| *i == check || !is_of_the_moment(&all[*i]);
    let kept = (0..all.len()).filter(stays).map(|i| all[i].clone()).collect();
    (kept, (0..check).filter(stays).count())
}

/// What the server makes of the message where one thing is other for this check.
fn judge_other(accepted: &Accepted, check: usize, other: Other) -> (usize, Result<Outcome, VerifyError>) {
    let Accepted { server, earlier, message, .. } = accepted;
    let (checks, place) = around(checks(accepted), check);
    let structure = &server.compiled.structure;
    let program = |verify: &[Check]| {
        let operation = Operation { verify: verify.to_vec(), ..structure.operation.clone() };
        Program::compile(&structure.scheme, &operation).unwrap_or_else(|e| panic!("{}: {e:?}", accepted.name))
    };
    let changed = |check: Check| {
        let mut checks = checks.clone();
        checks[place] = check;
        program(&checks)
    };
    let (own, mut state, mut scratch) = (program(&checks), State::default(), Scratch::default());
    let mut judge = |program: &Program, message: &Received| server.judge(program, message, &mut state, &mut scratch).0;
    earlier.iter().for_each(|earlier| drop(judge(&own, earlier)));
    let outcome = match other {
        Other::Check(check) => {
            // What is bound to a key is bound by the message itself.
            let _ = judge(&own, message);
            judge(&changed(check), message)
        }
        Other::Again => {
            let _ = judge(&own, message);
            judge(&own, message)
        }
        Other::Clock(check, by) => {
            let now = message.now.map(|now| Instant(now.0 + by));
            judge(&changed(check), &Received { now, ..message.clone() })
        }
        Other::Nowhere => judge(&own, &Received { client_address: None, ..message.clone() }),
    };
    (place, outcome)
}

/// A variant has checks of its own, so there may be more kinds.
#[cfg(test)]
#[test]
fn every_kind_of_check_is_passed_by_an_accepted_message() {
    let operations = crate::corpora::ENTRIES.iter().flat_map(|entry| entry.scheme.operations.values());
    let written: std::collections::BTreeSet<_> =
        operations.flat_map(|operation| &operation.verify).map(|c| c.test.word()).collect();
    let missing: Vec<_> = written.iter().filter(|kind| !KINDS.contains_key(*kind)).collect();
    assert!(missing.is_empty(), "no accepted message passes one of {missing:?}");
}
