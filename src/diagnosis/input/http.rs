//! A request from HTTP/1.1 as it is on the wire, or with the pseudo header fields of HTTP/2 in place of its first line.

use crate::bytes::Bytes;
use crate::primitive::text;
use crate::request::Request;

/// The request of a text; `Err` says what is wrong with it.
pub(super) fn request(text: &[u8], notes: &mut Vec<String>) -> Result<Request, String> {
    let (mut request, mut rest) = match text.first() {
        Some(b':') => pseudo_fields(text)?,
        _ => {
            let (line, rest) = line(text).ok_or("it is empty")?;
            (request_line(line)?, rest)
        }
    };
    let told = !request.headers.is_empty();
    loop {
        let (header, after) = match line(rest) {
            Some((b"", after)) => break rest = after,
            Some(found) => found,
            None => break,
        };
        request.headers.push(field(header)?);
        rest = after;
    }
    merge_host(&mut request, told, notes);
    request.body = body(&request, rest, notes)?.into();
    match request.header(b"host").count() {
        1 => Ok(request),
        0 => Err("it has no Host header field, so it is not known where it goes".into()),
        _ => Err("it has several Host header fields".into()),
    }
}

/// Where the target or `:authority` told the host and a Host header field follows, the field stays, since that is what
/// was signed.
fn merge_host(request: &mut Request, told: bool, notes: &mut Vec<String>) {
    if told && request.header(b"host").count() > 1 {
        let (_, told) = request.headers.remove(0);
        if request.header(b"host").next().is_some_and(|field| !field.eq_ignore_ascii_case(&told.0)) {
            notes.push(
                "the Host header field is not the host of the target (or of `:authority`); the field was taken.".into(),
            );
        }
    }
}

/// A line without its end, and what follows; `None` where nothing is left.
fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = match text.iter().position(|&b| b == b'\n') {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[][..]),
    };
    (!text.is_empty()).then(|| (line.strip_suffix(b"\r").unwrap_or(line), rest))
}

fn request_line(line: &[u8]) -> Result<Request, String> {
    let other = || Err("its first line is no request line".to_owned());
    let parts: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
    let [method, target, version] = parts.as_slice() else { return other() };
    if !is_method(method) || !version.starts_with(b"HTTP/") {
        return other();
    }
    if target.iter().any(|b| !b.is_ascii_graphic()) {
        return Err("the target in its first line has bytes that are not sent as they are".into());
    }
    let mut request = Request { method: method.to_vec().into(), scheme: "https".into(), ..Request::default() };
    if target.starts_with(b"/") {
        request.target = target.to_vec().into();
    } else {
        let (scheme, host, target) = url(target).ok_or("the target in its first line has no path")?;
        (request.scheme, request.target) = (scheme.into(), target.into());
        request.headers.push(("Host".into(), host.into()));
    }
    Ok(request)
}

fn is_method(method: &[u8]) -> bool {
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    !method.is_empty() && method.iter().all(is_token)
}

/// Pseudo header fields at the start of a text (RFC 9113 section 8.3.1) as the request that they stand for, and what
/// follows them.
fn pseudo_fields(mut text: &[u8]) -> Result<(Request, &[u8]), String> {
    let mut request = Request { scheme: "https".into(), ..Request::default() };
    while let Some((line, after)) = line(text).filter(|(line, _)| line.starts_with(b":")) {
        let (name, value) = field(&line[1..])?;
        match name.as_slice() {
            b"method" if is_method(&value) => request.method = value,
            b"path" if value.starts_with(b"/") && value.iter().all(u8::is_ascii_graphic) => request.target = value,
            b"scheme" if [&b"http"[..], b"https"].contains(&value.as_slice()) => request.scheme = value,
            b"authority" => request.set_header(b"Host", value.0),
            b"method" | b"path" | b"scheme" => return Err("one of its pseudo header fields has no such value".into()),
            _ => return Err("one of its pseudo header fields is none of :method, :scheme, :authority and :path".into()),
        }
        text = after;
    }
    match request.method.is_empty() || request.target.is_empty() {
        true => Err("its pseudo header fields lack :method or :path".into()),
        false => Ok((request, text)),
    }
}

/// Scheme, host and target of an absolute URL without what follows a `#`.
pub(super) fn url(url: &[u8]) -> Option<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let url = url.split(|&b| b == b'#').next()?;
    let end = url.windows(3).position(|w| w == b"://")?;
    let (scheme, rest) = (url[..end].to_ascii_lowercase(), &url[end + 3..]);
    let host_end = rest.iter().position(|&b| b == b'/' || b == b'?').unwrap_or(rest.len());
    let (host, target) = rest.split_at(host_end);
    if host.is_empty() || (scheme != b"http" && scheme != b"https") {
        return None;
    }
    let slash: &[u8] = if target.starts_with(b"/") { b"" } else { b"/" };
    Some((scheme, host.to_vec(), [slash, target].concat()))
}

