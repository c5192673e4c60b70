//! Small transformations of bytes that stand for text.

use super::{ROOM, Sink};
use bumpalo::collections::Vec as Gathered;

/// Appends `bytes` with each changed.
pub fn each(bytes: &[u8], change: fn(&u8) -> u8, out: &mut impl Sink) {
    for block in bytes.chunks(ROOM) {
        out.fill(block.len(), |room| {
            room.iter_mut().zip(block).for_each(|(to, from)| *to = change(from));
            block.len()
        });
    }
}

/// Appends `bytes` with runs of spaces and tabs made one space, none at either end.
pub fn collapse_space(bytes: &[u8], out: &mut impl Sink) {
    let words = bytes.split(|&b| b == b' ' || b == b'\t').filter(|word| !word.is_empty());
    for (i, word) in words.enumerate() {
        if i > 0 {
            out.put(b" ");
        }
        out.put(word);
    }
}

/// Appends a path with dot segments removed (RFC 3986 section 5.2.4) and runs of `/` made one.
pub fn normalize_path(path: &[u8], out: &mut Gathered<'_, u8>) {
    let start = out.len();
    out.push(b'/');
    let mut ends_open = false;
    for segment in path.split(|&b| b == b'/') {
        ends_open = true;
        match segment {
            b"" | b"." => {}
            b".." => {
                let parent = out[start..out.len() - 1].iter().rposition(|&b| b == b'/');
                out.truncate(start + parent.map_or(1, |slash| slash + 1));
            }
            name => {
                out.extend_from_slice_copy(name);
                out.push(b'/');
                ends_open = false;
            }
        }
    }
    // A path that ends in a name has no slash after it; one that ends in `/`, `.` or `..` has.
    if !ends_open && out.len() > start + 1 {
        out.pop();
    }
}

/// The host without `:80` for http and `:443` for https.
pub fn without_default_port<'a>(host: &'a [u8], scheme: &[u8]) -> &'a [u8] {
    let port: &[u8] = if scheme.eq_ignore_ascii_case(b"https") { b":443" } else { b":80" };
    host.strip_suffix(port).unwrap_or(host)
}

/// Decimal digits as text; `None` where there is a sign, a space, anything else, or nothing.
pub fn digits(bytes: &[u8]) -> Option<&str> {
    let are_digits = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(bytes).ok().filter(|_| are_digits)
}

/// The number that a text is, as languages read one that turn text into numbers: white space around it, a sign, a
/// fraction and an exponent may be there.
pub fn number(bytes: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(bytes).ok()?.trim_ascii();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if is_number { text.parse().ok() } else { None }
}

/// Returns whether the whole of `bytes` is `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`, RFC 6750
/// section 2.1.
pub fn is_b68token(bytes: &[u8]) -> bool {
    let body = bytes.iter().position(|&b| b == b'=').unwrap_or(bytes.len());
    let (body, padding) = bytes.split_at(body);
    let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(b);
    !body.is_empty() && body.iter().all(allowed) && padding.iter().all(|&b| b == b'=')
}
