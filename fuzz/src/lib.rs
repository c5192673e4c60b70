//! Bodies of the fuzz targets, so that a target is one line and runs on stable as a test as well.
//!
//! Each module holds one property and a function `run` from bytes: [`canonicalisation`] compares
//! the reference with the [`oracle`], [`loaders`] reads files, [`verify`] judges messages. A
//! property that does not hold is a panic that says what was found and what was expected.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod canonicalisation;
pub mod loaders;
pub mod oracle;
pub mod text;
pub mod verify;
