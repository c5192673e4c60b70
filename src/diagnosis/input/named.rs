//! Files that a command names, read by the caller.

use crate::yaml::MAX_BYTES;
use std::path::Path;

/// Files that a command names; together they are bounded as one file is.
pub(super) struct NamedFiles<'r> {
    read: &'r mut dyn FnMut(&Path) -> Result<Vec<u8>, String>,
    /// The option that names one.
    pub(super) option: String,
    left: usize,
}

/// Bytes that a file counts for at least, so that a command cannot name any number of small ones.
const LEAST: usize = 1 << 10;

impl<'r> NamedFiles<'r> {
    pub(super) fn new(read: &'r mut dyn FnMut(&Path) -> Result<Vec<u8>, String>) -> Self {
        NamedFiles { read, option: String::new(), left: MAX_BYTES }
    }

    /// Reads a file. Errors do not say its name, which may be a credential that begins with `@`.
    pub(super) fn read(&mut self, name: &[u8]) -> Result<Vec<u8>, String> {
        let option = &self.option;
        if name == b"-" {
            return Err(format!("{option} reads standard input, which curl had and is not here; name a file"));
        }
        let other = || format!("the file that {option} names has a name that is not UTF-8; rename it");
        let name = std::str::from_utf8(name).map_err(|_| other())?;
        let bytes = (self.read)(Path::new(name)).map_err(|why| format!("the file that {option} names: {why}"))?;
        let left = self.left.checked_sub(bytes.len().max(LEAST));
        let over = || format!("its files have more than {MAX_BYTES} bytes together, which is the most that is read");
        self.left = left.ok_or_else(over)?;
        Ok(bytes)
    }
}
