//! Diagnosis is bounded in time and memory, and says what it left untried.

use super::advice::snack;
use crate::command::{COUNTERSIGN, Corpus, Ran, run, watched};
use std::process::Command;
use std::time::Duration;

/// A time within which a second of work is done, and one evaluation of what is large, on a machine under load.
const BOUND: Duration = Duration::from_secs(40);

const SIGNED: [&str; 2] = ["--signature", "f530097cccadca3635c3d0079d70f331"];

/// Diagnoses a large request.
fn large(request: &str) -> Ran {
    let place = Corpus::empty();
    place.write("request", request);
    let mut command = Command::new(COUNTERSIGN);
    command.args(["diagnose", "--scheme", "flipsnack", "--credential-env", "secret=SNACK_SECRET"]).args(SIGNED);
    command.args(["--request", &place.named("request")]).env("SNACK_SECRET", "123ABCDE");
    watched(&mut command, BOUND, 1 << 10, |_| {}).unwrap().exits(1)
}

fn fields(count: usize) -> String {
    (0..count).map(|i| format!("n{i}=v%20{i}")).collect::<Vec<_>>().join("&")
}

#[test]
fn large_requests_take_bounded_time_and_memory() {
    let host = "HTTP/1.1\r\nHost: api.flipsnack.com\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\n\r\n";
    let form = format!("POST /v1/?apiKey=k {host}{form}{}", fields(850_000));
    let query = format!("GET /v1/?apiKey=k&{} {host}\r\n", fields(50_000));
    let headers: String = (0..100_000).map(|i| format!("X-N{i}: v\r\n")).collect();
    let headers = format!("GET /v1/?apiKey=k {host}{headers}\r\n");
    for (request, takes_long) in [(form, true), (query, true), (headers, false)] {
        let left = "Left untried, since the time was over (`--diagnosis-time`): ";
        let ran = large(&request).prints(if takes_long { left } else { "Not known: none of " });
        ran.in_megabytes(200 + 40 * request.len() as u64 / (1 << 20));
    }
}

#[test]
fn time_is_as_long_as_it_is_told() {
    let request = "GET /v1/?apiKey=45FD-267-7SG7832 HTTP/1.1\nHost: api.flipsnack.com\n\n";
    let with = |more: &[&str]| snack(request, &[&SIGNED, more].concat()).exits(1);
    let short = with(&["--diagnosis-time", "0.000001"]);
    let short = short.prints("none of 1 candidates").prints("Left untried, since the time was over");
    assert!(!short.stdout.contains("beyond the limit"));
    assert!(!with(&["--diagnosis-time", "600"]).stdout.contains("Left untried"));
    let json = with(&["--diagnosis-time", "0.000001", "--format", "json"]);
    let json: serde_json::Value = json.json();
    assert!(json["tried"]["out_of_time"].as_u64() > Some(100), "{json}");
    snack(request, &["--diagnosis-time", "0"]).exits(2).complains("more than 0 and at most 3600 seconds");
}

#[test]
fn time_of_a_run_is_bounded_too() {
    // The same scheme with another digest, so that all of it differs.
    let other = Corpus::edited((", md5, hex]", ", sha1, hex]"));
    let test = |time: &str| {
        let options = ["test", "--scheme", "flipsnack", "--only", "flipsnack/sign", "--diagnosis-time", time];
        run(options.iter().chain(&other.subject())).exits(1)
    };
    test("0.000001").prints("Left untried, since the time was over");
    assert!(!test("600").stdout.contains("since the time was over"));
}
