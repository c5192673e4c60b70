//! What each command that takes an account prints and writes.

use super::prepared::{Prepared, Signed, bytes};
use crate::command::Ran;
use serde_json::{Value, json};
use std::fs;

/// What a command showed: standard output, standard error, and a report.
pub struct Shown {
    pub command: String,
    pub text: String,
}

const REPORTS: [&str; 4] = ["text", "json", "junit", "html"];
const TWO: [&str; 2] = ["text", "json"];

/// The forms of a report that are asked for: all of them, or the one whose turn it is.
fn forms(all: &'static [&'static str], turn: Option<usize>) -> impl Iterator<Item = &'static str> {
    let turn = turn.map(|turn| turn % all.len());
    all.iter().enumerate().filter(move |(i, _)| turn.is_none_or(|turn| turn == *i)).map(|(_, form)| *form)
}

/// Runs every command on a scheme made ready, for its reports in each form or with a turn in one.
pub fn every_command(prepared: &Prepared, turn: Option<usize>) -> Vec<Shown> {
    let mut shown = Vec::new();
    for (i, signed) in prepared.signed.iter().enumerate() {
        shown.extend(by_hand(prepared, i, signed));
    }
    // Of several operations two are enough to see how a diagnosis is shown.
    for (i, signed) in prepared.signed.iter().enumerate().take(2) {
        shown.extend(diagnosed(prepared, i, signed, turn));
    }
    shown.extend(of_the_corpus(prepared, turn));
    shown
}

impl Prepared {
    /// Writes a file where no corpus is read.
    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        self.beside.write(name, bytes);
        self.beside.named(name)
    }
}

