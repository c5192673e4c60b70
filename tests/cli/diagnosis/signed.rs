//! A signed request is all that is asked for beside the secret.

use crate::command::{Corpus, Ran, run, run_with};
use crate::setting::{entry, place};
use countersign::case::Task;
use countersign::scheme::{Account, Credential};
use std::fmt::Write;

/// Vectors whose signed request is given back: of one header field and of several parts of one, of a query, of a form.
const SIGNED: [&str; 8] = [
    "flipbase/documented/example",
    "flipsnack/sign/many-parameters",
    "flip-for-business/callback/sign-callback",
    "aws-sigv4/known-answers/list-users",
    "aws-sigv4/known-answers/s3-presigned",
    "oauth1/known-answers/twitter",
    "stripe/known-answers/event",
    "standard-webhooks/known-answers/specification",
];

/// A signed request in a file, as `sign --show-secrets` prints it, with its account beside it.
struct Signed {
    place: Corpus,
    vector: &'static str,
    account: Account,
    variant: Option<String>,
    operation: String,
}

impl Signed {
    fn of(vector: &'static str) -> Option<Signed> {
        let entry = entry(vector.split('/').next().unwrap());
        let (topic, found) = entry.find(vector)?;
        let case = entry.case(topic, found, None);
        let Task::Sign(task) = case.task else { return None };
        let place = Corpus::empty();
        let signed =
            Signed { place, vector, account: task.account.clone(), variant: case.variant, operation: case.operation };
        let corpus = signed.corpus();
        let printed = run(["sign", vector, "--show-secrets", "--corpus", &corpus]).exits(0).stdout;
        let (_, request) = printed.split_once("signed request\n").unwrap();
        signed.place.write("request", request);
        Some(signed)
    }

    fn corpus(&self) -> String {
        let name = self.vector.split('/').next().unwrap();
        let folders = ["vectors", "tests/fixtures/schemes"].map(|folder| place(folder).join(name));
        folders.into_iter().find(|folder| folder.exists()).unwrap().to_str().unwrap().to_owned()
    }

    /// The account as a file, without these names.
    fn write_account(&self, without: &[&str]) {
        let mut text = String::from("{");
        for (name, value) in self.account.0.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
            let Credential::Value(value) = value else { continue };
            let value = serde_json::to_string(&String::from_utf8_lossy(value)).unwrap();
            write!(text, "{}{name:?}: {value}", if text.len() > 1 { ", " } else { "" }).unwrap();
        }
        self.place.write("account", text + "}");
    }

    fn diagnosed(&self, more: &[&str]) -> Ran {
        let name = self.vector.split('/').next().unwrap();
        let (request, account) = (self.place.named("request"), self.place.named("account"));
        let corpus = self.corpus();
        let mut arguments = vec!["diagnose", "--scheme", name, "--corpus", &corpus, "--diagnosis-time", "600"];
        arguments.extend(["--request", &request, "--account", &account, "--operation", &self.operation]);
        arguments.extend(self.variant.iter().flat_map(|variant| ["--variant", variant]));
        run(arguments.iter().chain(more))
    }

    fn edit(&self, old: &str, new: &str) {
        let request = self.place.read("request");
        assert!(request.contains(old), "{request}");
        self.place.write("request", request.replacen(old, new, 1));
    }
}

#[test]
fn a_signed_request_given_back_is_right() {
    for vector in SIGNED {
        let signed = Signed::of(vector).unwrap_or_else(|| panic!("{vector} signs nothing"));
        signed.write_account(&[]);
        signed.diagnosed(&[]).exits(0).prints("Your signing is right");
    }
}

#[test]
fn a_late_request_is_told_apart_from_a_wrong_signature() {
    let signed = Signed::of("stripe/known-answers/event").unwrap();
    signed.write_account(&[]);
    let late = signed.diagnosed(&["--now", "2040-01-01T00:00:00Z"]).exits(1);
    late.prints("The signature is right, and the message is refused all the same, as `expired`");
}

