//! `countersign diagnose`: what is wrong with one signature.

use super::options::seconds;
use super::progress::Progress;
use super::{CorpusArgs, End, Failed, Outcome, Output, ReportArgs};
use crate::bytes::Bytes;
use crate::case::{Case, SignTask, Task, Time};
use crate::corpus::{self, Corpus, Entry};
use crate::diagnosis::{
    self, Conclusion, Diagnoser, Foreign, Inference, KnownSigner, Observation, Seen, VerifierSays, Watch,
};
use crate::report;
use crate::request::Request;
use crate::scheme::{
    Account, Credential, CredentialKind, Implementation, Parameters, Program, Refused, Scheme, SchemeKind, Scratch,
};
use crate::trial;
use crate::yaml::{self, Document, Scalars};
use clap::Args;
use std::path::{Path, PathBuf};

/// Seconds that may be spent on mistakes, unless others are given.
const TIME: f32 = 1.0;

/// Say what is wrong with a signature that some code made.
#[derive(Debug, Args)]
pub(super) struct Diagnose {
    /// The scheme, or a file NAME.yaml that has one; where it is not given, the one whose verifier accepts the request,
    /// or whose fields it has, or one that is inferred from the request
    #[arg(long, value_name = "NAME|FILE")]
    scheme: Option<String>,
    /// Its operation; where it is not given, the one whose verifier accepts the request, or whose fields it has
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
    pub(super) fn run(mut self) -> Outcome {
        let output = self.report.open()?;
        let corpus = match self.scheme.take_if(|name| name.ends_with(".yaml")) {
            Some(file) => {
                let entry = alone(Path::new(&file))?;
                self.scheme = Some(entry.name.clone());
                Corpus { entries: vec![entry] }
            }
            None => self.corpus.load()?,
        };
        let (request, mut notes) = self.request()?;
        let known = self.known()?;
        let written = match self.written(&corpus, &request, &known) {
            Ok(written) => written,
            Err(unnamed) => {
                let inference = self.inferred(&request, &known.account).ok_or(unnamed)?;
                return self.told(&output, &inference, &notes);
            }
        };
        let MeantOperation { entry, operation, variant } = written;
        if self.scheme.is_none() || self.operation.is_none() && entry.scheme.operations.len() > 1 {
            notes.push(format!("the request was read as one of {}.", written.named()));
        }
        let known = if self.scheme.is_none() { fitted(&entry.scheme, &known) } else { known };
        let verifier = Implementation::of(&entry.scheme, operation, variant, None).map_err(Failed)?;
        let account = known.account.clone();
        let mut foreign = self.read(&verifier, request.clone(), known)?;
        notes.append(&mut foreign.told);
        let diagnoser =
            Diagnoser::new(entry, operation).ok_or_else(|| Failed(format!("unknown operation `{operation}`")))?;
        let progress = Progress::new("candidates");
        let watch = progress.watch(self.diagnosis_time);
        let diagnosis = match &self.signature {
            Some(value) => {
                check_printable(value.as_bytes())?;
                let case = Case {
                    scheme: entry.name.clone(),
                    operation: operation.to_owned(),
                    variant: variant.map(str::to_owned),
                    reading: None,
                    task: Task::Sign(Box::new(self.to_sign(&verifier, &foreign)?)),
                };
                notes.extend(check_form(&diagnoser, &case, value.as_bytes(), &watch)?);
                let seen = Seen::Value(value.as_str().into());
                diagnoser.diagnose_while(&[Observation { case, seen }], &watch)
            }
            None => {
                notes.insert(0, "the signature was taken from the request.".into());
                let judged = foreign.judged(&verifier);
                if let (Some(name), false) = (foreign.withheld(), matches!(judged, VerifierSays::Accepted)) {
                    return Err(Failed(format!(
                        "`{name}` of the request is withheld (`***`); give the request as it was sent, as `sign \
                         --show-secrets` prints it"
                    )));
                }
                let refused = match &judged {
                    VerifierSays::Refused(refused) => {
                        Some(format!("its verifier refuses the message as `{}`: {}", refused.class, refused.detail))
                    }
                    VerifierSays::Accepted | VerifierSays::Unanswered(_) => None,
                };
                let lacks = self.to_sign(&verifier, &foreign).err();
                let diagnosis = diagnoser.diagnose_foreign(variant, foreign, judged, &watch);
                match lacks.filter(|_| matches!(diagnosis.verdict, Conclusion::Unexplained { .. })) {
                    // What the verifier derives tells something, though it is not known what was signed.
                    Some(Failed(lacks)) => match refused.filter(|_| diagnosis.has_stages()) {
                        Some(refused) => {
                            notes.push(format!("{refused}."));
                            notes.push(format!("no signer was tried: {lacks}."));
                            diagnosis
                        }
                        None => return Err(Failed(lacks)),
                    },
                    None => diagnosis,
                }
            }
        };
        drop(watch);
        drop(progress);
        if let (Conclusion::Unexplained(_), Some(inference)) = (&diagnosis.verdict, self.inferred(&request, &account))
            && inference.found.is_some()
        {
            return self.told(&output, &inference, &notes);
        }
        let text = |columns| report::diagnosis_text(entry, &diagnosis, &notes, columns);
        self.report.write(&output, text, || report::diagnosis_json(entry, &diagnosis, &notes))?;
        Ok(match &diagnosis.verdict {
            Conclusion::Right => End::Conforms,
            Conclusion::Undecided(undecided) if undecided.refused.is_none() && undecided.forms.is_none() => {
                End::NothingRan
            }
            _ => End::Differences,
        })
    }

