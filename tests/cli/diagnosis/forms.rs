//! The forms in which a request is given: each is read as what it stands for.

use super::advice::{snack, snack_from};
use crate::command::{Corpus, Ran};
use crate::setting;
use countersign::diagnosis::parse_request;
use countersign::request::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The signature of the requests below.
const SIGNED: [&str; 2] = ["--signature", "f530097cccadca3635c3d0079d70f331"];
const TARGET: &str = "/v1/?action=collection.getList&Sort=newest+first&collectionHash=fxh4k89&title=Caf%C3%A9%20menu&apiKey=45FD-267-7SG7832";
/// A form, and its signature.
const FORM: &str = "action=collection.create&title=Menu&file=JVBERi0xLjQ%3D";
const FORM_SIGNED: [&str; 2] = ["--signature", "c5ed43e2fa7c4d191559405a28085bde"];

fn right(ran: Ran) -> Ran {
    ran.exits(0).prints("Your signing is right")
}

/// A text as a request; files have the content that the map tells.
fn read(text: &str, files: &BTreeMap<String, String>) -> Result<(Request, Vec<String>), String> {
    let mut read = |file: &Path| match files.get(file.to_str().unwrap().trim_start_matches("./")) {
        Some(content) => Ok(content.clone().into_bytes()),
        None => Err("cannot be read: it is not there".to_owned()),
    };
    parse_request(text.as_bytes(), None, &mut read).map_err(|e| e.to_string())
}

fn alone(text: &str) -> Result<(Request, Vec<String>), String> {
    read(text, &BTreeMap::new())
}

/// What curl sends was recorded by `sent_by_curl.py`; what its version and its build decide is left out.
#[test]
fn a_curl_command_is_what_curl_sends() {
    let recorded = std::fs::read(setting::place("tests/cli/diagnosis/sent_by_curl.json")).unwrap();
    let recorded: Value = serde_json::from_slice(&recorded).unwrap();
    let files: BTreeMap<String, String> = serde_json::from_value(recorded["files"].clone()).unwrap();
    let sent: BTreeMap<String, String> = serde_json::from_value(recorded["sent"].clone()).unwrap();
    assert!(sent.len() > 50, "{} commands were recorded", sent.len());
    for (command, sent) in &sent {
        let sent =
            sent.replace("User-Agent: curl/7.88.1\r\n", "").replace("Accept-Encoding: deflate, gzip, br, zstd\r\n", "");
        let (mut found, notes) = read(command, &files).unwrap_or_else(|e| panic!("{command}: {e}"));
        let (mut expected, _) = alone(&sent).unwrap_or_else(|e| panic!("{command}: {e}"));
        expected.scheme = "http".into();
        if command.contains("-F ") || command.contains("--form-string") {
            assert!(notes[0].starts_with("the boundary of the multipart body is not known"), "{command}: {notes:?}");
            [&mut found, &mut expected].into_iter().for_each(without_boundary);
        }
        assert_eq!(found, expected, "{command}");
    }
}

/// Writes `B` for the boundary of a multipart body, which curl chooses, and leaves out its length.
fn without_boundary(request: &mut Request) {
    let content_type = String::from_utf8(request.header(b"content-type").next().unwrap().to_vec()).unwrap();
    let (start, boundary) = content_type.split_once("boundary=").unwrap();
    let body = String::from_utf8(request.body.to_vec()).unwrap();
    assert_eq!(request.header(b"content-length").next(), Some(body.len().to_string().as_bytes()));
    request.remove_header(b"content-length");
    request.set_header(b"Content-Type", format!("{start}boundary=B").into_bytes());
    request.body = body.replace(boundary, "B").into();
}

#[test]
fn a_boundary_that_the_command_gives_is_taken() {
    let command = "curl -H 'Content-Type: multipart/form-data; boundary=XYZ' -F a=1 http://a/";
    let (request, notes) = alone(command).unwrap();
    assert_eq!(
        request.body.to_string(),
        "--XYZ\\r\\nContent-Disposition: form-data; name=\\\"a\\\"\\r\\n\\r\\n1\\r\\n--XYZ--\\r\\n"
    );
    assert!(notes[0].contains("was taken from the Content-Type of the command; curl itself adds another"), "{notes:?}");
}

