//! Known divergences: a file of vectors on which a subject differs, with the reason and what
//! differs. One that no longer occurs, or differs otherwise, is a failure.

use super::run::Run;
use super::verdict::Verdict;
use crate::case::Difference;
use crate::corpus::Corpus;
use crate::yaml::{self, Document, Error, Scalars};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::path::Path;

/// A file of known divergences.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// The divergences.
    pub divergences: Vec<Divergence>,
}

/// A vector on which a subject is known to differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Divergence {
    /// Full name of the vector.
    pub vector: String,
    /// The reading, where it is not the one decided on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
    /// Reason why it differs, and why that is left so.
    pub reason: String,
    /// Differences, a line each.
    pub differs: Vec<String>,
}

/// The reason that is written where nobody has given one yet.
pub const NO_REASON: &str = "no reason given yet";

const HEADING: &str = "# Known divergences: `countersign test --known FILE`; `--write-known` rewrites this file.";

/// Returns whether there is a comment in a line: what begins outside of quotes with `#`.
fn has_comment(line: &str) -> bool {
    let (mut open, mut characters) = (None, line.chars());
    while let Some(c) = characters.next() {
        match open {
            None if c == '#' => return true,
            None if c == '"' || c == '\'' => open = Some(c),
            Some('"') if c == '\\' => drop(characters.next()),
            Some(quote) if quote == c => open = None,
            _ => {}
        }
    }
    false
}

impl Known {
    /// Reads a file; each vector must be one of the corpus, and stand once.
    pub fn load(file: &Path, corpus: &Corpus) -> Result<Known, Error> {
        let document = Document::parse(&file.display().to_string(), &yaml::read(file)?, Scalars::Quoted)?;
        let known: Known = document.decode()?;
        for (i, divergence) in known.divergences.iter().enumerate() {
            let place = ["divergences".into(), i.into(), "vector".into()];
            let wrong = |message: String| Err(document.error(&place, message));
            let is_there = corpus.entries.iter().any(|entry| entry.find(&divergence.vector).is_some());
            if !is_there {
                return wrong(format!(
                    "there is no vector `{}`; `countersign list vectors` lists them",
                    divergence.vector
                ));
            }
            let same = |other: &Divergence| other.vector == divergence.vector && other.reading == divergence.reading;
            if known.divergences[..i].iter().any(same) {
                return wrong(format!("`{}` stands twice", divergence.vector));
            }
        }
        Ok(known)
    }

    /// Changes the verdicts of a run by what is known. With fresh credentials a divergence may not show, or not in
    /// all that it showed in; what does show is on record.
    pub fn apply(&self, run: &mut Run, is_rekeyed: bool) {
        for result in run.schemes.iter_mut().flat_map(|scheme| &mut scheme.results) {
            let of = |known: &&Divergence| known.vector == result.vector && known.reading == result.reading;
            let Some(known) = self.divergences.iter().find(of).filter(|_| result.verdict.ran()) else { continue };
            let is_told = |difference: &Difference| known.differs.iter().any(|line| difference.is_told_by(line));
            let is_known = match &result.verdict {
                Verdict::Passed if is_rekeyed => continue,
                Verdict::Differs(differences) if is_rekeyed => differences.iter().all(is_told),
                verdict => verdict.lines() == known.differs,
            };
            result.verdict = match is_known {
                true => Verdict::Known(known.reason.clone()),
                false => Verdict::Stale(known.differs.join("; "), result.verdict.differences().to_vec()),
            };
        }
    }

    /// Returns what is to be known after a run: what differs in it, with the reasons that were given, and
    /// what is known of vectors that did not run.
    pub fn after(&self, run: &Run) -> Known {
        let mut divergences = Vec::new();
        for result in run.schemes.iter().flat_map(|scheme| &scheme.results) {
            let of = |known: &&Divergence| known.vector == result.vector && known.reading == result.reading;
            let before = self.divergences.iter().find(of);
            if !result.verdict.ran() {
                divergences.extend(before.cloned());
            } else if result.verdict.failure().is_some() {
                let reason = before.map_or(NO_REASON.to_owned(), |known| known.reason.clone());
                let (vector, reading) = (result.vector.clone(), result.reading.clone());
                divergences.push(Divergence { vector, reading, reason, differs: result.verdict.lines() });
            }
        }
        // So does what is known of vectors that were not a part of the run.
        let is_in_run = |known: &&Divergence| {
            let results = run.schemes.iter().flat_map(|scheme| &scheme.results);
            results.into_iter().any(|result| known.vector == result.vector && known.reading == result.reading)
        };
        divergences.extend(self.divergences.iter().filter(|known| !is_in_run(known)).cloned());
        Known { divergences }
    }

    /// Returns whether a file has comments beside that of [`Known::to_yaml`], which alone are lost when it is rewritten.
    pub fn has_comments(file: &[u8]) -> bool {
        String::from_utf8_lossy(file).lines().any(|line| line != HEADING && has_comment(line))
    }

    /// The text of the file.
    pub fn to_yaml(&self) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mut out = format!("{HEADING}\n");
        out.push_str(if self.divergences.is_empty() { "divergences: []\n" } else { "divergences:\n" });
        for Divergence { vector, reading, reason, differs } in &self.divergences {
            let _ = writeln!(out, "  - vector: {}", quoted(vector));
            if let Some(reading) = reading {
                let _ = writeln!(out, "    reading: {}", quoted(reading));
            }
            let _ = writeln!(out, "    reason: {}", quoted(reason));
            let _ = writeln!(out, "    differs:");
            differs.iter().for_each(|line| {
                let _ = writeln!(out, "      - {}", quoted(line));
            });
        }
        out
    }
}
