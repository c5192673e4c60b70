//! Subject of a search: observations of one operation, and what candidates answer to them.

use super::answer::{Answer, CandidateEffect, Depth, Wanted};
use super::bench::{Bench, Made, Single};
use super::model::{Explanation, Observation, Part, Seen, Tried, Watch};
use crate::case::Reply;
use crate::parallel;
use crate::scheme::Scratch;
use crate::trial::PreparedCase;
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Observations of one operation and what explains each.
pub(super) struct Search<'b, 'e> {
    pub bench: &'b Bench<'e>,
    /// Observations that say something: those that differ from the scheme first.
    pub observed: Vec<Observed<'b>>,
    /// Number of those that differ from the scheme.
    pub differing: usize,
    /// Numbers of those that are of questions beside vectors.
    questions: Vec<usize>,
    /// How much of judgements is compared.
    pub depth: Depth,
    watch: Watch<'b>,
}

/// Candidates that are tried, so many in all.
pub(super) struct Trial<'b> {
    watch: Watch<'b>,
    of: usize,
    done: AtomicUsize,
}

impl Trial<'_> {
    /// Returns whether there is time for one more.
    pub(super) fn goes_on(&self) -> bool {
        (self.watch)(self.done.fetch_add(1, Ordering::Relaxed), self.of)
    }
}

/// An observation, prepared.
pub(super) struct Observed<'b> {
    /// Its number among all observations.
    pub number: usize,
    pub observation: &'b Observation,
    pub wanted: Wanted,
    /// The same, down to outcomes.
    pub outcome: Wanted,
    /// The vector whose case it is.
    pub probe: Option<usize>,
    /// The case, prepared, and the number of its variant.
    pub ready: PreparedCase,
    pub variant: Option<usize>,
}

/// Parts that together explain every observation.
#[derive(Clone)]
pub(super) struct Hit<'b> {
    pub parts: Vec<&'b Single>,
}

impl<'b> Hit<'b> {
    /// Number of parts (one mistake at several places is one), how many of them are mistakes, and how many of these are
    /// one of several that could be made at the same place: what the document permits comes first, then the plain
    /// mistake.
    pub(super) fn simplicity(&self) -> (usize, usize, usize, usize) {
        let mistakes = self.parts.iter().filter_map(|single| match &single.part {
            Some(Part::Mutant(mutant)) => Some(mutant),
            _ => None,
        });
        let particular = mistakes.clone().filter(|mutant| !mutant.detail.is_empty()).count();
        let kinds: HashSet<_> = mistakes.clone().map(|mutant| mutant.kind()).collect();
        let readings = self.parts.len() - mistakes.clone().count();
        (readings + kinds.len(), kinds.len(), particular, self.parts.len())
    }

    /// The parts as an explanation.
    pub(super) fn explanation(&self) -> Explanation {
        Explanation(self.parts.iter().filter_map(|single| single.part.clone()).collect())
    }

    /// The parts of both.
    pub(super) fn and(&self, other: &Hit<'b>) -> Hit<'b> {
        Hit { parts: self.parts.iter().chain(&other.parts).copied().collect() }
    }

    /// Returns whether both are of the same parts.
    pub(super) fn is_same(&self, other: &Hit<'_>) -> bool {
        let same = |(one, other): (&&Single, &&Single)| std::ptr::eq(*one, *other);
        self.parts.len() == other.parts.len() && self.parts.iter().zip(&other.parts).all(same)
    }

    /// Returns whether both can be made at once.
    pub(super) fn goes_with(&self, other: &Hit<'_>) -> bool {
        self.parts.iter().all(|part| other.parts.iter().all(|another| part.goes_with(another)))
    }
}

impl<'b> Observed<'b> {
    fn of(bench: &Bench<'_>, number: usize, observation: &'b Observation, depth: Depth) -> Observed<'b> {
        let wanted = |depth| Wanted::of(observation, &bench.shown, depth);
        let (wanted, outcome, probe) = (wanted(depth), wanted(Depth::Outcome), bench.probe(&observation.case));
        let (ready, variant) = (bench.prepared(&observation.case), bench.variant(&observation.case));
        Observed { number, observation, wanted, outcome, probe, ready, variant }
    }

