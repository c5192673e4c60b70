//! The one writer of files. What is to be written is looked at before the work starts: nothing is written over that
//! somebody else wrote, nor through a link, unless told so. Then a temporary file beside it is synced and renamed over
//! it, so that what fails leaves what was there.

use super::outcome::{Failed, columns, print};
use crate::derived::MARK;
use crate::printable::{self, COLUMNS};
use clap::Args;
use std::borrow::Cow;
use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Beginning of the names of what is not finished.
const UNFINISHED: &str = ".countersign-";
/// Bytes of a file that are looked through for the mark.
const HEAD: u64 = 1024;

/// The option that lifts what protects files.
#[derive(Debug, Args)]
pub(super) struct Force {
    /// Write over files that this command did not write, and through links
    #[arg(long)]
    pub(super) force: bool,
}

/// Loss that is permitted of the files that stand where one is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// Those that this command wrote.
    Ours,
    /// One that was read, and of which all is kept.
    Kept,
    /// None.
    Nothing,
}

/// A file to be written.
#[derive(Debug)]
pub(super) struct OutputFile {
    file: PathBuf,
    over: Over,
    force: bool,
    /// Tells whether the folder that it stands in is made.
    makes_folder: bool,
}

impl OutputFile {
    /// Looks whether a file can be written, before the work of which it gets the result.
    pub(super) fn open(file: &Path, over: Over, force: bool) -> Result<OutputFile, Failed> {
        OutputFile { file: file.to_owned(), over, force, makes_folder: false }.opened()
    }

    /// Opens a file below a directory: no folder between them is a link, and what is missing is made.
    pub(super) fn below(directory: &Path, name: &str, over: Over, force: bool) -> Result<OutputFile, Failed> {
        let file = directory.join(name);
        let between = Path::new(name).ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
        for folder in between.map(|folder| directory.join(folder)) {
            if folder.is_symlink() && !force {
                return Err(is_a_link(&folder));
            }
        }
        OutputFile { file, over, force, makes_folder: true }.opened()
    }

    fn opened(self) -> Result<OutputFile, Failed> {
        if !is_stream(&self.file) {
            let file = self.place()?;
            match self.makes_folder && !folder_of(&file).exists() {
                true => can_be_made(folder_of(&file))?,
                false => drop(beside(&file).map_err(|e| cannot("written", &file, &e))?),
            }
        }
        Ok(self)
    }

    /// The file that is written, where it may be.
    fn place(&self) -> Result<PathBuf, Failed> {
        let file = &self.file;
        let found = match fs::symlink_metadata(file) {
            Ok(found) => found,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(file.clone()),
            Err(e) => return Err(cannot("written", file, &e)),
        };
        if found.is_symlink() {
            let leads_to = || fs::canonicalize(file).map_err(|e| cannot("written", file, &e));
            return if self.force { leads_to() } else { Err(is_a_link(file)) };
        }
        if found.is_dir() {
            return Err(Failed(format!("{}: is a directory; name a file", file.display())));
        }
        let may_go = found.len() == 0
            || match self.over {
                Over::Ours => is_ours(file),
                Over::Kept => true,
                Over::Nothing => false,
            };
        match may_go || self.force {
            true => Ok(file.clone()),
            false => Err(Failed(format!(
                "{}: was not written by countersign, and is left as it is; name another file, or say --force",
                file.display()
            ))),
        }
    }

    /// Writes the file whole, or not at all.
    pub(super) fn write(&self, text: &str) -> Result<(), Failed> {
        let file = if is_stream(&self.file) { self.file.clone() } else { self.place()? };
        if self.makes_folder {
            make_folder(folder_of(&file))?;
        }
        whole(&file, text.as_bytes()).map_err(|e| cannot("written", &file, &e))
    }

    /// Removes the file.
    pub(super) fn remove(&self) -> Result<(), Failed> {
        let file = self.place()?;
        fs::remove_file(&file).map_err(|e| cannot("removed", &file, &e))
    }
}

/// Destination of a report: a file, or standard output.
#[derive(Debug)]
pub(super) struct Output(Option<OutputFile>);

