//! The items of the language: every example gives what it says, and every definition is complete.

use countersign::primitive::time::Instant;
use countersign::request::Intent;
use countersign::scheme::{
    Account, Arrival, Check, Destination, Does, Family, Gives, Implementation, Knowledge, MUTANT_STEPS, Outcome,
    Pipeline, Scheme, Scratch, Secrecy, SignInput, State, Tests, load,
};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// A scheme around an example, which is a pipeline or a check.
fn scheme(pipeline: &Value, verify: &Value) -> Value {
    let operation = json!({
        "direction": "request",
        "wire": { "query": "percent" },
        "receive": { "time": { "from": "header.x-time", "as": ["rfc3339-seconds"] }, "id": "header.x-id" },
        "derive": { "earlier": { "text": "first" }, "result": pipeline },
        "verify": verify,
    });
    json!({
        "title": "an example",
        "kind": "primitive",
        "account": { "key": "secret", "pair": { "pair": "ed25519" } },
        "parameters": { "region": { "says": "a region", "default": "eu-1" } },
        "operations": { "example": operation },
    })
}

/// The account of the examples; its pair is that of RFC 8032 section 7.1, TEST 1.
fn account() -> Account {
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
    serde_json::from_value(json!({ "key": "k-1", "pair.private": private, "pair.public": public })).unwrap()
}

/// The message of the examples.
fn request() -> Intent {
    let query = [["x", "1"], ["y", "+"]];
    let headers = [
        ["Content-Type", "application/json"],
        ["X-Id", "7"],
        ["X-Time", "2018-05-04T12:05:14Z"],
        ["Authorization", "Basic dTpw"],
    ];
    let request = json!({
        "method": "PUT", "host": "example.com", "path": "/a b", "query": query, "headers": headers, "body": r#"{"k":"v"}"#,
    });
    serde_json::from_value(request).unwrap()
}

fn implementation(pipeline: &Value, verify: &Value) -> Implementation {
    let scheme: Scheme = serde_json::from_value(scheme(pipeline, verify)).unwrap_or_else(|e| panic!("{pipeline}: {e}"));
    Implementation::of(&Arc::new(scheme), "example", None, None).unwrap_or_else(|e| panic!("{pipeline}: {e}"))
}

/// The value that a pipeline gives.
fn evaluate(pipeline: &Value) -> String {
    attempt(pipeline).unwrap()
}

/// The value that a pipeline gives, or why it gives none.
fn attempt(pipeline: &Value) -> Result<String, String> {
    let implementation = implementation(pipeline, &json!([]));
    let program = &implementation.program;
    let account = program.account(&account()).unwrap();
    let parameters = program.parameters(&Default::default()).unwrap();
    let time = Some(Instant::parse("2018-05-04T12:05:14Z").unwrap());
    let input = SignInput { account: &account, parameters: &parameters, time, nonce: Some(b"n-1"), known: None };
    let mut result = Vec::new();
    let mut keep = |name: &str, value: &[u8]| {
        if name == "result" {
            result = value.to_vec();
        }
    };
    program.sign(input, &request(), &mut Scratch::default(), &mut keep).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(result).unwrap())
}

/// Whether the message of the examples passes a check.
fn verify(check: &Value) -> &'static str {
    let mut check = check.clone();
    check["reject"] = json!("malformed");
    let implementation = implementation(&json!("method"), &json!([check]));
    let program = &implementation.program;
    let account = program.account(&account()).unwrap();
    let parameters = program.parameters(&Default::default()).unwrap();
    let message = Arrival {
        request: &request().to_wire(),
        now: Some(Instant::parse("2018-05-04T12:05:14Z").unwrap()),
        client_address: Some("192.0.2.7".parse().unwrap()),
    };
    let accounts = [account];
    let server = Knowledge { accounts: &accounts, parameters: &parameters };
    let outcome =
        program.verify(server, &mut State::default(), message, &mut Scratch::default(), &mut |_, _| {}).unwrap();
    if outcome == Outcome::Accept { "accept" } else { "reject" }
}

