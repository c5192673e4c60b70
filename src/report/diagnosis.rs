//! The report on a diagnosis: for a terminal, as a colleague would say it, and as JSON.

mod json;
mod page;

pub use json::diagnosis_json;

use super::diff::diff;
use crate::bytes::Bytes;
use crate::corpus::Entry;
use crate::diagnosis::{
    self, Candidate, Diagnosis, Evidence, Explained, Explanation, Gives, Part, RunCause, TellApart, Verdict,
};
use crate::scheme::{CredentialKind, Test};
use page::Page;

/// How many candidates are written out.
const SHOWN: usize = 6;

/// The finding, the evidence, how to mend it, what to do next.
pub fn diagnosis_text(entry: &Entry, diagnosis: &Diagnosis, notes: &[String]) -> String {
    let mut page = Page::default();
    match &diagnosis.verdict {
        Verdict::Right => right(entry, diagnosis, &mut page),
        Verdict::Explained(explained) => {
            explain(entry, diagnosis, explained, &mut page);
            page.paragraph(next(explained));
        }
        Verdict::Unexplained { evidence } => unexplained(entry, diagnosis, evidence.as_ref(), &mut page),
    }
    notes.iter().for_each(|note| page.paragraph(&format!("Note: {note}")));
    page.text()
}

/// What explains failures of a run: the finding, the evidence, how to mend it, and where it shows.
pub(super) fn cause_text(cause: &RunCause<'_>) -> String {
    let mut page = diagnosed(cause.entry, &cause.cause.diagnosis);
    let names: Vec<&str> = cause.failures.iter().map(|failure| failure.vector.as_str()).collect();
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    page.paragraph(&format!("Seen in {}{more}.", names[..names.len().min(SHOWN)].join(", ")));
    page.text()
}

/// The finding, the evidence and how to mend it.
pub(super) fn diagnosed_text(entry: &Entry, diagnosis: &Diagnosis) -> String {
    diagnosed(entry, diagnosis).text()
}

fn diagnosed(entry: &Entry, diagnosis: &Diagnosis) -> Page {
    let mut page = Page::default();
    match &diagnosis.verdict {
        Verdict::Explained(explained) => explain(entry, diagnosis, explained, &mut page),
        Verdict::Right | Verdict::Unexplained { .. } => {
            page.paragraph(&format!("None of {} explains what your code answers here.", tried(diagnosis)));
        }
    }
    page
}

/// What an implementation does, in a sentence: of a cause, its first explanation.
pub(super) fn cause_title(cause: &RunCause<'_>) -> String {
    match &cause.cause.diagnosis.verdict {
        Verdict::Explained(explained) => finding(cause.entry, &explained.candidates[0].class[0]),
        Verdict::Right | Verdict::Unexplained { .. } => "Nothing that is known here explains it.".into(),
    }
}

fn right(entry: &Entry, diagnosis: &Diagnosis, page: &mut Page) {
    let what = match diagnosis.observations {
        1 => "this is what the scheme gives for this request under this account.".to_owned(),
        n => format!("all {n} answers are those of the scheme."),
    };
    page.paragraph(&format!("Your signing is right: {what}"));
    page.paragraph("If the server refuses it all the same, look at:");
    inputs(entry, &diagnosis.operation, page);
    page.item(
        "what is actually sent: log the request as it leaves (method, target, header fields, body) and compare it byte \
         for byte with the one given here; HTTP libraries and proxies encode, sort and normalise again.",
    );
}

/// What may be wrong though the code is right.
fn inputs(entry: &Entry, operation: &str, page: &mut Page) {
    let secrets = entry.scheme.account.iter().filter(|(_, kind)| **kind == CredentialKind::Secret);
    let secrets: Vec<String> = secrets.map(|(name, _)| format!("`{name}`")).collect();
    if !secrets.is_empty() {
        page.item(&format!(
            "the key: is {} the one that the server has for this account and environment, without a line end or a \
             space too many?",
            secrets.join(" or ")
        ));
    }
    let checks = entry.scheme.operations.get(operation).map_or(&[][..], |operation| &operation.verify);
    if checks.iter().any(|check| matches!(check.test, Test::Fresh { .. } | Test::Until)) {
        page.item("the clock: the server compares the signed time with its own.");
    }
}