    fn answer_of(&self, bench: &Bench<'_>, made: &Made, scratch: &mut Scratch) -> Answer {
        match bench.implementation(made, &self.observation.case) {
            Some(implementation) => self.wanted.seen(&self.ready, &implementation.program, scratch),
            None => Answer::of(&Reply::Error(String::new())),
        }
    }

    /// Returns what a candidate of one part answers to it.
    fn single_answer<'s>(&self, bench: &Bench<'_>, single: &'s Single, scratch: &mut Scratch) -> Cow<'s, Answer> {
        match self.probe {
            Some(probe) => Cow::Borrowed(bench.single_answer(single, probe, scratch)),
            None => Cow::Owned(self.answer_of(bench, bench.made(single), scratch)),
        }
    }
}

impl<'b, 'e> Search<'b, 'e> {
    /// Returns whether a candidate of one part explains an observation.
    pub(super) fn explains(
        bench: &Bench<'_>,
        single: &Single,
        observation: &Observation,
        scratch: &mut Scratch,
    ) -> bool {
        let observed = Observed::of(bench, 0, observation, Depth::Whole);
        observed.wanted.explained_by(&observed.single_answer(bench, single, scratch))
    }

    /// Of observations by their numbers, compared so far.
    pub(super) fn new(
        bench: &'b Bench<'e>,
        observations: &'b [Observation],
        numbers: impl IntoIterator<Item = usize>,
        depth: Depth,
        watch: Watch<'b>,
    ) -> Search<'b, 'e> {
        let says = |number: &usize| !matches!(observations[*number].seen, Seen::Reply(Reply::Skipped(_)));
        let observed = |number: usize| Observed::of(bench, number, &observations[number], depth);
        let observed = numbers.into_iter().filter(says).map(observed).collect();
        let mut search = Search { bench, observed, differing: 0, questions: Vec::new(), depth, watch };
        let mut scratch = Scratch::default();
        let (differing, agreeing): (Vec<_>, Vec<_>) =
            std::mem::take(&mut search.observed).into_iter().partition(|observed| {
                !observed.wanted.explained_by(&search.single_answer(&bench.base, observed, &mut scratch))
            });
        search.differing = differing.len();
        search.observed = differing.into_iter().chain(agreeing).collect();
        if search.observed.iter().any(|it| it.probe.is_some()) {
            let asked = search.observed.iter().enumerate().filter(|(_, it)| it.probe.is_none());
            search.questions = asked.map(|(k, _)| k).collect();
        }
        search
    }

    /// Begins to try so many candidates.
    pub(super) fn trial(&self, of: usize) -> Trial<'b> {
        Trial { watch: self.watch, of, done: AtomicUsize::new(0) }
    }

    /// Returns what a candidate of one part answers to an observed case.
    pub(super) fn single_answer<'s>(
        &self,
        single: &'s Single,
        observed: &Observed<'_>,
        scratch: &mut Scratch,
    ) -> Cow<'s, Answer> {
        observed.single_answer(self.bench, single, scratch)
    }

    /// Number of observations, and of those that differ from the scheme; without questions beside vectors, whose number
    /// depends on the secrets.
    pub(super) fn told(&self) -> (usize, usize) {
        (self.observed.len() - self.questions.len(), self.told_of(|_| true))
    }

    /// Number of those that differ of which this is so, counted likewise.
    pub(super) fn told_of(&self, is_so: impl Fn(usize) -> bool) -> usize {
        (0..self.differing).filter(|k| !self.questions.contains(k) && is_so(*k)).count()
    }

    /// Numbers of the observations that differ from the scheme.
    pub(super) fn differing(&self) -> impl Iterator<Item = usize> {
        self.observed[..self.differing].iter().map(|observed| observed.number)
    }

    /// Numbers of the observations that do not.
    pub(super) fn agreeing(&self) -> impl Iterator<Item = usize> {
        self.observed[self.differing..].iter().map(|observed| observed.number)
    }
}