#[track_caller]
fn shown(command: impl Into<String>, ran: Ran, codes: &[i32]) -> Shown {
    let command = command.into();
    assert!(codes.contains(&ran.code), "{command} ended with {}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
    Shown { command, text: ran.stdout + &ran.stderr }
}

/// `sign` and `verify`, on vectors and on files.
fn by_hand(prepared: &Prepared, i: usize, signed: &Signed) -> Vec<Shown> {
    let name = &prepared.name;
    let sign = prepared.write("sign.yaml", signed.given().to_string());
    let mut all = vec![
        shown("sign VECTOR", prepared.corpus.run(&["sign", &format!("{name}/secrecy/sign-{i}")]), &[0]),
        shown("sign FILE", prepared.corpus.run(&["sign", &sign, "--scheme", name]), &[0]),
        // Which of them ends how is tested elsewhere.
        shown("verify VECTOR", prepared.corpus.run(&["verify", &format!("{name}/secrecy/verify-{i}")]), &[0, 1, 2]),
    ];
    let account = &signed.sign["account"];
    let other = signed.stranger(|credential| prepared.secrets.iter().any(|secret| secret == credential));
    let [altered, leaking] = [altered(&signed.request), leaking(prepared, signed)];
    for (what, accounts, request) in [
        ("verify FILE", json!([account]), &signed.request),
        ("verify FILE, altered", json!([account]), &altered),
        ("verify FILE, secret in every field", json!([account]), &leaking),
        ("verify FILE, other secrets", json!([other]), &signed.request),
        ("verify FILE, no account", json!([]), &signed.request),
    ] {
        let mut verify = signed.verify(accounts);
        verify["messages"][0]["request"] = request.clone();
        let mut file = json!({ "operation": signed.operation, "verify": verify });
        signed.variant.iter().for_each(|variant| file["variant"] = json!(variant));
        let file = prepared.write("verify.yaml", file.to_string());
        let ran = prepared.corpus.run(&["verify", &file, "--scheme", name]);
        // What a server lacks is an error too; a file that is not read would show nothing, and prove nothing.
        assert!(!ran.stderr.contains("verify.yaml:"), "{what} is not read: {}", ran.stderr);
        all.push(shown(what, ran, &[0, 1, 2]));
    }
    all
}

/// The request with every value of a header field a character short.
fn altered(request: &Value) -> Value {
    let mut altered = request.clone();
    for header in altered["headers"].as_array_mut().into_iter().flatten().filter(|header| header[0] != "Host") {
        if let Some(value) = header[1].as_str() {
            header[1] = json!(value.chars().take(value.chars().count().saturating_sub(1)).collect::<String>());
        }
    }
    altered["target"] = json!(format!("{}x", altered["target"].as_str().unwrap_or("/")));
    altered
}

/// The request with the secret wherever a field of it holds something, as one sends it who mistakes the field.
fn leaking(prepared: &Prepared, signed: &Signed) -> Value {
    let account = signed.sign["account"].as_object().unwrap();
    let secret = account.iter().find(|(name, _)| prepared.secrets.contains(name)).map(|(_, value)| value.clone());
    let secret = secret.unwrap_or_default();
    let mut leaking = signed.request.clone();
    // What stands in place of a time is quoted to whoever looks for the fault.
    let is_of_time = |name: &str| ["date", "timestamp"].iter().any(|word| name.to_lowercase().contains(word));
    let may = |name: &Value| name != "Host" && !is_of_time(name.as_str().unwrap_or_default());
    for header in leaking["headers"].as_array_mut().into_iter().flatten().filter(|header| may(&header[0])) {
        let word = header[1].as_str().and_then(|value| value.split_once(' ')).map_or("", |(word, _)| word);
        header[1] = json!(format!("{word} {}", secret.as_str().unwrap_or_default()).trim_start());
    }
    leaking
}

/// `diagnose`, of a right signature, a wrong one and one under another key.
fn diagnosed(prepared: &Prepared, i: usize, signed: &Signed, turn: Option<usize>) -> Vec<Shown> {
    let account = prepared.write("account.json", signed.sign["account"].to_string());
    let other = signed.stranger(|credential| prepared.secrets.iter().any(|secret| secret == credential));
    let other = prepared.write("other.json", other.to_string());
    let mut all = Vec::new();
    let wrong = prepared.wrongly_signed.get(i);
    let cases = [("right", Some(signed), &account), ("wrong", wrong, &account), ("other key", Some(signed), &other)];
    for (case, (what, signed, account)) in cases.into_iter().enumerate() {
        let Some(signed) = signed else { continue };
        let request = prepared.write("request.http", http(&signed.request));
        for form in forms(&TWO, turn.map(|turn| turn + i + case)) {
            let (scheme, operation) = (&prepared.name, &signed.operation);
            let named = ["diagnose", "--scheme", scheme, "--operation", operation, "--format", form];
            let files = ["--request", &request, "--account", account];
            let mut command: Vec<String> = named.into_iter().chain(files).map(str::to_owned).collect();
            signed.variant.iter().for_each(|variant| command.extend(["--variant".into(), variant.clone()]));
            if let Some(time) = signed.sign["time"].as_str() {
                command.extend(["--time".into(), time.into()]);
            }
            if let Some(nonce) = signed.sign["nonce"].as_str() {
                command.extend(["--nonce".into(), nonce.into()]);
            }
            for (name, value) in signed.sign["parameters"].as_object().into_iter().flatten() {
                command.extend(["--parameter".into(), format!("{name}={}", value.as_str().unwrap_or_default())]);
            }
            let run = |command: &[String]| prepared.corpus.run(&command.iter().map(String::as_str).collect::<Vec<_>>());
            let mut ran = run(&command);
            if ran.stderr.contains("the request carries no signature") {
                let last = signed.stages.values().next_back().and_then(Value::as_str).unwrap_or_default();
                command.extend(["--signature".into(), last.into()]);
                ran = run(&command);
            }
            all.push(shown(format!("diagnose ({what}) --format {form}"), ran, &[0, 1, 2]));
        }
    }
    all
}

/// A request as text.
fn http(request: &Value) -> Vec<u8> {
    let text = |value: &Value| bytes(value);
    let mut http = [&*text(&request["method"]), b" ", &*text(&request["target"]), b" HTTP/1.1\r\n"].concat();
    for header in request["headers"].as_array().into_iter().flatten() {
        http.extend([&*text(&header[0]), b": ", &*text(&header[1]), b"\r\n"].concat());
    }
    http.extend(b"\r\n");
    http.extend(text(&request["body"]));
    http
}

/// Commands that take the accounts of a corpus.
fn of_the_corpus(prepared: &Prepared, turn: Option<usize>) -> Vec<Shown> {
    let name = &prepared.name;
    let subject = prepared.wrong.subject();
    let mut all = vec![
        shown("explain SCHEME", prepared.corpus.run(&["explain", name]), &[0]),
        shown("explain VECTOR", prepared.corpus.run(&["explain", &format!("{name}/secrecy/sign-0")]), &[0]),
        shown("explain VECTOR (verify)", prepared.corpus.run(&["explain", &format!("{name}/secrecy/verify-0")]), &[0]),
        shown("lint", prepared.corpus.run(&["lint"]), &[1, 2]),
    ];
    for form in forms(&REPORTS, turn) {
        let report = prepared.write("report", "");
        let test = prepared.corpus.put(&["test", "--format", form, "--output", &report], &subject);
        let mut ran = shown(format!("test --format {form}"), test, &[1]);
        ran.text += &fs::read_to_string(&report).unwrap();
        all.push(ran);
        // What is expected is of another implementation than the scheme; it may differ in nothing that is expected.
        let check = prepared.wrong.run(&["check", "--format", form]);
        all.push(shown(format!("check --format {form}"), check, &[0, 1]));
    }
    for form in forms(&TWO, turn) {
        let fuzz = ["fuzz", "--scheme", name, "--cases", "40", "--seed", "1", "--format", form];
        let ran = prepared.corpus.put(&fuzz, &subject);
        all.push(shown(format!("fuzz --format {form}"), ran, &[0, 1]));
    }
    all
}
