//! The bare primitives: the crates themselves, on the bytes that a scheme was seen to hash.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use countersign::primitive::digest::Algorithm;
use countersign::primitive::encoding::hex;
use countersign::primitive::percent::HexCase;
use countersign::scheme::Hashed;
use hmac::digest::{FixedOutput, Update};
use hmac::{Hmac, KeyInit};
use std::hint::black_box;

/// A hash that is computed anew with each call: its result, encoded, goes into the buffer.
pub type Bare = Box<dyn FnMut(&mut Vec<u8>)>;

type Encode = fn(&[u8], &mut Vec<u8>);

/// Encodings of a result: as it is last, since that is what a scheme does that encodes nothing.
const ENCODINGS: [Encode; 7] = [
    |bytes, out| hex(bytes, HexCase::Lower, out),
    |bytes, out| hex(bytes, HexCase::Upper, out),
    |bytes, out| base64(&STANDARD, bytes, out),
    |bytes, out| base64(&STANDARD_NO_PAD, bytes, out),
    |bytes, out| base64(&URL_SAFE, bytes, out),
    |bytes, out| base64(&URL_SAFE_NO_PAD, bytes, out),
    |bytes, out| out.extend_from_slice(bytes),
];

fn base64(engine: &impl Engine, bytes: &[u8], out: &mut Vec<u8>) {
    out.resize(bytes.len().div_ceil(3) * 4, 0);
    let written = engine.encode_slice(bytes, out).expect("there is room");
    out.truncate(written);
}

/// The primitive that does what a scheme was seen to do, its result encoded as `shown` has it.
pub fn bare(hashed: Hashed<'_>, shown: &[Vec<u8>]) -> Bare {
    let (message, key) = (hashed.message.to_vec(), hashed.key);
    match hashed.with {
        Algorithm::Md5 => either::<md5::Md5, Hmac<md5::Md5>>(message, key, shown),
        Algorithm::Sha1 => either::<sha1::Sha1, Hmac<sha1::Sha1>>(message, key, shown),
        Algorithm::Sha224 => either::<sha2::Sha224, Hmac<sha2::Sha224>>(message, key, shown),
        Algorithm::Sha256 => either::<sha2::Sha256, Hmac<sha2::Sha256>>(message, key, shown),
        Algorithm::Sha384 => either::<sha2::Sha384, Hmac<sha2::Sha384>>(message, key, shown),
        Algorithm::Sha512 => either::<sha2::Sha512, Hmac<sha2::Sha512>>(message, key, shown),
    }
}

fn either<H, M>(message: Vec<u8>, key: Option<&[u8]>, shown: &[Vec<u8>]) -> Bare
where
    H: Default + Clone + Update + FixedOutput + 'static,
    M: KeyInit + Clone + Update + FixedOutput + 'static,
{
    match key {
        None => run(H::default(), message, shown),
        Some(key) => run(<M as KeyInit>::new_from_slice(key).expect("any key will do"), message, shown),
    }
}

fn run<S: Clone + Update + FixedOutput + 'static>(start: S, message: Vec<u8>, shown: &[Vec<u8>]) -> Bare {
    let result = start.clone().chain(&message).finalize_fixed();
    let gives = |encode: &&Encode| {
        let mut out = Vec::new();
        encode(&result, &mut out);
        shown.contains(&out)
    };
    let encode = *ENCODINGS.iter().find(gives).unwrap_or(&ENCODINGS[ENCODINGS.len() - 1]);
    Box::new(move |out| {
        out.clear();
        let result = black_box(&start).clone().chain(black_box(&message)).finalize_fixed();
        encode(&result, out);
    })
}
