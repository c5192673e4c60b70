//! Re-keying: the corpus with fresh credentials, so that a table of answers does not pass.
//!
//! A permutation of letters and digits, drawn from a seed, is applied to every credential; length,
//! case and kind of every character stay, and so does what credentials share with one another (one
//! is the beginning of another, or the same in capitals). Stages that a message carries are derived
//! anew, in whatever form it carries them; a fault before signing is replayed by its recipe. What is
//! then expected is what the reference answers, and must end as the vector does: where it does not,
//! the vector is left out, and that is said.

use super::carry::{Carry, Kinds, Permutation, is_credential};
use crate::case::{Case, Change, Ending, Expect, ExpectedResult, Given, Judgement, Reply, Task, VerifyTask};
use crate::corpus::{Corpus, Entry, Topic, Vector};
use crate::parallel;
use crate::scheme::{Account, Credential, Program, Scheme, Scratch};
use crate::trial::{self, Reference};
use crate::trial::{answered, expected_readings, replay};

/// A corpus with fresh credentials.
#[derive(Debug)]
pub struct Rekeyed {
    /// The corpus.
    pub corpus: Corpus,
    /// Full names of vectors that are left out, each with the reason.
    pub left_out: Vec<(String, String)>,
}

/// Gives every system of a corpus fresh credentials.
pub fn rekey(mut corpus: Corpus, seed: u64) -> Rekeyed {
    let permutation = Permutation::new(seed);
    let left_out = parallel::map(&mut corpus.entries, |entry| rekey_entry(entry, &permutation)).concat();
    Rekeyed { corpus, left_out }
}

fn rekey_entry(entry: &mut Entry, permutation: &Permutation) -> Vec<(String, String)> {
    let fresh: Vec<Vec<Given>> = entry
        .topics
        .iter()
        .map(|topic| topic.file.vectors.iter().map(|vector| given(entry, topic, vector, permutation)).collect())
        .collect();
    let kinds = &entry.scheme.account;
    for (topic, fresh) in entry.topics.iter_mut().zip(fresh) {
        topic.file.accounts.values_mut().for_each(|account| fresh_account(account, kinds, permutation));
        for (vector, given) in topic.file.vectors.iter_mut().zip(fresh) {
            vector.given = given;
            if let Some(fault) = &mut vector.fault {
                fresh_change(&mut fault.change, kinds, permutation);
            }
        }
    }
    replay_recipes(entry);
    let left_out = expectations(entry);
    entry.readings = expected_readings(entry);
    left_out
}

fn fresh_account(account: &mut Account, kinds: &Kinds, permutation: &Permutation) {
    for (name, value) in &mut account.0 {
        if let (true, Credential::Value(bytes)) = (is_credential(kinds, name), value) {
            permutation.apply(&mut bytes.0);
        }
    }
}

fn fresh_change(change: &mut Change, kinds: &Kinds, permutation: &Permutation) {
    match change {
        Change::SetCredential(name, value) | Change::SetAccount(_, name, value) if is_credential(kinds, name) => {
            permutation.apply(&mut value.0);
        }
        _ => {}
    }
}

/// Returns what is given, with fresh credentials wherever a message carries one, or a stage.
fn given(entry: &Entry, topic: &Topic, vector: &Vector, permutation: &Permutation) -> Given {
    let mut given = vector.given.clone();
    let case = entry.case(topic, vector, None);
    match (&mut given.task, &case.task) {
        (Task::Sign(sign), Task::Sign(task)) => {
            let carry = Carry::of_credentials(&entry.scheme, [&task.account.0], permutation);
            let fields = sign.request.meant().into_iter().flat_map(|(_, query)| query);
            fields.filter_map(|pair| pair.1.as_mut()).for_each(|value| carry.value(value));
            sign.request.headers.iter_mut().for_each(|(_, value)| carry.value(value));
        }
        (Task::Verify(verify), Task::Verify(task)) => fresh_steps(entry, &case, task, verify, permutation),
        _ => {}
    }
    given
}

fn fresh_steps(
    entry: &Entry,
    case: &Case,
    task: &VerifyTask,
    verify: &mut VerifyTask<String>,
    permutation: &Permutation,
) {
    let values = task.accounts.iter().map(|account| &account.0);
    let credentials = Carry::of_credentials(&entry.scheme, values, permutation);
    let mut fresh = task.clone();
    for account in &mut fresh.accounts {
        fresh_account(account, &entry.scheme.account, permutation);
    }
    let readings = std::iter::once(None).chain(entry.scheme.readings.keys().map(Some));
    let schemes: Vec<Scheme> = readings
        .filter_map(|reading| entry.scheme.resolved(case.variant.as_deref(), reading.map(String::as_str)).ok())
        .collect();
    for (i, message) in verify.messages.iter_mut().enumerate() {
        let mut request = message.request.clone();
        credentials.request(&mut request);
        let mut before = VerifyTask { messages: vec![task.messages[i].clone()], ..task.clone() };
        let mut after = VerifyTask { messages: vec![task.messages[i].clone()], ..fresh.clone() };
        after.messages[0].request = request;
        // The account that sends it stays the one that does, where the fresh one is not found yet.
        let alone = |k: usize| VerifyTask { accounts: vec![task.accounts[k].clone()], ..before.clone() };
        let sends =
            |k: &usize| schemes.iter().any(|scheme| !derived(scheme, &case.operation, &alone(*k), true).is_empty());
        if let Some(k) = (0..task.accounts.len()).find(sends) {
            before = alone(k);
            after.accounts = vec![fresh.accounts[k].clone()];
        }
        let mut carry = Carry::of_credentials(&entry.scheme, task.accounts.iter().map(|a| &a.0), permutation);
        for scheme in &schemes {
            let (old, new) = (stages(scheme, &case.operation, &before), stages(scheme, &case.operation, &after));
            carry.stages(old, &new);
        }
        carry.request(&mut message.request);
    }
}

