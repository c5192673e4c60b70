//! JSON objects by the grammar of RFC 8259, as far as signing reads and writes them.

use super::Refusal;

/// A member of an object: its text, or `None` where its value is no text.
type Member = (Vec<u8>, Option<Vec<u8>>);

/// The members of the one object that a body must be; `None` where it is none, or has a member twice.
pub fn members(body: &[u8]) -> Option<Vec<Member>> {
    std::str::from_utf8(body).ok()?;
    let mut reader = Reader { rest: body };
    let mut members: Vec<Member> = Vec::new();
    reader.expect(b'{')?;
    if !reader.take(b'}') {
        loop {
            let name = decoded(reader.name()?)?;
            reader.skip_space();
            let from = reader.rest;
            reader.value()?;
            let value = &from[..from.len() - reader.rest.len()];
            let quoted = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
            if members.iter().any(|(other, _)| *other == name) {
                return None;
            }
            members.push((name, quoted.and_then(decoded)));
            if reader.take(b'}') {
                break;
            }
            reader.expect(b',')?;
        }
    }
    reader.skip_space();
    reader.rest.is_empty().then_some(members)
}

/// A member that must be a text that is not empty; `missing` where it is not there or empty.
pub fn present(body: &[u8], name: &str, missing: Refusal) -> Result<Vec<u8>, Refusal> {
    let members = members(body).ok_or("malformed")?;
    match members.into_iter().find(|(found, _)| found == name.as_bytes()) {
        None => Err(missing),
        Some((_, None)) => Err("malformed"),
        Some((_, Some(text))) if text.is_empty() => Err(missing),
        Some((_, Some(text))) => Ok(text),
    }
}

/// The body with a text as its last member. No body counts as an object without members; `None`
/// where it is no object, has the member, or the text cannot stand in JSON.
pub fn with_member(body: &[u8], name: &str, text: &[u8]) -> Option<Vec<u8>> {
    let body = if body.is_empty() { b"{}" } else { body };
    let members = members(body)?;
    if members.iter().any(|(found, _)| found == name.as_bytes()) {
        return None;
    }
    // Nothing but space follows the brace that closes the object.
    let close = body.iter().rposition(|&b| b == b'}')?;
    let comma = if members.is_empty() { "" } else { "," };
    let member = format!("{comma}\"{name}\":\"{}\"", escaped(std::str::from_utf8(text).ok()?));
    Some([&body[..close], member.as_bytes(), &body[close..]].concat())
}

/// Escapes what must be escaped, with the short forms where there are any.
fn escaped(text: &str) -> String {
    let one = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        '\u{8}' => "\\b".to_owned(),
        '\t' => "\\t".to_owned(),
        '\n' => "\\n".to_owned(),
        '\u{c}' => "\\f".to_owned(),
        '\r' => "\\r".to_owned(),
        '\0'..='\u{1f}' => format!("\\u{:04x}", u32::from(c)),
        _ => c.to_string(),
    };
    text.chars().map(one).collect()
}

/// What a string of the grammar, without its quotes, stands for; `None` where half of a pair of
/// surrogates stands alone.
fn decoded(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut units = Vec::new();
    let mut chars = std::str::from_utf8(quoted).ok()?.chars();
    while let Some(c) = chars.next() {
        let unit = match (c == '\\').then(|| chars.next()).flatten() {
            Some('u') => {
                let (digits, rest) = chars.as_str().split_at_checked(4)?;
                chars = rest.chars();
                u16::from_str_radix(digits, 16).ok()?
            }
            Some('b') => 8,
            Some('f') => 12,
            Some('n') => 10,
            Some('r') => 13,
            Some('t') => 9,
            escaped => {
                units.extend_from_slice(escaped.unwrap_or(c).encode_utf16(&mut [0; 2]));
                continue;
            }
        };
        units.push(unit);
    }
    String::from_utf16(&units).ok().map(String::into_bytes)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn skip_space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    /// Whether this byte is next, after any space; then it is passed.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let rest = self.rest.strip_prefix(&[byte]);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    /// The name of a member as it is written, and the colon after it.
    fn name(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let name = self.string()?;
        self.expect(b':')?;
        Some(name)
    }

    /// The rest of a string whose quote has been passed, as it is written.
    fn string(&mut self) -> Option<&'a [u8]> {
        let mut at = 0;
        loop {
            at += match self.rest.get(at..)? {
                [b'"', rest @ ..] => {
                    let string = &self.rest[..at];
                    self.rest = rest;
                    return Some(string);
                }
                [b'\\', b'u', rest @ ..] if rest.get(..4)?.iter().all(u8::is_ascii_hexdigit) => 6,
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => 2,
                [b'\\', ..] | [..=0x1f, ..] => return None,
                _ => 1,
            };
        }
    }

    /// Any value. What is open stands in a list, so that no depth is too much.
    fn value(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            if self.take(b'{') {
                if !self.take(b'}') {
                    open.push(b'}');
                    self.name()?;
                    continue;
                }
            } else if self.take(b'[') {
                if !self.take(b']') {
                    open.push(b']');
                    continue;
                }
            } else {
                self.scalar()?;
            }
            while open.last().is_some_and(|&close| self.take(close)) {
                open.pop();
            }
            match open.last() {
                None => return Some(()),
                Some(b'}') => {
                    self.expect(b',')?;
                    self.name()?;
                }
                Some(_) => self.expect(b',')?,
            }
        }
    }

    fn scalar(&mut self) -> Option<()> {
        if self.take(b'"') {
            self.string()?;
            return Some(());
        }
        let words: [&[u8]; 3] = [b"true", b"false", b"null"];
        match words.iter().find_map(|word| self.rest.strip_prefix(*word)) {
            Some(rest) => self.rest = rest,
            None => self.number()?,
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.pass(b"-");
        if !self.pass(b"0") {
            self.digits()?;
        }
        if self.pass(b".") {
            self.digits()?;
        }
        if self.pass(b"eE") {
            self.pass(b"+-");
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let digits = self.rest.iter().take_while(|b| b.is_ascii_digit()).count();
        self.rest = &self.rest[digits..];
        (digits > 0).then_some(())
    }

    /// Passes one of these bytes if it is next.
    fn pass(&mut self, one_of: &[u8]) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if one_of.contains(first) => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_grammar_has() {
        let body = br#" {"a" : "\u00e9\ud83d\ude00\/" , "b":[{"c":1,"c":-0.5e+3},[],{}], "d":true } "#;
        let expected =
            vec![(b"a".to_vec(), Some("\u{e9}\u{1f600}/".into())), (b"b".to_vec(), None), (b"d".to_vec(), None)];
        assert_eq!(members(body), Some(expected));
    }

    #[test]
    fn refuses_what_the_grammar_has_not() {
        for body in ["", "[]", "{", "{}x", "{\"a\":01}", "{\"a\":1,}", "{\"a\":1,\"\\u0061\":2}", "{\"a\":\"\\x\"}"] {
            assert_eq!(members(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn adds_a_member_and_changes_nothing_else() {
        let added = |body: &str| with_member(body.as_bytes(), "n", b"a\"\x01/").map(String::from_utf8);
        assert_eq!(added(""), Some(Ok(r#"{"n":"a\"\u0001/"}"#.into())));
        assert_eq!(added("{ \"a\" :1 } "), Some(Ok("{ \"a\" :1 ,\"n\":\"a\\\"\\u0001/\"} ".into())));
        assert_eq!(added(r#"{"\u006e":1}"#), None);
    }
}