#[test]
fn where_versions_of_curl_differ_it_is_said() {
    let (request, notes) = alone("curl -G -d a=%2F http://a/").unwrap();
    assert_eq!(request.target.as_slice(), b"/?a=%2f");
    assert!(notes[0].contains("as curl before 8.20 writes them, with digits in lower case"), "{notes:?}");
    assert_eq!(alone("curl -G -d a=%20 http://a/?b=%2F").unwrap().1, [""; 0]);
}

#[test]
fn a_command_reads_files_of_the_current_directory() {
    let place = Corpus::empty();
    place.write("form", format!("{}\r\n", FORM.replace("&title", "\r\n&title")));
    let file = place.named("form");
    let command = format!("curl 'https://api.flipsnack.com/v1/?apiKey=45FD-267-7SG7832' -d @{file}");
    right(snack(&command, &FORM_SIGNED));
    place.write("form", "x".repeat((16 << 20) + 1).as_str());
    snack(&command, &FORM_SIGNED).exits(2).complains("the file that -d names: the file has more than");
    let twice = |option: &str| format!("curl https://a/ {option} {option} -o x");
    place.write("form", "x".repeat(9 << 20).as_str());
    let says = "its files have more than 16777216 bytes together, which is the most that is read";
    snack(&twice(&format!("--data-binary @{file}")), &SIGNED).exits(2).complains(says);
}

#[test]
fn chunks_are_put_together() {
    let head = "POST /v1/?apiKey=45FD-267-7SG7832 HTTP/1.1\r\nHost: api.flipsnack.com\r\nTransfer-Encoding: Chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n";
    let (start, end) = FORM.split_at(17);
    let chunks = format!("11;a=\"b\"\r\n{start}\r\n0{:X}\r\n{end}\r\n0\r\nX: y\r\n\r\n", end.len());
    right(snack(&format!("{head}{chunks}"), &FORM_SIGNED))
        .prints("the chunks of the body were put together: 55 bytes.");
    right(snack(&format!("{head}{chunks}").replace("\r\n", "\n"), &FORM_SIGNED));
    let more = snack(&format!("{head}{chunks}more"), &FORM_SIGNED);
    right(more).prints("4 bytes after the end of the body, as the header fields tell it, were left out.");
    for (broken, says) in [
        (FORM.to_owned(), "its body is not in chunks, as its Transfer-Encoding says; take that field out"),
        (chunks.replace("0\r\nX: y\r\n\r\n", ""), "its body ends before its last chunk, whose size is 0"),
        (chunks.replace("11;", "13;"), "a chunk of its body has more bytes than its size"),
        (chunks.replace("11;", "10;"), "a chunk of its body has more bytes than its size"),
        (chunks.replace("11;", "ffffffffffffffff;"), "a chunk of its body has fewer bytes than its size"),
        (chunks.replace("11;", "fffffffffffffffff;"), "its body is not in chunks"),
        (chunks.replace("11;", "+11;"), "its body is not in chunks"),
    ] {
        snack(&format!("{head}{broken}"), &FORM_SIGNED).exits(2).complains(says);
    }
    for (with, says) in [
        ("gzip, chunked", "its Transfer-Encoding is other than `chunked`"),
        ("chunked\r\nContent-Length: 9", "it has both Transfer-Encoding and Content-Length"),
    ] {
        snack(&head.replace("Chunked", with), &FORM_SIGNED).exits(2).complains(says);
    }
}

#[test]
fn what_follows_the_body_is_said() {
    let request =
        |more: &str| format!("GET {TARGET} HTTP/1.1\r\nHost: api.flipsnack.com\r\nContent-Length: 2\r\n\r\n{{}}{more}");
    right(snack(&request("}"), &SIGNED)).prints("1 byte after the end of the body, as the header fields tell it");
    for line_end in ["", "\n", "\r\n"] {
        right(snack(&request(line_end), &SIGNED)).hides("after the end of the body");
    }
}

