//! The report on a diagnosis: for a terminal, as a colleague would say it, and as JSON.

mod json;

pub use json::diagnosis_json;

use super::prose::Prose;
use crate::bytes::Bytes;
use crate::corpus::Entry;
use crate::diagnosis::{
    self, Candidate, Conclusion, Diagnosis, Evidence, Explained, Explanation, Part, Prediction, RunCause, TellApart,
    Undecided,
};
use crate::printable::{self, count};
use crate::scheme::{CredentialKind, Refused};

/// Number of candidates that are written out.
const SHOWN: usize = 6;

/// The finding, the evidence, how to mend it, what to do next; for a terminal of so many columns.
pub fn diagnosis_text(entry: &Entry, diagnosis: &Diagnosis, notes: &[String], columns: usize) -> String {
    let mut prose = Prose::default();
    match &diagnosis.verdict {
        Conclusion::Right => right(entry, diagnosis, &mut prose),
        Conclusion::Refused(refused) => self::refused(refused, &mut prose),
        Conclusion::Undecided(undecided) => self::undecided(undecided, &mut prose),
        Conclusion::Explained(explained) => {
            explain(entry, diagnosis, explained, &mut prose);
            prose.paragraph(next(explained));
        }
        Conclusion::Unexplained { evidence } => unexplained(entry, diagnosis, evidence.as_ref(), &mut prose),
    }
    notes.iter().for_each(|note| prose.paragraph(&format!("Note: {note}")));
    prose.text(columns)
}

/// The finding, the evidence and how to mend it.
pub(super) fn diagnosed(entry: &Entry, diagnosis: &Diagnosis) -> Prose {
    let mut prose = Prose::default();
    match &diagnosis.verdict {
        Conclusion::Explained(explained) => explain(entry, diagnosis, explained, &mut prose),
        Conclusion::Right | Conclusion::Refused(_) | Conclusion::Undecided(_) | Conclusion::Unexplained { .. } => {
            prose.paragraph(&format!(
                "None of {} explains what your code answers here.{}",
                tried(diagnosis),
                left(diagnosis)
            ));
        }
    }
    prose
}

/// Returns what explains failures of a run, and where it shows.
pub(super) fn cause_text(cause: &RunCause<'_>, columns: usize) -> String {
    let mut prose = diagnosed(cause.entry, &cause.cause.diagnosis);
    let names: Vec<&str> = cause.failures.iter().map(|failure| failure.vector.as_str()).collect();
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    prose.paragraph(&format!("Seen in {}{more}.", names[..names.len().min(SHOWN)].join(", ")));
    prose.text(columns)
}

/// Returns what an implementation does, in a sentence: of a cause, its first explanation.
pub(super) fn cause_title(cause: &RunCause<'_>) -> String {
    mistake_title(cause.entry, &cause.cause.diagnosis)
}

/// Returns what an implementation does, in a sentence: the first explanation of a diagnosis.
pub(super) fn mistake_title(entry: &Entry, diagnosis: &Diagnosis) -> String {
    match &diagnosis.verdict {
        Conclusion::Explained(explained) => finding(entry, &explained.candidates[0].class[0]),
        Conclusion::Right | Conclusion::Refused(_) | Conclusion::Undecided(_) | Conclusion::Unexplained { .. } => {
            "Nothing that is known here explains it.".into()
        }
    }
}

fn right(entry: &Entry, diagnosis: &Diagnosis, prose: &mut Prose) {
    let what = match diagnosis.observations {
        1 => "this is what the scheme gives for this request under this account.".to_owned(),
        n => format!("all {n} answers are those of the scheme."),
    };
    prose.paragraph(&format!("Your signing is right: {what}"));
    prose.paragraph("If the server refuses it all the same, look at:");
    inputs(entry, &diagnosis.operation, prose);
    prose.item(
        "what is actually sent: log the request as it leaves (method, target, header fields, body) and compare it byte \
         for byte with the one given here; HTTP libraries and proxies encode, sort and normalise again.",
    );
}

fn refused(refused: &Refused, prose: &mut Prose) {
    prose.paragraph(&format!(
        "The signature is right, and the message is refused all the same, as `{}`: {}.",
        refused.class, refused.detail
    ));
}

