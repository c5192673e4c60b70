//! Diagnosis as a library: every mutant is named.

mod every_mutant;
mod pairs;
mod secrets;
mod subject;
