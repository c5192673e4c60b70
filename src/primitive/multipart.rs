//! Fields of a `multipart/form-data` body (RFC 7578), as far as signing needs them: name and bytes
//! of every part, in order.

use super::steps;
use memchr::memmem::Finder;

/// A field's name, and its content.
pub type Part<'a> = (&'a [u8], &'a [u8]);

/// The boundary in the value of a `Content-Type` header field; `None` where there is none.
pub fn boundary(content_type: &[u8]) -> Option<&[u8]> {
    parameter(content_type, b"boundary").filter(|b| !b.is_empty())
}

/// Hands over the parts of a body in order; `Err` says what is wrong with it. `delimiter` is a line
/// break, two hyphens and the boundary.
pub fn parts<'a>(body: &'a [u8], delimiter: &[u8], each: &mut impl FnMut(Part<'a>)) -> Result<(), &'static str> {
    steps::count(body.len());
    // A search for a prepared needle takes time in proportion to the body, whatever stands in both.
    let (blank, next) = (Finder::new(b"\r\n\r\n"), Finder::new(delimiter));
    let mut rest = body.strip_prefix(&delimiter[2..]).ok_or("the multipart body does not start with its boundary")?;
    while !rest.starts_with(b"--") {
        let part =
            rest.strip_prefix(b"\r\n").ok_or("a boundary of the multipart body is not followed by a line break")?;
        let head = blank.find(part).ok_or("a part without a blank line after its header")?;
        let content = &part[head + 4..];
        let end = next.find(content).ok_or("a part without a boundary after it")?;
        each((name(&part[..head]).ok_or("a part without a name")?, &content[..end]));
        rest = &content[end + delimiter.len()..];
    }
    Ok(())
}

fn name(head: &[u8]) -> Option<&[u8]> {
    head.split(|&b| b == b'\n').find_map(|line| {
        let at = line.iter().position(|&b| b == b':')?;
        let is_disposition = line[..at].eq_ignore_ascii_case(b"content-disposition");
        is_disposition.then(|| parameter(line[at + 1..].trim_ascii(), b"name"))?
    })
}

/// Value of a parameter of a header field, quotes taken off. A `;` between quotes separates nothing.
fn parameter<'a>(value: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut quoted = false;
    let pieces = value.split(|&b| {
        quoted ^= b == b'"';
        b == b';' && !quoted
    });
    let mut pieces = pieces.skip(1);
    pieces.find_map(|piece| {
        let piece = piece.trim_ascii();
        let at = piece.iter().position(|&b| b == b'=')?;
        let value = &piece[at + 1..];
        let bare = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
        piece[..at].eq_ignore_ascii_case(name).then_some(bare)
    })
}
