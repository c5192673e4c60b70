//! A run: cases are put to a subject, and what comes of each is judged.

use super::plan::{Asked, Filter, Under};
use super::verdict::Verdict;
use crate::case::Judgement;
use crate::case::{Case, ExpectedResult, Reply, Task};
use crate::corpus::{Corpus, Entry, Level};
use crate::parallel;
use crate::scheme::Class;
use crate::subject::{Conduct, Connection, Delivery, Hello, InProcess, Unusable};
use crate::trial::Reference;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// The result of a run.
#[derive(Debug, Default)]
pub struct Run {
    /// One part a scheme.
    pub schemes: Vec<SchemeRun>,
    /// Hello of the subject; none for the built-in reference.
    pub subject: Option<Hello>,
    /// Questions that were put beside the vectors, and what was answered.
    pub further: Vec<(Case, Reply)>,
    /// Conduct of the subject.
    pub conduct: Conduct,
    /// Reason why the run was broken off.
    pub broken_off: Option<String>,
    /// Time taken, all in all.
    pub elapsed: Duration,
}

/// The part of a run that belongs to one scheme.
#[derive(Debug, Default)]
pub struct SchemeRun {
    /// Name of the scheme.
    pub scheme: String,
    /// Results of each vector, under each reading that was asked for, in the order of the corpus.
    pub results: Vec<CaseResult>,
    /// Discrepancies on record.
    pub discrepancies: usize,
    /// Statements on record.
    pub statements: usize,
    /// Time taken; of a subject that answers several schemes at once, none.
    pub elapsed: Option<Duration>,
}

/// Result of a vector.
#[derive(Debug, Clone)]
pub struct CaseResult {
    /// Full name of the vector.
    pub vector: String,
    /// The reading, where it is not the one decided on.
    pub reading: Option<String>,
    /// Reason why the vector exists.
    pub comment: String,
    /// Level of the vector.
    pub level: Level,
    /// Gain of an attacker where the refusal is missed that it ends in.
    pub gains: Option<String>,
    /// Case that was put.
    pub case: Case,
    /// The reply, where there was one.
    pub reply: Option<Reply>,
    /// The verdict.
    pub verdict: Verdict,
}

impl SchemeRun {
    /// Counts the vectors.
    pub fn vectors(&self) -> usize {
        self.each().count()
    }

    /// Counts those that failed, under whatever reading.
    pub fn failed(&self) -> usize {
        self.each().filter(failed).count()
    }

    /// Counts those that did not run.
    pub fn not_run(&self) -> usize {
        self.each().filter(|results| !results.iter().any(|result| result.verdict.ran())).count()
    }

    /// Counts those that passed.
    pub fn passed(&self) -> usize {
        self.passed_vectors().count()
    }

    /// Counts those that differ as they are known to, and do not fail under another reading.
    pub fn known(&self) -> usize {
        self.each().filter(known).count()
    }

    /// Counts those that differ where they do not decide, and do not fail under another reading.
    pub fn beside(&self) -> usize {
        self.each().filter(beside).count()
    }

    /// Counts the expectations of readings that were compared.
    pub fn readings(&self) -> usize {
        self.results.iter().filter(|result| result.reading.is_some()).count()
    }

    /// The results of each vector that passed, under every reading that was asked for.
    pub fn passed_vectors(&self) -> impl Iterator<Item = &[CaseResult]> {
        self.each().filter(|results| {
            !failed(results) && !known(results) && !beside(results) && results.iter().any(|result| result.verdict.ran())
        })
    }

    /// Results of one vector after another.
    fn each(&self) -> impl Iterator<Item = &[CaseResult]> {
        self.results.chunk_by(|one, other| one.vector == other.vector)
    }
}

fn failed(results: &&[CaseResult]) -> bool {
    results.iter().any(|result| result.verdict.failure().is_some())
}

fn known(results: &&[CaseResult]) -> bool {
    !failed(results) && results.iter().any(|result| matches!(result.verdict, Verdict::Known(_)))
}

