//! A request that somebody else signed, read as its verifier reads it: what its signer was given stands in it.

mod probe;
mod taken_out;
mod undecided;
mod undo;

pub(super) use probe::Probe;
pub use taken_out::PlacedField;
pub use undecided::Undecided;

use crate::bytes::Bytes;
use crate::case::{Message, SignTask, Time, VerifyTask};
use crate::primitive::time::{Instant, TimeFormat};
use crate::request::Request;
use crate::scheme::{
    Account, Arg, Binding, Check, Class, Credential, CredentialKind, Edit, EditKind, Implementation, Named, Operation,
    Outcome, Parameters, Path, Pipeline, Refused, Scratch, Step,
};
use crate::subject::MASK;
use crate::trial;
use indexmap::IndexSet;
use memchr::memmem;
use serde_json::json;
use undo::Told;

/// What is known of a signer beside its request.
#[derive(Debug, Clone, Default)]
pub struct KnownSigner {
    /// Credentials.
    pub account: Account,
    /// Parameters.
    pub parameters: Parameters,
    /// The time that was signed.
    pub time: Option<Time>,
    /// The nonce.
    pub nonce: Option<Bytes>,
    /// The clock of the server.
    pub now: Option<Time>,
}

/// A request that somebody else signed.
#[derive(Debug, Clone)]
pub struct Foreign {
    /// What its signer was given, as far as it is known or the request tells.
    pub task: SignTask,
    /// The fields that signing adds, as they stand in the request.
    pub fields: Vec<PlacedField>,
    /// What of the task the request told, each in a sentence.
    pub told: Vec<String>,
    /// Values of stages that the request tells, by name.
    pub stages: Vec<(String, Bytes)>,
    /// What the server gets. Its clock is that of the request unless it is known.
    pub message: VerifyTask,
    /// Instants that the request names; one of them is tried as the server's clock where that is not known.
    instants: Vec<Instant>,
    /// Instants for which the time in the request may stand as well, in other forms.
    pub(super) other_times: Vec<Instant>,
    known: KnownSigner,
}

/// What a verifier says of a message.
#[derive(Debug, Clone)]
pub enum VerifierSays {
    /// It accepts it.
    Accepted,
    /// It refuses it.
    Refused(Refused),
    /// It cannot judge it: why.
    Unanswered(String),
}

impl Foreign {
    /// Reads a request; `Err` says what of it cannot be read.
    pub fn read(verifier: &Implementation, request: Request, known: KnownSigner) -> Result<Foreign, String> {
        let (operation, given) = (verifier.operation(), known.clone());
        let message = Message { now: known.now.clone(), client_address: known.account.listed(), request };
        let mut server = VerifyTask {
            accounts: vec![known.account.clone()],
            parameters: known.parameters.clone(),
            messages: vec![message],
        };
        let request = &server.messages[0].request;
        let fields = taken_out::placed(&operation, request)?;
        let probe = Probe::new(verifier, &server);
        let mut told = Told::default();
        let times = times(&probe, &operation);
        let signed = times.iter().find(|time| time.binding == "time");
        told.time = signed.and_then(|time| time.instants.first().copied());
        tell(&probe, &fields, &mut told);
        let path = told.path.take();
        let mut request = taken_out::meant(request.clone(), &fields, path)?;
        for (name, value) in &told.stages {
            // The names of the header fields that were signed: others were sent beside them.
            if operation.derive.get(name).is_some_and(|stage| stage.source.is("headers")) {
                taken_out::leave_named(&mut request, &fields, value);
            }
        }
        let scheme = verifier.scheme();
        let mut sentences = Vec::new();
        let KnownSigner { mut account, mut parameters, time, nonce, .. } = known;
        // A secret in the request proves nothing unless another one was given.
        let has_secret = account.0.keys().any(|name| scheme.kind(name) == Some(CredentialKind::Secret));
        for (name, value) in told.account.0 {
            let is_public = scheme.kind(&name) == Some(CredentialKind::Public);
            if !account.0.contains_key(&name) && (has_secret || is_public) {
                if value != Credential::Value(Bytes::default()) {
                    sentences.push(format!("`{name}` was taken from the request."));
                }
                account.0.insert(name, value);
            }
        }
        for (name, value) in told.parameters {
            let is_default = scheme.parameters.get(&name).and_then(|own| own.default.as_deref());
            if !parameters.contains_key(&name) && is_default.is_none_or(|own| own.as_bytes() != value.as_slice()) {
                sentences.push(format!("`{name}` was taken from the request."));
                parameters.insert(name, value);
            }
        }
        let told_time = told.time.map(|instant| Time::try_from(instant.to_string())).transpose()?;
        if let (None, Some(time)) = (&time, &told_time) {
            sentences.push(format!("the time was taken from the request: {}.", String::from(time.clone())));
        }
        if let (None, Some(signed)) = (&time, signed.filter(|signed| !signed.is_own)) {
            let forms: Vec<&str> = operation.receive["time"].forms.iter().map(TimeFormat::text).collect();
            let (field, forms) = (&signed.field, forms.join(", "));
            let is_none = format!("`{field}` of the request is no time in a form that the scheme takes ({forms})");
            if signed.instants.is_empty() {
                return Err(format!("{is_none}; give the time that was signed with --time"));
            }
            sentences.push(is_none + ".");
        }
        let other_times = match (&time, signed) {
            (None, Some(signed)) => signed.instants.iter().skip(1).copied().collect(),
            _ => Vec::new(),
        };
        let time = time.or(told_time);
        let nonce = nonce.or(told.nonce);
        server.accounts = vec![account.clone()];
        server.parameters = parameters.clone();
        let server = server.without_private();
        let read = times.iter().filter(|time| time.is_own).flat_map(|time| time.instants.first().copied());
        let instants = time.iter().map(Time::instant).chain(read).collect();
        Ok(Foreign {
            task: SignTask { account, parameters, time, nonce, request },
            fields,
            told: sentences,
            stages: told.stages.into_iter().collect(),
            message: server,
            instants,
            other_times,
            known: given,
        })
    }

