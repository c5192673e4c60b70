//! Loading a corpus: every folder, every file, with the place of whatever is wrong.

use super::files::{DERIVED, Files};
use super::like::Originals;
use super::model::{Readings, Vector, VectorFile};
use super::statements::{Origin, SourceDocument, Statements};
use crate::case::{Case, Expect, Given, Task};
use crate::parallel;
use crate::scheme::{self, CredentialKind, Random, Scheme, Schemes};
use crate::yaml::{Document, Error, Scalars, Segment};
use serde_json::Value;
use std::sync::Arc;

/// A corpus: its schemes by name.
#[derive(Debug)]
pub struct Corpus {
    /// One entry a scheme, by name.
    pub entries: Vec<Entry>,
}

/// One scheme and what belongs to it.
#[derive(Debug)]
pub struct Entry {
    /// Name of the scheme: its folder.
    pub name: String,
    /// The scheme.
    pub scheme: Arc<Scheme>,
    /// Statements of its document.
    pub statements: Statements,
    /// Its vectors by topic.
    pub topics: Vec<Topic>,
    /// Expectations of permitted readings.
    pub readings: Readings,
    /// `statements.yaml`, for the places of errors.
    pub statements_document: Document,
}

/// A file of vectors.
#[derive(Debug)]
pub struct Topic {
    /// Name of the topic: the file without `.yaml`.
    pub name: String,
    /// The vectors.
    pub file: VectorFile,
    /// The file, for the places of errors.
    pub document: Document,
}

/// Loads a corpus; the first error of each scheme is reported.
pub fn load(files: &Files) -> Result<Corpus, Vec<Error>> {
    let loaded = parallel::map(files.0.keys(), |name| load_entry(files, name));
    let (entries, errors): (Vec<_>, Vec<_>) = loaded.into_iter().partition(Result::is_ok);
    let errors: Vec<_> = errors.into_iter().filter_map(Result::err).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Corpus { entries: entries.into_iter().flatten().collect() })
}

/// Loads one scheme of a corpus.
pub fn load_entry(files: &Files, name: &str) -> Result<Entry, Error> {
    if DERIVED.contains(&name) {
        let message = "`countersign export` writes derived files into a folder of this name; call the scheme otherwise";
        return Err(Error::whole(name, message));
    }
    let Some(folder) = files.0.get(name) else {
        return Err(Error::whole(name, "there is no scheme of this name"));
    };
    let required = |file: &str| {
        folder.get(file).ok_or_else(|| Error::whole(name, format!("the folder has no {file}; every scheme has one")))
    };
    let (file, bytes) = required("scheme.yaml")?;
    let scheme = Arc::new(scheme::load(file, bytes)?);
    let (file, bytes) = required("statements.yaml")?;
    let statements_document = Document::parse(file, bytes, Scalars::Quoted)?;
    let statements = statements_document.decode()?;
    let readings = match folder.get("readings.yaml") {
        Some((file, bytes)) => Document::parse(file, bytes, Scalars::Withheld)?.decode()?,
        None => Readings::default(),
    };
    let special = ["scheme.yaml", "statements.yaml", "readings.yaml"];
    let files: Vec<_> = folder.iter().filter(|(name, _)| !special.contains(&name.as_str())).collect();
    let names = || files.iter().map(|(name, _)| name.trim_end_matches(".yaml"));
    let documents = parallel::map(&files, |(_, (file, bytes))| Document::parse(file, bytes, Scalars::Withheld));
    let documents: Vec<Document> = documents.into_iter().collect::<Result<_, _>>()?;
    let trees: Vec<Value> = documents.iter().map(Document::value).collect();
    let originals = Originals::of(name, names().zip(&trees));
    let parsed: Vec<_> = names().zip(documents).zip(&trees).collect();
    let topics = parallel::map(parsed, |((name, document), tree)| {
        topic(name, originals.resolved(&document, tree)?, document, &scheme)
    });
    let topics: Vec<Topic> = topics.into_iter().collect::<Result<_, _>>()?;
    if topics.iter().all(|topic| topic.file.vectors.is_empty()) {
        return Err(Error::whole(name, "the folder has no vectors; every scheme has at least one"));
    }
    Ok(Entry { name: name.to_owned(), scheme, statements, topics, readings, statements_document })
}

/// Loads a scheme that has neither statements nor vectors, from its file alone.
pub fn load_scheme(name: &str, file: &str, bytes: &[u8]) -> Result<Entry, Error> {
    let scheme = Arc::new(scheme::load(file, bytes)?);
    let document = SourceDocument { title: file.to_owned(), ..SourceDocument::default() };
    let statements = Statements { document, ..Statements::default() };
    let statements_document = Document::parse(file, b"{}", Scalars::Quoted)?;
    let (topics, readings) = (Vec::new(), Readings::default());
    Ok(Entry { name: name.to_owned(), scheme, statements, topics, readings, statements_document })
}

fn topic(name: &str, tree: Value, document: Document, scheme: &Scheme) -> Result<Topic, Error> {
    let file = document.decode_as(&tree)?;
    let topic = Topic { name: name.to_owned(), file, document };
    for (account, values) in &topic.file.accounts {
        for (name, value) in &values.0 {
            scheme.check_half(name, value).map_err(|why| {
                let at = ["accounts".into(), account.as_str().into(), name.as_str().into()];
                topic.document.error(&at, format!("this is {why}"))
            })?;
        }
    }
    for (i, vector) in topic.file.vectors.iter().enumerate() {
        let at = |below: Below| -> Vec<Segment> {
            let below = below.iter().map(|key| Segment::from(*key));
            ["vectors".into(), i.into()].into_iter().chain(below).collect()
        };
        let fail = |(below, message): Misplaced| Err(topic.document.error(&at(below), message));
        check_given(&vector.given, &topic.file, scheme)
            .and_then(|()| check_expect(vector))
            .and_then(|()| check_random(vector, scheme))
            .or_else(fail)?;
    }
    Ok(topic)
}

