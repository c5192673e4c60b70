//! Diagnosis as a library: every mutant is named.

mod every_mutant;
mod given_back;
mod pairs;
mod secrets;
mod subject;
