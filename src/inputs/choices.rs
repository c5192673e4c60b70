//! Choices of a change, read from bytes.

/// Seconds from 1970 to the year 10000.
const SECONDS: u64 = 253_402_300_800;

/// Number of bytes that the choices of one change have. What is chosen beyond them is the first of each,
/// so that a byte put into one change leaves the choices of the others as they are.
const RECORD: usize = 16;

/// Choices read from bytes: one byte a choice, so that a small change of them is a small change of
/// what is chosen. What is left when all changes have their bytes is content.
pub(super) struct Read<'d> {
    head: Record<'d>,
    changes: &'d [u8],
    content: &'d [u8],
}

/// Bytes of which each is read once.
struct Record<'d>(&'d [u8]);

/// The choices of one change.
pub(super) struct Choices<'r, 'd> {
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
    pub(super) fn change(&mut self) -> Choices<'_, 'd> {
        let (record, rest) = self.changes.split_at(self.changes.len().min(RECORD));
        self.changes = rest;
        Choices { record: Record(record), content: &mut self.content }
    }
}

impl Record<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }
}

impl Choices<'_, '_> {
    /// A number below another one; 0 below 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        match bound {
            0 | 1 => 0,
            2..=256 => usize::from(self.record.byte()) % bound,
            _ => usize::from(u16::from_le_bytes([self.record.byte(), self.record.byte()])) % bound,
        }
    }

    /// Yes or no.
    pub(super) fn flip(&mut self) -> bool {
        self.record.byte() % 2 == 1
    }

    /// A letter from `a` to `z`.
    pub(super) fn letter(&mut self) -> char {
        char::from(b'a' + self.record.byte() % 26)
    }

    /// Seconds since 1970, before the year 10000: what every form of a time can write.
    pub(super) fn seconds(&mut self) -> u64 {
        let bytes = std::array::from_fn(|i| if i < 5 { self.record.byte() } else { 0 });
        u64::from_le_bytes(bytes) % SECONDS
    }

    /// The byte that stands in the place of another one, a visible character: what no HTTP implementation passes on is not a signature's business.
    pub(super) fn byte(&mut self) -> u8 {
        Some(self.record.byte()).filter(u8::is_ascii_graphic).unwrap_or(b'x')
    }

    /// Text of the source's own: half of the time, up to 32 bytes of what is left.
    pub(super) fn content(&mut self) -> Option<Vec<u8>> {
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