#[test]
fn every_example_of_a_step_or_source_gives_what_it_says() {
    for (word, (example, gives)) in Does::items().map(|item| (item.word, item.example)) {
        assert_eq!(evaluate(&serde_json::from_str(example).unwrap()), gives, "{word}: {example}");
    }
    for (word, (example, gives)) in Gives::items().map(|item| (item.word, item.example)) {
        if word == "received" {
            // It is there only when verifying.
            let check = json!({ "equal": [serde_json::from_str::<Value>(example).unwrap(), { "text": gives }] });
            assert_eq!(verify(&check), "accept");
            continue;
        }
        let pipeline = serde_json::from_str(example).unwrap_or_else(|_| Value::from(example));
        assert_eq!(evaluate(&pipeline), gives, "{word}: {example}");
    }
}

#[test]
fn every_example_of_a_check_is_as_it_says() {
    for item in Tests::items() {
        assert_eq!(verify(&serde_json::from_str(item.example.0).unwrap()), item.example.1, "{}", item.word);
    }
}

fn complete<E: Family>() {
    let mut seen = HashSet::new();
    for item in E::items() {
        let word = item.word;
        assert!(seen.insert((word, item.written)), "the {} {word} stands twice", E::NAME);
        assert!(!item.reason.is_empty() && !item.document.is_empty(), "{word}");
        assert!(item.example.0.contains(word), "the example of {word} does not use it");
        let options: HashSet<_> = item.options.iter().map(|option| option.name).collect();
        assert_eq!(options.len(), item.options.len(), "{word} has an option twice");
    }
}

#[test]
fn every_definition_is_complete_and_stands_once() {
    complete::<Does>();
    complete::<Gives>();
    complete::<Tests>();
}

#[test]
fn a_node_prints_as_it_reads() {
    for item in Tests::items() {
        let mut check: Value = serde_json::from_str(item.example.0).unwrap();
        check["reject"] = json!("malformed");
        let read: Check = serde_json::from_value(check).unwrap();
        assert_eq!(serde_json::from_value::<Check>(read.printed()).unwrap(), read, "{}", item.word);
    }
    let examples = Does::items().map(|item| item.example.0);
    for example in examples.chain(Gives::items().map(|item| item.example.0)) {
        let pipeline = serde_json::from_str(example).unwrap_or_else(|_| Value::from(example));
        let read: Pipeline = serde_json::from_value(pipeline).unwrap();
        let again: Pipeline = serde_json::from_value(read.printed()).unwrap();
        assert_eq!(again, read, "{example}");
    }
}

#[test]
fn a_scheme_file_may_not_use_a_step_of_mutants() {
    for item in MUTANT_STEPS {
        let pipeline: Value = serde_json::from_str(item.example.0).unwrap();
        let text = serde_json::to_string_pretty(&scheme(&pipeline, &json!([]))).unwrap();
        let error = load("scheme.yaml", text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("a wrong way that mutants go"), "{}: {error}", item.word);
        let below = text.lines().skip(error.line - 1).take(2).collect::<String>();
        assert!(below.contains(item.word), "{}: {error}", item.word);
        let edits = json!([{ "edit": "example.derive.result", "replace": pipeline }]);
        let mut by_an_edit = scheme(&json!("body"), &json!([]));
        by_an_edit["readings"] = json!({ "wrong": { "says": "So.", "discrepancy": "none", "edits": edits } });
        let error = load("scheme.yaml", by_an_edit.to_string().as_bytes()).unwrap_err();
        assert!(error.to_string().contains("a wrong way that mutants go"), "{}: {error}", item.word);
    }
}

