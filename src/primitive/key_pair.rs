//! Signatures under key pairs: Ed25519 (RFC 8032), RSA (RFC 8017) and ECDSA (FIPS 186-5) over the RustCrypto crates.
//!
//! Nothing is random here: ECDSA signs by RFC 6979, and the salt of RSA-PSS follows from the message.

mod algorithm;
mod key;

pub use algorithm::{PairKind, SignatureAlgorithm, SignatureForm, is_zero, reduced};
pub use key::{PrivateKey, PublicKey, fresh};
