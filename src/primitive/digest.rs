//! Digests and HMAC (RFC 2104) over the RustCrypto crates.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// RFC 1321; 16 bytes.
    Md5,
    /// RFC 3174; 20 bytes.
    Sha1,
    /// FIPS 180-4; 28 bytes.
    Sha224,
    /// FIPS 180-4; 32 bytes.
    Sha256,
    /// FIPS 180-4; 48 bytes.
    Sha384,
    /// FIPS 180-4; 64 bytes.
    Sha512,
}

impl Algorithm {
    /// All of them, by name.
    pub const ALL: [Algorithm; 6] =
        [Algorithm::Md5, Algorithm::Sha1, Algorithm::Sha224, Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512];

    /// The name as a step of a scheme: `sha256`.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Md5 => "md5",
            Algorithm::Sha1 => "sha1",
            Algorithm::Sha224 => "sha224",
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha384 => "sha384",
            Algorithm::Sha512 => "sha512",
        }
    }

    /// Size of the digest in bytes.
    pub fn size(self) -> usize {
        match self {
            Algorithm::Md5 => 16,
            Algorithm::Sha1 => 20,
            Algorithm::Sha224 => 28,
            Algorithm::Sha256 => 32,
            Algorithm::Sha384 => 48,
            Algorithm::Sha512 => 64,
        }
    }

    /// Appends the digest of `message`.
    pub fn digest(self, message: &[u8], out: &mut Vec<u8>) {
        match self {
            Algorithm::Md5 => out.extend_from_slice(&Md5::digest(message)),
            Algorithm::Sha1 => out.extend_from_slice(&Sha1::digest(message)),
            Algorithm::Sha224 => out.extend_from_slice(&Sha224::digest(message)),
            Algorithm::Sha256 => out.extend_from_slice(&Sha256::digest(message)),
            Algorithm::Sha384 => out.extend_from_slice(&Sha384::digest(message)),
            Algorithm::Sha512 => out.extend_from_slice(&Sha512::digest(message)),
        }
    }

    /// Appends the HMAC of `message` under `key`, which may have any length.
    pub fn hmac(self, key: &[u8], message: &[u8], out: &mut Vec<u8>) {
        match self {
            Algorithm::Md5 => mac::<Hmac<Md5>>(key, message, out),
            Algorithm::Sha1 => mac::<Hmac<Sha1>>(key, message, out),
            Algorithm::Sha224 => mac::<Hmac<Sha224>>(key, message, out),
            Algorithm::Sha256 => mac::<Hmac<Sha256>>(key, message, out),
            Algorithm::Sha384 => mac::<Hmac<Sha384>>(key, message, out),
            Algorithm::Sha512 => mac::<Hmac<Sha512>>(key, message, out),
        }
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8], out: &mut Vec<u8>) {
    // HMAC takes keys of every length (RFC 2104 section 3), so there is no error to report.
    let mut mac = <M as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(message);
    out.extend_from_slice(&mac.finalize().into_bytes());
}
