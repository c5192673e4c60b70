//! A message as derivation sees it: what arrived, or what a signer means, with what was prepared.
//!
//! What a signer means is written as it will be on the wire only where a pipeline asks for that.

mod change;
mod misread;

pub use change::json_text;
pub use misread::Misreading;

use super::value::{Absence, Failure, Field, Why, absent, malformed};
use crate::bytes::Bytes;
use crate::primitive::json;
use crate::primitive::multipart;
use crate::primitive::percent::{self, KeepSet, Plus};
use crate::primitive::steps;
use crate::request::{self, Intent, Request, Target};
use bumpalo::Bump;
use bumpalo::collections::Vec as Gathered;

/// Meaning of a field that occurs more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeated {
    /// The message is malformed.
    Refuse,
    /// The first counts.
    First,
    /// The last counts.
    Last,
}

/// A message as it was given.
#[derive(Clone, Copy)]
pub enum Original<'a> {
    /// Request that arrived.
    Arrived(&'a Request),
    /// Request that a signer means.
    Meant(&'a Intent),
}

impl Original<'_> {
    /// Number of bytes, about.
    pub fn size(self) -> usize {
        match self {
            Original::Arrived(request) => request.size(),
            Original::Meant(intent) => intent.size(),
        }
    }
}

/// A message, and what has been read of it.
pub struct View<'a> {
    pub method: &'a [u8],
    pub scheme: &'a [u8],
    body: &'a [u8],
    aim: Aim<'a>,
    plus: Plus,
    /// Wrong way to read what arrives, of mutants alone.
    misreading: Option<Misreading>,
    given: GivenHeaders<'a>,
    headers: Option<&'a [Field<'a>]>,
    /// The Content-Type, once it was looked for.
    content_type: Option<Option<&'a [u8]>>,
    query: Option<&'a [Field<'a>]>,
    form: Option<&'a [Field<'a>]>,
    object: Option<json::Object<'a>>,
    bump: &'a Bump,
}

/// Target of a message.
#[derive(Clone, Copy)]
enum Aim<'a> {
    Wire(&'a [u8]),
    /// Path and query fields before encoding, the fields that were prepared, and the target once it was
    /// asked for. A prepared field stands at the end, instead of those of its name.
    Meant {
        path: &'a [u8],
        query: &'a [request::Pair],
        prepared: &'a [Field<'a>],
        target: Option<&'a [u8]>,
    },
}

/// Header fields as they were given; a signer's host comes first where no field names one.
#[derive(Clone, Copy)]
struct GivenHeaders<'a> {
    host: Option<&'a [u8]>,
    fields: &'a [(Bytes, Bytes)],
}

impl<'a> GivenHeaders<'a> {
    fn pairs(self) -> impl Iterator<Item = Field<'a>> {
        let host = self.host.filter(|_| !self.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"host")));
        host.map(|host| Field::new(b"Host", Some(host))).into_iter().chain(self.own())
    }

    /// Those that have a field.
    fn own(self) -> impl Iterator<Item = Field<'a>> {
        self.fields.iter().map(|(name, value)| Field::new(name, Some(value)))
    }
}

