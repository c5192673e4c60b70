//! A message as it stands on the wire, and what `vectors/README.md` says of reading and changing one.

use super::Refusal;
use super::wire::{self, Field};

/// A message on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// As it is sent.
    pub method: Vec<u8>,
    /// How the message travels.
    pub scheme: Vec<u8>,
    /// Path and query.
    pub target: Vec<u8>,
    /// In order.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// All bytes.
    pub body: Vec<u8>,
}

impl Message {
    /// Puts `Host` first, unless there is one.
    pub fn with_host(mut self, host: &[u8]) -> Message {
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"Host")) {
            self.headers.insert(0, (b"Host".to_vec(), host.to_vec()));
        }
        self
    }

    /// The value of a header field that must not stand there twice.
    pub fn only(&self, name: &[u8]) -> Result<Option<&[u8]>, Refusal> {
        let mut found = self.headers.iter().filter(|header| header.0.eq_ignore_ascii_case(name));
        match (found.next(), found.next()) {
            (Some(_), Some(_)) => Err("malformed"),
            (first, _) => Ok(first.map(|header| header.1.as_slice())),
        }
    }

    /// The value of a header field that must be there and not be empty; `missing` says otherwise.
    pub fn present(&self, name: &[u8], missing: Refusal) -> Result<&[u8], Refusal> {
        self.only(name)?.filter(|value| !value.is_empty()).ok_or(missing)
    }

    /// The lines of this name give way to one, in the place of the first or at the end.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        let line = (name.to_vec(), value.to_vec());
        match self.headers.iter().position(|(found, _)| found.eq_ignore_ascii_case(name)) {
            None => self.headers.push(line),
            Some(at) => {
                self.headers[at] = line;
                let mut place = 0..;
                self.headers.retain(|(found, _)| place.next() <= Some(at) || !found.eq_ignore_ascii_case(name));
            }
        }
    }

    /// What follows the word of an authentication scheme and one space in `Authorization`; the word
    /// is read without regard to case (RFC 9110, section 11.1).
    pub fn credentials(&self, word: &[u8]) -> Result<&[u8], Refusal> {
        let value = self.only(b"Authorization")?.ok_or("missing-credential")?;
        let (found, rest) = value.split_at_checked(word.len()).ok_or("malformed")?;
        if !found.eq_ignore_ascii_case(word) {
            return Err("malformed");
        }
        rest.strip_prefix(b" ").ok_or("malformed")
    }

    /// Whether the body is a form.
    pub fn is_form(&self) -> Result<bool, Refusal> {
        self.is(b"application/x-www-form-urlencoded")
    }

    fn is(&self, wanted: &[u8]) -> Result<bool, Refusal> {
        let content_type = self.only(b"Content-Type")?.unwrap_or_default();
        let media_type = content_type.split(|&b| b == b';').next().unwrap_or_default();
        Ok(media_type.trim_ascii().eq_ignore_ascii_case(wanted))
    }

    /// The fields of the form; none where the body is none.
    pub fn form(&self) -> Result<Vec<Field>, Refusal> {
        if !self.is_form()? {
            return Ok(Vec::new());
        }
        wire::fields(&self.body, b' ').ok_or("malformed")
    }

    /// The parts of a multipart body (RFC 2046, section 5.1, and RFC 7578); none where the body is none.
    pub fn parts(&self) -> Result<Vec<Field>, Refusal> {
        if !self.is(b"multipart/form-data")? {
            return Ok(Vec::new());
        }
        let boundary = self.only(b"Content-Type")?.and_then(|value| parameter(value, "boundary"));
        let delimiter = [b"\r\n--".as_slice(), &boundary.filter(|b| !b.is_empty()).ok_or("malformed")?].concat();
        let body = [b"\r\n", self.body.as_slice()].concat();
        let (_, mut rest) = cut(&body, &delimiter).ok_or("malformed")?;
        let mut parts = Vec::new();
        while !rest.starts_with(b"--") {
            let part = rest.strip_prefix(b"\r\n").ok_or("malformed")?;
            let (head, after) = cut(part, b"\r\n\r\n").ok_or("malformed")?;
            let (content, next) = cut(after, &delimiter).ok_or("malformed")?;
            let mut fields = head.split(|&b| b == b'\n').filter_map(|line| cut(line, b":"));
            let disposition = fields.find(|(name, _)| name.eq_ignore_ascii_case(b"Content-Disposition"));
            let name = disposition.and_then(|(_, value)| parameter(value.trim_ascii(), "name")).ok_or("malformed")?;
            parts.push((name, Some(content.to_vec())));
            rest = next;
        }
        Ok(parts)
    }
}

/// Text up to a mark, and what follows it.
fn cut<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(mark.len()).position(|window| window == mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

/// The value of a parameter of a header field. A semicolon between quotes separates nothing.
fn parameter(field: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let mut is_quoted = false;
    for &byte in field {
        is_quoted ^= byte == b'"';
        match pieces.last_mut() {
            Some(piece) if byte != b';' || is_quoted => piece.push(byte),
            _ => pieces.push(Vec::new()),
        }
    }
    let (_, value) = pieces[1..]
        .iter()
        .filter_map(|piece| cut(piece.trim_ascii(), b"="))
        .find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))?;
    let bare = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    Some(bare.unwrap_or(value).to_vec())
}
