//! What checks remember from message to message. It starts empty and keeps only what accepted
//! messages left.

use std::collections::{HashMap, HashSet, VecDeque};

/// Memory of the checks of one server.
#[derive(Debug, Default)]
pub struct State {
    seen: HashSet<(usize, Vec<u8>)>,
    bound: HashMap<(usize, Vec<u8>), Vec<u8>>,
    accepted: HashMap<(usize, Vec<u8>), VecDeque<i128>>,
}

/// What a message would leave, were it accepted.
#[derive(Debug)]
pub(super) enum Trace {
    Seen(usize, Vec<u8>),
    Bound(usize, Vec<u8>, Vec<u8>),
    Accepted(usize, Vec<u8>, i128),
    /// What was seen before is forgotten; for mutants alone.
    Forget,
}

impl State {
    /// Whether check `check` has seen this value.
    pub(super) fn has_seen(&self, check: usize, value: &[u8]) -> bool {
        self.seen.contains(&(check, value.to_vec()))
    }

    /// The value that check `check` has bound to this key.
    pub(super) fn bound(&self, check: usize, key: &[u8]) -> Option<&[u8]> {
        self.bound.get(&(check, key.to_vec())).map(Vec::as_slice)
    }

    /// How many messages check `check` has accepted under this key later than `after`.
    pub(super) fn accepted_since(&mut self, check: usize, key: &[u8], after: i128) -> usize {
        let Some(times) = self.accepted.get_mut(&(check, key.to_vec())) else { return 0 };
        // What has left the window never comes back: clocks of a server go forward.
        while times.front().is_some_and(|&time| time <= after) {
            times.pop_front();
        }
        times.len()
    }

    /// Keeps what an accepted message leaves.
    pub(super) fn keep(&mut self, traces: Vec<Trace>) {
        for trace in traces {
            match trace {
                Trace::Seen(check, value) => {
                    self.seen.insert((check, value));
                }
                Trace::Bound(check, key, value) => {
                    self.bound.insert((check, key), value);
                }
                Trace::Forget => self.seen.clear(),
                Trace::Accepted(check, key, now) => self.accepted.entry((check, key)).or_default().push_back(now),
            }
        }
    }
}