    /// How a request is signed whose scheme is not named; none where no key is given, or a scheme or signature is.
    fn inferred(&self, request: &Request, account: &Account) -> Option<Inference> {
        if self.scheme.is_some() || self.signature.is_some() || account.0.is_empty() {
            return None;
        }
        let progress = Progress::new("ways");
        Some(diagnosis::infer(request, account, &progress.watch(self.diagnosis_time)))
    }

    /// Reports on a request whose scheme is not named.
    fn told(&self, output: &Output, inference: &Inference, notes: &[String]) -> Outcome {
        let text = |columns| report::inference_text(inference, notes, columns);
        self.report.write(output, text, || report::inference_json(inference, notes))?;
        Ok(if inference.found.is_some() { End::Conforms } else { End::Differences })
    }

    /// The operation that the request is of: the one that is said, or the one whose verifier accepts it, or else the only
    /// one whose fields it has.
    fn written<'c>(
        &'c self,
        corpus: &'c Corpus,
        request: &Request,
        known: &KnownSigner,
    ) -> Result<MeantOperation<'c>, Failed> {
        let entries: Vec<&Entry> = match &self.scheme {
            Some(name) => vec![super::case::entry(corpus, name)?],
            None => corpus.entries.iter().filter(|entry| entry.scheme.kind == SchemeKind::System).collect(),
        };
        let all: Vec<MeantOperation<'c>> = entries.into_iter().flat_map(|entry| self.operations(entry)).collect();
        let (named, several) = match (all.as_slice(), &self.scheme) {
            ([only], _) => return Ok(*only),
            ([], Some(scheme)) => {
                let name = self.operation.as_deref().unwrap_or_default();
                let known = &super::case::entry(corpus, scheme)?.scheme.operations;
                let known: Vec<&str> = known.keys().map(String::as_str).collect();
                return Err(Failed(format!("unknown operation `{name}`; {scheme} has {}", known.join(", "))));
            }
            (several, Some(_)) => {
                let names: Vec<&str> = several.iter().map(|written| written.operation).collect();
                ("operation", format!("--operation, one of {}", names.join(", ")))
            }
            (_, None) => ("scheme", "--scheme NAME, or the key with --account FILE, and it is looked for".to_owned()),
        };
        let mut could = Vec::new();
        for written in all {
            let MeantOperation { entry, operation, variant } = written;
            let Ok(verifier) = Implementation::of(&entry.scheme, operation, variant, None) else { continue };
            let known = if self.scheme.is_none() { fitted(&entry.scheme, known) } else { known.clone() };
            let Ok(mut foreign) = self.read(&verifier, request.clone(), known) else { continue };
            match foreign.judged(&verifier) {
                VerifierSays::Accepted => return Ok(written),
                // It has other fields, or fields of another form.
                VerifierSays::Refused(Refused { check: None, .. }) if self.scheme.is_none() => {}
                _ => could.push(written),
            }
        }
        match could.as_slice() {
            [only] => Ok(*only),
            [] => Err(Failed(format!("say which {named}: {several}"))),
            some => {
                let names: Vec<String> = some.iter().map(MeantOperation::named).collect();
                Err(Failed(format!("say which {named}: {several}; the request has fields of {}", names.join(", "))))
            }
        }
    }

    /// The operations of a scheme that may be meant, each under the variants that may be.
    fn operations<'c>(&'c self, entry: &'c Entry) -> impl Iterator<Item = MeantOperation<'c>> {
        let own = self.operation.as_deref();
        let operations = entry.scheme.operations.keys().map(String::as_str);
        let operations = operations.filter(move |name| own.is_none_or(|own| own == *name));
        let others = entry.scheme.variants.keys().filter(|_| self.scheme.is_none() && self.variant.is_none());
        let variants: Vec<Option<&str>> =
            std::iter::once(self.variant.as_deref()).chain(others.map(|name| Some(name.as_str()))).collect();
        operations.flat_map(move |operation| {
            variants.clone().into_iter().map(move |variant| MeantOperation { entry, operation, variant })
        })
    }

    /// Reads the request, and what is to be said of how it was read.
    fn request(&self) -> Result<(Request, Vec<String>), Failed> {
        let (file, text) = match self.request.to_str() {
            Some("-") => ("standard input".into(), yaml::read_input()?),
            _ => (self.request.display().to_string(), yaml::read(&self.request)?),
        };
        let mut named = |file: &Path| yaml::read(file).map_err(|e| e.message);
        let parsed = diagnosis::parse_request(&text, self.entry, &mut named);
        parsed.map_err(|e| Failed(format!("{file}: {e}")))
    }

    /// What is known of the signer beside its request.
    fn known(&self) -> Result<KnownSigner, Failed> {
        let time = |option: &str, given: &Option<String>| match given {
            Some(text) => Time::try_from(text.clone()).map(Some).map_err(|e| Failed(format!("--{option}: {e}"))),
            None => Ok(None),
        };
        Ok(KnownSigner {
            account: self.account()?,
            parameters: self.parameters()?,
            time: time("time", &self.time)?,
            nonce: self.nonce.as_deref().map(Bytes::from),
            now: time("now", &self.now)?,
        })
    }

    /// Reads what the signer of a request was given.
    fn read(&self, verifier: &Implementation, request: Request, known: KnownSigner) -> Result<Foreign, Failed> {
        let file = self.request.display();
        let foreign = Foreign::read(verifier, request.clone(), known).map_err(|e| Failed(format!("{file}: {e}")))?;
        let place = verifier.operation().place;
        let is_there = |name: &str| foreign.fields.iter().any(|field| field.name == name);
        let judges = place.fields().next().is_none() && !verifier.operation().verify.is_empty();
        if self.signature.is_none() && !judges && !place.fields().any(|(_, name, _)| is_there(name)) {
            let names: Vec<String> = place.fields().map(|(part, name, _)| format!("{} {name}", part.word())).collect();
            let headers: Vec<String> = request.headers.iter().map(|(name, _)| name.to_string()).collect();
            return Err(Failed(format!(
                "the request carries no signature ({}; its header has {}); give it with --signature",
                names.join(", "),
                headers.join(", ")
            )));
        }
        Ok(foreign)
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

/// An operation of a scheme, under a variant.
#[derive(Debug, Clone, Copy)]
struct MeantOperation<'c> {
    entry: &'c Entry,
    operation: &'c str,
    variant: Option<&'c str>,
}

