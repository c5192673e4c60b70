//! Causes: what explains the observations of an operation, what passed included.
//!
//! Signing and verifying are two pieces of code: each is explained by its own evidence, unless one mistake explains
//! both. Of judgements, acceptance and refusal come first, then the reasons that are given.

use super::answer::{CandidateEffect, Depth};
use super::covering::{MOST_CAUSES, covering};
use super::diagnoser::Diagnoser;
use super::model::{Conclusion, Diagnosis, Explained, Observation, OtherReason, Seen, Tried, Watch};
use super::pairs::Pair;
use super::search::{CandidateRow, Hit, Search};
use super::{evidence, pairs, rank};
use crate::case::{Case, Judgement, Reply, Signed, Task};
use crate::scheme::{Class, Refused, Scratch};
use std::collections::{BTreeMap, BTreeSet};

/// Explanation of some of the differences, or the differences that nothing explains.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Diagnosis of them; [`Conclusion::Unexplained`] where nothing is one.
    pub diagnosis: Diagnosis,
    /// Numbers of the observations that it explains, or that nothing does.
    pub members: Vec<usize>,
}

impl Diagnoser<'_> {
    /// Sorts observations that differ from the scheme by what explains them. What does not differ counts as much: where
    /// it would, had a mistake been made, the mistake was not made. What is left untried once the watch says so
    /// explains nothing.
    pub fn causes(&self, observations: &[Observation], watch: Watch<'_>) -> Vec<Cause> {
        let sorting = CauseSearch { diagnoser: self, observations, watch };
        let signs = |i: &usize| matches!(observations[*i].case.task, Task::Sign(_));
        let (signed, verified): (Vec<usize>, Vec<usize>) = (0..observations.len()).partition(signs);
        let differs = |side: &[usize]| sorting.search(side.iter().copied(), Depth::Whole).differing > 0;
        if differs(&signed) && differs(&verified) {
            let both = sorting.search(0..observations.len(), Depth::Whole);
            let mut tried = Tried::default();
            let found = alone(&both.rows(&mut tried));
            if !found.is_empty() {
                return vec![sorting.cause(&both, found, tried)];
            }
        }
        let mut causes = sorting.signed(signed);
        for cause in sorting.verified(verified) {
            match causes.iter_mut().find(|other| is_same(&other.diagnosis, &cause.diagnosis)) {
                Some(other) => other.members.extend(cause.members),
                None => causes.push(cause),
            }
        }
        causes
    }
}

/// Returns whether two diagnoses name the same mistake first.
fn is_same(one: &Diagnosis, other: &Diagnosis) -> bool {
    let first = |diagnosis: &Diagnosis| match &diagnosis.verdict {
        Conclusion::Explained(explained) => {
            Some(explained.candidates[0].class[0].0.iter().map(|part| part.id().to_owned()).collect::<Vec<_>>())
        }
        _ => None,
    };
    first(one).is_some() && first(one) == first(other)
}

/// Mistakes each of which explains all.
fn alone<'b>(rows: &[CandidateRow<'b>]) -> Vec<Hit<'b>> {
    rows.iter().filter(|row| row.fits()).map(|row| row.hit.clone()).collect()
}

struct CauseSearch<'d, 'e> {
    diagnoser: &'d Diagnoser<'e>,
    observations: &'d [Observation],
    watch: Watch<'d>,
}

impl<'d, 'e> CauseSearch<'d, 'e> {
    fn search(&self, numbers: impl IntoIterator<Item = usize>, depth: Depth) -> Search<'d, 'e> {
        Search::new(&self.diagnoser.bench, self.observations, numbers, depth, self.watch)
    }

    fn diagnosis(&self, search: &Search<'_, '_>, verdict: Conclusion, tried: Tried) -> Diagnosis {
        let operation = self.diagnoser.operation().to_owned();
        Diagnosis { operation, observations: search.told().0, verdict, tried }
    }

    /// The cause of all that differs in a search.
    fn cause(&self, search: &Search<'_, '_>, found: Vec<Hit<'_>>, mut tried: Tried) -> Cause {
        let verdict = rank::verdict(search, found, &mut tried);
        Cause { diagnosis: self.diagnosis(search, verdict, tried), members: search.differing().collect() }
    }

