//! Keys of each kind, read from PEM, and what they sign and verify; none in a build without the feature `key-pairs`.

#[cfg(not(feature = "key-pairs"))]
pub use absent::{PrivateKey, PublicKey, fresh};
#[cfg(feature = "key-pairs")]
pub use present::{PrivateKey, PublicKey, fresh};
use std::fmt;

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

#[cfg(feature = "key-pairs")]
mod present {
    use super::super::algorithm::{PairKind, SignatureAlgorithm, SignatureForm};
    use ed25519::pkcs8::spki::der::pem::LineEnding;
    use ed25519::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
    use ed25519_dalek as ed25519;
    use p256::ecdsa::signature::{Signer, Verifier};
    use rsa::rand_core::{TryCryptoRng, TryRng};
    use sha1::Sha1;
    use sha2::{Digest, Sha256, Sha512};
    use std::collections::HashMap;
    use std::convert::Infallible;
    use std::fmt;
    use std::sync::{Mutex, PoisonError};

    /// Does the same with a key of either curve.
    macro_rules! sign_ecdsa {
        ($curve:ident, $key:expr, $form:expr, $message:expr) => {{
            let signature: $curve::ecdsa::Signature = $key.sign($message);
            match $form {
                SignatureForm::Raw => signature.to_bytes().to_vec(),
                SignatureForm::Der => signature.to_der().as_bytes().to_vec(),
            }
        }};
    }

    macro_rules! verify_ecdsa {
        ($curve:ident, $key:expr, $form:expr, $message:expr, $signature:expr) => {{
            let signature = match $form {
                SignatureForm::Raw => $curve::ecdsa::Signature::from_slice($signature),
                SignatureForm::Der => $curve::ecdsa::Signature::from_der($signature),
            };
            signature.is_ok_and(|signature| $key.verify($message, &signature).is_ok())
        }};
    }

    /// Answers that a key gave, by the digest of what was asked: many implementations ask the same. None of it is
    /// secret.
    struct KeyAnswers<T>(Mutex<HashMap<[u8; 32], T>>);

    /// The most that is kept.
    const KEPT: usize = 32;

    impl<T: Clone> KeyAnswers<T> {
        /// Takes the answer that was given, or asks.
        fn get(&self, asked: [&[u8]; 2], how: (SignatureAlgorithm, SignatureForm), ask: impl FnOnce() -> T) -> T {
            let mut hash = Sha256::new();
            Digest::update(&mut hash, [how.0 as u8, how.1 as u8]);
            for part in asked {
                Digest::update(&mut hash, part.len().to_be_bytes());
                Digest::update(&mut hash, part);
            }
            let asked = hash.finalize().into();
            let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(answer) = lock().get(&asked) {
                return answer.clone();
            }
            let answer = ask();
            let mut known = lock();
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(asked, answer.clone());
            answer
        }
    }

    impl<T> Default for KeyAnswers<T> {
        fn default() -> Self {
            KeyAnswers(Mutex::default())
        }
    }

    impl<T> Clone for KeyAnswers<T> {
        fn clone(&self) -> Self {
            Self::default()
        }
    }

