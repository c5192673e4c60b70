//! `countersign export`: the derived files of a corpus.

use super::language;
use super::{CorpusArgs, End, Failed, Force, Outcome, OutputFile, Over, every, is_stale, print};
use crate::corpus::{self, Corpus};
use crate::{parallel, subject, trial};
use clap::Args;
use std::path::PathBuf;

/// Write the derived files of a corpus: `<scheme>/readings.yaml`, `json/`, `schema/` and `LANGUAGE.md`.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    corpus: CorpusArgs,
    /// Write into this directory; the corpus itself unless given
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Write nothing, and say which files are stale
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    force: Force,
}

impl Export {
    pub(super) fn run(self) -> Outcome {
        let output = self.output.as_ref().or(self.corpus.corpus.as_ref());
        let output =
            output.ok_or_else(|| Failed("say where with --output DIR, or which corpus with --corpus DIR".into()))?;
        let mut corpus = self.corpus.load()?;
        let readings = parallel::map(&corpus.entries, trial::expected_readings);
        for (entry, readings) in corpus.entries.iter_mut().zip(readings) {
            entry.readings = readings;
        }
        let files = derived(&corpus);
        let stale: Vec<_> = files.iter().filter(|(name, text)| is_stale(&output.join(name), text)).collect();
        if self.check {
            stale.iter().try_for_each(|(name, _)| print(&format!("stale: {name}\n")))?;
        } else {
            let target = |name: &String| OutputFile::below(output, name, Over::Ours, self.force.force);
            let targets = stale.iter().map(|(name, text)| Ok((target(name)?, text)));
            let targets = targets.collect::<Result<Vec<_>, Failed>>()?;
            every(targets.iter().map(|(file, text)| if text.is_empty() { file.remove() } else { file.write(text) }))?;
        }
        print(&format!(
            "{} derived files, {} {}\n",
            files.len(),
            stale.len(),
            if self.check { "stale" } else { "written" }
        ))?;
        Ok(if self.check && !stale.is_empty() { End::Differences } else { End::Conforms })
    }
}

/// Names and contents; an empty text means that the file must not be there.
fn derived(corpus: &Corpus) -> Vec<(String, String)> {
    let readings = corpus
        .entries
        .iter()
        .map(|entry| (format!("{}/readings.yaml", entry.name), corpus::readings_yaml(&entry.readings)));
    let json = corpus::to_json(corpus)
        .into_iter()
        .map(|(scheme, json)| (format!("json/{scheme}.json"), corpus::json_text(&json)));
    let schemas = corpus::schemas()
        .into_iter()
        .chain(subject::schemas())
        .map(|(name, schema)| (format!("schema/{name}"), format!("{schema:#}\n")));
    let language = ("LANGUAGE.md".to_owned(), language::page());
    readings.chain(json).chain(schemas).chain([language]).collect()
}
