//! Text that is to be a request, raw HTTP, a curl command or an HTTP archive, is read without panic; what is
//! read, printed and read again is the same; its head is as `httparse` reads it; and its parts can be taken
//! apart, put together and changed, one at a time.

use countersign::bytes::Bytes;
use countersign::diagnosis::parse_request;
use countersign::primitive::percent::{self, Plus};
use countersign::primitive::text::without_default_port;
use countersign::request::{Intent, Pair, Request, Target};
use serde_json::{Map, Value, json};

/// Reads the text.
pub fn run(bytes: &[u8]) {
    let text = bytes.trim_ascii_start();
    let found = read(bytes);
    if text.starts_with(b"{") {
        // One entry of many is chosen by its number.
        let _ = parse_request(bytes, Some(2), &mut |_| Err("an archive names no file".into()));
    }
    let Some(request) = found else { return };
    if !text.starts_with(b"curl") {
        compare_heads(text, &request);
    }
    read_again(&request);
    meant_again(&request);
    let (name, value) = request.headers.last().cloned().unwrap_or_default();
    change(&request, &name, &value);
    let json = serde_json::to_string(&request).expect("a request prints");
    let again: Request = serde_json::from_str(&json).expect("a printed request reads");
    assert_eq!(again, request, "a request, printed as JSON and read again");
}

/// The request of a text; every file that a command names has its own name and two lines.
pub fn read(text: &[u8]) -> Option<Request> {
    parse_request(text, None, &mut |file| Ok(format!("{}: 1\r\nb=c\n", file.display()).into_bytes()))
        .ok()
        .map(|(it, _)| it)
}

/// Where both read the head, they find the same.
fn compare_heads(text: &[u8], found: &Request) {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut expected = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(length)) = expected.parse(text) else { return };
    assert_eq!(Some(found.method.as_slice()), expected.method.map(str::as_bytes), "the method");
    let target = expected.path.unwrap_or_default().as_bytes();
    let (headers, is_absolute) = if target.starts_with(b"/") {
        assert_eq!(found.target.escape_ascii().to_string(), target.escape_ascii().to_string(), "the target");
        (&found.headers[..], false)
    } else {
        // The host of an absolute target stands before the header fields.
        (&found.headers[1..], true)
    };
    let fields: Vec<_> = headers.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
    let expected: Vec<_> = expected.headers.iter().map(|h| (h.name.as_bytes(), h.value.trim_ascii())).collect();
    assert_eq!(fields, expected, "the header fields; the target is absolute: {is_absolute}");
    if found.header(b"transfer-encoding").next().is_none() {
        assert!(text[length..].starts_with(&found.body), "the body does not stand after the head");
    }
}

/// A request that can be sent, printed in each form, reads as itself.
fn read_again(request: &Request) {
    let hosts: Vec<_> = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"host")).collect();
    let [(name, host)] = hosts.as_slice() else { return };
    let can_be_sent = |(name, value): &(Bytes, Bytes)| {
        !name.is_empty()
            && !name.iter().any(|b| b.is_ascii_whitespace() || *b == b':')
            && value.trim_ascii() == value.as_slice()
            && !value.contains(&b'\n')
    };
    let is_token = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    let method = &request.method;
    if !request.headers.iter().all(can_be_sent) || !method.iter().all(is_token) || method.is_empty() {
        return;
    }
    // Text that starts with this word is a command.
    let is_command = method.as_slice() == b"curl";
    let leads = request.headers.first().is_some_and(|(first, _)| first == name) && name.as_slice() == b"Host";
    let is_absolute = leads && !host.is_empty() && host.iter().all(is_in_host);
    if !is_command && (request.scheme.as_slice() == b"https" || is_absolute) {
        assert_reads("as HTTP", &as_http(request, host), request);
    }
    if leads && let Some(command) = as_curl(request, host) {
        assert_reads("as a curl command", command.as_bytes(), request);
    }
    if let Some(archive) = as_har(request, host) {
        assert_reads("as an archive", archive.to_string().as_bytes(), request);
    }
}