#[test]
fn without_the_secret_only_what_needs_none_is_said() {
    let signed = Signed::of("aws-sigv4/known-answers/list-users").unwrap();
    signed.write_account(&["secret_access_key", "session_token"]);
    let open = signed.diagnosed(&[]).exits(4);
    let open = open.prints("Without `secret_access_key`").prints("no check that needs no secret refuses the message.");
    assert!(!open.stdout.contains("right:") && !open.stdout.contains("Your code"), "{}", open.stdout);
    signed.edit("/iam/aws4_request", "/iam");
    let broken = signed.diagnosed(&[]).exits(1);
    broken.prints("the message is refused whatever the secret is, as `malformed`");
    let json = signed.diagnosed(&["--format", "json"]).exits(1).json();
    assert_eq!(json["verdict"], "undecided");
    assert_eq!(json["refused"]["class"], "malformed");
}

#[test]
fn a_form_that_no_secret_gives_is_said_without_one() {
    let signed = Signed::of("flipsnack/sign/many-parameters").unwrap();
    signed.write_account(&["secret"]);
    let request = signed.place.read("request");
    let at = request.find("signature=").unwrap() + "signature=".len();
    signed.edit(&request[at..at + 32], &"a".repeat(40));
    let differs = "`signature` has 40 hexadecimal digits in lower case, and the scheme writes 32 hexadecimal digits";
    signed.diagnosed(&[]).exits(1).prints(differs);
}

#[test]
fn what_is_masked_is_withheld_and_not_wrong() {
    let signed = Signed::of("flipbase/documented/example").unwrap();
    signed.write_account(&[]);
    let request = signed.place.read("request");
    let value = request.lines().find_map(|line| line.trim().strip_prefix("Authorization: ")).unwrap();
    signed.edit(value, "Signature ***");
    signed.diagnosed(&[]).exits(2).complains("`Authorization` of the request is withheld (`***`)");
}

#[test]
fn a_part_of_a_field_that_is_wrong_is_named() {
    let signed = Signed::of("aws-sigv4/known-answers/list-users").unwrap();
    signed.write_account(&[]);
    signed.edit("AWS4-HMAC-SHA256 Credential", "aws4-hmac-sha256 credential");
    signed.diagnosed(&[]).exits(1).prints("Your code writes fixed text in lower case, in authorization.");
    // Where no mistake that is known here gives it, it is said what its verifier finds.
    signed.edit("aws4-hmac-sha256 credential", "AWS4 Credential");
    signed.diagnosed(&[]).exits(1).prints("Not known").prints("its verifier refuses the message as `malformed`");
}

#[test]
fn the_scheme_is_the_one_that_accepts_the_request() {
    for (vector, secret) in [("stripe/known-answers/event", "secret"), ("flipbase/documented/example", "api_secret")] {
        let signed = Signed::of(vector).unwrap();
        // A secret by any name is that of the scheme.
        let Some(Credential::Value(value)) = signed.account.0.get(secret) else {
            panic!("{:?}", signed.account.0.keys())
        };
        let value = String::from_utf8(value.to_vec()).unwrap();
        let folders = ["vectors", "tests/fixtures/schemes"].map(|folder| place(folder).to_str().unwrap().to_owned());
        let request = signed.place.named("request");
        let corpus = folders.iter().find(|folder| signed.corpus().starts_with(*folder)).unwrap();
        let arguments =
            ["diagnose", "--corpus", corpus, "--request", &request, "--credential-env", "secret=THE_SECRET"];
        let found = run_with(arguments, &[("THE_SECRET", value.as_str())], "").exits(0).prints("Your signing is right");
        found.prints(&format!("the request was read as one of {}, ", vector.split('/').next().unwrap()));
    }
}

#[test]
fn a_secret_of_another_operation_is_not_missed() {
    let signed = Signed::of("flip-for-business/request/sign-sandbox").unwrap();
    signed.write_account(&["validation_token"]);
    signed.diagnosed(&[]).exits(0);
    signed.edit("Basic ", "Bearer ");
    let json = signed.diagnosed(&["--format", "json"]).exits(1).json();
    assert_eq!(json["verdict"], "unexplained", "{json}");
    assert!(json["tried"]["mutants"].as_u64() > Some(10), "{json}");
}
