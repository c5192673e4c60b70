//! `countersign diagnose`: what is wrong with one signature.

use super::options::seconds;
use super::progress::Progress;
use super::{CorpusArgs, End, Failed, Outcome, ReportArgs};
use crate::bytes::Bytes;
use crate::case::{Case, SignTask, Task, Time};
use crate::corpus::Entry;
use crate::diagnosis::{self, Conclusion, Diagnoser, Foreign, KnownSigner, Observation, Seen, Watch};
use crate::report;
use crate::scheme::{Account, Credential, CredentialKind, Implementation, Parameters, Program, Scheme, Scratch};
use crate::trial;
use crate::yaml::{self, Document, Scalars};
use clap::Args;
use std::path::{Path, PathBuf};

/// Seconds that may be spent on mistakes, unless others are given.
const TIME: f32 = 1.0;

/// Say what is wrong with a signature that some code made.
#[derive(Debug, Args)]
pub(super) struct Diagnose {
    /// The scheme
    #[arg(long)]
    scheme: String,
    /// Its operation; needed where the scheme has several
    #[arg(long)]
    operation: Option<String>,
    /// A variant of the scheme
    #[arg(long)]
    variant: Option<String>,
    /// The request: HTTP/1.1 as text, a curl command, or an HTTP archive (HAR); `-` is standard input. Without a
    /// Content-Length, a line end at the end of HTTP does not belong to the body
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// The entry of an archive that has several, from 1
    #[arg(long, value_name = "N")]
    entry: Option<usize>,
    /// The signature that the code made, or the field that holds it; the one in the request unless given
    #[arg(long, value_name = "VALUE")]
    signature: Option<String>,
    /// A file with the account: YAML or JSON, names with quoted values
    #[arg(long, value_name = "FILE")]
    account: Option<PathBuf>,
    /// Take a credential from an environment variable
    #[arg(long, value_name = "NAME=VARIABLE")]
    credential_env: Vec<String>,
    /// The time that was signed, RFC 3339 with Z; the one in the request unless given
    #[arg(long)]
    time: Option<String>,
    /// The clock of the server, RFC 3339 with Z; the request's own time unless given
    #[arg(long, value_name = "TIME")]
    now: Option<String>,
    /// The nonce or message id; the one in the request unless given
    #[arg(long)]
    nonce: Option<String>,
    /// A parameter of the scheme
    #[arg(long, value_name = "NAME=VALUE")]
    parameter: Vec<String>,
    /// Seconds that may be spent on mistakes; then it is said how many were left untried
    #[arg(long, value_name = "SECONDS", default_value_t = TIME, value_parser = seconds)]
    diagnosis_time: f32,
    #[command(flatten)]
    corpus: CorpusArgs,
    #[command(flatten)]
    report: ReportArgs,
}

impl Diagnose {
    pub(super) fn run(self) -> Outcome {
        let output = self.report.open()?;
        let corpus = self.corpus.load()?;
        let entry = super::case::entry(&corpus, &self.scheme)?;
        let operation = self.operation(entry)?;
        let verifier = Implementation::of(&entry.scheme, operation, self.variant.as_deref(), None).map_err(Failed)?;
        let mut foreign = self.read(&verifier)?;
        let mut notes = std::mem::take(&mut foreign.told);
        let diagnoser =
            Diagnoser::new(entry, operation).ok_or_else(|| Failed(format!("unknown operation `{operation}`")))?;
        let progress = Progress::new("candidates");
        let watch = progress.watch(self.diagnosis_time);
        let diagnosis = match &self.signature {
            Some(value) => {
                check_printable(value.as_bytes())?;
                let case = self.case(entry, operation, self.to_sign(&verifier, &foreign)?);
                notes.extend(check_form(&diagnoser, &case, value.as_bytes(), &watch)?);
                let seen = Seen::Value(value.as_str().into());
                diagnoser.diagnose_while(&[Observation { case, seen }], &watch)
            }
            None => {
                notes.insert(0, "the signature was taken from the request.".into());
                let judged = foreign.judged(&verifier);
                let lacks = self.to_sign(&verifier, &foreign).err();
                let diagnosis = diagnoser.diagnose_foreign(self.variant.as_deref(), foreign, judged, &watch);
                match lacks.filter(|_| matches!(diagnosis.verdict, Conclusion::Unexplained { .. })) {
                    Some(lacks) => return Err(lacks),
                    None => diagnosis,
                }
            }
        };
        drop(watch);
        drop(progress);
        let text = |columns| report::diagnosis_text(entry, &diagnosis, &notes, columns);
        self.report.write(&output, text, || report::diagnosis_json(entry, &diagnosis, &notes))?;
        Ok(if matches!(diagnosis.verdict, Conclusion::Right) { End::Conforms } else { End::Differences })
    }

