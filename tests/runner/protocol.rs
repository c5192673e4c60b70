//! The messages of the protocol and their JSON Schemas: what is sent and answered fits them, and what
//! does not fit is refused by the runner too.

use crate::setting::CORPUS;
use countersign::runner::{Asked, Filter, Under};
use countersign::subject::{self, Call, Response};
use countersign::trial::Reference;
use jsonschema::Validator;
use serde_json::{Value, json};

fn schema(name: &str) -> Validator {
    let file = format!("{name}.schema.json");
    let (_, schema) = subject::schemas().into_iter().find(|(known, _)| *known == file).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn fits(validator: &Validator, value: &Value) {
    let errors: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}\n{value}");
}

#[test]
fn what_is_sent_and_answered_fits_the_schemas() {
    let (message, reply) = (schema("message"), schema("reply"));
    fits(&message, &json!({"seq": 0, "op": "start", "protocol": 1}));
    fits(&message, &json!({"seq": "stop", "op": "stop"}));
    let mut count = 0;
    for entry in &CORPUS.entries {
        let mut reference = Reference::new(entry.schemes());
        for asked in Asked::of(entry, &Filter::default(), Under::Decision) {
            let case = asked.case(true);
            let sent = json!(Call::of(count, &case));
            assert!(sent.get("expect").is_none(), "a subject never sees an expectation");
            fits(&message, &sent);
            fits(&reply, &json!(Response::of(count.into(), reference.answer(&case))));
            count += 1;
        }
    }
    assert!(count > 1000);
}

#[test]
fn what_does_not_fit_the_schema_is_not_read_either() {
    let validator = schema("reply");
    for wrong in [
        json!({"seq": 1, "stage": {}}),
        json!({"seq": 1, "stages": {"signature": 7}}),
        json!({"seq": 1, "results": [{"accept": "yes"}]}),
        json!({"seq": 1, "results": [{"accept": false, "class": "bad"}]}),
        json!({"seq": 1, "results": [{"accept": false, "status": 401}]}),
        json!({"stages": {}}),
    ] {
        assert!(!validator.is_valid(&wrong), "{wrong} fits");
        assert!(serde_json::from_value::<Response>(wrong.clone()).is_err(), "{wrong} is read");
    }
    let hello = schema("hello");
    let whole =
        json!({"seq": 0, "name": "a", "version": "1", "language": "c", "schemes": {"x": ["sign"]}, "capabilities": []});
    fits(&hello, &whole);
    for field in ["seq", "name", "version", "language", "schemes", "capabilities"] {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(field);
        assert!(!hello.is_valid(&lacking), "without {field}");
    }
}

#[test]
fn a_reply_is_one_thing() {
    let reply = |fields: Value| {
        let mut line = json!({"seq": 1});
        line.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        serde_json::from_value::<Response>(line).unwrap().reply()
    };
    let request = json!({"method": "GET", "target": "/"});
    assert!(reply(json!({"signed_request": request})).is_some());
    assert!(reply(json!({"stages": {}, "signed_request": request})).is_some());
    for other in [json!({"results": []}), json!({"skipped": "no"}), json!({"error": "no"})] {
        assert!(reply(other.clone()).is_some());
        for signed in [json!({"signed_request": request}), json!({"stages": {}})] {
            let mut both = other.clone();
            both.as_object_mut().unwrap().extend(signed.as_object().unwrap().clone());
            assert!(reply(both.clone()).is_none(), "{both}");
        }
    }
    assert!(reply(json!({})).is_none());
}
