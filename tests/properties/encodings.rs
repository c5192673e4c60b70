//! Percent-encoding, forms, queries, hexadecimal and Base64 are those of well-kept crates that the
//! library does not use for them: `percent-encoding`, `form_urlencoded`, `data-encoding`; dates are those of
//! `jiff`, whose calendar the library takes and whose formats it does not; and what is encoded decodes to
//! itself.
//!
//! Where the crates differ on purpose, that is not compared: they leave a broken escape as it stands,
//! and here it is an error; they make text of bytes that are no UTF-8; they take several padded pieces of
//! Base64 one after the other; they tell a name without a value from one with an empty value in nothing.

#[path = "../forms/mod.rs"]
mod forms;

use countersign::primitive::encoding::{self, Alphabet, Base64};
use countersign::primitive::percent::{self, HexCase, KeepSet, Plus};
use countersign::primitive::time::{Instant, TimeFormat};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE, HEXUPPER};
use forms::DATES;

/// Encodes and decodes the bytes: flags, the bytes that stay as they are up to a NUL, and what is encoded.
pub fn run(bytes: &[u8]) {
    let [flags, rest @ ..] = bytes else { return };
    let nul = rest.iter().position(|&b| b == 0).unwrap_or(0);
    let (kept, data) = rest.split_at(nul);
    let data = data.strip_prefix(&[0]).unwrap_or(data);
    encode(data, kept, flags & 1 != 0, flags & 2 != 0);
    [Plus::Literal, Plus::Space].into_iter().for_each(|plus| decode(data, plus));
    form(data);
    pieces(data);
    hex(data);
    base64(data);
    times(data);
}

fn encode(data: &[u8], kept: &[u8], lower: bool, plus: bool) {
    let more = kept.iter().fold(KeepSet::NONE, |set, &byte| set.with(&[byte]));
    for (known, name) in
        [(KeepSet::NONE, &b""[..]), (KeepSet::UNRESERVED, b"-._~"), (KeepSet::PATH, b"-._~!$&'()*+,;=:@/")]
    {
        let keep = known.union(&more);
        let stays = |byte: u8| {
            kept.contains(&byte) || name.contains(&byte) || (!name.is_empty() && byte.is_ascii_alphanumeric())
        };
        let mut expected = Vec::new();
        for &byte in data {
            match byte {
                byte if stays(byte) => expected.push(byte),
                b' ' if plus => expected.push(b'+'),
                byte if lower => expected.extend(percent_encoding::percent_encode_byte(byte).to_lowercase().bytes()),
                byte => expected.extend(percent_encoding::percent_encode_byte(byte).bytes()),
            }
        }
        let mut found = Vec::new();
        percent::encode_with(data, &keep, if lower { HexCase::Lower } else { HexCase::Upper }, plus, &mut found);
        assert_same("percent-encoded", &found, &expected, data);
        // Where neither of the two that mean something else stays, nothing is lost.
        let is_lossy = stays(b'%') || (plus && stays(b'+'));
        if !is_lossy {
            let mut again = Vec::new();
            let read = percent::decode(&found, if plus { Plus::Space } else { Plus::Literal }, &mut again);
            assert_eq!(read, Ok(()), "what was encoded decodes");
            assert_same("encoded and decoded", &again, data, data);
        }
    }
}

fn decode(data: &[u8], plus: Plus) {
    let spaced: Vec<u8> = data.iter().map(|&b| if b == b'+' && plus == Plus::Space { b' ' } else { b }).collect();
    let expected: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    let digits = |at: usize| data.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    let broken = (0..data.len()).find(|&at| data[at] == b'%' && !digits(at));
    let mut found = Vec::new();
    let read = percent::decode(data, plus, &mut found);
    assert_eq!(read.err().map(|e| e.0), broken, "the first broken escape of `{}`", data.escape_ascii());
    assert_eq!(percent::decodes_to(data, plus, &expected), broken.is_none(), "`{}`", data.escape_ascii());
    if broken.is_none() {
        assert_same("percent-decoded", &found, &expected, data);
        let longer = [expected.as_slice(), b"x"].concat();
        assert!(!percent::decodes_to(data, plus, &longer), "`{}` decodes to more than it is", data.escape_ascii());
    }
}

/// The set of the URL standard's forms, with a space as `+`.
fn form(data: &[u8]) {
    let keep = KeepSet::UNRESERVED.with(b"*");
    let expected: String = form_urlencoded::byte_serialize(data).collect();
    let mut found = Vec::new();
    percent::encode_with(data, &keep, HexCase::Upper, true, &mut found);
    // The URL standard encodes `~`, which RFC 3986 lets stay.
    assert_same("a form's value", &found, expected.replace("%7E", "~").as_bytes(), data);
}

