//! A request from what people have of one: HTTP/1.1 as text, a curl command, or an HTTP archive.
//!
//! Reads no file and no input of its own: the caller does.

mod curl;
mod har;
mod http;
mod multipart;
mod named;
mod options;
mod words;

use crate::request::Request;
use named::NamedFiles;
use std::borrow::Cow;
use std::path::Path;

/// Reason why text is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not HTTP.
    #[error(
        "this is no HTTP request: {0}; expected is a request line such as `GET /path HTTP/1.1`, header lines, an \
         empty line and the body, or a curl command, or an HTTP archive (HAR)"
    )]
    NotHttp(String),
    /// A curl command that cannot be followed.
    #[error("the curl command cannot be followed: {0}")]
    Curl(String),
    /// An HTTP archive that does not give one request.
    #[error("the HTTP archive gives no request: {0}")]
    Archive(String),
}

/// Reads a request, and says what its reader should know of how it was read.
///
/// A curl command starts with the word `curl`, an archive with `{`; `entry` is the number of its entry, from 1. `read`
/// reads a file that a curl command names; `Err` says why it cannot be.
///
/// Line ends of HTTP are CRLF or LF. Its body is chunked, or has as many bytes as `Content-Length` says; without these
/// fields, a line end at the end of the text does not belong to it.
pub fn parse_request(
    text: &[u8],
    entry: Option<usize>,
    read: &mut dyn FnMut(&Path) -> Result<Vec<u8>, String>,
) -> Result<(Request, Vec<String>), Unreadable> {
    let whole = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let text = whole.trim_ascii_start();
    let is_curl = text.strip_prefix(b"curl").is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace));
    let mut notes = Vec::new();
    let request = if text.starts_with(b"{") {
        har::request(text, entry, &mut notes).map_err(Unreadable::Archive)
    } else if entry.is_some() {
        Err(Unreadable::Archive("it is none, and has no entries to choose from; leave --entry out".into()))
    } else if is_curl {
        curl::request(text, &mut NamedFiles::new(read), &mut notes).map_err(Unreadable::Curl)
    } else {
        http::request(&without_indentation(whole), &mut notes).map_err(Unreadable::NotHttp)
    };
    Ok((request?, notes))
}

/// HTTP as somebody copies it who has it indented, every line alike; other text from its first character on.
fn without_indentation(text: &[u8]) -> Cow<'_, [u8]> {
    let start = text.trim_ascii_start();
    let before = &text[..text.len() - start.len()];
    let indentation = &before[before.iter().rposition(|&b| b == b'\n').map_or(0, |end| end + 1)..];
    let lines = || start.split_inclusive(|&b| b == b'\n');
    let is_indented = |line: &[u8]| line.starts_with(indentation) || line.trim_ascii().is_empty();
    if indentation.is_empty() || !lines().skip(1).all(is_indented) {
        return start.into();
    }
    let without = lines().enumerate().map(|(i, line)| match i {
        0 => line,
        _ => line.strip_prefix(indentation).unwrap_or(line),
    });
    without.collect::<Vec<_>>().concat().into()
}
