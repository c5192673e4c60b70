//! Flipsnack, from the page "How to sign a request" and the decisions of its `statements.yaml`.
//!
//! 1. The parameters of query and body are sorted by the bytes of their names (`sort-collation`),
//!    those of one name in the order in which they are sent (`repeated-parameters`); exactly
//!    `signature` and `file` are left out (`file-excluded`).
//! 2. The string is the secret, then each name directly before its value, decoded
//!    (`raw-or-encoded-values`); without a value the name alone (`empty-parameters`).
//! 3. The signature is the MD5 of that string in small hexadecimal digits (`hex-case`).
//! 4. It goes into the query as `signature`.

use super::Refusal;
use super::wire::{self, Field};
use md5::{Digest, Md5};

/// What a server knows of an account.
#[derive(Debug, Clone)]
pub struct Account {
    /// Sent with every request.
    pub api_key: Vec<u8>,
    /// Known to client and server.
    pub secret: Vec<u8>,
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub enum Target {
    /// Path and query before any encoding.
    Meant(Vec<u8>, Vec<Field>),
    /// The same as on the wire.
    Exact(Vec<u8>),
}

/// A body as far as its parameters are concerned.
#[derive(Debug, Clone)]
pub enum Body {
    /// None, or of a media type without parameters.
    Opaque,
    /// `application/x-www-form-urlencoded`.
    Form(Vec<u8>),
    /// `multipart/form-data`, taken apart.
    Multipart(Vec<(Vec<u8>, Vec<u8>)>),
}

/// The stages of signing, and the target that is sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Signed {
    /// Steps 1 and 2, without the secret.
    pub canonical_query: Vec<u8>,
    /// Step 2.
    pub string_to_sign: Vec<u8>,
    /// Step 3.
    pub signature: String,
    /// Step 4.
    pub target: Vec<u8>,
}

/// Signs a request; `None` where its parameters cannot be read.
pub fn sign(account: &Account, target: &Target, body: &Body) -> Option<Signed> {
    let (path, mut pieces) = match target {
        Target::Meant(path, query) => {
            let pieces = query.iter().map(|field| wire::written(field).into_bytes()).collect();
            (wire::encode(path, wire::stays_in_path).into_bytes(), pieces)
        }
        Target::Exact(target) => {
            let (path, query) = wire::split_target(target);
            (path.to_vec(), query.unwrap_or_default().split(|&b| b == b'&').map(<[u8]>::to_vec).collect::<Vec<_>>())
        }
    };
    pieces.retain(|piece| !piece.is_empty());
    put(&mut pieces, b"apiKey", &account.api_key);
    let query = match target {
        Target::Meant(_, query) => {
            let mut query: Vec<Field> = query.iter().filter(|(name, _)| name != b"apiKey").cloned().collect();
            query.push((b"apiKey".to_vec(), Some(account.api_key.clone())));
            query
        }
        Target::Exact(_) => wire::fields(&pieces.join(&b'&'), b' ')?,
    };
    let canonical_query = canonical(query, body)?;
    let string_to_sign = [account.secret.as_slice(), &canonical_query].concat();
    let signature = hex_md5(&string_to_sign);
    put(&mut pieces, b"signature", signature.as_bytes());
    let target = [path, pieces.join(&b'&')].join(&b'?');
    Some(Signed { canonical_query, string_to_sign, signature, target })
}

/// Judges a message in the order that `codes-elsewhere` records: method, presence, key, signature.
pub fn judge(accounts: &[Account], call: &[u8], method: &[u8], target: &[u8], body: &Body) -> Result<(), Refusal> {
    if method != call {
        return Err("wrong-method");
    }
    let (_, query) = wire::split_target(target);
    let query = wire::fields(query.unwrap_or_default(), b' ').ok_or("malformed")?;
    let api_key = only(&query, b"apiKey")?;
    let signature = only(&query, b"signature")?;
    let account = accounts.iter().find(|account| account.api_key == api_key).ok_or("unknown-key")?;
    // An empty secret is none: anybody could sign with it.
    if account.secret.is_empty() {
        return Err("unknown-key");
    }
    let canonical = canonical(query.clone(), body).ok_or("malformed")?;
    let expected = hex_md5(&[account.secret.as_slice(), &canonical].concat());
    if signature == expected.as_bytes() { Ok(()) } else { Err("signature-mismatch") }
}

fn canonical(mut parameters: Vec<Field>, body: &Body) -> Option<Vec<u8>> {
    match body {
        Body::Opaque => {}
        Body::Form(raw) => parameters.extend(wire::fields(raw, b' ')?),
        Body::Multipart(parts) => parameters.extend(parts.iter().cloned().map(|(name, value)| (name, Some(value)))),
    }
    parameters.retain(|(name, _)| name != b"signature" && name != b"file");
    parameters.sort_by(|a, b| a.0.cmp(&b.0));
    Some(parameters.into_iter().flat_map(|(name, value)| [name, value.unwrap_or_default()].concat()).collect())
}

/// Fields of this name go away, and one goes to the end.
fn put(pieces: &mut Vec<Vec<u8>>, name: &[u8], value: &[u8]) {
    let named = |piece: &[u8]| wire::decode(piece.split(|&b| b == b'=').next().unwrap_or_default(), b' ');
    pieces.retain(|piece| named(piece).as_deref() != Some(name));
    pieces.push(wire::written(&(name.to_vec(), Some(value.to_vec()))).into_bytes());
}

/// A field that must be there, once, and not empty.
fn only<'a>(query: &'a [Field], name: &[u8]) -> Result<&'a [u8], Refusal> {
    let mut found = query.iter().filter(|field| field.0 == name);
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err("malformed"),
        (Some((_, Some(value))), None) if !value.is_empty() => Ok(value),
        _ => Err("missing-credential"),
    }
}

fn hex_md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_documented_address() {
        let account = Account { api_key: b"45FD-267-7SG7832".to_vec(), secret: b"123ABCDE-456-7890-FGH".to_vec() };
        let target = Target::Exact(b"/v1/?action=collection.getCollection&collectionHash=fxh4k89".to_vec());
        let signed = sign(&account, &target, &Body::Opaque).expect("its parameters can be read");
        let sent = "/v1/?action=collection.getCollection&collectionHash=fxh4k89&apiKey=45FD-267-7SG7832\
                    &signature=26e781d3d1751d82ec284acf4a019def";
        assert_eq!(String::from_utf8_lossy(&signed.target), sent);
        assert_eq!(judge(&[account], b"GET", b"GET", sent.as_bytes(), &Body::Opaque), Ok(()));
    }
}