    /// What its signer was given, as somebody reads it who knows how that signer goes about it.
    pub(super) fn read_by(&self, signer: &Implementation) -> Option<SignTask> {
        let request = self.message.messages[0].request.clone();
        let task = Foreign::read(signer, request, self.known.clone()).ok()?.task;
        (task != self.task).then_some(task)
    }

    /// The name of a field that signing adds and that is masked in the request, in no word that the account has.
    pub fn withheld(&self) -> Option<&str> {
        let is_masked = |value: &Bytes| memmem::find(value, MASK.as_bytes()).is_some();
        let own = |value: &Credential| matches!(value, Credential::Value(value) if is_masked(value));
        let field = self.fields.iter().find(|field| is_masked(&field.value))?;
        (!self.task.account.0.values().any(own)).then_some(&field.name)
    }

    /// Puts the message to its verifier. Where the server's clock is not known, it is one of those in the request at
    /// which the message is accepted; where the sender's address is not, no check of it is made.
    pub fn judged(&mut self, verifier: &Implementation) -> VerifierSays {
        let before = |instant: &Instant| [*instant, Instant(instant.0 - 1)];
        let clocks: Vec<Option<Time>> = match &self.message.messages[0].now {
            Some(now) => vec![Some(now.clone())],
            None if self.instants.is_empty() => vec![Time::try_from(Instant(0).to_string()).ok()],
            None => self.instants.iter().flat_map(before).map(|at| Time::try_from(at.to_string()).ok()).collect(),
        };
        let mut judged = VerifierSays::Unanswered("it has no check".into());
        if verifier.operation().verify.is_empty() {
            return judged;
        }
        let is_late =
            |judged: &VerifierSays| matches!(judged, VerifierSays::Refused(refused) if refused.class == Class::Expired);
        let mut clock = None;
        for now in clocks.into_iter().rev() {
            self.message.messages[0].now.clone_from(&now);
            let says = self.judged_now(verifier);
            // What is refused for its time alone says least.
            if clock.is_none() || matches!(says, VerifierSays::Accepted) || is_late(&judged) && !is_late(&says) {
                (judged, clock) = (says, Some(now));
            }
            if matches!(judged, VerifierSays::Accepted) {
                break;
            }
        }
        self.message.messages[0].now = clock.flatten();
        judged
    }

    fn judged_now(&self, verifier: &Implementation) -> VerifierSays {
        let task = &self.message;
        let mut last = VerifierSays::Unanswered("there is no message".into());
        let each = |outcome, _| {
            last = match outcome {
                Outcome::Accept => VerifierSays::Accepted,
                Outcome::Reject(refused) => VerifierSays::Refused(refused),
            };
        };
        if let Err(why) = trial::verify_each(&verifier.program, task, &mut Scratch::default(), each) {
            return VerifierSays::Unanswered(why);
        }
        let unknown = task.messages[0].client_address.is_none();
        match &last {
            VerifierSays::Refused(Refused { class: Class::AddressNotAllowed, check: Some(check), .. }) if unknown => {
                let at = Path::of(verifier.name()).key("verify").then(Named::Index(*check));
                match verifier.edited(&[&Edit { at, change: EditKind::Delete }]) {
                    Ok(without) => self.judged_now(&without),
                    Err(_) => last,
                }
            }
            _ => last,
        }
    }
}

