//! The single-fault proof: nothing is rejected for the wrong reason.
//!
//! For every vector that ends in a refusal, the recipe of its fault is replayed on its base and must
//! give exactly what is frozen in the vector; without the fault the reference accepts; and with the
//! fault but without the check that refuses it accepts too, unless the vector says that another
//! check masks it.

use crate::bytes::Bytes;
use crate::corpus::{Change, Entry, Fault, ProvenanceKind, Step, Topic, Vector, When, WireRequest};
use crate::request::Request;
use crate::scheme::{Account, Change as SchemeChange, Credential, Edit, Implementation, Named, Outcome, Path, Scratch};
use crate::subject::{self, Case, SignTask, Task, VerifyTask};

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
pub(super) fn replay(entry: &Entry, topic: &Topic, vector: &Vector) -> Result<WireRequest, String> {
    let fault = vector.fault.as_ref().ok_or("the vector has no fault")?;
    let proof = Proof { entry, topic, vector, fault };
    let mut made = proof.faulty(&proof.base()?)?;
    made.task.steps.pop().map(|step| step.request).ok_or_else(|| "the recipe gives no message".into())
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
                let last = given.task.steps.last().cloned().into_iter().collect();
                let alone =
                    Setting { variant: given.variant.clone(), task: VerifyTask { steps: last, ..given.task.clone() } };
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
        match Case::of(&self.entry.name, self.topic, self.vector, None).task {
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
                base.edited(&[&Edit { at, change: SchemeChange::Delete }]).map_err(|why| why.to_string())
            }
            None => Ok(base),
        }
    }

    /// The message of the base, before the fault.
    fn base(&self) -> Result<Setting, String> {
        let (topic, vector) = self.base_vector()?;
        let variant = vector.given.variant.clone();
        match Case::of(&self.entry.name, topic, vector, None).task {
            Task::Verify(task) if task.steps.len() == 1 => Ok(Setting { variant, task }),
            Task::Verify(_) => Err("a base that verifies has one step".into()),
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

    /// What a server gets when a task is signed and sent.
    fn signed(&self, task: SignTask, variant: Option<String>) -> Result<Setting, String> {
        let signer = self.implementation(variant.as_deref(), None)?;
        let signed = subject::sign(&signer.program, &task, &mut Scratch::default())?;
        let request = signed.signed_request.ok_or("the base is not signed")?;
        let accounts = vec![task.account.clone()];
        let steps = vec![Step { now: task.time.clone(), client_address: None, request }];
        Ok(Setting { variant, task: VerifyTask { accounts, parameters: task.parameters, steps } })
    }

    fn faulty(&self, sound: &Setting) -> Result<Setting, String> {
        if self.fault.when == When::BeforeSigning {
            return self.faulty_before_signing(sound);
        }
        let mut setting = Setting { variant: sound.variant.clone(), task: sound.task.clone() };
        let step = setting.task.steps.first_mut().ok_or("the base has no step")?;
        match &self.fault.change {
            Change::SetNow(time) => step.now = Some(time.clone()),
            Change::SetClientAddress(address) => step.client_address = Some(*address),
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
            change => {
                let mut request = step.request.request();
                apply_change(change, &mut request)?;
                step.request = WireRequest::from(&request);
            }
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
        let signer = given.sign.iter().map(|sign| &sign.account);
        let mut known = signer.chain(given.verify.iter().flat_map(|verify| &verify.accounts));
        known.position(|known| known == name).ok_or_else(|| "the base has no account of this name".into())
    }

    fn faulty_before_signing(&self, sound: &Setting) -> Result<Setting, String> {
        let (topic, vector) = self.base_vector()?;
        let Task::Sign(mut task) = Case::of(&self.entry.name, topic, vector, None).task else {
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
                let mut wire = task.request.intent().to_wire();
                apply_change(change, &mut wire)?;
                task.request.method = wire.method.into();
                task.request.target = Some(wire.target.into());
                (task.request.path, task.request.query) = (None, Vec::new());
                task.request.headers =
                    WireRequest::from(&Request { headers: wire.headers, ..Request::default() }).headers;
                task.request.body = wire.body.into();
            }
        }
        let mut setting = self.signed(*task, sound.variant.clone())?;
        // What the server knows stays as it was, but for the account that both sides share.
        setting.task.parameters = sound.task.parameters.clone();
        setting.task.steps[0].now = sound.task.steps[0].now.clone();
        if !matches!(self.fault.change, Change::SetAccount(..)) {
            setting.task.accounts = sound.task.accounts.clone();
        }
        Ok(setting)
    }

    /// Whether the recipe gives what is frozen in the vector.
    fn agree(&self, faulty: &Setting, given: &Setting) -> Result<(), String> {
        if given.task.steps.len() != 1 {
            return Err("a fault on a base gives one message".into());
        }
        if faulty.variant != given.variant {
            return Err(format!("the recipe gives variant {:?}, the vector {:?}", faulty.variant, given.variant));
        }
        let (ours, theirs) = (&faulty.task.steps[0], &given.task.steps[0]);
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
        let step = &mut sound.steps[0];
        let address_is_fault = matches!(self.fault.change, Change::SetClientAddress(_));
        if step.client_address.is_none() && !address_is_fault {
            step.client_address = given.steps[0].client_address;
        }
        if step.now.is_none() {
            step.now = given.steps[0].now.clone();
        }
        sound
    }

    fn accepts(&self, setting: &Setting) -> Result<(), String> {
        let verifier = self.implementation(setting.variant.as_deref(), None)?;
        match self.last_outcome(&verifier, &setting.task)? {
            Outcome::Accept => Ok(()),
            Outcome::Reject(refused) => Err(format!("{}: {}", refused.class, refused.detail)),
        }
    }

    fn last_outcome(&self, verifier: &Implementation, task: &VerifyTask) -> Result<Outcome, String> {
        let mut last = None;
        subject::verify_each(&verifier.program, task, &mut Scratch::default(), |outcome, _| last = Some(outcome))?;
        last.ok_or_else(|| "there is no step".into())
    }

    fn without_the_check(&self, given: &Setting) -> Result<(), String> {
        let verifier = self.implementation(given.variant.as_deref(), None)?;
        let Outcome::Reject(refused) = self.last_outcome(&verifier, &given.task)? else {
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
        match (self.last_outcome(&without, &given.task), &self.fault.masked) {
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

/// Which part of two messages differs first. What it is is not said: it may be a secret.
fn which(ours: &WireRequest, theirs: &WireRequest) -> String {
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

/// Changes a request on the wire.
pub fn apply_change(change: &Change, request: &mut Request) -> Result<(), String> {
    match change {
        Change::SetMethod(method) => request.method = method.0.clone(),
        Change::SetTarget(target) => request.target = target.0.clone(),
        Change::SetHeader(name, value) => request.set_header(&name.0, value.0.clone()),
        Change::AddHeader(name, value) => request.headers.push((name.0.clone(), value.0.clone())),
        Change::RemoveHeader(name) => request.remove_header(&name.0),
        Change::RenameHeader(name, new) => {
            let header = request.headers.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(&name.0));
            header.ok_or("there is no such header field to rename")?.0 = new.0.clone();
        }
        Change::SetQuery(..) | Change::AddQuery(..) | Change::RemoveQuery(..) => {
            let query = pieces(request.raw_query(), change);
            let mut target = request.raw_path().to_vec();
            if !query.is_empty() {
                target.push(b'?');
                target.extend(query);
            }
            request.target = target;
        }
        Change::SetForm(..) | Change::AddForm(..) | Change::RemoveForm(..) => {
            request.body = pieces(&request.body, change)
        }
        Change::SetJson(..) | Change::RemoveJson(..) => request.body = json(&request.body, change)?,
        Change::SetBody(body) => request.body = body.0.clone(),
        _ => return Err("this change is not one of a message".into()),
    }
    Ok(())
}

/// Raw `name=value` pieces with one changed.
fn pieces(raw: &[u8], change: &Change) -> Vec<u8> {
    let mut pieces: Vec<Vec<u8>> = raw.split(|&b| b == b'&').filter(|_| !raw.is_empty()).map(<[u8]>::to_vec).collect();
    let named = |name: &Bytes, piece: &[u8]| piece.split(|&b| b == b'=').next() == Some(name.as_slice());
    let piece = |name: &Bytes, value: &Bytes| [name.as_slice(), b"=", value.as_slice()].concat();
    match change {
        Change::AddQuery(name, value) | Change::AddForm(name, value) => pieces.push(piece(name, value)),
        Change::RemoveQuery(name) | Change::RemoveForm(name) => pieces.retain(|piece| !named(name, piece)),
        Change::SetQuery(name, value) | Change::SetForm(name, value) => {
            let at = pieces.iter().position(|piece| named(name, piece)).unwrap_or(pieces.len());
            pieces.retain(|piece| !named(name, piece));
            pieces.insert(at, piece(name, value));
        }
        _ => {}
    }
    pieces.join(&b'&')
}

fn json(body: &[u8], change: &Change) -> Result<Vec<u8>, String> {
    let mut object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(body).map_err(|_| "the body of the base is no JSON object")?;
    match change {
        Change::SetJson(name, value) => {
            object.insert(name.clone(), value.as_str().into());
        }
        Change::RemoveJson(name) => {
            object.shift_remove(name);
        }
        _ => {}
    }
    serde_json::to_vec(&object).map_err(|e| e.to_string())
}
