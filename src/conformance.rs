//! For a crate that signs: its own conformance test, in its own `cargo test`, in this process.
//!
//! Add `countersign` with `default-features = false` to `[dev-dependencies]`, say once how a case is
//! put to your code, and assert that it conforms:
//!
//! ```
//! use base64::prelude::{BASE64_STANDARD, Engine};
//! use countersign::conformance::{Bytes, Case, Credential, Reply, Signed, Subject, Task, assert_conforms};
//!
//! // Stands for the code under test.
//! fn my_header(user: &[u8], password: &[u8]) -> String {
//!     format!("Basic {}", BASE64_STANDARD.encode([user, b":", password].concat()))
//! }
//!
//! struct MySigner;
//!
//! impl Subject for MySigner {
//!     fn answer(&mut self, case: &Case) -> Reply {
//!         let Task::Sign(task) = &case.task else { return Reply::Skipped("it does not verify".into()) };
//!         let credential = |name: &str| match &task.account.0[name] {
//!             Credential::Value(bytes) => bytes.0.clone(),
//!             Credential::Addresses(_) => Vec::new(),
//!         };
//!         let header = my_header(&credential("user"), &credential("password"));
//!         let stages = [("authorization".to_owned(), Bytes::from(header.as_str()))];
//!         Reply::Signed(Signed { stages: stages.into(), signed_request: None })
//!     }
//! }
//!
//! # let corpus = countersign::corpus::load(&countersign::corpus::Files::built_in()).unwrap();
//! # let basic = corpus.entries.iter().find(|entry| entry.scheme.title.contains("Basic")).unwrap();
//! # let scheme = basic.name.as_str();
//! // In a `#[test]`, with the name of a scheme. It panics with the report where something differs.
//! let run = assert_conforms(MySigner, &[scheme]);
//! assert!(run.passed() > 10);
//! ```
//!
//! [`assert_agrees`] takes bytes in the place of the vectors: a fuzzer's, or those of a property test.

mod fuzzing;

pub use crate::bytes::Bytes;
pub use crate::case::{Case, Judgement, Message, Reply, SignTask, Signed, Task, Time, VerifyTask};
pub use crate::corpus::{Corpus, Files, load};
pub use crate::differential::PreparedScheme;
pub use crate::request::{Intent, Pair, Request, Target};
pub use crate::runner::Run;
pub use crate::scheme::{Account, Class, Credential, Parameters};
pub use crate::subject::{Op, Subject};
pub use fuzzing::assert_agrees;

use crate::corpus::Level;
use crate::diagnosis::RunDiagnosis;
use crate::report::{self, COLUMNS};
use crate::runner::{self, CaseResult, Filter, Under};
use crate::subject::InProcess;

/// Runs the built-in vectors of some schemes against an implementation in this process.
///
/// Vectors that it skips do not count as passed; a panic of it is a failure like any other. Where it differs from a
/// decision of this project, on which documents are silent, it does not fail: `Run::beside` counts that.
///
/// # Panics
///
/// With the report (what went wrong first) where a vector fails, where a scheme is unknown, and
/// where nothing ran.
pub fn assert_conforms(subject: impl Subject, schemes: &[&str]) -> Run {
    let mut files = Files::built_in();
    // Others may need a feature that this build lacks.
    files.0.retain(|name, _| schemes.contains(&name.as_str()));
    let corpus = load(&files).unwrap_or_else(|errors| panic!("{}", errors[0]));
    assert_conforms_to(&corpus, subject, schemes)
}

/// Asserts conformance to vectors of one's own, which [`Files::in_directory`] and [`load`] read.
///
/// # Panics
///
/// As [`assert_conforms`] does.
pub fn assert_conforms_to(corpus: &Corpus, subject: impl Subject, schemes: &[&str]) -> Run {
    for scheme in schemes {
        let is_known = corpus.entries.iter().any(|entry| entry.name == *scheme);
        assert!(is_known, "there is no scheme `{scheme}`");
    }
    let filter = Filter(schemes.iter().map(|scheme| (*scheme).to_owned()).collect());
    let mut connection = InProcess::new(subject, schemes.iter().copied());
    let diagnosis = RunDiagnosis::new(corpus);
    let mut ask = |run: &Run| diagnosis.questions(run, &|_, _| true);
    let run = runner::test(corpus, &filter, Under::Decision, &mut connection, &mut |_, _| {}, &mut ask);
    let mut run = run.unwrap_or_else(|unusable| panic!("{unusable}"));
    run.decide(Level::Should);
    assert!(run.not_run() < run.vectors(), "no vector ran");
    if run.failed() > 0 {
        let again = |failure: &CaseResult| format!("countersign explain {}", failure.vector);
        panic!("{}", report::test_text(&run, &diagnosis.causes(&run, &|_, _| true), &again, COLUMNS));
    }
    run
}
