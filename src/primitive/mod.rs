//! Primitives: thin layers over well-kept crates, working on bytes and appending to a caller's
//! buffer. May use nothing else of this crate.

pub mod digest;
pub mod encoding;
pub mod json;
pub mod key_pair;
pub mod multipart;
pub mod percent;
pub mod steps;
pub mod structured;
pub mod text;
pub mod time;

/// Receiver of bytes: a buffer, or a hash that takes them as they come.
pub trait Sink {
    /// Takes bytes that follow what was taken before.
    fn put(&mut self, bytes: &[u8]);

    /// Takes bytes that `write` makes in place: it is given room for `most`, which is [`ROOM`] or less, and
    /// returns how many it has written. A copy of bytes just written would wait until memory has them.
    fn fill(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> usize);
}

/// So many bytes are made in place at once.
pub const ROOM: usize = 128;

/// A buffer that grows; it extends itself by what `$extend` names.
macro_rules! sink {
    ($buffer:ty, $extend:ident) => {
        impl Sink for $buffer {
            fn put(&mut self, bytes: &[u8]) {
                steps::count(bytes.len());
                self.$extend(bytes);
            }

            fn fill(&mut self, most: usize, write: impl FnOnce(&mut [u8]) -> usize) {
                let start = self.len();
                self.resize(start + most, 0);
                let written = write(&mut self[start..]);
                steps::count(written);
                self.truncate(start + written);
            }
        }
    };
}

sink!(Vec<u8>, extend_from_slice);
sink!(bumpalo::collections::Vec<'_, u8>, extend_from_slice_copy);

/// Sink for what writes to `std::io`. Writing to it does not fail.
struct Writer<'s, S>(&'s mut S);

impl<S: Sink> std::io::Write for Writer<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.put(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Copies bytes into room of the same length. Most pieces of a signature are so short that a call to copy
/// them costs more than copying does.
#[inline]
pub(crate) fn copy(bytes: &[u8], room: &mut [u8]) {
    match bytes.len() {
        8..16 => copy_ends::<8>(bytes, room),
        4..8 => copy_ends::<4>(bytes, room),
        0..4 => room.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from),
        _ => room.copy_from_slice(bytes),
    }
}

/// Copies the first and the last so many bytes, which overlap.
#[inline]
fn copy_ends<const N: usize>(bytes: &[u8], room: &mut [u8]) {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<N>(), bytes.last_chunk::<N>()) {
        room[..N].copy_from_slice(first);
        let end = room.len() - N;
        room[end..].copy_from_slice(last);
    }
}
