//! `countersign explain NAME`: everything that is called so.

use super::named::{Category, Nameable, mutants, named};
use super::{CorpusArgs, End, Failed, Outcome, print};
use crate::corpus::{Corpus, Entry};
use crate::scheme::distance;
use clap::{Args, ValueEnum};
use std::collections::BTreeSet;

/// Explain whatever has a name.
///
/// A scheme and its operations, stages, credentials, parameters, variants, readings, vectors, flags, discrepancies,
/// statements and mutants; of the language its steps, sources, checks, forms of a time, digests and reject classes;
/// mutation operators and bug classes; fields of the files.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Its name, alone or after the scheme (`SCHEME/NAME`); or all of a kind, such as `steps`
    name: String,
    #[command(flatten)]
    corpus: CorpusArgs,
}

impl Explain {
    pub(super) fn run(self) -> Outcome {
        let corpus = self.corpus.load()?;
        let mut all = named(&corpus);
        all.extend(self.mutants(&corpus));
        let is = |one: &&Nameable<'_>| one.is(&self.name) || one.kind.plural() == self.name;
        let found: Vec<String> = all.iter().filter(is).map(Nameable::page).collect();
        if found.is_empty() {
            let kinds: Vec<String> = Category::value_variants().iter().map(|kind| kind.plural()).collect();
            let known = all.iter().flat_map(|one| [one.name.as_str(), one.own()]);
            let near = near(&self.name, known.chain(kinds.iter().map(String::as_str)));
            return Err(Failed(format!(
                "nothing is called `{}`{near}; `countersign list` shows what there is",
                self.name
            )));
        }
        print(&found.join("\n"))?;
        Ok(End::Conforms)
    }

    /// Mutants, where the name is one's, `operator@path`, or the word for all: to make them takes a while.
    fn mutants<'c>(&self, corpus: &'c Corpus) -> Vec<Nameable<'c>> {
        if !self.name.contains('@') && self.name != Category::Mutants.plural() {
            return Vec::new();
        }
        let scheme = self.name.split('@').next().and_then(|before| before.split_once('/')).map(|(scheme, _)| scheme);
        let wanted = |entry: &&Entry| scheme.is_none_or(|name| name == entry.name);
        corpus.entries.iter().filter(wanted).flat_map(mutants).collect()
    }
}

/// `, and near it are …`: names that are like a word or have it within them, the nearest first.
fn near<'n>(word: &str, names: impl Iterator<Item = &'n str>) -> String {
    let is_near = |(far, name): &(usize, &str)| {
        let has = |all: &str, part: &str| part.len() >= SHORTEST && all.contains(part);
        *far <= 2.min(word.len() / 2) || has(name, word) || has(word, name)
    };
    let near: BTreeSet<_> = names.map(|name| (distance(word, name), name)).filter(is_near).collect();
    match near.is_empty() {
        true => String::new(),
        false => format!(
            ", and near it are {}",
            near.iter().take(MOST).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Letters of a word that is looked for within others.
const SHORTEST: usize = 3;
/// Names that are said to be near.
const MOST: usize = 5;
