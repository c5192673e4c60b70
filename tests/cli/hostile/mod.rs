//! Subjects that try to hang the runner, crash it, exhaust its memory or fool it: each ends in a
//! verdict of its own, in bounded time and memory, and leaves no process behind.

mod answers;
mod endings;
mod interrupts;
mod reports;
mod runs;
mod starts;
mod streams;
