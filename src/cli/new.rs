//! `countersign new NAME`: a commented scheme and a first vector, to be filled in.

use super::{End, Failed, Outcome, OutputFile, Over, every, is_stale, json_text, print, write_folder};
use crate::corpus::{self, DERIVED};
use clap::Args;
use std::path::PathBuf;

const SCHEME: &str = include_str!("new/scheme.yaml");
const STATEMENTS: &str = include_str!("new/statements.yaml");
const VECTORS: &str = include_str!("new/sign.yaml");

/// Start a scheme of your own: a commented folder with a first vector.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Name of the scheme, kebab-case; the folder gets it
    name: String,
    /// The corpus that the folder goes into
    #[arg(long, value_name = "DIR", default_value = "my-vectors")]
    output: PathBuf,
}

impl New {
    pub(super) fn run(self) -> Outcome {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let kebab = self.name.bytes().all(allowed) && self.name.split('-').all(|word| !word.is_empty());
        if !kebab {
            return Err(Failed(format!("`{}` is no name of a scheme: lower-case letters, digits and `-`", self.name)));
        }
        if DERIVED.contains(&self.name.as_str()) {
            let why = "`countersign export` writes derived files into a folder of this name; call the scheme otherwise";
            return Err(Failed(format!("`{}`: {why}", self.name)));
        }
        let folder = self.output.join(&self.name);
        let named = |text: &str| text.replace("NAME", &self.name).into_bytes();
        let files = [("scheme.yaml", SCHEME), ("statements.yaml", STATEMENTS), ("sign.yaml", VECTORS)];
        let schemas =
            corpus::schemas().into_iter().map(|(name, schema)| (format!("schema/{name}"), json_text(&schema)));
        let stale = schemas.filter(|(name, text)| is_stale(&self.output.join(name), text));
        let stale = stale.map(|(name, text)| Ok((OutputFile::below(&self.output, &name, Over::Ours, false)?, text)));
        let stale = stale.collect::<Result<Vec<_>, Failed>>()?;
        write_folder(&folder, files.map(|(file, text)| (file, named(text).into())))?;
        every(stale.iter().map(|(file, text)| file.write(text)))?;
        let (folder, corpus) = (folder.display(), self.output.display());
        print(&format!(
            "{folder}/scheme.yaml      how your API signs: fill this in first\n\
             {folder}/sign.yaml        a first vector\n\
             {folder}/statements.yaml  what your documentation says\n\
             {corpus}/schema: by these an editor completes and checks the files\n\
             next: countersign check --corpus {corpus}\n"
        ))?;
        Ok(End::Conforms)
    }
}
