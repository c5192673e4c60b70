//! Causes: differences sorted by what explains them, one cause for all that has one.

use super::bench::Single;
use super::diagnoser::Diagnoser;
use super::model::{Conclusion, Diagnosis, Observation, Watch};
use super::search::Search;
use crate::parallel;
use crate::scheme::Scratch;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Beyond so many causes, what is left is not sorted any further.
const MOST_CAUSES: usize = 12;

/// Explanation of some of the differences, or the differences that nothing explains.
#[derive(Debug, Clone)]
pub struct Cause {
    /// Diagnosis of them; [`Conclusion::Unexplained`] where nothing does.
    pub diagnosis: Diagnosis,
    /// Numbers of the observations that it explains, or that nothing does.
    pub members: Vec<usize>,
}

impl Diagnoser<'_> {
    /// Sorts observations that differ from the scheme by what explains them; those that do not
    /// differ tell explanations apart. Where no one thing explains all, that which explains most
    /// comes first, then that which explains most of what is left. What is left untried once the watch says so
    /// explains nothing.
    pub fn causes(&self, observations: &[Observation], watch: Watch<'_>) -> Vec<Cause> {
        let whole = self.diagnose_while(observations, watch);
        let differing: BTreeSet<usize> = self.differing(observations);
        match whole.verdict {
            Conclusion::Right | Conclusion::Refused(_) | Conclusion::Undecided(_) => return Vec::new(),
            Conclusion::Explained(_) => {
                return vec![Cause { diagnosis: whole, members: differing.into_iter().collect() }];
            }
            Conclusion::Unexplained { .. } => {}
        }
        let table = self.table(observations, watch);
        let agreeing: Vec<usize> = (0..observations.len()).filter(|i| !differing.contains(i)).collect();
        let mut left = differing;
        let mut causes = Vec::new();
        while !left.is_empty() && causes.len() < MOST_CAUSES {
            let count = |row: &&Vec<bool>| {
                let explained = left.iter().filter(|&&i| row[i]).count();
                explained.saturating_sub(agreeing.iter().filter(|&&i| !row[i]).count())
            };
            // Of several, the first: readings stand before mistakes.
            let best = table.iter().rev().filter(|row| count(row) > 0).max_by_key(count);
            let Some(row) = best else { break };
            let members: Vec<usize> = left.iter().copied().filter(|&i| row[i]).collect();
            let agree = agreeing.iter().copied().filter(|&i| row[i]);
            causes.push(self.cause(observations, members.clone(), agree, watch));
            members.iter().for_each(|member| {
                left.remove(member);
            });
        }
        if !left.is_empty() {
            causes.push(self.cause(observations, left.into_iter().collect(), std::iter::empty(), watch));
        }
        causes
    }

    fn cause(
        &self,
        all: &[Observation],
        members: Vec<usize>,
        agreeing: impl Iterator<Item = usize>,
        watch: Watch<'_>,
    ) -> Cause {
        let own: Vec<Observation> = members.iter().copied().chain(agreeing).map(|i| all[i].clone()).collect();
        Cause { diagnosis: self.diagnose_while(&own, watch), members }
    }

    fn differing(&self, observations: &[Observation]) -> BTreeSet<usize> {
        let base = self.explains(&self.bench.base, observations);
        (0..observations.len()).filter(|&i| !base[i]).collect()
    }

    /// For each reading and mistake, which observations it explains.
    fn table(&self, observations: &[Observation], watch: Watch<'_>) -> Vec<Vec<bool>> {
        let singles = &self.bench.singles;
        let done = AtomicUsize::new(0);
        let goes_on = || watch(done.fetch_add(1, Ordering::Relaxed), singles.len());
        let row =
            |single| if goes_on() { self.explains(single, observations) } else { vec![false; observations.len()] };
        parallel::map(singles, row)
    }

    fn explains(&self, single: &Single, observations: &[Observation]) -> Vec<bool> {
        let mut scratch = Scratch::default();
        observations
            .iter()
            .map(|observation| Search::explains(&self.bench, single, observation, &mut scratch))
            .collect()
    }
}
