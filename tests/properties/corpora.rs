//! The schemes that the properties walk: those of the built-in corpus, and those of the fixtures, which have
//! steps and checks that no system of the corpus has.

use countersign::corpus::{self, Entry, Files};
use std::sync::LazyLock;

/// The files of every scheme: the built-in corpus, then the fixtures.
pub static FILES: LazyLock<[Files; 2]> = LazyLock::new(|| [Files::built_in(), fixtures()]);

/// Every scheme, in the order of the files.
pub static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let load = |files: &Files| corpus::load(files).unwrap_or_else(|errors| panic!("{}", errors[0])).entries;
    FILES.iter().flat_map(load).collect()
});

#[cfg(test)]
fn fixtures() -> Files {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/schemes");
    Files::in_directory(&folder).unwrap_or_else(|error| panic!("{error}"))
}

/// A fuzz target holds the fixtures: it runs where no file of the repository is.
#[cfg(not(test))]
fn fixtures() -> Files {
    use include_dir::{Dir, File, include_dir};
    use std::borrow::Cow;
    static FIXTURES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../tests/fixtures/schemes");
    let name = |path: &std::path::Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = |file: &'static File<'static>| {
        (name(file.path()), (file.path().display().to_string(), Cow::Borrowed(file.contents())))
    };
    let folder = |folder: &'static Dir<'static>| (name(folder.path()), folder.files().map(file).collect());
    Files(FIXTURES.dirs().map(folder).collect())
}
