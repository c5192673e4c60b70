//! Steps of work: bytes looked at or written, names compared. Counted by thread where debug assertions
//! are on, for the test that holds how cost grows; in a release build counting is nothing at all.

use std::cell::Cell;

thread_local! {
    static TAKEN: Cell<u64> = const { Cell::new(0) };
}

/// Counts steps that are about to be taken.
#[inline(always)]
pub fn count(steps: usize) {
    if cfg!(debug_assertions) {
        TAKEN.set(TAKEN.get() + steps as u64);
    }
}

/// Steps that this thread has taken; `None` where they are not counted.
pub fn taken() -> Option<u64> {
    cfg!(debug_assertions).then(|| TAKEN.get())
}
