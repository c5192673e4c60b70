//! Differential fuzzing: inputs made from a scheme's own structure are put to a subject and to the
//! reference; what differs is shrunk, sorted by cause, diagnosed, and can become vectors.
//!
//! Data flows input → compare → cause → shrink. The same seed gives the same inputs, and so do the
//! same bytes of a fuzzer. May use all that lies below `report`.

mod prepared;
mod promote;

pub use prepared::PreparedScheme;
pub use promote::{Promoted, promoted};

use crate::case::{Case, Compared, Expect, FailureKind, Reply};
use crate::corpus::Entry;
use crate::diagnosis::{Cause, Diagnoser, Observation, Seen};
use crate::inputs::{self, Ability, Input, Inputs};
use crate::runner::Verdict;
use crate::subject::{Conduct, Connection, Delivery, Hello, Unusable, is_interrupted};
use crate::trial::Reference;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// Bounds of a search, and its seed.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// Number of cases that are put at most.
    pub cases: usize,
    /// Time after which to stop before that.
    pub time: Option<Duration>,
    /// Seed that the inputs are drawn from.
    pub seed: u64,
}

/// Findings of a run.
#[derive(Debug)]
pub struct Fuzzed<'e> {
    /// The scheme.
    pub entry: &'e Entry,
    /// The subject.
    pub subject: Hello,
    /// Conduct of the subject.
    pub conduct: Conduct,
    /// Number of cases that were put.
    pub cases: usize,
    /// Number of cases that the subject did not do.
    pub skipped: usize,
    /// Number of cases that differed.
    pub differing: usize,
    /// Time taken.
    pub elapsed: Duration,
    /// The seed.
    pub seed: u64,
    /// True where it was interrupted before its end.
    pub is_interrupted: bool,
    /// One finding a cause, that with the most differences first.
    pub findings: Vec<Finding>,
}

/// Differences of one cause.
#[derive(Debug)]
pub struct Finding {
    /// Cause that explains them; none for an error, a crash, a time-out or a broken reply.
    pub cause: Option<Cause>,
    /// Number of differences.
    pub times: usize,
    /// The simplest input that shows it.
    pub input: Input,
    /// Inputs that show it and have a recipe of what is wrong with them, the simplest first.
    pub told: Vec<Input>,
    /// Answer of the reference, as an expectation.
    pub expect: Expect,
    /// Verdict on the answer of the subject.
    pub verdict: Verdict,
}

/// Function that is told of progress: cases put, differences seen, causes as far as they can be told apart.
pub type Progress<'p> = &'p mut dyn FnMut(usize, usize, usize);

/// Number of cases that are put at once.
const BATCH: usize = 512;
/// Number of differences of one look that are kept.
const KEPT: usize = 40;
/// Number of agreeing answers that are kept, to tell explanations apart.
const AGREEING: usize = 200;

/// Number of inputs with a recipe that are kept of a finding.
const TOLD: usize = 8;

/// Number of inputs in a row that may be such that the reference has no answer.
const UNANSWERED: usize = 2000;

/// A difference, as it was found.
struct Judged {
    input: Input,
    case: Case,
    reply: Option<Reply>,
    verdict: Verdict,
}

/// Look of a difference: operation, kind, and what differs first.
type Look = (String, Option<FailureKind>, Option<Compared>);

struct Fuzzing<'e, 's> {
    entry: &'e Entry,
    /// Hello of the subject; without it, it does all and can be told all.
    hello: Option<&'s Hello>,
    subject: &'s mut dyn Connection,
    reference: &'s mut Reference<'e>,
    looks: BTreeMap<Look, Vec<Judged>>,
    agreeing: Vec<(Case, Reply)>,
    cases: usize,
    skipped: usize,
    differing: usize,
    /// Tells whether to stop putting cases.
    is_over: &'s dyn Fn() -> bool,
}