    fn unexplained(&self, search: &Search<'_, '_>, rows: &[CandidateRow<'_>], tried: Tried) -> Cause {
        let mut unexplained = evidence::unexplained(search);
        unexplained.nearest = evidence::nearest(search, rows);
        let verdict = Conclusion::Unexplained(unexplained);
        Cause { diagnosis: self.diagnosis(search, verdict, tried), members: search.differing().collect() }
    }

    /// Causes of what differs in signed requests. That a mistake gives just the value that was seen is no coincidence,
    /// whatever else is wrong.
    fn signed(&self, numbers: Vec<usize>) -> Vec<Cause> {
        let mut search = self.search(numbers, Depth::Whole);
        let mut causes = Vec::new();
        while search.differing > 0 {
            let mut tried = Tried::default();
            let rows = search.rows(&mut tried);
            let found = alone(&rows);
            if !found.is_empty() {
                causes.push(self.cause(&search, found, tried));
                break;
            }
            // A single mistake beside what the verifier permits is simpler than two.
            let (by_verifier, left) = self.by_verifier(&search);
            if left.is_empty() {
                causes.extend(by_verifier);
                break;
            }
            let found = pairs::search(&search, &rows, &mut tried);
            if !found.is_empty() {
                causes.extend(self.two(&search, &rows, found, tried));
                break;
            }
            let explains = |row: &CandidateRow<'_>| -> Vec<usize> {
                let differing = row.effects[..search.differing].iter().enumerate();
                differing.filter(|(_, effect)| effect.fits).map(|(k, _)| search.observed[k].number).collect()
            };
            let best = rows.iter().filter(|row| row.refuted() == 0).map(explains).max_by_key(Vec::len);
            let Some(members) = best.filter(|members| !members.is_empty() && causes.len() < MOST_CAUSES) else {
                let part = self.search(left.into_iter().chain(search.agreeing()), Depth::Whole);
                let rows = if by_verifier.is_empty() { rows } else { part.rows(&mut Tried::default()) };
                causes.extend(by_verifier);
                causes.push(self.unexplained(&part, &rows, tried));
                break;
            };
            let same = rows.iter().filter(|row| row.refuted() == 0 && explains(row) == members);
            let same: Vec<&CandidateRow<'_>> = same.collect();
            // In what is left another mistake may be made too.
            let found = pairs::with(&search, &rows, &same, &mut tried);
            if !found.is_empty() {
                causes.extend(self.two(&search, &rows, found, tried));
                break;
            }
            let found: Vec<Hit<'_>> = same.into_iter().map(|row| row.hit.clone()).collect();
            let part = self.search(members.iter().copied().chain(search.agreeing()), Depth::Whole);
            causes.push(self.cause(&part, found, tried));
            let left: Vec<usize> = search.differing().filter(|number| !members.contains(number)).collect();
            search = self.search(left.into_iter().chain(search.agreeing()), Depth::Whole);
        }
        causes
    }

