//! Subjects put to the vectors: the protocol, what differs, its cause, inputs that differ, and reports of it.

mod diagnosis;
mod differential;
mod kinds;
mod protocol;
mod report;
#[path = "../setting/mod.rs"]
mod setting;
mod wrong_implementations;
