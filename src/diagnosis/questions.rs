//! Questions beside the vectors: a message that the subject refused wrongly, signed as a mistake would have it.
//!
//! That a right message is refused says little, since every mistake in what is derived does so. The signature that one
//! mistake makes is accepted by a verifier that makes it, and by no other.

use super::answer::Depth;
use super::bench::Bench;
use super::diagnoser::Diagnoser;
use super::model::{Observation, Seen, Tried, Watch};
use super::search::{CandidateRow, Hit, Search};
use crate::case::{Case, Reply, Task};
use crate::parallel;
use crate::runner::with_other_stages;
use crate::scheme::Scratch;

/// Number of messages of which each mistake has its own: another mistake may hide it in one of them.
const MESSAGES: usize = 3;

/// Number of questions about an operation.
const MOST: usize = 400;

impl Diagnoser<'_> {
    /// Questions about what was observed.
    pub(super) fn questions(&self, observations: &[Observation], watch: Watch<'_>) -> Vec<Case> {
        let bench = &self.bench;
        let verifies = |i: &usize| matches!(observations[*i].case.task, Task::Verify(_));
        let search = Search::new(bench, observations, (0..observations.len()).filter(verifies), Depth::Outcome, watch);
        let is_refused = |k: &usize| {
            let observation = search.observed[*k].observation;
            matches!(&observation.case.task, Task::Verify(task) if task.messages.len() == 1)
                && matches!(&observation.seen, Seen::Reply(reply @ Reply::Verified(_)) if !reply.accepts())
        };
        let refused: Vec<usize> = (0..search.differing).filter(is_refused).collect();
        if refused.is_empty() {
            return Vec::new();
        }
        let rows = search.rows(&mut Tried::default());
        // What would have changed an answer that is as the scheme's is no mistake of this verifier.
        let mut open: Vec<&CandidateRow<'_>> = rows.iter().filter(|row| row.refuted() == 0).collect();
        open.sort_by_key(|row| row.hit.simplicity());
        let asked = |row: &&CandidateRow<'_>| -> Vec<Case> {
            let shows = refused.iter().filter(|k| row.effects[**k].refuses).take(MESSAGES);
            shows.filter_map(|&k| signed_by(bench, &row.hit, &search.observed[k].observation.case)).collect()
        };
        let mut cases: Vec<Case> = Vec::new();
        for case in parallel::map(open, |row| asked(&row)).into_iter().flatten() {
            if cases.len() < MOST && !cases.contains(&case) {
                cases.push(case);
            }
        }
        cases
    }
}

/// The message of a case, signed as a candidate would have it; `None` where that is no other message, or where scheme
/// and candidate judge it alike.
fn signed_by(bench: &Bench<'_>, hit: &Hit<'_>, case: &Case) -> Option<Case> {
    let made = bench.make(&hit.parts)?;
    let (before, after) = (bench.stages(bench.made(&bench.base), case), bench.stages(&made, case));
    let mut case = case.clone();
    let Task::Verify(task) = &mut case.task else { return None };
    with_other_stages(&mut task.messages[0].request, before, &after);
    let mut scratch = Scratch::default();
    let mut accepts = |made| bench.reply(made, &case, &mut scratch).accepts();
    (accepts(&made) && !accepts(bench.made(&bench.base))).then_some(case)
}
