//! Secrets never show: not in `Debug` of what holds them, and not in what signing and verifying say.

use crate::setting::CORPUS;
use countersign::bytes::Bytes;
use countersign::case::{Case, Task};
use countersign::corpus::Entry;
use countersign::primitive::time::Instant;
use countersign::request::{Intent, Request};
use countersign::scheme::{
    Account, Arrival, Credential, CredentialKind, Implementation, Knowledge, Outcome, Program, Scratch, SignInput,
    State,
};

const SECRET: &str = "S3cr3t-that-nobody-may-see";

/// Whether text holds the secret: as it is, as an array of numbers, or in the usual encodings.
fn shows(text: &str) -> Option<&'static str> {
    let numbers: Vec<String> = SECRET.bytes().map(|b| b.to_string()).collect();
    let hex: String = SECRET.bytes().map(|b| format!("{b:02x}")).collect();
    let forms = [("as it is", SECRET.to_owned()), ("as numbers", numbers.join(", ")), ("in hexadecimal digits", hex)];
    let whole = forms.into_iter().find(|(_, form)| text.to_lowercase().contains(&form.to_lowercase()));
    // The first half gives it away as well.
    whole.map(|(what, _)| what).or_else(|| text.contains(&SECRET[..12]).then_some("in part"))
}

#[track_caller]
fn hidden(what: &str, text: &str) {
    if let Some(how) = shows(text) {
        panic!("{what} shows the secret {how}:\n{text}");
    }
}

/// The account with every secret exchanged for the known one.
fn with_known_secrets(entry: &Entry, account: &Account) -> Account {
    let is_secret = |name: &str| entry.scheme.account.get(name) == Some(&CredentialKind::Secret);
    let exchanged = account.0.iter().map(|(name, value)| {
        let value = if is_secret(name) { Credential::Value(SECRET.into()) } else { value.clone() };
        (name.clone(), value)
    });
    Account(exchanged.collect())
}

/// Every case of the corpus under accounts whose secrets are known.
fn cases() -> impl Iterator<Item = (&'static Entry, Case)> {
    CORPUS.entries.iter().flat_map(|entry| {
        entry.vectors().map(move |(topic, vector)| {
            let mut case = entry.case(topic, vector, None);
            match &mut case.task {
                Task::Sign(task) => task.account = with_known_secrets(entry, &task.account),
                Task::Verify(task) => {
                    for account in &mut task.accounts {
                        *account = with_known_secrets(entry, account);
                    }
                }
            }
            (entry, case)
        })
    })
}

fn program(entry: &Entry, case: &Case) -> Program {
    let scheme = entry.scheme.resolved(case.variant.as_deref(), None).unwrap();
    Program::compile(&scheme, &scheme.operations[&case.operation]).unwrap()
}

#[test]
fn the_search_finds_what_it_looks_for() {
    assert_eq!(shows(&format!("a{SECRET}b")), Some("as it is"));
    assert_eq!(shows(&format!("{:?}", SECRET.as_bytes())), Some("as numbers"));
    assert_eq!(shows("5333637233742d746861742d6e6f626f64792d6d61792d736565"), Some("in hexadecimal digits"));
    assert_eq!(shows("S3cr3t-that-"), Some("in part"));
    assert_eq!(shows("***"), None);
}

#[test]
fn what_holds_a_secret_does_not_print_it() {
    let mut secrets = 0;
    for (entry, case) in cases() {
        hidden("a case", &format!("{case:?} {case:#?}"));
        let account = match &case.task {
            Task::Sign(task) => task.account.clone(),
            Task::Verify(task) => match task.accounts.first() {
                Some(account) => account.clone(),
                None => continue,
            },
        };
        secrets += account.0.values().filter(|value| **value == Credential::Value(SECRET.into())).count();
        hidden("an account", &format!("{account:?} {account:#?}"));
        hidden("credentials", &format!("{:?}", account.0));
        let program = program(entry, &case);
        let prepared = program.account(&account).unwrap();
        hidden("a prepared account", &format!("{prepared:?} {prepared:#?}"));
        let parameters = program.parameters(&Default::default()).unwrap();
        let accounts = [prepared];
        let server = Knowledge { accounts: &accounts, parameters: &parameters };
        hidden("a server", &format!("{server:?}"));
        let input = SignInput { account: &accounts[0], parameters: &parameters, time: None, nonce: None, known: None };
        hidden("the input of a signer", &format!("{input:?}"));
    }
    assert!(secrets > 500, "only {secrets} secrets were looked for");
    hidden("the corpus", &format!("{:?}", CORPUS.entries[0].topics[0].file.accounts));
    hidden("a credential of bytes", &format!("{:?}", Credential::Value(Bytes::from(SECRET))));
}