fn beside(results: &&[CaseResult]) -> bool {
    let is_beside = |result: &CaseResult| matches!(result.verdict, Verdict::Beside(_));
    !failed(results) && !known(results) && results.iter().any(is_beside)
}

impl Run {
    /// Returns the results of every vector, in the order of the corpus.
    pub fn results(&self) -> impl Iterator<Item = &CaseResult> {
        self.schemes.iter().flat_map(|scheme| &scheme.results)
    }

    /// Counts the vectors.
    pub fn vectors(&self) -> usize {
        self.schemes.iter().map(SchemeRun::vectors).sum()
    }

    /// Counts those that failed.
    pub fn failed(&self) -> usize {
        self.schemes.iter().map(SchemeRun::failed).sum()
    }

    /// Counts those that did not run.
    pub fn not_run(&self) -> usize {
        self.schemes.iter().map(SchemeRun::not_run).sum()
    }

    /// Counts those that differ as they are known to.
    pub fn known(&self) -> usize {
        self.schemes.iter().map(SchemeRun::known).sum()
    }

    /// Counts those that passed.
    pub fn passed(&self) -> usize {
        self.schemes.iter().map(SchemeRun::passed).sum()
    }

    /// Counts those that differ where they do not decide.
    pub fn beside(&self) -> usize {
        self.schemes.iter().map(SchemeRun::beside).sum()
    }

    /// Takes differences from expectations of a weaker level than this out of what decides.
    pub fn decide(&mut self, level: Level) {
        for result in self.schemes.iter_mut().flat_map(|scheme| &mut scheme.results).filter(|one| one.level > level) {
            if let Verdict::Differs(differences) = &mut result.verdict {
                result.verdict = Verdict::Beside(std::mem::take(differences));
            }
        }
    }

    /// All that failed, the worst kind first.
    pub fn failures(&self) -> Vec<&CaseResult> {
        let mut failures: Vec<_> = self.results().filter(|result| result.verdict.failure().is_some()).collect();
        failures.sort_by_key(|result| result.verdict.failure());
        failures
    }
}

/// Runs the reference over a corpus, scheme by scheme in parallel, permitted readings included.
pub fn check(corpus: &Corpus, filter: &Filter) -> Run {
    let start = Instant::now();
    let runs = parallel::map(&corpus.entries, |entry| check_entry(entry, filter));
    let schemes = runs.into_iter().filter(|run| !run.results.is_empty()).collect();
    Run { schemes, elapsed: start.elapsed(), ..Run::default() }
}

fn check_entry(entry: &Entry, filter: &Filter) -> SchemeRun {
    let start = Instant::now();
    let asked = Asked::of(entry, filter, Under::All);
    let cases: Vec<Case> = asked.iter().map(|asked| asked.case(true)).collect();
    let mut results: Vec<Option<CaseResult>> = vec![None; asked.len()];
    let mut reference = InProcess::new(Reference::new(entry.schemes()), [&entry.name]);
    reference.put(&cases, &mut |i, outcome| {
        let verdict = Verdict::of(entry, &asked[i].expect, &cases[i], &outcome);
        results[i] = Some(result(&asked[i], &cases[i], outcome, verdict));
        ControlFlow::Continue(())
    });
    SchemeRun { elapsed: Some(start.elapsed()), ..SchemeRun::of(entry, results.into_iter().flatten().collect()) }
}

impl SchemeRun {
    fn of(entry: &Entry, results: Vec<CaseResult>) -> SchemeRun {
        SchemeRun {
            scheme: entry.name.clone(),
            results,
            discrepancies: entry.statements.discrepancies.len(),
            statements: entry.statements.statements.len(),
            elapsed: None,
        }
    }
}

