//! A signed message given back with its account alone: of the reference it is right; with one signed byte changed it is
//! not; of a mutant, the mutant is named.

use crate::setting::{entries, systems};
use countersign::case::{Case, Reply, SignTask, Task};
use countersign::corpus::{Entry, Topic, Vector};
use countersign::diagnosis::{Candidate, Conclusion, Diagnoser, Foreign, KnownSigner, Watch};
use countersign::mutation::{Mutant, catalogue};
use countersign::request::Request;
use countersign::scheme::{Account, Class, Implementation, Parameters, Scratch, SignInput};
use countersign::trial::Reference;

/// Parameters that verifying needs and no message carries, by scheme: a server has them configured, or remembers them.
const NOT_SENT: [(&str, &str); 7] = [
    ("flexiown-payments", "trust_value"),
    ("flexiown-payments", "trust_seed"),
    ("akamai-edge-token", "salt"),
    ("akamai-edgegrid", "headers_to_sign"),
    ("amazon-s3-rest", "bucket"),
    ("rfc9421", "required"),
    ("square-webhook", "notification_url"),
];

/// The diagnosis of one operation, as `countersign diagnose` makes it.
pub(super) struct Desk<'e> {
    entry: &'e Entry,
    diagnoser: Diagnoser<'e>,
    reference: Reference<'e>,
}

/// A vector that signs, and the message that it signs.
pub(super) struct Signed {
    pub(super) name: String,
    case: Case,
    task: SignTask,
    pub(super) request: Request,
}

impl Signed {
    /// The account that signed it.
    pub(super) fn account(&self) -> &Account {
        &self.task.account
    }
}