fn undecided(undecided: &Undecided, prose: &mut Prose) {
    let names: Vec<String> = undecided.lacks.iter().map(|name| format!("`{name}`")).collect();
    prose.paragraph(&format!(
        "Without {} it cannot be said whether the signature is right; give it with --account FILE or --credential-env \
         NAME=VARIABLE. What can be said without it:",
        names.join(" and ")
    ));
    prose.item(&match &undecided.refused {
        Some(refused) => {
            format!("the message is refused whatever the secret is, as `{}`: {}.", refused.class, refused.detail)
        }
        None => "no check that needs no secret refuses the message.".to_owned(),
    });
    if let Some((own, expected)) = &undecided.forms {
        prose.item(&format!("the signature has {own}, and the scheme writes {expected}."));
    }
}

/// Writes what may be wrong though the code is right.
fn inputs(entry: &Entry, operation: &str, prose: &mut Prose) {
    let secrets = entry.scheme.account.iter().filter(|(_, kind)| **kind == CredentialKind::Secret);
    let secrets: Vec<String> = secrets.map(|(name, _)| format!("`{name}`")).collect();
    if !secrets.is_empty() {
        prose.item(&format!(
            "the key: is {} the one that the server has for this account and environment, without a line end or a \
             space too many?",
            secrets.join(" or ")
        ));
    }
    let checks = entry.scheme.operations.get(operation).map_or(&[][..], |operation| &operation.verify);
    if checks.iter().any(|check| ["fresh", "until", "from"].contains(&check.test.word())) {
        prose.item("the clock: the server compares the signed time with its own.");
    }
}

fn explain(entry: &Entry, diagnosis: &Diagnosis, explained: &Explained, prose: &mut Prose) {
    let first = &explained.candidates[0];
    let explanation = &first.class[0];
    prose.paragraph(&finding(entry, explanation));
    evidence_text(&explained.evidence, prose);
    let mends = explanation.0.iter().filter_map(|part| match part {
        Part::Mutant(mutant) => Some(mutant.operator.mend),
        Part::Reading(_) => None,
    });
    let mends: Vec<&str> = mends.collect();
    if !mends.is_empty() {
        prose.paragraph(&format!("To mend it: {}.", mends.join("; and ")));
    }
    for part in &explanation.0 {
        if let Part::Reading(name) = part {
            reading(entry, name, prose);
        }
    }
    others(entry, explained, prose);
    prose.paragraph(&support(diagnosis, first));
}

/// Returns what to do after an explanation of one request.
fn next(explained: &Explained) -> &'static str {
    match explained.candidates[0].class[0].0.iter().any(|part| matches!(part, Part::Mutant(_))) {
        true => "Next: mend it, sign the same request again, and diagnose what comes out.",
        false => "Next: ask the vendor which of the two the server follows, or try both; then sign the request again.",
    }
}

/// Returns what an implementation does, as a sentence about the reader's code.
fn finding(entry: &Entry, explanation: &Explanation) -> String {
    match explanation.0.as_slice() {
        [one] => format!("Your code {}.", does(entry, one)),
        _ => format!("Your code does two things that the scheme does not: {}.", in_short(entry, explanation)),
    }
}

/// Returns the sentence as a clause.
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

fn evidence_text(evidence: &Evidence, prose: &mut Prose) {
    match evidence {
        Evidence::Stage { stage, expected, found: Some(found) } => {
            let masked = if expected.0.windows(3).any(|w| w == b"***") { " (*** stands for a secret)" } else { "" };
            prose.paragraph(&format!(
                "Here is {stage}, as the scheme derives it and as your code must have had it{masked}:"
            ));
            aligned(expected, found, prose);
        }
        Evidence::Stage { stage, expected, found: None } => {
            prose.paragraph(&format!("Here is {stage}, as the scheme derives it:"));
            prose.line(&printable::bytes(expected.as_slice()));
        }
        Evidence::HiddenStage { stage } => {
            prose.paragraph(&format!("It shows first in {stage}, which is made from a secret and is not printed."));
        }
        Evidence::Request => prose.paragraph("All that is derived is right; what differs is the request that is sent."),
        Evidence::Judgements { expected, found } => {
            prose.paragraph(&format!("The scheme judges {expected}; your code judged {found}."));
        }
        Evidence::Error { by_implementation: true } => {
            prose.paragraph("Your code failed where the scheme has an answer.")
        }
        Evidence::Error { .. } => prose.paragraph("Your code has an answer where the scheme has none."),
    }
}

