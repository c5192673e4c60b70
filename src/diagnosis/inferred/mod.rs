//! How a request of a scheme that nobody has named is signed: a bounded space of digests, keys, parts and separators.
//!
//! Data flows request → fields that may hold the signature, parts that may be signed, keys → ways of signing, the simplest
//! first → the one that gives the signature → a scheme, which its own verifier must bear out.

mod fields;
mod parts;
mod space;
mod written;

use super::foreign::Probe;
use super::model::Watch;
use crate::case::{Message, Time, VerifyTask};
use crate::primitive::time::Instant;
use crate::request::Request;
use crate::scheme::{Account, Implementation, Outcome, Scheme, Scratch};
use crate::trial;
use fields::{SignatureField, credentials};
use parts::{SignedPart, WrittenPart};
use serde_json::{Value, json};
use space::{KeyForm, Space};
use std::sync::Arc;

/// What was found of how a request is signed.
#[derive(Debug, Clone)]
pub struct Inference {
    /// The way, if one was found.
    pub found: Option<InferredScheme>,
    /// Names of the fields that may hold a signature.
    pub fields: Vec<String>,
    /// Number of ways that were tried.
    pub tried: usize,
    /// Tells whether all ways were tried, or one found.
    pub is_whole: bool,
}

/// A scheme that gives the signature of a request.
#[derive(Debug, Clone)]
pub struct InferredScheme {
    /// The scheme, as its file has it.
    pub scheme: Value,
    /// The field that holds the signature.
    pub field: String,
    /// Number of bits of the signature that this scheme gives.
    pub bits: usize,
    /// Parts that have one value in this request, of which the scheme has the first.
    pub alike: Vec<Vec<String>>,
    /// Parts that the request leaves empty and the scheme does not have.
    pub empty: Vec<String>,
}

impl Inference {
    /// The number N such that a coincidence has a chance below 1 in 10^N; none where nothing was found.
    pub fn odds(&self) -> Option<u32> {
        let bits = self.found.as_ref()?.bits as f64 - (self.tried.max(1) as f64).log2();
        Some((bits.max(0.0) * std::f64::consts::LOG10_2) as u32)
    }
}

/// Looks for a way of signing that gives one of the signatures that a request may have; the account holds what may be a
/// key. Stops once the watch says so.
pub fn infer(request: &Request, account: &Account, watch: Watch<'_>) -> Inference {
    let all = fields::signatures(request);
    let mut fields: Vec<String> = Vec::new();
    for field in &all {
        if !fields.contains(&field.says()) {
            fields.push(field.says());
        }
    }
    let mut inference = Inference { found: None, fields, tried: 0, is_whole: true };
    let kinds = kinds(request, account);
    let Some(values) = Values::of(request, account, &kinds) else { return inference };
    let keys = values.keys(parts::keys(account));
    let spaces: Vec<(&SignatureField, Space)> = all
        .iter()
        .map(|field| {
            let parts = parts::merged(values.parts(parts::all(request, account, field)));
            (field, Space::new(field.digest.clone(), keys.clone(), parts))
        })
        .collect();
    for cost in 1..=space::MOST {
        for (field, space) in &spaces {
            let mut bears_out = |way: &space::Way| {
                let scheme = written::scheme(field, space, way, &kinds);
                values.accepts(&scheme).then_some(scheme)
            };
            match space.search(cost, &mut inference.tried, &mut bears_out, watch) {
                Ok(Some((way, scheme))) => {
                    inference.found = Some(InferredScheme {
                        scheme,
                        field: field.says(),
                        bits: field.digest.len() * 8,
                        alike: space.alike(&way),
                        empty: space.left_empty(&way),
                    });
                    return inference;
                }
                Ok(None) => {}
                Err(space::OutOfTime) => {
                    inference.is_whole = false;
                    return inference;
                }
            }
        }
    }
    inference
}

/// A request under an account, in which pipelines have values.
struct Values {
    frame: Implementation,
    task: VerifyTask,
}

impl Values {
    fn of(request: &Request, account: &Account, kinds: &[(&String, &str)]) -> Option<Values> {
        let frame = json!({ "signature": ["body"] });
        let frame = implementation(&written::frame(kinds, frame, Value::Null, json!([])))?;
        let now = Time::try_from(Instant(0).to_string()).ok();
        let message = Message { now, client_address: None, request: request.clone() };
        let task =
            VerifyTask { accounts: vec![account.clone()], parameters: Default::default(), messages: vec![message] };
        Some(Values { frame, task })
    }

    /// Those keys that have a value, with it.
    fn keys(&self, written: Vec<(Value, usize)>) -> Vec<KeyForm> {
        let probe = Probe::new(&self.frame, &self.task);
        let key = |(written, cost)| Some(KeyForm { value: value(&probe, &written)?, written, cost });
        written.into_iter().filter_map(key).collect()
    }

    /// Those parts that have a value, with it.
    fn parts(&self, written: Vec<WrittenPart>) -> Vec<SignedPart> {
        let probe = Probe::new(&self.frame, &self.task);
        let part = |(written, covers, cost)| {
            Some(SignedPart { value: value(&probe, &written)?, written: vec![written], covers, cost })
        };
        written.into_iter().filter_map(part).collect()
    }

    /// Tells whether the verifier of a scheme accepts the request.
    fn accepts(&self, scheme: &Value) -> bool {
        let Some(verifier) = implementation(scheme) else { return false };
        let mut accepted = false;
        let each = |outcome, _| accepted = matches!(outcome, Outcome::Accept);
        trial::verify_each(&verifier.program, &self.task, &mut Scratch::default(), each).is_ok() && accepted
    }
}

/// The value of a pipeline.
fn value(probe: &Probe<'_>, written: &Value) -> Option<Vec<u8>> {
    probe.value(&serde_json::from_value(written.clone()).ok()?)
}

fn implementation(scheme: &Value) -> Option<Implementation> {
    let scheme: Scheme = serde_json::from_value(scheme.clone()).ok()?;
    Implementation::of(&Arc::new(scheme), written::OPERATION, None, None).ok()
}

/// Kinds of the credentials of an account: what stands in the request is public.
fn kinds<'a>(request: &Request, account: &'a Account) -> Vec<(&'a String, &'static str)> {
    let fields = fields::all(request);
    let is_sent = |value: &[u8]| fields.iter().any(|(.., own)| memchr::memmem::find(own, value).is_some());
    credentials(account).map(|(name, value)| (name, if is_sent(value) { "public" } else { "secret" })).collect()
}
