//! Fields of a `multipart/form-data` body (RFC 7578), as far as signing needs them: name and bytes
//! of every part, in order.

/// A field's name and where its content stands in the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of `Content-Disposition`.
    pub name: Vec<u8>,
    /// Offsets of the content in the body.
    pub content: std::ops::Range<usize>,
}

/// The boundary in the value of a `Content-Type` header field; `None` where there is none.
pub fn boundary(content_type: &[u8]) -> Option<&[u8]> {
    parameter(content_type, b"boundary").filter(|b| !b.is_empty())
}

/// The parts of a body; `Err` says what is wrong with it.
pub fn parts(body: &[u8], boundary: &[u8]) -> Result<Vec<Part>, String> {
    let delimiter = [b"--", boundary].concat();
    if !body.starts_with(&delimiter) {
        return Err("the multipart body does not start with its boundary".into());
    }
    let mut parts = Vec::new();
    let mut at = delimiter.len();
    loop {
        if body[at..].starts_with(b"--") {
            return Ok(parts);
        }
        if !body[at..].starts_with(b"\r\n") {
            return Err("a boundary of the multipart body is not followed by a line break".into());
        }
        let head = at + 2;
        let head_end = head + find(&body[head..], b"\r\n\r\n").ok_or("a part without a blank line after its header")?;
        let content = head_end + 4;
        let next = [b"\r\n", delimiter.as_slice()].concat();
        let end = content + find(&body[content..], &next).ok_or("a part without a boundary after it")?;
        let name = name(&body[head..head_end]).ok_or("a part without a name")?;
        parts.push(Part { name: name.to_vec(), content: content..end });
        at = end + next.len();
    }
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

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