impl<'a> View<'a> {
    /// A message before anything has been read of it.
    #[inline(always)]
    pub fn of(message: Original<'a>, plus: Plus, misreading: Option<Misreading>, bump: &'a Bump) -> View<'a> {
        let mut view = match message {
            Original::Arrived(request) => View::arrived(request, plus, bump),
            Original::Meant(intent) => View::meant(intent, plus, bump),
        };
        view.misreading = misreading;
        view
    }

    #[inline(always)]
    fn arrived(request: &'a Request, plus: Plus, bump: &'a Bump) -> View<'a> {
        let given = GivenHeaders { host: None, fields: &request.headers };
        View::new([&request.method, &request.scheme, &request.body], Aim::Wire(&request.target), given, plus, bump)
    }

    #[inline(always)]
    fn meant(intent: &'a Intent, plus: Plus, bump: &'a Bump) -> View<'a> {
        let aim = match &intent.target {
            Target::Exact(target) => Aim::Wire(target),
            // A field of nothing at all leaves a `&` on the wire and no field.
            Target::Meant { path, query }
                if query.iter().any(|request::Pair(name, value)| name.is_empty() && value.is_none()) =>
            {
                Aim::Wire(encoded(path, query.iter().map(field), bump))
            }
            Target::Meant { path, query } => Aim::Meant { path, query, prepared: &[], target: None },
        };
        let given = GivenHeaders { host: Some(&intent.host), fields: &intent.headers };
        View::new([&intent.method, &intent.scheme, &intent.body], aim, given, plus, bump)
    }

    /// Method, scheme and body, and the rest; nothing has been read of it.
    #[inline(always)]
    fn new(parts: [&'a [u8]; 3], aim: Aim<'a>, given: GivenHeaders<'a>, plus: Plus, bump: &'a Bump) -> View<'a> {
        let [method, scheme, body] = parts;
        let (headers, content_type, query, form, object) = (None, None, None, None, None);
        let misreading = None;
        View { method, scheme, body, aim, plus, misreading, given, headers, content_type, query, form, object, bump }
    }

    pub fn target(&mut self) -> &'a [u8] {
        match &mut self.aim {
            Aim::Wire(target) => target,
            Aim::Meant { target: Some(target), .. } => target,
            Aim::Meant { path, query, prepared, target } => {
                target.insert(encoded(path, meant_fields(query, prepared), self.bump))
            }
        }
    }

    pub fn raw_path(&mut self) -> &'a [u8] {
        match self.aim {
            Aim::Wire(target) => halves(target).0,
            Aim::Meant { path, .. } if path.iter().all(|&b| KeepSet::PATH.keeps(b)) => path,
            Aim::Meant { path, .. } => encoded(path, std::iter::empty(), self.bump),
        }
    }

    pub fn raw_query(&mut self) -> &'a [u8] {
        halves(self.target()).1
    }

    /// The path, percent-decoded.
    pub fn path(&mut self) -> Result<&'a [u8], Failure<'a>> {
        match self.aim {
            Aim::Meant { path, .. } => Ok(path),
            Aim::Wire(target) => decoded(halves(target).0, Plus::Literal, self.bump),
        }
    }

    pub fn url(&mut self) -> Result<&'a [u8], Failure<'a>> {
        let host = self.header(b"host", Repeated::Refuse)?;
        let parts = [self.scheme, b"://", host, self.target()];
        let mut url = Gathered::with_capacity_in(parts.iter().map(|part| part.len()).sum(), self.bump);
        parts.iter().for_each(|part| url.extend_from_slice_copy(part));
        Ok(url.into_bump_slice())
    }

    /// Decoded query fields in order.
    pub fn query(&mut self) -> Result<&'a [Field<'a>], Failure<'a>> {
        if let Some(fields) = self.query {
            return Ok(fields);
        }
        let fields = match self.aim {
            Aim::Meant { query, prepared, .. } => {
                let mut fields = Gathered::with_capacity_in(query.len() + prepared.len(), self.bump);
                fields.extend(meant_fields(query, prepared));
                fields.into_bump_slice()
            }
            Aim::Wire(target) => {
                let is_kept = self.misreading == Some(Misreading::PlusKeptInQuery);
                self.fields(halves(target).1, if is_kept { Plus::Literal } else { self.plus })?
            }
        };
        self.query = Some(fields);
        Ok(fields)
    }

    /// Returns whether the body is a form.
    pub fn is_form(&mut self) -> Result<bool, Failure<'a>> {
        self.has_media_type("application/x-www-form-urlencoded")
    }

    /// The bytes of the body.
    pub fn body(&mut self) -> Result<&'a [u8], Failure<'a>> {
        let is_consumed = self.misreading == Some(Misreading::FormConsumed) && self.is_form()?;
        Ok(if is_consumed { &[] } else { self.body })
    }

    /// Returns whether the message is accepted without a look at it, which mutants do.
    pub fn passes(&self) -> bool {
        self.misreading.is_some_and(|way| way.passes(self.method, self.body))
    }

    /// Decoded fields of a form body; none where the body is no form.
    pub fn form(&mut self) -> Result<&'a [Field<'a>], Failure<'a>> {
        if let Some(fields) = self.form {
            return Ok(fields);
        }
        let is_form = match self.misreading {
            Some(Misreading::AnyTypeIsForm) => true,
            Some(Misreading::ExactTypeIsForm) => {
                self.content_type()?.is_some_and(|it| it.eq_ignore_ascii_case(b"application/x-www-form-urlencoded"))
            }
            _ => self.is_form()?,
        };
        if !is_form {
            return Ok(&[]);
        }
        let is_kept = self.misreading == Some(Misreading::PlusKeptInForm);
        let fields = self.fields(self.body, if is_kept { Plus::Literal } else { Plus::Space })?;
        self.form = Some(fields);
        Ok(fields)
    }

    /// Names and contents of the parts of a multipart body; none where the body is no such.
    pub fn multipart(&mut self) -> Result<&'a [Field<'a>], Failure<'a>> {
        if !self.has_media_type("multipart/form-data")? {
            return Ok(&[]);
        }
        let Some(boundary) = self.content_type()?.and_then(multipart::boundary) else {
            return Err(Failure::of(&Why::Malformed("multipart/form-data without a boundary")));
        };
        let mut delimiter = Gathered::with_capacity_in(boundary.len() + 4, self.bump);
        delimiter.extend_from_slice_copy(b"\r\n--");
        delimiter.extend_from_slice_copy(boundary);
        let mut parts = Gathered::new_in(self.bump);
        multipart::parts(self.body, &delimiter, &mut |(name, content)| parts.push(Field::new(name, Some(content))))
            .map_err(|why| Failure::new(Why::Malformed(why), self.bump))?;
        Ok(parts.into_bump_slice())
    }

    /// Header fields in order.
    pub fn headers(&mut self) -> &'a [Field<'a>] {
        let (given, bump) = (self.given, self.bump);
        self.headers.get_or_insert_with(|| {
            let mut all = Gathered::with_capacity_in(given.fields.len() + 1, bump);
            all.extend(given.pairs());
            all.into_bump_slice()
        })
    }

    pub fn header(&mut self, name: &'a [u8], repeated: Repeated) -> Result<&'a [u8], Failure<'a>> {
        let absent = || Failure::new(Why::Absent(Absence::Field("header.", name)), self.bump);
        self.find_header(name, repeated)?.ok_or_else(absent)
    }

    fn find_header(&self, name: &[u8], repeated: Repeated) -> Result<Option<&'a [u8]>, Failure<'a>> {
        // What is found without a scheme's word for it has the usual one.
        let exact: &[u8] = match name {
            b"host" => b"Host",
            b"content-type" => b"Content-Type",
            name => name,
        };
        let is_exact = self.misreading == Some(Misreading::HeadersExact);
        let is = |header: &Field<'_>| match is_exact {
            true => header.name() == exact,
            false => header.name() == name || header.name().eq_ignore_ascii_case(name),
        };
        let found = match self.headers {
            Some(headers) => chosen(headers.iter().copied().filter(is), repeated),
            None if name.eq_ignore_ascii_case(b"host") => chosen(self.given.pairs().filter(is), repeated),
            None => chosen(self.given.own().filter(is), repeated),
        };
        match found {
            Ok(header) => Ok(header.map(|header| header.filled())),
            Err(()) if self.misreading == Some(Misreading::HeadersJoined) => Ok(Some(self.joined(name))),
            Err(()) => Err(malformed!(self.bump, "the header field {} stands twice", name.escape_ascii())),
        }
    }

    /// The values of a header field that stands twice, joined.
    fn joined(&self, name: &[u8]) -> &'a [u8] {
        let named = self.given.pairs().filter(|header| header.name().eq_ignore_ascii_case(name));
        misread::joined(named.map(|header| header.filled()), self.bump)
    }

    /// One field of a collection; a field without a value counts as empty.
    pub fn field(
        &self,
        fields: &'a [Field<'a>],
        name: &'a [u8],
        repeated: Repeated,
        part: &'static str,
    ) -> Result<&'a [u8], Failure<'a>> {
        match chosen(fields.iter().copied().filter(|field| field.name() == name), repeated) {
            Ok(Some(field)) => Ok(field.filled()),
            Ok(None) => {
                let part = if part == "query" { "query." } else { "form." };
                Err(Failure::new(Why::Absent(Absence::Field(part, name)), self.bump))
            }
            Err(()) => Err(malformed!(self.bump, "the {part} field {} stands twice", name.escape_ascii())),
        }
    }

    /// A member of the JSON object in the body.
    pub fn json(&mut self, name: &'a str) -> Result<&'a [u8], Failure<'a>> {
        let object = match self.object {
            Some(object) => object,
            None if self.misreading.is_some_and(Misreading::takes_members_twice) => {
                json::Object::of(self.body, self.bump).map_err(|e| malformed!(self.bump, "the body is {e}"))?
            }
            None => json::Object::parse(self.body, self.bump).map_err(|e| malformed!(self.bump, "{e}"))?,
        };
        self.object = Some(object);
        let member = match self.misreading {
            Some(Misreading::LastMember) => object.members().iter().rfind(|(n, _)| *n == name).map(|(_, found)| *found),
            _ => object.get(name),
        };
        match member {
            None => Err(absent("json.", name, self.bump)),
            Some(json::Member::Text(bytes)) => Ok(bytes),
            Some(json::Member::Other(other)) if self.misreading == Some(Misreading::AnyTypeIsText) => {
                Ok(other.as_bytes())
            }
            Some(json::Member::Other(_)) => Err(malformed!(self.bump, "the JSON member {name} is no text")),
        }
    }

    /// The one Content-Type; two header fields of that name are malformed.
    #[inline]
    fn content_type(&mut self) -> Result<Option<&'a [u8]>, Failure<'a>> {
        if let Some(known) = self.content_type {
            return Ok(known);
        }
        let found = self.find_header(b"content-type", Repeated::Refuse)?;
        self.content_type = Some(found);
        Ok(found)
    }

    /// Fields of a raw query or form, decoded.
    fn fields(&self, raw: &'a [u8], plus: Plus) -> Result<&'a [Field<'a>], Failure<'a>> {
        let bump = self.bump;
        if let Some(way) = self.misreading.filter(|way| way.is_of_fields()) {
            return way.fields(raw, plus, |bytes| decoded(bytes, plus, bump), bump);
        }
        steps::count(raw.len());
        let is_plain = plus.find(raw).is_none();
        let plain = |bytes: &'a [u8]| if is_plain { Ok(bytes) } else { decoded(bytes, plus, bump) };
        let mut fields = Gathered::with_capacity_in(16, bump);
        for (name, value) in percent::pieces(raw) {
            let name = plain(name)?;
            fields.push(Field::new(name, value.map(plain).transpose()?));
        }
        Ok(fields.into_bump_slice())
    }

    fn has_media_type(&mut self, media_type: &str) -> Result<bool, Failure<'a>> {
        Ok(self.content_type()?.is_some_and(|value| request::is_media_type(value, media_type)))
    }
}

