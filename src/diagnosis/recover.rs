//! Inputs of a signer, recovered from the request that it sent: fields that the scheme adds
//! are taken out, and what they carry is kept.

use crate::bytes::Bytes;
use crate::case::Time;
use crate::primitive::json::{Member, Object};
use crate::primitive::percent::{self, Plus};
use crate::primitive::time::{Instant, TimeFormat};
use crate::request::{Intent, Request, Target};
use crate::scheme::{Account, Arg, Binding, Credential, CredentialKind, Operation, Parameters, Pipeline, Scheme};
use bumpalo::Bump;
use indexmap::IndexMap;
use serde_json::value::RawValue;

/// Inputs of a signer.
#[derive(Debug, Clone)]
pub struct Recovered {
    /// The request without the fields that the scheme adds.
    pub request: Intent,
    /// Public credentials that those fields carry.
    pub account: Account,
    /// Parameters that they carry.
    pub parameters: Parameters,
    /// The time that the request carries.
    pub time: Option<Time>,
    /// The nonce that it carries.
    pub nonce: Option<Bytes>,
    /// The signature that it carries, or the field that holds it.
    pub signature: Option<Bytes>,
}

/// Recovers what a signer was given; `Err` says what of the request cannot be read.
pub fn recover(scheme: &Scheme, operation: &Operation, mut request: Request) -> Result<Recovered, String> {
    let mut kept = Kept::default();
    for (part, name, pipeline) in operation.placed() {
        if let Some(value) = value(&request, part.word(), name)? {
            kept.keep(scheme, pipeline, value);
        }
    }
    if let Some(binding) = operation.receive.get("time") {
        kept.time = time(&request, binding)?.or(kept.time);
    }
    for (part, name, _) in operation.placed() {
        remove(&mut request, part.word(), name)?;
    }
    let Kept { account, parameters, time, nonce, signature } = kept;
    let time = time.map(|instant| Time::try_from(instant.to_string())).transpose()?;
    Ok(Recovered { request: meant(request), account, parameters, time, nonce, signature })
}

#[derive(Default)]
struct Kept {
    account: Account,
    parameters: Parameters,
    time: Option<Instant>,
    nonce: Option<Bytes>,
    signature: Option<Bytes>,
}

impl Kept {
    /// Keeps the value of a field that the signer fills from this pipeline.
    fn keep(&mut self, scheme: &Scheme, pipeline: &Pipeline, value: Vec<u8>) {
        let inner =
            pipeline.source.first().pipeline().filter(|_| pipeline.source.is("optional") && pipeline.steps.is_empty());
        let pipeline = inner.unwrap_or(pipeline);
        if pipeline.sources().iter().any(|source| source.name_in("stage").is_some()) {
            self.signature.get_or_insert(Bytes(value));
            return;
        }
        if !pipeline.steps.is_empty() {
            return;
        }
        let source = &pipeline.source;
        if let Some(name) = source.name_in("credential") {
            if scheme.account.get(name) == Some(&CredentialKind::Public) {
                self.account.0.insert(name.to_owned(), Credential::Value(Bytes(value)));
            }
        } else if let Some(name) = source.name_in("parameter") {
            self.parameters.insert(name.to_owned(), Bytes(value));
        } else if source.is("nonce") {
            self.nonce = Some(Bytes(value));
        } else if source.is("time") && *source.get("plus") == Arg::Absent {
            let form: Option<TimeFormat> = source.first().text().parse().ok();
            self.time = form.and_then(|form| form.read(&value)).or(self.time);
        }
    }
}

/// The time where a verifier looks for it.
fn time(request: &Request, binding: &Binding) -> Result<Option<Instant>, String> {
    for pipeline in &binding.first_of {
        let Some((part, name)) = pipeline.source.field() else { continue };
        let Some(value) = value(request, part, name)?.filter(|_| pipeline.steps.is_empty()) else { continue };
        let forms = &binding.forms;
        return match forms.iter().find_map(|form| form.read(&value)) {
            Some(instant) => Ok(Some(instant)),
            None => {
                let forms: Vec<&str> = forms.iter().map(TimeFormat::text).collect();
                Err(format!(
                    "`{name}` of the request is no time in a form that the scheme takes ({}); give the time that was \
                     signed with --time",
                    forms.join(", ")
                ))
            }
        };
    }
    Ok(None)
}

/// The value of a field, decoded.
fn value(request: &Request, part: &str, name: &str) -> Result<Option<Vec<u8>>, String> {
    let piece = |raw: &[u8]| {
        percent::pieces(raw)
            .find(|(raw_name, _)| is(raw_name, name))
            .map(|(_, value)| decoded(value.unwrap_or_default()))
    };
    match part {
        "header" => Ok(request.header(name.as_bytes()).next().map(<[u8]>::to_vec)),
        "query" => Ok(piece(request.raw_query())),
        "form" => Ok(piece(&request.body)),
        _ if request.body.is_empty() => Ok(None),
        _ => match Object::parse(&request.body, &Bump::new())?.get(name) {
            Some(Member::Text(value)) => Ok(Some(value.to_vec())),
            _ => Ok(None),
        },
    }
}

fn decoded(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match percent::decode(raw, Plus::Space, &mut out) {
        Ok(()) => out,
        Err(_) => raw.to_vec(),
    }
}

fn is(raw_name: &[u8], name: &str) -> bool {
    decoded(raw_name) == name.as_bytes()
}

fn remove(request: &mut Request, part: &str, name: &str) -> Result<(), String> {
    match part {
        "header" => request.remove_header(name.as_bytes()),
        "query" => {
            let (path, query) = (request.raw_path().to_vec(), request.raw_query().to_vec());
            if let Some(rest) = without(&query, name) {
                request.target = if rest.is_empty() { path } else { [path.as_slice(), b"?", &rest].concat() }.into();
            }
        }
        "form" => request.body.0 = without(&request.body, name).unwrap_or_else(|| std::mem::take(&mut request.body.0)),
        _ => remove_member(&mut request.body.0, name)?,
    }
    Ok(())
}

/// A raw query or form without the pieces of this name; `None` where there are none.
fn without(raw: &[u8], name: &str) -> Option<Vec<u8>> {
    let pieces: Vec<&[u8]> = raw.split(|&b| b == b'&').collect();
    let named = |piece: &&[u8]| is(piece.split(|&b| b == b'=').next().unwrap_or_default(), name);
    let kept: Vec<&[u8]> = pieces.iter().filter(|piece| !named(piece)).copied().collect();
    (kept.len() < pieces.len()).then(|| kept.join(&b'&'))
}

/// Removes a top-level member of a JSON body; the values of the others stay byte for byte.
fn remove_member(body: &mut Vec<u8>, name: &str) -> Result<(), String> {
    if body.is_empty() || Object::parse(body, &Bump::new())?.get(name).is_none() {
        return Ok(());
    }
    let members: IndexMap<String, &RawValue> = serde_json::from_slice(body).map_err(|e| e.to_string())?;
    let text =
        |(key, value): (&String, &&RawValue)| format!("{}:{}", serde_json::Value::from(key.as_str()), value.get());
    let kept: Vec<String> = members.iter().filter(|(key, _)| *key != name).map(text).collect();
    *body = format!("{{{}}}", kept.join(",")).into_bytes();
    Ok(())
}

/// The request as its caller meant it: with its exact target.
fn meant(request: Request) -> Intent {
    let host = request.header(b"host").next().unwrap_or_default().to_vec();
    let Request { method, scheme, target, headers, body } = request;
    Intent { method, scheme, host: host.into(), target: Target::Exact(target), headers, body }
}
