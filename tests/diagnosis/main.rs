//! Diagnosis: every mutant is named, and what a developer reads is advice.

mod advice;
mod bad_input;
mod bounded;
#[path = "../command/mod.rs"]
mod command;
mod documented;
mod every_mutant;
mod pairs;
mod secrets;
mod subject;
