//! A signer of OAuth 1.0 with one mistake: it sorts names without regard to case.

use base64::prelude::{BASE64_STANDARD, Engine};
use countersign::bytes::Bytes;
use countersign::case::{Case, Reply, SignTask, Signed, Task};
use countersign::primitive::percent::{KeepSet, encode};
use countersign::request::{Pair, Target};
use countersign::scheme::Credential;
use countersign::subject::Subject;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Signs queries alone.
pub struct WrongSigner;

impl Subject for WrongSigner {
    fn answer(&mut self, case: &Case) -> Reply {
        let skipped = |why: &str| Reply::Skipped(why.into());
        let Task::Sign(task) = &case.task else { return skipped("it does not verify") };
        let is_plain = task.request.body.0.is_empty() && !task.request.host.0.contains(&b':');
        let (Target::Meant { path, query }, true) = (&task.request.target, is_plain) else {
            return skipped("it signs queries alone");
        };
        let signature = Bytes::from(signature(task, path, query).as_str());
        Reply::Signed(Signed { stages: [("signature".to_owned(), signature)].into(), signed_request: None })
    }
}

fn signature(task: &SignTask, path: &[u8], query: &[Pair]) -> String {
    let credential = |name: &str| match &task.account.0[name] {
        Credential::Value(bytes) => encoded(&bytes.0),
        Credential::Addresses(_) => String::new(),
    };
    let value = |value: &Option<Bytes>| value.as_ref().map_or(String::new(), |value| encoded(&value.0));
    let mut pairs: Vec<_> = query.iter().map(|pair| (encoded(&pair.0.0), value(&pair.1))).collect();
    let seconds = task.time.as_ref().map_or(0, |time| time.instant().0.div_euclid(1_000_000_000));
    pairs.push(("oauth_consumer_key".into(), credential("consumer_key")));
    pairs.push(("oauth_nonce".into(), value(&task.nonce)));
    pairs.push(("oauth_signature_method".into(), "HMAC-SHA1".into()));
    pairs.push(("oauth_timestamp".into(), seconds.to_string()));
    pairs.extend(Some(("oauth_token".into(), credential("token"))).filter(|(_, token)| !token.is_empty()));
    let sent = ["callback", "verifier", "version"].map(|name| (name, task.parameters.get(name)));
    let sent = sent.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.0.is_empty())?)));
    pairs.extend(sent.map(|(name, value)| (format!("oauth_{name}"), encoded(&value.0))));
    pairs.retain(|(name, _)| name != "oauth_signature");
    // The mistake. Without `to_lowercase` it is right.
    pairs.sort_by_key(|(name, value)| (name.to_lowercase(), value.clone()));
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut url = [&task.request.scheme.0, b"://".as_slice(), &task.request.host.0.to_ascii_lowercase()].concat();
    encode(path, &KeepSet::PATH, &mut url);
    let text = [encoded(&task.request.method.0), encoded(&url), encoded(pairs.join("&").as_bytes())].join("&");
    let key = [credential("consumer_secret"), credential("token_secret")].join("&");
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("a key of any length will do");
    mac.update(text.as_bytes());
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

fn encoded(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    encode(bytes, &KeepSet::UNRESERVED, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