fn result(asked: &Asked<'_>, case: &Case, outcome: Delivery, verdict: Verdict) -> CaseResult {
    let reply = match outcome {
        Delivery::Reply(reply) => Some(reply),
        _ => None,
    };
    CaseResult {
        vector: asked.name(),
        reading: asked.reading.map(str::to_owned),
        comment: asked.vector.comment.clone(),
        level: asked.entry.level(asked.vector),
        gains: asked.vector.gains().map(str::to_owned),
        case: case.clone(),
        reply,
        verdict,
    }
}

/// Runs a corpus against a subject; `progress` hears how many cases are done, and of how many.
///
/// A first case shows whether the connection works at all: where it does not, that is said, and
/// nothing is judged. What the run leaves open, `questions` may ask: cases that are put beside the vectors.
pub fn test(
    corpus: &Corpus,
    filter: &Filter,
    under: Under<'_>,
    subject: &mut dyn Connection,
    progress: &mut dyn FnMut(usize, usize),
    questions: &mut dyn FnMut(&Run) -> Vec<Case>,
) -> Result<Run, Unusable> {
    let start = Instant::now();
    let hello = subject.hello()?;
    let mut asked = Asked::all(corpus, filter, under);
    // What nobody named and the subject does not implement is not a part of the run.
    asked.retain(|asked| !filter.0.is_empty() || hello.schemes.contains_key(&asked.entry.name));
    let cases: Vec<Case> = asked.iter().map(|one| one.case(hello.tells_readings())).collect();
    let out_of_reach: Vec<Option<String>> =
        cases.iter().map(|case| subject.cannot_put(case).or_else(|| case.out_of_reach(&hello))).collect();
    let put: Vec<usize> = (0..cases.len()).filter(|&i| out_of_reach[i].is_none()).collect();
    smoke(subject, put.first().map(|&i| &cases[i]))?;
    let mut outcomes: Vec<Option<Delivery>> = out_of_reach.into_iter().map(|why| why.map(Delivery::NotAsked)).collect();
    let (mut done, mut broken_off) = (0, None);
    let sent: Vec<Case> = put.iter().map(|&i| cases[i].clone()).collect();
    let is_server = subject.is_server();
    subject.put(&sent, &mut |k, mut outcome| {
        if is_server {
            broken_off = unexpected_rate(&asked[put[k]], &outcome);
            leave_out_status(&asked[put[k]], &mut outcome);
        }
        outcomes[put[k]] = Some(outcome);
        done += 1;
        progress(done, put.len());
        if broken_off.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    if crate::subject::is_interrupted() {
        broken_off.get_or_insert("it was interrupted".to_owned());
    }
    let mut run = judge(corpus, &asked, &cases, outcomes, broken_off.as_deref());
    if broken_off.is_none() {
        let mut cases = questions(&run);
        cases.retain(|case| subject.cannot_put(case).or_else(|| case.out_of_reach(&hello)).is_none());
        run.further = ask(subject, &cases);
    }
    run.conduct = subject.finish();
    (run.subject, run.broken_off, run.elapsed) = (Some(hello), broken_off, start.elapsed());
    Ok(run)
}

/// Puts cases of which nothing is expected, until one has no reply, or 429: what has none is not waited for again.
fn ask(subject: &mut dyn Connection, cases: &[Case]) -> Vec<(Case, Reply)> {
    let is_limited = |all: &[Judgement]| all.iter().any(|one| one.status.as_deref() == Some("429"));
    let mut answers: Vec<Option<Reply>> = vec![None; cases.len()];
    subject.put(cases, &mut |i, outcome| match outcome {
        Delivery::Reply(Reply::Verified(all)) if is_limited(&all) => ControlFlow::Break(()),
        Delivery::Reply(reply) => {
            answers[i] = Some(reply).filter(|reply| matches!(reply, Reply::Verified(_)));
            ControlFlow::Continue(())
        }
        _ => ControlFlow::Break(()),
    });
    cases.iter().zip(answers).filter_map(|(case, reply)| Some((case.clone(), reply?))).collect()
}

/// Puts one case alone: whatever well-formed answer comes, the connection works.
fn smoke(subject: &mut dyn Connection, case: Option<&Case>) -> Result<(), Unusable> {
    let Some(case) = case else { return Ok(()) };
    let is_server = subject.is_server();
    let mut broken = Some("it did not answer".to_owned());
    subject.put(std::slice::from_ref(case), &mut |_, outcome| {
        broken = match (outcome, &case.task) {
            (Delivery::Reply(Reply::Signed(_)), Task::Verify(_)) => Some("it answered `verify` with stages".into()),
            (Delivery::Reply(Reply::Verified(_)), Task::Sign(_)) => Some("it answered `sign` with results".into()),
            (Delivery::Reply(_), _) => None,
            (Delivery::TimedOut(limit), _) => {
                let hint = if is_server { "" } else { "; does it flush standard output after every line?" };
                Some(format!("it did not answer within {} s{hint}", limit.as_secs_f32()))
            }
            (Delivery::Crashed(symptom), _) => Some(symptom.to_string()),
            (Delivery::Broke(why) | Delivery::NotAsked(why), _) => Some(why),
        };
        ControlFlow::Continue(())
    });
    match broken {
        None => Ok(()),
        Some(why) => {
            // What else it did may say why, such as a reply under another `seq`.
            let did = subject.finish().breaches;
            let did: String = did.iter().map(|it| format!("\n    the subject {}: {}", it.what, it.example)).collect();
            let (op, scheme) = (if matches!(case.task, Task::Sign(_)) { "sign" } else { "verify" }, &case.scheme);
            let what = if is_server { "server cannot be tested" } else { "adapter is broken" };
            Err(Unusable(format!("the first case shows that the {what} ({op} {scheme}): {why}{did}")))
        }
    }
}

/// A refusal because of too many requests where none is expected: whoever is tested wants to be left
/// alone.
fn unexpected_rate(asked: &Asked<'_>, outcome: &Delivery) -> Option<String> {
    let Delivery::Reply(Reply::Verified(results)) = outcome else { return None };
    let limits = |expected: Option<&ExpectedResult>| expected.is_some_and(|e| e.class == Some(Class::RateLimited));
    let refused = |(i, result): (usize, &Judgement)| {
        result.status.as_deref() == Some("429") && !limits(asked.expect.results.get(i))
    };
    let is_refused = results.iter().enumerate().any(refused);
    is_refused
        .then(|| format!("{} was answered with 429, too many requests; --rate makes the run slower", asked.name()))
}

/// A server gives every answer a status. Where no document says which, it is no part of the
/// comparison.
fn leave_out_status(asked: &Asked<'_>, outcome: &mut Delivery) {
    let Delivery::Reply(Reply::Verified(results)) = outcome else { return };
    for (i, result) in results.iter_mut().enumerate() {
        if asked.expect.results.get(i).is_some_and(|expected| expected.status.is_none()) {
            result.status = None;
        }
    }
}

fn judge(
    corpus: &Corpus,
    asked: &[Asked<'_>],
    cases: &[Case],
    outcomes: Vec<Option<Delivery>>,
    broken_off: Option<&str>,
) -> Run {
    let missing = || Delivery::NotAsked(broken_off.unwrap_or("it was not reached").to_owned());
    let mut outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(missing));
    let mut run = Run::default();
    for entry in &corpus.entries {
        let mut reference = Reference::new(entry.schemes());
        let own = asked.iter().zip(cases).filter(|(asked, _)| std::ptr::eq(asked.entry, entry));
        let results: Vec<CaseResult> = own
            .zip(outcomes.by_ref())
            .map(|((asked, case), outcome)| {
                let verdict = Verdict::of_exposed(entry, &asked.expect, case, &outcome, &mut reference);
                result(asked, case, outcome, verdict)
            })
            .collect();
        if !results.is_empty() {
            run.schemes.push(SchemeRun::of(entry, results));
        }
    }
    run
}
