//! A candidate: a vector that may show a mistake, made from one that is there by one trick.

use crate::bytes::Bytes;
use crate::corpus::{
    Entry, Fault, Given, Outcome, Provenance, ProvenanceKind, SignedRequest, Topic, Vector, WireRequest,
};
use crate::runner::expected_of;
use crate::scheme::{Account, Operation};
use crate::subject::{Case, Reply};
use indexmap::IndexMap;

/// Name of the topic that generation writes.
pub(super) const TOPIC: &str = "generated";

/// A vector that may show a mistake.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What is special about it, kebab-case.
    pub trick: String,
    /// What is given.
    pub given: Given,
    /// The accounts that it names.
    pub accounts: IndexMap<String, Account>,
    /// The recipe, where it may end in a refusal.
    pub fault: Option<Fault>,
}

impl Candidate {
    /// A candidate from a vector, before its trick.
    pub(super) fn from(topic: &Topic, vector: &Vector, trick: &str) -> Candidate {
        let given = vector.given.clone();
        let names: Vec<&String> = match (&given.sign, &given.verify) {
            (Some(sign), _) => vec![&sign.account],
            (_, Some(verify)) => verify.accounts.iter().collect(),
            _ => Vec::new(),
        };
        let accounts = names.into_iter().map(|name| (name.clone(), topic.file.accounts[name].clone())).collect();
        Candidate { trick: trick.to_owned(), given, accounts, fault: None }
    }

    /// The case that a subject is put.
    pub(crate) fn case(&self, entry: &Entry) -> Case {
        Case::given(&entry.name, &self.given, &self.accounts, None)
    }

    /// The vector that it becomes, with what the scheme answers as its expectation; `None` where the
    /// scheme has no answer.
    pub(crate) fn vector(&self, name: String, comment: String, operation: &Operation, reply: &Reply) -> Option<Vector> {
        let mut expect = expected_of(reply)?;
        if let Reply::Signed(signed) = reply {
            expect.signed_request = signed.signed_request.as_ref().map(|request| sent(operation, request));
        }
        let refused = expect.results.last().is_some_and(|result| result.outcome == Outcome::Reject);
        Some(Vector {
            name,
            comment,
            source: Provenance { kind: ProvenanceKind::Generated, place: "countersign generate".into() },
            flags: Vec::new(),
            discrepancies: Vec::new(),
            given: self.given.clone(),
            fault: self.fault.clone().filter(|_| refused),
            expect,
        })
    }
}

/// The parts of a signed request that the scheme writes.
fn sent(operation: &Operation, request: &WireRequest) -> SignedRequest {
    let (prepare, place) = (&operation.prepare, &operation.place);
    let written = |name: &Bytes| {
        let is = |placed: &String| name.0.eq_ignore_ascii_case(placed.as_bytes());
        prepare.header.keys().chain(place.header.keys()).any(is)
    };
    let in_query = !prepare.query.is_empty() || !place.query.is_empty();
    let in_body = [&prepare.form, &place.form, &prepare.json, &place.json].iter().any(|fields| !fields.is_empty());
    SignedRequest {
        url: None,
        target: in_query.then(|| request.target.clone()),
        headers: request.headers.iter().filter(|(name, _)| written(name)).cloned().collect(),
        body: in_body.then(|| request.body.clone()),
    }
}
