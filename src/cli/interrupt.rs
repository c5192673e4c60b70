//! A run that is interrupted ends its subject: it runs in a process group of its own, which the
//! terminal does not reach.

use std::sync::atomic::{AtomicBool, Ordering};

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// From now on, a signal that ends this program ends the processes of its subjects first, and none of them
/// gets away from it.
#[cfg(unix)]
pub(super) fn end_subjects_with_us() {
    crate::subject::adopt_orphans();
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            IS_INTERRUPTED.store(true, Ordering::SeqCst);
            crate::subject::end_all();
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
pub(super) fn end_subjects_with_us() {}

/// Waits for the end, where one is coming: what a subject does that was ended says nothing of it.
pub(super) fn wait_if_interrupted() {
    while IS_INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::park();
    }
}