fn explain(entry: &Entry, diagnosis: &Diagnosis, explained: &Explained, page: &mut Page) {
    let first = &explained.candidates[0];
    let explanation = &first.class[0];
    page.paragraph(&finding(entry, explanation));
    evidence_text(&explained.evidence, page);
    let mends = explanation.0.iter().filter_map(|part| match part {
        Part::Mutant(mutant) => Some(mutant.operator.mend),
        Part::Reading(_) => None,
    });
    let mends: Vec<&str> = mends.collect();
    if !mends.is_empty() {
        page.paragraph(&format!("To mend it: {}.", mends.join("; and ")));
    }
    for part in &explanation.0 {
        if let Part::Reading(name) = part {
            reading(entry, name, page);
        }
    }
    others(entry, explained, page);
    page.paragraph(&support(diagnosis, first));
}

/// What to do after an explanation of one request.
fn next(explained: &Explained) -> &'static str {
    match explained.candidates[0].class[0].0.iter().any(|part| matches!(part, Part::Mutant(_))) {
        true => "Next: mend it, sign the same request again, and diagnose what comes out.",
        false => "Next: ask the vendor which of the two the server follows, or try both; then sign the request again.",
    }
}

/// What an implementation does, as a sentence about the reader's code.
fn finding(entry: &Entry, explanation: &Explanation) -> String {
    match explanation.0.as_slice() {
        [one] => format!("Your code {}.", does(entry, one)),
        _ => format!("Your code does two things that the scheme does not: {}.", in_short(entry, explanation)),
    }
}

/// The same as a clause.
fn in_short(entry: &Entry, explanation: &Explanation) -> String {
    let clauses: Vec<String> = explanation.0.iter().map(|part| format!("it {}", does(entry, part))).collect();
    clauses.join("; and ")
}

fn does(entry: &Entry, part: &Part) -> String {
    match part {
        Part::Mutant(mutant) => diagnosis::mistake(entry, mutant),
        Part::Reading(name) => {
            let says = entry.scheme.readings.get(name).map_or("", |reading| &reading.says);
            format!("follows `{name}`, a reading that the document permits: {}", says.trim_end_matches('.'))
        }
    }
}

fn evidence_text(evidence: &Evidence, page: &mut Page) {
    match evidence {
        Evidence::Stage { stage, expected, found: Some(found) } => {
            let masked = if expected.0.windows(3).any(|w| w == b"***") { " (*** stands for a secret)" } else { "" };
            page.paragraph(&format!(
                "Here is {stage}, as the scheme derives it and as your code must have had it{masked}:"
            ));
            aligned(expected, found).iter().for_each(|line| page.line(line));
        }
        Evidence::Stage { stage, expected, found: None } => {
            page.paragraph(&format!("Here is {stage}, as the scheme derives it:"));
            page.line(&plain(expected));
        }
        Evidence::HiddenStage { stage } => {
            page.paragraph(&format!("It shows first in {stage}, which is made from a secret and is not printed."));
        }
        Evidence::Request => page.paragraph("All that is derived is right; what differs is the request that is sent."),
        Evidence::Judgements { expected, found } => {
            page.paragraph(&format!("The scheme judges {expected}; your code judged {found}."));
        }
        Evidence::Error { by_implementation: true } => {
            page.paragraph("Your code failed where the scheme has an answer.")
        }
        Evidence::Error { .. } => page.paragraph("Your code has an answer where the scheme has none."),
    }
}

/// A diff, or both in full where they have little in common.
fn aligned(expected: &Bytes, found: &Bytes) -> Vec<String> {
    let (one, other) = (expected.as_slice(), found.as_slice());
    let prefix = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let suffix = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    if (prefix + suffix) * 3 < one.len().min(other.len()) {
        return vec![format!("expected  {}", plain(expected)), format!("found     {}", plain(found))];
    }
    diff(one, other)
}

