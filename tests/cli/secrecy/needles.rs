//! Random secrets, and the search for what is left of them in a text.

use std::collections::HashSet;

/// Bytes of a secret that may not stand together in what is shown.
const RUN: usize = 6;

/// Letters and digits that make runs which no hexadecimal digits look like.
const LETTERS: &[u8] = b"ghijkmnpqrstuvwxyzGHJKLMNPQRSTUVWXYZ23456789";

/// A run of letters and digits drawn from a seed: the same seed gives the same run, so that a failure comes again.
pub fn letters(seed: &str, length: usize) -> String {
    let seed =
        seed.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut random = fastrand::Rng::with_seed(seed);
    (0..length).map(|_| char::from(LETTERS[random.usize(..LETTERS.len())])).collect()
}

/// What is looked for: every run of every secret, in every form.
#[derive(Default)]
pub struct Needles {
    all: Vec<(&'static str, Vec<u8>)>,
    /// Needles by their first two bytes.
    starting: Vec<Vec<usize>>,
}

impl Needles {
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Needles {
        let mut all: HashSet<(&'static str, Vec<u8>)> = HashSet::new();
        for secret in secrets {
            all.extend(secret.windows(RUN).flat_map(forms));
        }
        let all: Vec<_> = all.into_iter().collect();
        let mut starting = vec![Vec::new(); 1 << 16];
        for (i, (_, needle)) in all.iter().enumerate() {
            starting[first_two(needle)].push(i);
        }
        Needles { all, starting }
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The forms in which parts of secrets stand in a text, each with the line where one does first.
    pub fn found_in(&self, text: &str) -> Vec<(&'static str, String)> {
        let bytes = text.as_bytes();
        let mut found: Vec<(&'static str, String)> = Vec::new();
        for at in 0..bytes.len().saturating_sub(1) {
            for &i in &self.starting[first_two(&bytes[at..])] {
                let (form, needle) = &self.all[i];
                if bytes[at..].starts_with(needle) && found.iter().all(|(known, _)| known != form) {
                    found.push((form, line_at(bytes, at)));
                }
            }
        }
        found.sort();
        found
    }
}

fn first_two(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// The surroundings of a place, on its line.
fn line_at(bytes: &[u8], at: usize) -> String {
    let start = bytes[..at].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1).max(at.saturating_sub(60));
    let end = bytes[at..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |i| at + i).min(at + 60);
    String::from_utf8_lossy(&bytes[start..end]).into_owned()
}

/// A run of a secret in every form in which it may show.
fn forms(run: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex = |upper: bool| -> Vec<u8> {
        let digits = |b: &u8| if upper { format!("{b:02X}") } else { format!("{b:02x}") };
        run.iter().map(digits).collect::<String>().into_bytes()
    };
    let percent = |every: bool, upper: bool| -> Vec<u8> {
        let piece = |&b: &u8| match (every || !b.is_ascii_alphanumeric(), upper) {
            (false, _) => char::from(b).to_string(),
            (true, true) => format!("%{b:02X}"),
            (true, false) => format!("%{b:02x}"),
        };
        run.iter().map(piece).collect::<String>().into_bytes()
    };
    let mut forms = vec![
        ("plain", run.to_vec()),
        ("lower case", run.to_ascii_lowercase()),
        ("upper case", run.to_ascii_uppercase()),
        ("reversed", run.iter().rev().copied().collect()),
        ("escaped", run.escape_ascii().to_string().into_bytes()),
        ("escaped", printable(run).into_bytes()),
        ("hex", hex(false)),
        ("hex", hex(true)),
        ("percent-encoded", percent(true, true)),
        ("percent-encoded", percent(true, false)),
        ("percent-encoded", percent(false, true)),
        ("percent-encoded", percent(false, false)),
    ];
    for (offset, form) in ["Base64", "Base64 at offset 1", "Base64 at offset 2"].into_iter().enumerate() {
        let standard = base64_at(run, offset);
        let url = standard.replace('+', "-").replace('/', "_");
        forms.extend([(form, standard.into_bytes()), (form, url.into_bytes())]);
    }
    // What has no letters is the same in capitals: the plain form says it.
    let plain = run.to_vec();
    forms.retain(|(form, needle)| *form == "plain" || *needle != plain);
    forms
}

/// Bytes as a report prints them: text as it is, control characters and what is no UTF-8 escaped.
fn printable(run: &[u8]) -> String {
    let mut text = String::new();
    for chunk in run.utf8_chunks() {
        chunk.valid().chars().for_each(|c| match c.is_control() {
            true => text.extend(c.escape_unicode()),
            false => text.push(c),
        });
        chunk.invalid().iter().for_each(|b| text += &format!("\\x{b:02x}"));
    }
    text
}

/// The characters of Base64 that a run alone decides, after so many bytes of something else.
fn base64_at(run: &[u8], offset: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |i: usize| run[i / 8] >> (7 - i % 8) & 1;
    // The first of them begins so many bits into the run.
    let skipped = (6 - offset * 8 % 6) % 6;
    let starts = (skipped..run.len() * 8 - 5).step_by(6);
    let sextet = |start: usize| (0..6).fold(0, |value, i| value << 1 | bit(start + i));
    starts.map(|start| char::from(ALPHABET[usize::from(sextet(start))])).collect()
}

#[test]
fn the_search_finds_every_form_and_nothing_else() {
    let needles = Needles::of([b"Secret+Run1".as_slice(), b"\xff\x01key!"]);
    for (form, text) in [
        ("plain", "x Secret x"),
        ("lower case", "secret"),
        ("upper case", "SECRET"),
        ("reversed", "terceS"),
        ("escaped", "\\xff\\x01key!"),
        ("escaped", "\\xff\\u{1}key!"),
        ("hex", "x536563726574"),
        ("percent-encoded", "%53%65%63%72%65%74"),
        ("percent-encoded", "cret%2BR"),
        ("Base64", "U2VjcmV0K1J1bjE="),
        ("Base64 at offset 1", "OlNlY3JldCtSdW4x"),
        ("Base64 at offset 2", "YTpTZWNyZXQrUnVuMQ=="),
    ] {
        assert!(needles.found_in(text).iter().any(|(found, _)| *found == form), "{form}: {:?}", needles.found_in(text));
    }
    assert!(needles.found_in("*** Secre ecre 5365637265 U2VjcmU").is_empty());
}