/// A time in a message: the name of its binding, its field, its text, and the instants that the text may stand for, those
/// in the forms of the scheme first.
struct ReadTime {
    binding: String,
    field: String,
    instants: Vec<Instant>,
    /// Tells whether it is in a form of the scheme.
    is_own: bool,
}

/// The times that a message carries.
fn times(probe: &Probe<'_>, operation: &Operation) -> Vec<ReadTime> {
    let bindings: Vec<(&String, &Binding)> =
        operation.receive.iter().filter(|(_, binding)| !binding.forms.is_empty()).collect();
    let all: Vec<&Pipeline> = bindings.iter().flat_map(|(_, binding)| &binding.first_of).collect();
    let mut values = probe.values(all.iter().copied()).into_iter();
    let mut times = Vec::new();
    for (name, binding) in bindings {
        let own: Vec<_> = binding.first_of.iter().zip(values.by_ref()).collect();
        let Some((pipeline, text)) = own.into_iter().find_map(|(pipeline, value)| Some((pipeline, value?))) else {
            continue;
        };
        let field = pipeline.source.field().map_or("what it has as its time", |(_, name)| name).to_owned();
        let own: Vec<Instant> = binding.forms.iter().find_map(|form| form.read(&text)).into_iter().collect();
        let others = TimeFormat::named().filter_map(|form| form.read(&text)).filter(|at| PLAUSIBLE.contains(&at.0));
        let instants: IndexSet<Instant> = own.iter().copied().chain(others).collect();
        let (binding, is_own) = (name.clone(), !own.is_empty());
        times.push(ReadTime { binding, field, instants: instants.into_iter().collect(), is_own });
    }
    times
}

/// Instants at which somebody may have signed a request, in nanoseconds since 1970: from 2000 to 2100.
const PLAUSIBLE: std::ops::Range<i128> = 946_684_800_000_000_000..4_102_444_800_000_000_000;

/// Tells from bindings, checks and the fields that signing adds what the signer was given.
fn tell(probe: &Probe<'_>, fields: &[PlacedField], told: &mut Told) {
    let operation = probe.operation();
    if let Some(nonce) = operation.receive.get("nonce") {
        told.nonce = probe.values(&nonce.first_of).into_iter().flatten().next().map(Bytes);
    }
    let of_account = |check: &Check| match check.test.first() {
        Arg::Fields(fields) if check.test.is("account") => fields.clone(),
        _ => Default::default(),
    };
    let checks = &probe.checks;
    let accounts: Vec<(String, Pipeline)> = checks.iter().flat_map(of_account).collect();
    let values = probe.values(accounts.iter().map(|(_, pipeline)| pipeline));
    for ((name, _), value) in accounts.iter().zip(values) {
        if let Some(value) = value {
            told.account.0.entry(name.clone()).or_insert(Credential::Value(value.into()));
        }
    }
    // Pairs of a pipeline that has been derived, and one that has its value.
    let mut pairs: Vec<(Pipeline, Pipeline)> = Vec::new();
    for (name, binding) in &operation.receive {
        let stage = name.strip_prefix("stage.").and_then(|stage| operation.derive.get(stage));
        let (Some(stage), Some(received)) = (stage, binding.first_of.first()) else { continue };
        match stage.source.first() {
            Arg::Fields(fields) if stage.source.is("pairs") => {
                for (name, pipeline) in fields {
                    let mut field = received.clone();
                    field.steps.extend(Step::try_from(json!({ "first": name })));
                    pairs.push((pipeline.clone(), field));
                }
            }
            _ => pairs.push((stage.clone(), received.clone())),
        }
    }
    for check in checks.iter().filter(|check| check.test.is("equal")) {
        let sides: Vec<&Pipeline> = check.test.args.iter().filter_map(Arg::pipeline).collect();
        if let [one, other] = sides.as_slice() {
            pairs.push(((*other).clone(), (*one).clone()));
            pairs.push(((*one).clone(), (*other).clone()));
        }
    }
    pairs.retain(|(pipeline, _)| pipeline.sources().into_iter().any(undo::tells));
    let values = probe.values(pairs.iter().map(|(_, value)| value));
    for ((pipeline, _), value) in pairs.iter().zip(values) {
        value.into_iter().for_each(|value| told.undo(probe, pipeline, &value));
    }
    for (into, name, pipeline) in operation.placed() {
        let field = fields.iter().find(|field| field.into == into && field.name == name);
        field.into_iter().for_each(|field| told.undo(probe, pipeline, &field.value));
    }
}
