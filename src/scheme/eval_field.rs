//! Fields of a message: header, query, form, multipart and JSON, read strictly.

use super::eval::{At, Fault, Machine, Span, absent};
use super::source::Repeated;
use crate::primitive::json;
use crate::primitive::multipart;
use crate::primitive::percent::{self, Plus};
use std::ops::Range;

impl Machine<'_> {
    pub(super) fn header(&self, name: &[u8], repeated: Repeated) -> Result<Span, Fault> {
        let headers = &self.request.headers;
        let mut found = (0..headers.len()).filter(|&i| headers[i].0.eq_ignore_ascii_case(name));
        let first = found.next();
        let i = match repeated {
            Repeated::First => first,
            Repeated::Last => found.next_back().or(first),
            Repeated::Refuse if found.next().is_some() => {
                return Err(Fault::Malformed(format!("the header field {} stands twice", name.escape_ascii())));
            }
            Repeated::Refuse => first,
        };
        let i = i.ok_or_else(|| Fault::Absent(format!("header.{}", name.escape_ascii())))?;
        Ok(Span::whole(At::Header(i), &headers[i].1))
    }

    pub(super) fn headers(&mut self) -> Range<usize> {
        let start = self.scratch.pairs.len();
        for (i, (name, value)) in self.request.headers.iter().enumerate() {
            let (name, value) = (Span::whole(At::HeaderName(i), name), Span::whole(At::Header(i), value));
            self.push(name, Some(value));
        }
        start..self.scratch.pairs.len()
    }

    pub(super) fn decoded(&mut self, span: Span, plus: Plus) -> Result<Span, Fault> {
        let raw = self.bytes(span);
        let as_it_is = !raw.iter().any(|&b| b == b'%' || (b == b'+' && plus == Plus::Space));
        if as_it_is {
            return Ok(span);
        }
        self.produce(|m, out| percent::decode(m.bytes(span), plus, out).map_err(|e| Fault::Malformed(e.to_string())))
    }

    pub(super) fn query(&mut self) -> Result<Range<usize>, Fault> {
        let start = self.request.query_start().unwrap_or(self.request.target.len());
        self.fields(At::Target, start, self.program.plus)
    }

    /// Whether the body has this media type; two header fields that say so are malformed.
    fn is_body(&self, media_type: &str) -> Result<bool, Fault> {
        match self.header(b"content-type", Repeated::Refuse) {
            Err(Fault::Absent(_)) => Ok(false),
            found => found.map(|_| self.request.has_media_type(media_type)),
        }
    }

    pub(super) fn form(&mut self) -> Result<Range<usize>, Fault> {
        if !self.is_body("application/x-www-form-urlencoded")? {
            return Ok(0..0);
        }
        self.fields(At::Body, 0, Plus::Space)
    }

    pub(super) fn fields(&mut self, at: At, offset: usize, plus: Plus) -> Result<Range<usize>, Fault> {
        let request = self.request;
        let raw = if at == At::Target { &request.target[offset..] } else { &request.body[offset..] };
        let start = self.scratch.pairs.len();
        // The pairs of one collection must stand together, and decoding adds none.
        let mut position = offset;
        for piece in raw.split(|&b| b == b'&') {
            let (from, end) = (position, position + piece.len());
            position = end + 1;
            if piece.is_empty() {
                continue;
            }
            let equals = piece.iter().position(|&b| b == b'=').map(|i| from + i);
            let name = self.decoded(Span { at, start: from, end: equals.unwrap_or(end) }, plus)?;
            let value = match equals {
                Some(i) => Some(self.decoded(Span { at, start: i + 1, end }, plus)?),
                None => None,
            };
            self.push(name, value);
        }
        Ok(start..self.scratch.pairs.len())
    }

    pub(super) fn multipart(&mut self) -> Result<Range<usize>, Fault> {
        if !self.is_body("multipart/form-data")? {
            return Ok(0..0);
        }
        let content_type = self.request.header(b"content-type").next().unwrap_or_default();
        let boundary = multipart::boundary(content_type)
            .ok_or_else(|| Fault::Malformed("multipart/form-data without a boundary".into()))?;
        let parts = multipart::parts(&self.request.body, boundary).map_err(Fault::Malformed)?;
        let mut named = Vec::with_capacity(parts.len());
        for part in parts {
            let name = self.produce(|_, out| {
                out.extend_from_slice(&part.name);
                Ok(())
            })?;
            named.push((name, Span { at: At::Body, start: part.content.start, end: part.content.end }));
        }
        let start = self.scratch.pairs.len();
        for (name, value) in named {
            self.push(name, Some(value));
        }
        Ok(start..self.scratch.pairs.len())
    }

    /// One field of a collection; a field without a value counts as empty.
    pub(super) fn field(
        &self,
        fields: Range<usize>,
        name: &[u8],
        repeated: Repeated,
        part: &str,
    ) -> Result<Span, Fault> {
        let pairs = &self.scratch.pairs[fields];
        let mut found = pairs.iter().filter(|pair| self.bytes(pair.name) == name);
        let first = found.next();
        let chosen = match repeated {
            Repeated::First => first,
            Repeated::Last => found.next_back().or(first),
            Repeated::Refuse if found.next().is_some() => {
                return Err(Fault::Malformed(format!("the {part} field {} stands twice", name.escape_ascii())));
            }
            Repeated::Refuse => first,
        };
        let pair = chosen.ok_or_else(|| Fault::Absent(format!("{part}.{}", name.escape_ascii())))?;
        Ok(pair.value.unwrap_or(Span::EMPTY))
    }

    pub(super) fn json(&mut self, name: &str) -> Result<Span, Fault> {
        let object = json::Object::parse(&self.request.body).map_err(Fault::Malformed)?;
        match object.get(name) {
            None => absent(format!("json.{name}")),
            Some(json::Member::Other) => {
                Err(Fault::Malformed(format!("the JSON member {name} is neither text nor number")))
            }
            Some(json::Member::Text(bytes)) => self.produce(|_, out| {
                out.extend_from_slice(bytes);
                Ok(())
            }),
        }
    }
}
