//! An interrupted run says what it has: the first signal lets it put no further case, and the second ends it at once. A
//! subject is ended with it: it runs in a process group of its own, which the terminal does not reach.

use super::outcome::{End, Outcome, say};
use std::sync::atomic::{AtomicI32, Ordering};

/// The signal by which the run was interrupted; 0 where it was not.
static SIGNAL: AtomicI32 = AtomicI32::new(0);

/// From now on a signal interrupts the run, and nothing that a subject starts gets away.
#[cfg(unix)]
pub(super) fn listen() {
    use crate::subject::{adopt_orphans, end_all, interrupt};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use std::thread;
    use std::time::Duration;

    /// Time that what is under way may take.
    const GRACE: Duration = Duration::from_secs(2);

    adopt_orphans();
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    thread::spawn(move || {
        for signal in signals.forever() {
            if SIGNAL.swap(signal, Ordering::SeqCst) != 0 {
                end_all();
                std::process::exit(128 + signal);
            }
            interrupt();
            thread::spawn(|| {
                thread::sleep(GRACE);
                end_all();
            });
        }
    });
}

#[cfg(not(unix))]
pub(super) fn listen() {}

/// Returns how a run ends: interrupted, with the command that does the whole of it, or as it ended of itself.
pub(super) fn end(again: impl FnOnce() -> String, of_itself: impl FnOnce() -> Outcome) -> Outcome {
    match SIGNAL.load(Ordering::SeqCst) {
        0 => of_itself(),
        signal => {
            say(&format!("interrupted; the whole of it: {}", again()))?;
            Ok(End::Interrupted(u8::try_from(128 + signal).unwrap_or(u8::MAX)))
        }
    }
}