    fn operation<'a>(&'a self, entry: &'a Entry) -> Result<&'a str, Failed> {
        let known: Vec<&str> = entry.scheme.operations.keys().map(String::as_str).collect();
        match (&self.operation, known.as_slice()) {
            (None, [only]) => Ok(only),
            (None, several) => Err(Failed(format!("say which operation: --operation, one of {}", several.join(", ")))),
            (Some(name), _) if known.contains(&name.as_str()) => Ok(name),
            (Some(name), _) => {
                Err(Failed(format!("unknown operation `{name}`; {} has {}", entry.name, known.join(", "))))
            }
        }
    }

    /// Reads the request, and what its signer was given.
    fn read(&self, verifier: &Implementation) -> Result<Foreign, Failed> {
        let (file, text) = match self.request.to_str() {
            Some("-") => ("standard input".into(), yaml::read_input()?),
            _ => (self.request.display().to_string(), yaml::read(&self.request)?),
        };
        let mut named = |file: &Path| yaml::read(file).map_err(|e| e.message);
        let parsed = diagnosis::parse_request(&text, self.entry, &mut named);
        let (request, mut said) = parsed.map_err(|e| Failed(format!("{file}: {e}")))?;
        let time = |option: &str, given: &Option<String>| match given {
            Some(text) => Time::try_from(text.clone()).map(Some).map_err(|e| Failed(format!("--{option}: {e}"))),
            None => Ok(None),
        };
        let known = KnownSigner {
            account: self.account()?,
            parameters: self.parameters()?,
            time: time("time", &self.time)?,
            nonce: self.nonce.as_deref().map(Bytes::from),
            now: time("now", &self.now)?,
        };
        let mut foreign = Foreign::read(verifier, request, known).map_err(|e| Failed(format!("{file}: {e}")))?;
        said.append(&mut foreign.told);
        foreign.told = said;
        let place = verifier.operation().place;
        let is_there = |name: &str| foreign.fields.iter().any(|field| field.name == name);
        if self.signature.is_none() && !place.fields().any(|(_, name, _)| is_there(name)) {
            let names: Vec<String> = place.fields().map(|(part, name, _)| format!("{} {name}", part.word())).collect();
            return Err(Failed(format!(
                "the request carries no signature ({}); give it with --signature",
                names.join(", ")
            )));
        }
        Ok(foreign)
    }

    fn case(&self, entry: &Entry, operation: &str, task: SignTask) -> Case {
        Case {
            scheme: entry.name.clone(),
            operation: operation.to_owned(),
            variant: self.variant.clone(),
            reading: None,
            task: Task::Sign(Box::new(task)),
        }
    }

    /// What was signed; an error says what is missing.
    fn to_sign(&self, signer: &Implementation, foreign: &Foreign) -> Result<SignTask, Failed> {
        let task = foreign.task.clone();
        if let Err(error) = trial::sign(&signer.program, &task, &mut Scratch::default()) {
            let hint = missing(signer.scheme(), &signer.program, &task, &error).map_or("", Missing::hint);
            return Err(Failed(format!("{error}{hint}")));
        }
        Ok(task)
    }

    /// The account: the file, then the environment.
    fn account(&self) -> Result<Account, Failed> {
        let mut given = self.account.as_deref().map_or_else(|| Ok(Account::default()), account_file)?;
        for assignment in &self.credential_env {
            let (name, value) = super::case::credential(assignment)?;
            given.0.insert(name.to_owned(), value);
        }
        Ok(given)
    }

