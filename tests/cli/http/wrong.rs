//! Wrong servers: each gets its verdict, in bounded time and memory.

use super::listener::{ACCEPT, Listener, Then, answer, hang};
use super::{RULES, test};
use crate::command::{COUNTERSIGN, Corpus, watched};
use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const REJECT: &str = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 30\r\n\r\n{\"class\":\"signature-mismatch\"}";
const TOPIC: [&str; 2] = ["--only", "flipbase/documented"];

/// Answers rightly formed refusals at first, and then in another way.
fn from(first: usize, then: impl Fn(&mut TcpStream) -> Then + Send + Sync + 'static) -> Listener {
    Listener::new(move |count, stream| if count < first { reject(stream) } else { then(stream) })
}

fn reject(stream: &mut TcpStream) -> Then {
    answer(stream, REJECT)
}

#[test]
fn one_that_accepts_everything_accepts_falsely() {
    let server = Listener::accepting();
    let text = test(&server.url(), RULES, &[]).exits(1);
    let first = text.stdout.lines().find(|line| line.starts_with("FAILED")).unwrap();
    assert!(first.ends_with("(false accept)"), "{first}");
    assert!(text.stdout.contains("--rules ") && text.stdout.contains("--only flipbase/"), "{}", text.stdout);
    let report = test(&server.url(), RULES, &["--format", "json"]).exits(1).json();
    assert!(report["failures"].as_array().unwrap().iter().all(|failure| failure["kind"] == "false accept"), "{report}");
}

#[test]
fn one_that_rejects_everything_rejects_falsely() {
    let server = Listener::new(|_, stream| reject(stream));
    let report = test(&server.url(), RULES, &["--format", "json"]).exits(1).json();
    let kinds: Vec<&str> = report["failures"].as_array().unwrap().iter().map(|f| f["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"false reject") && kinds.contains(&"wrong class"), "{kinds:?}");
    assert!(!kinds.contains(&"false accept") && kinds[0] == "false reject", "{kinds:?}");
}

#[test]
fn one_that_wants_to_be_left_alone_is_left_alone() {
    for rules in [RULES.to_owned(), RULES.replace("\"4xx\"", "\"401\"")] {
        let server = from(3, |stream| answer(stream, "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"));
        let ran = test(&server.url(), &rules, &[]).exits(3).prints("The run was broken off: flipbase/");
        assert!(ran.stdout.contains("--rate makes the run slower"), "{}", ran.stdout);
        // Four answers, each told to the control endpoint before.
        assert_eq!(server.seen().len(), 8);
    }
    let control = Listener::with_control("429 Too Many Requests", |_, stream| answer(stream, ACCEPT));
    test(&control.url(), RULES, &[]).exits(3).complains("--rate makes the run slower");
}

#[test]
fn one_that_wants_to_be_left_alone_is_asked_no_more_beside_the_vectors() {
    let server = Listener::new(|_, stream| reject(stream));
    test(&server.url(), RULES, &["--no-diagnosis"]).exits(1);
    let without = server.seen().len();
    let asked = Listener::new(|_, stream| reject(stream));
    test(&asked.url(), RULES, &[]).exits(1);
    assert!(asked.seen().len() > without + 20, "{} of {without}", asked.seen().len());
    // An answer is told to the control endpoint before.
    let server =
        from(without / 2, |stream| answer(stream, "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"));
    test(&server.url(), RULES, &[]).exits(1);
    assert_eq!(server.seen().len(), without + 2);
}

#[cfg(unix)]
#[test]
fn one_that_hangs_is_not_waited_for_when_the_run_is_interrupted() {
    for (rate, server) in [("1000", from(3, hang)), ("0.01", Listener::new(|_, stream| reject(stream)))] {
        let directory = Corpus::empty();
        directory.write("rules.yaml", RULES);
        let script = "\"$0\" \"$@\" & id=$!; sleep 2; kill -TERM $id; wait $id";
        let command = ["-c", script, COUNTERSIGN, "test", "--http", &server.url(), "--rules"];
        let options = ["--timeout", "60", "--rate", rate, "--format", "json", "--only", "flipbase"];
        let mut shell = Command::new("sh");
        shell.args(command).arg(directory.file("rules.yaml")).args(options);
        let ran = watched(&mut shell, Duration::from_secs(40), 1 << 10, |_| {}).unwrap();
        let report = ran.exits(143).within(15).json();
        let kinds = report["failures"].as_array().unwrap().iter().map(|failure| &failure["kind"]);
        assert!(kinds.clone().all(|kind| kind != "time-out"), "{report:#}");
        assert!(!report["not_run"].as_array().unwrap().is_empty());
    }
}

#[test]
fn one_that_hangs_times_out() {
    let server = from(2, hang);
    let ran = test(&server.url(), RULES, &["--timeout", "0.1"]).exits(1).within(20);
    ran.prints("(time-out)").prints("no reply within 0.1 s").prints("not run: the server gave no answer 10 times");
    let at_once = from(0, hang);
    let ran = test(&at_once.url(), RULES, &["--timeout", "0.1"]).exits(3);
    ran.complains("the server cannot be tested").complains("did not answer within 0.1 s\n");
}

#[test]
fn one_that_drips_times_out() {
    let server = from(1, |stream| {
        let mut then = answer(stream, "HTTP/1.1 200 OK\r\nX: ");
        while then == Then::Keep {
            std::thread::sleep(Duration::from_millis(20));
            then = answer(stream, "y");
        }
        then
    });
    test(&server.url(), RULES, &[TOPIC[0], TOPIC[1], "--timeout", "0.2"]).exits(1).prints("(time-out)");
}

#[test]
fn one_that_closes_without_an_answer_crashes() {
    let server = from(2, |_| Then::Close);
    let ran = test(&server.url(), RULES, &TOPIC).exits(1);
    ran.prints("(crash)").prints("it closed the connection without an answer");
    let within = from(2, |stream| {
        answer(stream, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        Then::Close
    });
    test(&within.url(), RULES, &TOPIC).exits(1).prints("it closed the connection within the body of its answer");
    let at_once = from(0, |_| Then::Close);
    test(&at_once.url(), RULES, &TOPIC).exits(3).complains("closed the connection without an answer");
}

#[test]
fn one_that_floods_is_cut_off() {
    let beginnings = [
        ("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
        ("HTTP/1.1 200 OK\r\n", "X"),
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("HTTP/1.1 200 OK\r\n\r\n", "endless"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "endless"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "7\r\nendless\r\n"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "7;"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"),
    ];
    for (beginning, endless) in beginnings {
        let most = Arc::new(AtomicUsize::new(0));
        let sent = Arc::clone(&most);
        let server = from(1, move |stream| {
            let piece = endless.repeat(1000);
            let mut count = 0;
            answer(stream, beginning);
            while count < 1 << 28 && stream.write_all(piece.as_bytes()).is_ok() {
                count += piece.len();
            }
            sent.fetch_max(count, Ordering::SeqCst);
            Then::Close
        });
        let ran = test(&server.url(), RULES, &[TOPIC[0], TOPIC[1], "--timeout", "10"]).exits(3).within(30);
        assert!(ran.stdout.contains("The subject wrote an answer without an end"), "{beginning}: {}", ran.stdout);
        drop(server);
        // What the two sockets hold counts too.
        assert!(most.load(Ordering::SeqCst) < 24 << 20, "{beginning}: {} bytes were read", most.load(Ordering::SeqCst));
    }
}

#[test]
fn one_that_does_not_speak_http_breaks_the_protocol() {
    let noise = [
        "hello\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    ];
    for text in noise {
        // The connection stays open: that it is no HTTP shows without waiting for more.
        let server = from(1, move |stream| {
            answer(stream, text);
            hang(stream)
        });
        let ran = test(&server.url(), RULES, &TOPIC).exits(3);
        assert!(ran.stdout.contains("The subject wrote an answer that is not HTTP"), "{text:?}: {}", ran.stdout);
        assert!(ran.stdout.contains("(broken reply)"), "{text:?}: {}", ran.stdout);
    }
    let at_once = from(0, |stream| answer(stream, "hello\n"));
    test(&at_once.url(), RULES, &TOPIC)
        .exits(3)
        .complains("the server cannot be tested")
        .complains("not HTTP: `hello`");
}

#[test]
fn one_that_says_more_than_its_answer_is_told_so() {
    let server = from(1, |stream| answer(stream, &format!("{ACCEPT}more")));
    test(&server.url(), RULES, &TOPIC).exits(3).prints("The subject wrote more than its answer");
}

#[test]
fn one_whose_answer_no_rule_fits_gives_errors() {
    let server = from(1, |stream| answer(stream, "HTTP/1.1 302 Found\r\nContent-Length: 5\r\n\r\nlogin"));
    let ran = test(&server.url(), RULES, &TOPIC).exits(1).prints("(error)");
    ran.prints("no rule fits its answer 302 with the body `login`").prints("{ status: \"302\",");
    let class = from(1, |stream| answer(stream, "HTTP/1.1 401 No\r\nContent-Length: 15\r\n\r\n{\"class\":\"bad\"}"));
    test(&class.url(), RULES, &TOPIC).exits(1).prints("its answer has `bad` at /class, which is no reject class");
}

#[test]
fn one_without_the_control_endpoint_is_not_tested() {
    let server = Listener::with_control("404 Not Found", |_, stream| answer(stream, ACCEPT));
    let ran = test(&server.url(), RULES, &[]).exits(3);
    ran.complains("POST /-/countersign was answered 404").complains("is the control endpoint in this build");
    let missing = Listener::with_control("501 Not Implemented", |_, stream| answer(stream, ACCEPT));
    test(&missing.url(), RULES, &[]).exits(4);
}
