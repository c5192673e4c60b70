//! The schemes that the targets walk: those of the built-in corpus, and those of the fixtures, which
//! have steps and checks that no system of the corpus has. Both are part of a target, which runs
//! where no file of the repository is.

use countersign::corpus::{self, Entry, Files};
use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::sync::LazyLock;

static FIXTURES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../tests/fixtures/schemes");

/// Every scheme: the built-in corpus first.
pub static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let load = |files| corpus::load(&files).expect("a corpus of the repository loads").entries;
    [Files::built_in(), fixtures()].into_iter().flat_map(load).collect()
});

/// The files of the fixtures.
pub fn fixtures() -> Files {
    let name = |path: &std::path::Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = |folder: &'static Dir<'static>| {
        let file = |file: &'static include_dir::File<'static>| {
            (name(file.path()), (file.path().display().to_string(), Cow::Borrowed(file.contents())))
        };
        (name(folder.path()), folder.files().map(file).collect())
    };
    Files(FIXTURES.dirs().map(folder).collect())
}
