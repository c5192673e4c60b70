//! Bad input: every mistake in a corpus gets an error that says where and what, soon, and exit code 2; what only
//! `lint` can see, exit code 1.
//!
//! The base is what `countersign new demo` writes, which is without a mistake; each case makes one.

mod hostile;
mod like;
mod lints;
mod loading;
mod regressions;
mod wording;

use crate::command::Corpus;
use std::ops::RangeInclusive;

pub const SCHEME: &str = "demo/scheme.yaml";
pub const VECTORS: &str = "demo/sign.yaml";
pub const STATEMENTS: &str = "demo/statements.yaml";

/// One mistake: in `file`, `old` becomes `new`.
pub struct Case {
    pub what: &'static str,
    pub file: &'static str,
    pub old: &'static str,
    pub new: &'static str,
    /// What the message must say.
    pub says: &'static str,
    /// Text on the line of the node around the mistake, where the message may name that line instead.
    pub around: &'static str,
}

impl Case {
    /// A mistake whose message names its line.
    pub const fn new(
        what: &'static str,
        file: &'static str,
        old: &'static str,
        new: &'static str,
        says: &'static str,
    ) -> Case {
        Case { what, file, old, new, says, around: "" }
    }

    /// The same, in a node that starts on the line of this text.
    pub const fn around(self, text: &'static str) -> Case {
        Case { around: text, ..self }
    }

    /// The demo corpus with this mistake in it.
    pub fn corpus(&self) -> Corpus {
        let corpus = Corpus::demo();
        corpus.edit(self.file, self.old, self.new);
        corpus
    }

    /// The lines that a message may name, from 1: that of the mistake, or down from that of the node around it; none
    /// where the mistake is that something is missing.
    pub fn lines(&self, corpus: &Corpus) -> Option<RangeInclusive<usize>> {
        let text = corpus.read(self.file);
        let at = text.find(self.new).expect("the mistake is in the file");
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let from = if self.around.is_empty() { at } else { text.find(self.around).expect("the node is in the file") };
        (!self.new.is_empty()).then(|| line(at.min(from))..=line(at.max(from)))
    }
}

/// Seconds within which a command ends, whatever it is given.
pub const SOON: u64 = 5;

#[test]
fn the_base_is_without_a_mistake() {
    let corpus = Corpus::demo();
    corpus.run(&["check"]).exits(0).prints("1 passed, 0 failed");
    corpus.run(&["lint"]).exits(0).prints("1 schemes, 1 vectors, 0 findings");
}
