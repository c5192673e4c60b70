//! Explanations of the failures of a run.

use super::advice::mistake;
use super::cause::Cause;
use super::diagnoser::Diagnoser;
use super::model::{Conclusion, Observation, Part, Seen, Watch};
use crate::case::Reply;
use crate::corpus::{Corpus, Entry};
use crate::parallel;
use crate::runner::{CaseResult, Run, Verdict};

/// Explanation of some failures of a run.
#[derive(Debug)]
pub struct RunCause<'r> {
    /// The scheme.
    pub entry: &'r Entry,
    /// Cause that explains them.
    pub cause: Cause,
    /// The failures.
    pub failures: Vec<&'r CaseResult>,
}

/// Explains the failures of a run, operation by operation, those with the most failures first, and what is not known last.
/// Failures without an answer (an error, a crash, a time-out) are left out. Candidates are left untried once the watch
/// says so.
pub fn explain_run<'r>(corpus: &'r Corpus, run: &'r Run, watch: Watch<'_>) -> Vec<RunCause<'r>> {
    let mut parts = Vec::new();
    for scheme in &run.schemes {
        let Some(entry) = corpus.entries.iter().find(|entry| entry.name == scheme.scheme) else { continue };
        for operation in entry.scheme.operations.keys() {
            // Where every reading was asked for, what passes under another reading says nothing of the decision.
            let decided = scheme.results.iter().any(|result| result.reading.is_none());
            let says = |result: &&CaseResult| {
                result.case.operation == *operation
                    && !(decided && result.reading.is_some())
                    && matches!(result.verdict, Verdict::Passed | Verdict::Differs(_))
            };
            let results: Vec<&CaseResult> = scheme.results.iter().filter(says).filter(is_small).collect();
            // Errors alone say nothing about how something is derived.
            if results.iter().any(|result| matches!(result.verdict, Verdict::Differs(_))) {
                parts.push((entry, operation, results));
            }
        }
    }
    let explain = |(entry, operation, results): (&'r Entry, &String, Vec<&'r CaseResult>)| {
        let observation = |result: &&CaseResult| {
            Some(Observation { case: result.case.clone(), seen: Seen::of(result.reply.as_ref()?, &result.verdict) })
        };
        let observations: Vec<Observation> = results.iter().filter_map(observation).collect();
        let causes = Diagnoser::new(entry, operation).map(|diagnoser| diagnoser.causes(&observations, watch));
        let cause = |cause: Cause| {
            // What follows a reading that was asked for differs from the decision, and is no failure.
            let failed = |result: &&CaseResult| result.verdict.failure().is_some();
            let failures: Vec<_> = cause.members.iter().map(|&i| results[i]).filter(failed).collect();
            (!failures.is_empty()).then_some(RunCause { entry, cause, failures })
        };
        causes.unwrap_or_default().into_iter().filter_map(cause).collect::<Vec<_>>()
    };
    let mut causes: Vec<RunCause<'r>> = Vec::new();
    for cause in parallel::map(parts, explain).into_iter().flatten() {
        // One mistake in what several operations share is one.
        match causes.iter_mut().find(|other| is_same(other, &cause)) {
            Some(other) => other.failures.extend(cause.failures),
            None => causes.push(cause),
        }
    }
    let is_known = |cause: &RunCause<'_>| !matches!(cause.cause.diagnosis.verdict, Conclusion::Unexplained(_));
    causes.sort_by_key(|cause| std::cmp::Reverse((is_known(cause), cause.failures.len())));
    causes
}

/// Returns whether both are told in the same words: one mistake at the same place of two operations.
fn is_same(one: &RunCause<'_>, other: &RunCause<'_>) -> bool {
    let first = |cause: &RunCause<'_>| match &cause.cause.diagnosis.verdict {
        Conclusion::Explained(explained) if !explained.is_open() => match explained.candidates[0].class[0].0.as_slice()
        {
            [Part::Mutant(mutant)] => Some(mistake(cause.entry, mutant)),
            _ => None,
        },
        _ => None,
    };
    one.entry.name == other.entry.name && first(one).is_some() && first(one) == first(other)
}

/// Length that the stages of a reply may have, in bytes; what is longer than this was not derived from a vector.
const LONGEST: usize = 1 << 16;

fn is_small(result: &&CaseResult) -> bool {
    match &result.reply {
        Some(Reply::Signed(signed)) => signed.stages.values().map(|stage| stage.0.len()).sum::<usize>() <= LONGEST,
        _ => true,
    }
}
