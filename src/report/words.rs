//! Words of a report on a failure, on what did not run, and on how a subject behaved.

use super::prose::Prose;
use crate::case::Difference;
use crate::printable::{self, count};
use crate::runner::{CaseResult, Run, Verdict};
use crate::subject::{Conduct, Hello, Symptom};
use std::collections::BTreeMap;

/// The command that puts the vector of a result once more.
pub type Again<'a> = &'a dyn Fn(&CaseResult) -> String;

/// What stands first of a failure whose expectation is a decision.
pub(super) const DECISION: &str = "This expectation is a decision: the documents leave open what is right here.";

/// What was asked beside the vectors; how much depends on the secrets, and is not said.
pub(super) const ASKED: &str = "To tell mistakes apart, messages that were refused wrongly were put again, each signed as a mistake \
                                would have it.";

/// What a run does not show.
pub(super) const NOT_SHOWN: &str = "No vector shows whether secrets are compared in constant time, whether they are kept \
                                    out of logs, and how they are stored.";

/// Names who was tested: name, version, language.
pub(super) fn subject(subject: &Hello) -> String {
    let words = [subject.name.as_str(), &subject.version].join(" ");
    printable::text(&format!("{} ({})", words.trim_end(), subject.language)).into_owned()
}

/// ` under the reading R`, where the result is not that of the decision.
pub(super) fn under(result: &CaseResult) -> String {
    result.reading.as_ref().map_or(String::new(), |reading| format!(" under the reading {reading}"))
}

/// Returns what kind of failure a result is.
pub(super) fn kind(result: &CaseResult) -> String {
    result.verdict.failure().map_or(String::new(), |kind| kind.to_string())
}

/// Returns what a verdict says beside differences.
pub(super) fn verdict_says(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Errored(why) => Some(format!("the subject reports an error: {why}")),
        Verdict::Crashed(symptom) => Some(symptom.to_string()),
        Verdict::TimedOut(why) => Some(why.clone()),
        Verdict::Broke(why) => Some(format!("the reply is not of the protocol: {why}")),
        Verdict::Known(reason) => Some(format!("a known divergence: {reason}")),
        Verdict::Stale(on_record, differences) if differences.is_empty() => {
            Some(format!("on record as a known divergence, and does not differ any more ({on_record})"))
        }
        Verdict::Stale(on_record, _) => Some(format!("differs otherwise than on record ({on_record})")),
        Verdict::Skipped(why) | Verdict::NotRun(why) => Some(why.clone()),
        Verdict::Beside(differences) => {
            let first = differences.first().map_or(String::new(), ToString::to_string);
            Some(format!("differs where the expectation does not decide: {first}"))
        }
        Verdict::Passed | Verdict::Differs(_) => None,
    }
}

/// Returns what went wrong; the first paragraph says it in a line.
pub(super) fn verdict(verdict: &Verdict) -> Prose {
    let mut prose = Prose::default();
    if let Verdict::Crashed(symptom) = verdict {
        symptom_after("", symptom, &mut prose);
    } else if let Some(says) = verdict_says(verdict) {
        prose.paragraph(&says);
    }
    // The first stage that differs tells most; what follows from it is only named.
    for (i, difference) in verdict.differences().iter().enumerate() {
        match difference {
            Difference::Value { what, expected, found } if i == 0 => {
                prose.paragraph(&format!("{what} differs"));
                prose.diff(expected.as_slice(), found.as_slice());
            }
            Difference::Value { what, .. } => prose.paragraph(&format!("{what} differs as well")),
            Difference::Other { what, expected, found } => {
                prose.paragraph(&format!("{what}: expected {expected}, found {found}"));
            }
        }
    }
    prose
}

/// A symptom after its lead, and quoted lines of standard error after it.
fn symptom_after(lead: &str, symptom: &Symptom, prose: &mut Prose) {
    prose.paragraph(&format!("{lead}{}", symptom.clause()));
    symptom.stderr.iter().for_each(|line| prose.line(&format!("| {line}")));
}

/// Differences where the expectation does not decide, in a line each.
pub(super) fn beside(run: &Run) -> Vec<String> {
    let differs = run.results().filter(|result| matches!(result.verdict, Verdict::Beside(_)));
    let line = |result: &CaseResult| {
        let kind = result.verdict.differences().iter().map(Difference::kind).min();
        let kind = kind.map_or(String::new(), |kind| format!(", {kind}"));
        format!("{}{} ({}{kind})", result.vector, under(result), result.level)
    };
    differs.map(line).collect()
}

/// Groups the reasons why vectors did not run, with those that each reason kept from running.
pub(super) fn not_run(run: &Run) -> BTreeMap<&str, Vec<&CaseResult>> {
    let mut reasons: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in run.results() {
        if let Verdict::NotRun(why) | Verdict::Skipped(why) = &result.verdict {
            reasons.entry(why).or_default().push(result);
        }
    }
    reasons
}

/// Says why the run was broken off, and what the subject did beside answering.
pub(super) fn conduct(run: &Run) -> Prose {
    let mut prose = Prose::default();
    if let Some(why) = &run.broken_off {
        prose.paragraph(&format!("The run was broken off: {why}."));
    }
    prose.0.extend(conducted(&run.conduct).0);
    prose
}

/// Returns what a subject did beside answering; empty where there is nothing to say.
pub(super) fn conducted(conduct: &Conduct) -> Prose {
    let mut prose = Prose::default();
    for breach in &conduct.breaches {
        let times = if breach.times > 1 { format!(", {} times", breach.times) } else { String::new() };
        symptom_after(&format!("The subject {}{times}: ", breach.what), &breach.example, &mut prose);
    }
    if conduct.restarts > 0 {
        prose.paragraph(&format!("The subject was started again {}.", count(conduct.restarts, "time")));
    }
    if !conduct.stderr.trim().is_empty() {
        prose.paragraph("The subject wrote to standard error:");
        conduct.stderr.trim_end().lines().for_each(|line| prose.line(&format!("| {}", line.replace('\t', "    "))));
    }
    prose
}
