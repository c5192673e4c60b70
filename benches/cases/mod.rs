//! What the benchmarks and the tests of cost run: every scheme of a corpus on requests of its vectors,
//! and on requests of any size grown from them. Nothing here knows a scheme.
#![allow(dead_code, reason = "each benchmark uses some of it")]

use countersign::case::{SignTask, Task, VerifyTask};
use countersign::corpus::{Entry, ProvenanceKind, Vector};
use countersign::primitive::time::Instant;
use countersign::request::{Intent, Pair, Request, Target};
use countersign::scheme::{
    Account, AddedField, Arrival, Body, Decision, Knowledge, PreparedAccount, PreparedParameters, Program, Scratch,
    SignInput, State,
};
use std::net::IpAddr;

/// A compiled scheme, and all that signing and verifying need beside the request.
pub struct Job {
    /// Name of the vector that it is made from.
    pub vector: String,
    pub program: Program,
    /// Whether a verifier checks anything.
    pub checks: bool,
    /// The kinds of body of the scheme's domain.
    pub bodies: Vec<Body>,
    pub accounts: Vec<PreparedAccount>,
    pub parameters: PreparedParameters,
    pub credentials: Vec<Account>,
    pub time: Option<Instant>,
    pub nonce: Option<Vec<u8>>,
    pub address: Option<IpAddr>,
}

/// A message that a vector sends, with the clock and the address that it has there.
pub struct Sent {
    pub request: Request,
    pub now: Option<Instant>,
    pub address: Option<IpAddr>,
}

impl Job {
    /// The job of one vector; `None` where its scheme cannot be compiled for it.
    fn of(entry: &Entry, vector: &Vector, accounts: Vec<Account>, parameters: &countersign::scheme::Parameters) -> Job {
        let scheme = entry.scheme.resolved(vector.given.variant.as_deref(), None).expect("the corpus loads");
        let operation = &scheme.operations[&vector.given.operation];
        let program = Program::compile(&scheme, operation).expect("it compiles");
        Job {
            checks: !operation.verify.is_empty(),
            vector: vector.name.clone(),
            bodies: scheme.domain.body.clone(),
            accounts: accounts.iter().map(|account| program.account(account).expect("the account fits")).collect(),
            parameters: program.parameters(parameters).expect("the parameters fit"),
            credentials: accounts,
            program,
            time: None,
            nonce: None,
            address: None,
        }
    }

    /// The job of a vector that signs, and what it signs.
    pub fn signing(entry: &Entry, vector: &Vector, task: &SignTask) -> (Job, Intent) {
        let mut job = Job::of(entry, vector, vec![task.account.clone()], &task.parameters);
        job.time = task.time.as_ref().map(|time| time.instant());
        job.nonce = task.nonce.as_ref().map(|nonce| nonce.0.clone());
        (job, task.request.clone())
    }

    /// The job of a vector that verifies, and what is sent.
    pub fn verifying(entry: &Entry, vector: &Vector, task: &VerifyTask) -> (Job, Vec<Sent>) {
        let job = Job::of(entry, vector, task.accounts.clone(), &task.parameters);
        let sent = task.messages.iter().map(|step| Sent {
            request: step.request.clone(),
            now: step.now.as_ref().map(|time| time.instant()),
            address: step.client_address,
        });
        (job, sent.collect())
    }

