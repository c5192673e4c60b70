//! The report on a diagnosis: for a terminal, as a colleague would say it, and as JSON.

mod clauses;
mod json;

pub use json::diagnosis_json;
pub(super) use json::{cause_json, frameworks_json};

use super::prose::Prose;
use crate::bytes::Bytes;
use crate::corpus::Entry;
use crate::diagnosis::{
    self, Candidate, Conclusion, Diagnosis, Evidence, Explained, Explanation, OtherReason, Part, Prediction, RightCode,
    RunCause, TellApart, Undecided, Unexplained,
};
use crate::mutation::Mutant;
use crate::printable::{self, count};
use crate::scheme::{CredentialKind, Refused};
use clauses::{finding, in_short};

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
        Conclusion::Indifferent { .. } | Conclusion::OtherReasons(_) | Conclusion::AnotherTime { .. } => {
            beside(&diagnosis.verdict, &mut prose);
        }
        Conclusion::Unexplained(unexplained) => {
            self::unexplained(entry, diagnosis, unexplained, &mut prose);
            prose.paragraph("Most often it is then not the code that differs, but what it was given. Look at:");
            inputs(entry, &diagnosis.operation, &mut prose);
            prose.item(
                "the request: was it signed in exactly this form, and at exactly this time, or changed after signing?",
            );
        }
    }
    notes.iter().for_each(|note| prose.paragraph(&format!("Note: {note}")));
    prose.0.extend(in_frameworks([diagnosis]).0);
    prose.text(columns)
}

/// The title of what [`in_frameworks`] tells.
pub(super) const IN_FRAMEWORKS: &str = "The bytes that arrived, in common frameworks";

/// Returns how the bytes of a body are taken, where a mistake is about them; nothing otherwise.
pub(super) fn in_frameworks<'d>(diagnoses: impl IntoIterator<Item = &'d Diagnosis>) -> Prose {
    let mut prose = Prose::default();
    for (i, (name, code)) in diagnosis::frameworks(diagnoses.into_iter()).iter().enumerate() {
        if i == 0 {
            prose.paragraph(&format!("{IN_FRAMEWORKS}:"));
        }
        prose.paragraph(&format!("{name}:"));
        code.lines().for_each(|line| prose.line(line));
    }
    prose
}

