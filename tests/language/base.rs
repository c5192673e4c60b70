//! Messages that a scheme signs and then accepts: the sign vectors of the corpora, each with what its server knows.

use crate::CORPORA;
use crate::structure::Structure;
use countersign::bytes::Bytes;
use countersign::case::Task;
use countersign::corpus::Entry;
use countersign::primitive::time::Instant;
use countersign::request::{Intent, Request};
use countersign::scheme::{
    Account, Credential, Message, Outcome, Parameters, Program, Scratch, Server, SignError, SignInput, State,
    VerifyError,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

/// Stages by name.
pub type Stages = BTreeMap<String, Vec<u8>>;

/// A message to sign, and what its server knows.
#[derive(Clone)]
pub struct Base {
    /// Name of the vector.
    pub name: String,
    pub structure: Arc<Structure>,
    /// Name of its operation.
    pub operation: String,
    pub program: Arc<Program>,
    pub account: Account,
    /// Other accounts that the server knows.
    pub others: Vec<Account>,
    pub parameters: Parameters,
    pub time: Option<Instant>,
    pub nonce: Option<Bytes>,
    pub client_address: Option<IpAddr>,
    pub intent: Intent,
}

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Base { name, account, parameters, time, nonce, intent, .. } = self;
        // The values are made up, and a failure is to be understood.
        let account = serde_json::to_string(account);
        write!(f, "{name}\n  {account:?}\n  {parameters:?}\n  {time:?} {nonce:?}\n  {}", shown(&intent.to_wire()))
    }
}

impl Base {
    /// The signed request and its stages.
    pub fn sign(&self) -> Result<(Request, Stages), SignError> {
        let account = self.program.account(&self.account).unwrap();
        let parameters = self.program.parameters(&self.parameters).unwrap();
        let nonce = self.nonce.as_ref().map(Bytes::as_slice);
        let input = SignInput { account: &account, parameters: &parameters, time: self.time, nonce, known: None };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| drop(stages.insert(name.to_owned(), value.to_vec()));
        let request = self.program.sign(input, &self.intent, &mut Scratch::default(), &mut keep)?;
        Ok((request, stages))
    }

    /// What the server makes of a request, at the time of signing.
    pub fn verify(&self, request: &Request) -> Result<(Outcome, Stages), VerifyError> {
        self.judge(&self.program, request)
    }

    /// The same by another program of the same scheme.
    pub fn judge(&self, program: &Program, request: &Request) -> Result<(Outcome, Stages), VerifyError> {
        // Where no check looks one up, the first account is the server's own.
        let ours = std::slice::from_ref(&self.account);
        let lookup = self.structure.has_check("account");
        let (first, last) = if lookup { (self.others.as_slice(), ours) } else { (ours, self.others.as_slice()) };
        let accounts: Vec<_> = first.iter().chain(last).map(|account| program.account(account).unwrap()).collect();
        let parameters = program.parameters(&self.parameters).unwrap();
        let server = Server { accounts: &accounts, parameters: &parameters };
        let message = Message { request, now: self.time, client_address: self.client_address };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| drop(stages.insert(name.to_owned(), value.to_vec()));
        let outcome = program.verify(server, &mut State::default(), message, &mut Scratch::default(), &mut keep)?;
        Ok((outcome, stages))
    }

    fn is_accepted(&self) -> bool {
        let signed = self.sign().ok();
        signed.is_some_and(|(request, _)| matches!(self.verify(&request), Ok((Outcome::Accept, _))))
    }
}

/// A request as text where it is text.
pub fn shown(request: &Request) -> String {
    format!("{request:?}")
}

/// Every sign vector that is accepted as it stands.
pub static BASES: LazyLock<Vec<Base>> = LazyLock::new(|| {
    let entries = CORPORA.iter().flat_map(|corpus| &corpus.entries);
    entries.flat_map(candidates).filter_map(with_an_address_that_is_let_in).collect()
});

fn candidates(entry: &Entry) -> Vec<Base> {
    let mut found = Vec::new();
    let mut programs = BTreeMap::new();
    for (topic, vector) in entry.vectors() {
        let case = entry.case(topic, vector, None);
        let Task::Sign(task) = case.task else { continue };
        let (structure, program) =
            programs.entry((case.variant.clone(), case.operation.clone())).or_insert_with(|| {
                let scheme = entry.scheme.resolved(case.variant.as_deref(), None).unwrap();
                let program = Program::compile(&scheme, &scheme.operations[&case.operation]).unwrap();
                (Arc::new(Structure::of(scheme, &case.operation)), Arc::new(program))
            });
        if structure.one_sided().is_some() {
            continue;
        }
        let differs =
            |other: &&Account| other.0.values().all(|value| !task.account.0.values().any(|ours| ours == value));
        found.push(Base {
            name: entry.full_name(topic, vector),
            structure: structure.clone(),
            operation: case.operation.clone(),
            program: program.clone(),
            others: topic.file.accounts.values().filter(differs).cloned().collect(),
            account: task.account,
            parameters: task.parameters,
            time: task.time.map(|time| time.instant()),
            nonce: task.nonce,
            client_address: None,
            intent: task.request.clone(),
        });
    }
    found
}

fn with_an_address_that_is_let_in(base: Base) -> Option<Base> {
    let listed = base.account.0.values().filter_map(|value| match value {
        Credential::Addresses(list) => Some(list.clone()),
        Credential::Value(_) => None,
    });
    let printed = serde_json::json!(base.structure.operation.verify);
    let in_checks = printed.as_array().unwrap().iter().filter_map(|check| check.get("address")?.as_array().cloned());
    let in_checks = in_checks.flatten().filter_map(|address| address.as_str().map(str::to_owned));
    let addresses = listed.flatten().chain(in_checks).filter_map(|text| text.parse::<IpAddr>().ok());
    std::iter::once(None).chain(addresses.map(Some)).find_map(|client_address| {
        let base = Base { client_address, ..base.clone() };
        base.is_accepted().then_some(base)
    })
}

/// An operation that can be signed and verified has a vector that is, or the properties say nothing of it.
#[test]
fn every_operation_with_checks_has_a_base() {
    let covered: BTreeSet<String> = BASES.iter().map(|base| operation_of(&base.name)).collect();
    let mut reasons = BTreeMap::<&str, Vec<String>>::new();
    for entry in CORPORA.iter().flat_map(|corpus| &corpus.entries) {
        for name in entry.scheme.operations.keys() {
            let name_of_operation = format!("{}/{name}", entry.name);
            match Structure::of((*entry.scheme).clone(), name).one_sided() {
                Some(reason) => reasons.entry(reason).or_default().push(name_of_operation),
                None => {
                    assert!(covered.contains(&name_of_operation), "no vector signs {name_of_operation} and is accepted")
                }
            }
        }
    }
    let skipped: usize = reasons.values().map(Vec::len).sum();
    assert!(covered.len() > skipped, "{} operations are covered and {skipped} are not: {reasons:?}", covered.len());
}

/// `scheme/operation` of a vector.
fn operation_of(vector: &str) -> String {
    let entries = CORPORA.iter().flat_map(|corpus| &corpus.entries);
    let (entry, found) = entries.filter_map(|entry| Some((entry, entry.find(vector)?))).next().unwrap();
    format!("{}/{}", entry.name, found.1.given.operation)
}
