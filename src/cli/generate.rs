//! `countersign generate`: the vectors that the hand-written ones lack.

use super::{CorpusArgs, End, Failed, Force, Outcome, OutputFile, Over, is_stale, print, wrapped};
use crate::corpus::{self, Entry};
use crate::mutation::{self, Found, Generated};
use crate::printable::count;
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
        let systems = corpus.entries.iter().filter(|entry| entry.scheme.kind == crate::scheme::SchemeKind::System);
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
            print(&summary(entry, &generated, fresh))?;
        }
        Ok(if self.check && stale > 0 { End::Differences } else { End::Conforms })
    }
}

const ABOUT: &str = "Vectors that the search found: each is there for the mutants that its comment names.";

fn summary(entry: &Entry, generated: &Generated, fresh: bool) -> String {
    let Generated { found, inputs, unreached, .. } = generated;
    let state = if fresh { "as on disk" } else { "other than on disk" };
    let vectors = count(found.len(), "vector");
    let mut out = wrapped(&format!("{}: {vectors} from {inputs} inputs, {state}", entry.name), ["", "  "]);
    for Found { vector, protects } in found {
        out.push_str(&wrapped(&format!("{} for {}", vector.name, protects.join(", ")), ["  ", "    "]));
    }
    let idle: Vec<&str> = entry.operations_without_vectors().collect();
    for name in &idle {
        let own = unreached.iter().filter(|mutant| mutant.operation == *name).count();
        let text = format!(
            "no vector is of the operation {name}, so that nothing can be tried for its {own} mutants; write one"
        );
        out.push_str(&wrapped(&text, ["  ", "    "]));
    }
    for mutant in unreached.iter().filter(|mutant| !idle.contains(&mutant.operation.as_str())) {
        out.push_str(&wrapped(&format!("no input helps with {}", mutant.id), ["  ", "    "]));
    }
    out
}
