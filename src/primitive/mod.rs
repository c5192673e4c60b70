//! Primitives: thin layers over well-kept crates, working on bytes and appending to a caller's
//! buffer. May use nothing else of this crate.

pub mod digest;
pub mod encoding;
pub mod json;
pub mod multipart;
pub mod percent;
pub mod steps;
pub mod text;
pub mod time;

/// Where bytes go: a buffer, or a hash that takes them as they come.
pub trait Sink {
    /// Takes bytes that follow what was taken before.
    fn put(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        steps::count(bytes.len());
        self.extend_from_slice(bytes);
    }
}

impl Sink for bumpalo::collections::Vec<'_, u8> {
    fn put(&mut self, bytes: &[u8]) {
        steps::count(bytes.len());
        self.extend_from_slice_copy(bytes);
    }
}
