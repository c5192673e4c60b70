//! Explanations of the failures of a run.

use super::advice::mistake;
use super::cause::Cause;
use super::diagnoser::Diagnoser;
use super::model::{Conclusion, Observation, Part, Seen, Watch};
use crate::case::{Case, Reply, Task};
use crate::corpus::{Corpus, Entry};
use crate::parallel;
use crate::primitive::percent::{self, Plus};
use crate::request::Request;
use crate::runner::{CaseResult, Run, Verdict};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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

/// The diagnosis of a run: what it asks beside the vectors, and what explains the failures.
pub struct RunDiagnosis<'c> {
    corpus: &'c Corpus,
    /// Diagnosers by scheme and operation, made when they are first needed.
    made: Mutex<HashMap<(String, String), Arc<Diagnoser<'c>>>>,
}

impl std::fmt::Debug for RunDiagnosis<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RunDiagnosis")
    }
}

impl<'c> RunDiagnosis<'c> {
    /// For runs over this corpus.
    pub fn new(corpus: &'c Corpus) -> RunDiagnosis<'c> {
        RunDiagnosis { corpus, made: Mutex::default() }
    }

    /// The diagnoser of an operation, made for what its first results show.
    fn diagnoser(&self, entry: &'c Entry, operation: &str, results: &[&CaseResult]) -> Option<Arc<Diagnoser<'c>>> {
        let key = (entry.name.clone(), operation.to_owned());
        let known = |made: &HashMap<_, Arc<Diagnoser<'c>>>| made.get(&key).map(Arc::clone);
        if let Some(diagnoser) = known(&self.made.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Some(diagnoser);
        }
        let diagnoser = Arc::new(Diagnoser::knowing(entry, operation, &known_fields(results))?);
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&diagnoser));
        Some(diagnoser)
    }

    /// Cases that tell apart what may explain the failures of a run; none where no verifier refused what is right.
    /// Candidates are left untried once the watch says so.
    pub fn questions(&self, run: &Run, watch: Watch<'_>) -> Vec<Case> {
        let of = |(entry, operation, results): (&'c Entry, &String, Vec<&CaseResult>)| {
            let diagnoser = self.diagnoser(entry, operation, &results);
            let observations: Vec<Observation> = results.into_iter().filter_map(Observation::of).collect();
            diagnoser.map(|diagnoser| diagnoser.questions(&observations, watch)).unwrap_or_default()
        };
        parallel::map(evidence(self.corpus, run), of).concat()
    }

    /// Explains the failures of a run, operation by operation, those with the most failures first, and what is not known
    /// last. Failures without an answer (an error, a crash, a time-out) are left out. Candidates are left untried once
    /// the watch says so.
    pub fn causes<'r>(&self, run: &'r Run, watch: Watch<'_>) -> Vec<RunCause<'r>>
    where
        'c: 'r,
    {
        let explain = |(entry, operation, results): (&'c Entry, &String, Vec<&'r CaseResult>)| {
            let mut observations: Vec<Observation> = results.iter().copied().filter_map(Observation::of).collect();
            observations.extend(further(run, entry, operation));
            let causes =
                self.diagnoser(entry, operation, &results).map(|diagnoser| diagnoser.causes(&observations, watch));
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
        for cause in parallel::map(evidence(self.corpus, run), explain).into_iter().flatten() {
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
}

/// What a run shows of each operation that it failed: the results that say something.
fn evidence<'c, 'r>(corpus: &'c Corpus, run: &'r Run) -> Vec<(&'c Entry, &'c String, Vec<&'r CaseResult>)> {
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
    fn of(result: &CaseResult) -> Option<Observation> {
        Some(Observation { case: result.case.clone(), seen: Seen::of(result.reply.as_ref()?, &result.verdict) })
    }
}

/// Number of refused questions that are evidence: where one is accepted, it says more than all of them.
const MOST_REFUSED: usize = 60;

/// Answers to questions about an operation.
fn further(run: &Run, entry: &Entry, operation: &str) -> Vec<Observation> {
    let own = run.further.iter().filter(|(case, _)| case.scheme == entry.name && case.operation == operation);
    let (accepted, refused): (Vec<_>, Vec<_>) = own.partition(|(_, reply)| reply.accepts());
    let answers = accepted.into_iter().chain(refused.into_iter().take(MOST_REFUSED));
    answers.map(|(case, reply)| Observation { case: case.clone(), seen: Seen::Reply(reply.clone()) }).collect()
}

/// Names of the fields of query and form in what passed: of code that knows some fields alone, those.
fn known_fields(results: &[&CaseResult]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for result in results.iter().filter(|result| matches!(result.verdict, Verdict::Passed)) {
        let requests: Vec<Request> = match &result.case.task {
            Task::Sign(task) => vec![task.request.to_wire()],
            Task::Verify(task) if result.reply.as_ref().is_some_and(Reply::accepts) => {
                task.messages.iter().map(|message| message.request.clone()).collect()
            }
            Task::Verify(_) => Vec::new(),
        };
        for request in requests {
            let is_form = request.has_media_type("application/x-www-form-urlencoded");
            let form = if is_form { &request.body.0[..] } else { &[] };
            for (raw, _) in percent::pieces(request.raw_query()).chain(percent::pieces(form)) {
                let mut name = Vec::new();
                percent::decode_leniently(raw, Plus::Space, &mut name);
                names.extend(String::from_utf8(name).ok().filter(|name| !names.contains(name)));
            }
        }
    }
    names
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
