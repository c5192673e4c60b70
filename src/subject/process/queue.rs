//! Cases on their way to a process.

use crate::subject::connection::{Delivery, Symptom};
use std::collections::VecDeque;
use std::time::Instant;

/// A case under way.
pub(super) struct Pending {
    pub case: usize,
    pub seq: u64,
}

/// Cases that are put: those to come, those under way, and those that are put one by one.
pub(super) struct Queue {
    pub fresh: VecDeque<usize>,
    pub suspects: VecDeque<usize>,
    pub pending: VecDeque<Pending>,
    /// End of the process on cases that are now put one by one; none once one of them is at fault.
    pub unexplained: Option<Symptom>,
    /// Time at which the process last got on.
    pub progress: Instant,
}

impl Queue {
    /// Makes the queue of so many cases to come.
    pub(super) fn of(cases: usize) -> Queue {
        Queue {
            fresh: (0..cases).collect(),
            suspects: VecDeque::new(),
            pending: VecDeque::new(),
            unexplained: None,
            progress: Instant::now(),
        }
    }

    /// Takes out what is not under way, and what is as well where `all` is to go: why it was not asked.
    pub(super) fn give_up(&mut self, all: bool, why: &str) -> Vec<(usize, Delivery)> {
        let waiting = self.suspects.drain(..).chain(self.fresh.drain(..));
        let under_way = self.pending.drain(..if all { self.pending.len() } else { 0 }).map(|pending| pending.case);
        waiting.chain(under_way).map(|case| (case, Delivery::NotAsked(why.to_owned()))).collect()
    }

    /// Returns whether every case has got its outcome.
    pub(super) fn is_done(&self) -> bool {
        self.fresh.is_empty() && self.suspects.is_empty() && self.pending.is_empty()
    }
}
