//! The request that a curl command sends.
//!
//! What curl adds of its own is added: `Host`, `Accept`, and with a body `Content-Length` and `Content-Type`.
//! `User-Agent` and the `Accept-Encoding` of `--compressed` are not, since they differ by version and build. Where the
//! other bytes differ by version, a note says so.

use super::http::{BodyEnd, body_end, cut, url};
use super::multipart::{self, BOUNDARY, BOUNDARY_NOTE, FormPart};
use super::named::NamedFiles;
use super::options::{DataKind, Effect, options};
use super::words::words;
use crate::bytes::Bytes;
use crate::primitive::encoding::{Alphabet, Base64};
use crate::primitive::multipart::boundary;
use crate::primitive::percent::{self, HexCase, KeepSet, Plus};
use crate::primitive::text::without_default_port;
use crate::request::Request;

/// The request of a curl command; `Err` says which word cannot be followed.
pub(super) fn request(command: &[u8], files: &mut NamedFiles<'_>, notes: &mut Vec<String>) -> Result<Request, String> {
    let mut read = CurlCommand::default();
    for (name, effect, value) in options(words(command)?.into_iter().skip(1))? {
        files.option.clone_from(&name);
        read.option(&name, effect, value, files)?;
    }
    read.request(notes)
}

/// Contents of the options.
#[derive(Debug, Default)]
struct CurlCommand {
    method: Option<Vec<u8>>,
    url: Option<Vec<u8>>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// Names of fields that curl is not to add.
    removed: Vec<Vec<u8>>,
    data: Option<Vec<u8>>,
    is_json: bool,
    query: Option<Vec<u8>>,
    parts: Vec<FormPart>,
    user: Option<Vec<u8>>,
    bearer: Option<Vec<u8>>,
    user_agent: Vec<u8>,
    referer: Vec<u8>,
    cookie: Option<Vec<u8>>,
    get: bool,
    head: bool,
    path_as_is: bool,
    no_globs: bool,
}

impl CurlCommand {
    fn option(&mut self, name: &str, effect: Effect, value: Vec<u8>, files: &mut NamedFiles<'_>) -> Result<(), String> {
        match effect {
            Effect::Nothing | Effect::NothingOfValue => {}
            Effect::Method => self.method = Some(value),
            Effect::Url => {
                if self.url.replace(value).is_some() {
                    return Err("it has several URLs".into());
                }
            }
            Effect::Header => match value.strip_prefix(b"@") {
                Some(file) => {
                    let lines = files.read(file)?;
                    let lines = lines.split(|&b| b == b'\n').map(<[u8]>::trim_ascii_end);
                    lines.filter(|line| !line.is_empty()).try_for_each(|line| self.header(line))?;
                }
                None => self.header(&value)?,
            },
            Effect::Data(kind) => {
                let data = data(kind, value, files)?;
                match &mut self.data {
                    Some(before) => before.extend([b"&", &data[..]].concat()),
                    None => self.data = Some(data),
                }
            }
            Effect::Json => {
                self.data.get_or_insert_default().extend(data(DataKind::Binary, value, files)?);
                self.is_json = true;
            }
            Effect::Query => {
                let piece = match value.strip_prefix(b"+") {
                    Some(plain) => plain.to_vec(),
                    None => data(DataKind::Encoded, value, files)?,
                };
                match &mut self.query {
                    Some(before) => before.extend([b"&", &piece[..]].concat()),
                    None => self.query = Some(piece),
                }
            }
            Effect::Part => self.parts.push(multipart::part(&value, files)?),
            Effect::TextPart => {
                let at = value.iter().position(|&b| b == b'=').ok_or("a value of --form-string has no `=`")?;
                let (name, content) = (value[..at].to_vec(), value[at + 1..].to_vec());
                self.parts.push(FormPart { name, content, ..FormPart::default() });
            }
            Effect::User if !value.contains(&b':') => {
                return Err(format!("{name} has no password, for which curl asks; write user:password"));
            }
            Effect::User => self.user = Some(value),
            Effect::Bearer => self.bearer = Some(value),
            Effect::UserAgent => self.user_agent = value,
            Effect::Referer => self.referer = value.strip_suffix(b";auto").unwrap_or(&value).to_vec(),
            Effect::Cookie if value.is_empty() => {}
            Effect::Cookie if value.starts_with(b"@") || !value.contains(&b'=') => {
                return Err(format!("{name} names a file of cookies; write those that are sent, as name=value"));
            }
            Effect::Cookie => match &mut self.cookie {
                Some(before) => before.extend([b";", &value[..]].concat()),
                None => self.cookie = Some(value),
            },
            Effect::Get => self.get = true,
            Effect::Head => self.head = true,
            Effect::PathAsIs => self.path_as_is = true,
            Effect::NoGlobs => self.no_globs = true,
        }
        Ok(())
    }