fn assert_reads(how: &str, printed: &[u8], request: &Request) {
    match parse_request(printed, None, &mut |_| Err("a file is read".into())) {
        Ok((again, _)) => assert_eq!(again, *request, "printed {how}: {}", printed.escape_ascii()),
        Err(e) => panic!("printed {how} it cannot be read: {e}: {}", printed.escape_ascii()),
    }
}

fn is_in_host(byte: &u8) -> bool {
    byte.is_ascii_graphic() && !b"/?#".contains(byte)
}

/// A request as an archive of one entry; none where a text of JSON cannot hold it.
pub fn as_har(request: &Request, host: &[u8]) -> Option<Value> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    if host.is_empty() || !host.iter().all(|b| is_in_host(b) && *b != b'@') || request.target.contains(&b'#') {
        return None;
    }
    let field = |(name, value): &(Bytes, Bytes)| Some(json!({"name": text(name)?, "value": text(value)?}));
    let headers: Option<Vec<Value>> = request.headers.iter().map(field).collect();
    let headers = headers.filter(|_| request.headers.iter().all(|(name, _)| !name.starts_with(b":")))?;
    let body = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, request.body.as_slice());
    let posted = json!({"mimeType": "", "text": body, "encoding": "base64"});
    let request =
        json!({"method": text(&request.method)?, "url": text(&request.url())?, "headers": headers, "postData": posted});
    Some(json!({"log": {"version": "1.2", "entries": [{"request": request}]}}))
}

