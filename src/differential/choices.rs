//! Where the choices of a change come from: a random source, or the bytes of a fuzzer.

/// A source of choices.
pub(super) trait Choices {
    /// A number below another one, which is not 0.
    fn below(&mut self, bound: usize) -> usize;

    /// Yes or no.
    fn flip(&mut self) -> bool;

    /// A letter from `a` to `z`.
    fn letter(&mut self) -> char;

    /// Seconds since 1970, between the years 2001 and 2033.
    fn seconds(&mut self) -> u64;

    /// The byte that stands in the place of another one.
    fn byte(&mut self) -> u8;

    /// Text of the source's own, where it has any and wants it used.
    fn content(&mut self) -> Option<Vec<u8>>;
}

/// First and last second of [`Choices::seconds`].
const SECONDS: std::ops::Range<u64> = 1_000_000_000..2_000_000_000;

impl Choices for fastrand::Rng {
    fn below(&mut self, bound: usize) -> usize {
        self.usize(..bound)
    }

    fn flip(&mut self) -> bool {
        self.bool()
    }

    fn letter(&mut self) -> char {
        char::from(self.u8(b'a'..=b'z'))
    }

    fn seconds(&mut self) -> u64 {
        self.u64(SECONDS)
    }

    fn byte(&mut self) -> u8 {
        b'x'
    }

    fn content(&mut self) -> Option<Vec<u8>> {
        None
    }
}

/// How many bytes the choices of one change have. What is chosen beyond them is the first of each,
/// so that a byte put into one change leaves the choices of the others as they are.
const RECORD: usize = 16;

/// Choices read from bytes: one byte a choice, so that a small change of them is a small change of
/// what is chosen. What is left when all changes have their bytes is content.
pub(super) struct Read<'d> {
    head: Record<'d>,
    changes: &'d [u8],
    content: &'d [u8],
}

/// The choices of one change, and the content that all share.
struct Record<'d>(&'d [u8]);

/// One change's choices.
pub(super) struct OfChange<'r, 'd> {
    record: Record<'d>,
    content: &'r mut &'d [u8],
}

impl<'d> Read<'d> {
    /// Choices from bytes, of which so many are made before the first change.
    pub(super) fn new(data: &'d [u8], head: usize) -> Read<'d> {
        let (head, changes) = data.split_at(head.min(data.len()));
        Read { head: Record(head), changes, content: &[] }
    }

    /// A byte of the choices that are made before the first change.
    pub(super) fn byte(&mut self) -> u8 {
        self.head.byte()
    }

    /// Says how many changes are made: what follows their bytes is content.
    pub(super) fn expect(&mut self, changes: usize) {
        let at = self.changes.len().min(changes * RECORD);
        (self.changes, self.content) = self.changes.split_at(at);
    }

    /// The choices of the next change.
    pub(super) fn change(&mut self) -> OfChange<'_, 'd> {
        let (record, rest) = self.changes.split_at(self.changes.len().min(RECORD));
        self.changes = rest;
        OfChange { record: Record(record), content: &mut self.content }
    }
}

impl Record<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }
}

impl Choices for OfChange<'_, '_> {
    fn below(&mut self, bound: usize) -> usize {
        match bound {
            0 | 1 => 0,
            2..=256 => usize::from(self.record.byte()) % bound,
            _ => usize::from(u16::from_le_bytes([self.record.byte(), self.record.byte()])) % bound,
        }
    }

    fn flip(&mut self) -> bool {
        self.record.byte() % 2 == 1
    }

    fn letter(&mut self) -> char {
        char::from(b'a' + self.record.byte() % 26)
    }

    fn seconds(&mut self) -> u64 {
        let bytes = std::array::from_fn(|_| self.record.byte());
        SECONDS.start + u64::from(u32::from_le_bytes(bytes)) % (SECONDS.end - SECONDS.start)
    }

    /// A visible character: what no HTTP implementation passes on is not a signature's business.
    fn byte(&mut self) -> u8 {
        Some(self.record.byte()).filter(u8::is_ascii_graphic).unwrap_or(b'x')
    }

    /// Half of the time, up to 32 bytes of what is left.
    fn content(&mut self) -> Option<Vec<u8>> {
        if self.content.is_empty() {
            return None;
        }
        let choice = self.record.byte();
        let length = (usize::from(choice % 32) + 1).min(self.content.len());
        (choice >= 128).then(|| {
            let (taken, rest) = self.content.split_at(length);
            *self.content = rest;
            taken.to_vec()
        })
    }
}
