//! The wording of some errors in full, as a user sees them.

use crate::{Case, SCHEME, STATEMENTS, VECTORS};
use insta::assert_snapshot;

/// What a command prints about a mistake, with the directory's name taken out.
fn message(command: &str, file: &'static str, old: &'static str, new: &'static str) -> String {
    let corpus = Case { what: "", file, old, new, says: "" }.corpus();
    let ran = corpus.run(&[command]);
    corpus.redacted(&format!("{}{}", ran.stdout, ran.stderr))
}