fn pieces(data: &[u8]) {
    let mut pairs = Vec::new();
    for (name, value) in percent::pieces(data) {
        let decoded = |piece: &[u8]| {
            let mut out = Vec::new();
            percent::decode(piece, Plus::Space, &mut out).ok()?;
            String::from_utf8(out).ok()
        };
        let (Some(name), Some(value)) = (decoded(name), decoded(value.unwrap_or_default())) else { return };
        pairs.push((name, value));
    }
    let expected: Vec<(String, String)> = form_urlencoded::parse(data).into_owned().collect();
    assert_eq!(pairs, expected, "the fields of `{}`", data.escape_ascii());
}

fn hex(data: &[u8]) {
    for (case, crate_) in [(HexCase::Lower, HEXLOWER), (HexCase::Upper, HEXUPPER)] {
        let (mut found, mut again) = (Vec::new(), Vec::new());
        encoding::hex(data, case, &mut found);
        assert_same("hexadecimal", &found, crate_.encode(data).as_bytes(), data);
        assert_eq!(encoding::hex_decode(&found, &mut again), Ok(()));
        assert_same("hexadecimal and back", &again, data, data);
    }
    let mut found = Vec::new();
    let read = encoding::hex_decode(data, &mut found).ok().map(|()| found);
    assert_eq!(read, HEXLOWER_PERMISSIVE.decode(data).ok(), "`{}` from hexadecimal", data.escape_ascii());
}

fn base64(data: &[u8]) {
    // A crate that takes one padded piece after the other has nothing to say of `=` in the middle.
    let end = data.iter().position(|&b| b == b'=').unwrap_or(data.len());
    let is_one_piece = data[end..].iter().all(|&b| b == b'=');
    for (alphabet, padding, second) in [
        (Alphabet::Standard, true, &BASE64),
        (Alphabet::Standard, false, &BASE64_NOPAD),
        (Alphabet::Url, true, &BASE64URL),
        (Alphabet::Url, false, &BASE64URL_NOPAD),
    ] {
        let own = Base64 { alphabet, padding };
        let (mut found, mut again) = (b"kept".to_vec(), Vec::new());
        own.encode(data, &mut found);
        assert_same("Base64", &found[4..], second.encode(data).as_bytes(), data);
        assert!(found.starts_with(b"kept"), "what stood before is still there");
        assert_eq!(own.decode(&found[4..], &mut again), Ok(()));
        assert_same("Base64 and back", &again, data, data);
        if is_one_piece {
            let mut found = Vec::new();
            let read = own.decode(data, &mut found).ok().map(|()| found);
            assert_eq!(read, second.decode(data).ok(), "`{}` from {own:?}", data.escape_ascii());
        }
    }
}

fn assert_same(what: &str, found: &[u8], expected: &[u8], data: &[u8]) {
    let (found_text, expected_text, data) = (found.escape_ascii(), expected.escape_ascii(), data.escape_ascii());
    assert!(found == expected, "`{data}` {what} is `{found_text}`, and by the crate `{expected_text}`");
}

/// A moment is written as `jiff` writes it; text that is a time is what that time is written as.
fn times(data: &[u8]) {
    let moment = data.iter().take(12).rfold(0, |number, &byte| number << 8 | i128::from(byte)) - (1 << 94);
    let written = |form: &TimeFormat, moment: i128| {
        let mut text = Vec::new();
        form.write(Instant(moment), &mut text);
        text
    };
    for (name, pattern, unit) in DATES {
        let form = forms::form(name);
        let text = written(&form, moment);
        let stamp = jiff::Timestamp::from_nanosecond(moment.div_euclid(unit) * unit).ok();
        if let Some(stamp) = stamp.filter(|stamp| stamp.strftime("%Y").to_string().len() == 4) {
            assert_same("a moment written", &text, stamp.strftime(pattern).to_string().as_bytes(), data);
        }
        if let Some(read) = form.read(data).filter(|_| unit > 1 && !name.contains('z')) {
            assert_same("a time read and written", &written(&form, read.0), data, data);
        }
    }
    for (name, unit) in [("unix-seconds", 1_000_000_000), ("unix-millis", 1_000_000), ("%s%6f", 1_000), ("%s%9f", 1)] {
        let form = forms::form(name);
        let count = moment.div_euclid(unit).to_string();
        assert_same("a moment counted", &written(&form, moment), count.as_bytes(), data);
        let read = std::str::from_utf8(data).ok().and_then(|text| text.parse::<i64>().ok());
        let exact = read.filter(|number| number.to_string().as_bytes() == data);
        assert_eq!(form.read(data), exact.map(|number| Instant(i128::from(number) * unit)), "{}", data.escape_ascii());
    }
}