    impl<T> fmt::Debug for KeyAnswers<T> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("KeyAnswers")
        }
    }

    /// A private half. Wiped when dropped.
    #[derive(Clone)]
    pub struct PrivateKey(Private, KeyAnswers<Option<Vec<u8>>>);

    #[derive(Clone)]
    enum Private {
        Ed25519(ed25519::SigningKey),
        Rsa(Box<rsa::PrivateKey>),
        P256(p256::ecdsa::SigningKey),
        P384(p384::ecdsa::SigningKey),
    }

    /// A public half.
    #[derive(Debug, Clone)]
    pub struct PublicKey(Public, KeyAnswers<bool>);

    #[derive(Debug, Clone)]
    enum Public {
        Ed25519(ed25519::VerifyingKey),
        Rsa(Box<rsa::PublicKey>),
        P256(p256::ecdsa::VerifyingKey),
        P384(p384::ecdsa::VerifyingKey),
    }

    impl PrivateKey {
        /// Reads the PEM text of a PKCS#8 key of this kind (RFC 5958); `Err` says what is wrong, and quotes nothing.
        pub fn read(kind: PairKind, pem: &[u8]) -> Result<PrivateKey, &'static str> {
            let text = std::str::from_utf8(pem).unwrap_or_default();
            let key = match kind {
                PairKind::Ed25519 => DecodePrivateKey::from_pkcs8_pem(text).map(Private::Ed25519),
                PairKind::Rsa => DecodePrivateKey::from_pkcs8_pem(text).map(Box::new).map(Private::Rsa),
                PairKind::EcdsaP256 => DecodePrivateKey::from_pkcs8_pem(text).map(Private::P256),
                PairKind::EcdsaP384 => DecodePrivateKey::from_pkcs8_pem(text).map(Private::P384),
            };
            key.map(|key| PrivateKey(key, KeyAnswers::default()))
                .map_err(|_| "no private key in PEM (`BEGIN PRIVATE KEY`, PKCS#8)")
        }

        /// The signature of a message; `None` where the key is too short for it, or of another kind.
        pub fn sign(&self, with: SignatureAlgorithm, form: SignatureForm, message: &[u8]) -> Option<Vec<u8>> {
            self.1.get([message, b""], (with, form), || self.signed(with, form, message))
        }

        fn signed(&self, with: SignatureAlgorithm, form: SignatureForm, message: &[u8]) -> Option<Vec<u8>> {
            match (&self.0, with) {
                (Private::Ed25519(key), SignatureAlgorithm::Ed25519) => Some(key.sign(message).to_bytes().to_vec()),
                (Private::P256(key), SignatureAlgorithm::EcdsaP256Sha256) => {
                    Some(sign_ecdsa!(p256, key, form, message))
                }
                (Private::P384(key), SignatureAlgorithm::EcdsaP384Sha384) => {
                    Some(sign_ecdsa!(p384, key, form, message))
                }
                (Private::Rsa(key), with) => sign_rsa(key, with, message),
                _ => None,
            }
        }
    }

    fn sign_rsa(key: &rsa::PrivateKey, with: SignatureAlgorithm, message: &[u8]) -> Option<Vec<u8>> {
        let salt = || Stream::of(message);
        match with {
            SignatureAlgorithm::RsaSha1 => key.pkcs1v15_sign::<Sha1>(message),
            SignatureAlgorithm::RsaSha256 => key.pkcs1v15_sign::<Sha256>(message),
            SignatureAlgorithm::RsaSha512 => key.pkcs1v15_sign::<Sha512>(message),
            SignatureAlgorithm::RsaPssSha256 => key.pss_sign_with_rng::<Sha256, _>(&mut salt(), message),
            SignatureAlgorithm::RsaPssSha512 => key.pss_sign_with_rng::<Sha512, _>(&mut salt(), message),
            _ => return None,
        }
        .ok()
    }

    impl PublicKey {
        /// Reads the PEM text of a key of this kind (SubjectPublicKeyInfo, RFC 5280); `Err` says what is wrong.
        pub fn read(kind: PairKind, pem: &[u8]) -> Result<PublicKey, &'static str> {
            let text = std::str::from_utf8(pem).unwrap_or_default();
            let key = match kind {
                PairKind::Ed25519 => DecodePublicKey::from_public_key_pem(text).map(Public::Ed25519),
                PairKind::Rsa => DecodePublicKey::from_public_key_pem(text).map(Box::new).map(Public::Rsa),
                PairKind::EcdsaP256 => DecodePublicKey::from_public_key_pem(text).map(Public::P256),
                PairKind::EcdsaP384 => DecodePublicKey::from_public_key_pem(text).map(Public::P384),
            };
            key.map(|key| PublicKey(key, KeyAnswers::default()))
                .map_err(|_| "no public key in PEM (`BEGIN PUBLIC KEY`, SubjectPublicKeyInfo)")
        }

        /// Returns whether this is the signature of a message. Ed25519 refuses what RFC 8032 section 5.1.7 refuses, and
        /// keys and points of small order as well; DER is strict; either of the two numbers that ECDSA permits for one
        /// signature is taken.
        pub fn verify(&self, with: SignatureAlgorithm, form: SignatureForm, message: &[u8], signature: &[u8]) -> bool {
            self.1.get([message, signature], (with, form), || self.verified(with, form, message, signature))
        }

        fn verified(&self, with: SignatureAlgorithm, form: SignatureForm, message: &[u8], signature: &[u8]) -> bool {
            match (&self.0, with) {
                (Public::Ed25519(key), SignatureAlgorithm::Ed25519) => ed25519::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
                (Public::P256(key), SignatureAlgorithm::EcdsaP256Sha256) => {
                    verify_ecdsa!(p256, key, form, message, signature)
                }
                (Public::P384(key), SignatureAlgorithm::EcdsaP384Sha384) => {
                    verify_ecdsa!(p384, key, form, message, signature)
                }
                (Public::Rsa(key), with) => verify_rsa(key, with, message, signature),
                _ => false,
            }
        }
    }

    fn verify_rsa(key: &rsa::PublicKey, with: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        match with {
            SignatureAlgorithm::RsaSha1 => key.pkcs1v15_verify::<Sha1>(message, signature).is_ok(),
            SignatureAlgorithm::RsaSha256 => key.pkcs1v15_verify::<Sha256>(message, signature).is_ok(),
            SignatureAlgorithm::RsaSha512 => key.pkcs1v15_verify::<Sha512>(message, signature).is_ok(),
            SignatureAlgorithm::RsaPssSha256 => key.pss_verify::<Sha256>(message, signature).is_ok(),
            SignatureAlgorithm::RsaPssSha512 => key.pss_verify::<Sha512>(message, signature).is_ok(),
            _ => false,
        }
    }

    /// A made-up pair that follows from a seed, private half first, in PEM; RSA has 2048 bits.
    pub fn fresh(kind: PairKind, seed: &[u8]) -> Option<[String; 2]> {
        fn pem(private: &impl EncodePrivateKey, public: &impl EncodePublicKey) -> Option<[String; 2]> {
            let private = private.to_pkcs8_pem(LineEnding::LF).ok()?;
            Some([private.to_string(), public.to_public_key_pem(LineEnding::LF).ok()?])
        }
        let mut stream = Stream::of(seed);
        match kind {
            PairKind::Ed25519 => {
                let key = ed25519::SigningKey::from_bytes(&stream.bytes());
                pem(&key, &key.verifying_key())
            }
            PairKind::Rsa => {
                let key = rsa::PrivateKey::new(&mut stream, 2048).ok()?;
                pem(&key, &key.to_public_key())
            }
            PairKind::EcdsaP256 => {
                let key =
                    std::iter::repeat_with(|| p256::SecretKey::from_slice(&stream.bytes::<32>())).flatten().next()?;
                pem(&key, &key.public_key())
            }
            PairKind::EcdsaP384 => {
                let key =
                    std::iter::repeat_with(|| p384::SecretKey::from_slice(&stream.bytes::<48>())).flatten().next()?;
                pem(&key, &key.public_key())
            }
        }
    }

    /// Bytes that follow from others: digests of their digest and a number. It is no source of anything secret.
    struct Stream {
        seed: [u8; 32],
        count: u64,
    }

    impl Stream {
        fn of(seed: &[u8]) -> Stream {
            Stream { seed: Sha256::digest(seed).into(), count: 0 }
        }

        fn bytes<const N: usize>(&mut self) -> [u8; N] {
            let mut bytes = [0; N];
            let Ok(()) = self.try_fill_bytes(&mut bytes);
            bytes
        }
    }

    impl TryRng for Stream {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(u32::from_le_bytes(self.bytes()))
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(u64::from_le_bytes(self.bytes()))
        }

        fn try_fill_bytes(&mut self, room: &mut [u8]) -> Result<(), Infallible> {
            for chunk in room.chunks_mut(32) {
                let block = Sha256::new().chain_update(self.seed).chain_update(self.count.to_le_bytes()).finalize();
                chunk.copy_from_slice(&block[..chunk.len()]);
                self.count += 1;
            }
            Ok(())
        }
    }

    impl TryCryptoRng for Stream {}
}

#[cfg(not(feature = "key-pairs"))]
mod absent {
    use super::super::algorithm::{PairKind, SignatureAlgorithm, SignatureForm};

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
}