/// Returns the stages that a verifier derives from a message, whatever it then thinks of it.
fn stages(scheme: &Scheme, operation: &str, task: &VerifyTask) -> Vec<(String, Vec<u8>)> {
    // Without its checks but that which finds the account; and without that, where it finds none.
    let found = derived(scheme, operation, task, true);
    if found.is_empty() { derived(scheme, operation, task, false) } else { found }
}

/// Stages of a verifier that makes no check, but for that which finds the account.
fn derived(scheme: &Scheme, operation: &str, task: &VerifyTask, keeps_account: bool) -> Vec<(String, Vec<u8>)> {
    let Some(operation) = scheme.operations.get(operation) else { return Vec::new() };
    let mut lenient = operation.clone();
    lenient.verify.retain(|check| keeps_account && check.test.is("account"));
    let mut found = Vec::new();
    if let Ok(program) = Program::compile(scheme, &lenient) {
        let _ = trial::verify_each(&program, task, &mut Scratch::default(), |_, stages| {
            found.extend(stages.into_iter().map(|(name, value)| (name, value.0)));
        });
    }
    found
}

/// Faults before signing are made anew on the fresh base.
fn replay_recipes(entry: &mut Entry) {
    let before = |vector: &Vector| vector.fault.as_ref().is_some_and(|fault| !fault.when.is_after());
    let mut made = Vec::new();
    for (t, topic) in entry.topics.iter().enumerate() {
        for (v, vector) in topic.file.vectors.iter().enumerate().filter(|(_, vector)| before(vector)) {
            if let Ok(request) = replay(entry, topic, vector) {
                made.push((t, v, request));
            }
        }
    }
    for (t, v, request) in made {
        if let Task::Verify(verify) = &mut entry.topics[t].file.vectors[v].given.task {
            verify.messages[0].request = request;
        }
    }
}

/// Sets what is expected by the reference; vectors that do not end as before are taken out.
fn expectations(entry: &mut Entry) -> Vec<(String, String)> {
    let mut left_out = Vec::new();
    let mut fresh: Vec<Vec<Option<Expect>>> = Vec::new();
    let mut reference = Reference::new(entry.schemes());
    for topic in &entry.topics {
        let expect = |vector: &Vector| {
            let reply = reference.answer(&entry.case(topic, vector, None));
            ends_alike(&vector.expect, &reply).map(|()| answered(&vector.expect, &reply))
        };
        let results: Vec<Result<Expect, String>> = topic.file.vectors.iter().map(expect).collect();
        for (vector, result) in topic.file.vectors.iter().zip(&results) {
            if let Err(why) = result {
                left_out.push((entry.full_name(topic, vector), why.clone()));
            }
        }
        fresh.push(results.into_iter().map(Result::ok).collect());
    }
    for (topic, fresh) in entry.topics.iter_mut().zip(fresh) {
        let vectors = std::mem::take(&mut topic.file.vectors);
        let kept =
            vectors.into_iter().zip(fresh).filter_map(|(vector, expect)| Some(Vector { expect: expect?, ..vector }));
        topic.file.vectors = kept.collect();
    }
    left_out
}

/// Checks that a reply ends as is expected: signed, or each message accepted or refused for the reason
/// that was expected.
fn ends_alike(expect: &Expect, reply: &Reply) -> Result<(), String> {
    match reply {
        Reply::Signed(_) if expect.results.is_empty() => Ok(()),
        Reply::Verified(found) if found.len() == expect.results.len() => {
            let alike = |(expected, found): (&ExpectedResult, &Judgement)| {
                (expected.outcome == Ending::Accept) == found.accept && expected.class == found.class
            };
            match expect.results.iter().zip(found).position(|pair| !alike(pair)) {
                None => Ok(()),
                Some(i) => {
                    let found = found[i].class.map_or("accepted".to_owned(), |class| format!("refused with {class}"));
                    Err(format!("with fresh credentials it is {found}"))
                }
            }
        }
        Reply::Error(why) | Reply::Skipped(why) => Err(why.clone()),
        _ => Err("with fresh credentials it has no answer".into()),
    }
}