    fn header(&mut self, header: &[u8]) -> Result<(), String> {
        match header.iter().position(|&b| b == b':') {
            Some(colon) => {
                let (name, value) = (header[..colon].to_vec(), header[colon + 1..].trim_ascii().to_vec());
                if value.is_empty() { self.removed.push(name) } else { self.headers.push((name, value)) }
            }
            None => match header.strip_suffix(b";") {
                Some(name) => self.headers.push((name.to_vec(), Vec::new())),
                None => return Err("a value of -H has no colon".into()),
            },
        }
        Ok(())
    }

    fn is_set(&self, name: &str) -> bool {
        let names = self.headers.iter().map(|(name, _)| name).chain(&self.removed);
        names.into_iter().any(|set| set.eq_ignore_ascii_case(name.as_bytes()))
    }

    fn request(mut self, notes: &mut Vec<String>) -> Result<Request, String> {
        let given = self.url.take().ok_or("it has no URL")?;
        let absolute = if given.windows(3).any(|w| w == b"://") { given } else { [b"http://", &given[..]].concat() };
        let (scheme, authority, mut target) = url(&absolute).ok_or("its URL is neither http nor https")?;
        let (user, host) = match authority.iter().rposition(|&b| b == b'@') {
            Some(at) => (Some(&authority[..at]), &authority[at + 1..]),
            None => (None, &authority[..]),
        };
        self.check_url(host, &target)?;
        self.user = self.user.or(user.map(url_user).transpose()?);
        let body = match (self.data.take(), self.parts.is_empty()) {
            (Some(_), false) => return Err("it has both data and -F; curl sends one or the other".into()),
            (Some(data), true) if self.get => {
                // What -G puts into the URL stands in the place of --url-query.
                self.query = Some(data);
                None
            }
            (data, true) => data,
            (None, false) => {
                let boundary = self.boundary(notes);
                Some(multipart::body(&self.parts, &boundary))
            }
        };
        if self.head && body.is_some() {
            return Err("it has both -I and a body; curl sends one or the other".into());
        }
        self.add_query(&mut target, notes);
        // What follows a # is gone from the URL, so one that is here came with the data.
        if host.is_empty() || host.iter().chain(&target).any(|&b| !b.is_ascii_graphic() || b == b'#') {
            return Err("its URL has characters that must be percent-encoded".into());
        }
        let default: &[u8] = match (self.head, &body) {
            (true, _) => b"HEAD",
            (false, Some(_)) => b"POST",
            (false, None) => b"GET",
        };
        let method = self.method.take().unwrap_or_else(|| default.to_vec());
        let host = without_default_port(host, &scheme).to_vec();
        let headers = self.fields(host, body.as_deref());
        let mut request = Request {
            method: method.into(),
            scheme: scheme.into(),
            target: target.into(),
            headers,
            body: Bytes::default(),
        };
        let body = body.unwrap_or_default();
        request.body = match body_end(&request)? {
            BodyEnd::Length(length) => cut(&body, length, notes)?.into(),
            BodyEnd::LastChunk | BodyEnd::Untold => body.into(),
        };
        Ok(request)
    }

    /// Refuses a URL of which curl makes another, or several.
    fn check_url(&self, host: &[u8], target: &[u8]) -> Result<(), String> {
        let path = target.split(|&b| b == b'?').next().unwrap_or_default();
        if !self.path_as_is && path.split(|&b| b == b'/').any(|segment| segment == b"." || segment == b"..") {
            return Err("its path has dot segments, which curl removes; write the path as it is sent".into());
        }
        // Brackets of a host are of its address.
        let has_globs = host.iter().any(|b| b"{}".contains(b)) || target.iter().any(|b| b"[]{}".contains(b));
        if has_globs && !self.no_globs {
            return Err("its URL has brackets or braces, of which curl makes several URLs; add --globoff where they \
                        stand for themselves"
                .into());
        }
        Ok(())
    }

    /// The boundary in the Content-Type that the command gives; without one, a chosen one, which the field gets.
    fn boundary(&mut self, notes: &mut Vec<String>) -> Vec<u8> {
        let is_type = |(name, _): &&mut (Vec<u8>, Vec<u8>)| name.eq_ignore_ascii_case(b"content-type");
        let is_set = self.is_set("content-type");
        let field = self.headers.iter_mut().find(is_type).map(|(_, value)| value);
        if let Some(boundary) = field.as_deref().and_then(|value| boundary(value)) {
            notes.push(
                "the boundary of the multipart body was taken from the Content-Type of the command; curl itself adds \
                 another."
                    .into(),
            );
            return boundary.to_vec();
        }
        notes.push(BOUNDARY_NOTE.into());
        match field {
            Some(value) => value.extend([b"; boundary=", BOUNDARY].concat()),
            None if is_set => {}
            None => {
                let value = [b"multipart/form-data; boundary=", BOUNDARY].concat();
                self.headers.push((b"Content-Type".to_vec(), value));
            }
        }
        BOUNDARY.to_vec()
    }

