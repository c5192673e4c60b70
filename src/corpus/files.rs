//! Sources of the files of a corpus: built in, or a directory.

use crate::yaml::{self, Error};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

static BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/corpus.rs"));

/// Names of the folders of derived files, which no scheme has.
pub(crate) const DERIVED: [&str; 2] = ["json", "schema"];

/// Files of one folder: file name → name for messages and bytes.
pub type Folder = BTreeMap<String, (String, Cow<'static, [u8]>)>;

/// The files of a corpus: scheme → folder.
#[derive(Debug, Default)]
pub struct Files(pub BTreeMap<String, Folder>);

impl Files {
    /// The corpus that this library was built with.
    pub fn built_in() -> Files {
        let mut files = Files::default();
        for &(path, bytes) in BUILT_IN {
            if let Some((folder, file)) = path.split_once('/') {
                let entry = (format!("vectors/{path}"), Cow::Borrowed(bytes));
                files.0.entry(folder.to_owned()).or_default().insert(file.to_owned(), entry);
            }
        }
        files
    }

    /// A directory of scheme folders, or one scheme folder: one that holds a `scheme.yaml`.
    pub fn in_directory(directory: &Path) -> Result<Files, Error> {
        let name = directory.display().to_string();
        let mut files = Files::default();
        if directory.join("scheme.yaml").is_file() {
            let absolute = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
            let scheme = absolute.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            files.0.insert(scheme, folder(directory)?);
            return Ok(files);
        }
        for path in sorted(directory)? {
            let scheme = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            // What is hidden is no scheme: a folder of version control, one that is not finished.
            if path.is_dir() && !scheme.starts_with('.') {
                let found = folder(&path)?;
                // The folders of derived files hold no YAML.
                if !found.is_empty() || !DERIVED.contains(&scheme.as_str()) {
                    files.0.insert(scheme, found);
                }
            }
        }
        if files.0.is_empty() {
            let message = "holds no scheme; a corpus is a directory of folders with a scheme.yaml each (`countersign new NAME` makes one)";
            return Err(Error::whole(&name, message));
        }
        Ok(files)
    }
}

fn sorted(directory: &Path) -> Result<Vec<std::path::PathBuf>, Error> {
    let fail = |e| Error::whole(&directory.display().to_string(), format!("cannot be read: {e}"));
    let entries = fs::read_dir(directory).map_err(fail)?;
    let mut paths = entries.map(|entry| entry.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(fail)?;
    paths.sort();
    Ok(paths)
}

fn folder(directory: &Path) -> Result<Folder, Error> {
    let mut files = BTreeMap::new();
    for path in sorted(directory)? {
        if path.extension().is_some_and(|e| e == "yaml") {
            let file = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            files.insert(file, (path.display().to_string(), Cow::Owned(yaml::read_regular(&path)?)));
        }
    }
    Ok(files)
}
