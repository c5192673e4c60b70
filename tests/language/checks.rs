//! Every check of a scheme refuses, and with its class, where what it looks at is another thing: the value is exchanged
//! for a text, the list for one that lists nothing, the clock is moved, the message sent again. Nothing else about an
//! accepted message changes, so it is this check that refuses it.

use crate::base::BASES;
use crate::{CORPORA, runner};
use countersign::case::{self, Task};
use countersign::corpus::{self};
use countersign::primitive::time::Instant;
use countersign::request::Request;
use countersign::scheme::{
    Account, Check, Message, Outcome, Parameters, Program, Refused, Scheme, Scratch, Server, State,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::LazyLock;

/// A message that a server accepts, and what came to the server before it.
struct Accepted {
    name: String,
    scheme: Scheme,
    operation: String,
    accounts: Vec<Account>,
    parameters: Parameters,
    earlier: Vec<Sent>,
    sent: Sent,
}

#[derive(Clone)]
struct Sent {
    request: Request,
    now: Option<Instant>,
    client_address: Option<IpAddr>,
}

/// What the vectors accept, and what is signed and then accepted.
static ACCEPTED: LazyLock<Vec<Accepted>> = LazyLock::new(|| {
    let entries = CORPORA.iter().flat_map(|corpus| &corpus.entries);
    let mut all: Vec<Accepted> = entries.flat_map(verified).collect();
    for base in BASES.iter() {
        let sent = Sent { request: base.sign().unwrap().0, now: base.time, client_address: base.client_address };
        let (scheme, operation) = (base.structure.scheme.clone(), base.operation.clone());
        let (accounts, parameters) = (vec![base.account.clone()], base.parameters.clone());
        all.push(Accepted { name: base.name.clone(), scheme, operation, accounts, parameters, earlier: vec![], sent });
    }
    all
});

fn verified(entry: &corpus::Entry) -> Vec<Accepted> {
    let mut all = Vec::new();
    for (topic, vector) in entry.vectors() {
        let case = entry.case(topic, vector, None);
        let Task::Verify(task) = case.task else { continue };
        let sent = |step: &case::Message| Sent {
            request: step.request.clone(),
            now: step.now.as_ref().map(|time| time.instant()),
            client_address: step.client_address,
        };
        let sent: Vec<Sent> = task.messages.iter().map(sent).collect();
        for (i, _) in
            vector.expect.results.iter().enumerate().filter(|(_, r)| r.outcome == countersign::case::Outcome::Accept)
        {
            all.push(Accepted {
                name: entry.full_name(topic, vector),
                scheme: entry.scheme.resolved(case.variant.as_deref(), None).unwrap(),
                operation: case.operation.clone(),
                accounts: task.accounts.clone(),
                parameters: task.parameters.clone(),
                earlier: sent[..i].to_vec(),
                sent: sent[i].clone(),
            });
        }
    }
    all
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
        "at-most" => {
            let limit = own[1].as_u64().unwrap();
            vec![other(json!([{ "text": (limit + 1 + unlike.len() as u64).to_string() }, limit]))]
        }
        "unique" => vec![Other::Again],
        "same" => vec![other(json!({ "key": own["key"], "value": literal }))],
        "rate" => vec![other(json!({ "limit": { "text": "0" }, "per": own["per"], "by": own["by"] }))],
        "address" => vec![other(json!(["255.255.255.255"])), Other::Nowhere],
        other => panic!("how is a message other for the check `{other}`?"),
    }
}

/// Whether a check is about what came before, or about the clock.
fn is_of_the_moment(check: &Check) -> bool {
    check.test.item.does.remembers || check.test.is("fresh") || check.test.is("until")
}

impl Accepted {
    fn checks(&self) -> &[Check] {
        &self.scheme.operations[&self.operation].verify
    }

    /// The checks up to this one and after it, without others of the moment, which could refuse first; and its place.
    fn around(&self, check: usize) -> (Vec<Check>, usize) {
        let stays = |i: usize| i == check || !is_of_the_moment(&self.checks()[i]);
        let kept = (0..self.checks().len()).filter(|&i| stays(i)).map(|i| self.checks()[i].clone()).collect();
        (kept, (0..check).filter(|&i| stays(i)).count())
    }

