//! The rules file: what is wrong with one is said with its line, and a server with fixed accounts is
//! asked only what it can know.

use super::listener::Listener;
use super::{RULES, test, test_on};
use crate::command::Ran;
use crate::setting::entry;
use countersign::case::Given;

#[test]
fn a_mistake_is_named_with_its_line() {
    let line = |number: usize| format!("rules.yaml:{number}:");
    let mistakes = [
        ("capabilities: [\"credentials\"", "capabilities: [\"clock\"", 1, "`clock` is nothing that can be set"),
        ("control: \"/-/countersign\"", "control: \"countersign\"", 2, "`countersign` is no path"),
        ("control: \"/-/countersign\"", "variant: \"upload\"", 1, "nothing can be set without `control`"),
        ("schemes: [\"flipbase\"]", "schemes: [\"flipbass\"]", 3, "there is no scheme `flipbass`"),
        ("schemes: [\"flipbase\"]", "schemes: []", 3, "no scheme"),
        ("schemes: [\"flipbase\"]", "schemes: [\"flipbase\"]\noperations: [\"r\"]", 4, "there are request"),
        ("schemes: [\"flipbase\"]", "schemes: [\"flipbase\"]\nvariant: \"x\"", 4, "the variant of each vector"),
        ("schemes: [\"flipbase\"]", "schemes: [\"flipbase\"]\naccounts: [{ a: \"b\" }]", 4, "leave out one of the two"),
        ("schemes: [\"flipbase\"]", "schemes: [\"flipbase\"]\naccounts: [{ a: { var: \"b\" } }]", 4, "{env: \"…\"}"),
        ("schemes: [\"flipbase\"]", "schemes: flipbase", 3, "a value without quotes"),
        ("schemes: [\"flipbase\"]", "scheme: \"flipbase\"", 3, "unknown field `scheme`"),
        ("status: \"2xx\"", "status: \"1xx\"", 5, "`1xx` is no status"),
        ("status: \"2xx\"", "status: \"x01\"", 5, "`x01` is no status"),
        ("outcome: \"accept\"", "outcome: \"maybe\"", 5, "unknown variant `maybe`"),
        ("outcome: \"accept\"", "outcome: \"accept\", class: \"expired\"", 5, "an accepted message has no `class`"),
        ("class-at: \"/class\"", "class-at: \"class\"", 6, "`class` is no JSON Pointer"),
        ("class-at: \"/class\"", "class: \"broken\"", 6, "unknown variant `broken`"),
        ("class-at: \"/class\"", "class: \"expired\", class-at: \"/class\"", 6, "`class` and `class-at`"),
        ("  - { status: \"2xx\", outcome: \"accept\" }", "  - [\"2xx\", \"accept\"]", 5, ""),
    ];
    for (old, new, number, says) in mistakes {
        assert!(RULES.contains(old), "{old}");
        let ran = test("http://127.0.0.1:1", &RULES.replacen(old, new, 1), &[]).exits(2);
        assert!(ran.stderr.contains(&line(number)) && ran.stderr.contains(says), "{new}: {}", ran.stderr);
    }
    let nothing = RULES.split("rules:").next().unwrap().to_owned() + "rules: []\n";
    test("http://127.0.0.1:1", &nothing, &[]).exits(2).complains(&line(4)).complains("no rule");
}

/// Rules of a server whose account is fixed: the one of most vectors.
const FIXED: &str = r#"schemes: ["flipsnack"]
accounts:
  - { api_key: "45FD-267-7SG7832", secret: { env: "SNACK_SECRET" } }
rules:
  - { status: "200", outcome: "accept" }
  - { status: "401", outcome: "reject" }
"#;
const SECRET: [(&str, &str); 1] = [("SNACK_SECRET", "123ABCDE-456-7890-FGH")];

fn fixed(url: &str, rules: &str, arguments: &[&str]) -> Ran {
    test_on("flipsnack", url, rules, arguments, &SECRET)
}

#[test]
fn a_server_with_fixed_accounts_is_asked_only_what_it_knows() {
    let server = Listener::accepting();
    let ran = fixed(&server.url(), FIXED, &["--format", "json"]).exits(1);
    let report = ran.hides(SECRET[0].1).json();
    let reasons = |part: &str| {
        let all = report["not_run"].as_array().unwrap().iter();
        all.filter(|one| one["why"].as_str().unwrap().contains(part)).count()
    };
    let verify: Vec<_> = entry("flipsnack").vectors().map(|(_, vector)| &vector.given).collect();
    let of_variant = |given: &&&Given| given.task.to_verify().is_some() && given.variant.is_some();
    assert_eq!(reasons("of another variant"), verify.iter().filter(of_variant).count());
    assert_eq!(reasons("nothing to sign"), verify.iter().filter(|given| given.task.to_sign().is_some()).count());
    assert!(reasons("other accounts than") >= 4, "{report}");
    assert_eq!(reasons("cannot be told from outside: time"), 1);
    let (all, not_run) = (verify.len() as u64, report["schemes"][0]["not_run"].as_u64().unwrap());
    // Each vector that runs is one message, and the first is put twice.
    assert_eq!(server.seen().len() as u64, all - not_run + 1);
    assert!(server.seen().iter().all(|message| !message.starts_with(b"POST /-/")));
    assert!(all - not_run > 100, "{} run", all - not_run);
}

#[test]
fn fixed_parameters_and_variants_count_too() {
    let server = Listener::accepting();
    let upload = fixed(&server.url(), &FIXED.replace("accounts:", "variant: \"upload\"\naccounts:"), &[]).exits(1);
    assert!(upload.stdout.contains(" not run: it is of another variant"), "{}", upload.stdout);
    assert!(server.seen().len() > 20);
    let limit = FIXED.replace("rules:", "parameters: { limit: \"3\" }\nrules:");
    fixed(&server.url(), &limit, &[]).exits(4).prints("not run: it needs other parameters");
    let operations = RULES.replace("schemes:", "operations: [\"request\"]\nschemes:");
    test(&server.url(), &operations, &["--only", "flipbase/documented/example-accepted"]).exits(0);
}

#[test]
fn an_operation_that_remembers_needs_a_server_that_forgets() {
    let rules = "capabilities: [\"credentials\", \"time\"]\ncontrol: \"/c\"\nschemes: [\"client-system-api\"]\nrules: [{ \
                 status: \"200\", outcome: \"accept\" }]\n";
    let server = Listener::accepting();
    let ran = test_on("client-system-api", &server.url(), rules, &[], &[]).exits(4);
    assert!(ran.stdout.contains(" not run: the operation remembers messages"), "{}", ran.stdout);
    assert!(server.seen().is_empty());
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let ran = test("http://127.0.0.1:1", &FIXED.replace("flipsnack", "flipbase"), &[]).exits(2);
    ran.complains("rules.yaml:3:").complains("the environment variable that this names is not set");
}