impl<'e> Desk<'e> {
    /// One for each operation of a scheme.
    pub(super) fn of(entry: &'e Entry) -> impl Iterator<Item = Desk<'e>> {
        entry.scheme.operations.keys().map(move |operation| Desk {
            entry,
            diagnoser: Diagnoser::new(entry, operation).unwrap(),
            reference: Reference::new(entry.schemes()),
        })
    }

    /// The vectors that sign a message which the scheme's own verifier accepts.
    pub(super) fn signed(&mut self) -> Vec<Signed> {
        let operation = self.diagnoser.operation().to_owned();
        let signed = |(topic, vector): (&'e Topic, &'e Vector)| {
            let case = self.entry.case(topic, vector, None);
            let (Task::Sign(task), None) = (&case.task, &vector.refused) else { return None };
            let Reply::Signed(signed) = self.reference.answer(&case) else { return None };
            let (name, task, request) = (self.entry.full_name(topic, vector), (**task).clone(), signed.signed_request?);
            Some(Signed { name, case, task, request })
        };
        self.entry.vectors().filter(|(_, vector)| vector.given.operation == operation).filter_map(signed).collect()
    }

    /// Answer to a message that is given back with its account and these parameters; which mistake was made is not
    /// looked at.
    fn diagnosed(&self, signed: &Signed, request: Request, parameters: &Parameters) -> Result<Conclusion, String> {
        self.diagnosed_within(signed, request, parameters, &|_, _| false)
    }

    /// The same, with mistakes looked at as long as the watch says so.
    fn diagnosed_within(
        &self,
        signed: &Signed,
        request: Request,
        parameters: &Parameters,
        watch: Watch<'_>,
    ) -> Result<Conclusion, String> {
        let variant = signed.case.variant.as_deref();
        let verifier = Implementation::of(&self.entry.scheme, &signed.case.operation, variant, None)?;
        let (account, parameters) = (signed.task.account.clone(), parameters.clone());
        let mut foreign =
            Foreign::read(&verifier, request, KnownSigner { account, parameters, ..KnownSigner::default() })?;
        let judged = foreign.judged(&verifier);
        Ok(self.diagnoser.diagnose_foreign(variant, foreign, judged, watch).verdict)
    }

    /// Parameters of a task that no message of the scheme carries.
    fn not_sent(&self, task: &SignTask) -> Parameters {
        let is = |name: &str| NOT_SENT.contains(&(self.entry.name.as_str(), name));
        task.parameters.iter().filter(|(name, _)| is(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}

#[test]
fn what_is_signed_is_right() {
    let (mut count, mut wrong, mut needed) = (0, Vec::new(), Vec::new());
    for mut desk in entries().flat_map(Desk::of) {
        for signed in desk.signed() {
            count += 1;
            let parameters = desk.not_sent(&signed.task);
            let answer = desk.diagnosed(&signed, signed.request.clone(), &parameters);
            if !matches!(answer, Ok(Conclusion::Right)) {
                wrong.push(format!("{}: {answer:?}", signed.name));
            }
            for name in parameters.keys() {
                let alone = desk.diagnosed(&signed, signed.request.clone(), &Parameters::new());
                if !matches!(alone, Ok(Conclusion::Right)) {
                    needed.push((desk.entry.name.as_str(), name.clone()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 500, "{count}");
    for (scheme, name) in NOT_SENT {
        assert!(needed.iter().any(|(other, needed)| (*other, needed.as_str()) == (scheme, name)), "{scheme} {name}");
    }
}

#[test]
fn with_one_signed_byte_changed_it_is_not() {
    let (mut count, mut wrong) = (0, Vec::new());
    for mut desk in entries().flat_map(Desk::of) {
        for signed in desk.signed().into_iter().take(2) {
            // Some parameters are not signed; that they are others is told from those of the server.
            let parameters = signed.task.parameters.clone();
            for (what, request) in changes(&signed.request) {
                let sent = signed.task.sent(request.clone(), None);
                let case = Case { task: Task::Verify(sent), ..signed.case.clone() };
                let refused = match desk.reference.answer(&case) {
                    Reply::Verified(judged) if !judged[0].accept => judged[0].class,
                    _ => continue,
                };
                // Of the sender's address and the server's clock the message says nothing.
                if matches!(refused, Some(Class::AddressNotAllowed | Class::Expired)) {
                    continue;
                }
                count += 1;
                let mismatch = refused == Some(Class::SignatureMismatch);
                let answer = desk.diagnosed(&signed, request, &parameters);
                // What is refused for its signature has not a right one either.
                if matches!(answer, Ok(Conclusion::Right)) || mismatch && matches!(answer, Ok(Conclusion::Refused(_))) {
                    wrong.push(format!("{} with {what}, refused as {refused:?}", signed.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are right:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 300, "{count}");
}

/// The request with one byte changed in each of its parts.
fn changes(request: &Request) -> Vec<(String, Request)> {
    let mut changed = Vec::new();
    let mut push = |what: String, change: &dyn Fn(&mut Request) -> bool| {
        let mut other = request.clone();
        if change(&mut other) {
            changed.push((what, other));
        }
    };
    push("another method".into(), &|other| last(&mut other.method.0));
    push("another target".into(), &|other| last(&mut other.target.0));
    push("another body".into(), &|other| last(&mut other.body.0));
    for i in 0..request.headers.len() {
        let name = request.headers[i].0.clone();
        push(format!("another {name}"), &|other| last(&mut other.headers[i].1.0));
    }
    changed
}

/// Changes the last letter or digit; returns whether there is one.
fn last(bytes: &mut [u8]) -> bool {
    let at = bytes.iter().rposition(u8::is_ascii_alphanumeric);
    at.map(|at| &mut bytes[at]).map(|byte| *byte = if *byte == b'1' { b'2' } else { b'1' }).is_some()
}

/// Mutants of the systems whose request does not tell enough of what they were given: the time is written without its
/// fraction, or not at all, or as the nonce under another name, or a field of the caller has been overwritten.
const OPEN: [&str; 8] = [
    "other-time-form@",
    "not-sent@",
    "misnamed@request.place.header.X-Flipbase-Date=",
    "misnamed@request.prepare.header.x-request-id=",
    "misnamed@refresh-access-token.prepare.header.x-request-id=",
    "misnamed@renew-refresh-token.prepare.header.x-request-id=",
    "zero-fraction-left-out@",
    "signs-what-is-excluded@",
];

#[test]
fn what_a_mutant_signs_is_named() {
    let (mut count, mut wrong) = (0, Vec::new());
    for mut desk in systems().flat_map(Desk::of) {
        let signed = desk.signed();
        let own = |mutant: &Mutant| mutant.operation == desk.diagnoser.operation();
        let mutants = catalogue(&desk.entry.scheme).mutants.into_iter().filter(own);
        for mutant in mutants.step_by(5) {
            let other = signed.iter().find_map(|signed| {
                let request = signed_by(desk.entry, &mutant, signed).filter(|request| *request != signed.request)?;
                Some((signed, request))
            });
            let Some((signed, request)) = other else { continue };
            count += 1;
            let is_it = |candidate: &Candidate| {
                candidate.class.iter().any(|explanation| explanation.0.iter().any(|part| part.id() == mutant.id))
            };
            match desk.diagnosed_within(signed, request, &desk.not_sent(&signed.task), &|_, of| of < 2_000) {
                // What is wrong and not signed is accepted.
                Ok(Conclusion::Right) => {}
                Ok(Conclusion::Explained(explained)) if explained.candidates.iter().any(is_it) => {}
                _ if OPEN.iter().any(|open| mutant.id.starts_with(open)) => {}
                other => wrong.push(format!("{} of {}: {other:?}", mutant.id, signed.name)),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are not named:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 60, "{count}");
}

/// The request that a mutant signs of what a vector gives.
fn signed_by(entry: &Entry, mutant: &Mutant, signed: &Signed) -> Option<Request> {
    let Signed { case, task, .. } = signed;
    let base = Implementation::of(&entry.scheme, &case.operation, case.variant.as_deref(), None).ok()?;
    let program = mutant.of(&base).ok()?.program;
    let (account, parameters) = (program.account(&task.account).ok()?, program.parameters(&task.parameters).ok()?);
    let input = SignInput {
        account: &account,
        parameters: &parameters,
        time: task.time.as_ref().map(|time| time.instant()),
        nonce: task.nonce.as_ref().map(|nonce| nonce.as_slice()),
        known: None,
    };
    program.sign(input, &task.request, &mut Scratch::default(), &mut |_, _| {}).ok()
}