#[test]
fn a_deviation_keeps_the_other_options_of_its_step() {
    let keep = |more: Value| {
        let mut options = json!({ "keep": "unreserved", "plus": true, "case": "lower" });
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        evaluate(&json!([{ "text": "a b/é%41" }, { "percent-encode": options }]))
    };
    assert_eq!(keep(json!({})), "a+b%2f%c3%a9%2541");
    assert_eq!(keep(json!({ "deviation": "keeps-escapes" })), "a+b%2f%c3%a9%41");
    assert_eq!(keep(json!({ "deviation": "one-percent" })), "a+b%2f%c3a9%2541");
    let sorted = |more: Value| {
        let mut options = json!({ "by": ["name"], "caseless": true });
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        evaluate(&json!([{ "text": "b,A,a,B" }, { "split": "," }, { "sort": options }, { "join": "" }]))
    };
    assert_eq!(sorted(json!({})), "AaBb");
    assert_eq!(sorted(json!({ "deviation": "descending" })), "bBaA");
    for way in ["utf16", "natural"] {
        assert_eq!(sorted(json!({ "deviation": way })), "AaBb", "{way}");
    }
}

/// A signer that reads the form before it puts another content type there derives from a body that is none any more.
#[test]
fn a_body_is_a_form_by_the_content_type_that_is_sent() {
    let signed = |prepared: Value| {
        let mut scheme = scheme(&json!(["form", "names", { "join": "," }]), &json!([]));
        scheme["operations"]["example"]["prepare"] = json!({ "header": prepared });
        let scheme: Scheme = serde_json::from_value(scheme).unwrap();
        let implementation = Implementation::of(&Arc::new(scheme), "example", None, None).unwrap();
        let program = &implementation.program;
        let account = program.account(&account()).unwrap();
        let parameters = program.parameters(&Default::default()).unwrap();
        let input = SignInput { account: &account, parameters: &parameters, time: None, nonce: None, known: None };
        let headers = [["Content-Type", "application/x-www-form-urlencoded"]];
        let request =
            json!({ "method": "POST", "host": "example.com", "path": "/", "headers": headers, "body": "k=v" });
        let request: Intent = serde_json::from_value(request).unwrap();
        let mut stages = Vec::new();
        let mut keep = |_: &str, value: &[u8]| stages.push(String::from_utf8(value.to_vec()).unwrap());
        program.sign(input, &request.clone(), &mut Scratch::default(), &mut keep).unwrap();
        stages.pop().unwrap()
    };
    assert_eq!(signed(json!({ "X-K": "form.k" })), "k");
    assert_eq!(signed(json!({ "X-K": "form.k", "Content-Type": { "text": "text/plain" } })), "");
}

#[test]
fn texts_are_replaced_in_one_pass_and_the_first_listed_wins() {
    let replaced = |text: &str, texts: Value| evaluate(&json!([{ "text": text }, { "replace": texts }]));
    assert_eq!(replaced("aab", json!({ "a": "b", "b": "a" })), "bba");
    assert_eq!(replaced("abc", json!({ "ab": "1", "abc": "2" })), "1c");
    assert_eq!(replaced("", json!({ "a": "b" })), "");
    let error = serde_json::from_value::<Pipeline>(json!(["body", { "replace": { "": "x" } }])).unwrap_err();
    assert!(error.to_string().contains("an empty text stands nowhere"), "{error}");
}

#[test]
fn what_is_cut_at_a_text_that_is_not_there_is_all_before_it_and_nothing_after() {
    let cut = |word: &str| evaluate(&json!([{ "text": "a::b" }, { word: "::" }]));
    assert_eq!((cut("before").as_str(), cut("after").as_str()), ("a", "b"));
    let whole = |word: &str| evaluate(&json!([{ "text": "ab" }, { word: ":" }]));
    assert_eq!((whole("before").as_str(), whole("after").as_str()), ("ab", ""));
}

#[test]
fn absent_empty_and_left_out_are_three_states() {
    let or_else = |value: Value| evaluate(&json!({ "first-of": [value, { "text": "else" }] }));
    let empty = json!({ "text": "" });
    assert_eq!(or_else(empty.clone()), "");
    assert_eq!(or_else(json!("header.x-none")), "else");
    assert_eq!(or_else(json!({ "unless-empty": empty })), "else");
    assert_eq!(or_else(json!({ "optional": "header.x-none" })), "");
    assert_eq!(or_else(json!({ "unless-empty": { "optional": "header.x-none" } })), "else");
    let hash = json!([{ "unless-empty": empty }, "md5", "hex"]);
    assert!(attempt(&hash).unwrap_err().contains("a value that is not empty"), "no value is hashed as empty");
    assert_eq!(or_else(hash), "else");
}

