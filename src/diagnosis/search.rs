//! What a search looks at: observations of one operation, and what candidates answer to them.

use super::answer::{Answer, Wanted};
use super::bench::{Bench, Single};
use super::model::{Observation, Seen};
use crate::scheme::Scratch;
use crate::subject::{PreparedCase, Reply};

/// Observations of one operation and what explains each.
pub(super) struct Search<'b, 'e> {
    pub bench: &'b Bench<'e>,
    /// Observations that say something: those that differ from the scheme first.
    pub observed: Vec<Observed<'b>>,
    /// How many of them differ from the scheme.
    pub differing: usize,
}

/// An observation, prepared.
pub(super) struct Observed<'b> {
    pub observation: &'b Observation,
    pub wanted: Wanted,
    /// The vector whose case it is.
    probe: Option<usize>,
    /// The case, prepared, and the number of its variant.
    pub ready: PreparedCase,
    pub variant: Option<usize>,
}

/// Parts that together explain every observation.
pub(super) struct Found<'b> {
    pub parts: Vec<&'b Single>,
}

impl<'b> Observed<'b> {
    fn of(bench: &Bench<'_>, observation: &'b Observation) -> Observed<'b> {
        let (wanted, probe) = (Wanted::of(observation, &bench.shown), bench.probe(&observation.case));
        let (ready, variant) = (bench.prepared(&observation.case), bench.variant(&observation.case));
        Observed { observation, wanted, probe, ready, variant }
    }

    /// What a candidate of one part answers to it.
    fn single_answer(&self, bench: &Bench<'_>, single: &Single, scratch: &mut Scratch) -> Answer {
        match self.probe {
            Some(probe) => bench.single_answers(single)[probe].clone(),
            None => Answer::of(&bench.reply_to(bench.made(single), &self.observation.case, &self.ready, scratch)),
        }
    }
}

impl<'b, 'e> Search<'b, 'e> {
    /// Whether a candidate of one part explains an observation.
    pub(super) fn explains(
        bench: &Bench<'_>,
        single: &Single,
        observation: &Observation,
        scratch: &mut Scratch,
    ) -> bool {
        let observed = Observed::of(bench, observation);
        observed.wanted.explained_by(&observed.single_answer(bench, single, scratch))
    }

    pub(super) fn new(bench: &'b Bench<'e>, observations: &'b [Observation]) -> Search<'b, 'e> {
        let says = |o: &&Observation| !matches!(o.seen, Seen::Reply(Reply::Skipped(_)));
        let observed = observations.iter().filter(says).map(|observation| Observed::of(bench, observation));
        let mut search = Search { bench, observed: observed.collect(), differing: 0 };
        let mut scratch = Scratch::default();
        let (differing, agreeing): (Vec<_>, Vec<_>) =
            std::mem::take(&mut search.observed).into_iter().partition(|observed| {
                !observed.wanted.explained_by(&search.single_answer(&bench.base, observed, &mut scratch))
            });
        search.differing = differing.len();
        search.observed = differing.into_iter().chain(agreeing).collect();
        search
    }

    /// What a candidate of one part answers to an observed case.
    pub(super) fn single_answer(&self, single: &Single, observed: &Observed<'_>, scratch: &mut Scratch) -> Answer {
        observed.single_answer(self.bench, single, scratch)
    }
}
