//! The diagnosis of one request that somebody else signed: as its verifier sees it, and as the signer of each candidate
//! would have signed it.

use super::answer::Depth;
use super::bench::Single;
use super::diagnoser::Diagnoser;
use super::foreign::{Foreign, PlacedField, VerifierSays};
use super::model::{Conclusion, Diagnosis, Observation, Seen, Tried, Unexplained, Watch};
use super::search::{Hit, Search};
use super::{evidence, rank};
use crate::case::{Case, Judgement, Reply, SignTask, Task, Time};
use crate::parallel;
use crate::primitive::time::Instant;
use crate::scheme::{
    AddedField, Check, CredentialKind, Destination, Implementation, Operation, Outcome, Random, Refused, Scheme,
    Scratch, Source,
};
use crate::trial::{self, PreparedCase};
use indexmap::IndexMap;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Differences between two times that are tried, in nanoseconds, and how many of each: milliseconds between two looks at
/// a clock, seconds, quarters of an hour between zones.
const OTHER_TIMES: &[(i128, usize)] = &[(1_000_000, 2_000), (1_000_000_000, 300), (900_000_000_000, 56)];

/// Length of a body up to which other times are tried, in bytes.
const LONGEST_BODY: usize = 1 << 16;

impl Diagnoser<'_> {
    /// Diagnoses a request that somebody else signed under this variant, and that the verifier has judged: the signers of
    /// the candidates sign it anew, unless no two signatures of one message are alike, and their verifiers judge it.
    pub fn diagnose_foreign(
        &self,
        variant: Option<&str>,
        mut foreign: Foreign,
        judged: VerifierSays,
        watch: Watch<'_>,
    ) -> Diagnosis {
        let operation = self.bench.name.clone();
        let known = match judged {
            VerifierSays::Accepted => Some(Conclusion::Right),
            _ => self.bench.base_under(variant).and_then(|base| foreign.undecided(base)).map(Conclusion::Undecided),
        };
        if let Some(verdict) = known {
            return Diagnosis { operation, observations: 1, verdict, tried: Tried::default() };
        }
        let case = Case {
            scheme: self.bench.entry.name.clone(),
            operation,
            variant: variant.map(str::to_owned),
            reading: None,
            task: Task::Verify(foreign.message.clone()),
        };
        if let (VerifierSays::Refused(refused), Some(base)) = (&judged, self.bench.base_under(variant))
            && self.is_refused_beside(base, refused, &case)
        {
            let verdict = Conclusion::Refused(refused.clone());
            return Diagnosis { operation: case.operation, observations: 1, verdict, tried: Tried::default() };
        }
        self.find_misnamed(&case, &mut foreign);
        let signed = |task: SignTask| {
            let case = Case { task: Task::Sign(Box::new(task)), ..case.clone() };
            Observation { case, seen: Seen::Fields(foreign.fields.clone()) }
        };
        let explains = |diagnosis: &Diagnosis| !matches!(diagnosis.verdict, Conclusion::Unexplained(_));
        // What the time in the request stands for may be open.
        let others = foreign.other_times.iter().map(|at| Time::try_from(at.to_string()).ok());
        let times: Vec<Option<Time>> = std::iter::once(foreign.task.time.clone()).chain(others).collect();
        let as_of = |time: &Option<Time>| [signed(SignTask { time: time.clone(), ..foreign.task.clone() })];
        // Where signing adds nothing, or never the same twice, there is nothing to compare.
        let base = self.bench.base_under(variant);
        let is_random = base.is_some_and(|base| !Random::of(&base.operation()).stages.is_empty());
        let nothing = foreign.fields.is_empty() && matches!(judged, VerifierSays::Refused(_));
        let times = if is_random || nothing { Vec::new() } else { times };
        let mut alone = times.iter().map(|time| self.diagnose_alone(&as_of(time), watch)).find(explains);
        let verified = if alone.is_none() { Some(self.by_verifier(&case, watch)) } else { None };
        alone = alone.or_else(|| verified.clone().filter(explains));
        if !is_random {
            alone = alone.or_else(|| self.at_another_time(&case, &foreign, watch));
            alone = alone.or_else(|| self.read_otherwise(&case, &foreign, &signed, watch));
        }
        alone = alone.or_else(|| {
            let pairs = times.iter().map(|time| self.diagnose_while(&as_of(time), watch));
            let pairs: Vec<Diagnosis> = pairs.collect();
            pairs.iter().find(|pair| explains(pair)).or(pairs.first()).cloned()
        });
        let nothing = || Diagnosis {
            operation: case.operation.clone(),
            observations: 1,
            verdict: Conclusion::Unexplained(Unexplained::default()),
            tried: Tried::default(),
        };
        let mut diagnosis = alone.or(verified).unwrap_or_else(nothing);
        match (&mut diagnosis.verdict, judged) {
            (Conclusion::Right, VerifierSays::Refused(refused)) => diagnosis.verdict = Conclusion::Refused(refused),
            (Conclusion::Unexplained(unexplained), _) => {
                let stages = evidence::verified(&self.bench, &case);
                unexplained.stages = if stages.is_empty() { std::mem::take(&mut unexplained.stages) } else { stages };
            }
            _ => {}
        }
        diagnosis
    }

    /// The refusal of a message by a check beside its signature, which is right.
    pub(super) fn refused_beside(&self, case: &Case) -> Option<Refused> {
        let (base, Task::Verify(task)) = (self.bench.base_under(case.variant.as_deref())?, &case.task) else {
            return None;
        };
        let mut refused = None;
        let each = |outcome, _| {
            if let Outcome::Reject(why) = outcome {
                refused = Some(why);
            }
        };
        trial::verify_each(&base.program, task, &mut Scratch::default(), each).ok()?;
        refused.filter(|refused| self.is_refused_beside(base, refused, case))
    }

    /// Returns whether a message is refused by a check beside its signature and accepted by those that a secret decides.
    /// What it says beside is taken as its signer meant it.
    fn is_refused_beside(&self, base: &Implementation, refused: &Refused, case: &Case) -> bool {
        let mut operation = base.operation();
        let signed_stages = signed_stages(&operation);
        let mut meant = IndexMap::new();
        let mut keep = |check: &Check| {
            let pipelines = check.test.pipelines();
            let sources: Vec<&Source> = pipelines.iter().flat_map(|(_, pipeline)| pipeline.sources()).collect();
            let signed = |source: &&Source| source.name_in("stage").is_some_and(|name| signed_stages.contains(name));
            let secret = |source: &&Source| {
                let kind = source.name_in("credential").and_then(|name| base.scheme().kind(name));
                kind == Some(CredentialKind::Secret)
            };
            if check.test.is("signed") || sources.iter().any(|source| signed(source) || secret(source)) {
                return true;
            }
            let stages: Vec<&str> = sources.iter().filter_map(|source| source.name_in("stage")).collect();
            let compares = check.test.is("equal") || check.test.is("any-equal");
            if let ([name], Some(received)) = (stages.as_slice(), check.test.first().pipeline().filter(|_| compares)) {
                meant.insert(format!("stage.{name}"), received.clone());
            }
            false
        };
        let kept: Vec<bool> = operation.verify.iter().map(&mut keep).collect();
        let beside = refused.check.and_then(|check| kept.get(check)) == Some(&false);
        if !beside || !kept.contains(&true) {
            return false;
        }
        let mut kept = kept.into_iter();
        operation.verify.retain(|check| kept.next() == Some(true) || check.test.is("account"));
        for (name, pipeline) in meant {
            if !operation.receive.contains_key(&name)
                && let Ok(binding) = serde_json::from_value(json!(pipeline))
            {
                operation.receive.insert(name, binding);
            }
        }
        let scheme =
            Scheme { operations: [(base.name().to_owned(), operation)].into_iter().collect(), ..base.scheme().clone() };
        let accepts = |verifier: Implementation| {
            let ready = PreparedCase::of(&verifier.program, case);
            matches!(ready.answer(&verifier.program, &mut Scratch::default()), Reply::Verified(results)
                if results.iter().all(|result| result.accept))
        };
        Implementation::of(&Arc::new(scheme), base.name(), None, None).is_ok_and(accepts)
    }

    /// The diagnosis by the mistakes with which the verifier would derive the signature that the message has: it then
    /// needs nothing of what the signer was given.
    fn by_verifier(&self, case: &Case, watch: Watch<'_>) -> Diagnosis {
        let seen = Seen::Reply(Reply::Verified(vec![Judgement::accepted()]));
        let observations = [Observation { case: case.clone(), seen }];
        let search = Search::new(&self.bench, &observations, [0], Depth::Outcome, watch);
        let mut tried = Tried::default();
        let rows = search.rows(&mut tried);
        let fits = rows.iter().filter(|row| row.fits() && row.hit.parts.iter().all(|part| part.derives()));
        let found: Vec<Hit<'_>> = fits.map(|row| row.hit.clone()).collect();
        let mut verdict = rank::verdict(&search, found, &mut tried);
        if let Conclusion::Explained(explained) = &mut verdict {
            explained.evidence = evidence::between_verified(&self.bench, &explained.candidates[0].class[0], case);
        }
        Diagnosis { operation: self.bench.name.clone(), observations: 1, verdict, tried }
    }

    /// The diagnosis where the clock was read twice, or in another zone: some fields are those of one time, others those
    /// of another one.
    fn at_another_time(&self, case: &Case, foreign: &Foreign, watch: Watch<'_>) -> Option<Diagnosis> {
        let sent = foreign.task.time.clone()?;
        let base = self.bench.base_under(case.variant.as_deref())?;
        let placed = |time: Option<Time>| {
            let task = SignTask { time, ..foreign.task.clone() };
            let mut same = vec![false; foreign.fields.len()];
            let mut look = |field: &AddedField<'_>| {
                let is_it = |own: &PlacedField| own.into == field.into && own.name == field.name;
                if let Some(i) = foreign.fields.iter().position(is_it) {
                    same[i] = foreign.fields[i].value.as_slice() == field.value;
                }
            };
            let ready = PreparedCase::of(&base.program, &Case { task: Task::Sign(Box::new(task)), ..case.clone() });
            matches!(ready.fields(&base.program, &mut Scratch::default(), &mut look), Some(Ok(()))).then_some(same)
        };
        if foreign.task.request.body.0.len() > LONGEST_BODY {
            return None;
        }
        let own = placed(Some(sent.clone()))?;
        // Where nothing tells the time that was sent, it is not known that it is another one.
        if !own.contains(&true) {
            return None;
        }
        let of = OTHER_TIMES.iter().map(|(_, count)| count * 2).sum();
        let mut done = 0;
        for (unit, count) in OTHER_TIMES {
            for by in (1..=*count as i128).flat_map(|by| [-by, by]) {
                done += 1;
                if !watch(done, of) {
                    return None;
                }
                let at = Instant(sent.instant().0 + by * unit);
                let Ok(signed) = Time::try_from(at.to_string()) else { continue };
                let other = placed(Some(signed.clone()))?;
                if own.iter().zip(&other).all(|(own, other)| *own || *other) {
                    let verdict = Conclusion::AnotherTime { signed, sent };
                    let operation = self.bench.name.clone();
                    return Some(Diagnosis { operation, observations: 1, verdict, tried: Tried::default() });
                }
            }
        }
        None
    }

    /// Adds to the fields of a request those that signing adds under another name, in the header.
    fn find_misnamed(&self, case: &Case, foreign: &mut Foreign) {
        let case = Case { task: Task::Sign(Box::new(foreign.task.clone())), ..case.clone() };
        let Some(base) = self.bench.base_under(case.variant.as_deref()) else { return };
        let headers = &foreign.task.request.headers;
        let mut found = Vec::new();
        let mut look = |field: &AddedField<'_>| {
            let is_there = foreign.fields.iter().any(|own| own.into == field.into && own.name == field.name);
            let same = headers.iter().filter(|(_, value)| !is_there && value.as_slice() == field.value);
            found.extend(same.map(|(name, value)| PlacedField {
                into: Destination::Header,
                name: name.to_string(),
                value: value.clone(),
            }));
        };
        // Where it cannot be signed, there is nothing to look for.
        let _ = self.bench.prepared(&case).fields(&base.program, &mut Scratch::default(), &mut look);
        foreign.fields.extend(found);
    }

    /// The diagnosis where a mistake is in what the request says of its signer: this is then read as the mistaken wrote it.
    fn read_otherwise(
        &self,
        case: &Case,
        foreign: &Foreign,
        signed: &(dyn Fn(SignTask) -> Observation + Sync),
        watch: Watch<'_>,
    ) -> Option<Diagnosis> {
        let singles = &self.bench.singles;
        let done = AtomicUsize::new(0);
        let explained = |scratch: &mut Scratch, single: &Single| {
            if !watch(done.fetch_add(1, Ordering::Relaxed), singles.len()) {
                return None;
            }
            let observation = signed(foreign.read_by(self.bench.implementation(self.bench.made(single), case)?)?);
            Search::explains(&self.bench, single, &observation, scratch).then_some(observation)
        };
        let found = parallel::map_with(singles, Scratch::default, explained).into_iter().flatten().next()?;
        Some(self.diagnose_while(&[found], watch))
    }
}

/// The stages that a one-way step went into, their own or that of a stage that they are made of.
fn signed_stages(operation: &Operation) -> HashSet<String> {
    let mut signed = HashSet::new();
    for (name, stage) in &operation.derive {
        let is_signed = stage.all().iter().any(|part| {
            let mut made_of = part.sources().into_iter().filter_map(|source| source.name_in("stage"));
            part.steps.iter().any(|step| step.item.does.hides()) || made_of.any(|other| signed.contains(other))
        });
        if is_signed {
            signed.insert(name.clone());
        }
    }
    signed
}
