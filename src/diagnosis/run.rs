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
    let explain = |(entry, operation, results): (&'r Entry, &String, Vec<&'r CaseResult>)| {
        let mut observations: Vec<Observation> = results.iter().copied().filter_map(Observation::of).collect();
        observations.extend(further(run, entry, operation));
        let causes = Diagnoser::new(entry, operation).map(|diagnoser| diagnoser.causes(&observations, watch));
        let cause = |cause: Cause| {
            // What follows a reading that was asked for differs from the decision, and is no failure.
            let failed = |result: &&CaseResult| result.verdict.failure().is_some();
            let of_vectors = cause.members.iter().filter_map(|&i| results.get(i).copied());
            let failures: Vec<_> = of_vectors.filter(failed).collect();
            (!failures.is_empty()).then_some(RunCause { entry, cause, failures })
        };
        causes.unwrap_or_default().into_iter().filter_map(cause).collect::<Vec<_>>()
    };
    let mut causes: Vec<RunCause<'r>> = Vec::new();
    for cause in parallel::map(evidence(corpus, run), explain).into_iter().flatten() {
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

/// What a run shows of each operation that it failed: the results that say something.
pub(super) fn evidence<'r>(corpus: &'r Corpus, run: &'r Run) -> Vec<(&'r Entry, &'r String, Vec<&'r CaseResult>)> {
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
    parts
}

impl Observation {
    /// What a result of a run shows; `None` where there was no answer.
    pub(super) fn of(result: &CaseResult) -> Option<Observation> {
        Some(Observation { case: result.case.clone(), seen: Seen::of(result.reply.as_ref()?, &result.verdict) })
    }
}

/// Number of refused questions that are evidence: where one is accepted, it says more than all of them.
const MOST_REFUSED: usize = 60;

/// Answers to questions about an operation.
fn further(run: &Run, entry: &Entry, operation: &str) -> Vec<Observation> {
    let own = run.further.iter().filter(|(case, _)| case.scheme == entry.name && case.operation == operation);
    let (accepted, refused): (Vec<_>, Vec<_>) =
        own.partition(|(_, reply)| matches!(reply, Reply::Verified(results) if results.iter().any(|it| it.accept)));
    let answers = accepted.into_iter().chain(refused.into_iter().take(MOST_REFUSED));
    answers.map(|(case, reply)| Observation { case: case.clone(), seen: Seen::Reply(reply.clone()) }).collect()
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
