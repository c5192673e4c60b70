//! Messages that schemes accept: what the vectors of the corpora verify, and what they sign, each with what its server
//! knows. No scheme is named.

use crate::corpora::ENTRIES;
use crate::structure::Structure;
use countersign::bytes::Bytes;
use countersign::case::{self, Case, Task};
use countersign::corpus::Entry;
use countersign::primitive::time::Instant;
use countersign::request::{Intent, Request};
use countersign::scheme::{
    self, Account, Arrival, Credential, Decision, Implementation, Operation, Outcome, Parameters, Program, Scratch,
    SignError, SignInput, State, VerifyError,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

/// Byte-valued stages by name.
pub type Stages = BTreeMap<String, Vec<u8>>;

/// One operation of a scheme, with a variant applied, compiled.
pub struct Compiled {
    /// Name of the scheme.
    pub name: String,
    /// Name of the operation.
    pub operation: String,
    pub variant: Option<String>,
    pub structure: Structure,
    /// Stages that a check compares.
    pub compared: BTreeSet<String>,
    /// The same, and the stages that these are derived from.
    pub signed: BTreeSet<String>,
    /// What signs and verifies.
    pub implementation: Implementation,
    /// The same without checks: it tells what a verifier derives of a message, right or wrong.
    pub unchecked: Program,
}

impl Compiled {
    /// What signs and verifies.
    pub fn program(&self) -> &Program {
        &self.implementation.program
    }
}

/// A message and its circumstances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What is on the wire.
    pub request: Request,
    /// The server's clock.
    pub now: Option<Instant>,
    /// Where it comes from.
    pub client_address: Option<IpAddr>,
}

/// What a server of one operation knows.
#[derive(Clone)]
pub struct Knowledge {
    pub compiled: Arc<Compiled>,
    pub accounts: Vec<Account>,
    pub parameters: Parameters,
}

/// How a message was judged: an error where the server lacks something; and the stages of a message that is accepted.
pub type Judged = (Result<Outcome, VerifyError>, Stages);

impl Knowledge {
    /// What the server makes of a message with this program: its own, or another one of the same scheme.
    pub fn judge(&self, program: &Program, received: &Received, state: &mut State, scratch: &mut Scratch) -> Judged {
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| drop(stages.insert(name.to_owned(), value.to_vec()));
        let outcome =
            self.with(program, received, |server, message| program.verify(server, state, message, scratch, &mut keep));
        (outcome, stages)
    }

    fn with<T>(
        &self,
        program: &Program,
        Received { request, now, client_address }: &Received,
        judge: impl FnOnce(scheme::Knowledge<'_>, Arrival<'_>) -> Result<T, VerifyError>,
    ) -> Result<T, VerifyError> {
        let prepared: Result<Vec<_>, _> = self.accounts.iter().map(|account| program.account(account)).collect();
        let prepared = prepared.map_err(|e| VerifyError::NotANumber(e.to_string()))?;
        let parameters = program.parameters(&self.parameters).map_err(|e| VerifyError::NotANumber(e.to_string()))?;
        let server = scheme::Knowledge { accounts: &prepared, parameters: &parameters };
        judge(server, Arrival { request, now: *now, client_address: *client_address })
    }
}

/// A message to sign, and what its server knows.
#[derive(Clone)]
pub struct Base {
    /// Name of the vector.
    pub name: String,
    pub compiled: Arc<Compiled>,
    /// Who signs.
    pub account: Account,
    /// Other accounts that the server knows.
    pub others: Vec<Account>,
    /// What the signer chose and the server has configured.
    pub parameters: Parameters,
    /// The clock of both.
    pub time: Option<Instant>,
    /// A nonce or message id.
    pub nonce: Option<Bytes>,
    /// Where the message comes from.
    pub client_address: Option<IpAddr>,
    /// What is to be signed.
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

/// Every vector of the corpora that signs something which is then accepted.
pub static BASES: LazyLock<Vec<Base>> = LazyLock::new(|| {
    let bases: Vec<Base> = ENTRIES.iter().flat_map(of_entry).collect();
    assert!(!bases.is_empty(), "a vector of the corpora signs what its scheme accepts");
    bases
});

/// The base with this number, counted round.
pub fn base(number: u16) -> &'static Base {
    &BASES[usize::from(number) % BASES.len()]
}

