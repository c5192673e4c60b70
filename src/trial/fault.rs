//! The single-fault proof: nothing is rejected for the wrong reason.
//!
//! For every vector that ends in a refusal, the recipe of its fault is replayed on its base and must
//! give exactly what is frozen in the vector; without the fault the reference accepts; and with the
//! fault but without the check that refuses it accepts too, unless the vector says that another
//! check masks it.

use crate::case::{Change, SignTask, Task, VerifyTask};
use crate::corpus::{Entry, Fault, ProvenanceKind, Topic, Vector, When};
use crate::request::{Intent, Request, Target};
use crate::scheme::{Account, Credential, Edit, EditKind, Implementation, Named, Outcome, Path, Program, Scratch};
use crate::trial;

/// Findings about the faults of one scheme, each with the name of its vector.
pub fn prove_single_faults(entry: &Entry) -> Vec<String> {
    let prove = |(topic, vector): (&Topic, &Vector)| {
        let finding = single_fault(entry, topic, vector).err()?;
        Some(format!("{}: {finding}", entry.full_name(topic, vector)))
    };
    entry.vectors().filter_map(prove).collect()
}

/// Proves one vector, which need not be in its topic's file; `Err` says what is wrong.
pub fn single_fault(entry: &Entry, topic: &Topic, vector: &Vector) -> Result<(), String> {
    match &vector.fault {
        Some(fault) => Proof { entry, topic, vector, fault }.run(),
        None => Ok(()),
    }
}

/// The message that a recipe gives, made anew.
pub(crate) fn replay(entry: &Entry, topic: &Topic, vector: &Vector) -> Result<Request, String> {
    let fault = vector.fault.as_ref().ok_or("the vector has no fault")?;
    let proof = Proof { entry, topic, vector, fault };
    let mut made = proof.faulty(&proof.base()?)?;
    made.task.messages.pop().map(|message| message.request).ok_or_else(|| "the recipe gives no message".into())
}

struct Proof<'a> {
    entry: &'a Entry,
    topic: &'a Topic,
    vector: &'a Vector,
    fault: &'a Fault,
}

/// A message and what the server knows, under a variant.
struct Setting {
    variant: Option<String>,
    task: VerifyTask,
}

