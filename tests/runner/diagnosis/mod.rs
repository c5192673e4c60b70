//! Diagnosis as a library: every mutant is named.

mod every_mutant;
mod given_back;
mod pairs;
mod right_code;
mod secrets;
mod subject;