/// Operations that were compiled, by name and variant.
type Operations = HashMap<(String, Option<String>), Arc<Compiled>>;

fn compiled(entry: &Entry, case: &Case, known: &mut Operations) -> Arc<Compiled> {
    let make = || {
        let scheme = entry.scheme.resolved(case.variant.as_deref(), None).expect("the scheme has the variant");
        let implementation = Implementation::of(&entry.scheme, &case.operation, case.variant.as_deref(), None);
        let implementation = implementation.expect("a scheme that loads compiles");
        let unchecked = Operation { verify: Vec::new(), ..implementation.operation() };
        let unchecked = Program::compile(&scheme, &unchecked).expect("a scheme that loads compiles");
        let structure = Structure::of(scheme, &case.operation);
        Arc::new(Compiled {
            name: entry.name.clone(),
            operation: case.operation.clone(),
            variant: case.variant.clone(),
            compared: structure.compared(),
            signed: structure.signed(),
            structure,
            implementation,
            unchecked,
        })
    };
    Arc::clone(known.entry((case.operation.clone(), case.variant.clone())).or_insert_with(make))
}

fn of_entry(entry: &Entry) -> Vec<Base> {
    let mut known = Operations::new();
    let mut bases = Vec::new();
    for (topic, vector) in entry.vectors() {
        let case = entry.case(topic, vector, None);
        let compiled = compiled(entry, &case, &mut known);
        let Task::Sign(task) = case.task else { continue };
        let differs =
            |other: &&Account| other.0.values().all(|value| !task.account.0.values().any(|ours| ours == value));
        let base = Base {
            name: entry.full_name(topic, vector),
            compiled,
            others: topic.file.accounts.values().filter(differs).cloned().collect(),
            account: task.account,
            parameters: task.parameters,
            time: task.time.map(|time| time.instant()),
            nonce: task.nonce,
            client_address: None,
            intent: task.request,
        };
        bases.extend(base.where_it_is_let_in());
    }
    bases
}

impl Base {
    /// The base, from the first address that the account or a check lists and from which it is accepted.
    fn where_it_is_let_in(self) -> Option<Base> {
        let listed = self.account.0.values().filter_map(|value| match value {
            Credential::Addresses(list) => Some(list.clone()),
            Credential::Value(_) => None,
        });
        let texts = listed.flatten().chain(self.compiled.structure.listed_addresses());
        let addresses = texts.filter_map(|text| text.parse::<IpAddr>().ok()).map(Some);
        let program = self.compiled.program();
        let (request, _) = self.sign(program).ok()?;
        let client_address = std::iter::once(None).chain(addresses).find(|&client_address| {
            let base = Base { client_address, ..self.clone() };
            base.judge(program, &request).0 == Ok(Outcome::Accept)
        })?;
        Some(Base { client_address, ..self })
    }

    /// The request as this program signs it, and the stages.
    pub fn sign(&self, program: &Program) -> Result<(Request, Stages), SignError> {
        let account = program.account(&self.account).map_err(|e| SignError::Unusable(e.to_string()))?;
        let parameters = program.parameters(&self.parameters).map_err(|e| SignError::Unusable(e.to_string()))?;
        let nonce = self.nonce.as_ref().map(Bytes::as_slice);
        let input = SignInput { account: &account, parameters: &parameters, time: self.time, nonce, known: None };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| drop(stages.insert(name.to_owned(), value.to_vec()));
        let signed = program.sign(input, &self.intent, &mut Scratch::default(), &mut keep);
        assert_eq!(self.signed_unseen(program, input), signed, "{}: signing differs when stages are shown", self.name);
        // What is hashed is told before anything is put into a body, which can fail, too.
        if let Err(error) = program.hashes(input, &self.intent, &mut Scratch::default(), &mut |_| {}) {
            assert_eq!(signed.as_ref().err(), Some(&error), "{}: signing differs when hashes are told", self.name);
        }
        let request = signed?;
        let shown: Vec<&str> = program.byte_stages().collect();
        let is_shown = |name: &String| shown.contains(&name.as_str());
        assert!(stages.keys().all(is_shown), "{}: {stages:?} of {shown:?}", self.name);
        Ok((request, stages))
    }

