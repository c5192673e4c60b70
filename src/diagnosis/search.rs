//! Subject of a search: observations of one operation, and what candidates answer to them.

use super::answer::{Answer, Wanted};
use super::bench::{Bench, Single};
use super::model::{Observation, Seen, Watch};
use crate::case::Reply;
use crate::scheme::Scratch;
use crate::trial::PreparedCase;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Observations of one operation and what explains each.
pub(super) struct Search<'b, 'e> {
    pub bench: &'b Bench<'e>,
    /// Observations that say something: those that differ from the scheme first.
    pub observed: Vec<Observed<'b>>,
    /// Number of those that differ from the scheme.
    pub differing: usize,
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
    pub observation: &'b Observation,
    pub wanted: Wanted,
    /// The vector whose case it is.
    probe: Option<usize>,
    /// The case, prepared, and the number of its variant.
    pub ready: PreparedCase,
    pub variant: Option<usize>,
}

/// Parts that together explain every observation.
pub(super) struct Hit<'b> {
    pub parts: Vec<&'b Single>,
}

impl<'b> Observed<'b> {
    fn of(bench: &Bench<'_>, observation: &'b Observation) -> Observed<'b> {
        let (wanted, probe) = (Wanted::of(observation, &bench.shown), bench.probe(&observation.case));
        let (ready, variant) = (bench.prepared(&observation.case), bench.variant(&observation.case));
        Observed { observation, wanted, probe, ready, variant }
    }

    /// Returns what a candidate of one part answers to it.
    fn single_answer(&self, bench: &Bench<'_>, single: &Single, scratch: &mut Scratch) -> Answer {
        match self.probe {
            Some(probe) => bench.single_answers(single)[probe].clone(),
            None => match bench.implementation(bench.made(single), &self.observation.case) {
                Some(implementation) => self.wanted.seen(&self.ready, &implementation.program, scratch),
                None => Answer::of(&Reply::Error(String::new())),
            },
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
        let observed = Observed::of(bench, observation);
        observed.wanted.explained_by(&observed.single_answer(bench, single, scratch))
    }

    pub(super) fn new(bench: &'b Bench<'e>, observations: &'b [Observation], watch: Watch<'b>) -> Search<'b, 'e> {
        let says = |o: &&Observation| !matches!(o.seen, Seen::Reply(Reply::Skipped(_)));
        let observed = observations.iter().filter(says).map(|observation| Observed::of(bench, observation));
        let mut search = Search { bench, observed: observed.collect(), differing: 0, watch };
        let mut scratch = Scratch::default();
        let (differing, agreeing): (Vec<_>, Vec<_>) =
            std::mem::take(&mut search.observed).into_iter().partition(|observed| {
                !observed.wanted.explained_by(&search.single_answer(&bench.base, observed, &mut scratch))
            });
        search.differing = differing.len();
        search.observed = differing.into_iter().chain(agreeing).collect();
        search
    }

    /// Begins to try so many candidates.
    pub(super) fn trial(&self, of: usize) -> Trial<'b> {
        Trial { watch: self.watch, of, done: AtomicUsize::new(0) }
    }

    /// Returns what a candidate of one part answers to an observed case.
    pub(super) fn single_answer(&self, single: &Single, observed: &Observed<'_>, scratch: &mut Scratch) -> Answer {
        observed.single_answer(self.bench, single, scratch)
    }
}