    /// Causes of what differs in signed requests, and what they leave: mistakes with which the verifier would derive the
    /// signature that was sent. What a signer does otherwise and the verifier permits, such as to sign more fields, does
    /// not hide its mistake here.
    fn by_verifier(&self, signed: &Search<'_, '_>) -> (Vec<Cause>, Vec<usize>) {
        let sent = |number: &usize| {
            let observation = &self.observations[*number];
            let (Task::Sign(task), Seen::Reply(Reply::Signed(Signed { signed_request: Some(request), .. }))) =
                (&observation.case.task, &observation.seen)
            else {
                return None;
            };
            let task = Task::Verify(task.sent(request.clone(), task.account.listed()));
            let case = Case { task, ..observation.case.clone() };
            let seen = Seen::Reply(Reply::Verified(vec![Judgement::accepted()]));
            Some((*number, Observation { case, seen }))
        };
        let all = signed.observed.iter().map(|observed| observed.number);
        let (numbers, observations): (Vec<usize>, Vec<Observation>) = all.filter_map(|number| sent(&number)).unzip();
        let bench = &self.diagnoser.bench;
        let whole = Search::new(bench, &observations, 0..observations.len(), Depth::Outcome, self.watch);
        let mut tried = Tried::default();
        let mut rows = if whole.differing == 0 { Vec::new() } else { whole.rows(&mut tried) };
        rows.retain(|row| row.refuted() == 0 && row.hit.parts.iter().all(|part| part.derives()));
        let mut left: Vec<usize> = (0..whole.differing).collect();
        let mut causes = Vec::new();
        loop {
            let explains = |row: &CandidateRow<'_>| -> Vec<usize> {
                left.iter().copied().filter(|&k| row.effects[k].fits).collect()
            };
            let members = rows.iter().map(explains).max_by_key(Vec::len).unwrap_or_default();
            if members.is_empty() || causes.len() == MOST_CAUSES {
                break;
            }
            let found: Vec<Hit<'_>> =
                rows.iter().filter(|row| explains(row) == members).map(|row| row.hit.clone()).collect();
            left.retain(|k| !members.contains(k));
            let differing = members.iter().map(|&k| whole.observed[k].number);
            let part = Search::new(bench, &observations, differing.chain(whole.agreeing()), Depth::Outcome, self.watch);
            let mut cause = self.cause(&part, found, tried);
            let first = &part.observed[0].observation.case;
            if let Conclusion::Explained(explained) = &mut cause.diagnosis.verdict {
                explained.evidence = evidence::between_verified(bench, &explained.candidates[0].class[0], first);
            }
            cause.members.iter_mut().for_each(|member| *member = numbers[*member]);
            causes.push(cause);
        }
        // What is left may be refused for something beside its signature.
        let mut beside: Vec<(Refused, Vec<usize>)> = Vec::new();
        for k in left {
            let Some(refused) = self.diagnoser.refused_beside(&whole.observed[k].observation.case) else { continue };
            let number = whole.observed[k].number;
            match beside.iter_mut().find(|(other, _)| other.check == refused.check) {
                Some((_, members)) => members.push(number),
                None => beside.push((refused, vec![number])),
            }
        }
        for (refused, members) in beside {
            let part = Search::new(bench, &observations, members.iter().copied(), Depth::Outcome, self.watch);
            let diagnosis = self.diagnosis(&part, Conclusion::Refused(refused), tried);
            causes.push(Cause { diagnosis, members: members.into_iter().map(|number| numbers[number]).collect() });
        }
        let named: BTreeSet<usize> = causes.iter().flat_map(|cause: &Cause| cause.members.iter().copied()).collect();
        (causes, signed.differing().filter(|number| !named.contains(number)).collect())
    }

    /// Causes of what differs in judgements. That a mistake accepts or refuses as was seen says little: nothing may
    /// speak against it.
    fn verified(&self, numbers: Vec<usize>) -> Vec<Cause> {
        let (mut causes, numbers) = self.refuses_all(numbers);
        let whole = self.search(numbers, Depth::Whole);
        if whole.differing == 0 {
            return causes;
        }
        let mut tried = Tried::default();
        let rows = whole.rows(&mut tried);
        let found = alone(&rows);
        if !found.is_empty() {
            causes.push(self.cause(&whole, found, tried));
            return causes;
        }
        let numbers: Vec<usize> = whole.observed.iter().map(|observed| observed.number).collect();
        let outcome = self.search(numbers.iter().copied(), Depth::Outcome);
        causes.extend(self.outcomes(&outcome, &whole, &rows));
        // What is left differs in the reasons alone.
        let named: BTreeSet<usize> = causes.iter().flat_map(|cause| cause.members.iter().copied()).collect();
        let explained = causes.iter().filter_map(|cause| match &cause.diagnosis.verdict {
            Conclusion::Explained(explained) => Some(explained),
            _ => None,
        });
        let explained: Vec<&Explained> = explained.collect();
        let follows = |k: usize| {
            let of = |row: &&CandidateRow<'_>| {
                let ids = row.hit.explanation().0.into_iter().map(|part| part.id().to_owned());
                let ids: Vec<String> = ids.collect();
                explained.iter().any(|explained| {
                    let first = &explained.candidates[0].class[0].0;
                    first.len() == ids.len() && first.iter().zip(&ids).all(|(part, id)| part.id() == id)
                })
            };
            rows.iter().filter(of).any(|row| row.effects[k].fits)
        };
        let left = (0..whole.differing).filter(|&k| !named.contains(&whole.observed[k].number) && !follows(k));
        let left: Vec<usize> = left.map(|k| whole.observed[k].number).collect();
        causes.extend(self.reasons(left, whole.agreeing().collect()));
        causes
    }

    /// Causes of what is accepted or refused wrongly; what the search and its rows say of the reasons counts where the
    /// subject gives those of the scheme.
    fn outcomes(&self, search: &Search<'_, '_>, whole: &Search<'_, '_>, reasons: &[CandidateRow<'_>]) -> Vec<Cause> {
        if search.differing == 0 {
            return Vec::new();
        }
        let mut tried = Tried::default();
        let any = search.rows(&mut tried);
        // A mistake for which the refusals have the class that was seen comes before one for which they have another.
        let rows = self.with_reasons(search, &any, whole, reasons);
        let rows = if alone(&rows).is_empty() && !alone(&any).is_empty() { any } else { rows };
        let found = alone(&rows);
        if !found.is_empty() {
            return vec![self.cause(search, found, tried)];
        }
        if let Some(verdict) = self.accepts_all(search) {
            let diagnosis = self.diagnosis(search, verdict, tried);
            return vec![Cause { diagnosis, members: search.differing().collect() }];
        }
        let (covering, left) = covering(search, &rows);
        if !left.is_empty() {
            let found = pairs::search(search, &rows, &mut tried);
            if !found.is_empty() {
                return self.two(search, &rows, found, tried);
            }
        }
        let part = |numbers: &[usize]| self.search(numbers.iter().copied().chain(search.agreeing()), search.depth);
        let mut causes: Vec<Cause> =
            covering.into_iter().map(|(found, members)| self.cause(&part(&members), found, tried)).collect();
        if !left.is_empty() {
            let part = part(&left);
            let rows = part.rows(&mut Tried::default());
            causes.push(self.unexplained(&part, &rows, tried));
        }
        causes
    }

    /// Two mistakes, each with the evidence for it, where there is such; both as one otherwise.
    fn two<'b>(
        &self,
        search: &Search<'b, '_>,
        rows: &[CandidateRow<'b>],
        found: Vec<Pair<'b>>,
        tried: Tried,
    ) -> Vec<Cause> {
        let as_one = || found.iter().map(|[one, other]| one.and(other)).collect();
        let Some(sides) = sides(&found) else { return vec![self.cause(search, as_one(), tried)] };
        let members = |hits: &[Hit<'b>]| -> Vec<usize> {
            let own = rows.iter().find(|row| row.hit.is_same(&hits[0]));
            let differing = own.into_iter().flat_map(|row| row.effects[..search.differing].iter().enumerate());
            differing.filter(|(_, effect)| effect.fits).map(|(k, _)| search.observed[k].number).collect()
        };
        let shown = sides.each_ref().map(|hits| members(hits));
        if shown.iter().any(Vec::is_empty) {
            return vec![self.cause(search, as_one(), tried)];
        }
        let [first, second] = sides;
        // What shows both at once is told of the first.
        let both: Vec<usize> = search.differing().filter(|number| shown.iter().all(|s| !s.contains(number))).collect();
        let mut causes: Vec<Cause> = [first, second]
            .into_iter()
            .zip(&shown)
            .map(|(hits, shown)| {
                let part = self.search(shown.iter().copied().chain(search.agreeing()), search.depth);
                self.cause(&part, hits, tried)
            })
            .collect();
        causes[0].members.extend(both);
        causes
    }

    /// Takes out the messages of which all that are right are refused, in all or in one variant: why cannot be told
    /// from judgements.
    fn refuses_all(&self, numbers: Vec<usize>) -> (Vec<Cause>, Vec<usize>) {
        let shows_stages = |number: &usize| match &self.observations[*number].seen {
            Seen::Reply(Reply::Verified(results)) => results.iter().any(|result| !result.stages.is_empty()),
            _ => false,
        };
        if numbers.iter().any(shows_stages) {
            return (Vec::new(), numbers);
        }
        let all = self.refused(&numbers);
        let mut by_variant: BTreeMap<Option<String>, Vec<usize>> = BTreeMap::new();
        for number in &numbers {
            by_variant.entry(self.observations[*number].case.variant.clone()).or_default().push(*number);
        }
        let several = by_variant.len() > 1;
        let groups: Vec<(Option<String>, Vec<usize>)> = match all {
            Some(_) => vec![(None, numbers.clone())],
            None if several => by_variant.into_iter().collect(),
            None => Vec::new(),
        };
        let (mut causes, mut left) = (Vec::new(), numbers);
        for (variant, group) in groups {
            let Some(messages) = self.refused(&group) else { continue };
            let search = self.search(group.iter().copied(), Depth::Whole);
            let verdict = Conclusion::Indifferent { accepts: false, messages, variant };
            let diagnosis = self.diagnosis(&search, verdict, Tried::default());
            causes.push(Cause { diagnosis, members: search.differing().collect() });
            left.retain(|number| !group.contains(number));
        }
        (causes, left)
    }

    /// Number of messages that are right, where all are refused, and no wrong one is accepted: that would say more.
    fn refused(&self, numbers: &[usize]) -> Option<usize> {
        let right = self.judged(numbers).filter(|(own, seen)| own.accept || seen.accept);
        let right: Vec<Judgement> = right.map(|(_, seen)| seen).collect();
        (right.len() > 1 && right.iter().all(|seen| !seen.accept)).then_some(right.len())
    }

    fn accepts_all(&self, search: &Search<'_, '_>) -> Option<Conclusion> {
        let numbers: Vec<usize> = search.observed.iter().map(|observed| observed.number).collect();
        let wrong: Vec<bool> =
            self.judged(&numbers).filter(|(own, _)| !own.accept).map(|(_, seen)| seen.accept).collect();
        let all = wrong.len() > 1 && wrong.iter().all(|accepted| *accepted);
        all.then_some(Conclusion::Indifferent { accepts: true, messages: wrong.len(), variant: None })
    }

    /// Rows in which a refusal is explained only with the class that was seen, where the subject gives those of the scheme.
    fn with_reasons<'b>(
        &self,
        search: &Search<'b, '_>,
        rows: &[CandidateRow<'b>],
        whole: &Search<'_, '_>,
        reasons: &[CandidateRow<'_>],
    ) -> Vec<CandidateRow<'b>> {
        let mut rows = rows.to_vec();
        if !self.gives_reasons(search) {
            return rows;
        }
        for (row, reasons) in rows.iter_mut().zip(reasons).filter(|(row, reasons)| row.hit.is_same(&reasons.hit)) {
            for (effect, observed) in row.effects.iter_mut().zip(&search.observed).filter(|(it, _)| it.refuses) {
                let same = whole.observed.iter().position(|other| other.number == observed.number);
                if same.is_some_and(|k| !reasons.effects[k].fits) {
                    *effect = CandidateEffect { conflicts: true, ..CandidateEffect::default() };
                }
            }
        }
        rows
    }

    /// Returns whether the class of nearly every refusal that both agree on is the scheme's, and not always the same.
    fn gives_reasons(&self, search: &Search<'_, '_>) -> bool {
        let numbers: Vec<usize> = search.observed.iter().map(|observed| observed.number).collect();
        let classes = self.judged(&numbers).filter_map(|(own, seen)| Some((own.class?, seen.class?)));
        let classes: Vec<(Class, Class)> = classes.collect();
        let same = classes.iter().filter(|(own, seen)| own == seen).count();
        classes.iter().any(|(_, seen)| *seen != classes[0].1) && same * 10 >= classes.len() * 9
    }

    /// The scheme's judgement of each message, and the one that was seen.
    fn judged(&self, numbers: &[usize]) -> impl Iterator<Item = (Judgement, Judgement)> {
        let bench = &self.diagnoser.bench;
        let mut scratch = Scratch::default();
        numbers.iter().flat_map(move |&number| {
            let observation = &self.observations[number];
            let base = bench.reply(bench.made(&bench.base), &observation.case, &mut scratch);
            match (base, &observation.seen) {
                (Reply::Verified(own), Seen::Reply(Reply::Verified(seen))) => {
                    own.into_iter().zip(seen.iter().cloned()).collect::<Vec<_>>()
                }
                _ => Vec::new(),
            }
        })
    }

    /// Causes of refusals of which only the reasons differ.
    fn reasons(&self, left: Vec<usize>, agreeing: Vec<usize>) -> Option<Cause> {
        if left.is_empty() {
            return None;
        }
        let search = self.search(left.iter().copied().chain(agreeing), Depth::Whole);
        let mut tried = Tried::default();
        let found = alone(&search.rows(&mut tried));
        if !found.is_empty() {
            return Some(self.cause(&search, found, tried));
        }
        let mut reasons: Vec<OtherReason> = Vec::new();
        for (own, seen) in self.judged(&left) {
            let (expected, found) = differing_reasons(&own, &seen);
            match reasons.iter_mut().find(|reason| (&reason.expected, &reason.found) == (&expected, &found)) {
                _ if expected == found => {}
                Some(reason) => reason.messages += 1,
                None => reasons.push(OtherReason { expected, found, messages: 1 }),
            }
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.messages));
        let diagnosis = self.diagnosis(&search, Conclusion::OtherReasons(reasons), tried);
        Some(Cause { diagnosis, members: left })
    }
}

