//! The reference and the [oracle](crate::oracle) give the same bytes in every stage, the same
//! signed message, and the same judgement of every message.

use crate::oracle::message::Message;
use crate::oracle::{self, Arrival, Call, Client, Make, Network, Refusal, SYSTEMS, Stages};
use countersign::bytes::Bytes;
use countersign::case::{Case, Judgement, Reply, Signed, Task};
use countersign::conformance::{PreparedScheme, assert_agrees};
use countersign::request::{Intent, Pair, Request, Target};
use countersign::scheme::{Account, Credential, Parameters, SenderGets};
use countersign::subject::{Call as Question, Subject};
use countersign::trial::Reference;
use indexmap::IndexMap;
use serde_json::json;
use std::net::IpAddr;
use std::sync::{LazyLock, Mutex, PoisonError};

/// A scheme, and the reference of it.
pub type Prepared = (PreparedScheme<'static>, Mutex<Reference<'static>>);

/// The schemes that have an oracle, prepared.
pub static SCHEMES: LazyLock<[Prepared; SYSTEMS.len()]> = LazyLock::new(|| {
    SYSTEMS.map(|(name, _)| {
        let scheme = PreparedScheme::built_in(name);
        let reference = Reference::new(scheme.entry().schemes());
        (scheme, Mutex::new(reference))
    })
});

/// Puts the case that these bytes mean to both; the first says which system it is of. A message of the protocol is
/// its own case: regressions are kept so, whatever other bytes will mean.
pub fn run(bytes: &[u8]) {
    if let Ok(case) = serde_json::from_slice::<Question>(bytes).map_err(drop).and_then(|q| q.case().map_err(drop)) {
        return SYSTEMS.iter().filter(|(name, _)| *name == case.scheme).for_each(|(name, system)| {
            let entry = SCHEMES.iter().map(|(scheme, _)| scheme.entry()).find(|entry| entry.name == *name);
            let found = Reference::new(entry.expect("every system is prepared").schemes()).answer(&case);
            assert_alike(&case, &found, &Second(*system).answer(&case));
        });
    }
    let Some((first, data)) = bytes.split_first() else { return };
    let which = usize::from(*first) % SYSTEMS.len();
    let (scheme, reference) = &SCHEMES[which];
    let mut second = Second(SYSTEMS[which].1);
    assert_agrees(scheme, second, data);
    if let Some(case) = scheme.case(data) {
        let found = reference.lock().unwrap_or_else(PoisonError::into_inner).answer(&case);
        assert_alike(&case, &found, &second.answer(&case));
    }
}

/// Both answer alike to the byte, also in what a subject may write in another way or not show.
fn assert_alike(case: &Case, reference: &Reply, oracle: &Reply) {
    let stages = |stages: &IndexMap<String, Bytes>| stages.clone().into_iter().collect::<Vec<_>>();
    let judged = |each: &Vec<Judgement>| {
        each.iter().map(|judged| (judged.accept, judged.class, stages(&judged.stages))).collect::<Vec<_>>()
    };
    let is_alike = match (reference, oracle) {
        (Reply::Signed(found), Reply::Signed(expected)) => {
            stages(&found.stages) == stages(&expected.stages) && found.signed_request == expected.signed_request
        }
        (Reply::Verified(found), Reply::Verified(expected)) => judged(found) == judged(expected),
        // What a server lacks is no message's fault.
        (Reply::Error(_), Reply::Error(_) | Reply::Verified(_)) => true,
        _ => false,
    };
    assert!(is_alike, "the reference answers\n{reference:?}\nthe oracle\n{oracle:?}\nto {case:?}");
}

/// The oracle as a subject; each case has a server that remembers nothing.
#[derive(Clone, Copy)]
struct Second(Make);

