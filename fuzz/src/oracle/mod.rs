//! Five schemes implemented a second time, from their documents and the decisions recorded in
//! `vectors/<scheme>/statements.yaml`.
//!
//! Nothing here may use `countersign`: what it agrees with, it must not share code with. The hash
//! functions and Base64 alone come from crates.

pub mod client_system_api;
pub mod date;
pub mod flexiown_payments;
pub mod flip_for_business;
pub mod flipbase;
pub mod flipsnack;
pub mod json;
pub mod message;
pub mod wire;

/// Why a message is refused, by the names that the corpus has for it.
pub type Refusal = &'static str;

/// The stages of signing, in order.
pub type Stages = Vec<(&'static str, Vec<u8>)>;