#[test]
fn buffers_that_a_secret_went_through_do_not_print_it() {
    for (entry, case) in cases() {
        let Task::Sign(task) = &case.task else { continue };
        let program = program(entry, &case);
        let (account, parameters) =
            (program.account(&task.account).unwrap(), program.parameters(&task.parameters).unwrap());
        let (time, nonce) = (task.time.as_ref().map(|time| time.instant()), task.nonce.as_ref().map(Bytes::as_slice));
        let input = SignInput { account: &account, parameters: &parameters, time, nonce, known: None };
        let mut scratch = Scratch::default();
        let _ = program.sign(input, &task.request.clone(), &mut scratch, &mut |_, _| {});
        hidden("a buffer", &format!("{scratch:?}"));
    }
}

#[test]
fn a_message_of_the_protocol_does_not_print_it() {
    for (_, case) in cases() {
        hidden("a message", &format!("{:?}", countersign::subject::Call::of(0, &case)));
    }
}

/// Requests that a signer cannot use, made of one that it can.
fn spoilt(intent: &Intent) -> Vec<Intent> {
    let json = ("Content-Type".into(), "application/json".into());
    let multipart = ("Content-Type".into(), "multipart/form-data".into());
    let with = |header: &(Bytes, Bytes), body: &[u8]| {
        let mut spoilt = intent.clone();
        spoilt.headers = vec![header.clone()];
        spoilt.body = body.to_vec().into();
        spoilt
    };
    let broken = countersign::request::Target::Exact("/%zz?a=%zz".into());
    vec![with(&json, b"{"), with(&json, b"[]"), with(&multipart, b"x"), Intent { target: broken, ..intent.clone() }]
}

#[test]
fn no_error_of_signing_shows_a_secret() {
    let mut errors = 0;
    for (entry, case) in cases() {
        let Task::Sign(task) = &case.task else { continue };
        let program = program(entry, &case);
        let intent = task.request.clone();
        // Each value of the account left out in turn, and each way in which the request can be spoilt.
        let accounts = task.account.0.keys().map(|name| {
            let kept = task.account.0.iter().filter(|(n, _)| *n != name);
            (Account(kept.map(|(n, v)| (n.clone(), v.clone())).collect()), intent.clone())
        });
        let spoilt = spoilt(&intent).into_iter().map(|intent| (task.account.clone(), intent));
        for (account, intent) in accounts.chain(spoilt) {
            let account = program.account(&account).unwrap();
            let parameters = program.parameters(&task.parameters).unwrap();
            let time = task.time.as_ref().map(|time| time.instant());
            let input = SignInput { account: &account, parameters: &parameters, time, nonce: None, known: None };
            if let Err(error) = program.sign(input, &intent, &mut Scratch::default(), &mut |_, _| {}) {
                hidden("an error of signing", &format!("{error} {error:?}"));
                errors += 1;
            }
        }
        let unknown = [("unknown".to_owned(), Credential::Value(SECRET.into()))];
        let error = program.account(&Account(unknown.into_iter().collect()));
        hidden("an error of preparing", &format!("{:?}", error.unwrap_err()));
    }
    assert!(errors > 200, "only {errors} errors");
}

#[test]
fn no_refusal_shows_a_secret() {
    let mut refusals = 0;
    for (entry, case) in cases() {
        let Task::Verify(task) = &case.task else { continue };
        let program = program(entry, &case);
        let accounts: Vec<_> = task.accounts.iter().map(|account| program.account(account).unwrap()).collect();
        let parameters = program.parameters(&task.parameters).unwrap();
        let server = Knowledge { accounts: &accounts, parameters: &parameters };
        for step in &task.messages {
            for request in sent(entry, &case, &step.request.clone()) {
                let now = step.now.as_ref().map_or(Instant(0), |time| time.instant());
                let message = Arrival { request: &request, now: Some(now), client_address: step.client_address };
                let mut scratch = Scratch::default();
                let outcome = program.verify(server, &mut State::default(), message, &mut scratch, &mut |_, _| {});
                refusals += usize::from(matches!(outcome, Ok(Outcome::Reject(_))));
                hidden("an outcome", &format!("{outcome:?}"));
            }
        }
    }
    assert!(refusals > 1000, "only {refusals} refusals");
}