/// Fuzzes a subject that implements a scheme.
pub fn fuzz<'e>(
    entry: &'e Entry,
    subject: &mut dyn Connection,
    bounds: &Bounds,
    progress: Progress<'_>,
) -> Result<Fuzzed<'e>, Unusable> {
    let start = Instant::now();
    let hello = subject.hello()?;
    let ops = hello.schemes.get(&entry.name).cloned().unwrap_or_default();
    if ops.is_empty() {
        return Err(Unusable(format!("the subject does not implement {}", entry.name)));
    }
    let does = Ability::of(&ops);
    let inputs = Inputs::new(entry, does);
    let mut inputs = inputs.stream(bounds.seed);
    let mut reference = Reference::new(entry.schemes());
    let is_over = || bounds.time.is_some_and(|time| start.elapsed() >= time) || is_interrupted();
    let mut run = Fuzzing::new(entry, Some(&hello), subject, &mut reference);
    run.is_over = &is_over;
    let mut in_a_row = 0;
    while run.cases < bounds.cases && in_a_row < UNANSWERED && !is_over() {
        let batch: Vec<Input> = inputs.by_ref().take(BATCH.min(bounds.cases - run.cases)).collect();
        let (drawn, before) = (batch.len(), run.cases);
        if drawn == 0 {
            break;
        }
        run.put(batch);
        in_a_row = if run.cases == before { in_a_row + drawn } else { 0 };
        progress(run.cases, run.differing, run.looks.len());
    }
    run.is_over = &|| false;
    let mut findings = run.findings();
    findings.iter_mut().for_each(|finding| run.shrink(finding));
    let (cases, skipped, differing) = (run.cases, run.skipped, run.differing);
    let conduct = subject.finish();
    let (elapsed, seed, is_interrupted) = (start.elapsed(), bounds.seed, is_interrupted());
    Ok(Fuzzed { entry, subject: hello, conduct, cases, skipped, differing, elapsed, seed, is_interrupted, findings })
}

impl<'e, 's> Fuzzing<'e, 's> {
    fn new(
        entry: &'e Entry,
        hello: Option<&'s Hello>,
        subject: &'s mut dyn Connection,
        reference: &'s mut Reference<'e>,
    ) -> Fuzzing<'e, 's> {
        let (looks, agreeing) = (BTreeMap::new(), Vec::new());
        Fuzzing {
            entry,
            hello,
            subject,
            reference,
            looks,
            agreeing,
            cases: 0,
            skipped: 0,
            differing: 0,
            is_over: &|| false,
        }
    }

    /// Puts inputs and keeps what differs.
    fn put(&mut self, batch: Vec<Input>) {
        for found in self.judge(batch) {
            self.cases += 1;
            match (&found.verdict, &found.reply) {
                (Verdict::Skipped(_) | Verdict::NotRun(_), _) => self.skipped += 1,
                (Verdict::Passed, Some(reply)) if self.agreeing.len() < AGREEING => {
                    self.agreeing.push((found.case, reply.clone()));
                }
                (Verdict::Passed, _) => {}
                _ => {
                    self.differing += 1;
                    let kept = self.looks.entry(look(&found.case, &found.verdict)).or_default();
                    if kept.len() < KEPT {
                        kept.push(found);
                    }
                }
            }
        }
    }