    /// Appends the query of the options to the one of the URL.
    fn add_query(&mut self, target: &mut Vec<u8>, notes: &mut Vec<String>) {
        let Some(mut query) = self.query.take().filter(|query| !query.is_empty()) else { return };
        if lower_escapes(&mut query) {
            notes.push(
                "escapes in the query that curl appends to the URL were taken as curl before 8.20 writes them, with \
                 digits in lower case."
                    .into(),
            );
        }
        match target.iter().position(|&b| b == b'?') {
            None => target.push(b'?'),
            Some(at) if at + 1 == target.len() || target.ends_with(b"&") => {}
            Some(_) => target.push(b'&'),
        }
        target.append(&mut query);
    }

    /// The header fields in curl's order.
    fn fields(&mut self, host: Vec<u8>, body: Option<&[u8]>) -> Vec<(Bytes, Bytes)> {
        if self.is_json {
            for name in ["Content-Type", "Accept"] {
                if !self.is_set(name) {
                    self.headers.push((name.into(), b"application/json".to_vec()));
                }
            }
        }
        let authorization = match (self.bearer.take(), self.user.take()) {
            (Some(token), _) => [b"Bearer ", &token[..]].concat(),
            (None, Some(user)) => {
                let mut value = b"Basic ".to_vec();
                Base64 { alphabet: Alphabet::Standard, padding: true }.encode(&user, &mut value);
                value
            }
            (None, None) => Vec::new(),
        };
        let is_chunked = self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(b"transfer-encoding"));
        let length = body.filter(|_| !is_chunked).map(|body| body.len().to_string().into_bytes());
        let form = body.map(|_| b"application/x-www-form-urlencoded".to_vec());
        let own = |name: &str, value: Vec<u8>| {
            let is_added = !value.is_empty() && !self.is_set(name);
            is_added.then(|| (Bytes::from(name), Bytes(value)))
        };
        let before = [
            own("Host", host),
            own("Authorization", authorization),
            own("User-Agent", self.user_agent.clone()),
            own("Accept", b"*/*".to_vec()),
            own("Referer", self.referer.clone()),
            own("Cookie", self.cookie.clone().unwrap_or_default()),
        ];
        let given = self.headers.iter().map(|(name, value)| (Bytes(name.clone()), Bytes(value.clone())));
        let after = [own("Content-Length", length.unwrap_or_default()), own("Content-Type", form.unwrap_or_default())];
        let mut fields: Vec<_> = before.into_iter().flatten().chain(given).chain(after.into_iter().flatten()).collect();
        // Host is the first, whoever gave it.
        if let Some(at) = fields.iter().position(|(name, _)| name.eq_ignore_ascii_case(b"host")) {
            fields[..=at].rotate_right(1);
        }
        fields
    }
}

/// User and password of a URL, as -u has them.
fn url_user(user: &[u8]) -> Result<Vec<u8>, String> {
    let mut halves = user.splitn(2, |&b| b == b':');
    let mut decoded = Vec::new();
    for (half, separator) in [(halves.next(), &b""[..]), (halves.next(), b":")] {
        decoded.extend_from_slice(separator);
        percent::decode(half.unwrap_or_default(), Plus::Literal, &mut decoded)
            .map_err(|_| "the user in its URL has a `%` that is no escape; write %25")?;
    }
    Ok(decoded)
}

/// The data that a value stands for.
fn data(kind: DataKind, value: Vec<u8>, files: &mut NamedFiles<'_>) -> Result<Vec<u8>, String> {
    match (kind, value.strip_prefix(b"@")) {
        (DataKind::Text, Some(file)) => {
            let mut content = files.read(file)?;
            content.retain(|b| !b"\r\n\0".contains(b));
            Ok(content)
        }
        (DataKind::Binary, Some(file)) => files.read(file),
        (DataKind::Encoded, _) => {
            let mark = value.iter().position(|b| b"=@".contains(b));
            let (name, mark, content) = match mark {
                Some(at) => (&value[..at], value[at], &value[at + 1..]),
                None => (&value[..0], b'=', &value[..]),
            };
            let content = if mark == b'@' { files.read(content)? } else { content.to_vec() };
            let mut out = name.to_vec();
            out.extend((!name.is_empty()).then_some(b'='));
            // curl writes a space as + since 7.77.
            percent::encode_with(&content, &KeepSet::UNRESERVED, HexCase::Upper, true, &mut out);
            Ok(out)
        }
        _ => Ok(value),
    }
}

/// Writes the digits of escapes in lower case; whether there were capitals.
fn lower_escapes(query: &mut [u8]) -> bool {
    let mut changed = false;
    for at in 0..query.len().saturating_sub(2) {
        if query[at] == b'%' && query[at + 1..at + 3].iter().all(u8::is_ascii_hexdigit) {
            changed |= query[at + 1..at + 3].iter().any(u8::is_ascii_uppercase);
            query[at + 1..at + 3].make_ascii_lowercase();
        }
    }
    changed
}
