//! Properties of the library, each a function `run` of bytes: held here on stable, over bytes that proptest makes,
//! and by libFuzzer as the targets of `fuzz/`.
//!
//! Schemes are those of the corpus and of the fixtures, found by walking them: inputs are made from what each says of
//! itself, and none is named but in the [`oracle`]. A property that does not hold is a panic that says what was found
//! and what was expected.
#![forbid(unsafe_code)]

pub mod base;
pub mod bounds;
pub mod canonicalisation;
pub mod checks;
pub mod corpora;
pub mod digests;
pub mod encodings;
pub mod injectivity;
pub mod loaders;
pub mod messages;
pub mod operators;
pub mod oracle;
pub mod replies;
#[cfg(test)]
mod run;
pub mod seeds;
pub mod structure;
pub mod subject;
pub mod tampering;
pub mod text;
#[cfg(test)]
mod third_parties;
pub mod vary;
pub mod verify;
pub mod work;