/// A request as HTTP/1.1; one of the scheme `http` has an absolute target, and its host is the first header field.
pub fn as_http(request: &Request, host: &[u8]) -> Vec<u8> {
    let is_absolute = request.scheme.as_slice() == b"http";
    let mut printed = [request.method.as_slice(), b" "].concat();
    if is_absolute {
        printed.extend([b"http://", host].concat());
    }
    printed.extend([request.target.as_slice(), b" HTTP/1.1\r\n"].concat());
    for (name, value) in &request.headers[usize::from(is_absolute)..] {
        printed.extend([name, b": ".as_slice(), value, b"\r\n"].concat());
    }
    printed.extend(b"\r\n");
    if request.header(b"transfer-encoding").next().is_some() {
        for chunk in request.body.chunks(7) {
            printed.extend([format!("{:x};a=b\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        }
        printed.extend(b"0\r\n\r\n");
        return printed;
    }
    printed.extend(request.body.as_slice());
    // Without a length, a line end at the end does not belong to the body.
    if request.header(b"content-length").next().is_none() {
        printed.extend(b"\r\n");
    }
    printed
}

/// A request as a curl command; none where it holds what a command or a URL cannot say.
pub fn as_curl(request: &Request, host: &[u8]) -> Option<String> {
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().filter(|t| !t.contains('\0')).map(str::to_owned);
    let quoted = |text: String| format!("'{}'", text.replace('\'', r"'\''"));
    let is_plain = |b: &u8| is_in_host(b) && *b != b'@';
    if host.is_empty() || !host.iter().all(is_plain) || request.target.contains(&b'#') {
        return None;
    }
    let is_default_port = without_default_port(host, &request.scheme) != host;
    if is_default_port || request.headers.iter().any(|(name, _)| name.starts_with(b"@")) {
        return None;
    }
    let url = quoted(text(&request.url())?);
    let mut command = format!("curl --path-as-is -gX {} {url}", quoted(text(&request.method)?));
    for (name, value) in &request.headers[1..] {
        let (name, value) = (text(name)?, text(value)?);
        let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        command.extend([" -H ", &quoted(field)]);
    }
    // Fields that it would add.
    for name in ["Accept", "Content-Type", "Content-Length"] {
        if request.header(name.as_bytes()).next().is_none() {
            command.extend([" -H ", name, ":"]);
        }
    }
    if !request.body.is_empty() {
        command.extend([" --data-raw ", &quoted(text(&request.body)?)]);
    }
    Some(command)
}

/// Path and query, decoded and encoded again, mean the same.
fn meant_again(request: &Request) {
    let Some((path, query)) = meant(request) else { return };
    let headers = request.headers.clone();
    let host = request.header(b"host").next().unwrap_or_default().to_vec().into();
    let (scheme, method, body) = (request.scheme.clone(), request.method.clone(), request.body.clone());
    let target = Target::Meant { path: path.clone(), query: query.clone() };
    let wire = Intent { method, scheme, host, target, headers, body }.to_wire();
    assert_eq!(meant(&wire), Some((path, query)), "encoded as {}", wire.target.escape_ascii());
    assert_eq!(wire.header(b"host").collect::<Vec<_>>().len(), 1.max(request.header(b"host").count()), "Host");
    let whole = [wire.raw_path(), if wire.target.contains(&b'?') { b"?" } else { b"" }, wire.raw_query()].concat();
    assert_eq!(Bytes(whole), wire.target, "path and query are the target");
}

fn meant(request: &Request) -> Option<(Bytes, Vec<Pair>)> {
    let decoded = |bytes: &[u8], plus| {
        let mut out = Vec::new();
        percent::decode(bytes, plus, &mut out).ok().map(|()| Bytes(out))
    };
    let path = decoded(request.raw_path(), Plus::Literal)?;
    let field = |(name, value): (&[u8], Option<&[u8]>)| {
        Some(Pair(
            decoded(name, Plus::Space)?,
            value.map(|value| decoded(value, Plus::Space).ok_or(())).transpose().ok()?,
        ))
    };
    let query: Option<Vec<Pair>> = percent::pieces(request.raw_query()).map(field).collect();
    Some((path, query?))
}

/// A field that is set is there once, and nothing else changes.
fn change(request: &Request, name: &[u8], value: &[u8]) {
    let with = |change: &dyn Fn(&mut Request)| {
        let mut changed = request.clone();
        change(&mut changed);
        changed
    };
    let set = with(&|r| r.set_header(name, value.to_vec()));
    assert_eq!(set.header(name).collect::<Vec<_>>(), [value], "a header field that was set");
    let others =
        |r: &Request| r.headers.iter().filter(|(n, _)| !n.eq_ignore_ascii_case(name)).cloned().collect::<Vec<_>>();
    assert_eq!(others(&set), others(request), "header fields of other names");
    assert_set("query", request.raw_query(), with(&|r| r.set_query(name, value)).raw_query(), name, value);
    assert_set("form", &request.body, &with(&|r| r.set_form(name, value)).body, name, value);
    if let (Ok(name), Ok(value)) = (std::str::from_utf8(name), std::str::from_utf8(value)) {
        let mut added = request.clone();
        if added.add_json(name, value).is_ok() {
            let empty = serde_json::from_slice::<Map<String, Value>>;
            let mut expected = if request.body.is_empty() { Map::new() } else { empty(&request.body).expect("JSON") };
            expected.insert(name.to_owned(), value.into());
            assert_eq!(empty(&added.body).ok(), Some(expected), "a member was added");
        }
    }
}

fn assert_set(what: &str, before: &[u8], after: &[u8], name: &[u8], value: &[u8]) {
    let is_other = |(piece, _): &(&[u8], Option<&[u8]>)| !percent::decodes_to(piece, Plus::Space, name);
    let kept: Vec<_> = percent::pieces(before).filter(is_other).collect();
    let found: Vec<_> = percent::pieces(after).collect();
    let Some(((last, set), rest)) = found.split_last() else {
        panic!("a field that was set in the {what} is not there")
    };
    assert_eq!(rest, kept, "other fields of the {what}");
    assert!(percent::decodes_to(last, Plus::Space, name), "the name in the {what}: {}", last.escape_ascii());
    assert!(set.is_some_and(|set| percent::decodes_to(set, Plus::Space, value)), "the value in the {what}");
}
