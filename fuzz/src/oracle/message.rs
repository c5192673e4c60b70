//! A message as it stands on the wire, and what `vectors/README.md` says of reading and changing one.

use super::Refusal;
use super::wire::{self, Field};

/// A header field.
pub type Header = (Vec<u8>, Vec<u8>);

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
    pub headers: Vec<Header>,
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
        only(&self.headers, name)
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
        let content_type = self.only(b"Content-Type")?.unwrap_or_default();
        let media_type = content_type.split(|&b| b == b';').next().unwrap_or_default();
        Ok(media_type.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded"))
    }

    /// The fields of the form; none where the body is none.
    pub fn form(&self) -> Result<Vec<Field>, Refusal> {
        if !self.is_form()? {
            return Ok(Vec::new());
        }
        wire::fields(&self.body, b' ').ok_or("malformed")
    }
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Message { method, scheme, target, headers, body } = self;
        writeln!(f, "{} `{}` by {}", method.escape_ascii(), target.escape_ascii(), scheme.escape_ascii())?;
        for (name, value) in headers {
            writeln!(f, "{}: `{}`", name.escape_ascii(), value.escape_ascii())?;
        }
        write!(f, "body `{}`", body.escape_ascii())
    }
}

/// The value of a header field that must not stand there twice.
pub fn only<'a>(headers: &'a [Header], name: &[u8]) -> Result<Option<&'a [u8]>, Refusal> {
    let mut found = headers.iter().filter(|header| header.0.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (Some(_), Some(_)) => Err("malformed"),
        (first, _) => Ok(first.map(|header| header.1.as_slice())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_field_is_set_in_the_place_of_the_first() {
        let line = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
        let headers = vec![line("a", "1"), line("B", "2"), line("c", "3"), line("b", "4")];
        let (method, scheme, target, body) = Default::default();
        let mut message = Message { method, scheme, target, headers, body };
        message.set(b"b", b"5");
        message.set(b"d", b"6");
        assert_eq!(message.headers, [line("a", "1"), line("b", "5"), line("c", "3"), line("d", "6")]);
    }
}
