//! Requests of public reports, each with the cause that its report found: what is said of them, with and without the secret.

use crate::command::{Corpus, flat, run};
use crate::setting::{FIXTURES, place};
use countersign::scheme::CredentialKind;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// Number of reports whose cause is named.
const NAMED: usize = 23;

/// A report; what the other keys say is for who reads the file.
#[derive(Deserialize)]
struct Report {
    name: String,
    scheme: String,
    variant: Option<String>,
    request: String,
    account: BTreeMap<String, String>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    now: Option<String>,
    named: bool,
    says: Vec<String>,
    without: String,
}

/// What is said of a request, on either output, wherever lines break.
fn said(report: &Report, account: &BTreeMap<&String, &String>) -> String {
    let folder = Corpus::empty();
    folder.write("request", &report.request);
    folder.write("account", json!(account).to_string());
    let (request, account) = (folder.named("request"), folder.named("account"));
    let corpus = place("tests/fixtures/schemes").display().to_string();
    let mut given: Vec<String> =
        ["diagnose", "--corpus", &corpus, "--scheme", &report.scheme].map(str::to_owned).into();
    given.extend(["--request", &request, "--account", &account, "--diagnosis-time", "60"].map(str::to_owned));
    given.extend(report.variant.iter().flat_map(|variant| ["--variant".to_owned(), variant.clone()]));
    given.extend(report.now.iter().flat_map(|now| ["--now".to_owned(), now.clone()]));
    let parameter = |(name, value): (&String, &String)| ["--parameter".to_owned(), format!("{name}={value}")];
    given.extend(report.parameters.iter().flat_map(parameter));
    let ran = run(given);
    flat(&format!("{} {}", ran.stdout, ran.stderr))
}

#[test]
fn causes_of_public_reports_are_named() {
    let file = std::fs::read_to_string(place("tests/cli/diagnosis/reports.yaml")).unwrap();
    let reports: Vec<Report> = serde_yaml::from_str(&file).unwrap();
    let mut missing = Vec::new();
    for report in &reports {
        let scheme = &FIXTURES.entries.iter().find(|entry| entry.name == report.scheme).unwrap().scheme;
        let is_public = |name: &String| scheme.account.get(name) == Some(&CredentialKind::Public);
        let whole = said(report, &report.account.iter().collect());
        let lacks = report.says.iter().filter(|says| !whole.contains(&flat(says)));
        missing.extend(lacks.map(|says| format!("{}: `{says}` is not said: {whole}", report.name)));
        let without = said(report, &report.account.iter().filter(|(name, _)| is_public(name)).collect());
        if !without.contains(&flat(&report.without)) {
            missing.push(format!("{}, no secret: `{}` is not said: {without}", report.name, report.without));
        }
        let secrets = report.account.iter().filter(|(name, value)| !is_public(name) && value.len() > 8);
        let told = secrets.filter(|(_, value)| whole.contains(*value));
        missing.extend(told.map(|(name, _)| format!("{}: {name} is shown", report.name)));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert_eq!((reports.iter().filter(|report| report.named).count(), reports.len()), (NAMED, 30));
}
