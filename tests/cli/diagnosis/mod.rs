//! `countersign diagnose`: what a developer reads is advice.

mod advice;
mod bad_input;
mod bounded;
mod documented;
mod forms;
mod reports;
mod signed;
mod unnamed;
