//! `--promote DIR`: findings are added to a corpus, as vectors.

use super::options::load;
use super::outcome::{Failed, every};
use super::write::{Over, Target, can_be_made, write_folder};
use crate::corpus::{Files, Folder};
use crate::differential::{self, Fuzzed, Promoted};
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The corpus that findings are added to.
pub(super) struct Place {
    directory: PathBuf,
    scheme: String,
    /// The files of the scheme: those that are there, or those that are going to be.
    folder: Folder,
    topic: String,
    /// The file of the findings; none where the folder of the scheme is not there yet.
    found: Option<Target>,
}

impl Place {
    /// Looks at the corpus, before the work starts. `own` are the files of the scheme that is fuzzed: with them a
    /// directory that does not have it becomes a corpus.
    pub(super) fn open(directory: &Path, scheme: &str, own: &Folder) -> Result<Place, Failed> {
        let folder = directory.join(scheme);
        let place = |folder, topic, found| Place {
            directory: directory.to_owned(),
            scheme: scheme.to_owned(),
            folder,
            topic,
            found,
        };
        let is_empty = || folder.read_dir().is_ok_and(|mut files| files.next().is_none());
        if folder.symlink_metadata().is_err() || is_empty() {
            can_be_made(&folder)?;
            return Ok(place(own.clone(), "found".into(), None));
        }
        let files = Files::in_directory(&folder)?;
        load(&files)?;
        let there = files.0.into_values().next().unwrap_or_default();
        let scheme_of = |files: &Folder| files.get("scheme.yaml").map(|(_, bytes)| bytes.clone());
        if scheme_of(&there) != scheme_of(own) {
            return Err(Failed(format!(
                "{}: holds another scheme.yaml than the one that is fuzzed; promote into a corpus with the same one, or \
                 fuzz that one with --corpus {}",
                folder.display(),
                directory.display()
            )));
        }
        let names = std::iter::once("found".to_owned()).chain((2..).map(|n| format!("found-{n}")));
        let topic = names.into_iter().find(|name| !there.contains_key(&format!("{name}.yaml"))).unwrap_or_default();
        let found = Target::below(directory, &format!("{scheme}/{topic}.yaml"), Over::Nothing, false)?;
        Ok(place(there, topic, Some(found)))
    }

    /// Adds what passes as it stands, and says what does not.
    pub(super) fn add(&self, fuzzed: &Fuzzed<'_>) -> Result<(), Failed> {
        let promoted = differential::promoted(fuzzed, &self.folder, &self.topic);
        promoted.left_out.iter().for_each(|why| eprintln!("countersign: not promoted: {why}"));
        if promoted.vectors == 0 {
            return Ok(());
        }
        match &self.found {
            Some(target) => {
                let readings = promoted.readings.as_deref().map(|text| self.readings(text));
                every([target.write(&promoted.found), readings.unwrap_or(Ok(()))])?;
            }
            None => self.make(&promoted)?,
        }
        let file = self.directory.join(&self.scheme).join(format!("{}.yaml", self.topic));
        eprintln!("countersign: {} vectors were written to {}", promoted.vectors, file.display());
        Ok(())
    }

    fn readings(&self, text: &str) -> Result<(), Failed> {
        let name = format!("{}/readings.yaml", self.scheme);
        Target::below(&self.directory, &name, Over::Ours, false)?.write(text)
    }

    fn make(&self, promoted: &Promoted) -> Result<(), Failed> {
        let found = format!("{}.yaml", self.topic);
        let readings = promoted.readings.as_ref().map(|text| ("readings.yaml", Cow::Borrowed(text.as_bytes())));
        let own = self.folder.iter().map(|(name, (_, bytes))| (name.as_str(), Cow::Borrowed(&**bytes)));
        let own = own.filter(|(name, _)| readings.is_none() || *name != "readings.yaml");
        let found = (found.as_str(), Cow::Borrowed(promoted.found.as_bytes()));
        write_folder(&self.directory.join(&self.scheme), own.chain([found]).chain(readings.clone()))
    }
}
