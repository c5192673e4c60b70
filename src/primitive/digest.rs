//! Digests and HMAC (RFC 2104) over the RustCrypto crates.

use hmac::digest::{FixedOutput, Update};
use hmac::{Hmac, KeyInit};
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Sha224, Sha256, Sha384, Sha512};

/// Makes the one of this algorithm.
macro_rules! make {
    ($with:expr, $make:expr) => {
        match $with {
            Algorithm::Md5 => Each::Md5($make),
            Algorithm::Sha1 => Each::Sha1($make),
            Algorithm::Sha224 => Each::Sha224($make),
            Algorithm::Sha256 => Each::Sha256($make),
            Algorithm::Sha384 => Each::Sha384($make),
            Algorithm::Sha512 => Each::Sha512($make),
        }
    };
}

/// Does the same with whichever it is.
macro_rules! with {
    ($each:expr, $one:pat => $result:expr) => {
        match $each {
            Each::Md5($one) => $result,
            Each::Sha1($one) => $result,
            Each::Sha224($one) => $result,
            Each::Sha256($one) => $result,
            Each::Sha384($one) => $result,
            Each::Sha512($one) => $result,
        }
    };
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(schemars::JsonSchema))]
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
    pub const fn name(self) -> &'static str {
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

    /// Writes the digest of `message` into `room`; panics where that has not its size.
    pub fn digest(self, message: &[u8], room: &mut [u8]) {
        let plain: Plain = make!(self, Default::default());
        with!(plain, hash => finish(fed(hash, message), room));
    }
}

/// One of something for each algorithm.
#[derive(Clone)]
enum Each<A, B, C, D, E, F> {
    Md5(A),
    Sha1(B),
    Sha224(C),
    Sha256(D),
    Sha384(E),
    Sha512(F),
}

type Plain = Each<Md5, Sha1, Sha224, Sha256, Sha384, Sha512>;
type Keyed = Each<Hmac<Md5>, Hmac<Sha1>, Hmac<Sha224>, Hmac<Sha256>, Hmac<Sha384>, Hmac<Sha512>>;

/// A key, prepared: the states of HMAC (RFC 2104) after the padded key. Wiped when dropped.
#[derive(Clone)]
pub struct Key(Keyed);

impl Key {
    /// Prepares a key, which may have any length.
    pub fn new(with: Algorithm, key: &[u8]) -> Key {
        // HMAC takes keys of every length (RFC 2104 section 3), so there is no error to report.
        fn keyed<M: KeyInit>(key: &[u8]) -> M {
            M::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"))
        }
        Key(make!(with, keyed(key)))
    }

    /// Writes the authentication code of `message` into `room`; panics where that has not its size.
    pub fn code(&self, message: &[u8], room: &mut [u8]) {
        with!(&self.0, mac => finish(fed(mac.clone(), message), room));
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(***)")
    }
}

/// A digest or authentication code of bytes that are still coming.
#[derive(Clone)]
pub struct Running(RunningState);

#[derive(Clone)]
enum RunningState {
    Plain(Plain),
    Keyed(Keyed),
}

impl Running {
    /// A digest.
    pub fn of(with: Algorithm) -> Running {
        Running(RunningState::Plain(make!(with, Default::default())))
    }

    /// An authentication code.
    pub fn keyed(key: &Key) -> Running {
        Running(RunningState::Keyed(key.0.clone()))
    }

    /// Takes bytes that follow what was taken before.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            RunningState::Plain(each) => with!(each, hash => Update::update(hash, bytes)),
            RunningState::Keyed(each) => with!(each, mac => Update::update(mac, bytes)),
        }
    }

    /// Writes what came out into `room`; panics where that has not its size.
    pub fn finish(self, room: &mut [u8]) {
        match self.0 {
            RunningState::Plain(each) => with!(each, hash => finish(hash, room)),
            RunningState::Keyed(each) => with!(each, mac => finish(mac, room)),
        }
    }
}

fn fed<H: Update>(mut hash: H, message: &[u8]) -> H {
    hash.update(message);
    hash
}

fn finish<H: FixedOutput>(hash: H, room: &mut [u8]) {
    let room = room.try_into().unwrap_or_else(|_| panic!("the room has not the size of the digest"));
    hash.finalize_into(room);
}
