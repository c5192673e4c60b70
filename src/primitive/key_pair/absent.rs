//! Keys of a build without the feature `key-pairs`: there are none.

use super::{PairKind, SignatureAlgorithm, SignatureForm};

/// A private half, of which there is none.
#[derive(Clone)]
pub enum PrivateKey {}

/// A public half, of which there is none.
#[derive(Debug, Clone)]
pub enum PublicKey {}

impl PrivateKey {
    /// Says why there is none.
    pub fn read(_: PairKind, _: &[u8]) -> Result<PrivateKey, &'static str> {
        Err("of no use here: this build lacks the feature `key-pairs`")
    }

    /// Signs nothing.
    pub fn sign(&self, _: SignatureAlgorithm, _: SignatureForm, _: &[u8]) -> Option<Vec<u8>> {
        match *self {}
    }
}

impl PublicKey {
    /// Says why there is none.
    pub fn read(_: PairKind, _: &[u8]) -> Result<PublicKey, &'static str> {
        Err("of no use here: this build lacks the feature `key-pairs`")
    }

    /// Verifies nothing.
    pub fn verify(&self, _: SignatureAlgorithm, _: SignatureForm, _: &[u8], _: &[u8]) -> bool {
        match *self {}
    }
}

/// Makes no pair.
pub fn fresh(_: PairKind, _: &[u8]) -> Option<[String; 2]> {
    None
}