#[test]
fn pseudo_header_fields_are_a_request_line() {
    let http2 = format!(":method: GET\n:path: {TARGET}\n:scheme: https\n:authority: api.flipsnack.com\naccept: */*\n");
    right(snack(&http2, &SIGNED));
    assert_eq!(alone(&http2).unwrap().0, {
        let http1 = format!("GET {TARGET} HTTP/1.1\nHost: api.flipsnack.com\naccept: */*\n\n");
        alone(&http1).unwrap().0
    });
    for (from, to, says) in [
        (":method: GET\n", "", "its pseudo header fields lack :method or :path"),
        (":method: GET", ":method: G T", "one of its pseudo header fields has no such value"),
        (":scheme: https", ":scheme: gopher", "one of its pseudo header fields has no such value"),
        (":scheme", ":protocol", "is none of :method, :scheme, :authority and :path"),
        (":authority: api.flipsnack.com\n", "", "it has no Host header field"),
    ] {
        snack(&http2.replace(from, to), &SIGNED).exits(2).complains(says);
    }
}

#[test]
fn standard_input_is_read() {
    let request = format!("GET {TARGET} HTTP/1.1\nHost: api.flipsnack.com\n\n");
    right(snack_from("-", &request, &SIGNED));
    snack_from("-", "no request", &SIGNED)
        .exits(2)
        .complains("standard input: this is no HTTP request: its first line");
    snack_from("-", &"x".repeat((16 << 20) + 1), &SIGNED).exits(2).complains("standard input: the file has more than");
}

/// An entry of an archive.
fn entry(method: &str, url: &str) -> Value {
    json!({"request": {"method": method, "url": url, "httpVersion": "h2", "headers": [], "cookies": []}, "time": 3})
}

