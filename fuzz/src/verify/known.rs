//! What the corpora accept: messages, and the stages that they sign.

use countersign::case::{Case, ExpectedResult, Message, SignTask, Task, VerifyTask};
use crate::corpora::ENTRIES;
use crate::signed;
use countersign::corpus::{self, Entry};
use countersign::primitive::time::Instant;
use countersign::request::Request;
use countersign::scheme::{
    self, Account, Message, Outcome, Parameters, Program, Scratch, SignInput, State, VerifyError,
};
use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

/// The schemes with at least one accepted message.
pub static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| {
    let schemes: Vec<_> = ENTRIES.iter().map(Scheme::of).filter(|s| !s.accepted.is_empty()).collect();
    assert!(!schemes.is_empty(), "the corpora accept something");
    schemes
});

/// Names and values of byte-valued stages, in the order of derivation.
pub type Stages = Vec<(String, Vec<u8>)>;

/// One scheme of the corpora.
pub struct Scheme {
    /// Its name.
    pub name: String,
    /// Every message that its vectors accept.
    pub accepted: Vec<Accepted>,
    /// One server for each operation and variant that a vector accepts.
    pub servers: Vec<Arc<Server>>,
    /// The signed stages of each accepted message.
    pub signed: HashSet<Stages>,
}

/// An accepted message.
pub struct Accepted {
    /// Full name of the vector.
    pub name: String,
    /// Who accepts it.
    pub server: Arc<Server>,
    earlier: Vec<Received>,
    /// The message.
    pub message: Received,
}

/// One operation, compiled, and what a server knows.
pub struct Server {
    program: Program,
    accounts: Vec<Account>,
    parameters: Parameters,
    signed: BTreeSet<String>,
    /// The clock at which a vector was accepted.
    pub now: Option<Instant>,
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

/// How a message was judged.
#[derive(Debug, PartialEq, Eq)]
pub struct Judged {
    /// The judgement; an error where the server lacks something.
    pub outcome: Result<Outcome, VerifyError>,
    /// The stages of an accepted message.
    pub stages: Stages,
}

impl Scheme {
    fn of(entry: &Entry) -> Scheme {
        let name = entry.name.clone();
        let mut scheme = Scheme { name, accepted: Vec::new(), servers: Vec::new(), signed: HashSet::new() };
        let mut shown = HashSet::new();
        for (topic, vector) in entry.vectors() {
            let case = entry.case(topic, vector, None);
            let resolved = entry.scheme.resolved(case.variant.as_deref(), None).expect("the scheme has the variant");
            let (server, messages) = match &case.task {
                Task::Verify(task) => Server::of_verifying(&resolved, &case, task),
                Task::Sign(task) => match Server::of_signing(&resolved, &case, task) {
                    Some(signed) => signed,
                    None => continue,
                },
            };
            let server = Arc::new(server);
            let before = scheme.accepted.len();
            scheme.take(&server, &entry.full_name(topic, vector), &messages, &vector.expect.results);
            if scheme.accepted.len() > before && shown.insert((case.operation, case.variant)) {
                scheme.servers.push(server);
            }
        }
        scheme
    }

    /// Keeps the messages that the vector accepts, each after those before it. A vector that signs
    /// has one message and no result; who can verify it, accepts it.
    fn take(&mut self, server: &Arc<Server>, name: &str, messages: &[Received], results: &[ExpectedResult]) {
        let (mut state, mut scratch) = (State::default(), Scratch::default());
        for (i, message) in messages.iter().enumerate() {
            let judged = server.judge(message, &mut state, &mut scratch);
            let expected = results.get(i).map(|result| result.outcome == corpus::Outcome::Accept);
            let accepted = judged.outcome == Ok(Outcome::Accept);
            assert!(expected.is_none_or(|e| e == accepted), "{name}, step {i}: not as the vector has it: {judged:?}");
            if accepted {
                // What the vector expects decides, so that no judgement of the reference vouches for itself.
                self.signed.insert(server.signed(&judged.stages));
                let (name, server) = (name.to_owned(), Arc::clone(server));
                let accepted = Accepted { name, server, earlier: messages[..i].to_vec(), message: message.clone() };
                self.accepted.push(accepted);
            }
        }
    }
}

impl Accepted {
    /// What the server remembers when the message arrives.
    pub fn state(&self, scratch: &mut Scratch) -> State {
        let mut state = State::default();
        for message in &self.earlier {
            self.server.judge(message, &mut state, scratch);
        }
        state
    }
}

impl Server {
    fn new(scheme: &scheme::Scheme, operation: &str, accounts: Vec<Account>, parameters: &Parameters) -> Server {
        let operation = &scheme.operations[operation];
        let program = Program::compile(scheme, operation).expect("a scheme that loads compiles");
        Server { program, accounts, parameters: parameters.clone(), signed: signed::stages(operation), now: None }
    }

    fn of_verifying(scheme: &scheme::Scheme, case: &Case, task: &VerifyTask) -> (Server, Vec<Received>) {
        let accounts = task.accounts.clone();
        let mut server = Server::new(scheme, &case.operation, accounts, &task.parameters);
        let received = |step: &Message| Received {
            request: step.request.request(),
            now: step.now.as_ref().map(|time| time.instant()),
            client_address: step.client_address,
        };
        let messages: Vec<_> = task.messages.iter().map(received).collect();
        server.now = messages.iter().find_map(|message| message.now);
        (server, messages)
    }

    /// What a vector signs, as it arrives; `None` where the vector's parameters do not let it.
    fn of_signing(scheme: &scheme::Scheme, case: &Case, task: &SignTask) -> Option<(Server, Vec<Received>)> {
        let mut server = Server::new(scheme, &case.operation, vec![task.account.clone()], &task.parameters);
        server.now = task.time.as_ref().map(|time| time.instant());
        let account = server.program.account(&task.account).ok()?;
        let parameters = server.program.parameters(&task.parameters).ok()?;
        let nonce = task.nonce.as_ref().map(|nonce| nonce.as_slice());
        let input = SignInput { account: &account, parameters: &parameters, time: server.now, nonce, known: None };
        let intent = task.request.intent();
        let request = server.program.sign(input, &intent, &mut Scratch::default(), &mut |_, _| {}).ok()?;
        let now = server.now;
        Some((server, vec![Received { request, now, client_address: None }]))
    }

    /// Judges a message.
    pub fn judge(&self, message: &Received, state: &mut State, scratch: &mut Scratch) -> Judged {
        let prepare = |account| self.program.account(account).expect("the corpus's accounts fit");
        let accounts: Vec<_> = self.accounts.iter().map(prepare).collect();
        let parameters = self.program.parameters(&self.parameters).expect("the corpus's parameters fit");
        let server = scheme::Server { accounts: &accounts, parameters: &parameters };
        let Received { request, now, client_address } = message;
        let message = Message { request, now: *now, client_address: *client_address };
        let mut stages = Stages::new();
        let mut keep = |name: &str, value: &[u8]| stages.push((name.to_owned(), value.to_vec()));
        let outcome = self.program.verify(server, state, message, scratch, &mut keep);
        Judged { outcome, stages }
    }

    /// The signed ones of these stages.
    pub fn signed(&self, stages: &Stages) -> Stages {
        stages.iter().filter(|(name, _)| self.signed.contains(name)).cloned().collect()
    }
}