/// What is said of a refusal, as far as both say it and say it differently.
fn differing_reasons(own: &Judgement, seen: &Judgement) -> (String, String) {
    let class = |judgement: &Judgement| judgement.class.map(|class| class.to_string());
    let reply =
        |judgement: &Judgement| Some(if judgement.reply.is_error() { "an error" } else { "no error" }.to_owned());
    let parts = [
        ("class", class(own), class(seen)),
        ("status", own.status.clone(), seen.status.clone()),
        ("code", own.code.clone(), seen.code.clone()),
        ("message", own.message.clone(), seen.message.clone()),
        ("the sender gets", reply(own), reply(seen)),
    ];
    let differing = parts.into_iter().filter(|(_, own, seen)| seen.is_some() && own != seen);
    let named = |what: &str, value: Option<String>| format!("{what} `{}`", value.unwrap_or_else(|| "none".into()));
    let words = differing.map(|(what, own, seen)| (named(what, own), named(what, seen)));
    let (own, seen): (Vec<String>, Vec<String>) = words.unzip();
    (own.join(", "), seen.join(", "))
}

/// Splits pairs into the mistakes that stand first and those that stand second, where every one of the first goes
/// with every one of the second.
fn sides<'b>(found: &[Pair<'b>]) -> Option<[Vec<Hit<'b>>; 2]> {
    let partners = |of: &Hit<'b>| -> Vec<Hit<'b>> {
        let other = |[one, other]: &Pair<'b>| match (one.is_same(of), other.is_same(of)) {
            (true, _) => Some(other.clone()),
            (_, true) => Some(one.clone()),
            _ => None,
        };
        found.iter().filter_map(other).collect()
    };
    let mut all: Vec<(Hit<'b>, Vec<Hit<'b>>)> = Vec::new();
    for hit in found.iter().flatten() {
        if !all.iter().any(|(known, _)| known.is_same(hit)) {
            all.push((hit.clone(), partners(hit)));
        }
    }
    let first = all.iter().min_by_key(|(hit, partners)| (std::cmp::Reverse(partners.len()), hit.simplicity()))?;
    let second = first.1.clone();
    let has_all = |own: &[Hit<'b>]| second.iter().all(|other| own.iter().any(|partner| partner.is_same(other)));
    let firsts = all.iter().filter(|(_, own)| has_all(own)).map(|(hit, _)| hit.clone()).collect();
    Some([firsts, second])
}