/// Text as it is, with escapes for what does not print.
fn plain(bytes: &Bytes) -> String {
    match std::str::from_utf8(bytes.as_slice()) {
        Ok(text) => {
            text.chars().map(|c| if c.is_control() { c.escape_default().to_string() } else { c.into() }).collect()
        }
        Err(_) => bytes.to_string(),
    }
}

/// The place of the document that leaves a reading open, and what was decided.
fn reading(entry: &Entry, name: &str, page: &mut Page) {
    let Some(reading) = entry.scheme.readings.get(name) else { return };
    let id = &reading.discrepancy;
    let Some(discrepancy) = entry.statements.discrepancies.get(id) else { return };
    page.paragraph(&format!(
        "The place that decides is {} (discrepancy {id}). {}",
        discrepancy.place, discrepancy.finds
    ));
    page.paragraph(&format!("This corpus has decided: {}", discrepancy.decision));
}

/// The other candidates, and what would tell them apart.
fn others(entry: &Entry, explained: &Explained, page: &mut Page) {
    let candidates = &explained.candidates;
    if candidates.len() == 1 {
        return;
    }
    page.paragraph("Or, since this gives the same here:");
    for candidate in candidates.iter().take(SHOWN).skip(1) {
        page.item(&format!("{}.", in_short(entry, &candidate.class[0])));
    }
    if candidates.len() > SHOWN {
        page.item(&format!("and {} more.", candidates.len() - SHOWN));
    }
    if let Some(TellApart { vector, gives }) = &explained.tell_apart {
        page.paragraph(&format!(
            "To tell them apart, let your code sign {vector} (`countersign explain {vector}` shows what is given). In the \
             order above, it then gives:"
        ));
        gives.iter().for_each(|gives| page.line(&gives_text(gives)));
    }
}

fn gives_text(gives: &Gives) -> String {
    match gives {
        Gives::Value(value) => plain(value),
        Gives::Judgement(words) => words.clone(),
        Gives::Error => "an error".into(),
        Gives::Hidden => "a secret, which is not printed".into(),
    }
}

fn support(diagnosis: &Diagnosis, first: &Candidate) -> String {
    let observed = match first.explains {
        1 => "what you have seen".to_owned(),
        n => format!("all {n} answers, {} of which are not the scheme's", first.differing),
    };
    let rows = rows(&first.class[0]);
    let named = if rows.len() == 1 { "Bug class" } else { "Bug classes" };
    let rows = match rows.is_empty() {
        true => String::new(),
        false => format!(" {named} {} (`countersign mutants --rows`).", rows.join(", ")),
    };
    format!("This explains {observed}; {} were tried.{rows}", tried(diagnosis))
}

fn tried(diagnosis: &Diagnosis) -> String {
    let tried = diagnosis.tried;
    let mut text = format!(
        "{} candidates (the scheme itself, {}, {}, {})",
        tried.candidates(),
        count(tried.readings, "reading"),
        count(tried.mutants, "mistake"),
        count(tried.pairs, "pair")
    );
    if tried.left > 0 {
        text.push_str(&format!(
            "; {} pairs more were left untried, beyond the limit of {}",
            tried.left,
            diagnosis::MOST_PAIRS
        ));
    }
    text
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// Rows of the table of bug classes that the operators cover.
fn rows(explanation: &Explanation) -> Vec<&'static str> {
    let mut rows: Vec<&str> = Vec::new();
    for part in &explanation.0 {
        if let Part::Mutant(mutant) = part {
            rows.extend(mutant.operator.rows);
        }
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn unexplained(entry: &Entry, diagnosis: &Diagnosis, evidence: Option<&Evidence>, page: &mut Page) {
    page.paragraph(&format!("None of {} gives what you have seen.", tried(diagnosis)));
    page.paragraph("Then most often it is not the code that differs, but what it was given. Look at:");
    inputs(entry, &diagnosis.operation, page);
    page.item("the request: was it signed in exactly this form, and at exactly this time, or changed after signing?");
    if let Some(Evidence::Stage { stage, expected, .. }) = evidence {
        page.paragraph(&format!(
            "Next: print what your code hashes, and compare it byte for byte with {stage} of the scheme (*** stands for \
             a secret):"
        ));
        page.line(&plain(expected));
    }
}