/// Parts that are one mistake, and what they do to each observed case, in the order of the search.
#[derive(Clone)]
pub(super) struct CandidateRow<'b> {
    pub hit: Hit<'b>,
    pub effects: Vec<CandidateEffect>,
    /// Its answers, as far as they are wanted.
    pub answers: Vec<Answer>,
}

impl CandidateRow<'_> {
    /// Returns whether it explains all.
    pub(super) fn fits(&self) -> bool {
        self.effects.iter().all(|effect| effect.fits)
    }

    /// Number of observations that speak against it, since the scheme explains what it would change.
    pub(super) fn refuted(&self) -> usize {
        self.effects.iter().filter(|effect| effect.refuted).count()
    }
}

/// Number of observations that speak against a candidate, from which on the others are not looked at.
pub(super) const MOST_REFUTED: usize = 8;

impl<'b> Search<'b, '_> {
    /// What parts do to each observation, and their answers: to what differs first. Where that is nothing, and once so
    /// many observations speak against it, the others are left out.
    fn effects(
        &self,
        parts: &[&'b Single],
        base: &[Answer],
        most_refuted: usize,
        scratch: &mut Scratch,
    ) -> (Vec<CandidateEffect>, Vec<Answer>) {
        let together = if let [_] = parts[..] { None } else { self.bench.make(parts) };
        let (mut effects, mut answers) = (Vec::with_capacity(base.len()), Vec::with_capacity(base.len()));
        let mut refuted = 0;
        for (k, (observed, base)) in self.observed.iter().zip(base).enumerate() {
            if refuted >= most_refuted
                || k == self.differing && !effects.iter().any(|it: &CandidateEffect| it.changes())
            {
                break;
            }
            let own = match &together {
                Some(made) => Cow::Owned(observed.answer_of(self.bench, made, scratch)),
                None => self.single_answer(parts[0], observed, scratch),
            };
            effects.push(observed.wanted.effect(base, &own));
            answers.push(observed.wanted.of_these(&own));
            refuted += usize::from(effects[k].refuted);
        }
        effects.resize(base.len(), CandidateEffect::default());
        // Who accepts what a mistake signs makes it; what else is wrong may hide it in another message.
        if self.questions.iter().any(|k| effects[*k].supported) {
            for k in self.questions.iter().filter(|k| effects[**k].refuted).collect::<Vec<_>>() {
                effects[*k] = CandidateEffect { fits: true, ..CandidateEffect::default() };
            }
        }
        answers.resize(base.len(), Answer::default());
        (effects, answers)
    }

    /// What a candidate does to every observation.
    pub(super) fn all_effects(&self, hit: &Hit<'b>) -> Vec<CandidateEffect> {
        let mut scratch = Scratch::default();
        self.effects(&hit.parts, &self.base_answers(), usize::MAX, &mut scratch).0
    }

    fn base_answers(&self) -> Vec<Answer> {
        let mut scratch = Scratch::default();
        self.observed.iter().map(|o| self.single_answer(&self.bench.base, o, &mut scratch).into_owned()).collect()
    }

    /// What readings, mistakes, and mistakes that are made at several places at once do; nothing of those for which
    /// there is no time, which are counted.
    pub(super) fn rows(&self, tried: &mut Tried) -> Vec<CandidateRow<'b>> {
        let groups = self.bench.groups();
        let singles = self.bench.singles.iter().map(|single| vec![single]);
        let hits: Vec<Vec<&'b Single>> = singles.chain(groups).collect();
        let base = self.base_answers();
        let trial = self.trial(hits.len());
        let row = |scratch: &mut Scratch, parts: &Vec<&'b Single>| {
            trial.goes_on().then(|| self.effects(parts, &base, MOST_REFUTED, scratch))
        };
        let effects = parallel::map_with(&hits, Scratch::default, row);
        let mut rows = Vec::new();
        for (parts, effects) in hits.into_iter().zip(effects) {
            match (&effects, &parts[0].part) {
                (None, _) => tried.out_of_time += 1,
                (Some(_), Some(Part::Reading(_))) => tried.readings += 1,
                (Some(_), _) => tried.mutants += 1,
            }
            rows.extend(effects.map(|(effects, answers)| CandidateRow { hit: Hit { parts }, effects, answers }));
        }
        rows
    }
}
