//! Primitives: thin layers over well-kept crates, working on bytes and appending to a caller's
//! buffer. May use nothing else of this crate.

pub mod digest;
pub mod encoding;
pub mod json;
pub mod multipart;
pub mod percent;
pub mod text;
pub mod time;