    fn program(&self, checks: &[Check]) -> Program {
        let mut operation = self.scheme.operations[&self.operation].clone();
        operation.verify = checks.to_vec();
        Program::compile(&self.scheme, &operation).unwrap_or_else(|e| panic!("{}: {e:?}", self.name))
    }

    fn judge(&self, program: &Program, sent: &Sent, state: &mut State) -> Outcome {
        let accounts: Vec<_> = self.accounts.iter().map(|account| program.account(account).unwrap()).collect();
        let parameters = program.parameters(&self.parameters).unwrap();
        let server = Server { accounts: &accounts, parameters: &parameters };
        let message = Message { request: &sent.request, now: sent.now, client_address: sent.client_address };
        program.verify(server, state, message, &mut Scratch::default(), &mut |_, _| {}).unwrap()
    }

    /// What the server makes of the message where one thing is other for this check.
    fn judge_other(&self, check: usize, other: Other) -> (usize, Outcome) {
        let (checks, place) = self.around(check);
        let (program, mut state) = (self.program(&checks), State::default());
        self.earlier.iter().for_each(|sent| drop(self.judge(&program, sent, &mut state)));
        let mut sent = self.sent.clone();
        let changed = |check: Check| {
            let mut checks = checks.clone();
            checks[place] = check;
            self.program(&checks)
        };
        let program = match other {
            Other::Check(check) => {
                // What is bound to a key is bound by the message itself.
                self.judge(&program, &sent, &mut state);
                changed(check)
            }
            Other::Again => {
                self.judge(&program, &sent, &mut state);
                program
            }
            Other::Clock(check, by) => {
                sent.now = sent.now.map(|now| Instant(now.0 + by));
                changed(check)
            }
            Other::Nowhere => {
                sent.client_address = None;
                program
            }
        };
        (place, self.judge(&program, &sent, &mut state))
    }
}

/// Every check of the corpora, by kind: the number of an accepted message, and that of the check.
fn by_kind() -> BTreeMap<&'static str, Vec<(usize, usize)>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (i, accepted) in ACCEPTED.iter().enumerate() {
        for (check, found) in accepted.checks().iter().enumerate() {
            kinds.entry(found.test.word()).or_default().push((i, check));
        }
    }
    kinds
}

#[test]
fn every_check_refuses_what_is_not_as_it_wants_it() {
    let kinds = by_kind();
    let entries = CORPORA.iter().flat_map(|corpus| &corpus.entries);
    let checks = entries.flat_map(|entry| entry.scheme.operations.values()).flat_map(|operation| &operation.verify);
    let written: BTreeSet<_> = checks.map(|check| check.test.word()).collect();
    // A variant has checks of its own, so there may be more.
    let missing: Vec<_> = written.iter().filter(|kind| !kinds.contains_key(*kind)).collect();
    assert!(missing.is_empty(), "no accepted message passes one of {missing:?}");
    for (kind, places) in kinds {
        let result = runner(150).run(&(any::<Index>(), "[a-z ]{0,8}"), |(index, more)| {
            let (i, check) = places[index.index(places.len())];
            let accepted = &ACCEPTED[i];
            // No value of a message starts so, and no token may hold it.
            for other in others(&accepted.checks()[check], &format!("\u{1}{more}")) {
                let (place, outcome) = accepted.judge_other(check, other);
                let Outcome::Reject(Refused { class, check: refused_by, .. }) = outcome else {
                    return Err(TestCaseError::fail(format!("{}: `{kind}` accepts", accepted.name)));
                };
                prop_assert_eq!(refused_by, Some(place), "{}: `{}`, {}", accepted.name, kind, class);
                prop_assert_eq!(class, accepted.checks()[check].reject, "{}: `{}`", accepted.name, kind);
            }
            Ok(())
        });
        result.unwrap_or_else(|e| panic!("{e}"));
    }
}
