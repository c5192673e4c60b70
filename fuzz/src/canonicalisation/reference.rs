//! The reference: one operation of one scheme of the corpus, compiled.

use countersign::corpus::{self, Files};
use countersign::primitive::time::Instant;
use countersign::request::{Intent, Request};
use countersign::scheme::{
    Account, Credential, Message, Outcome, Parameters, PreparedAccount, PreparedParameters, Program, Scratch,
    SignInput, State,
};
use std::net::IpAddr;

/// Names and values in the order of derivation.
pub(super) type Stages = Vec<(String, Vec<u8>)>;

pub(super) struct Reference(Program);

/// What a signer is given beside account and request.
#[derive(Default)]
pub(super) struct Given<'a> {
    pub(super) time: Option<&'a str>,
    pub(super) nonce: Option<&'a [u8]>,
    pub(super) parameters: &'a [(&'a str, &'a [u8])],
}

impl Reference {
    pub(super) fn new(scheme: &str, operation: &str, variant: Option<&str>) -> Reference {
        let entry = corpus::load_entry(&Files::built_in(), scheme).expect("the corpus has the scheme and it loads");
        let resolved = entry.scheme.resolved(variant, None).expect("the scheme has the variant");
        let compiled = Program::compile(&resolved, &resolved.operations[operation]);
        Reference(compiled.expect("a scheme that loads compiles"))
    }

    /// Byte-valued stages in order, and the signed request; an error where it cannot be signed.
    pub(super) fn sign(
        &self,
        account: &Account,
        given: &Given<'_>,
        intent: &Intent,
    ) -> Result<(Stages, Request), String> {
        let account = self.0.account(account).expect("the account fits the scheme");
        let parameters = self.parameters(given.parameters);
        let time = given.time.map(|text| Instant::parse(text).expect("a moment of the oracle"));
        let input = SignInput { account: &account, parameters: &parameters, time, nonce: given.nonce, known: None };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| stages.push((name.to_owned(), value.to_vec()));
        let signed = self.0.sign(input, intent, &mut Scratch::default(), &mut keep);
        signed.map(|request| (stages, request)).map_err(|e| e.to_string())
    }

    /// A server that has judged nothing.
    pub(super) fn server(&self, accounts: &[Account], parameters: &[(&str, &[u8])]) -> Server<'_> {
        let accounts = accounts.iter().map(|a| self.0.account(a).expect("it fits the scheme")).collect();
        Server { program: &self.0, accounts, parameters: self.parameters(parameters), state: State::default() }
    }

    fn parameters(&self, given: &[(&str, &[u8])]) -> PreparedParameters {
        let named = |(name, value): &(&str, &[u8])| ((*name).to_owned(), value.to_vec().into());
        let parameters: Parameters = given.iter().map(named).collect();
        self.0.parameters(&parameters).expect("the scheme has these parameters, and defaults for the others")
    }
}

/// Accounts, configuration, and what the messages before left.
pub(super) struct Server<'r> {
    program: &'r Program,
    accounts: Vec<PreparedAccount>,
    parameters: PreparedParameters,
    state: State,
}

impl Server<'_> {
    /// The byte-valued stages of a message that is accepted, or the class with which it is refused.
    /// `now` is in nanoseconds since 1970.
    pub(super) fn judge(
        &mut self,
        now: Option<i128>,
        client_address: Option<IpAddr>,
        request: &Request,
    ) -> Result<Stages, String> {
        let server = countersign::scheme::Server { accounts: &self.accounts, parameters: &self.parameters };
        let message = Message { request, now: now.map(Instant), client_address };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| stages.push((name.to_owned(), value.to_vec()));
        let outcome = self.program.verify(server, &mut self.state, message, &mut Scratch::default(), &mut keep);
        match outcome.expect("the server has all it needs") {
            Outcome::Accept => Ok(stages),
            Outcome::Reject(refused) => Err(refused.class.to_string()),
        }
    }
}

pub(super) fn account<const N: usize>(credentials: [(&str, &[u8]); N]) -> Account {
    let value = |(name, bytes): (&str, &[u8])| (name.to_owned(), Credential::Value(bytes.to_vec().into()));
    Account(credentials.into_iter().map(value).collect())
}