/// The finding, the evidence and how to mend it.
pub(super) fn diagnosed(entry: &Entry, diagnosis: &Diagnosis) -> Prose {
    let mut prose = Prose::default();
    match &diagnosis.verdict {
        Conclusion::Explained(explained) => explain(entry, diagnosis, explained, &mut prose),
        Conclusion::Indifferent { .. } | Conclusion::OtherReasons(_) | Conclusion::AnotherTime { .. } => {
            beside(&diagnosis.verdict, &mut prose);
        }
        Conclusion::Unexplained(unexplained) => {
            self::unexplained(entry, diagnosis, unexplained, &mut prose);
            if unexplained.stages.iter().any(|stage| stage.is_same.is_none()) || unexplained.stages.is_empty() {
                prose.paragraph(
                    "To learn more, let the adapter show each stage that it derives, when it signs and when it verifies.",
                );
            }
        }
        Conclusion::Refused(refused) => self::refused(refused, &mut prose),
        Conclusion::Right | Conclusion::Undecided(_) => {}
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
        Conclusion::Explained(explained) if explained.is_open() => {
            format!("Not known: {} mistakes would explain it.", explained.candidates.len())
        }
        Conclusion::Explained(explained) => finding(entry, &explained.candidates[0].class[0]),
        Conclusion::Indifferent { accepts: false, .. } => "Your code refuses every message that is right.".into(),
        Conclusion::Indifferent { .. } => "Your code accepts every message that is wrong.".into(),
        Conclusion::AnotherTime { .. } => "Your code signs another time than the one that it sends.".into(),
        Conclusion::OtherReasons(_) => "Your code gives other reasons for what it refuses.".into(),
        Conclusion::Refused(refused) => format!("Your code signs rightly what is refused as `{}`.", refused.class),
        Conclusion::Right | Conclusion::Undecided(_) | Conclusion::Unexplained(_) => {
            "Not known: nothing that is known here explains it.".into()
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
    if let Some((stage, own, expected)) = &undecided.forms {
        prose.item(&format!("`{stage}` has {own}, and the scheme writes {expected}."));
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
    if explained.is_open() {
        prose.paragraph(&format!(
            "Not known: each of {} mistakes gives what your code answers, and nothing that was seen tells them apart.",
            explained.candidates.len()
        ));
        evidence_text(&explained.evidence, prose);
        others(entry, explained, prose);
        prose.paragraph(&support(diagnosis, first));
        return;
    }
    prose.paragraph(&finding(entry, explanation));
    evidence_text(&explained.evidence, prose);
    mend(entry, explanation, prose);
    for part in &explanation.0 {
        if let Part::Reading(name) = part {
            reading(entry, name, prose);
        }
    }
    others(entry, explained, prose);
    prose.paragraph(&support(diagnosis, first));
}

/// How to mend a mistake: in words, with the field that they are about, and in code.
fn mend(entry: &Entry, explanation: &Explanation, prose: &mut Prose) {
    let mutants = explanation.0.iter().filter_map(|part| match part {
        Part::Mutant(mutant) => Some(mutant),
        Part::Reading(_) => None,
    });
    let words = |mutant: &Mutant| match diagnosis::field(entry, mutant) {
        Some(field) => format!("in {field}, {}", mutant.operator.mend),
        None => mutant.operator.mend.to_owned(),
    };
    let mut mends: Vec<String> = mutants.clone().map(words).collect();
    mends.dedup();
    if !mends.is_empty() {
        prose.paragraph(&format!("To mend it: {}.", mends.join("; and ")));
    }
    let mut codes: Vec<RightCode> = mutants.filter_map(|mutant| diagnosis::right_code(entry, mutant)).collect();
    codes.dedup();
    for code in &codes {
        prose.paragraph("In code, where values are `bytes` in Python and Buffers in Node.js:");
        for (language, lines) in ["Python", "JavaScript"].into_iter().zip(code) {
            let labels = std::iter::once(language).chain(std::iter::repeat(""));
            labels.zip(lines).for_each(|(label, line)| prose.line(&format!("{label:12}{line}")));
        }
    }
}

/// Returns what to do after an explanation of one request.
fn next(explained: &Explained) -> &'static str {
    match explained.candidates[0].class[0].0.iter().any(|part| matches!(part, Part::Mutant(_))) {
        true => "Next: mend it, sign the same request again, and diagnose what comes out.",
        false => "Next: ask the vendor which of the two the server follows, or try both; then sign the request again.",
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
    // Two that are told in the same words are no choice.
    let mut told: Vec<String> = Vec::new();
    for explanation in candidates.iter().flat_map(|candidate| &candidate.class) {
        let words = in_short(entry, explanation);
        let is_first = words == in_short(entry, &candidates[0].class[0]) && !explained.is_open();
        if !is_first && !told.contains(&words) {
            told.push(words);
        }
    }
    if !told.is_empty() {
        prose.paragraph(if explained.is_open() { "Among them:" } else { "Or, since this gives the same here:" });
        told.iter().take(Explained::MOST).for_each(|words| prose.item(&format!("{words}.")));
    }
    if candidates.len() == 1 {
        return;
    }
    if let Some(shared) = shared(explained) {
        prose.paragraph(&format!("All of them are {shared}."));
    }
    if let Some(TellApart { vector, gives }) = &explained.tell_apart {
        prose.paragraph(&format!(
            "To tell them apart, put {vector} (`countersign explain {vector}` shows what is given). In the order above, \
             your code then gives:"
        ));
        gives.iter().for_each(|gives| prose.line(&gives_text(gives)));
    }
}

/// The place that all candidates have in common.
fn shared(explained: &Explained) -> Option<String> {
    let mut places = explained.candidates.iter().flat_map(|candidate| &candidate.class[0].0).map(|part| match part {
        Part::Mutant(mutant) => diagnosis::place(&mutant.at),
        Part::Reading(_) => String::new(),
    });
    let first = places.next().filter(|place| !place.is_empty())?;
    places.all(|place| place == first).then(|| first.trim_start_matches(", ").to_owned())
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

fn unexplained(entry: &Entry, diagnosis: &Diagnosis, unexplained: &Unexplained, prose: &mut Prose) {
    prose.paragraph(&format!("Not known: none of {} gives what was seen.{}", tried(diagnosis), left(diagnosis)));
    let stages = &unexplained.stages;
    if let Some(first) = stages.iter().find(|stage| stage.is_same == Some(false)) {
        prose.paragraph(&format!("The first stage that differs is {}; what stands before it is right.", first.name));
    }
    if !stages.is_empty() {
        let of = unexplained.vector.as_ref().map_or(String::new(), |vector| format!(" for {vector}"));
        prose.paragraph(&format!("What the scheme derives{of}, stage by stage (*** stands for a secret):"));
        let width = stages.iter().map(|stage| stage.name.len()).max().unwrap_or(0);
        for stage in stages {
            let value = stage
                .expected
                .as_ref()
                .map_or("a secret, not shown".into(), |value| printable::bytes(value.as_slice()));
            let same = match stage.is_same {
                Some(true) => "  (so has your code)",
                Some(false) => "  (your code has another)",
                None => "",
            };
            prose.line(&format!("{:width$}  {value}{same}", stage.name));
        }
    }
    if !unexplained.nearest.is_empty() {
        prose.paragraph("What comes nearest, and what speaks against it:");
    }
    for near in &unexplained.nearest {
        let against = match near.against.as_slice() {
            [] => String::new(),
            [one] => format!("; not {one}"),
            [one, rest @ ..] => format!("; not {one} and {} more", rest.len()),
        };
        let explains = format!("explains {} of {}", near.explains, near.of);
        prose.item(&format!("{}: {explains}{against}.", in_short(entry, &near.explanation)));
    }
}

/// Writes what is told without naming a mistake.
fn beside(verdict: &Conclusion, prose: &mut Prose) {
    match verdict {
        Conclusion::Indifferent { accepts, messages, variant } => {
            let of = variant.as_ref().map_or(String::new(), |variant| format!(" of the variant {variant}"));
            let (does, kind) = if *accepts { ("accepts", "wrong") } else { ("refuses", "right") };
            prose.paragraph(&format!(
                "Your code {does} every message{of} that is {kind}, {messages} of {messages}. Which mistake makes it do so \
                 cannot be told from that."
            ));
            prose.paragraph(if *accepts {
                "Look first at whether the result of the comparison decides at all, and whether an error counts as success."
            } else {
                "Look first at what is compared: print the signature that was received and the one that was computed, \
                 with their lengths; or let the adapter sign too, or show the stages that it derives."
            });
        }
        Conclusion::AnotherTime { signed, sent } => {
            let (signed, sent) = (String::from(signed.clone()), String::from(sent.clone()));
            prose.paragraph(&format!(
                "Your code signs another time than the one that it sends: what is signed has {signed}, and what is sent has {sent}."
            ));
            prose.paragraph(
                "To mend it: read the clock once, in UTC, and use that time for what is signed and for what is sent.",
            );
        }
        Conclusion::OtherReasons(reasons) => {
            prose.paragraph(
                "Your code accepts and refuses these messages as the scheme does; only what it says of a refusal is \
                 another:",
            );
            for OtherReason { expected, found, messages } in reasons.iter().take(SHOWN) {
                prose.item(&format!("{found} in place of {expected} ({}).", count(*messages, "message")));
            }
            if reasons.len() > SHOWN {
                prose.item(&format!("and {} more.", reasons.len() - SHOWN));
            }
            prose.paragraph("Where the expectation is of the level `decision`, another reason may do as well.");
        }
        _ => {}
    }
}
