//! The published crate `oauth1-request` as a subject: how a case is put to it, and where it is known
//! to differ from the document.
#![forbid(unsafe_code)]

use countersign::conformance::{Bytes, Case, Credential, Op, PreparedScheme, Reply, SignTask, Signed, Subject, Task};
use countersign::primitive::percent::{self, Plus};
use oauth1_request::{Builder, Credentials, HMAC_SHA1, ParameterList};
use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::LazyLock;

/// The scheme, as RFC 5849 tells it.
pub static SCHEME: LazyLock<PreparedScheme> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/schemes/oauth1");
    PreparedScheme::in_directory(folder, "oauth1").only(Op::Sign)
});

/// The crate. What it does not do, or is known to do otherwise, it skips.
pub struct Published;

impl Subject for Published {
    fn answer(&mut self, case: &Case) -> Reply {
        let Task::Sign(task) = &case.task else { return Reply::Skipped("it does not verify".into()) };
        match sign(task) {
            Ok((signed, fields)) => match known(task, &fields) {
                Some(difference) => Reply::Skipped(format!("known: {difference}")),
                None => Reply::Signed(signed),
            },
            Err(why) => Reply::Skipped(why),
        }
    }
}

/// Names and values of a query and a form, decoded.
pub type Fields = Vec<(String, String)>;

/// Signs with the crate; `Err` says what it cannot be given.
pub fn sign(task: &SignTask) -> Result<(Signed, Fields), String> {
    let mut request = task.request.to_wire();
    let mut fields = decoded(request.raw_query())?;
    if request.has_media_type("application/x-www-form-urlencoded") {
        fields.extend(decoded(&request.body)?);
    }
    if fields.iter().any(|(name, _)| !name.bytes().all(is_unreserved)) {
        return Err("a name that must be encoded: its documentation says that it encodes values alone".into());
    }
    let account = |name: &str| match task.account.0.get(name) {
        Some(Credential::Value(bytes)) => text(&bytes.0),
        _ => Ok(String::new()),
    };
    let parameter = |name: &str| {
        let value = task.parameters.get(name).map_or(Ok(String::new()), |value| text(&value.0))?;
        Ok::<_, String>(Some(value).filter(|value| !value.is_empty()))
    };
    let (token, token_secret) = (account("token")?, account("token_secret")?);
    let (callback, verifier) = (parameter("callback")?, parameter("verifier")?);
    let nonce = task.nonce.as_ref().map(|nonce| text(&nonce.0)).transpose()?.ok_or("no nonce")?;
    let seconds = task.time.as_ref().map_or(0, |time| time.instant().0.div_euclid(1_000_000_000));
    let time = u64::try_from(seconds).ok().and_then(NonZeroU64::new).ok_or("a time that is not after 1970")?;

    let client = Credentials::new(account("consumer_key")?, account("consumer_secret")?);
    let mut builder = Builder::new(client, HMAC_SHA1);
    match (token.is_empty(), token_secret.is_empty()) {
        (false, _) => drop(builder.token(Credentials::new(token, token_secret))),
        (true, true) => {}
        (true, false) => return Err("a token secret without a token".into()),
    }
    builder.nonce(nonce.as_str()).timestamp(time).callback(callback.as_deref()).verifier(verifier.as_deref());
    match parameter("version")?.as_deref() {
        None => {}
        Some("1.0") => drop(builder.version(true)),
        Some(_) => return Err("a version that is not 1.0".into()),
    }
    let path = text(request.raw_path())?;
    let uri =
        format!("{}://{}{path}", text(&request.scheme)?, text(request.header(b"host").next().unwrap_or_default())?);
    let list = ParameterList::new(fields.clone());
    let authorization = builder.authorize(&text(&request.method)?, uri, &list);
    request.set_header(b"Authorization", authorization.clone().into_bytes());
    let stages = [("signature".to_owned(), signature(&authorization)?)].into();
    Ok((Signed { stages, signed_request: Some(request) }, fields))
}

/// In which way the crate is known to sign this otherwise than RFC 5849 says; the README has the places.
pub fn known(task: &SignTask, fields: &Fields) -> Option<&'static str> {
    if !is_normal(&task.request.scheme.0, &task.request.host.0) {
        return Some("scheme and host are signed as they are given");
    }
    if task.request.method.0.iter().any(u8::is_ascii_lowercase) {
        return Some("the method is signed as it is given");
    }
    is_reordered(fields).then_some("values of one name are sorted before they are encoded")
}

/// Whether scheme and host are in small letters, and without a port that is the scheme's default.
fn is_normal(scheme: &[u8], host: &[u8]) -> bool {
    let is_small = |text: &[u8]| !text.iter().any(u8::is_ascii_uppercase);
    let port: &[u8] = if scheme.eq_ignore_ascii_case(b"https") { b":443" } else { b":80" };
    is_small(scheme) && is_small(host) && !host.ends_with(port)
}

/// Whether two values of one name stand in one order before they are encoded and in another after.
fn is_reordered(fields: &Fields) -> bool {
    let mut values: HashMap<&str, Vec<&str>> = HashMap::new();
    fields.iter().for_each(|(name, value)| values.entry(name).or_default().push(value));
    values.values_mut().any(|values| {
        values.sort_unstable();
        !values.is_sorted_by_key(|value| encoded(value))
    })
}

fn encoded(value: &str) -> Vec<u8> {
    let mut out = Vec::new();
    percent::encode(value.as_bytes(), &percent::KeepSet::UNRESERVED, &mut out);
    out
}

/// The value of `oauth_signature`.
fn signature(authorization: &str) -> Result<Bytes, String> {
    let (_, value) = authorization.split_once("oauth_signature=\"").ok_or("no oauth_signature")?;
    let mut out = Vec::new();
    let value = value.trim_end_matches('"').as_bytes();
    percent::decode(value, Plus::Literal, &mut out).map_err(|e| e.to_string())?;
    Ok(Bytes(out))
}

fn decoded(raw: &[u8]) -> Result<Fields, String> {
    let part = |raw: &[u8]| {
        let mut out = Vec::new();
        percent::decode(raw, Plus::Space, &mut out).map_err(|_| "an escape that is broken")?;
        text(&out)
    };
    let field = |(name, value): (&[u8], Option<&[u8]>)| Ok((part(name)?, part(value.unwrap_or_default())?));
    percent::pieces(raw).map(field).collect()
}

/// The crate takes text.
fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "bytes that are not UTF-8".into())
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}
