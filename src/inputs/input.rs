//! An input: what may show a mistake, made from a vector that is there.

use crate::bytes::Bytes;
use crate::case::{Case, Ending, Expect, Given, Reply, SignedRequest, Task};
use crate::corpus::{Entry, Fault, Provenance, ProvenanceKind, Topic, Vector};
use crate::request::Request;
use crate::scheme::{Account, Operation, Random};
use crate::trial::Reference;
use indexmap::IndexMap;
use std::net::IpAddr;

/// Name of the topic that generation writes.
pub(crate) const GENERATED: &str = "generated";

/// A task that may show a mistake.
#[derive(Debug, Clone)]
pub struct Input {
    /// Name of its trick, kebab-case.
    pub trick: String,
    /// Operation, variant and task.
    pub given: Given,
    /// The accounts that it names.
    pub accounts: IndexMap<String, Account>,
    /// The recipe, where it may end in a refusal.
    pub fault: Option<Fault>,
}

impl Input {
    /// An input from a vector, before its trick.
    pub(super) fn of(topic: &Topic, vector: &Vector, trick: impl Into<String>) -> Input {
        let given = vector.given.clone();
        let account = |name: &String| (name.clone(), topic.file.accounts[name].clone());
        let accounts = given.task.accounts().iter().map(account).collect();
        Input { trick: trick.into(), given, accounts, fault: None }
    }

    /// The case that a subject is put.
    pub(crate) fn case(&self, entry: &Entry) -> Case {
        self.given.case(&entry.name, &self.accounts, None)
    }

    /// The message that an input signs, as it reaches the server from an address. `None` where the input signs
    /// nothing, or the reference cannot.
    pub(super) fn sent(
        &self,
        entry: &Entry,
        trick: impl Into<String>,
        client_address: Option<IpAddr>,
        reference: &mut Reference<'_>,
    ) -> Option<Input> {
        let task = self.given.task.to_sign()?;
        let Reply::Signed(signed) = reference.answer(&self.case(entry)) else { return None };
        let task = Task::Verify(task.sent(signed.signed_request?, client_address));
        let given = Given { task, ..self.given.clone() };
        Some(Input { trick: trick.into(), given, ..self.clone() })
    }

    /// An address that an account lists, where accounts list some.
    pub(super) fn listed(&self) -> Option<IpAddr> {
        self.accounts.values().find_map(Account::listed)
    }

    /// Returns whether every message of it is accepted.
    pub(super) fn is_accepted(&self, entry: &Entry, reference: &mut Reference<'_>) -> bool {
        let reply = reference.answer(&self.case(entry));
        matches!(reply, Reply::Verified(results) if results.iter().all(|result| result.accept))
    }

    /// The vector that it becomes, with what the scheme answers as its expectation; `None` where the
    /// scheme has no answer.
    pub(crate) fn vector(&self, name: String, comment: String, operation: &Operation, reply: &Reply) -> Option<Vector> {
        let mut expect = Expect::of(reply)?;
        if let Reply::Signed(signed) = reply {
            expect.signed_request = signed.signed_request.as_ref().map(|request| written(operation, request));
        }
        let expect = expect.without(&Random::of(operation));
        let refused = expect.results.last().is_some_and(|result| result.outcome == Ending::Reject);
        Some(Vector {
            name,
            comment,
            source: Provenance { kind: ProvenanceKind::Generated, place: "countersign generate".into() },
            level: None,
            gains: None,
            withdrawn: None,
            flags: Vec::new(),
            discrepancies: Vec::new(),
            given: self.given.clone(),
            fault: self.fault.clone().filter(|_| refused),
            refused: None,
            expect,
        })
    }
}

/// The parts of a signed request that the scheme writes.
fn written(operation: &Operation, request: &Request) -> SignedRequest {
    let (prepare, place) = (&operation.prepare, &operation.place);
    let is_written = |name: &Bytes| {
        let is = |placed: &String| name.eq_ignore_ascii_case(placed.as_bytes());
        prepare.header.keys().chain(place.header.keys()).any(is)
    };
    let in_query = !prepare.query.is_empty() || !place.query.is_empty();
    let in_body = [&prepare.form, &place.form, &prepare.json, &place.json].iter().any(|fields| !fields.is_empty());
    SignedRequest {
        url: None,
        target: in_query.then(|| request.target.clone()),
        headers: request.headers.iter().filter(|(name, _)| is_written(name)).cloned().collect(),
        body: in_body.then(|| request.body.clone()),
    }
}
