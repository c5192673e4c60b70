//! Messages that a scheme signs and then accepts: one for each vector of the corpora that signs, with
//! what its server knows. No scheme is named.

use countersign::case::{Case, Task};
use crate::corpora::ENTRIES;
use crate::signed;
use countersign::bytes::Bytes;
use countersign::corpus::Entry;
use countersign::primitive::time::Instant;
use countersign::request::{Intent, Request};
use countersign::scheme::{
    Account, Credential, Decision, Implementation, Message, Outcome, Parameters, Program, Scheme, Scratch, Server,
    SignError, SignInput, State, VerifyError,
};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

/// Byte-valued stages by name.
pub type Stages = BTreeMap<String, Vec<u8>>;

/// One operation of a scheme, with a variant applied, compiled.
pub struct Compiled {
    /// Name of the scheme.
    pub name: String,
    /// The scheme, with the variant applied.
    pub scheme: Scheme,
    /// Name of the operation.
    pub operation: String,
    /// The variant.
    pub variant: Option<String>,
    /// What signs and verifies.
    pub implementation: Implementation,
    /// The same without checks: it tells what a verifier derives of a message, right or wrong.
    pub unchecked: Program,
}

/// A message to sign, and what its server knows.
#[derive(Clone)]
pub struct Base {
    /// Name of the vector.
    pub name: String,
    /// Its operation.
    pub compiled: Arc<Compiled>,
    /// Who signs.
    pub account: Account,
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

fn of_entry(entry: &Entry) -> Vec<Base> {
    let mut operations = HashMap::new();
    let mut bases = Vec::new();
    for (topic, vector) in entry.vectors() {
        let case = entry.case(topic, vector, None);
        let Task::Sign(task) = case.task else { continue };
        let key = (case.operation.clone(), case.variant.clone());
        let compiled = operations.entry(key).or_insert_with(|| Arc::new(compile(entry, case.operation, case.variant)));
        let base = Base {
            name: entry.full_name(topic, vector),
            compiled: Arc::clone(compiled),
            account: task.account,
            parameters: task.parameters,
            time: task.time.map(|time| time.instant()),
            nonce: task.nonce,
            client_address: None,
            intent: task.request.intent(),
        };
        bases.extend(base.where_it_is_let_in());
    }
    bases
}

fn compile(entry: &Entry, operation: String, variant: Option<String>) -> Compiled {
    let scheme = entry.scheme.resolved(variant.as_deref(), None).expect("the scheme has the variant");
    let implementation = Implementation::of(&entry.scheme, &operation, variant.as_deref(), None);
    let implementation = implementation.expect("a scheme that loads compiles");
    let unchecked = countersign::scheme::Operation { verify: Vec::new(), ..implementation.operation() };
    let unchecked = Program::compile(&scheme, &unchecked).expect("a scheme that loads compiles");
    Compiled { name: entry.name.clone(), scheme, operation, variant, implementation, unchecked }
}

impl Base {
    /// The base, from the first address that the account or a check lists and from which it is accepted.
    fn where_it_is_let_in(self) -> Option<Base> {
        let listed = self.account.0.values().filter_map(|value| match value {
            Credential::Addresses(list) => Some(list.clone()),
            Credential::Value(_) => None,
        });
        let checks = json!(self.compiled.scheme.operations[&self.compiled.operation].verify);
        let texts = listed.flatten().chain(signed::words(&checks));
        let addresses = texts.filter_map(|text| text.parse::<IpAddr>().ok()).map(Some);
        let (program, mut found) = (&self.compiled.implementation.program, None);
        if let Ok((request, _)) = self.sign(program) {
            found = std::iter::once(None).chain(addresses).find(|&client_address| {
                let base = Base { client_address, ..self.clone() };
                matches!(base.judge(program, &request), Ok((Outcome::Accept, _)))
            });
        }
        found.map(|client_address| Base { client_address, ..self })
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

    /// What a server with this program makes of a request at the time of signing.
    pub fn judge(&self, program: &Program, request: &Request) -> Result<(Outcome, Stages), VerifyError> {
        let account = program.account(&self.account).map_err(|e| VerifyError::NotANumber(e.to_string()))?;
        let parameters = program.parameters(&self.parameters).map_err(|e| VerifyError::NotANumber(e.to_string()))?;
        let server = Server { accounts: std::slice::from_ref(&account), parameters: &parameters };
        let message = Message { request, now: self.time, client_address: self.client_address };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| drop(stages.insert(name.to_owned(), value.to_vec()));
        let outcome = program.verify(server, &mut State::default(), message, &mut Scratch::default(), &mut keep);
        let mut scratch = Scratch::default();
        let unseen =
            program.judge(server, &mut State::default(), message, &mut scratch).map(|decision| match decision {
                Decision::Accept => Outcome::Accept,
                Decision::Reject(denial) => {
                    assert_eq!(denial.reply(), denial.to_refused().refusal.reply, "{}", self.name);
                    Outcome::Reject(denial.to_refused())
                }
            });
        assert_eq!(unseen, outcome, "{}: the judgement differs when stages are shown", self.name);
        Ok((outcome?, stages))
    }
}
