//! A case given by hand: the name of a vector, or a file.

use super::{CorpusArgs, Failed};
use crate::case::{Case, Given, Task};
use crate::corpus::{Corpus, Entry};
use crate::scheme::{Account, Credential, Implementation, Secrecy};
use crate::yaml::{self, Document, Scalars};
use clap::Args;
use std::path::Path;

/// Options that name a case.
#[derive(Debug, Args)]
pub(super) struct CaseArgs {
    /// Full name of a vector, or a file: `given` of a vector with its accounts written out
    input: String,
    /// The scheme of the file
    #[arg(long)]
    scheme: Option<String>,
    /// A permitted reading of the document
    #[arg(long)]
    reading: Option<String>,
    /// Take a credential from an environment variable: NAME=VARIABLE
    #[arg(long, value_name = "NAME=VARIABLE")]
    credential_env: Vec<String>,
    /// Print secrets where stages hold them
    #[arg(long)]
    pub show_secrets: bool,
    #[command(flatten)]
    corpus: CorpusArgs,
}

/// A case, and what is needed to run it.
pub(super) struct Loaded {
    pub case: Case,
    pub implementation: Implementation,
}

impl CaseArgs {
    pub(super) fn load(&self) -> Result<Loaded, Failed> {
        let corpus = self.corpus.load()?;
        let mut case = self.case(&corpus)?;
        for assignment in &self.credential_env {
            set_credential(&mut case, assignment)?;
        }
        let entry = entry(&corpus, &case.scheme)?;
        let (variant, reading) = (case.variant.as_deref(), case.reading.as_deref());
        let implementation = Implementation::of(&entry.scheme, &case.operation, variant, reading).map_err(Failed)?;
        Ok(Loaded { case, implementation })
    }

    fn case(&self, corpus: &Corpus) -> Result<Case, Failed> {
        for entry in &corpus.entries {
            if let Some((topic, vector)) = entry.find(&self.input) {
                return Ok(entry.case(topic, vector, self.reading.as_deref()));
            }
        }
        let file = Path::new(&self.input);
        if !file.exists() {
            return Err(Failed(format!(
                "`{}` is neither a vector (`countersign list vectors`) nor a file",
                self.input
            )));
        }
        let scheme =
            self.scheme.clone().ok_or_else(|| Failed("say which scheme the file is of: --scheme NAME".into()))?;
        let document = Document::parse(&self.input, &yaml::read(file)?, Scalars::Withheld)?;
        let Given { operation, variant, task } = document.decode::<Given<Account>>()?;
        Ok(Case { scheme, operation, variant, reading: self.reading.clone(), task })
    }
}

/// The scheme of this name.
pub(super) fn entry<'c>(corpus: &'c Corpus, name: &str) -> Result<&'c Entry, Failed> {
    corpus.entries.iter().find(|entry| entry.name == name).ok_or_else(|| {
        let known: Vec<_> = corpus.entries.iter().map(|entry| entry.name.as_str()).collect();
        Failed(format!("unknown scheme `{name}`; the corpus has {}", known.join(", ")))
    })
}

/// A credential from the environment, assigned as NAME=VARIABLE.
pub(super) fn credential(assignment: &str) -> Result<(&str, Credential), Failed> {
    let why = |what: &str| {
        Failed(format!(
            "--credential-env: {what}; write NAME=VARIABLE, the credential and the environment variable that holds it \
             (what stands there is not shown, since it may be a secret)"
        ))
    };
    let (name, variable) = assignment.split_once('=').ok_or_else(|| why("one has no `=`"))?;
    let value = std::env::var(variable).map_err(|_| why("one names a variable that is not set"))?;
    Ok((name, Credential::Value(value.as_str().into())))
}

fn set_credential(case: &mut Case, assignment: &str) -> Result<(), Failed> {
    let (name, value) = credential(assignment)?;
    let account = match &mut case.task {
        Task::Sign(task) => &mut task.account.0,
        Task::Verify(task) => match task.accounts.first_mut() {
            Some(account) => &mut account.0,
            None => return Err(Failed("the case has no account to put the credential into".into())),
        },
    };
    account.insert(name.to_owned(), value);
    Ok(())
}

impl Loaded {
    /// Says why the case has no answer, with its scheme and operation.
    pub(super) fn failed(&self, why: &str) -> Failed {
        Failed(format!("{}, {}: {why}", self.case.scheme, self.case.operation))
    }

    /// Returns what of the operation is secret.
    pub(super) fn secrecy(&self) -> Secrecy {
        Secrecy::of(self.implementation.scheme(), &self.implementation.operation())
    }
}
