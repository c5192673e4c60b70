//! Digests and HMAC give what implementations that share no code with them give: `cryptoxide` and
//! `md5`, and RFC 2104 written over their digests. In one piece and in many; keys of any length.

use countersign::primitive::digest::{Algorithm, Key, Running};
use cryptoxide::hashing::{sha1, sha224, sha256, sha384, sha512};

/// Hashes the bytes: how long the key is, where the message is cut, how often it is repeated, then
/// key and message.
pub fn run(bytes: &[u8]) {
    let [key, cuts, times, rest @ ..] = bytes else { return };
    let (key, message) = rest.split_at(usize::from(*key).min(rest.len()));
    let message = message.repeat(1 + usize::from(times % 8));
    for with in Algorithm::ALL {
        let expected = digest(with, &message);
        let whole = made(with, |room| with.digest(&message, room));
        assert_same(&format_args!("{} of", with.name()), &whole, &expected, &message);
        assert_eq!(with.size(), expected.len(), "the size of {}", with.name());
        let pieces = made(with, |room| in_pieces(Running::of(with), &message, *cuts).finish(room));
        assert_same(&format_args!("{} in pieces of", with.name()), &pieces, &expected, &message);

        let expected = hmac(with, key, &message);
        let prepared = Key::new(with, key);
        let what = format_args!("HMAC with {} and the key `{}` of", with.name(), key.escape_ascii()).to_string();
        for _ in 0..2 {
            assert_same(&what, &made(with, |room| prepared.code(&message, room)), &expected, &message);
        }
        let pieces = made(with, |room| in_pieces(Running::keyed(&prepared), &message, *cuts).finish(room));
        assert_same(&what, &pieces, &expected, &message);
    }
}

/// What is written into room of the digest's size.
fn made(with: Algorithm, write: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut room = vec![0; with.size()];
    write(&mut room);
    room
}

fn in_pieces(mut running: Running, message: &[u8], cuts: u8) -> Running {
    let (mut rest, mut length) = (message, usize::from(cuts));
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(length.min(rest.len()));
        running.update(piece);
        (rest, length) = (after, (length * 7 + 13) % 200);
    }
    running
}

fn digest(with: Algorithm, message: &[u8]) -> Vec<u8> {
    match with {
        Algorithm::Md5 => plain_md5::compute(message).0.to_vec(),
        Algorithm::Sha1 => sha1(message).to_vec(),
        Algorithm::Sha224 => sha224(message).to_vec(),
        Algorithm::Sha256 => sha256(message).to_vec(),
        Algorithm::Sha384 => sha384(message).to_vec(),
        Algorithm::Sha512 => sha512(message).to_vec(),
    }
}

/// RFC 2104, section 2.
fn hmac(with: Algorithm, key: &[u8], message: &[u8]) -> Vec<u8> {
    let block = if matches!(with, Algorithm::Sha384 | Algorithm::Sha512) { 128 } else { 64 };
    let mut padded = if key.len() > block { digest(with, key) } else { key.to_vec() };
    padded.resize(block, 0);
    let keyed = |pad: u8, text: &[u8]| {
        let key = padded.iter().map(|byte| byte ^ pad);
        digest(with, &key.chain(text.iter().copied()).collect::<Vec<u8>>())
    };
    keyed(0x5c, &keyed(0x36, message))
}

fn assert_same(what: &dyn std::fmt::Display, found: &[u8], expected: &[u8], message: &[u8]) {
    let (found_text, expected_text) = (found.escape_ascii(), expected.escape_ascii());
    let message = message.escape_ascii();
    assert!(
        found == expected,
        "{what} `{message}` is `{found_text}`, and by the second implementation `{expected_text}`"
    );
}