    /// Judges what the subject makes of inputs, in their order, against what the reference makes of them.
    fn judge(&mut self, inputs: Vec<Input>) -> Vec<Judged> {
        let cases: Vec<Case> = inputs.iter().map(|input| input.case(self.entry)).collect();
        let out_of_reach = |case: &Case| self.hello.and_then(|hello| case.out_of_reach(hello));
        let skipped = |why| Delivery::Reply(Reply::Skipped(why));
        let mut outcomes: Vec<Option<Delivery>> = cases.iter().map(|case| out_of_reach(case).map(skipped)).collect();
        let put: Vec<usize> = (0..cases.len()).filter(|&i| outcomes[i].is_none()).collect();
        let sent: Vec<Case> = put.iter().map(|&i| cases[i].clone()).collect();
        let is_over = self.is_over;
        self.subject.put(&sent, &mut |k, outcome| {
            outcomes[put[k]] = Some(outcome);
            if is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let mut found = Vec::with_capacity(cases.len());
        for ((input, case), outcome) in inputs.into_iter().zip(cases).zip(outcomes) {
            let Some(outcome) = outcome else { continue };
            let expect = self.expect(&case);
            // An input on which the reference itself has no answer says nothing of a subject.
            let Some(expect) = expect else { continue };
            let verdict = Verdict::of_exposed(self.entry, &expect, &case, &outcome, self.reference);
            let reply = match outcome {
                Delivery::Reply(reply) => Some(reply),
                _ => None,
            };
            found.push(Judged { input, case, reply, verdict });
        }
        found
    }

    /// Returns what the reference answers, as an expectation; none where it has no answer.
    fn expect(&mut self, case: &Case) -> Option<Expect> {
        Expect::of(&self.reference.answer(case))
    }

    /// Differences sorted by cause, each with its simplest input.
    fn findings(&mut self) -> Vec<Finding> {
        let mut by_operation: BTreeMap<String, Vec<Judged>> = BTreeMap::new();
        let mut findings = Vec::new();
        for ((operation, ..), found) in std::mem::take(&mut self.looks) {
            let (answered, silent): (Vec<Judged>, Vec<Judged>) =
                found.into_iter().partition(|found| matches!(found.verdict, Verdict::Differs(_)));
            by_operation.entry(operation).or_default().extend(answered);
            findings.extend(self.finding(None, silent));
        }
        for (operation, found) in by_operation {
            let observations = self.observations(&operation, &found);
            let causes =
                Diagnoser::new(self.entry, &operation).map(|diagnoser| diagnoser.causes(&observations, &|_, _| true));
            let mut found: Vec<Option<Judged>> = found.into_iter().map(Some).collect();
            for cause in causes.unwrap_or_default() {
                // Observations beyond the differences are those that agree.
                let members = cause.members.iter().filter_map(|&i| found.get_mut(i)?.take()).collect();
                findings.extend(self.finding(Some(cause), members));
            }
            // What differs in a way that a diagnosis does not look at is a finding all the same.
            findings.extend(self.finding(None, found.into_iter().flatten().collect()));
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.times));
        findings
    }

    fn observations(&self, operation: &str, found: &[Judged]) -> Vec<Observation> {
        let differing =
            found.iter().filter_map(|found| Some((found.case.clone(), found.reply.clone()?, &found.verdict)));
        let agreeing = self.agreeing.iter().filter(|(case, _)| case.operation == operation);
        let agreeing = agreeing.map(|(case, reply)| (case.clone(), reply.clone(), &Verdict::Passed));
        let observation =
            |(case, reply, verdict): (Case, Reply, &Verdict)| Observation { case, seen: Seen::of(&reply, verdict) };
        differing.chain(agreeing).map(observation).collect()
    }

    fn finding(&mut self, cause: Option<Cause>, found: Vec<Judged>) -> Option<Finding> {
        let times = found.len();
        let mut told: Vec<Input> =
            found.iter().map(|found| &found.input).filter(|it| it.fault.is_some()).cloned().collect();
        told.sort_by_key(inputs::size);
        told.truncate(TOLD);
        let simplest = found.into_iter().min_by_key(|found| (found.verdict.failure(), inputs::size(&found.input)))?;
        let expect = self.expect(&simplest.case)?;
        Some(Finding { cause, times, input: simplest.input, told, expect, verdict: simplest.verdict })
    }

    /// Makes the input of a finding as simple as it can be while the same differs.
    fn shrink(&mut self, finding: &mut Finding) {
        // Every simpler input would cost the time that a reply may take.
        if matches!(finding.verdict, Verdict::TimedOut(_)) {
            return;
        }
        let wanted = look(&finding.input.case(self.entry), &finding.verdict);
        for _ in 0..inputs::ROUNDS {
            let smaller = inputs::smaller(&finding.input);
            let mut best: Option<Judged> = None;
            for found in self.judge(smaller).into_iter().filter(|found| look(&found.case, &found.verdict) == wanted) {
                if best.as_ref().is_none_or(|best| inputs::size(&found.input) < inputs::size(&best.input)) {
                    best = Some(found);
                }
            }
            let Some(best) = best else { return };
            if let Some(expect) = self.expect(&best.case) {
                (finding.input, finding.verdict, finding.expect) = (best.input, best.verdict, expect);
            }
        }
    }
}

fn look(case: &Case, verdict: &Verdict) -> Look {
    let what = verdict.differences().first().map(|difference| difference.what().clone());
    (case.operation.clone(), verdict.failure(), what)
}
