//! Every check of a scheme refuses, and with its class, where what it looks at is another thing: the value is exchanged
//! for a text, the list for one that lists nothing, the clock is moved, the message sent again. Nothing else about an
//! accepted message changes, so it is this check that refuses it.

use crate::base::BASES;
use crate::{CORPORA, runner};
use countersign::corpus::{self, Step};
use countersign::primitive::time::Instant;
use countersign::request::Request;
use countersign::scheme::{
    Account, Addresses, Check, Message, Outcome, Parameters, Pipeline, Program, Refused, Scheme, Scratch, Server,
    State, Test,
};
use countersign::subject::{Case, Task};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;
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
        let case = Case::of(&entry.name, topic, vector, None);
        let Task::Verify(task) = case.task else { continue };
        let sent = |step: &Step| Sent {
            request: step.request.request(),
            now: step.now.as_ref().map(|time| time.instant()),
            client_address: step.client_address,
        };
        let sent: Vec<Sent> = task.steps.iter().map(sent).collect();
        for (i, _) in vector.expect.results.iter().enumerate().filter(|(_, r)| r.outcome == corpus::Outcome::Accept) {
            all.push(Accepted {
                name: entry.full_name(topic, vector),
                scheme: entry.scheme.resolved(case.variant.as_deref(), None).unwrap(),
                operation: case.operation.clone(),
                accounts: task.accounts.iter().map(|account| Account(account.values.clone())).collect(),
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
    Check(Test),
    /// Nothing; the message comes twice.
    Again,
    /// The clock, by so many nanoseconds; what is fresh must be so to the moment.
    Clock(Test, i128),
    /// Nobody knows where the message comes from.
    Nowhere,
}

fn text(text: &str) -> Pipeline {
    serde_json::from_value(json!({ "text": text })).unwrap()
}

/// The ways in which a message can be other for a check; `unlike` is a text that no scheme has.
fn others(test: &Test, unlike: &str) -> Vec<Other> {
    let (literal, second) = (text(unlike), 1_000_000_000);
    match test.clone() {
        Test::Present(_) => vec![Other::Check(Test::Present(text("")))],
        Test::Account(fields) => {
            vec![Other::Check(Test::Account(fields.into_keys().map(|name| (name, literal.clone())).collect()))]
        }
        Test::Equal { left, right, caseless } => vec![
            Other::Check(Test::Equal { left: literal.clone(), right, caseless }),
            Other::Check(Test::Equal { left, right: literal, caseless }),
        ],
        Test::AnyEqual { list, .. } => vec![Other::Check(Test::AnyEqual { list, value: literal })],
        Test::OneOf { allowed, .. } => vec![Other::Check(Test::OneOf { value: literal, allowed })],
        Test::Matches { syntax, .. } => vec![Other::Check(Test::Matches { value: literal, syntax })],
        Test::Includes { list, .. } => vec![Other::Check(Test::Includes { list, item: unlike.to_owned() })],
        Test::Fresh { lasting, .. } => {
            let exact = Test::Fresh { within: Some(text("0")), lasting: lasting.map(|_| text("0")) };
            vec![Other::Clock(exact.clone(), 365 * 86_400 * second), Other::Clock(exact, -365 * 86_400 * second)]
        }
        Test::Until => vec![Other::Clock(Test::Until, 365 * 86_400 * second)],
        Test::AtMost { limit, .. } => {
            vec![Other::Check(Test::AtMost { value: text(&(limit + 1 + unlike.len() as u64).to_string()), limit })]
        }
        Test::Unique(_) => vec![Other::Again],
        Test::Same { key, .. } => vec![Other::Check(Test::Same { key, value: literal })],
        Test::Rate { per, by, .. } => vec![Other::Check(Test::Rate { limit: text("0"), per, by })],
        Test::Address(_) => {
            let elsewhere = Addresses::Listed(vec!["255.255.255.255".to_owned()]);
            vec![Other::Check(Test::Address(elsewhere)), Other::Nowhere]
        }
        Test::Under { url, .. } => vec![Other::Check(Test::Under { url, base: literal })],
    }
}

/// Whether a check is about what came before, or about the clock.
fn is_of_the_moment(test: &Test) -> bool {
    matches!(test, Test::Unique(_) | Test::Same { .. } | Test::Rate { .. } | Test::Fresh { .. } | Test::Until)
}

impl Accepted {
    fn checks(&self) -> &[Check] {
        &self.scheme.operations[&self.operation].verify
    }

    /// The checks up to this one and after it, without others of the moment, which could refuse first; and its place.
    fn around(&self, check: usize) -> (Vec<Check>, usize) {
        let stays = |i: usize| i == check || !is_of_the_moment(&self.checks()[i].test);
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
        let changed = |test: Test| {
            let mut checks = checks.clone();
            checks[place].test = test;
            self.program(&checks)
        };
        let program = match other {
            Other::Check(test) => {
                // What is bound to a key is bound by the message itself.
                self.judge(&program, &sent, &mut state);
                changed(test)
            }
            Other::Again => {
                self.judge(&program, &sent, &mut state);
                program
            }
            Other::Clock(test, by) => {
                sent.now = sent.now.map(|now| Instant(now.0 + by));
                changed(test)
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
            kinds.entry(found.test.kind()).or_default().push((i, check));
        }
    }
    kinds
}

#[test]
fn every_check_refuses_what_is_not_as_it_wants_it() {
    let kinds = by_kind();
    let entries = CORPORA.iter().flat_map(|corpus| &corpus.entries);
    let checks = entries.flat_map(|entry| entry.scheme.operations.values()).flat_map(|operation| &operation.verify);
    let written: BTreeSet<_> = checks.map(|check| check.test.kind()).collect();
    // A variant has checks of its own, so there may be more.
    let missing: Vec<_> = written.iter().filter(|kind| !kinds.contains_key(*kind)).collect();
    assert!(missing.is_empty(), "no accepted message passes one of {missing:?}");
    for (kind, places) in kinds {
        let result = runner(150).run(&(any::<Index>(), "[a-z ]{0,8}"), |(index, more)| {
            let (i, check) = places[index.index(places.len())];
            let accepted = &ACCEPTED[i];
            // No value of a message starts so, and no token may hold it.
            for other in others(&accepted.checks()[check].test, &format!("\u{1}{more}")) {
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
