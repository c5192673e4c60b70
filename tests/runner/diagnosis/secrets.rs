//! A diagnosis never shows a secret, whatever a mistake has done to it.

use super::subject::{cases, in_parallel, replies};
use countersign::bytes::Bytes;
use countersign::case::{Case, Reply, Task};
use countersign::corpus::Entry;
use countersign::diagnosis::{Diagnoser, Explanation, Observation, Part, Seen};
use countersign::mutation::catalogue;
use countersign::report::{diagnosis_json, diagnosis_text};
use countersign::scheme::{Credential, CredentialKind};

const SECRET: &str = "S3cr3t=That/Nobody+May See";

/// Forms in which a secret could be read: as it is in any case, encoded, in hexadecimal digits, in Base64.
fn shows(text: &str) -> bool {
    let hex: String = SECRET.bytes().map(|b| format!("{b:02x}")).collect();
    let forms = ["s3cr3t", "nobody+may", "nobody%2bmay", &hex[..12], "uznjcjn0"];
    let text = text.to_lowercase();
    forms.iter().any(|form| text.contains(form))
}

#[test]
fn the_search_finds_what_it_looks_for() {
    for text in ["S3CR3T=", "That/Nobody%2BMay", "533363723374", "UzNjcjN0PVRoYXQ="] {
        assert!(shows(text), "{text}");
    }
    assert!(!shows("***"));
}

#[test]
fn no_mistake_brings_a_secret_to_light() {
    let shown: usize = in_parallel(|entry, operation| {
        let signing = cases(entry, operation).into_iter().find(|case| matches!(case.task, Task::Sign(_)));
        let Some(case) = signing.map(|case| with_known_secrets(entry, case)) else { return 0 };
        let diagnoser = Diagnoser::new(entry, operation).unwrap();
        let forms = format!("{diagnoser:?} {:?}", diagnoser.forms(&case, &|_, _| true).collect::<Vec<_>>());
        assert!(!shows(&forms), "{}: {forms}", entry.name);
        let mutants = catalogue(&entry.scheme).mutants.into_iter().filter(|mutant| mutant.operation == operation);
        mutants.map(|mutant| diagnose(entry, &diagnoser, &case, Explanation(vec![Part::Mutant(mutant)]))).sum()
    })
    .into_iter()
    .sum();
    assert!(shown > 100, "only {shown} texts were looked at");
}

/// How many texts a mistake led to, none of which shows the secret.
fn diagnose(entry: &Entry, diagnoser: &Diagnoser<'_>, case: &Case, mistake: Explanation) -> usize {
    let Some(Reply::Signed(signed)) = replies(entry, &mistake, std::slice::from_ref(case)).pop() else { return 0 };
    let value = signed.stages.last().map(|(_, value)| Seen::Value(value.clone()));
    let all = [Seen::Reply(Reply::Signed(signed))].into_iter().chain(value);
    let mut texts = 0;
    for seen in all {
        let diagnosis = diagnoser.diagnose(&[Observation { case: case.clone(), seen }]);
        for text in [
            diagnosis_text(entry, &diagnosis, &[], 80),
            diagnosis_json(entry, &diagnosis, &[]).to_string(),
            format!("{diagnosis:?}"),
        ] {
            assert!(!shows(&text), "{}: {:?}\n{text}", entry.name, mistake.0[0].id());
            texts += 1;
        }
    }
    texts
}

fn with_known_secrets(entry: &Entry, mut case: Case) -> Case {
    if let Task::Sign(task) = &mut case.task {
        for (name, value) in &mut task.account.0 {
            if entry.scheme.account.get(name) == Some(&CredentialKind::Secret) {
                *value = Credential::Value(Bytes::from(SECRET));
            }
        }
    }
    case
}
