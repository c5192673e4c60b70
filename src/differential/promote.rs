//! Promotion: findings as vectors, with where they come from. What is promoted passes `lint` as it stands.

use super::{Finding, Fuzzed};
use crate::case::Ending;
use crate::corpus::{self, Entry, Files, Folder, Provenance, ProvenanceKind, Vector};
use crate::inputs::Input;
use crate::scheme::Account;
use crate::trial::{self, Reference};
use indexmap::IndexMap;

/// Findings as files of a scheme's folder.
#[derive(Debug, Default)]
pub struct Promoted {
    /// A file of vectors.
    pub found: String,
    /// `readings.yaml` with them, where they change it.
    pub readings: Option<String>,
    /// Number of vectors.
    pub vectors: usize,
    /// LeftOut findings are no vectors, a line each.
    pub left_out: Vec<String>,
}

/// Findings as vectors of a topic that a folder does not have yet. What is expected is what the reference answers: it
/// counts when a second implementation that shares no code agrees.
pub fn promoted(fuzzed: &Fuzzed<'_>, folder: &Folder, topic: &str) -> Promoted {
    let mut promotion = Promotion { fuzzed, folder, topic, accounts: IndexMap::new(), vectors: Vec::new() };
    let Ok((entry, before)) = promotion.linted() else { return Promoted::default() };
    let mut promoted = Promoted::default();
    for (i, finding) in fuzzed.findings.iter().enumerate() {
        let mut why = None;
        for input in std::iter::once(&finding.input).chain(&finding.told) {
            why = promotion.add(finding, input, i, &before).err();
            // What is only unfit may show with another input.
            if !matches!(why, Some(LeftOut::Unfit(_))) {
                break;
            }
        }
        promoted.left_out.extend(why.map(|why| format!("finding {}: {why}", i + 1)));
    }
    let now = promotion.linted().map(|(entry, _)| entry.readings).unwrap_or_default();
    promoted.readings = (now != entry.readings).then(|| corpus::readings_yaml(&now));
    (promoted.found, promoted.vectors) = (promotion.text(), promotion.vectors.len());
    promoted
}

/// LeftOut an input becomes no vector.
#[derive(Debug, thiserror::Error)]
enum LeftOut {
    #[error("it is the same as {0}")]
    There(String),
    #[error("{0}")]
    Unfit(String),
}

impl<S: Into<String>> From<S> for LeftOut {
    fn from(why: S) -> LeftOut {
        LeftOut::Unfit(why.into())
    }
}

/// A file of vectors that grows.
struct Promotion<'p> {
    fuzzed: &'p Fuzzed<'p>,
    folder: &'p Folder,
    topic: &'p str,
    accounts: IndexMap<String, Account>,
    vectors: Vec<Vector>,
}

impl Promotion<'_> {
    /// Adds the vector that an input of a finding becomes.
    fn add(&mut self, finding: &Finding, input: &Input, i: usize, before: &[String]) -> Result<(), LeftOut> {
        let (accounts, vectors) = (self.accounts.clone(), self.vectors.clone());
        let added = self.push(finding, input, i).and_then(|()| self.stands(before));
        if added.is_err() {
            (self.accounts, self.vectors) = (accounts, vectors);
        }
        added
    }

    fn push(&mut self, finding: &Finding, input: &Input, i: usize) -> Result<(), LeftOut> {
        let Fuzzed { entry, subject, seed, .. } = self.fuzzed;
        let case = input.case(entry);
        let operation = entry.scheme.operations.get(&case.operation).ok_or("it is of no operation")?;
        let reply = Reference::new(entry.schemes()).answer(&case);
        let (name, version) = (&subject.name, &subject.version);
        let comment = match finding.verdict.differences().first() {
            Some(difference) => format!("{name} {version} differs: {difference}"),
            None => format!("{name} {version} has no answer to it."),
        };
        let vector = input.vector(format!("{}-found-{}", case.operation, i + 1), comment, operation, &reply);
        let mut vector = vector.ok_or("the reference has no answer")?;
        let place = format!("countersign fuzz --scheme {} --seed {seed}", entry.name);
        vector.source = Provenance { kind: ProvenanceKind::Generated, place };
        // Accounts of one name may differ between findings.
        let own = |name: &str| format!("{}-{name}", vector.name);
        self.accounts.extend(input.accounts.iter().map(|(name, account)| (own(name), account.clone())));
        vector.given.task = vector.given.task.with(|name| own(name));
        if vector.expect.results.last().is_some_and(|last| last.outcome == Ending::Reject) && vector.fault.is_none() {
            return Err("it ends in a refusal, and no recipe of a single fault tells it".into());
        }
        self.vectors.push(vector);
        Ok(())
    }

    /// Checks that the last vector passes beside all others.
    fn stands(&self, before: &[String]) -> Result<(), LeftOut> {
        let (entry, findings) = self.linted()?;
        let full = |(topic, vector): (&corpus::Topic, &Vector)| vector.given.in_full(&topic.file.accounts);
        let name = self.vectors.last().map(|vector| format!("{}/{}/{}", entry.name, self.topic, vector.name));
        let name = name.unwrap_or_default();
        let last = entry.find(&name).map(full);
        let same = entry
            .vectors()
            .find(|&(topic, vector)| entry.full_name(topic, vector) != name && Some(full((topic, vector))) == last);
        if let Some((topic, vector)) = same {
            return Err(LeftOut::There(entry.full_name(topic, vector)));
        }
        match findings.into_iter().find(|finding| !before.contains(finding)) {
            Some(finding) => Err(finding.into()),
            None => Ok(()),
        }
    }

    /// The scheme with these vectors, and what `lint` finds in it. What permitted readings expect of them is derived.
    fn linted(&self) -> Result<(Entry, Vec<String>), String> {
        let mut folder = self.folder.clone();
        if !self.vectors.is_empty() {
            let (file, text) = (format!("{}.yaml", self.topic), self.text().into_bytes());
            folder.insert(file.clone(), (file, text.into()));
        }
        let files = Files([(self.fuzzed.entry.name.clone(), folder)].into());
        let mut corpus = corpus::load(&files).map_err(|errors| errors[0].to_string())?;
        let mut findings: Vec<String> = corpus::lint(&files, &corpus).iter().map(ToString::to_string).collect();
        let mut entry = corpus.entries.pop().ok_or("there is no scheme")?;
        if !self.vectors.is_empty() {
            entry.readings = trial::expected_readings(&entry);
        }
        findings.extend(trial::lint_entry(&entry));
        Ok((entry, findings))
    }

    fn text(&self) -> String {
        let about = "Inputs on which an implementation differed from the reference.";
        corpus::vectors_yaml("fuzz", about, &self.accounts, self.vectors.iter())
    }
}
