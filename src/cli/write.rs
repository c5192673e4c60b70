//! The one writer of files: a temporary file beside what is written, synced, and renamed over it. What fails leaves
//! what was there.

use super::outcome::{Failed, print};
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// Beginning of the names of what is not finished.
const UNFINISHED: &str = ".countersign-";

/// Writes a report to a file, or prints it.
pub(super) fn write_report(output: Option<&Path>, report: &str) -> Result<(), Failed> {
    match output {
        Some(file) => write_file(file, report.as_bytes()),
        None => print(report),
    }
}

/// Writes a file whole, or not at all.
pub(super) fn write_file(file: &Path, bytes: &[u8]) -> Result<(), Failed> {
    whole(file, bytes).map_err(|e| Failed(format!("{}: cannot be written: {e}", file.display())))
}

fn whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_stream(file) {
        return fs::write(file, bytes);
    }
    let mut temporary = beside(file)?;
    temporary.write_all(bytes)?;
    temporary.as_file().sync_all()?;
    temporary.persist(file)?;
    Ok(())
}

/// Whether it is a pipe, a terminal or the like: what is written there is gone, and nothing is lost.
fn is_stream(file: &Path) -> bool {
    file.starts_with("/dev") || fs::metadata(file).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// A temporary file in the folder of a file, with the permissions that the file has or would get.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = builder.tempfile_in(folder)?;
    if let Ok(before) = fs::metadata(file) {
        if before.permissions().readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        temporary.as_file().set_permissions(before.permissions())?;
    }
    Ok(temporary)
}

/// Removes a file.
pub(super) fn remove_file(file: &Path) -> Result<(), Failed> {
    fs::remove_file(file).map_err(|e| Failed(format!("{}: cannot be removed: {e}", file.display())))
}

/// Writes a folder with files, whole or not at all; over an empty one, but over nothing else.
pub(super) fn write_folder(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), Failed> {
    let fail = |e: io::Error| Failed(format!("{}: cannot be written: {e}", folder.display()));
    let parent = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(fail)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let unfinished = builder.tempdir_in(parent).map_err(fail)?;
    files.iter().try_for_each(|(name, bytes)| whole(&unfinished.path().join(name), bytes)).map_err(fail)?;
    fs::rename(unfinished.path(), folder).map_err(fail)?;
    let _ = unfinished.keep();
    Ok(())
}
