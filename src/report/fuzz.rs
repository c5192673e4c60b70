//! The report on differential fuzzing: a finding a cause, the input first.

use super::diagnosis::{cause_json, diagnosed, frameworks_json, in_frameworks, mistake_title};
use super::withheld::{self, withhold};
use super::words;
use crate::corpus::Entry;
use crate::diagnosis::{Conclusion, Diagnosis};
use crate::differential::{Finding, Fuzzed};
use crate::printable::COLUMNS;
use crate::scheme::Secrecy;
use serde_json::{Value, json};
use std::fmt::Write;

/// Treatment of secrets of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// They are withheld.
    Withheld,
    /// They are shown, since somebody asked for them.
    Shown,
}

impl Secrets {
    /// Shown or not.
    pub fn of(are_shown: bool) -> Secrets {
        if are_shown { Secrets::Shown } else { Secrets::Withheld }
    }

    /// A part of a finding, without its secrets unless they are shown.
    fn part(self, entry: &Entry, finding: &Finding, mut part: Value) -> Value {
        let given = &finding.input.given;
        if self == Secrets::Withheld {
            let secrecy = Secrecy::named(&entry.scheme, &given.operation, given.variant.as_deref());
            withhold(&entry.scheme, &secrecy, &mut part);
        }
        part
    }
}

/// The findings, how many cases were put and how fast, and the command that repeats it; for a terminal of so many
/// columns.
pub fn fuzz_text(fuzzed: &Fuzzed<'_>, again: &str, secrets: Secrets, columns: usize) -> String {
    let mut out = words::subject(&fuzzed.subject) + "\n";
    if fuzzed.is_interrupted {
        out.push_str("\nThe run was interrupted: this is what it had found, and not made simpler.\n");
    }
    for (i, finding) in fuzzed.findings.iter().enumerate() {
        let _ = writeln!(out, "\n{}. {}", i + 1, title(fuzzed, finding));
        body_text(fuzzed.entry, finding, secrets, columns.saturating_sub(3)).lines().for_each(|line| {
            let _ = writeln!(out, "{}", format!("   {line}").trim_end());
        });
    }
    let frameworks = in_frameworks(diagnoses(fuzzed)).text(columns);
    if !frameworks.is_empty() {
        let _ = write!(out, "\n{frameworks}");
    }
    let conduct = words::conducted(&fuzzed.conduct).text(columns);
    if !conduct.is_empty() {
        let _ = write!(out, "\n{conduct}");
    }
    let seconds = fuzzed.elapsed.as_secs_f64();
    let rate = fuzzed.cases as f64 / seconds.max(1e-9);
    let _ = writeln!(
        out,
        "\n{} cases in {seconds:.1} s, {rate:.0} a second; {} differ, of {} causes; {} skipped",
        fuzzed.cases,
        fuzzed.differing,
        fuzzed.findings.len(),
        fuzzed.skipped
    );
    let _ = writeln!(out, "again: {again}");
    out
}

/// One finding: which mistake it shows in the first line, then the simplest input, what differs, and
/// the diagnosis.
pub fn finding_text(entry: &Entry, finding: &Finding) -> String {
    let kind = finding.verdict.failure().map_or("it could not be asked".into(), |kind| kind.to_string());
    let says = finding.cause.as_ref().map_or(String::new(), |cause| mistake_title(entry, &cause.diagnosis) + " ");
    let body = body_text(entry, finding, Secrets::Withheld, COLUMNS);
    format!("{says}({}: {kind})\n\n{body}", operation(entry, finding))
}

fn diagnoses<'f>(fuzzed: &'f Fuzzed<'_>) -> impl Iterator<Item = &'f Diagnosis> {
    fuzzed.findings.iter().filter_map(|finding| Some(&finding.cause.as_ref()?.diagnosis))
}

fn title(fuzzed: &Fuzzed<'_>, finding: &Finding) -> String {
    let kind = finding.verdict.failure().map_or(String::new(), |kind| format!("{kind}, "));
    format!("{}: {kind}{} differences kept", operation(fuzzed.entry, finding), finding.times)
}