    pub fn input(&self) -> SignInput<'_> {
        SignInput {
            account: &self.accounts[0],
            parameters: &self.parameters,
            time: self.time,
            nonce: self.nonce.as_deref(),
            known: None,
        }
    }

    /// The fields that signing adds.
    pub fn sign<'s>(&'s self, intent: &'s Intent, scratch: &'s mut Scratch) -> &'s [AddedField<'s>] {
        self.program.fields(self.input(), intent, scratch).expect("it can be signed")
    }

    /// The signed request on the wire.
    pub fn wire(&self, intent: &Intent) -> Request {
        self.program.sign(self.input(), intent, &mut Scratch::default(), &mut |_, _| {}).expect("it can be signed")
    }

    pub fn server(&self) -> Knowledge<'_> {
        Knowledge { accounts: &self.accounts, parameters: &self.parameters }
    }

    /// How a message is judged that arrives when it was signed.
    pub fn judge<'s>(&'s self, request: &'s Request, state: &mut State, scratch: &'s mut Scratch) -> Decision<'s> {
        let message = Arrival { request, now: self.time.or(Some(Instant(0))), client_address: self.address };
        self.program.judge(self.server(), state, message, scratch).expect("the server has all it needs")
    }
}

/// The task of every vector of a scheme.
pub fn tasks(entry: &Entry) -> impl Iterator<Item = (&Vector, Task)> {
    entry.vectors().map(|(topic, vector)| (vector, entry.case(topic, vector, None).task))
}

/// The documented example of a scheme, or where no document gives one the first vector that signs.
pub fn example(entry: &Entry) -> Option<(Job, Intent)> {
    let signs = |vector: &Vector| vector.given.task.to_sign().is_some() && !vector.expect.stages.is_empty();
    let documented = |vector: &Vector| signs(vector) && vector.source.kind == ProvenanceKind::Documented;
    let found = tasks(entry).find(|(vector, _)| documented(vector)).or_else(|| tasks(entry).find(|(v, _)| signs(v)));
    let (vector, Task::Sign(task)) = found? else { unreachable!("it signs") };
    let (mut job, intent) = Job::signing(entry, vector, &task);
    // A callback comes from where the scheme's vectors say that it comes from.
    job.address = tasks(entry).find_map(|(_, task)| match task {
        Task::Verify(task) => task.messages.first()?.client_address,
        Task::Sign(_) => None,
    });
    Some((job, intent))
}

/// A request whose body has this many bytes of payload, in the first form that the scheme reads.
pub fn with_body(job: &Job, intent: &Intent, bytes: usize) -> Intent {
    let payload = "a".repeat(bytes);
    let (media_type, body) = if job.bodies.contains(&Body::Form) {
        ("application/x-www-form-urlencoded", format!("payload={payload}"))
    } else if job.bodies.contains(&Body::Json) {
        ("application/json", format!("{{\"payload\":\"{payload}\"}}"))
    } else {
        ("application/octet-stream", payload)
    };
    let mut grown = Intent { body: body.into_bytes().into(), ..intent.clone() };
    grown.headers.retain(|(name, _)| !name.eq_ignore_ascii_case(b"content-type"));
    grown.headers.push(("Content-Type".into(), media_type.into()));
    grown
}

/// A request with one more query field, whose value has this many bytes.
pub fn with_query(intent: &Intent, bytes: usize) -> Intent {
    with_fields(intent, [Pair("payload".into(), Some(vec![b'a'; bytes].into()))])
}

/// A request with so many more query fields, out of order, each of about `width` bytes.
pub fn with_parameters(intent: &Intent, count: usize, width: usize) -> Intent {
    let value = "v".repeat(width.saturating_sub(6));
    let field = |i: usize| Pair(format!("p{:05}", i * 7919 % count).into_bytes().into(), Some(value.as_str().into()));
    with_fields(intent, (0..count).map(field))
}

fn with_fields(intent: &Intent, more: impl IntoIterator<Item = Pair>) -> Intent {
    let mut grown = intent.clone();
    match &mut grown.target {
        Target::Meant { query, .. } => query.extend(more),
        target => *target = Target::Meant { path: "/".into(), query: more.into_iter().collect() },
    }
    grown
}

/// A request whose path, on the wire, has about this many bytes; one in four needs encoding.
pub fn with_path(intent: &Intent, bytes: usize) -> Intent {
    Intent { target: Target::Exact(b"/abc".repeat(bytes / 4).into()), ..intent.clone() }
}