impl MeantOperation<'_> {
    fn named(&self) -> String {
        let variant = self.variant.map_or(String::new(), |variant| format!(" under {variant}"));
        format!("{}, {}{variant}", self.entry.name, self.operation)
    }
}

/// A scheme, from its file alone.
fn alone(file: &Path) -> Result<Entry, Failed> {
    let bytes = yaml::read(file)?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    corpus::load_scheme(&name, &file.display().to_string(), &bytes).map_err(Failed::from)
}

/// What is known, with names that fit a scheme which nobody has named: the one secret that it needs is the one that is
/// given.
fn fitted(scheme: &Scheme, known: &KnownSigner) -> KnownSigner {
    let mut known = known.clone();
    let (own, others): (Vec<_>, Vec<_>) =
        std::mem::take(&mut known.account.0).into_iter().partition(|(name, _)| scheme.kind(name).is_some());
    known.account.0.extend(own);
    let is_open = |(name, kind): &(&String, &CredentialKind)| {
        **kind == CredentialKind::Secret && !known.account.0.contains_key(*name)
    };
    let open: Vec<String> = scheme.account.iter().filter(is_open).map(|(name, _)| name.clone()).collect();
    if let ([name], [(_, value)]) = (open.as_slice(), others.as_slice()) {
        known.account.0.insert(name.clone(), value.clone());
    }
    known
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
