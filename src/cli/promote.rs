//! `--promote DIR`: findings are added to a corpus, as vectors.

use super::options::load;
use super::outcome::{Failed, every, say};
use super::write::{OutputFile, Over, can_be_made, write_folder};
use crate::corpus::{Files, Folder};
use crate::differential::{self, Fuzzed, Promoted};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

/// The corpus that findings are added to.
pub(super) struct GrowingCorpus<'f> {
    directory: &'f Path,
    scheme: &'f str,
    /// Files of the scheme that is fuzzed: with them a directory that does not have it becomes a corpus.
    own: &'f Folder,
}

/// Files of the scheme that are there.
struct There {
    /// Its files, or those that it is going to have.
    folder: Folder,
    topic: String,
    /// The file of the findings; none where the folder is not there yet.
    found: Option<OutputFile>,
}

impl<'f> GrowingCorpus<'f> {
    /// Looks at the corpus, before the work starts.
    pub(super) fn open(directory: &'f Path, scheme: &'f str, own: &'f Folder) -> Result<GrowingCorpus<'f>, Failed> {
        let place = GrowingCorpus { directory, scheme, own };
        place.look().map(|_| place)
    }

    fn look(&self) -> Result<There, Failed> {
        let folder = self.directory.join(self.scheme);
        let is_empty = || folder.read_dir().is_ok_and(|mut files| files.next().is_none());
        if folder.symlink_metadata().is_err() || is_empty() {
            can_be_made(&folder)?;
            return Ok(There { folder: self.own.clone(), topic: "found".into(), found: None });
        }
        let files = Files::in_directory(&folder)?;
        load(&files)?;
        let there = files.0.into_values().next().unwrap_or_default();
        let scheme_of = |files: &Folder| files.get("scheme.yaml").map(|(_, bytes)| bytes.clone());
        if scheme_of(&there) != scheme_of(self.own) {
            return Err(Failed(format!(
                "{}: holds another scheme.yaml than the one that is fuzzed; promote into a corpus with the same one, or \
                 fuzz that one with --corpus {}",
                folder.display(),
                self.directory.display()
            )));
        }
        let mut names = std::iter::once("found".to_owned()).chain((2..).map(|n| format!("found-{n}")));
        let topic = names.find(|name| !there.contains_key(&format!("{name}.yaml"))).unwrap_or_default();
        let name = format!("{}/{topic}.yaml", self.scheme);
        let found = OutputFile::below(self.directory, &name, Over::Nothing, false)?;
        Ok(There { folder: there, topic, found: Some(found) })
    }

    /// Adds what passes as it stands, and says what does not. The corpus may have grown since it was looked at.
    pub(super) fn add(&self, fuzzed: &Fuzzed<'_>) -> Result<(), Failed> {
        let there = self.look()?;
        let promoted = differential::promoted(fuzzed, &there.folder, &there.topic);
        promoted.left_out.iter().try_for_each(|why| say(&format!("not promoted: {why}")))?;
        if promoted.vectors == 0 {
            return Ok(());
        }
        match &there.found {
            Some(target) => {
                let readings = promoted.readings.as_deref().map_or(Ok(()), |text| self.readings(text));
                every([target.write(&promoted.found), readings])?;
            }
            None => self.make(&promoted)?,
        }
        let file = self.directory.join(self.scheme).join(format!("{}.yaml", there.topic));
        say(&format!("{} vectors were written to {}", promoted.vectors, file.display()))
    }

    fn readings(&self, text: &str) -> Result<(), Failed> {
        let name = format!("{}/readings.yaml", self.scheme);
        OutputFile::below(self.directory, &name, Over::Ours, false)?.write(text)
    }

    fn make(&self, promoted: &Promoted) -> Result<(), Failed> {
        let mut files: BTreeMap<&str, Cow<'_, [u8]>> =
            self.own.iter().map(|(name, (_, bytes))| (name.as_str(), Cow::Borrowed(&**bytes))).collect();
        files.insert("found.yaml", promoted.found.as_bytes().into());
        promoted.readings.iter().for_each(|text| drop(files.insert("readings.yaml", text.as_bytes().into())));
        write_folder(&self.directory.join(self.scheme), files)
    }
}