impl Output {
    /// Looks whether the file can be written.
    pub(super) fn open(file: Option<&Path>, force: &Force) -> Result<Output, Failed> {
        file.map(|file| OutputFile::open(file, Over::Ours, force.force)).transpose().map(Output)
    }

    /// Columns that a text has there.
    pub(super) fn columns(&self) -> usize {
        if self.0.is_some() { COLUMNS } else { columns() }
    }

    /// Writes a report; in a file it has the mark, by which it may be written over. What does not print stands as an
    /// escape.
    pub(super) fn write(&self, report: &str) -> Result<(), Failed> {
        let Some(target) = &self.0 else { return print(report) };
        let report = printable::lines(report);
        if is_stream(&target.file) { target.write(&report) } else { target.write(&marked(&report)) }
    }
}

/// A report with the mark, where its form has a place for it.
fn marked(report: &str) -> Cow<'_, str> {
    let with = |start: usize, mark: String| Cow::Owned(format!("{}{mark}{}", &report[..start], &report[start..]));
    match (report.as_bytes().first(), report.find('>')) {
        (Some(b'{'), _) => with(1, format!("\n  \"$comment\": \"{MARK}`.\",")),
        (Some(b'<'), Some(declared)) => with(declared + 1, format!("<!-- {MARK}`. -->")),
        _ => with(0, format!("# {MARK}`.\n")),
    }
}

/// Returns whether a file has the mark.
fn is_ours(file: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::File::open(file).and_then(|found| found.take(HEAD).read_to_end(&mut head));
    read.is_ok() && memchr::memmem::find(&head, MARK.as_bytes()).is_some()
}

fn cannot(be: &str, file: &Path, why: &io::Error) -> Failed {
    Failed(format!("{}: cannot be {be}: {why}", file.display()))
}

fn is_a_link(file: &Path) -> Failed {
    Failed(format!(
        "{}: is a link, and nothing is written through one; name what it leads to, or say --force",
        file.display()
    ))
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

/// Returns whether it is a pipe, a terminal or the like: what is written there is gone, and nothing is lost.
fn is_stream(file: &Path) -> bool {
    (file.starts_with("/dev") && file.exists())
        || fs::metadata(file).is_ok_and(|found| !found.is_file() && !found.is_dir())
}

/// A temporary file in the folder of a file, with the permissions that the file has or would get.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let temporary = unfinished(0o666).tempfile_in(folder_of(file))?;
    if let Ok(before) = fs::metadata(file) {
        if before.permissions().readonly() {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "it is read-only"));
        }
        temporary.as_file().set_permissions(before.permissions())?;
    }
    Ok(temporary)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns what has a temporary name, with permissions that the user's mask restricts.
fn unfinished(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(mode));
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// Makes a folder and those that it stands in.
fn make_folder(folder: &Path) -> Result<(), Failed> {
    fs::create_dir_all(folder).map_err(|e| cannot("made", folder, &e))
}

/// Looks whether a folder can be made, with those that it stands in.
pub(super) fn can_be_made(folder: &Path) -> Result<(), Failed> {
    let there = folder.ancestors().find(|above| above.exists()).unwrap_or(Path::new("."));
    unfinished(0o666).tempfile_in(there).map(drop).map_err(|e| cannot("made", folder, &e))
}

/// Writes a folder with files, whole or not at all; over an empty one, but over nothing else.
pub(super) fn write_folder<'f>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'f str, Cow<'f, [u8]>)>,
) -> Result<(), Failed> {
    make_folder(folder_of(folder))?;
    let write = || -> io::Result<()> {
        let made = unfinished(0o777).tempdir_in(folder_of(folder))?;
        files.into_iter().try_for_each(|(name, bytes)| whole(&made.path().join(name), &bytes))?;
        fs::rename(made.path(), folder)?;
        let _ = made.keep();
        Ok(())
    };
    write().map_err(|e| match e.kind() {
        ErrorKind::DirectoryNotEmpty => Failed(format!("{}: is there already, and not empty", folder.display())),
        _ => cannot("written", folder, &e),
    })
}