#[test]
fn a_value_of_json_is_what_is_written_and_no_name_stands_twice() {
    let at = |json: &str, path: Value| attempt(&json!([{ "text": json }, { "json": path }]));
    let is = |json: &str, path: Value, value: &str| {
        assert_eq!(at(json, path.clone()).as_deref(), Ok(value), "{json} {path}")
    };
    is(r#"{"a": 1.50}"#, json!("a"), "1.50");
    is(r#"{"a":true,"b":null}"#, json!("b"), "null");
    is(r#" {"a" : "\u0041\n\/" } "#, json!("a"), "A\n/");
    is(r#"{"a": {"b": [ 1, {"c" : 2} ]}}"#, json!(["a", "b"]), r#"[ 1, {"c" : 2} ]"#);
    is(r#"{"a": {"b": [ 1, {"c" : 2} ]}}"#, json!(["a", "b", 1, "c"]), "2");
    is(r#"[["x"]]"#, json!([0, 0]), "x");
    let fails = |json: &str, path: Value, why: &str| {
        let error = at(json, path).unwrap_err();
        assert!(error.contains(why), "{json}: {error}");
    };
    fails(r#"{"a":1}"#, json!("b"), "the JSON member b");
    fails(r#"{"a":[1]}"#, json!(["a", 1]), "the JSON member 1");
    fails(r#"{"a":"t"}"#, json!(["a", "b"]), "the JSON member b");
    for (json, why) in [
        (r#"{"a":1,"b":2,"b":3}"#, "a member stands twice"),
        (r#"{"a":1} x"#, "no JSON object alone"),
        (r#"{"a":"\ud800"}"#, "is no Unicode"),
        (r#"{"a":01}"#, "no JSON object"),
        ("", "no JSON object"),
    ] {
        fails(json, json!("a"), why);
    }
    let lenient = |way: &str| {
        let step = json!({ "json": { "path": "a", "deviation": way } });
        evaluate(&json!([{ "text": r#"{"a":1.50,"a":2.50}"# }, step]))
    };
    assert_eq!((lenient("first-member").as_str(), lenient("last-member").as_str()), ("1.50", "2.50"));
}

#[test]
fn json_is_minified_between_values_alone() {
    let minified = |json: &str| attempt(&json!([{ "text": json }, "minify-json"]));
    assert_eq!(minified("{ \"a\\\\\" : \" \\\" b\" ,\r\n\t\"a\": [ ] }").unwrap(), r#"{"a\\":" \" b","a":[]}"#);
    assert!(minified("{ 1 }").unwrap_err().contains("no JSON"));
}

#[test]
fn a_template_is_the_parts_that_stand_in_it() {
    let read = |pipeline: Value| serde_json::from_value::<Pipeline>(pipeline).map_err(|error| error.to_string());
    let parts =
        json!({ "concat": [{ "text": "{k=" }, "credential.key", { "text": "/" }, "stage.earlier", { "text": "}" }] });
    assert_eq!(read(json!({ "template": "{{k={credential.key}/{stage.earlier}}" })), read(parts));
    assert_eq!(evaluate(&json!({ "template": "{{k={credential.key}/{stage.earlier}}" })), "{k=k-1/first}");
    assert_eq!(evaluate(&json!({ "template": "" })), "");
    assert!(read(json!({ "template": "a{method" })).unwrap_err().contains("stays open"));
    assert!(read(json!({ "template": "a{nothing.x}" })).unwrap_err().contains("unknown source `nothing.x`"));
    assert!(read(json!({ "template": "a{text}" })).unwrap_err().contains("lacks its option"));
}

/// What a verifier reads out of a JSON body and compares with a secret is withheld with its member.
#[test]
fn a_member_that_is_compared_with_a_secret_is_one() {
    let secret = |value: Value, name: &[u8]| {
        let check = json!({ "equal": [value, "credential.key"], "reject": "wrong-token" });
        let scheme: Scheme = serde_json::from_value(scheme(&json!("method"), &json!([check]))).unwrap();
        Secrecy::named(&scheme, "example", None).field(Destination::Json, name)
    };
    assert!(secret(json!(["body", { "json": ["auth", "token"] }]), b"auth"));
    assert!(!secret(json!(["body", { "json": ["auth", "token"] }]), b"token"));
    assert!(!secret(json!(["body", { "json": ["auth", "token"] }, "md5"]), b"auth"));
}

#[test]
fn listed_fields_come_in_the_order_of_the_list_where_it_counts() {
    let kept = |options: Value| {
        let fields = json!([{ "text": "a=1&B=2&a=3&c=4" }, { "split": "&" }, { "assign": "=" }]);
        let steps = json!([{ "only": options }, { "pair": "{name}{value}" }, { "join": "" }]);
        evaluate(&[fields.as_array().unwrap().clone(), steps.as_array().unwrap().clone()].concat().into())
    };
    let from = json!([{ "text": "c a" }, { "split": " " }]);
    assert_eq!(kept(json!({ "from": from })), "a1a3c4");
    assert_eq!(kept(json!({ "from": from, "ordered": true })), "c4a1a3");
    assert_eq!(kept(json!({ "names": ["b", "a", "b", "none"], "ordered": true })), "a1a3");
    assert_eq!(kept(json!({ "names": ["b", "a", "b"], "ordered": true, "caseless": true })), "B2a1a3");
}

#[test]
fn listed_names_of_header_fields_have_no_case() {
    let kept = |step: Value| evaluate(&json!(["headers", step, { "lower": "name" }, "names", { "join": "," }]));
    assert_eq!(kept(json!({ "only": ["x-ID", "AUTHORIZATION"] })), "x-id,authorization");
    assert_eq!(kept(json!({ "only": { "names": ["AUTHORIZATION", "x-ID"], "ordered": true } })), "authorization,x-id");
    assert!(!kept(json!({ "except": "x-ID" })).contains("x-id"));
}

#[test]
fn nothing_is_cut_between_quotes_where_they_count() {
    let pieces = |text: &str, quoted: bool| {
        evaluate(&json!([{ "text": text }, { "split": { "at": ",", "quoted": quoted } }, { "join": "|" }]))
    };
    assert_eq!(pieces(r#"a="1,2",b"#, true), r#"a="1,2"|b"#);
    assert_eq!(pieces(r#"a="1,2",b"#, false), r#"a="1|2"|b"#);
    assert_eq!(pieces(r#"a="1\",2",b\,c"#, true), r#"a="1\",2"|b\|c"#);
    assert_eq!(pieces(r#"a,"b,c"#, true), r#"a|"b,c"#);
}

/// A separator may be a value, and a time later than the one that is signed.
#[test]
fn a_separator_and_a_length_of_time_may_be_values() {
    for (pipeline, gives) in [
        (json!([{ "text": "a,b" }, { "split": "," }, { "join": ["credential.key"] }]), "ak-1b"),
        (json!([{ "text": "a,b" }, { "split": "," }, { "join": { "with": ["credential.key", "upper"] } }]), "aK-1b"),
        (json!({ "join": { "with": ["credential.key"], "parts": ["method", { "text": "x" }] } }), "PUTk-1x"),
        (json!({ "time": { "form": "unix-seconds", "plus": "60 s" } }), "1525435574"),
        (
            json!({ "time": { "form": "unix-millis", "plus": { "of": { "text": "5" }, "unit": "milliseconds" } } }),
            "1525435514005",
        ),
        (json!({ "time": { "form": "%Y-%m-%d", "plus": { "text": "86400" } } }), "2018-05-05"),
    ] {
        assert_eq!(evaluate(&pipeline), gives, "{pipeline}");
    }
    let long = attempt(&json!({ "time": { "form": "unix-seconds", "plus": "credential.key" } }));
    assert!(long.is_err_and(|error| error.contains("the length of time is no whole number")));
}

/// A query is taken apart as it stands on the wire, and put together again; members of JSON are fields like others.
#[test]
fn what_is_taken_apart_keeps_what_it_does_not_name() {
    let without = |query: &str| {
        json!([
            { "text": query }, { "split": "&" }, { "assign": { "at": "=", "valueless": true } }, { "except": ["sig"] },
            { "pair": { "template": "{name}={value}", "valueless": "{name}" } }, { "join": "&" },
        ])
    };
    for (query, gives) in [("a&b=1&sig=x&c=%20", "a&b=1&c=%20"), ("", ""), ("sig=1", ""), ("a&&b=", "a&&b=")] {
        assert_eq!(evaluate(&without(query)), gives, "{query}");
    }
    let members = |text: &str| json!([{ "text": text }, "members", { "pair": "{name}:{value}" }, { "join": "," }]);
    assert_eq!(evaluate(&members(r#"{"b":[1, 2],"a":"\u00e9","c":true}"#)), "b:[1, 2],a:é,c:true");
    for (text, says) in [(r#"{"a":1,"a":2}"#, "twice"), ("[1]", "JSON"), (r#"{"a":"\ud800"}"#, "no Unicode")] {
        assert!(attempt(&members(text)).is_err_and(|error| error.contains(says)), "{text}");
    }
}

#[test]
fn a_structured_field_is_read_as_rfc_9651_has_it() {
    let first = |text: &str, step: &str, name: &str| attempt(&json!([{ "text": text }, step, { "first": name }]));
    assert_eq!(first("a=1, b=2, a=3", "dictionary", "a").unwrap(), "3");
    assert_eq!(first("a;x", "dictionary", "a").unwrap(), "?1;x");
    assert!(first("(\"x\"  \"y\");created=1 , c", "dictionary", "x").is_err());
    assert_eq!(first("(\"x\" );n=\"a\\\"b\";t=tok;d=:YQ==:", "parameters", "n").unwrap(), "a\"b");
    assert_eq!(first("(\"x\" );n=1;d=:YQ==:", "parameters", "d").unwrap(), "a");
    let items = |text: &str| attempt(&json!([{ "text": text }, "inner-list", { "join": "|" }]));
    assert_eq!(items("( \"@path\"   \"q\";name=\"a\" );x").unwrap(), "\"@path\"|\"q\";name=\"a\"");
    assert_eq!(items("()").unwrap(), "");
    for text in ["\"a\"", "(\"a\"), (\"b\")", "(\"a\"", ""] {
        assert!(items(text).is_err(), "{text}");
    }
    assert_eq!(attempt(&json!([{ "text": "1.50;a" }, "bare-item"])).unwrap(), "1.5");
    assert!(attempt(&json!([{ "text": "a b" }, "bare-item"])).is_err_and(|error| error.contains("structured field")));
}

/// What is placed as a path goes into the request line, where nothing ends it early.
#[test]
fn a_path_that_is_none_is_not_placed() {
    let sign = |path: &str| {
        let scheme = json!({
            "title": "path", "kind": "primitive",
            "operations": { "request": {
                "direction": "request", "wire": { "query": "percent" },
                "derive": { "nothing": { "text": "" } }, "place": { "path": { "whole": { "text": path } } },
            } },
        });
        let scheme = Arc::new(serde_json::from_value(scheme).unwrap());
        let program = Implementation::of(&scheme, "request", None, None).unwrap().program;
        let (account, parameters) =
            (program.account(&Default::default()).unwrap(), program.parameters(&Default::default()).unwrap());
        let input = SignInput { account: &account, parameters: &parameters, time: None, nonce: None, known: None };
        program.sign(input, &request(), &mut Scratch::default(), &mut |_, _| {})
    };
    let query = request().to_wire().raw_query().to_vec();
    let signed = sign("/sig%3D/a").unwrap();
    assert_eq!((signed.raw_path(), signed.raw_query()), (&b"/sig%3D/a"[..], query.as_slice()));
    for path in ["", "a", "/a?b", "/a#b", "/a b", "/a HTTP/1.1\r\nX: y", "/caf\u{e9}"] {
        assert!(sign(path).is_err_and(|error| error.to_string().contains("no path")), "{path:?}");
    }
}
