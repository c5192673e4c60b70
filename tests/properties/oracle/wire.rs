//! The wire as `vectors/README.md` has it: percent-encoding, query and form fields.

/// A name and an optional value, decoded.
pub type Field = (Vec<u8>, Option<Vec<u8>>);

/// Letters, digits, hyphen, full stop, underscore and tilde: RFC 3986, section 2.3.
pub fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// What stays as it is in a path that is put on the wire.
pub fn stays_in_path(byte: u8) -> bool {
    unreserved(byte) || b"!$&'()*+,;=:@/".contains(&byte)
}

/// Every byte that does not stay becomes `%` and two hexadecimal digits in upper case.
pub fn encode(bytes: &[u8], stays: fn(u8) -> bool) -> String {
    let one = |&byte: &u8| if stays(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    bytes.iter().map(one).collect()
}

/// Decodes what is on the wire; `None` where an escape is broken. `plus` is what `+` means.
pub fn decode(bytes: &[u8], plus: u8) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        decoded.push(match first {
            b'+' => plus,
            b'%' => {
                let digits = tail.get(..2).filter(|d| d.iter().all(u8::is_ascii_hexdigit))?;
                rest = &tail[2..];
                u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    Some(decoded)
}

/// Fields of a query or form: split at `&`, empty pieces skipped, then at the first `=`.
pub fn fields(raw: &[u8], plus: u8) -> Option<Vec<Field>> {
    raw.split(|&b| b == b'&').filter(|piece| !piece.is_empty()).map(|piece| field(piece, plus)).collect()
}

fn field(piece: &[u8], plus: u8) -> Option<Field> {
    let mut sides = piece.splitn(2, |&b| b == b'=');
    let name = decode(sides.next().unwrap_or_default(), plus)?;
    let value = match sides.next() {
        Some(value) => Some(decode(value, plus)?),
        None => None,
    };
    Some((name, value))
}

/// A field as it is put on the wire.
pub fn written((name, value): &Field) -> String {
    let name = encode(name, unreserved);
    match value {
        Some(value) => format!("{name}={}", encode(value, unreserved)),
        None => name,
    }
}

/// Path and query of a target; the query is empty where there is no question mark.
pub fn split_target(target: &[u8]) -> (&[u8], &[u8]) {
    match target.iter().position(|&b| b == b'?') {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, b""),
    }
}

/// A query or form in which the fields of a name have given way to one at the end.
pub fn put(raw: &[u8], name: &[u8], value: &[u8]) -> Vec<u8> {
    let named = |piece: &[u8]| decode(piece.split(|&b| b == b'=').next().unwrap_or_default(), b' ');
    let mut pieces: Vec<_> = raw.split(|&b| b == b'&').map(<[u8]>::to_vec).collect();
    pieces.retain(|piece| named(piece).as_deref() != Some(name));
    // Empty pieces between others stay, but nothing at all is no piece.
    if pieces == [b""] {
        pieces.clear();
    }
    pieces.push(written(&(name.to_vec(), Some(value.to_vec()))).into_bytes());
    pieces.join(&b'&')
}

/// The target of a path and query before any encoding.
pub fn target(path: &[u8], query: &[Field]) -> Vec<u8> {
    let mut target = encode(path, stays_in_path);
    for (i, field) in query.iter().enumerate() {
        target.push(if i == 0 { '?' } else { '&' });
        target.push_str(&written(field));
    }
    target.into_bytes()
}