impl Subject for Second {
    fn answer(&mut self, case: &Case) -> Reply {
        let mut system = self.0();
        let call = |parameters: &Parameters| Call {
            operation: case.operation.clone(),
            variant: case.variant.clone(),
            parameters: parameters.iter().map(|(name, value)| (name.clone(), value.0.clone())).collect(),
        };
        match &case.task {
            Task::Sign(task) => {
                let nonce = task.nonce.as_ref().map(|nonce| nonce.0.clone());
                let time = task.time.as_ref().map(|time| time.instant().0);
                let client = Client { account: account(&task.account), time, nonce };
                let Intent { method, scheme, host, target, headers, body } = task.request.clone();
                let target = match target {
                    Target::Exact(target) => target.0,
                    Target::Meant { path, query } => {
                        let field = |Pair(name, value): Pair| (name.0, value.map(|value| value.0));
                        oracle::target(&path, &query.into_iter().map(field).collect::<Vec<_>>())
                    }
                };
                let plain = message(Request { method, scheme, target: target.into(), headers, body }).with_host(&host);
                let Some((stages, message)) = system.sign(&call(&task.parameters), &client, plain) else {
                    return Reply::Error("it cannot be signed".into());
                };
                let Message { method, scheme, target, headers, body } = message;
                let headers = headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
                let (method, scheme, target, body) = (method.into(), scheme.into(), target.into(), body.into());
                let signed_request = Some(Request { method, scheme, target, headers, body });
                Reply::Signed(Signed { stages: shown(stages), signed_request })
            }
            Task::Verify(task) => {
                let call = call(&task.parameters);
                let accounts: Vec<_> = task.accounts.iter().map(account).collect();
                let judged = task.messages.iter().map(|step| {
                    let now = step.now.as_ref().map_or(0, |time| time.instant().0);
                    let from = step.client_address;
                    let message = message(step.request.clone());
                    judgement(system.judge(&call, &accounts, &Arrival { message, now, from }), &call)
                });
                Reply::Verified(judged.collect())
            }
        }
    }
}

fn message(Request { method, scheme, target, headers, body }: Request) -> Message {
    let headers = headers.into_iter().map(|(name, value)| (name.0, value.0)).collect();
    Message { method: method.0, scheme: scheme.0, target: target.0, headers, body: body.0 }
}

fn account(known: &Account) -> oracle::Account {
    let mut account = oracle::Account::default();
    for (name, value) in &known.0 {
        match value {
            Credential::Value(bytes) => drop(account.values.insert(name.clone(), bytes.0.clone())),
            Credential::Addresses(listed) => account.addresses.extend(listed.iter().filter_map(|text| network(text))),
        }
    }
    account
}

/// An address, or the first bits of one.
fn network(text: &str) -> Option<Network> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    Some(Network { address, prefix: prefix.map_or(Some(all), |prefix| prefix.parse().ok())? })
}

fn shown(stages: Stages) -> IndexMap<String, Bytes> {
    stages.into_iter().map(|(name, value)| (name.to_owned(), Bytes(value))).collect()
}

fn judgement(judged: Result<Stages, Refusal>, call: &Call) -> Judgement {
    let (class, stages) = match judged {
        Ok(stages) => (None, shown(stages)),
        Err(class) => (Some(serde_json::from_value(json!(class)).expect("the corpus has the class")), IndexMap::new()),
    };
    // A merchant says nothing to the sender of a callback that is none.
    let is_told = class.is_none() || call.operation != "callback";
    let reply = if is_told { SenderGets::Error } else { SenderGets::Disregard };
    Judgement { accept: class.is_none(), class, status: None, code: None, message: None, reply, stages }
}

/// What the vectors have of documents and of published code, the oracle gives, too.
#[cfg(test)]
#[test]
fn the_oracle_conforms() {
    for (name, system) in SYSTEMS {
        countersign::conformance::assert_conforms(Second(system), &[name]);
    }
}

#[cfg(test)]
#[test]
fn a_regression_is_a_message_of_the_protocol() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions/canonicalisation");
    for file in std::fs::read_dir(folder).expect("there are regressions") {
        let path = file.expect("an entry can be read").path();
        let bytes = std::fs::read(&path).expect("it can be read");
        let message: Question = serde_json::from_slice(&bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let case = message.case().expect("it is a case");
        assert!(SYSTEMS.iter().any(|(name, _)| *name == case.scheme));
    }
}