    /// The request as it is signed when nobody asks for a stage, which is another way through the reference.
    fn signed_unseen(&self, program: &Program, input: SignInput<'_>) -> Result<Request, SignError> {
        let mut wire = self.intent.to_wire();
        let mut scratch = Scratch::default();
        program.fields(input, &self.intent, &mut scratch)?.iter().try_for_each(|field| field.put(&mut wire))?;
        Ok(wire)
    }

    /// What a server with this program, which has judged nothing before, makes of a request at the time of signing.
    pub fn judge(&self, program: &Program, request: &Request) -> Judged {
        let (server, received) = (self.server(), self.received(request.clone()));
        let (outcome, stages) = server.judge(program, &received, &mut State::default(), &mut Scratch::default());
        let unseen = server.with(program, &received, |server, message| {
            let mut scratch = Scratch::default();
            Ok(match program.judge(server, &mut State::default(), message, &mut scratch)? {
                Decision::Accept => Outcome::Accept,
                Decision::Reject(denial) => {
                    assert_eq!(denial.reply(), denial.to_refused().refusal.reply, "{}", self.name);
                    Outcome::Reject(denial.to_refused())
                }
            })
        });
        assert_eq!(unseen, outcome, "{}: the judgement differs when stages are shown", self.name);
        (outcome, stages)
    }

    fn server(&self) -> Knowledge {
        // Where no check looks one up, the first account is the server's own.
        let mut accounts = self.others.clone();
        let at = if self.compiled.structure.has_check("account") { accounts.len() } else { 0 };
        accounts.insert(at, self.account.clone());
        Knowledge { compiled: Arc::clone(&self.compiled), accounts, parameters: self.parameters.clone() }
    }

    fn received(&self, request: Request) -> Received {
        Received { request, now: self.time, client_address: self.client_address }
    }
}

/// A message that a server accepts after others.
pub struct Accepted {
    /// Full name of the vector.
    pub name: String,
    /// Who accepts it.
    pub server: Knowledge,
    pub earlier: Vec<Received>,
    pub message: Received,
}

/// One scheme of the corpora, and what its vectors accept.
pub struct Known {
    /// Its name.
    pub name: String,
    /// Every message that its vectors accept, and those that they sign.
    pub accepted: Vec<Accepted>,
    /// The first of them of each operation and variant.
    pub servers: Vec<usize>,
    /// The signed stages of each accepted message.
    pub signed: BTreeSet<Stages>,
    /// Every operation of every variant and reading: as it is, without its checks, and without what it receives, so
    /// that no early refusal keeps anything from what comes after it.
    pub editions: Vec<Program>,
    /// Every account of its files.
    pub accounts: Vec<Account>,
}

/// The schemes with at least one accepted message.
pub static SCHEMES: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let schemes: Vec<_> = ENTRIES.iter().map(Known::of).filter(|known| !known.accepted.is_empty()).collect();
    assert!(!schemes.is_empty(), "the corpora accept something");
    schemes
});