/// A diff, or both in full where they have little in common.
fn aligned(expected: &Bytes, found: &Bytes, prose: &mut Prose) {
    let (one, other) = (expected.as_slice(), found.as_slice());
    let prefix = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let suffix = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    if (prefix + suffix) * 3 < one.len().min(other.len()) {
        prose.line(&format!("expected  {}", printable::bytes(one)));
        prose.line(&format!("found     {}", printable::bytes(other)));
    } else {
        prose.diff(one, other);
    }
}

/// The place of the document that leaves a reading open, and what was decided.
fn reading(entry: &Entry, name: &str, prose: &mut Prose) {
    let Some(reading) = entry.scheme.readings.get(name) else { return };
    let id = &reading.discrepancy;
    let Some(discrepancy) = entry.statements.discrepancies.get(id) else { return };
    prose.paragraph(&format!(
        "The place that decides is {} (discrepancy {id}). {}",
        discrepancy.place, discrepancy.finds
    ));
    prose.paragraph(&format!("This corpus has decided: {}", discrepancy.decision));
}

/// The other candidates, and what would tell them apart.
fn others(entry: &Entry, explained: &Explained, prose: &mut Prose) {
    let candidates = &explained.candidates;
    if candidates.len() == 1 {
        return;
    }
    prose.paragraph("Or, since this gives the same here:");
    for candidate in candidates.iter().take(SHOWN).skip(1) {
        prose.item(&format!("{}.", in_short(entry, &candidate.class[0])));
    }
    if candidates.len() > SHOWN {
        prose.item(&format!("and {} more.", candidates.len() - SHOWN));
    }
    if let Some(TellApart { vector, gives }) = &explained.tell_apart {
        prose.paragraph(&format!(
            "To tell them apart, let your code sign {vector} (`countersign explain {vector}` shows what is given). In the \
             order above, it then gives:"
        ));
        gives.iter().for_each(|gives| prose.line(&gives_text(gives)));
    }
}

fn gives_text(gives: &Prediction) -> String {
    match gives {
        Prediction::Value(value) => printable::bytes(value.as_slice()),
        Prediction::Judgement(words) => words.clone(),
        Prediction::Error => "an error".into(),
        Prediction::Hidden => "a secret, which is not printed".into(),
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
    format!("This explains {observed}; {} were tried.{}{rows}", tried(diagnosis), left(diagnosis))
}

fn tried(diagnosis: &Diagnosis) -> String {
    let tried = diagnosis.tried;
    format!(
        "{} candidates (the scheme itself, {}, {}, {})",
        tried.candidates(),
        count(tried.readings, "reading"),
        count(tried.mutants, "mistake"),
        count(tried.pairs, "pair")
    )
}

/// Returns what was left untried, in sentences of their own.
fn left(diagnosis: &Diagnosis) -> String {
    let tried = diagnosis.tried;
    let mut text = String::new();
    if tried.left > 0 {
        text +=
            &format!(" Left untried, beyond the limit of {}: {}.", diagnosis::MOST_PAIRS, count(tried.left, "pair"));
    }
    if tried.out_of_time > 0 {
        text += &format!(" Left untried, since the time was over (`--diagnosis-time`): {}.", tried.out_of_time);
    }
    text
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

fn unexplained(entry: &Entry, diagnosis: &Diagnosis, evidence: Option<&Evidence>, prose: &mut Prose) {
    prose.paragraph(&format!("None of {} gives what you have seen.{}", tried(diagnosis), left(diagnosis)));
    prose.paragraph("Then most often it is not the code that differs, but what it was given. Look at:");
    inputs(entry, &diagnosis.operation, prose);
    prose.item("the request: was it signed in exactly this form, and at exactly this time, or changed after signing?");
    if let Some(Evidence::Stage { stage, expected, .. }) = evidence {
        prose.paragraph(&format!(
            "Next: print what your code hashes, and compare it byte for byte with {stage} of the scheme (*** stands for \
             a secret):"
        ));
        prose.line(&printable::bytes(expected.as_slice()));
    }
}
