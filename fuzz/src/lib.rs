//! Bodies of the fuzz targets, so that a target is one line and runs on stable as a test as well.
//!
//! Each module of a target holds one property, and a function `run` from bytes: [`canonicalisation`],
//! [`digests`], [`encodings`], [`injectivity`], [`loaders`], [`messages`], [`operators`], [`replies`],
//! [`subject`], [`tampering`], [`verify`], [`work`]. The others are what they share: the [`oracle`], the [`corpora`],
//! their [`bases`] and what is [`signed`] in them, [`text`], [`bounds`], and [`seeds`]. A property that does not hold is a panic
//! that says what was found and what was expected.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod bases;
pub mod bounds;
pub mod canonicalisation;
pub mod corpora;
pub mod digests;
pub mod encodings;
pub mod injectivity;
pub mod loaders;
pub mod messages;
pub mod operators;
pub mod oracle;
pub mod replies;
pub mod seeds;
pub mod signed;
pub mod subject;
pub mod tampering;
pub mod text;
pub mod verify;
pub mod work;
