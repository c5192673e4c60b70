//! Changes of what is given, one at a time: the list that recipes of faults use.

use super::given::Time;
use crate::bytes::Bytes;
use crate::request::Request;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One change; the table in `vectors/README.md` says what each does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the table in vectors/README.md says what each does")]
pub enum Change {
    SetMethod(Bytes),
    SetTarget(Bytes),
    SetHeader(Bytes, Bytes),
    AddHeader(Bytes, Bytes),
    RemoveHeader(Bytes),
    RenameHeader(Bytes, Bytes),
    SetQuery(Bytes, Bytes),
    AddQuery(Bytes, Bytes),
    RemoveQuery(Bytes),
    SetForm(Bytes, Bytes),
    AddForm(Bytes, Bytes),
    RemoveForm(Bytes),
    SetJson(String, String),
    RemoveJson(String),
    SetBody(Bytes),
    SetTime(Time),
    SetNow(Time),
    SetClientAddress(#[cfg_attr(feature = "cli", schemars(with = "String"))] IpAddr),
    SetParameter(String, Bytes),
    SetCredential(String, Bytes),
    SetAccount(String, String, Bytes),
    ForgetAccount(String),
    SetVariant(String),
    State(String),
    AsPrinted(String),
}

impl Change {
    /// Makes it in a request on the wire; `Err` where it is none of a message, or the message cannot have it.
    pub fn apply(&self, request: &mut Request) -> Result<(), String> {
        match self {
            Change::SetMethod(method) => request.method = method.clone(),
            Change::SetTarget(target) => request.target = target.clone(),
            Change::SetHeader(name, value) => request.set_header(&name.0, value.0.clone()),
            Change::AddHeader(name, value) => request.headers.push((name.clone(), value.clone())),
            Change::RemoveHeader(name) => request.remove_header(&name.0),
            Change::RenameHeader(name, new) => {
                let header = request.headers.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(&name.0));
                header.ok_or("there is no such header field to rename")?.0 = new.clone();
            }
            Change::SetQuery(..) | Change::AddQuery(..) | Change::RemoveQuery(..) => {
                let query = pieces(request.raw_query(), self);
                let mut target = request.raw_path().to_vec();
                if !query.is_empty() {
                    target.push(b'?');
                    target.extend(query);
                }
                request.target = target.into();
            }
            Change::SetForm(..) | Change::AddForm(..) | Change::RemoveForm(..) => {
                request.body = pieces(&request.body, self).into()
            }
            Change::SetJson(..) | Change::RemoveJson(..) => request.body = json(&request.body, self)?.into(),
            Change::SetBody(body) => request.body = body.clone(),
            _ => return Err("this change is not one of a message".into()),
        }
        Ok(())
    }
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
