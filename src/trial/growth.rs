//! Search for stages of a scheme that can only become too long: a plain request is signed with values of one byte.

use crate::bytes::Bytes;
use crate::corpus::Entry;
use crate::primitive::time::Instant;
use crate::request::{Intent, Pair, Target};
use crate::scheme::{Account, Credential, CredentialKind, Implementation, Parameters, Scratch, SignError, SignInput};

/// Findings about the stages of one scheme.
pub(super) fn stages_too_long(entry: &Entry) -> Vec<String> {
    let of = |name: &String| {
        let why = too_long(entry, name)?;
        Some(format!("{}, {name}: {why}", entry.name))
    };
    entry.scheme.operations.keys().filter_map(of).collect()
}

fn too_long(entry: &Entry, operation: &str) -> Option<SignError> {
    let program = Implementation::of(&entry.scheme, operation, None, None).ok()?.program;
    let one = || Bytes::from("1");
    let value = |kind: &CredentialKind| match kind {
        CredentialKind::Addresses => Credential::Addresses(Vec::new()),
        _ => Credential::Value(one()),
    };
    let account = entry.scheme.account.iter().map(|(name, kind)| (name.clone(), value(kind))).collect();
    let parameters: Parameters = entry.scheme.parameters.keys().map(|name| (name.clone(), one())).collect();
    let (account, parameters) = (program.account(&Account(account)).ok()?, program.parameters(&parameters).ok()?);
    let input = SignInput {
        account: &account,
        parameters: &parameters,
        time: Some(Instant(0)),
        nonce: Some(b"1"),
        known: None,
    };
    let intent = Intent {
        method: "POST".into(),
        scheme: "https".into(),
        host: "h".into(),
        target: Target::Meant { path: "/a".into(), query: vec![Pair("a".into(), Some("b".into()))] },
        headers: Vec::new(),
        body: "b".into(),
    };
    let signed = program.sign(input, &intent, &mut Scratch::default(), &mut |_, _| {});
    signed.err().filter(|error| matches!(error, SignError::TooLong(_)))
}
