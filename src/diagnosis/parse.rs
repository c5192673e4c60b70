//! A request from text: HTTP/1.1, or a curl command.

use super::{curl, http};
use crate::request::Request;

/// Reason why text is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not HTTP.
    #[error(
        "this is no HTTP request: {0}; expected is a request line such as `GET /path HTTP/1.1`, header lines, an \
         empty line and the body, or a curl command"
    )]
    NotHttp(String),
    /// A curl command that cannot be followed.
    #[error("the curl command cannot be followed: {0}")]
    Curl(String),
}

/// Reads a request. A curl command starts with the word `curl`.
///
/// Line ends are CRLF or LF. The body has as many bytes as `Content-Length` says, in a command as well;
/// without that field, a line end at the end of the text does not belong to it.
pub fn parse_request(text: &[u8]) -> Result<Request, Unreadable> {
    let start = text.trim_ascii_start();
    let is_curl = start.strip_prefix(b"curl").is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace));
    if is_curl {
        let command = std::str::from_utf8(start).map_err(|_| Unreadable::Curl("it is not UTF-8".into()))?;
        let mut request = curl::request(command).map_err(Unreadable::Curl)?;
        let told = http::of_told_length(&request, &request.body).map_err(Unreadable::Curl)?;
        request.body = told.map_or(request.body, Into::into);
        return Ok(request);
    }
    http::request(start).map_err(Unreadable::NotHttp)
}
