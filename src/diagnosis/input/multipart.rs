//! A `multipart/form-data` body from its parts, as curl writes one.

use super::named::NamedFiles;

/// A field of a form.
#[derive(Debug, Default)]
pub(super) struct FormPart {
    pub(super) name: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) file_name: Option<Vec<u8>>,
    pub(super) content_type: Option<Vec<u8>>,
}

/// A boundary of the length that curl chooses, where the true one is unknown.
pub(super) const BOUNDARY: &[u8] = b"------------------------0123456789abcdefghijkl";

/// What is said where that boundary stands for another.
pub(super) const BOUNDARY_NOTE: &str = "the boundary of the multipart body is not known, so one was chosen: body, \
    Content-Length and Content-Type are not what was sent, byte for byte. Where they are signed, give the request as \
    raw HTTP.";

/// The body.
pub(super) fn body(parts: &[FormPart], boundary: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut put = |pieces: &[&[u8]]| pieces.iter().for_each(|piece| out.extend_from_slice(piece));
    for part in parts {
        put(&[b"--", boundary, b"\r\nContent-Disposition: form-data"]);
        if !part.name.is_empty() {
            put(&[b"; name=\"", &quotable(&part.name), b"\""]);
        }
        if let Some(name) = &part.file_name {
            put(&[b"; filename=\"", &quotable(name), b"\""]);
        }
        if let Some(media_type) = &part.content_type {
            put(&[b"\r\nContent-Type: ", media_type]);
        }
        put(&[b"\r\n\r\n", &part.content, b"\r\n"]);
    }
    put(&[b"--", boundary, b"--\r\n"]);
    out
}

/// A name with the characters escaped that would end it, as browsers and curl since 7.81 do.
fn quotable(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    for &byte in name {
        match byte {
            b'"' => out.extend_from_slice(b"%22"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            _ => out.push(byte),
        }
    }
    out
}

/// The part that a value of `-F` stands for: `name=content`, `name=@file`, `name=<file`, then `;type=` and
/// `;filename=`.
pub(super) fn part(value: &[u8], files: &mut NamedFiles<'_>) -> Result<FormPart, String> {
    let equals = value.iter().position(|&b| b == b'=').ok_or("a value of -F has no `=`; write name=content")?;
    let (name, mut rest) = (value[..equals].to_vec(), &value[equals + 1..]);
    let kind = rest.first().copied().filter(|first| b"@<(".contains(first));
    let nests = kind == Some(b'(') || (name.is_empty() && rest.starts_with(b")"));
    if nests {
        return Err("a value of -F opens or closes a part with parts, which is not followed; give raw HTTP".into());
    }
    if kind.is_some() {
        rest = &rest[1..];
    }
    let is_file = kind == Some(b'@');
    let content = word(&mut rest, is_file);
    if rest.starts_with(b",") {
        return Err("a value of -F has several files, which is not followed; give the request as raw HTTP".into());
    }
    let mut part = FormPart { name, ..FormPart::default() };
    while !rest.is_empty() {
        option(&mut rest, is_file, &mut part)?;
    }
    match kind {
        Some(b'@') => {
            part.content = files.read(&content)?;
            let base = content.rsplit(|&b| b == b'/').next().unwrap_or_default().to_vec();
            let name = part.file_name.get_or_insert(base);
            let media_type = || guess(name).or(guess(&content)).unwrap_or("application/octet-stream");
            part.content_type.get_or_insert_with(|| media_type().into());
        }
        Some(_) => {
            part.content = files.read(&content)?;
            part.file_name = None;
            // Text is what a part without a type is.
            let guessed = guess(&content).filter(|guessed| *guessed != "text/plain");
            part.content_type = part.content_type.or(guessed.map(Into::into));
        }
        None => part.content = content,
    }
    Ok(part)
}

/// Reads `;type=…` or another option from the start.
fn option(rest: &mut &[u8], is_file: bool, part: &mut FormPart) -> Result<(), String> {
    *rest = rest[1..].trim_ascii_start();
    let strip = |name: &str| {
        let (start, after) = rest.split_at_checked(name.len())?;
        start.eq_ignore_ascii_case(name.as_bytes()).then_some(after)
    };
    if let Some(after) = strip("type=") {
        let mut end = piece(after, is_file);
        // Parameters of the media type.
        while after[end..].starts_with(b";") && !is_option(after[end + 1..].trim_ascii_start()) {
            end += 1 + piece(&after[end + 1..], is_file);
        }
        let media_type = after[..end].trim_ascii();
        if !media_type.contains(&b'/') {
            return Err("a value of -F has a `;type=` that is no media type; write ;type=text/plain".into());
        }
        part.content_type = Some(media_type.to_vec());
        *rest = &after[end..];
    } else if let Some(after) = strip("filename=") {
        *rest = after;
        part.file_name = Some(word(rest, is_file));
    } else if is_option(rest) {
        return Err("a value of -F has `;headers=` or `;encoder=`, which is not followed; give raw HTTP".into());
    } else {
        // curl passes over what it does not know.
        *rest = &rest[piece(rest, is_file)..];
    }
    if rest.starts_with(b",") {
        return Err("a value of -F has several files, which is not followed; give the request as raw HTTP".into());
    }
    Ok(())
}

fn is_option(rest: &[u8]) -> bool {
    [&b"type="[..], b"filename=", b"headers=", b"encoder="]
        .iter()
        .any(|name| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)))
}

/// Number of bytes before the next `;`, and of files the next `,`.
fn piece(rest: &[u8], is_file: bool) -> usize {
    rest.iter().position(|&b| b == b';' || (is_file && b == b',')).unwrap_or(rest.len())
}

/// Reads a word, in quotes or up to the next `;`, and passes over what follows it up to there.
fn word(rest: &mut &[u8], is_file: bool) -> Vec<u8> {
    let text = rest.trim_ascii_start();
    if let Some(quoted) = text.strip_prefix(b"\"") {
        let mut out = Vec::new();
        let mut bytes = quoted.iter().copied().enumerate();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'"' => {
                    let after = &quoted[at + 1..];
                    *rest = &after[piece(after, is_file)..];
                    return out;
                }
                b'\\' if quoted.get(at + 1).is_some_and(|next| b"\\\"".contains(next)) => {
                    out.extend(bytes.next().map(|(_, escaped)| escaped));
                }
                _ => out.push(byte),
            }
        }
    }
    let (word, after) = text.split_at(piece(text, is_file));
    *rest = after;
    word.trim_ascii_end().to_vec()
}

/// The media type by the end of a file's name, of those that curl knows.
fn guess(name: &[u8]) -> Option<&'static str> {
    let types = [
        (".gif", "image/gif"),
        (".jpg", "image/jpeg"),
        (".jpeg", "image/jpeg"),
        (".png", "image/png"),
        (".svg", "image/svg+xml"),
        (".txt", "text/plain"),
        (".htm", "text/html"),
        (".html", "text/html"),
        (".pdf", "application/pdf"),
        (".xml", "application/xml"),
    ];
    let ends = |end: &str| {
        let start = name.len().checked_sub(end.len());
        start.is_some_and(|start| name[start..].eq_ignore_ascii_case(end.as_bytes()))
    };
    types.iter().find(|(end, _)| ends(end)).map(|(_, media_type)| *media_type)
}