/// Keys that lead to a node of a vector.
type Below = &'static [&'static str];
/// Mistake of a vector: its node, and what is wrong there.
type Misplaced = (Below, String);

fn check_given(given: &Given, file: &VectorFile, scheme: &Scheme) -> Result<(), Misplaced> {
    let list = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !scheme.operations.contains_key(&given.operation) {
        let known = list(scheme.operations.keys().collect());
        return Err((
            &["given", "operation"],
            format!("unknown operation `{}`; the scheme has {known}", given.operation),
        ));
    }
    if let Some(variant) = given.variant.as_ref().filter(|v| !scheme.variants.contains_key(*v)) {
        let known = list(scheme.variants.keys().collect());
        return Err((&["given", "variant"], format!("unknown variant `{variant}`; the scheme has {known}")));
    }
    let place: Below = match &given.task {
        Task::Sign(_) => &["given", "sign", "account"],
        Task::Verify(_) => &["given", "verify", "accounts"],
    };
    if given.task.accounts().iter().any(|name| !file.accounts.contains_key(name)) {
        let known = list(file.accounts.keys().collect());
        return Err((place, format!("this names no account of the file, which has {known}")));
    }
    Ok(())
}

fn check_expect(vector: &Vector) -> Result<(), Misplaced> {
    let Expect { stages, signed_request, results } = &vector.expect;
    let misplaced = |message: &str| Err((&["expect"][..], message.to_owned()));
    match vector.given.task.to_verify() {
        None if !results.is_empty() => misplaced("`results` are of verifying; this vector signs"),
        None if stages.is_empty() && signed_request.is_none() => misplaced("a vector that signs expects `stages`"),
        Some(_) if !stages.is_empty() || signed_request.is_some() => {
            misplaced("of verifying, one expects `results`; stages stand in them")
        }
        Some(verify) if verify.messages.is_empty() => misplaced("a vector that verifies has at least one message"),
        Some(verify) if verify.messages.len() != results.len() => misplaced("there is one result for each message"),
        _ => Ok(()),
    }
}

/// Refuses expectations of what signers make differently.
fn check_random(vector: &Vector, scheme: &Scheme) -> Result<(), Misplaced> {
    let edits = scheme.edits_of(vector.given.variant.as_deref(), None).unwrap_or_default();
    let is_pair = |kind: &CredentialKind| matches!(kind, CredentialKind::Pair(_));
    if !scheme.account.values().any(is_pair) || vector.given.task.to_sign().is_none() {
        return Ok(());
    }
    let Ok(operation) = scheme.edited(&vector.given.operation, edits) else { return Ok(()) };
    match vector.expect.clone().without(&Random::of(&operation)) == vector.expect {
        true => Ok(()),
        false => Err((
            &["expect"],
            "other signers make another signature here: expect what is signed, which the verifier then checks".into(),
        )),
    }
}

impl Corpus {
    /// The schemes.
    pub fn schemes(&self) -> Schemes<'_> {
        self.entries.iter().flat_map(Entry::schemes).collect()
    }
}

impl Entry {
    /// The scheme with its name.
    pub fn schemes(&self) -> Schemes<'_> {
        [(self.name.as_str(), &self.scheme)].into()
    }

    /// Returns the case that a subject is told of a vector, under a reading.
    pub fn case(&self, topic: &Topic, vector: &Vector, reading: Option<&str>) -> Case {
        vector.given.case(&self.name, &topic.file.accounts, reading)
    }

    /// Every vector that stands, with its topic, in order.
    pub fn vectors(&self) -> impl Iterator<Item = (&Topic, &Vector)> {
        self.all_vectors().filter(|(_, vector)| vector.withdrawn.is_none())
    }

    /// Every vector with its topic, in order; those that were withdrawn as well.
    pub fn all_vectors(&self) -> impl Iterator<Item = (&Topic, &Vector)> {
        self.topics.iter().flat_map(|topic| topic.file.vectors.iter().map(move |vector| (topic, vector)))
    }

    /// Full name of a vector.
    pub fn full_name(&self, topic: &Topic, vector: &Vector) -> String {
        format!("{}/{}/{}", self.name, topic.name, vector.name)
    }

    /// A vector by its full name.
    pub fn find(&self, full_name: &str) -> Option<(&Topic, &Vector)> {
        self.vectors().find(|(topic, vector)| self.full_name(topic, vector) == full_name)
    }

    /// Origin of a vector; none where it is of this project.
    pub fn origin(&self, vector: &Vector) -> Option<&Origin> {
        self.statements.origins.get(&vector.source.kind)
    }

    /// Operations that no vector is of, in the order of the scheme.
    pub fn operations_without_vectors(&self) -> impl Iterator<Item = &str> {
        let is_met = |name: &&String| self.vectors().any(|(_, vector)| vector.given.operation == **name);
        self.scheme.operations.keys().filter(move |name| !is_met(name)).map(String::as_str)
    }
}