/// Path and query of a target as on the wire.
fn halves(target: &[u8]) -> (&[u8], &[u8]) {
    steps::count(target.len());
    match memchr::memchr(b'?', target) {
        Some(at) => (&target[..at], &target[at + 1..]),
        None => (target, &target[target.len()..]),
    }
}

fn field(request::Pair(name, value): &request::Pair) -> Field<'_> {
    Field::new(name, value.as_ref().map(|value| value.as_slice()))
}

/// The fields of a signer's query: the prepared ones stand at the end, instead of those of their names.
fn meant_fields<'a>(query: &'a [request::Pair], prepared: &'a [Field<'a>]) -> impl Iterator<Item = Field<'a>> + Clone {
    let is_prepared = |field: &Field<'_>| prepared.iter().any(|other| other.name() == field.name());
    query.iter().map(field).filter(move |field| !is_prepared(field)).chain(prepared.iter().copied())
}

fn encoded<'a>(path: &[u8], query: impl Iterator<Item = Field<'a>>, bump: &'a Bump) -> &'a [u8] {
    let mut target = Gathered::with_capacity_in(path.len() + 64, bump);
    request::put_target(path, query.map(|field| (field.name(), field.value())), &mut target);
    target.into_bump_slice()
}

fn decoded<'a>(raw: &'a [u8], plus: Plus, bump: &'a Bump) -> Result<&'a [u8], Failure<'a>> {
    steps::count(raw.len());
    if plus.find(raw).is_none() {
        return Ok(raw);
    }
    let mut plain = Gathered::with_capacity_in(raw.len(), bump);
    percent::decode(raw, plus, &mut plain).map_err(|e| malformed!(bump, "{e}"))?;
    Ok(plain.into_bump_slice())
}

/// The field that counts where several have the name; `Err` where none may.
fn chosen<'a>(found: impl Iterator<Item = Field<'a>>, repeated: Repeated) -> Result<Option<Field<'a>>, ()> {
    let mut chosen = None;
    for field in found {
        match (chosen, repeated) {
            (None, _) | (_, Repeated::Last) => chosen = Some(field),
            (Some(_), Repeated::First) => break,
            (Some(_), Repeated::Refuse) => return Err(()),
        }
    }
    Ok(chosen)
}