/// The request as it is, and with the secret where a signature or token should be. What stands in place of a time is
/// shown to whoever looks for the fault, so nothing secret is put there.
fn sent(entry: &Entry, case: &Case, request: &Request) -> Vec<Request> {
    let mut variations = vec![request.clone()];
    let time =
        serde_json::json!(entry.scheme.operations[&case.operation].receive.get("time")).to_string().to_lowercase();
    let is_time = |name: &[u8]| time.contains(&format!("\"header.{}\"", String::from_utf8_lossy(name).to_lowercase()));
    for i in (0..request.headers.len()).filter(|&i| !is_time(&request.headers[i].0)) {
        let mut leaking = request.clone();
        let word = leaking.headers[i].1.split(|&b| b == b' ').next().unwrap_or_default().to_vec();
        leaking.headers[i].1 = [word.as_slice(), b" ", SECRET.as_bytes()].concat().into();
        variations.push(leaking);
    }
    let mut target = request.clone();
    let pieces = request.target.split(|&b| b == b'&').map(|piece| match piece.iter().position(|&b| b == b'=') {
        Some(at) => [&piece[..=at], SECRET.as_bytes()].concat(),
        None => piece.to_vec(),
    });
    target.target = pieces.collect::<Vec<_>>().join(&b'&').into();
    variations.push(target);
    variations
}

/// Whoever has no secret signs nothing, and nothing is signed for whom no secret is known; where a document permits an
/// empty one, the scheme says `optional`.
#[test]
fn an_empty_secret_is_none() {
    let program = |key: serde_json::Value| {
        let scheme = serde_json::json!({
            "title": "empty", "kind": "primitive", "account": { "key": "secret" },
            "operations": { "request": {
                "direction": "request",
                "wire": { "query": "percent" },
                "derive": { "signature": ["body", { "hmac": { "with": "sha256", "key": key } }, "hex"] },
                "place": { "header": { "Signature": "stage.signature" } },
                "verify": [{ "equal": ["header.Signature", "stage.signature"], "reject": "signature-mismatch" }],
            } },
        });
        let scheme = std::sync::Arc::new(serde_json::from_value(scheme).unwrap());
        Implementation::of(&scheme, "request", None, None).unwrap().program
    };
    let intent: Intent =
        serde_json::from_value(serde_json::json!({ "method": "GET", "host": "example.com", "path": "/" })).unwrap();
    let accounts = [r#"{"key": ""}"#, "{}"].map(|account| serde_json::from_str::<Account>(account).unwrap());
    let sign = |program: &Program, account: &Account| {
        let (account, parameters) =
            (program.account(account).unwrap(), program.parameters(&Default::default()).unwrap());
        let input = SignInput { account: &account, parameters: &parameters, time: None, nonce: None, known: None };
        program.sign(input, &intent, &mut Scratch::default(), &mut |_, _| {})
    };
    let verify = |program: &Program, account: &Account, request: &Request| {
        let (accounts, parameters) =
            ([program.account(account).unwrap()], program.parameters(&Default::default()).unwrap());
        let server = Knowledge { accounts: &accounts, parameters: &parameters };
        let message = Arrival { request, now: None, client_address: None };
        program.verify(server, &mut State::default(), message, &mut Scratch::default(), &mut |_, _| {}).unwrap()
    };
    let (strict, lenient) =
        (program("credential.key".into()), program(serde_json::json!({ "optional": "credential.key" })));
    for account in &accounts {
        let error = sign(&strict, account).unwrap_err().to_string();
        assert_eq!(error, "signing needs credential.key, which was not given or is empty (stage `signature`)");
        let signed = sign(&lenient, account).unwrap();
        let Outcome::Reject(refused) = verify(&strict, account, &signed) else { panic!("accepted") };
        assert!(
            refused.detail.starts_with("deriving signature: credential.key, which must not be empty,"),
            "{refused:?}"
        );
        assert_eq!(verify(&lenient, account, &signed), Outcome::Accept);
    }
}
