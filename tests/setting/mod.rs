//! The setting of the tests: the schemes of this repository, a small one of their own, and programs that a machine
//! may lack.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use countersign::corpus::{self, Corpus, Entry, Files};
use countersign::scheme::SchemeKind;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The folders of schemes: the corpus, and schemes of others.
pub const FOLDERS: [&str; 2] = ["vectors", "tests/fixtures/schemes"];

/// The corpus.
pub static CORPUS: LazyLock<Corpus> = LazyLock::new(|| load(FOLDERS[0]));
/// Schemes of others.
pub static FIXTURES: LazyLock<Corpus> = LazyLock::new(|| load(FOLDERS[1]));

/// A file or folder of this repository.
pub fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Loads the schemes of a folder of this repository.
pub fn load(folder: &str) -> Corpus {
    corpus::load(&Files::in_directory(&place(folder)).unwrap()).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

/// All schemes.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    CORPUS.entries.iter().chain(&FIXTURES.entries)
}

/// The systems of the corpus.
pub fn systems() -> impl Iterator<Item = &'static Entry> {
    CORPUS.entries.iter().filter(|entry| entry.scheme.kind == SchemeKind::System)
}

/// A scheme, by its name.
pub fn entry(name: &str) -> &'static Entry {
    entries().find(|entry| entry.name == name).unwrap()
}

/// Tells that a program is not on this machine, which is an error where `COUNTERSIGN_REQUIRE_ADAPTERS` is set.
pub fn lacks(program: &str, why: impl Display, so: &str) {
    assert!(std::env::var_os("COUNTERSIGN_REQUIRE_ADAPTERS").is_none(), "{program} cannot be run: {why}");
    eprintln!("{program} is not on this machine ({why}): {so}");
}

/// A scheme of one operation with these credentials and stages, the last of which is `signature`.
pub fn scheme(account: &str, stages: &str) -> String {
    format!(
        "title: \"A scheme\"\nkind: system\naccount: {account}\noperations:\n  request:\n    direction: request\n    \
         wire: {{ query: percent }}\n    derive:\n{stages}    place:\n      header: {{ X-Signature: stage.signature }}\n    \
         verify:\n      - {{ equal: [header.X-Signature, stage.signature], reject: signature-mismatch }}\n"
    )
}

/// The statements of a scheme with these discrepancies.
pub fn statements(discrepancies: &str) -> String {
    format!(
        "document: {{ title: \"One's own\", publisher: \"one\", note: \"Nowhere.\" }}\nstatements: []\ndiscrepancies: \
         {discrepancies}\n"
    )
}

/// A topic of vectors that sign a body each under this account; of each its name, the body, and the signature.
pub fn topic(account: &str, vectors: impl IntoIterator<Item = (String, String, String)>) -> String {
    let vector = |(name, body, signature)| {
        format!(
            "  - name: \"{name}\"\n    comment: \"C.\"\n    source: {{ kind: \"generated\", place: \"here\" }}\n    given: \
             {{ operation: \"request\", sign: {{ account: \"mine\", request: {{ method: \"POST\", host: \"h\", path: \"/\", \
             body: \"{body}\" }} }} }}\n    expect: {{ stages: {{ signature: \"{signature}\" }} }}\n"
        )
    };
    let vectors: String = vectors.into_iter().map(vector).collect();
    format!("about: \"Signing.\"\naccounts:\n  mine: {account}\nvectors:\n{vectors}")
}
