//! A request from HTTP/1.1 as it is on the wire.

use crate::bytes::Bytes;
use crate::primitive::text;
use crate::request::Request;

/// The request of a text; `Err` says what is wrong with it.
pub(super) fn request(text: &[u8]) -> Result<Request, String> {
    let (line, mut rest) = line(text).ok_or("it is empty")?;
    let mut request = request_line(line)?;
    loop {
        let (header, after) = match line_or_end(rest) {
            Some((b"", after)) => break rest = after,
            Some(found) => found,
            None => break,
        };
        request.headers.push(field(header)?);
        rest = after;
    }
    request.body = body(&request, rest)?.into();
    match request.header(b"host").count() {
        1 => Ok(request),
        0 => Err("it has no Host header field, so it is not known where it goes".into()),
        _ => Err("it has several Host header fields".into()),
    }
}

/// A line without its end, and what follows.
fn line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (line, rest) = match text.iter().position(|&b| b == b'\n') {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => (text, &[][..]),
    };
    (!text.is_empty()).then(|| (line.strip_suffix(b"\r").unwrap_or(line), rest))
}

fn line_or_end(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() { None } else { line(text) }
}

fn request_line(line: &[u8]) -> Result<Request, String> {
    let other = || Err("its first line is no request line".to_owned());
    let parts: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
    let [method, target, version] = parts.as_slice() else { return other() };
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    if method.is_empty() || !method.iter().all(is_token) || !version.starts_with(b"HTTP/") {
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

fn body(request: &Request, rest: &[u8]) -> Result<Vec<u8>, String> {
    let without_line_end = || {
        let body = rest.strip_suffix(b"\n").unwrap_or(rest);
        body.strip_suffix(b"\r").unwrap_or(body).to_vec()
    };
    Ok(of_told_length(request, rest)?.unwrap_or_else(without_line_end))
}

/// As many bytes as `Content-Length` says, which is what a server reads; `None` without that field. It is
/// digits alone (RFC 9110 section 8.6), and fields that differ leave open where the body ends.
pub(super) fn of_told_length(request: &Request, rest: &[u8]) -> Result<Option<Vec<u8>>, String> {
    let mut lengths = request.header(b"content-length");
    let Some(told) = lengths.next() else { return Ok(None) };
    if lengths.any(|other| other != told) {
        return Err("it has several Content-Length header fields that differ".into());
    }
    let digits = text::digits(told).ok_or("its Content-Length is no number")?;
    let short = || format!("its Content-Length is more than the {} bytes that its body has", rest.len());
    // A number beyond every length is longer than the body as well.
    let body = digits.parse().ok().and_then(|length: usize| rest.get(..length));
    body.map(|body| Some(body.to_vec())).ok_or_else(short)
}
