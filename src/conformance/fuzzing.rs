//! For a crate that signs: its own fuzz target, coverage-guided, and the same in its `cargo test`.

use super::PreparedScheme;
use crate::corpus::{self, Files};
use crate::primitive::encoding::hex;
use crate::primitive::percent::HexCase;
use crate::report;
use crate::subject::{InProcess, Subject};
use std::path::Path;

/// Puts the case that bytes mean to an implementation in this process, and asserts that it agrees
/// with the reference: every stage that it exposes, the signed request, and the judgement.
///
/// The bytes are choices, not a message: a case of the scheme by the scheme's own structure, within
/// the domain that it declares. A fuzzer that follows the coverage of your code changes them byte by
/// byte, and the case with them. What the implementation skips is not compared;
/// [`PreparedScheme::compared`] counts what was.
///
/// A fuzz target, with `libfuzzer-sys` and cargo-fuzz (`MySigner` is the implementation of
/// [`Subject`] that the [conformance test](super) has):
///
/// ```ignore
/// #![no_main]
/// use countersign::conformance::{PreparedScheme, assert_agrees};
/// use std::sync::LazyLock;
/// static SCHEME: LazyLock<PreparedScheme> = LazyLock::new(|| PreparedScheme::built_in("my-api"));
/// libfuzzer_sys::fuzz_target!(|data: &[u8]| assert_agrees(&SCHEME, MySigner, data));
/// ```
///
/// An ordinary test, on stable; a property test does the same with `any::<Vec<u8>>()`:
///
/// ```
/// use countersign::conformance::{PreparedScheme, assert_agrees};
/// use std::sync::LazyLock;
/// # use countersign::case::{Case, Reply};
/// # use countersign::{subject::Subject, trial::Reference};
/// # struct MySigner;
/// # impl Subject for MySigner {
/// #     fn answer(&mut self, case: &Case) -> Reply { Reference::new(SCHEME.entry().schemes()).answer(case) }
/// # }
/// # static NAME: LazyLock<String> = LazyLock::new(|| {
/// #     let corpus = countersign::corpus::load(&countersign::corpus::Files::built_in()).unwrap();
/// #     corpus.entries.into_iter().find(|entry| entry.scheme.title.contains("Basic")).unwrap().name
/// # });
/// static SCHEME: LazyLock<PreparedScheme> = LazyLock::new(|| PreparedScheme::built_in(&NAME));
///
/// let mut random = fastrand::Rng::with_seed(1);
/// for _ in 0..500 {
///     let data: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(80).collect();
///     assert_agrees(&SCHEME, MySigner, &data);
/// }
/// assert!(SCHEME.compared() > 250);
/// ```
///
/// # Panics
///
/// If something differs, with the report: the first line says which mistake, if one explains it;
/// then the simplest input that shows it, both values one under the other, and how to mend it.
#[track_caller]
pub fn assert_agrees(scheme: &PreparedScheme<'_>, subject: impl Subject, data: &[u8]) {
    let mut connection = InProcess::new(subject, [scheme.entry().name.as_str()]);
    if let Some(finding) = scheme.difference(&mut connection, data) {
        panic!("{}\nagain with these bytes: {}", report::finding_text(scheme.entry(), &finding), digits(data));
    }
}

/// Bytes of an input that are printed.
const PRINTED: usize = 256;

fn digits(data: &[u8]) -> String {
    let (printed, more) = data.split_at(data.len().min(PRINTED));
    let mut digits = Vec::new();
    hex(printed, HexCase::Lower, &mut digits);
    let digits = String::from_utf8_lossy(&digits);
    if more.is_empty() { digits.into_owned() } else { format!("{digits}… and {} more", more.len()) }
}

/// A scheme for a `static`: it is read and prepared once, and stays for as long as the program runs.
impl PreparedScheme<'static> {
    /// A scheme of the built-in corpus.
    ///
    /// # Panics
    ///
    /// If there is none of this name.
    pub fn built_in(scheme: &str) -> PreparedScheme<'static> {
        PreparedScheme::leaked(&Files::built_in(), scheme)
    }

    /// A scheme of one's own: a directory of scheme folders, or the folder of the scheme.
    ///
    /// # Panics
    ///
    /// If the directory cannot be read, or holds no such scheme; the message names file and line.
    pub fn in_directory(directory: impl AsRef<Path>, scheme: &str) -> PreparedScheme<'static> {
        let files = Files::in_directory(directory.as_ref()).unwrap_or_else(|error| panic!("{error}"));
        PreparedScheme::leaked(&files, scheme)
    }

    fn leaked(files: &Files, scheme: &str) -> PreparedScheme<'static> {
        let entry = corpus::load_entry(files, scheme).unwrap_or_else(|error| panic!("{error}"));
        PreparedScheme::of(Box::leak(Box::new(entry)))
    }
}
