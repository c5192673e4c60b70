//! Flipbase, from the page "Create a signature" and the decisions of its `statements.yaml`.
//!
//! The string to sign is three lines (`pseudo-code-without-date`): the verb as it is sent
//! (`verb-case`), the path as it stands on the wire, up to the first question mark
//! (`path-encoding`, `query-signed`), URI-encoded with only the unreserved characters kept
//! (`uri-encode-alphabet`), and the date as it is sent (`date-format`). The signature is the
//! Base64 of its HMAC-SHA256 under the api_secret (`hmac-key`), not cut (`rfc4868`).

use super::Refusal;
use super::date::Moment;
use super::message::{Header, only};
use super::wire;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What a server knows of an account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Stands in the header.
    pub api_key: Vec<u8>,
    /// Key of the MAC.
    pub api_secret: Vec<u8>,
}

/// The stages of signing.
#[derive(Debug, PartialEq, Eq)]
pub struct Signed {
    /// The three lines.
    pub string_to_sign: Vec<u8>,
    /// Base64 of the MAC.
    pub signature: String,
    /// Value of the header field.
    pub authorization: Vec<u8>,
}

/// Signs a request that goes to this target.
pub fn sign(account: &Account, method: &[u8], target: &[u8], date: &[u8]) -> Signed {
    let (path, _) = wire::split_target(target);
    let path = wire::encode(path, wire::unreserved);
    let string_to_sign = [method, b"\n", path.as_bytes(), b"\n", date].concat();
    let mut mac = Hmac::<Sha256>::new_from_slice(&account.api_secret).expect("HMAC takes keys of any length");
    mac.update(&string_to_sign);
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let authorization = [b"Signature ", account.api_key.as_slice(), b":", signature.as_bytes()].concat();
    Signed { string_to_sign, signature, authorization }
}

/// Judges a message. `now` is in nanoseconds since 1970; `skew` in seconds (`validity-period`).
pub fn judge(
    accounts: &[Account],
    now: i128,
    skew: u64,
    method: &[u8],
    target: &[u8],
    headers: &[Header],
) -> Result<(), Refusal> {
    let authorization = only(headers, b"Authorization")?.ok_or("missing-credential")?;
    let rest = authorization.strip_prefix(b"Signature ").ok_or("malformed")?;
    let colon = rest.iter().position(|&b| b == b':').ok_or("malformed")?;
    let (api_key, signature) = (&rest[..colon], &rest[colon + 1..]);
    // Where X-Flipbase-Date is present, Date is not looked at (`date-header`).
    let date = match only(headers, b"X-Flipbase-Date")? {
        Some(date) => date,
        None => only(headers, b"Date")?.ok_or("missing-credential")?,
    };
    let moment = Moment::read(date).ok_or("malformed")?;
    let account = accounts.iter().find(|account| account.api_key == api_key).ok_or("unknown-key")?;
    if account.api_secret.is_empty() {
        return Err("unknown-key");
    }
    if now.abs_diff(i128::from(moment.since_1970()) * 1_000_000) > u128::from(skew) * 1_000_000_000 {
        return Err("expired");
    }
    let expected = sign(account, method, target, date).signature;
    if signature == expected.as_bytes() { Ok(()) } else { Err("signature-mismatch") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_worked_string() {
        let account = Account {
            api_key: b"11bb3344aabb11ee22dd".to_vec(),
            api_secret: b"99xx88yy77vv66ww55cc44ee33bb22aa11oo00ss77vv".to_vec(),
        };
        let date = b"2018-05-04T12:05:14.649Z";
        let signed = sign(&account, b"POST", b"/api/organizations", date);
        assert_eq!(signed.string_to_sign, b"POST\n%2Fapi%2Forganizations\n2018-05-04T12:05:14.649Z");
        // The printed signature is a placeholder (`sample-signature`); this one is recorded in `hmac-key`.
        assert_eq!(signed.signature, "MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=");
        let headers = [(b"authorization".to_vec(), signed.authorization), (b"date".to_vec(), date.to_vec())];
        let judged = judge(&[account], 1_525_435_514_649_000_000, 0, b"POST", b"/api/organizations", &headers);
        assert_eq!(judged, Ok(()));
    }
}
