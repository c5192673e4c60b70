//! Countersign: conformance vectors for HTTP API request signing.
//!
//! [`conformance`] is the way in for a crate that tests itself, and all that keeps its form. The rest serves the
//! command, the tests and the fuzzers of this project, and is not listed here.
//!
//! A scheme is a program written as data. Data flows one way: `scheme` is loaded and compiled, signs and verifies; a
//! `case` is what is given, answered and expected; `corpus` holds vectors; `trial` puts one case to an implementation of
//! its scheme; `inputs` makes messages of a scheme's domain; `runner` puts vectors to a `subject` and compares;
//! `mutation` makes wrong implementations of a scheme, `diagnosis` finds which of them explains what was observed,
//! `differential` looks for inputs on which a subject differs; `report` renders what was found. `parallel`, `derived`,
//! `primitive`, `printable`, `request`, `bytes` and `yaml` stand below.
//!
//! Invariants, each held by a test: of `parallel`, `derived`, `primitive`, `printable`, `bytes`, `request`, `yaml`, `scheme`,
//! `case`, `corpus`, `trial`, `inputs`, `subject`, `runner`, `mutation`, `diagnosis`, `differential`, `report`,
//! `conformance` and `cli`, none imports one that comes later, and no file of them imports one that imports it, directly
//! or not; `corpus` never evaluates a scheme; nothing here names a scheme; no type that a subject gets holds an
//! expectation; every error says which file, what was found, what was expected and what to do.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

#[cfg_attr(not(clippy), doc(hidden))]
pub mod bytes;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod case;
#[cfg(feature = "cli")]
#[cfg_attr(not(clippy), doc(hidden))]
pub mod cli;
pub mod conformance;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod corpus;
mod derived;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod diagnosis;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod differential;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod inputs;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod mutation;
mod parallel;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod primitive;
mod printable;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod report;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod request;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod runner;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod scheme;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod subject;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod trial;
#[cfg_attr(not(clippy), doc(hidden))]
pub mod yaml;
