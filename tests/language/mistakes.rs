//! Mistakes: what the mutants of some operators let pass, or make of a message, each on a small scheme.

use base64::Engine as _;
use countersign::mutation::{Mutant, bases, catalogue};
use countersign::primitive::key_pair::{PairKind, fresh};
use countersign::primitive::time::Instant;
use countersign::request::Intent;
use countersign::scheme::{
    Account, Arrival, Credential, Implementation, Knowledge, Outcome, Scheme, Scratch, SignInput, State,
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A scheme of this one operation, with a secret and a pair.
fn scheme(operation: &Value) -> Arc<Scheme> {
    let mut whole = json!({
        "direction": "request", "wire": { "query": "form" }, "derive": { "it": { "text": "" } }, "verify": [],
    });
    whole.as_object_mut().unwrap().extend(operation.as_object().unwrap().clone());
    let scheme = json!({
        "title": "mistakes", "kind": "primitive",
        "account": { "secret": "secret", "key": { "pair": "ed25519" } },
        "parameters": { "note": { "says": "A note.", "optional": true } },
        "domain": {
            "methods": ["GET", "POST"], "path": "ascii",
            "query": { "values": "ascii", "repeated": true, "valueless": true }, "body": ["none", "form", "json"],
        },
        "operations": { "request": whole },
    });
    Arc::new(serde_json::from_value(scheme).unwrap_or_else(|e| panic!("{operation}: {e}")))
}

fn account() -> Account {
    let [private, public] = fresh(PairKind::Ed25519, b"mistakes").unwrap();
    let value = |text: &str| Credential::Value(text.into());
    let all = [("secret", value("it's")), ("key.private", value(&private)), ("key.public", value(&public))];
    Account(all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The scheme itself, and by their particular its mutants of an operator.
fn implementations(scheme: &Arc<Scheme>, operator: &str) -> (Implementation, BTreeMap<String, Implementation>) {
    let base = bases(scheme)[&None]["request"].clone();
    let catalogue = catalogue(scheme);
    let made = |mutant: &Mutant| (mutant.detail.clone(), mutant.of(&base).unwrap());
    let own = catalogue.mutants.iter().filter(|mutant| mutant.operator.id == operator);
    let all: BTreeMap<_, _> = own.map(made).collect();
    assert!(!all.is_empty(), "{operator} makes no mutant: {:?}", catalogue.unviable);
    (base, all)
}

fn intent(request: &Value) -> Intent {
    let mut whole = json!({ "method": "GET", "host": "Example.com:443", "target": "/" });
    let whole_request = whole.as_object_mut().unwrap();
    if request.get("path").is_some() {
        whole_request.remove("target");
    }
    whole_request.extend(request.as_object().unwrap().clone());
    serde_json::from_value(whole).unwrap()
}

/// The stage `it` of a message that an implementation signs.
fn signed(implementation: &Implementation, request: &Value) -> String {
    let program = &implementation.program;
    let account = program.account(&account()).unwrap();
    let parameters = program.parameters(&Default::default()).unwrap();
    let time = Some(Instant::parse("2021-02-25T15:02:10.5Z").unwrap());
    let input = SignInput { account: &account, parameters: &parameters, time, nonce: None, known: None };
    let mut it = Vec::new();
    let mut keep = |name: &str, value: &[u8]| {
        if name == "it" {
            it = value.to_vec();
        }
    };
    program.sign(input, &intent(request), &mut Scratch::default(), &mut keep).unwrap();
    String::from_utf8(it).unwrap()
}

/// What becomes of the stage `it` by the mistakes of an operator.
#[track_caller]
fn changes(operation: &Value, request: &Value, right: &str, operator: &str, wrong: &[(&str, &str)]) {
    let (base, mutants) = implementations(&scheme(operation), operator);
    assert_eq!(signed(&base, request), right, "the scheme itself");
    for (detail, gives) in wrong {
        let mutant = mutants.get(*detail).unwrap_or_else(|| panic!("{operator} makes {:?}", mutants.keys()));
        assert_eq!(signed(mutant, request), *gives, "{operator}, {detail}");
    }
}

/// Whether a message passes.
fn passes(implementation: &Implementation, headers: &[(&str, &str)]) -> bool {
    let program = &implementation.program;
    let (accounts, mut state) = ([program.account(&account()).unwrap()], State::default());
    let parameters = program.parameters(&Default::default()).unwrap();
    let request = intent(&json!({ "headers": headers })).to_wire();
    let message = Arrival { request: &request, now: Some(Instant(1_000_000_000)), client_address: None };
    let server = Knowledge { accounts: &accounts, parameters: &parameters };
    program.verify(server, &mut state, message, &mut Scratch::default(), &mut |_, _| {}).unwrap() == Outcome::Accept
}

/// Which of some messages the scheme itself takes, and which a mutant of an operator.
#[track_caller]
fn taken(operation: &Value, operator: &str, messages: &[&[(&str, &str)]]) -> [String; 2] {
    let (base, mutants) = implementations(&scheme(operation), operator);
    let verdicts =
        |of: &Implementation| messages.iter().map(|headers| if passes(of, headers) { 'a' } else { 'r' }).collect();
    [verdicts(&base), verdicts(&mutants.into_values().next().unwrap())]
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// HMAC-SHA-256 or, of a longer name, HMAC-SHA-512.
fn mac(name: &str, key: &[u8], message: &[u8]) -> String {
    match name {
        "HS256" => base64(&Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes()),
        _ => base64(&Hmac::<Sha512>::new_from_slice(key).unwrap().chain_update(message).finalize().into_bytes()),
    }
}

/// An operation whose message names its algorithm, and is signed under the pair.
fn of_pair() -> Value {
    json!({
        "receive": { "alg": "header.Alg", "sent": ["header.Signature", "base64-decode"] },
        "derive": { "it": { "text": "message" } },
        "verify": [
            { "equal": ["received.alg", { "text": "EdDSA" }], "reject": "malformed" },
            {
                "signed": { "with": "ed25519", "key": "credential.key.public", "message": "stage.it", "signature": "received.sent" },
                "reject": "signature-mismatch",
            },
        ],
    })
}

#[test]
fn the_algorithm_none_needs_no_signature() {
    let messages: [&[_]; 4] = [
        &[("Alg", "none"), ("Signature", "")],
        &[("Alg", "None"), ("Signature", "AAAA")],
        &[("Alg", "EdDSA"), ("Signature", "")],
        &[("Alg", "HS256"), ("Signature", "")],
    ];
    assert_eq!(taken(&of_pair(), "none-needs-no-signature", &messages), ["rrrr", "aarr"]);
    for check in ["equal", "any-equal"] {
        let sent =
            if check == "equal" { json!("header.Signature") } else { json!(["header.Signature", { "split": " " }]) };
        let of_mac = json!({
            "receive": { "alg": "header.Alg" },
            "derive": {
                "it": { "text": "message" },
                "mac": ["stage.it", { "hmac": { "with": "sha256", "key": "credential.secret" } }, "base64"],
            },
            "verify": [
                { "equal": ["received.alg", { "text": "HS256" }], "reject": "malformed" },
                { check: [sent, "stage.mac"], "reject": "signature-mismatch" },
            ],
        });
        let right = mac("HS256", b"it's", b"message");
        let messages: [&[_]; 4] = [
            &[("Alg", "HS256"), ("Signature", &right)],
            &[("Alg", "none"), ("Signature", "x")],
            &[("Alg", "HS256"), ("Signature", "x")],
            &[("Alg", "HS512"), ("Signature", &right)],
        ];
        assert_eq!(taken(&of_mac, "none-needs-no-signature", &messages), ["arrr", "aarr"], "{check}");
    }
}

#[test]
fn a_mac_under_the_public_half_passes_where_the_message_names_one() {
    let [_, public] = fresh(PairKind::Ed25519, b"mistakes").unwrap();
    let [short, long] = ["HS256", "HS512"].map(|name| mac(name, public.as_bytes(), b"message"));
    let other = mac("HS256", b"it's", b"message");
    let messages: [&[_]; 5] = [
        &[("Alg", "HS256"), ("Signature", &short)],
        &[("Alg", "HS512"), ("Signature", &long)],
        &[("Alg", "HS256"), ("Signature", &other)],
        &[("Alg", "EdDSA"), ("Signature", &short)],
        &[("Alg", "none"), ("Signature", "")],
    ];
    assert_eq!(taken(&of_pair(), "algorithm-of-message-believed", &messages), ["rrrrr", "aarrr"]);
}

#[test]
fn what_arrives_is_decoded_before_it_is_compared() {
    let operation = |encoding: &str| {
        json!({
            "derive": { "it": { "text": "message" }, "sent": ["stage.it", encoding] },
            "verify": [{ "equal": ["header.Signature", "stage.sent"], "reject": "signature-mismatch" }],
        })
    };
    let texts = ["bWVzc2FnZQ==", "bWVzc2FnZQ", "bWVz\tc2Fn!ZQ==", "bWVzc2FnZR==", "bWVzc2FnZ", ""];
    let messages = texts.map(|text| [("Signature", text)]);
    let messages = messages.each_ref().map(|headers| &headers[..]);
    assert_eq!(taken(&operation("base64"), "decoded-before-compared", &messages), ["arrrrr", "aaaarr"]);
    let texts = ["6d657373616765", "6D657373616765", "6d657373616765zz", "6d6573736167657", "6d6573736167", ""];
    let messages = texts.map(|text| [("Signature", text)]);
    let messages = messages.each_ref().map(|headers| &headers[..]);
    assert_eq!(taken(&operation("hex"), "decoded-before-compared", &messages), ["arrrrr", "aaaarr"]);
}

#[test]
fn a_header_field_is_found_in_the_letters_of_the_scheme_alone() {
    let operation = json!({ "verify": [{ "present": "header.X-Id", "reject": "missing-credential" }] });
    let messages: [&[_]; 3] = [&[("X-Id", "7")], &[("x-id", "7")], &[("X-ID", "7")]];
    assert_eq!(taken(&operation, "header-found-in-its-case-alone", &messages), ["aaa", "arr"]);
}

#[test]
fn the_first_instant_is_refused() {
    let operation = json!({
        "receive": { "begins": { "from": "header.Begins", "as": ["unix-millis"] } },
        "verify": [{ "from": "received.begins", "reject": "expired" }],
    });
    let messages: [&[_]; 3] = [&[("Begins", "999")], &[("Begins", "1000")], &[("Begins", "1001")]];
    assert_eq!(taken(&operation, "first-instant-refused", &messages), ["aar", "arr"]);
}

#[test]
fn a_form_is_signed_as_nothing() {
    let operation = json!({ "derive": { "it": { "template": "<{body}>" } } });
    let sent = |media_type: &str| json!({ "method": "POST", "body": "a=1", "headers": [["Content-Type", media_type]] });
    let form = sent("application/x-www-form-urlencoded; charset=utf-8");
    changes(&operation, &form, "<a=1>", "form-consumed", &[("", "<>")]);
    changes(&operation, &sent("text/plain"), "<a=1>", "form-consumed", &[("", "<a=1>")]);
}

#[test]
fn parameters_are_collected_in_objects_and_dictionaries() {
    let pairs = |sort: bool| {
        let steps = if sort { vec![json!("query"), json!("sort")] } else { vec![json!("query")] };
        let written = [json!({ "pair": "{name}={value}" }), json!({ "join": "&" })];
        json!({ "derive": { "it": steps.into_iter().chain(written).collect::<Vec<_>>() } })
    };
    let query = json!({ "target": "/?b=1&10=2&9=3&b=4&-1=5&01=6&4294967295=7&0=8" });
    let alone = "of a repeated name the last value alone";
    changes(
        &pairs(true),
        &query,
        "-1=5&0=8&01=6&10=2&4294967295=7&9=3&b=1&b=4",
        "collected-in-an-object",
        &[("", "0=8&9=3&10=2&-1=5&01=6&4294967295=7&b=1&b=4"), (alone, "0=8&9=3&10=2&-1=5&01=6&4294967295=7&b=4")],
    );
    let right = "b=1&10=2&9=3&b=4&-1=5&01=6&4294967295=7&0=8";
    changes(
        &pairs(false),
        &query,
        right,
        "collected-in-an-object",
        &[(alone, "0=8&9=3&10=2&b=4&-1=5&01=6&4294967295=7")],
    );
    let dictionary = [("", "b=4&10=2&9=3&-1=5&01=6&4294967295=7&0=8")];
    changes(&pairs(false), &query, right, "collected-in-a-dictionary", &dictionary);
    let valueless = json!({ "target": "/?a&b=" });
    let texts = [("undefined", "a=undefined&b="), ("None", "a=None&b=")];
    changes(&pairs(false), &valueless, "a=&b=", "valueless-as-text", &texts);
}

/// What is expected is what Node 20, Python 3 and Requests 2 write.
#[test]
fn addresses_are_signed_as_libraries_write_them() {
    let url = json!({ "derive": { "it": ["url"] } });
    let request = json!({ "target": "/a/../%7eb//%2e/c%40d;e?x='&y=%27%3a&z=+~&w&v=" });
    changes(
        &url,
        &request,
        "https://Example.com:443/a/../%7eb//%2e/c%40d;e?x='&y=%27%3a&z=+~&w&v=",
        "address-reread",
        &[
            ("new URL(…).href", "https://example.com/%7eb//c%40d;e?x=%27&y=%27%3a&z=+~&w&v="),
            ("Requests", "https://example.com:443/~b//./c%40d;e?x='&y=%27%3A&z=+~&w&v="),
            ("urlunsplit(urlsplit(…))", "https://Example.com:443/a/../%7eb//%2e/c%40d;e?x='&y=%27%3a&z=+~&w&v="),
            ("new URLSearchParams(…)", "https://Example.com:443/a/../%7eb//%2e/c%40d;e?x=%27&y=%27%3A&z=+%7E&w=&v="),
            ("querystring", "https://Example.com:443/a/../%7eb//%2e/c%40d;e?x='&y='%3A&z=%20~&w=&v="),
            ("urlencode(parse_qsl(…))", "https://Example.com:443/a/../%7eb//%2e/c%40d;e?x=%27&y=%27%3A&z=+~"),
            ("%40 and %3A undone", "https://Example.com:443/a/../%7eb//%2e/c@d;e?x='&y=%27%3a&z=+~&w&v="),
            ("? as %3F", "https://Example.com:443/a/../%7eb//%2e/c%40d;e%3Fx='&y=%27%3a&z=+~&w&v="),
        ],
    );
    for (target, href) in [("/..", "/"), ("/a/..", "/"), ("/a/.", "/a/"), ("/.a/..b", "/.a/..b"), ("/a/./b?", "/a/b?")]
    {
        let target_alone = json!({ "derive": { "it": ["target"] } });
        let wrong = [("new URL(…).href", href), ("urlunsplit(urlsplit(…))", target.trim_end_matches('?'))];
        changes(&target_alone, &json!({ "target": target }), target, "address-reread", &wrong);
    }
    let request = json!({ "target": "/a" });
    changes(&url, &request, "https://Example.com:443/a", "default-port-dropped", &[("", "https://Example.com/a")]);
    let host = json!({ "derive": { "it": ["host", "lower", "drop-default-port"] } });
    changes(&host, &request, "example.com", "default-port-kept", &[("", "example.com:443")]);
    changes(&host, &request, "example.com", "case-left-as-it-is", &[("", "Example.com")]);
    let request = json!({ "scheme": "http", "target": "/a" });
    changes(&host, &request, "example.com:443", "port-dropped-as-default", &[("", "example.com")]);
}

#[test]
fn values_are_written_as_languages_write_what_they_are_not() {
    let secret = json!({ "derive": { "it": { "concat": ["credential.secret", { "text": "." }] } } });
    changes(&secret, &json!({}), "it's.", "key-as-bytes-literal", &[("", "b\"it's\".")]);
    let digits = json!({ "derive": { "it": [{ "text": "~" }, "hex"] } });
    changes(&digits, &json!({}), "7e", "result-as-bytes-literal", &[("", "b'7e'")]);
    let absent =
        json!({ "derive": { "note": { "optional": "parameter.note" }, "it": { "template": "<{stage.note}>" } } });
    let texts = ["undefined", "null", "None", "nil"].map(|text| (text, format!("<{text}>")));
    let texts = texts.each_ref().map(|(detail, gives)| (*detail, gives.as_str()));
    changes(&absent, &json!({}), "<>", "absent-as-text", &texts);
    let seconds = json!({
        "receive": { "time": { "from": "header.Time", "as": ["unix-seconds"] } },
        "derive": { "it": { "template": "<{time}>" } },
    });
    let fractions = [("Date.now() / 1000", "<1614265330.5>"), ("time.time()", "<1614265330.5>")];
    changes(&seconds, &json!({}), "<1614265330>", "time-with-fraction", &fractions);
    let star = json!({ "derive": { "it": ["body", { "percent-encode": "unreserved" }] } });
    changes(&star, &json!({ "body": "*/%2A" }), "%2A%2F%252A", "asterisk-in-lower-case", &[("", "%2a%2F%252A")]);
    let parts = json!({ "derive": { "it": { "join": { "with": ":", "parts": ["body", "method"] } } } });
    changes(&parts, &json!({ "body": "a\\:b" }), "a\\:b:GET", "backslashes-doubled", &[("", "a\\\\:b:GET")]);
    changes(&parts, &json!({ "body": "a\\:b" }), "a\\:b:GET", "separator-escaped", &[("", "a\\\\\\:b:GET")]);
}

#[test]
fn fields_are_left_out_of_what_is_signed() {
    let listed = json!({
        "prepare": { "query": { "key": { "text": "k" } } },
        "derive": {
            "it": ["query", { "except": ["sig"] }, "sort", { "pair": "{name}={value}" }, { "join": "&" }],
        },
        "verify": [{ "present": "query.sig", "reject": "missing-credential" }],
    });
    let request = json!({ "path": "/", "query": [["b", "1"], ["sign", "2"], ["hmac", "3"], ["signature", "4"]] });
    let right = "b=1&hmac=3&key=k&sign=2&signature=4";
    changes(&listed, &request, right, "fixed-fields-signed", &[("", "key=k")]);
    let without = [
        ("sign", "b=1&hmac=3&key=k&signature=4"),
        ("hmac", "b=1&key=k&sign=2&signature=4"),
        ("signature", "b=1&hmac=3&key=k&sign=2"),
    ];
    changes(&listed, &request, right, "usual-name-excluded", &without);
    let names = json!({
        "prepare": { "header": { "X-Date": { "text": "now" } } },
        "derive": { "it": ["headers", { "lower": "name" }, "names", { "join": ";" }] },
    });
    changes(&names, &json!({}), "host;x-date", "sent-but-not-listed", &[("X-Date", "host")]);
    changes(
        &names,
        &json!({ "headers": [["A", "1"]] }),
        "host;a;x-date",
        "fixed-fields-signed",
        &[("", "host;x-date")],
    );
    let words = json!({
        "receive": { "stage.it": "header.Names" },
        "derive": { "it": { "text": "(request-target) host date" } },
    });
    let without = [("host", "(request-target) date"), ("(request-target)", "host date")];
    changes(&words, &json!({}), "(request-target) host date", "sent-but-not-listed", &without);
}
