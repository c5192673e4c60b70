//! The reports on runs: what they say, and that nothing a subject says can break their form.

mod junit;
mod made;
mod page;
mod text;

use countersign::runner::CaseResult;
use std::fs;
use std::path::PathBuf;

/// The command that a report gives for one vector.
fn again(result: &CaseResult) -> String {
    format!("countersign test --only {} -- './a & b' {}", result.vector, made::HOSTILE)
}

/// Writes a report to where other programs look at it: `report/` below the folder for temporary files of
/// tests, in the target directory.
fn keep(name: &str, report: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("report");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, report).unwrap();
    file
}