fn field(line: &[u8]) -> Result<(Bytes, Bytes), String> {
    let colon = line.iter().position(|&b| b == b':').filter(|&at| at > 0);
    let colon = colon.ok_or("one of its header lines has no name and colon")?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if name.iter().any(u8::is_ascii_whitespace) {
        return Err("one of its header lines has white space before the colon, or continues the line before".into());
    }
    Ok((name.to_vec().into(), value.trim_ascii().to_vec().into()))
}

/// End of a body, as the header fields tell it (RFC 9112 section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyEnd {
    LastChunk,
    /// After so many bytes.
    Length(usize),
    Untold,
}

/// Returns where the header fields end the body. `Content-Length` is digits alone (RFC 9110 section 8.6), and fields
/// that differ leave it open.
pub(super) fn body_end(request: &Request) -> Result<BodyEnd, String> {
    let mut lengths = request.header(b"content-length");
    let length = lengths.next();
    if lengths.any(|other| Some(other) != length) {
        return Err("it has several Content-Length header fields that differ".into());
    }
    let mut codings = request.header(b"transfer-encoding");
    match (codings.next(), length) {
        (Some(_), Some(_)) => {
            Err("it has both Transfer-Encoding and Content-Length; take out the field that was not sent".into())
        }
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") && codings.next().is_none() => {
            Ok(BodyEnd::LastChunk)
        }
        (Some(_), None) => {
            Err("its Transfer-Encoding is other than `chunked`; take the field out, and give the body itself".into())
        }
        (None, Some(told)) => {
            let digits = text::digits(told).ok_or("its Content-Length is no number")?;
            // A number beyond every length is longer than the body as well.
            Ok(BodyEnd::Length(digits.parse().unwrap_or(usize::MAX)))
        }
        (None, None) => Ok(BodyEnd::Untold),
    }
}

fn body(request: &Request, rest: &[u8], notes: &mut Vec<String>) -> Result<Vec<u8>, String> {
    match body_end(request)? {
        BodyEnd::LastChunk => {
            let (body, after) = joined_chunks(rest)?;
            notes.push(format!("the chunks of the body were put together: {} bytes.", body.len()));
            left_out(after, notes);
            Ok(body)
        }
        BodyEnd::Length(length) => cut(rest, length, notes),
        BodyEnd::Untold => {
            let body = rest.strip_suffix(b"\n").unwrap_or(rest);
            Ok(body.strip_suffix(b"\r").unwrap_or(body).to_vec())
        }
    }
}

/// As many bytes as `Content-Length` says, which is what a server reads.
pub(super) fn cut(rest: &[u8], length: usize, notes: &mut Vec<String>) -> Result<Vec<u8>, String> {
    let short = || format!("its Content-Length is more than the {} bytes that its body has", rest.len());
    let (body, after) = rest.split_at_checked(length).ok_or_else(short)?;
    left_out(after, notes);
    Ok(body.to_vec())
}

/// Says that something follows the body, where it is more than the line end of a file.
fn left_out(after: &[u8], notes: &mut Vec<String>) {
    if ![&b""[..], b"\n", b"\r\n"].contains(&after) {
        let of = if after.len() == 1 { "byte" } else { "bytes" };
        notes.push(format!(
            "{} {of} after the end of the body, as the header fields tell it, were left out.",
            after.len()
        ));
    }
}

/// The chunks of a body, one after the other, and what follows the last (RFC 9112 section 7.1). Line ends are CRLF or
/// LF; trailer fields are passed over.
fn joined_chunks(mut rest: &[u8]) -> Result<(Vec<u8>, &[u8]), String> {
    let broken = "its body is not in chunks, as its Transfer-Encoding says; take that field out if the body is given \
                  without them";
    let mut body = Vec::new();
    loop {
        let (size, after) = line(rest).ok_or("its body ends before its last chunk, whose size is 0")?;
        let size = match httparse::parse_chunk_size(&[size, b"\r\n"].concat()) {
            Ok(httparse::Status::Complete((_, size))) => usize::try_from(size).unwrap_or(usize::MAX),
            _ => return Err(broken.into()),
        };
        rest = after;
        if size == 0 {
            while let Some((trailer, after)) = line(rest) {
                rest = after;
                if trailer.is_empty() {
                    break;
                }
            }
            return Ok((body, rest));
        }
        let (chunk, after) = rest.split_at_checked(size).ok_or("a chunk of its body has fewer bytes than its size")?;
        body.extend_from_slice(chunk);
        rest = match line(after) {
            Some((b"", rest)) => rest,
            Some(_) => return Err("a chunk of its body has more bytes than its size".into()),
            None => after,
        };
    }
}
