//! What checks remember from message to message. It starts empty and keeps only what accepted
//! messages left.

use std::collections::{HashMap, HashSet, VecDeque};

/// Time for which an accepted message can count, in nanoseconds: a day, so that a server's clock may go back
/// by nearly so much, and what is remembered of a key stays within its limit a day.
const REMEMBERED: i128 = 86_400_000_000_000;

/// Memory of the checks of one server.
#[derive(Debug, Default)]
pub struct State(Vec<Memory>);

/// Memory of one check.
#[derive(Debug, Default)]
struct Memory {
    seen: HashSet<Vec<u8>>,
    bound: HashMap<Vec<u8>, Vec<u8>>,
    /// Times in order.
    accepted: HashMap<Vec<u8>, VecDeque<i128>>,
    /// Buffers of what was forgotten, for what will be remembered.
    spare: Vec<Vec<u8>>,
}

/// Trace that a message would leave, were it accepted.
#[derive(Debug, Clone, Copy)]
pub enum Trace<'a> {
    Seen(&'a [u8]),
    Bound(&'a [u8], &'a [u8]),
    Accepted(&'a [u8], i128),
    /// All that was seen before is forgotten; for mutants alone.
    Forget,
}

impl State {
    /// Forgets everything; the memory that it took is kept for what comes.
    pub fn clear(&mut self) {
        for memory in &mut self.0 {
            memory.forget_seen();
            let Memory { bound, accepted, spare, .. } = memory;
            spare.extend(bound.drain().flat_map(|(key, value)| [key, value]));
            // A key without a message counts nothing, like a key that never was.
            accepted.values_mut().for_each(VecDeque::clear);
        }
    }

    /// Returns whether check `check` has seen this value.
    pub fn has_seen(&self, check: usize, value: &[u8]) -> bool {
        self.0.get(check).is_some_and(|memory| memory.seen.contains(value))
    }

    /// The value that check `check` has bound to this key.
    pub fn bound(&self, check: usize, key: &[u8]) -> Option<&[u8]> {
        self.0.get(check)?.bound.get(key).map(Vec::as_slice)
    }

    /// Number of messages check `check` has accepted under this key later than `after` and not later than `until`.
    pub fn accepted_within(&self, check: usize, key: &[u8], after: i128, until: i128) -> usize {
        let times = self.0.get(check).and_then(|memory| memory.accepted.get(key));
        let up_to = |end| times.map_or(0, |times| times.partition_point(|&time| time <= end));
        up_to(until) - up_to(after)
    }

    /// Keeps what a message leaves that a check has let pass.
    pub fn keep(&mut self, check: usize, trace: Trace<'_>) {
        if self.0.len() <= check {
            self.0.resize_with(check + 1, Memory::default);
        }
        let memory = &mut self.0[check];
        match trace {
            Trace::Seen(value) if memory.seen.contains(value) => {}
            Trace::Seen(value) => {
                let value = memory.copy(value);
                memory.seen.insert(value);
            }
            Trace::Bound(key, value) => match memory.bound.get_mut(key) {
                Some(bound) => {
                    bound.clear();
                    bound.extend_from_slice(value);
                }
                None => {
                    let (key, value) = (memory.copy(key), memory.copy(value));
                    memory.bound.insert(key, value);
                }
            },
            Trace::Forget => memory.forget_seen(),
            Trace::Accepted(key, now) => match memory.accepted.get_mut(key) {
                Some(times) => {
                    // Not always at the end, for the server's clock may have gone back.
                    times.insert(times.partition_point(|&time| time <= now), now);
                    while times.back().zip(times.front()).is_some_and(|(last, first)| last - first > REMEMBERED) {
                        times.pop_front();
                    }
                }
                None => {
                    let key = memory.copy(key);
                    memory.accepted.insert(key, VecDeque::from([now]));
                }
            },
        }
    }
}

impl Memory {
    /// A copy in a buffer that is left over, where there is one.
    fn copy(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut copy = self.spare.pop().unwrap_or_default();
        copy.clear();
        copy.extend_from_slice(bytes);
        copy
    }

    fn forget_seen(&mut self) {
        self.spare.extend(self.seen.drain());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i128 = 1_000_000_000;

    fn count(state: &State, now: i128) -> usize {
        state.accepted_within(0, b"key", (now - 60) * SECOND, now * SECOND)
    }

    #[test]
    fn what_was_accepted_counts_after_the_clock_went_back() {
        let mut state = State::default();
        for second in [1000, 5000, 1030, 1001] {
            state.keep(0, Trace::Accepted(b"key", second * SECOND));
        }
        assert_eq!((count(&state, 1030), count(&state, 1000), count(&state, 5000)), (3, 1, 1));
    }

    #[test]
    fn a_day_later_it_is_forgotten() {
        let mut state = State::default();
        (0..10_000).for_each(|minute| state.keep(0, Trace::Accepted(b"key", minute * 60 * SECOND)));
        assert_eq!(state.0[0].accepted[&b"key"[..]].len(), 24 * 60 + 1);
    }
}