impl Proof<'_> {
    fn run(&self) -> Result<(), String> {
        let given = self.given()?;
        match &self.fault.change {
            Change::AsPrinted(_) => {
                let printed = [ProvenanceKind::Documented, ProvenanceKind::VendorPage, ProvenanceKind::Observed];
                let is_printed = printed.contains(&self.vector.source.kind);
                return is_printed
                    .then_some(())
                    .ok_or_else(|| "`as-printed` is for what a document prints or a client does".into());
            }
            Change::State(_) => {
                let last = given.task.messages.last().cloned().into_iter().collect();
                let alone = Setting {
                    variant: given.variant.clone(),
                    task: VerifyTask { messages: last, ..given.task.clone() },
                };
                self.accepts(&alone).map_err(|why| format!("the last message alone is not accepted: {why}"))?;
            }
            _ => {
                let sound = self.base()?;
                let faulty = self.faulty(&sound)?;
                self.agree(&faulty, &given)?;
                let sound = Setting { variant: sound.variant, task: self.in_circumstances(sound.task, &given.task) };
                self.accepts(&sound).map_err(|why| format!("without the fault it is not accepted: {why}"))?;
            }
        }
        self.without_the_check(&given)
    }

    fn given(&self) -> Result<Setting, String> {
        match self.entry.case(self.topic, self.vector, None).task {
            Task::Verify(task) => Ok(Setting { variant: self.vector.given.variant.clone(), task }),
            Task::Sign(_) => Err("a fault is for vectors that verify".into()),
        }
    }

    fn implementation(&self, variant: Option<&str>, leave_out: Option<usize>) -> Result<Implementation, String> {
        let name = &self.vector.given.operation;
        let base = Implementation::of(&self.entry.scheme, name, variant, None)?;
        match leave_out {
            Some(check) => {
                let at = Path::of(name).key("verify").then(Named::Index(check));
                base.edited(&[&Edit { at, change: EditKind::Delete }]).map_err(|why| why.to_string())
            }
            None => Ok(base),
        }
    }

    /// The message of the base, before the fault.
    fn base(&self) -> Result<Setting, String> {
        let (topic, vector) = self.base_vector()?;
        let variant = vector.given.variant.clone();
        match self.entry.case(topic, vector, None).task {
            Task::Verify(task) if task.messages.len() == 1 => Ok(Setting { variant, task }),
            Task::Verify(_) => Err("a base that verifies has one message".into()),
            Task::Sign(task) => self.signed(*task, variant),
        }
    }

    fn base_vector(&self) -> Result<(&Topic, &Vector), String> {
        let name = self.fault.base.as_ref().ok_or("this change needs a `base`")?;
        let found = self.entry.find(name).ok_or_else(|| format!("there is no vector `{name}`"))?;
        if found.1.given.operation != self.vector.given.operation {
            return Err(format!("the base `{name}` is of another operation"));
        }
        Ok(found)
    }

    /// Returns what a server gets when a task is signed and sent.
    fn signed(&self, task: SignTask, variant: Option<String>) -> Result<Setting, String> {
        let signer = self.implementation(variant.as_deref(), None)?;
        // Whoever has no secret signs with an empty one.
        let signed = trial::sign(&signer.program.careless(), &task, &mut Scratch::default())?;
        let request = signed.signed_request.ok_or("the base is not signed")?;
        Ok(Setting { variant, task: task.sent(request, None) })
    }

    fn faulty(&self, sound: &Setting) -> Result<Setting, String> {
        if self.fault.when == When::BeforeSigning {
            return self.faulty_before_signing(sound);
        }
        let mut setting = Setting { variant: sound.variant.clone(), task: sound.task.clone() };
        let message = setting.task.messages.first_mut().ok_or("the base has no message")?;
        match &self.fault.change {
            Change::SetNow(time) => message.now = Some(time.clone()),
            Change::SetClientAddress(address) => message.client_address = Some(*address),
            Change::SetParameter(name, value) => {
                setting.task.parameters.insert(name.clone(), value.clone());
            }
            Change::SetAccount(account, name, value) => {
                let account = &mut setting.task.accounts[self.place_in_base(account)?];
                account.0.insert(name.clone(), Credential::Value(value.clone()));
            }
            Change::ForgetAccount(name) => {
                let forgotten = self.account(name)?;
                setting.task.accounts.retain(|account| account != forgotten);
            }
            Change::SetVariant(variant) => setting.variant = Some(variant.clone()),
            change => change.apply(&mut message.request)?,
        }
        Ok(setting)
    }

    /// Accounts are named by the file of the base, or else by the file of the vector.
    fn account(&self, name: &str) -> Result<&Account, String> {
        let files = [&self.base_vector()?.0.file, &self.topic.file];
        let found = files.iter().find_map(|file| file.accounts.get(name));
        found.ok_or_else(|| format!("there is no account `{name}`"))
    }

    /// Place of an account among those that the server of the base knows.
    fn place_in_base(&self, name: &str) -> Result<usize, String> {
        let given = &self.base_vector()?.1.given;
        given
            .task
            .accounts()
            .iter()
            .position(|known| known == name)
            .ok_or_else(|| "the base has no account of this name".into())
    }

    fn faulty_before_signing(&self, sound: &Setting) -> Result<Setting, String> {
        let (topic, vector) = self.base_vector()?;
        let Task::Sign(mut task) = self.entry.case(topic, vector, None).task else {
            return Err("a fault before signing needs a base that signs".into());
        };
        match &self.fault.change {
            Change::SetTime(time) => task.time = Some(time.clone()),
            Change::SetParameter(name, value) => {
                task.parameters.insert(name.clone(), value.clone());
            }
            Change::SetCredential(name, value) | Change::SetAccount(_, name, value) => {
                let value = Credential::Value(value.clone());
                task.account.0.insert(name.clone(), value);
            }
            change => {
                let mut wire = task.request.to_wire();
                change.apply(&mut wire)?;
                let Request { method, target, headers, body, .. } = wire;
                task.request = Intent { method, target: Target::Exact(target), headers, body, ..task.request };
            }
        }
        let mut setting = self.signed(*task, sound.variant.clone())?;
        // What the server knows stays as it was, but for the account that both sides share.
        setting.task.parameters = sound.task.parameters.clone();
        setting.task.messages[0].now = sound.task.messages[0].now.clone();
        if !matches!(self.fault.change, Change::SetAccount(..)) {
            setting.task.accounts = sound.task.accounts.clone();
        }
        Ok(setting)
    }

    /// Checks that the recipe gives what is frozen in the vector.
    fn agree(&self, faulty: &Setting, given: &Setting) -> Result<(), String> {
        if given.task.messages.len() != 1 {
            return Err("a fault on a base gives one message".into());
        }
        if faulty.variant != given.variant {
            return Err(format!("the recipe gives variant {:?}, the vector {:?}", faulty.variant, given.variant));
        }
        let (ours, theirs) = (&faulty.task.messages[0], &given.task.messages[0]);
        if ours.request != theirs.request {
            let which = which(&ours.request, &theirs.request);
            return Err(format!("the recipe gives another message than the vector: {which} differs"));
        }
        if ours.now.is_some() && theirs.now.is_some() && ours.now != theirs.now {
            return Err("the recipe gives another `now` than the vector".into());
        }
        if matches!(self.fault.change, Change::SetClientAddress(_)) && ours.client_address != theirs.client_address {
            return Err("the recipe gives another client address than the vector".into());
        }
        let known = |account: &Account| given.task.accounts.contains(account);
        let forgotten = matches!(self.fault.change, Change::ForgetAccount(_));
        if !faulty.task.accounts.iter().all(known)
            || (forgotten && faulty.task.accounts.len() != given.task.accounts.len())
        {
            return Err("the recipe gives other accounts than the vector".into());
        }
        let parameters =
            given.task.parameters.iter().all(|(name, value)| faulty.task.parameters.get(name) == Some(value));
        let changed = match &self.fault.change {
            Change::SetParameter(name, _) if self.fault.when.is_after() => given.task.parameters.contains_key(name),
            _ => true,
        };
        if !parameters || !changed {
            return Err("the recipe gives other parameters than the vector".into());
        }
        Ok(())
    }

    /// The base in the circumstances of the vector that its fault leaves alone.
    fn in_circumstances(&self, mut sound: VerifyTask, given: &VerifyTask) -> VerifyTask {
        let message = &mut sound.messages[0];
        let address_is_fault = matches!(self.fault.change, Change::SetClientAddress(_));
        if message.client_address.is_none() && !address_is_fault {
            message.client_address = given.messages[0].client_address;
        }
        if message.now.is_none() {
            message.now = given.messages[0].now.clone();
        }
        sound
    }

    fn accepts(&self, setting: &Setting) -> Result<(), String> {
        let verifier = self.implementation(setting.variant.as_deref(), None)?;
        match self.last_outcome(&verifier.program, &setting.task)? {
            Outcome::Accept => Ok(()),
            Outcome::Reject(refused) => Err(format!("{}: {}", refused.class, refused.detail)),
        }
    }

    fn last_outcome(&self, verifier: &Program, task: &VerifyTask) -> Result<Outcome, String> {
        let mut last = None;
        trial::verify_each(verifier, task, &mut Scratch::default(), |outcome, _| last = Some(outcome))?;
        last.ok_or_else(|| "there is no message".into())
    }

    fn without_the_check(&self, given: &Setting) -> Result<(), String> {
        let verifier = self.implementation(given.variant.as_deref(), None)?;
        let Outcome::Reject(refused) = self.last_outcome(&verifier.program, &given.task)? else {
            return Err("it is accepted".into());
        };
        // Where receiving fails, or no account is found, there is nothing left to go on with; and a
        // message that cannot be read fails in whatever check reads it first.
        let Some(check) = refused.check else { return Ok(()) };
        let checks = &verifier.operation().verify;
        let is_account = checks[check].test.is("account");
        if is_account || refused.class != checks[check].reject {
            return Ok(());
        }
        let without = self.implementation(given.variant.as_deref(), Some(check))?;
        // An empty secret is refused by itself; that the check refuses it is shown where it would be taken for one.
        match (self.last_outcome(&without.program.careless(), &given.task), &self.fault.masked) {
            (Ok(Outcome::Accept), None) => Ok(()),
            (Ok(Outcome::Accept), Some(_)) => Err("`masked`, and without the check that refuses it is accepted".into()),
            (_, Some(_)) => Ok(()),
            (Ok(Outcome::Reject(second)), None) => Err(format!(
                "not single-fault: without the check that refuses with {} it is refused with {} ({})",
                refused.class, second.class, second.detail
            )),
            (Err(error), None) => Err(error),
        }
    }
}

/// Names the part of two messages that differs first. What it is is not said: it may be a secret.
fn which(ours: &Request, theirs: &Request) -> String {
    let header = || ours.headers.iter().zip(&theirs.headers).position(|(a, b)| a != b);
    match () {
        () if ours.method != theirs.method => "the method".into(),
        () if ours.target != theirs.target => "the target".into(),
        () if ours.headers != theirs.headers => match header() {
            Some(i) => format!("the header field `{}`", theirs.headers[i].0),
            None => "the number of header fields".into(),
        },
        () if ours.body != theirs.body => "the body".into(),
        () => "the URI scheme".into(),
    }
}