impl Known {
    fn of(entry: &Entry) -> Known {
        let (mut operations, mut accepted) = (Operations::new(), Vec::new());
        for (topic, vector) in entry.vectors() {
            let case = entry.case(topic, vector, None);
            let compiled = compiled(entry, &case, &mut operations);
            let Task::Verify(task) = case.task else { continue };
            let server = Knowledge { compiled, accounts: task.accounts, parameters: task.parameters };
            let received = |message: case::Message| Received {
                request: message.request,
                now: message.now.map(|time| time.instant()),
                client_address: message.client_address,
            };
            let messages: Vec<_> = task.messages.into_iter().map(received).collect();
            // What the vector expects decides, so that no judgement of the reference vouches for itself.
            let accepts = |i: &usize| vector.expect.results[*i].outcome == case::Ending::Accept;
            for i in (0..messages.len()).filter(accepts) {
                let (name, server) = (entry.full_name(topic, vector), server.clone());
                let (earlier, message) = (messages[..i].to_vec(), messages[i].clone());
                accepted.push(Accepted { name, server, earlier, message });
            }
        }
        for base in BASES.iter().filter(|base| base.compiled.name == entry.name) {
            let (request, _) = base.sign(base.compiled.program()).expect("a base can be signed");
            let server = Knowledge { accounts: vec![base.account.clone()], ..base.server() };
            let message = base.received(request);
            accepted.push(Accepted { name: base.name.clone(), server, earlier: Vec::new(), message });
        }
        let mut shown = BTreeSet::new();
        let is_new = |i: &usize| {
            let Compiled { operation, variant, .. } = &*accepted[*i].server.compiled;
            shown.insert((operation, variant))
        };
        let servers = (0..accepted.len()).filter(is_new).collect();
        let signed = accepted.iter().map(Accepted::signed).collect();
        let accounts = entry.topics.iter().flat_map(|topic| topic.file.accounts.values().cloned()).collect();
        Known { name: entry.name.clone(), servers, signed, editions: editions(entry), accounts, accepted }
    }
}

impl Accepted {
    /// Judges a message in the place of this one, after those before it.
    pub fn judge(&self, message: &Received, scratch: &mut Scratch) -> Judged {
        let (program, mut state) = (self.server.compiled.program(), State::default());
        self.earlier.iter().for_each(|earlier| drop(self.server.judge(program, earlier, &mut state, scratch)));
        self.server.judge(program, message, &mut state, scratch)
    }

    /// The stages that are signed.
    fn signed(&self) -> Stages {
        let (outcome, stages) = self.judge(&self.message, &mut Scratch::default());
        assert_eq!(outcome, Ok(Outcome::Accept), "{}: not as the vector has it", self.name);
        self.server.compiled.signed_of(stages)
    }
}

impl Compiled {
    /// The signed ones of these stages.
    pub fn signed_of(&self, mut stages: Stages) -> Stages {
        stages.retain(|name, _| self.signed.contains(name));
        stages
    }
}

fn editions(entry: &Entry) -> Vec<Program> {
    let scheme = &entry.scheme;
    let mut programs = Vec::new();
    for variant in or_none(scheme.variants.keys()) {
        for reading in or_none(scheme.readings.keys()) {
            let Ok(scheme) = scheme.resolved(variant, reading) else { continue };
            for operation in scheme.operations.values() {
                let unchecked = Operation { verify: Vec::new(), ..operation.clone() };
                let bare = Operation { receive: Default::default(), ..unchecked.clone() };
                let editions = [operation, &unchecked, &bare];
                programs.extend(editions.into_iter().filter_map(|operation| Program::compile(&scheme, operation).ok()));
            }
        }
    }
    programs
}

/// No name, then each of these.
pub fn or_none<'n>(names: impl Iterator<Item = &'n String>) -> Vec<Option<&'n str>> {
    std::iter::once(None).chain(names.map(|name| Some(name.as_str()))).collect()
}

/// A request as text where it is text.
pub fn shown(request: &Request) -> String {
    format!("{request:?}")
}

/// An operation that can be signed and verified has a vector that is, or the properties say nothing of it.
#[cfg(test)]
#[test]
fn every_operation_with_checks_has_a_base() {
    let has = |entry: &Entry, operation: &String| {
        BASES.iter().any(|base| base.compiled.name == entry.name && base.compiled.operation == *operation)
    };
    let (mut covered, mut skipped) = (0, Vec::new());
    for entry in ENTRIES.iter() {
        for operation in entry.scheme.operations.keys() {
            match Structure::of((*entry.scheme).clone(), operation).one_sided() {
                Some(reason) => skipped.push(format!("{}/{operation}: {reason}", entry.name)),
                None => {
                    assert!(has(entry, operation), "no vector signs {}/{operation} and is accepted", entry.name);
                    covered += 1;
                }
            }
        }
    }
    assert!(covered > skipped.len(), "{covered} operations are covered and these are not: {skipped:?}");
}
