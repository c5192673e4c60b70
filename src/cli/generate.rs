//! `countersign generate`: the vectors that the hand-written ones lack.

use super::{CorpusArgs, End, Failed, Force, Outcome, OutputFile, Over, is_stale, print};
use crate::corpus::{self, Entry};
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
    #[command(flatten)]
    force: Force,
}

impl Generate {
    pub(super) fn run(self) -> Outcome {
        let output = self.output.as_ref().or(self.corpus.corpus.as_ref());
        let output =
            output.ok_or_else(|| Failed("say where with --output DIR, or which corpus with --corpus DIR".into()))?;
        let corpus = self.corpus.load()?;
        let systems = corpus.entries.iter().filter(|entry| entry.scheme.kind == crate::scheme::Kind::System);
        let named = systems.filter(|entry| self.scheme.is_empty() || self.scheme.contains(&entry.name));
        let target = |entry: &Entry| {
            let file = format!("{}/generated.yaml", entry.name);
            (!self.check).then(|| OutputFile::below(output, &file, Over::Ours, self.force.force)).transpose()
        };
        let opened = named.map(|entry| Ok((entry, target(entry)?))).collect::<Result<Vec<_>, Failed>>()?;
        let mut stale = 0;
        for (entry, target) in opened {
            let generated = mutation::generate(entry);
            let file = output.join(&entry.name).join("generated.yaml");
            let text = corpus::vectors_yaml(
                "generate",
                ABOUT,
                &generated.accounts,
                generated.found.iter().map(|found| &found.vector),
            );
            let fresh = !is_stale(&file, &text);
            stale += usize::from(!fresh);
            if let (false, false, Some(target)) = (fresh, text.is_empty(), target) {
                target.write(&text)?;
            }
            print(&summary(&entry.name, &generated, fresh))?;
        }
        Ok(if self.check && stale > 0 { End::Differences } else { End::Conforms })
    }
}

const ABOUT: &str = "Vectors that the search found: each is there for the mutants that its comment names.";

fn summary(name: &str, generated: &Generated, fresh: bool) -> String {
    let Generated { found, inputs, unreached, .. } = generated;
    let state = if fresh { "as on disk" } else { "other than on disk" };
    let mut out = format!("{name}: {} vectors from {inputs} inputs, {state}\n", found.len());
    for Found { vector, protects } in found {
        out.push_str(&format!("  {} for {}\n", vector.name, protects.join(", ")));
    }
    for id in unreached {
        out.push_str(&format!("  no candidate helps with {id}\n"));
    }
    out
}