fn operation(entry: &Entry, finding: &Finding) -> String {
    let op = if finding.input.given.task.to_sign().is_some() { "sign" } else { "verify" };
    format!("{}, {op} {}", entry.name, finding.input.given.operation)
}

fn body_text(entry: &Entry, finding: &Finding, secrets: Secrets, columns: usize) -> String {
    let mut out = String::from("The simplest input that shows it:\n");
    input_lines(entry, finding, secrets).iter().for_each(|line| {
        let _ = writeln!(out, "    {line}");
    });
    out.push_str(&words::verdict(&finding.verdict).compact(columns));
    if let Some(cause) = &finding.cause {
        let _ = write!(out, "\n{}", diagnosed(entry, &cause.diagnosis).text(columns));
    }
    out
}

/// The input as a person reads it: method and address, fields that matter, credentials masked.
fn input_lines(entry: &Entry, finding: &Finding, secrets: Secrets) -> Vec<String> {
    let given = secrets.part(entry, finding, json!(finding.input.given));
    let accounts = &finding.input.accounts;
    let mut lines = Vec::new();
    if let Some(variant) = given["variant"].as_str() {
        lines.push(format!("variant {variant}"));
    }
    for (name, account) in accounts {
        let mut shown = json!(account);
        if secrets == Secrets::Withheld {
            withheld::account(&entry.scheme, &mut shown);
        }
        lines.push(format!("account {name}: {shown}"));
    }
    let task = if given["sign"].is_null() { &given["verify"] } else { &given["sign"] };
    if let Value::Object(fields) = task {
        for (name, value) in fields.iter().filter(|(name, _)| !["account", "accounts"].contains(&name.as_str())) {
            match (name.as_str(), value) {
                ("messages", Value::Array(messages)) => {
                    lines.extend(
                        messages.iter().enumerate().map(|(i, message)| format!("message {}: {message}", i + 1)),
                    );
                }
                _ => lines.push(format!("{name}: {value}")),
            }
        }
    }
    lines
}

/// `{"scheme", "subject", "cases", "skipped", "differing", "seed", "interrupted", "again", "seconds", "findings": […],
/// "frameworks": […]}`.
/// `given` of a finding is a file that `sign` or `verify` reads.
pub fn fuzz_json(fuzzed: &Fuzzed<'_>, again: &str, secrets: Secrets) -> Value {
    let finding = |finding: &Finding| {
        let diagnosis = finding.cause.as_ref().map(|cause| cause_json(fuzzed.entry, &cause.diagnosis, &[]));
        let given = json!(finding.input.given.in_full(&finding.input.accounts));
        let explained = finding.cause.as_ref().is_some_and(|c| matches!(c.diagnosis.verdict, Conclusion::Explained(_)));
        json!({
            "kind": finding.verdict.failure().map(|kind| kind.to_string()),
            "times": finding.times,
            "given": secrets.part(fuzzed.entry, finding, given),
            "expect": secrets.part(fuzzed.entry, finding, json!(finding.expect)),
            "differs": finding.verdict.lines(),
            "says": words::verdict_says(&finding.verdict),
            "explained": explained,
            "diagnosis": diagnosis,
        })
    };
    json!({
        "scheme": fuzzed.entry.name,
        "subject": { "name": fuzzed.subject.name, "version": fuzzed.subject.version, "language": fuzzed.subject.language },
        "cases": fuzzed.cases,
        "skipped": fuzzed.skipped,
        "differing": fuzzed.differing,
        "seed": fuzzed.seed,
        "interrupted": fuzzed.is_interrupted,
        "again": again,
        "seconds": fuzzed.elapsed.as_secs_f64(),
        "findings": fuzzed.findings.iter().map(finding).collect::<Vec<_>>(),
        "frameworks": frameworks_json(diagnoses(fuzzed)),
    })
}