fn archive(entries: &[Value]) -> String {
    json!({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": entries}}).to_string()
}

#[test]
fn an_archive_has_the_request_of_an_entry() {
    let list = entry("GET", &format!("https://api.flipsnack.com{TARGET}#x"));
    right(snack(&archive(std::slice::from_ref(&list)), &SIGNED));
    right(snack(&format!("\u{feff}{list}"), &SIGNED));
    right(snack(&list["request"].to_string(), &SIGNED));

    let several =
        archive(&[entry("POST", "https://user:SECRET@a/b?token=SECRET"), list, entry("GET", "https://a/\u{7}c")]);
    snack(&several, &SIGNED)
        .exits(2)
        .complains("it has 3 entries; choose one with --entry N:")
        .complains("1: POST https://a/b?…")
        .complains("2: GET https://api.flipsnack.com/v1/?…")
        .complains(r"3: GET https://a/\u{7}c")
        .hides("SECRET");
    right(snack(&several, &[&SIGNED[..], &["--entry", "2"]].concat()));
    for number in ["0", "4"] {
        let ran = snack(&several, &[&SIGNED[..], &["--entry", number]].concat());
        ran.exits(2).complains("--entry is a number from 1 to 3, the number of its entries");
    }
    let request = format!("GET {TARGET} HTTP/1.1\nHost: api.flipsnack.com\n\n");
    snack(&request, &[&SIGNED[..], &["--entry", "1"]].concat()).exits(2).complains("leave --entry out");
    let many = snack(&archive(&vec![entry("GET", "https://a/"); 30]), &SIGNED).exits(2);
    many.complains("it has 30 entries").complains("19: GET https://a/ … and 11 more").hides("20:");
}

/// A request with header fields, posted data and whatever its URL needs.
fn posted(headers: Value, data: Value) -> String {
    json!({"method": "POST", "url": "https://a.example/b", "headers": headers, "postData": data}).to_string()
}

#[test]
fn an_archive_has_header_fields_and_a_body() {
    let headers = json!([
        {"name": ":method", "value": "POST"},
        {"name": ":authority", "value": "b.example"},
        {"name": "X-A", "value": " 1 "},
        {"name": "content-length", "value": "3"},
    ]);
    let http = "POST /b HTTP/1.1\nHost: b.example\nX-A: 1\ncontent-length: 3\n\nabc";
    for data in [json!({"text": "abc"}), json!({"mimeType": "x", "text": "YWJj", "encoding": "base64"})] {
        assert_eq!(alone(&posted(headers.clone(), data)).unwrap().0, alone(http).unwrap().0);
    }
    let host = json!([{"name": "Host", "value": "c.example"}]);
    assert_eq!(alone(&posted(host, json!(null))).unwrap().0.headers, [("Host".into(), "c.example".into())]);
    assert_eq!(alone(&posted(json!([]), json!(null))).unwrap().0.headers, [("Host".into(), "a.example".into())]);

    let params =
        json!([{"name": "a b", "value": "c&\u{e9}~"}, {"name": "d", "fileName": "e.txt", "contentType": "x/y"}]);
    let form = json!({"mimeType": "application/x-www-form-urlencoded", "params": params});
    let (request, notes) = alone(&posted(json!([]), form)).unwrap();
    assert_eq!(request.body.as_slice(), b"a+b=c%26%C3%A9%7E&d=");
    assert!(notes[0].starts_with("the body was put together from the parameters of the archive"), "{notes:?}");

    let multipart = json!({"mimeType": "multipart/form-data; boundary=B", "params": params});
    let (request, notes) = alone(&posted(json!([]), multipart)).unwrap();
    let parts = "--B\r\nContent-Disposition: form-data; name=\"a b\"\r\n\r\nc&\u{e9}~\r\n--B\r\nContent-Disposition: form-data; name=\"d\"; filename=\"e.txt\"\r\nContent-Type: x/y\r\n\r\n\r\n--B--\r\n";
    assert_eq!(request.body.as_slice(), parts.as_bytes());
    assert_eq!(notes.len(), 1);
    let (request, notes) =
        alone(&posted(json!([]), json!({"mimeType": "multipart/form-data", "params": params}))).unwrap();
    let content_type = String::from_utf8(request.header(b"content-type").next().unwrap().to_vec()).unwrap();
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert_eq!(request.body.as_slice(), parts.replace("--B", &format!("--{boundary}")).as_bytes());
    assert!(notes[0].starts_with("the boundary of the multipart body is not known"), "{notes:?}");
}

#[test]
fn an_archive_without_a_request_is_refused() {
    let length = |value: &str| json!([{"name": "Content-Length", "value": value}]);
    for (text, says) in [
        ("{\"log\": {\"entries\": []}}".to_owned(), "it has no entries"),
        ("{\"log\": ".into(), "it is no JSON from line 1, column 8 on"),
        ("{\"log\": {\"entries\": [{}]}}".into(), "`log.entries[0]` is not as HAR 1.2 has it (line 1, column 23)"),
        ("{\"method\": \"GET\"}".into(), "a request has `method`, `url` and `headers`"),
        ("{\"log\": \"SECRET\"}".into(), "`log` is not as HAR 1.2 has it"),
        (archive(&[entry("GET", "https://a/")]) + "{}", "something follows its JSON"),
        (archive(&[entry("GET", "wss://a/SECRET")]), "its URL is neither http nor https"),
        (archive(&[entry("GET", "https://a/b SECRET")]), "characters that must be percent-encoded"),
        (posted(length("4"), json!({"text": "abc"})), "its body has 3 bytes, and its Content-Length is another number"),
        (posted(length("2"), json!({"text": "abc"})), "give the request as raw HTTP"),
        (posted(length("2"), json!(null)), "its body has 0 bytes"),
        (posted(json!([]), json!({"text": "SECRET", "encoding": "base64"})), "its body is no Base64"),
        (posted(json!([]), json!({"text": "a", "encoding": "SECRET"})), "an encoding other than `base64`"),
        (posted(json!([{"name": "host", "value": ""}, {"name": "Host", "value": ""}]), json!(null)), "several Host"),
        ("[".repeat(1 << 16).replacen('[', "{\"log\":", 1), "it is no JSON from"),
    ] {
        let ran = snack(&text, &SIGNED).exits(2).complains("the HTTP archive gives no request: ");
        ran.complains(says).hides("SECRET");
    }
}
