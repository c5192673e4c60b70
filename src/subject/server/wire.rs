//! The bytes of a message as HTTP/1.1, and which messages it cannot carry unchanged.

use crate::request::Request;

/// Returns why HTTP/1.1 cannot carry a message unchanged; `None` where it can.
pub(super) fn unsendable(request: &Request) -> Option<&'static str> {
    let (method, target) = (&request.method.0, &request.target.0);
    if request.scheme.0 != b"https" {
        return Some("the message does not come by https, and a server takes what reaches it to have come by https");
    }
    if method.is_empty() || !method.iter().all(is_token) {
        return Some("the method is no token of HTTP/1.1");
    }
    if method == b"CONNECT" {
        return Some("the method CONNECT asks for a tunnel");
    }
    if !target.starts_with(b"/") {
        return Some("the target does not start with `/`");
    }
    if target.iter().any(|b| b.is_ascii_control() || *b == b' ') {
        return Some("the target holds a space or a control character");
    }
    let field = request.headers.iter().find_map(|(name, value)| unsendable_field(&name.0, &value.0));
    field.or_else(|| unsendable_framing(request))
}

fn is_token(b: &u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b)
}

fn unsendable_field(name: &[u8], value: &[u8]) -> Option<&'static str> {
    let is_space = |b: Option<&u8>| matches!(b, Some(b' ' | b'\t'));
    if name.is_empty() || !name.iter().all(is_token) {
        return Some("a header name is no token of HTTP/1.1");
    }
    if value.iter().any(|&b| b.is_ascii_control() && b != b'\t') {
        return Some("a header value holds a control character");
    }
    if is_space(value.first()) || is_space(value.last()) {
        return Some("white space around a header value is not part of it in HTTP/1.1");
    }
    None
}

/// Fields that say where the body ends must say so rightly, or the rest of it would be another message.
fn unsendable_framing(request: &Request) -> Option<&'static str> {
    let values = |name: &'static str| request.header(name.as_bytes());
    if values("transfer-encoding").next().is_some() {
        return Some("a Transfer-Encoding changes the bytes of the body");
    }
    let length = request.body.0.len().to_string();
    let wrong =
        values("content-length").any(|value| value != length.as_bytes()) || values("content-length").count() > 1;
    wrong.then_some("its Content-Length is not that of its body")
}

/// The bytes of a message that can be sent. `Content-Length` is added at the end of the header where
/// there is a body and no such field; nothing else is added, changed or left out.
pub(super) fn bytes(request: &Request) -> Vec<u8> {
    let mut out = Vec::with_capacity(512 + request.body.0.len());
    out.extend([request.method.as_slice(), b" ", request.target.as_slice(), b" HTTP/1.1\r\n"].concat());
    for (name, value) in &request.headers {
        out.extend([name.as_slice(), b": ", value.as_slice(), b"\r\n"].concat());
    }
    if !request.body.0.is_empty() && request.header(b"content-length").next().is_none() {
        out.extend(format!("Content-Length: {}\r\n", request.body.0.len()).into_bytes());
    }
    out.extend(b"\r\n");
    out.extend(request.body.as_slice());
    out
}

/// The bytes that tell a server what it knows.
pub(super) fn order(authority: &str, path: &str, json: &[u8]) -> Vec<u8> {
    let length = json.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), json].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Bytes;

    fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let headers = headers.iter().map(|(name, value)| (Bytes::from(*name), Bytes::from(*value))).collect();
        let (method, target) = (method.into(), target.into());
        Request { method, scheme: "https".into(), target, headers, body: body.into() }
    }

    #[test]
    fn nothing_is_changed_on_the_way() {
        let twice = request("get", "/a?b#\u{fc}", &[("X", "1"), ("x", ""), ("X", "a \t b")], "");
        assert_eq!(bytes(&twice), "get /a?b#\u{fc} HTTP/1.1\r\nX: 1\r\nx: \r\nX: a \t b\r\n\r\n".as_bytes());
        assert_eq!(bytes(&request("GET", "/", &[], "ab")), b"GET / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab");
        let own = [("content-LENGTH", "2")];
        assert_eq!(bytes(&request("PUT", "/", &own, "ab")), b"PUT / HTTP/1.1\r\ncontent-LENGTH: 2\r\n\r\nab");
    }

    #[test]
    fn what_cannot_be_carried_is_not_sent() {
        let cases = [
            ("", "/", ("A", "b"), "method is no token"),
            ("G T", "/", ("A", "b"), "method is no token"),
            ("GET\r\n", "/", ("A", "b"), "method is no token"),
            ("CONNECT", "/", ("A", "b"), "tunnel"),
            ("GET", "", ("A", "b"), "does not start with"),
            ("GET", "*", ("A", "b"), "does not start with"),
            ("GET", "https://h/", ("A", "b"), "does not start with"),
            ("GET", "/a b", ("A", "b"), "a space or a control"),
            ("GET", "/\0", ("A", "b"), "a space or a control"),
            ("GET", "/", ("", "b"), "header name is no token"),
            ("GET", "/", ("A:", "b"), "header name is no token"),
            ("GET", "/", ("A", " b"), "white space around"),
            ("GET", "/", ("A", "b\t"), "white space around"),
            ("GET", "/", ("A", "\r\nb"), "control character"),
            ("GET", "/", ("A", "b\0"), "control character"),
            ("GET", "/", ("Content-Length", "3"), "not that of its body"),
            ("GET", "/", ("Content-Length", "+2"), "not that of its body"),
            ("GET", "/", ("Transfer-Encoding", "chunked"), "changes the bytes"),
        ];
        for (method, target, field, why) in cases {
            let found = unsendable(&request(method, target, &[field], "ab")).unwrap_or("it can be sent");
            assert!(found.contains(why), "{method:?} {target:?} {field:?}: {found}");
        }
        assert_eq!(unsendable(&request("get", "/\u{fc}", &[("A", "b\tc"), ("Content-Length", "2")], "ab")), None);
        let plain = Request { scheme: "http".into(), ..request("GET", "/", &[], "") };
        assert!(unsendable(&plain).is_some_and(|why| why.contains("https")));
    }
}
