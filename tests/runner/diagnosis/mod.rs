//! Diagnosis as a library: every mutant is named.

mod every_mutant;
mod given_back;
mod inferred;
mod pairs;
mod questions;
mod right_code;
mod secrets;
mod subject;