    fn parameters(&self) -> Result<Parameters, Failed> {
        let parse = |assignment: &String| match assignment.split_once('=') {
            Some((name, value)) => Ok((name.to_owned(), Bytes::from(value))),
            None => Err(Failed("--parameter: write NAME=VALUE, the parameter and its value".into())),
        };
        self.parameter.iter().map(parse).collect()
    }
}

/// Reads an account.
fn account_file(file: &Path) -> Result<Account, Failed> {
    let name = file.display().to_string();
    let bytes = yaml::read(file)?;
    let account = Document::parse(&name, &bytes, Scalars::Withheld).and_then(|document| document.decode());
    account.map_err(|e| {
        Failed(format!("{e}; an account is a map of names to quoted values, such as `api_key: \"…\"`, in YAML or JSON"))
    })
}

/// Something that signing needs beside the request.
#[derive(Debug, Clone, Copy)]
enum Missing {
    Credential,
    Parameter,
    Time,
}

impl Missing {
    fn hint(self) -> &'static str {
        match self {
            Missing::Credential => "; give it with --account FILE or --credential-env NAME=VARIABLE",
            Missing::Parameter => "; give it with --parameter NAME=VALUE",
            Missing::Time => "; give it with --time",
        }
    }

    /// Gives whatever of this kind was not given.
    fn fill(self, scheme: &Scheme, task: &mut SignTask) {
        let some = || Bytes::from("x");
        match self {
            Missing::Credential => {
                for (name, _) in scheme.account.iter().filter(|(_, kind)| **kind != CredentialKind::Addresses) {
                    task.account.0.entry(name.clone()).or_insert_with(|| Credential::Value(some()));
                }
            }
            Missing::Parameter => {
                for name in scheme.parameters.keys() {
                    task.parameters.entry(name.clone()).or_insert_with(some);
                }
            }
            Missing::Time => {
                let time = || Time::try_from("2024-01-02T03:04:05Z".to_owned()).ok();
                task.time = task.time.take().or_else(time);
            }
        }
    }
}

/// Returns what was missing when signing failed: that which, once it is given, lets signing get further.
fn missing(scheme: &Scheme, program: &Program, task: &SignTask, error: &str) -> Option<Missing> {
    let gets_further = |missing: &Missing| {
        let mut filled = task.clone();
        missing.fill(scheme, &mut filled);
        trial::sign(program, &filled, &mut Scratch::default()).err().as_deref() != Some(error)
    };
    [Missing::Credential, Missing::Parameter, Missing::Time].into_iter().find(gets_further)
}

fn check_printable(signature: &[u8]) -> Result<(), Failed> {
    let text = signature.strip_suffix(b"\n").unwrap_or(signature);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    if text.is_empty() {
        return Err(Failed("the signature is empty; give what the code made, as text".into()));
    }
    match text.iter().position(|b| b.is_ascii_control()) {
        Some(at) => Err(Failed(format!(
            "the signature has a control character at byte {at}; give it as text, in the form in which it is sent"
        ))),
        None => Ok(()),
    }
}

/// Compares the form of a signature with those that the scheme and its mutants write: a note where it
/// is another than the scheme's, and an error where it can be none at all.
fn check_form(
    diagnoser: &Diagnoser<'_>,
    case: &Case,
    signature: &[u8],
    watch: Watch<'_>,
) -> Result<Option<String>, Failed> {
    let own = diagnosis::form(signature);
    let mut forms = diagnoser.forms(case, watch);
    let Some(first) = forms.next().filter(|first| *first != own) else { return Ok(None) };
    let differs = format!("the signature has {own}, and the scheme writes {first}");
    // Where there is no time to look at all forms, it may be one of the others.
    match own.may_be_a_digest() || forms.any(|form| form == own) || !watch(0, 0) {
        true => Ok(Some(format!("{differs}."))),
        false => Err(Failed(format!(
            "{differs}; no way of writing a digest that is known here gives it, so look whether it was cut or copied with \
             something else"
        ))),
    }
}
