//! The bytes that are sent, and the forms in which HTTP lets a server answer.

use super::listener::{Listener, Then, answer};
use super::{RULES, test};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const BODY: &str = "{\"class\":\"signature-mismatch\"}";

/// Writes an answer and closes the connection.
fn last(stream: &mut TcpStream, text: &str) -> Then {
    answer(stream, text);
    Then::Close
}

/// Asserts that the class is read from the body, and the body to its end: a rule asks for all of it.
fn understood(server: &Listener, form: &str) {
    let rule = format!("body-has: '{BODY}', outcome: \"reject\"");
    let rules = RULES.replace("outcome: \"reject\"", &rule);
    // What this answer is right for, and one vector that has another class.
    let only = ["sample-signature", "api-key-as-hmac-key", "authorization-without-prefix"];
    let only = only.map(|name| format!("flipbase/documented/{name}"));
    let arguments = ["--only", &only[0], "--only", &only[1], "--only", &only[2], "--format", "json"];
    let report = test(&server.url(), &rules, &arguments).exits(1).json();
    assert_eq!(report["conduct"]["breaches"], serde_json::json!([]), "{form}");
    assert_eq!(report["schemes"][0]["passed"], 2, "{form}: {report}");
    let difference = &report["failures"][0]["differences"][0];
    assert_eq!((&difference["what"], &difference["found"]), (&"class".into(), &"signature-mismatch".into()), "{form}");
}

#[test]
fn answers_are_understood_in_every_form() {
    let length = BODY.len();
    let plain = format!("HTTP/1.1 401 Unauthorized\r\nContent-Length: {length}\r\n\r\n{BODY}");
    let (start, rest) = BODY.split_at(7);
    let chunked = format!(
        "HTTP/1.1 401\r\nTransfer-Encoding: chunked\r\n\r\n7;a=b\r\n{start}\r\n0{:X}\r\n{rest}\r\n0\r\nX: y\r\n\r\n",
        rest.len()
    );
    let keeping = [
        plain.clone(),
        format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n{plain}"),
        chunked,
        format!("HTTP/1.1 401\nContent-Length: {length}, {length}\n\n{BODY}"),
        format!("HTTP/1.0 401 No\r\nConnection: Keep-Alive\r\nContent-Length: {length}\r\n\r\n{BODY}"),
    ];
    for text in keeping {
        let shown = text.clone();
        understood(&Listener::new(move |_, stream| answer(stream, &text)), &shown);
    }
    let closing = [
        format!("HTTP/1.1 401 Unauthorized\r\n\r\n{BODY}"),
        format!("HTTP/1.0 401 Unauthorized\r\nContent-Length: {length}\r\n\r\n{BODY}"),
        format!("HTTP/1.1 401 Unauthorized\r\nConnection: x, Close\r\nContent-Length: {length}\r\n\r\n{BODY}"),
        // Without a word: whoever keeps the connection must find out.
        plain.clone(),
    ];
    for text in closing {
        let shown = text.clone();
        understood(&Listener::new(move |_, stream| last(stream, &text)), &shown);
    }
    let bytes = Listener::new(move |_, stream| {
        stream.set_nodelay(true).unwrap();
        plain.chars().for_each(|c| assert!(answer(stream, &c.to_string()) == Then::Keep));
        Then::Keep
    });
    understood(&bytes, "in single bytes");
}

/// What is sent is what the vector has, and not what a library for HTTP would make of it.
#[test]
fn messages_are_sent_byte_by_byte() {
    let server = Listener::accepting();
    test(&server.url(), RULES, &["--only", "flipbase/documented/example-accepted"]).exits(0);
    let seen = server.seen();
    // The first case is put twice, once alone to show that the server can be tested.
    let [order, message, again, _] = seen.as_slice() else { panic!("{} messages", seen.len()) };
    assert_eq!(order, again);
    let body = "{\n  \"data\": {\n    \"attributes\": {\n      \"name\": \"Foo Bar International Ltd. (UK)\",\n      \
                \"description\": \"All videos from the UK office from Foo Bar\"\n    }\n  }\n}\n";
    let expected = format!(
        "POST /api/organizations HTTP/1.1\r\nHost: app.flipbase.com\r\nContent-Type: application/json\r\n\
         X-Flipbase-Date: 2018-05-04T12:05:14.649Z\r\nAuthorization: Signature \
         11bb3344aabb11ee22dd:MCzZDzCsCuZJkJnOJnXPhhXlPO49jpLjAb1zDl7VcTc=\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert_eq!(String::from_utf8_lossy(message), expected);
    let order = String::from_utf8_lossy(order);
    let (head, json) = order.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /-/countersign HTTP/1.1\r\nHost: 127.0.0.1:"), "{head}");
    let expected = serde_json::json!({
        "reset": true, "scheme": "flipbase", "operation": "request", "parameters": {}, "now": "2018-05-04T12:05:14.649Z",
        "accounts": [{ "api_key": "11bb3344aabb11ee22dd",
            "api_secret": "99xx88yy77vv66ww55cc44ee33bb22aa11oo00ss77vv" }],
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(json).unwrap(), expected);
}

#[test]
fn messages_are_evenly_apart() {
    let server = Listener::accepting();
    let start = Instant::now();
    test(&server.url(), RULES, &["--rate", "10", "--only", "flipbase/documented/example-accepted"]).exits(0);
    // Four messages, so three times between them.
    assert!(start.elapsed() >= Duration::from_millis(300), "{:?}", start.elapsed());
    assert_eq!(server.seen().len(), 4);
}
