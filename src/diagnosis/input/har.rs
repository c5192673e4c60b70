//! A request from an HTTP archive (HAR 1.2, JSON): of a whole archive, of one of its entries, or the request alone.
//!
//! An archive may hold credentials: errors quote no value of it but methods, and URLs up to the query.

use super::http::{BodyEnd, body_end, url};
use super::multipart::{self, BOUNDARY, BOUNDARY_NOTE, FormPart};
use crate::bytes::Bytes;
use crate::primitive::encoding::{Alphabet, Base64};
use crate::primitive::multipart::boundary;
use crate::primitive::percent::{self, HexCase, KeepSet};
use crate::printable;
use crate::request::{Request, is_media_type};
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Entries that an error lists at most.
const LISTED: usize = 20;
/// Columns of a URL in that list.
const URL_COLUMNS: usize = 90;

/// The fields that tell an archive, an entry and a request apart.
#[derive(Deserialize)]
struct HarShape {
    log: Option<IgnoredAny>,
    request: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct HarFile {
    log: HarLog,
}

#[derive(Deserialize)]
struct HarLog {
    entries: Vec<HarEntry>,
}

#[derive(Deserialize)]
struct HarEntry {
    request: HarRequest,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    headers: Vec<HarField>,
    post_data: Option<HarPosted>,
}

#[derive(Deserialize)]
struct HarField {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarPosted {
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    text: String,
    /// `base64` for bytes that are no text: no field of HAR 1.2, but several programs write it.
    encoding: Option<String>,
    #[serde(default)]
    params: Vec<HarParameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarParameter {
    name: String,
    #[serde(default)]
    value: String,
    file_name: Option<String>,
    content_type: Option<String>,
}

/// The request of an archive; `Err` says why there is none, or which there are to choose from.
pub(super) fn request(json: &[u8], entry: Option<usize>, notes: &mut Vec<String>) -> Result<Request, String> {
    let shape: HarShape = decode(json)?;
    let entries = match shape {
        HarShape { log: Some(_), .. } => decode::<HarFile>(json)?.log.entries,
        HarShape { request: Some(_), .. } => vec![decode(json)?],
        _ => vec![HarEntry { request: decode(json)? }],
    };
    let count = entries.len();
    let at = match (entry, count) {
        (_, 0) => return Err("it has no entries".into()),
        (None, 1) => 0,
        (None, _) => return Err(format!("it has {count} entries; choose one with --entry N:\n{}", list(&entries))),
        (Some(number), _) => number.wrapping_sub(1),
    };
    let chosen = entries.into_iter().nth(at);
    let chosen = chosen.ok_or_else(|| format!("--entry is a number from 1 to {count}, the number of its entries"))?;
    chosen.request.request(notes)
}

fn decode<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_slice(json);
    let found = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        let place = format!("line {}, column {}", error.line(), error.column());
        match error.is_data() {
            true => format!(
                "`{path}` is not as HAR 1.2 has it ({place}); a request has `method`, `url` and `headers`, each of \
                 these with `name` and `value`"
            ),
            false => format!("it is no JSON from {place} on; export it again"),
        }
    })?;
    reader.end().map_err(|_| "something follows its JSON; leave one archive in the file")?;
    Ok(found)
}

/// The entries, one a line.
fn list(entries: &[HarEntry]) -> String {
    let line = |(i, HarEntry { request: HarRequest { method, url, .. } }): (usize, &HarEntry)| {
        let end = url.find(['?', '#']).unwrap_or(url.len());
        let query = if end < url.len() { "?…" } else { "" };
        // A user may stand before the host.
        let start = url[..end].find("://").map_or(0, |at| at + 3);
        let host = start + url[start..end].find('/').unwrap_or(end - start);
        let user = url[start..host].rfind('@').map_or(start, |at| start + at + 1);
        let url = printable::text(&[&url[..start], &url[user..end], query].concat()).into_owned();
        format!("{}: {} {}", i + 1, printable::start(&printable::text(method), 20), printable::start(&url, URL_COLUMNS))
    };
    let most = if entries.len() > LISTED { LISTED - 1 } else { LISTED };
    let mut lines: Vec<String> = entries.iter().enumerate().take(most).map(line).collect();
    if entries.len() > most {
        lines.push(format!("… and {} more", entries.len() - most));
    }
    lines.join("\n")
}

