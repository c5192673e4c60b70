//! Kinds of pairs, algorithms of signatures and their forms.

use crate::primitive::digest::Algorithm;
use serde::{Deserialize, Serialize};

/// A kind of key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PairKind {
    /// RFC 8032.
    Ed25519,
    /// RFC 8017, 1024 to 8192 bits.
    Rsa,
    /// FIPS 186-5 over P-256.
    EcdsaP256,
    /// FIPS 186-5 over P-384.
    EcdsaP384,
}

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SignatureAlgorithm {
    /// RFC 8032 section 5.1.
    Ed25519,
    /// RFC 8017 section 8.2 with SHA-1.
    RsaSha1,
    /// The same with SHA-256.
    RsaSha256,
    /// The same with SHA-512.
    RsaSha512,
    /// RFC 8017 section 8.1 with SHA-256 throughout, and a salt as long as the digest.
    RsaPssSha256,
    /// The same with SHA-512.
    RsaPssSha512,
    /// ECDSA over P-256 with SHA-256.
    EcdsaP256Sha256,
    /// ECDSA over P-384 with SHA-384.
    EcdsaP384Sha384,
}

/// Form of an ECDSA signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureForm {
    /// The two numbers one after the other, each as long as the order of the curve, as in JOSE.
    Raw,
    /// A DER sequence of the two numbers.
    Der,
}

impl PairKind {
    /// All of them.
    pub const ALL: [PairKind; 4] = [PairKind::Ed25519, PairKind::Rsa, PairKind::EcdsaP256, PairKind::EcdsaP384];

    /// Returns whether its signatures are two numbers, which have two forms.
    pub const fn is_ecdsa(self) -> bool {
        matches!(self, PairKind::EcdsaP256 | PairKind::EcdsaP384)
    }

    /// The name in a scheme's `account`.
    pub const fn name(self) -> &'static str {
        match self {
            PairKind::Ed25519 => "ed25519",
            PairKind::Rsa => "rsa",
            PairKind::EcdsaP256 => "ecdsa-p256",
            PairKind::EcdsaP384 => "ecdsa-p384",
        }
    }
}

impl SignatureAlgorithm {
    /// All of them, by name.
    pub const ALL: [SignatureAlgorithm; 8] = [
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::RsaSha1,
        SignatureAlgorithm::RsaSha256,
        SignatureAlgorithm::RsaSha512,
        SignatureAlgorithm::RsaPssSha256,
        SignatureAlgorithm::RsaPssSha512,
        SignatureAlgorithm::EcdsaP256Sha256,
        SignatureAlgorithm::EcdsaP384Sha384,
    ];

    /// The name in a scheme: `rsa-sha256`.
    pub const fn name(self) -> &'static str {
        match self {
            SignatureAlgorithm::Ed25519 => "ed25519",
            SignatureAlgorithm::RsaSha1 => "rsa-sha1",
            SignatureAlgorithm::RsaSha256 => "rsa-sha256",
            SignatureAlgorithm::RsaSha512 => "rsa-sha512",
            SignatureAlgorithm::RsaPssSha256 => "rsa-pss-sha256",
            SignatureAlgorithm::RsaPssSha512 => "rsa-pss-sha512",
            SignatureAlgorithm::EcdsaP256Sha256 => "ecdsa-p256-sha256",
            SignatureAlgorithm::EcdsaP384Sha384 => "ecdsa-p384-sha384",
        }
    }

    /// The one of this name.
    pub fn named(word: &str) -> Option<SignatureAlgorithm> {
        SignatureAlgorithm::ALL.into_iter().find(|with| with.name() == word)
    }

    /// The pairs that it needs.
    pub const fn pair(self) -> PairKind {
        match self {
            SignatureAlgorithm::Ed25519 => PairKind::Ed25519,
            SignatureAlgorithm::EcdsaP256Sha256 => PairKind::EcdsaP256,
            SignatureAlgorithm::EcdsaP384Sha384 => PairKind::EcdsaP384,
            _ => PairKind::Rsa,
        }
    }

    /// The hash function of the message.
    pub const fn digest(self) -> Algorithm {
        match self {
            SignatureAlgorithm::RsaSha1 => Algorithm::Sha1,
            SignatureAlgorithm::RsaSha256 | SignatureAlgorithm::RsaPssSha256 | SignatureAlgorithm::EcdsaP256Sha256 => {
                Algorithm::Sha256
            }
            SignatureAlgorithm::EcdsaP384Sha384 => Algorithm::Sha384,
            SignatureAlgorithm::Ed25519 | SignatureAlgorithm::RsaSha512 | SignatureAlgorithm::RsaPssSha512 => {
                Algorithm::Sha512
            }
        }
    }

    /// Returns whether signers may differ in the signature of one message.
    pub const fn is_random(self) -> bool {
        match self {
            SignatureAlgorithm::RsaPssSha256
            | SignatureAlgorithm::RsaPssSha512
            | SignatureAlgorithm::EcdsaP256Sha256
            | SignatureAlgorithm::EcdsaP384Sha384 => true,
            SignatureAlgorithm::Ed25519
            | SignatureAlgorithm::RsaSha1
            | SignatureAlgorithm::RsaSha256
            | SignatureAlgorithm::RsaSha512 => false,
        }
    }
}

/// The signature of the same number in an Ed25519 signature whose scalar is not below the order of the group, which
/// RFC 8032 section 5.1.7 refuses; for mutants alone.
pub fn reduced(signature: &[u8]) -> Option<[u8; 64]> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut reduced: [u8; 64] = signature.try_into().ok()?;
    let mut borrow = 0;
    for (byte, order) in reduced[32..].iter_mut().zip(ORDER) {
        let difference = i16::from(*byte) - i16::from(order) - borrow;
        (*byte, borrow) = (difference as u8, i16::from(difference < 0));
    }
    (borrow == 0).then_some(reduced)
}

/// Returns whether both numbers of an ECDSA signature are zero; for mutants alone.
pub fn is_zero(form: SignatureForm, signature: &[u8]) -> bool {
    match form {
        SignatureForm::Raw => !signature.is_empty() && signature.iter().all(|&byte| byte == 0),
        SignatureForm::Der => signature == [0x30, 6, 2, 1, 0, 2, 1, 0],
    }
}
