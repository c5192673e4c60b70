//! `countersign generate`: the vectors that the hand-written ones lack.

use super::{CorpusArgs, End, Failed, Outcome, is_stale, print, write_file};
use crate::corpus;
use crate::mutation::{self, Found, Generated};
use clap::Args;
use std::path::PathBuf;

/// Find vectors that kill survivors, raise margins and tell mutants apart; write `generated.yaml`.
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// Only these schemes
    #[arg(long)]
    scheme: Vec<String>,
    /// Write nothing, and say which files are stale
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
    /// The corpus to write into; `--corpus` unless given
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
}

impl Generate {
    pub(super) fn run(self) -> Outcome {
        let output = self.output.as_ref().or(self.corpus.corpus.as_ref());
        let output =
            output.ok_or_else(|| Failed("say where with --output DIR, or which corpus with --corpus DIR".into()))?;
        let corpus = self.corpus.load()?;
        let mut stale = 0;
        let systems = corpus.entries.iter().filter(|entry| entry.scheme.kind == crate::scheme::Kind::System);
        for entry in systems.filter(|entry| self.scheme.is_empty() || self.scheme.contains(&entry.name)) {
            let generated = mutation::generate(entry);
            let file = output.join(&entry.name).join("generated.yaml");
            let text = corpus::vectors_yaml(
                "countersign generate",
                ABOUT,
                &generated.accounts,
                generated.found.iter().map(|found| &found.vector),
            );
            let fresh = !is_stale(&file, &text);
            stale += usize::from(!fresh);
            if !fresh && !self.check && !text.is_empty() {
                write_file(&file, text.as_bytes())?;
            }
            print(&summary(&entry.name, &generated, fresh))?;
        }
        Ok(if self.check && stale > 0 { End::Differences } else { End::Conforms })
    }
}

const ABOUT: &str = "Vectors that the search found: each is there for the mutants that its comment names.";

fn summary(name: &str, generated: &Generated, fresh: bool) -> String {
    let Generated { found, candidates, unreached, .. } = generated;
    let state = if fresh { "as on disk" } else { "other than on disk" };
    let mut out = format!("{name}: {} vectors from {candidates} candidates, {state}\n", found.len());
    for Found { vector, protects } in found {
        out.push_str(&format!("  {} for {}\n", vector.name, protects.join(", ")));
    }
    for id in unreached {
        out.push_str(&format!("  no candidate helps with {id}\n"));
    }
    out
}