impl HarRequest {
    fn request(self, notes: &mut Vec<String>) -> Result<Request, String> {
        let HarRequest { method, url: address, headers, post_data } = self;
        let (scheme, authority, target) = url(address.as_bytes()).ok_or("its URL is neither http nor https")?;
        let user = authority.iter().rposition(|&b| b == b'@').map_or(0, |at| at + 1);
        let mut host = authority[user..].to_vec();
        let is_in_url = |b: &u8| b.is_ascii_graphic();
        if host.is_empty() || !host.iter().chain(&target).all(is_in_url) {
            return Err("its URL has characters that must be percent-encoded".into());
        }
        let mut request = Request {
            method: method.into(),
            scheme: scheme.into(),
            target: target.into(),
            headers: Vec::with_capacity(headers.len() + 1),
            body: Bytes::default(),
        };
        for HarField { name, value } in headers {
            match name.strip_prefix(':') {
                // The others are in method and URL.
                Some("authority") => host = value.trim_ascii().as_bytes().to_vec(),
                Some(_) => {}
                None => request.headers.push((name.into(), value.trim_ascii().into())),
            }
        }
        match request.header(b"host").count() {
            0 => request.headers.insert(0, ("Host".into(), host.into())),
            1 => {}
            _ => return Err("it has several Host header fields".into()),
        }
        if let Some(posted) = post_data {
            request.body = posted.body(&mut request, notes)?.into();
        }
        let length = request.body.len();
        match body_end(&request)? {
            BodyEnd::Length(told) if told != length => Err(format!(
                "its body has {length} bytes, and its Content-Length is another number: the archive does not hold the \
                 body as it was sent; give the request as raw HTTP"
            )),
            _ => Ok(request),
        }
    }
}

impl HarPosted {
    /// The body; one that is made up from parameters gets a boundary into the header field where none is known.
    fn body(self, request: &mut Request, notes: &mut Vec<String>) -> Result<Vec<u8>, String> {
        if !self.text.is_empty() || self.params.is_empty() {
            return self.text();
        }
        let content_type = request.header(b"content-type").next().unwrap_or(self.mime_type.as_bytes()).to_vec();
        if is_media_type(&content_type, "multipart/form-data") {
            let known = boundary(&content_type).map(<[u8]>::to_vec);
            if known.is_none() {
                let told = [b"multipart/form-data; boundary=", BOUNDARY].concat();
                request.set_header(b"Content-Type", told);
                notes.push(BOUNDARY_NOTE.into());
            }
            let parts: Vec<FormPart> = self.params.into_iter().map(HarParameter::part).collect();
            notes.push("the body was put together from the parameters of the archive.".into());
            return Ok(multipart::body(&parts, &known.unwrap_or_else(|| BOUNDARY.to_vec())));
        }
        notes.push(
            "the body was put together from the parameters of the archive, percent-encoded as browsers encode a form."
                .into(),
        );
        let mut out = Vec::new();
        for (i, HarParameter { name, value, .. }) in self.params.iter().enumerate() {
            let keep = KeepSet::ALPHANUMERIC.with(b"-._*");
            out.extend_from_slice(if i == 0 { b"" } else { b"&" });
            percent::encode_with(name.as_bytes(), &keep, HexCase::Upper, true, &mut out);
            out.push(b'=');
            percent::encode_with(value.as_bytes(), &keep, HexCase::Upper, true, &mut out);
        }
        Ok(out)
    }

    fn text(self) -> Result<Vec<u8>, String> {
        match self.encoding.as_deref() {
            None | Some("") => Ok(self.text.into_bytes()),
            Some("base64") => {
                let mut out = Vec::new();
                let base64 = Base64 { alphabet: Alphabet::Standard, padding: true };
                base64.decode(self.text.as_bytes(), &mut out).map_err(|e| format!("its body is no Base64: {}", e.0))?;
                Ok(out)
            }
            Some(_) => Err("its body has an encoding other than `base64`; give the request as raw HTTP".into()),
        }
    }
}

impl HarParameter {
    fn part(self) -> FormPart {
        FormPart {
            name: self.name.into_bytes(),
            content: self.value.into_bytes(),
            file_name: self.file_name.map(String::into_bytes),
            content_type: self.content_type.map(String::into_bytes),
        }
    }
}
