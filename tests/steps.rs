//! The table of steps: every example gives what it says, and every row is complete.

use countersign::corpus::MeantRequest;
use countersign::scheme::{MUTANT_STEPS, Program, STEPS, Scheme, Scratch, SignInput, StepDoc, load};
use serde_json::{Value, json};

fn scheme(pipeline: &Value) -> Scheme {
    let operation = json!({ "direction": "request", "wire": { "query": "percent" }, "derive": { "result": pipeline } });
    let scheme = json!({ "title": "a step", "kind": "primitive", "operations": { "example": operation } });
    serde_json::from_value(scheme).unwrap()
}

fn evaluate(doc: &StepDoc) -> String {
    let scheme = scheme(&serde_json::from_str(doc.example.0).unwrap());
    let program =
        Program::compile(&scheme, &scheme.operations["example"]).unwrap_or_else(|e| panic!("{}: {e}", doc.name));
    let (account, parameters) =
        (program.account(&Default::default()).unwrap(), program.parameters(&Default::default()).unwrap());
    let request: MeantRequest =
        serde_json::from_value(json!({ "method": "GET", "host": "example.com", "path": "/" })).unwrap();
    let input = SignInput { account: &account, parameters: &parameters, time: None, nonce: None };
    let mut result = Vec::new();
    program.sign(input, &request.intent(), &mut Scratch::default(), &mut |_, value| result = value.to_vec()).unwrap();
    String::from_utf8(result).unwrap()
}

#[test]
fn every_example_gives_what_it_says() {
    for doc in STEPS.iter().chain(MUTANT_STEPS) {
        assert_eq!(evaluate(doc), doc.example.1, "{}: {}", doc.name, doc.example.0);
    }
}

#[test]
fn every_row_is_complete_and_stands_once() {
    let mut names: Vec<&str> = STEPS.iter().chain(MUTANT_STEPS).map(|doc| doc.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a step stands twice");
    for doc in STEPS.iter().chain(MUTANT_STEPS) {
        assert!(!doc.reason.is_empty() && !doc.source.is_empty() && doc.types.contains("->"), "{}", doc.name);
        let used = doc.example.0.contains(&format!("\"{}\"", doc.name)) || doc.name == "digest";
        assert!(used, "the example of {} does not use it", doc.name);
    }
}

#[test]
fn a_scheme_file_may_not_use_a_step_of_mutants() {
    for doc in MUTANT_STEPS {
        let scheme = scheme(&serde_json::from_str(doc.example.0).unwrap());
        let error = load("scheme.yaml", scheme.printed().to_string().as_bytes()).unwrap_err().to_string();
        assert!(error.contains("a wrong way that mutants go"), "{}: {error}", doc.name);
    }
}
