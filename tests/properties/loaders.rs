//! Whatever a file of the corpus holds, loading it never panics; what is wrong is said with its
//! line; and what loads prints, loads again to the same, with every variant and reading too, and can be linted,
//! checked and evaluated.

use crate::base::or_none;
use crate::corpora::FILES;
use crate::text::Splice;
use arbitrary::{Arbitrary, Unstructured};
use countersign::corpus::{self, Corpus, Files, Statements, VectorFile};
use countersign::request::{Intent, Pair, Request, Target};
use countersign::runner::{self, Filter};
use countersign::scheme::{
    self, Account, Arrival, Credential, CredentialKind, Edit, Knowledge, Parameters, Program, Scheme, Scratch, Secrecy,
    SignInput, State,
};
use countersign::trial;
use countersign::yaml::{Document, Error, Scalars};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::borrow::Cow;

/// The folder that an input's file is put into: one that loads without it.
const SCHEME: &[u8] = include_bytes!("../../fuzz/seeds/loaders/scheme.yaml");
const VECTORS: &[u8] = include_bytes!("../../fuzz/seeds/loaders/vectors.yaml");
const STATEMENTS: &[u8] = include_bytes!("../../fuzz/seeds/loaders/statements.yaml");

/// Of more variants and readings than that, no further editions are printed.
const EDITIONS: usize = 12;

/// Larger schemes are loaded and not evaluated.
const LARGEST: usize = 1 << 14;

/// What no file begins with: then bytes are changes of a file of the corpora.
const IN_ITS_FOLDER: u8 = 0xff;

/// Larger files are only more of the same, and slow.
const LARGE: usize = 40_000;

/// Loads the bytes as each kind of file; or a file of the corpora, changed, with the others of its folder.
pub fn run(bytes: &[u8]) {
    if let [IN_ITS_FOLDER, changes @ ..] = bytes {
        return folder(changes);
    }
    scheme_file(bytes);
    vector_file(bytes);
    statements_file(bytes);
}

fn scheme_file(bytes: &[u8]) {
    let scheme = match scheme::load("scheme.yaml", bytes) {
        Ok(scheme) => scheme,
        Err(error) => return assert_placed(&error, bytes, Scalars::Plain),
    };
    // JSON is YAML, so the printed form is a file, too.
    let printed = scheme.printed().to_string();
    assert_loads("the printed scheme", &printed, &scheme);
    editions(&scheme);
    if bytes.len() <= LARGEST && growing_steps(&printed) <= 16 {
        evaluate(&scheme);
    }
}

fn assert_loads(what: &str, printed: &str, scheme: &Scheme) {
    match scheme::load("printed", printed.as_bytes()) {
        Ok(again) => assert_eq!(again, *scheme, "{what} loads to another one: {printed}"),
        Err(error) => panic!("{what} does not load: {error}\n{printed}"),
    }
}

/// The scheme after each variant, each reading, and each pair of the two that fits together, as JSON and as YAML; and
/// each of their edits.
fn editions(scheme: &Scheme) {
    for variant in or_none(scheme.variants.keys()).into_iter().take(EDITIONS) {
        for reading in or_none(scheme.readings.keys()).into_iter().take(EDITIONS) {
            let Ok(edited) = scheme.resolved(variant, reading) else { continue };
            // What an edit did cannot be done again, so an edited scheme is printed without its edits.
            let is_edited = edited.operations != scheme.operations;
            let (variants, readings) = (edited.variants.clone(), edited.readings.clone());
            let (variants, readings) = if is_edited { Default::default() } else { (variants, readings) };
            let edited = Scheme { variants, readings, ..edited };
            let what = format!("the edition {variant:?} {reading:?}");
            assert_loads(&what, &edited.printed().to_string(), &edited);
            assert_loads(&what, &serde_yaml::to_string(&edited.printed()).expect("a scheme prints"), &edited);
        }
    }
    let edits = scheme.variants.values().flat_map(|variant| &variant.edits);
    for edit in edits.chain(scheme.readings.values().flat_map(|reading| &reading.edits)) {
        let again: Edit = serde_json::from_value(json!(edit)).expect("an edit that is printed reads");
        assert_eq!(again, *edit, "an edit, printed and read");
    }
}

/// One of the files of the corpora with some changes, loaded, linted and checked with the others of its folder.
fn folder(bytes: &[u8]) {
    let Ok((which, changes)) = <(u16, Vec<Splice>)>::arbitrary_take_rest(Unstructured::new(bytes)) else { return };
    let small = |file: &(String, Cow<'static, [u8]>)| file.1.len() < LARGE;
    let folders = FILES.iter().flat_map(|files| &files.0);
    let all: Vec<_> = folders
        .flat_map(|(scheme, folder)| {
            folder.iter().filter(|(_, file)| small(file)).map(move |(name, _)| (scheme, name, folder))
        })
        .collect();
    let (scheme, name, folder) = all[usize::from(which) % all.len()];
    let mut folder = folder.clone();
    folder.retain(|other, file| other == name || small(file) || other.ends_with("s.yaml"));
    let changed = folder.get_mut(name).expect("it is one of them").1.to_mut();
    changes.iter().for_each(|change| change.apply(changed));
    let files = Files([(scheme.clone(), folder)].into());
    if let Ok(entry) = corpus::load_entry(&files, scheme) {
        trial::lint_entry(&entry);
        let corpus = Corpus { entries: vec![entry] };
        corpus::lint(&files, &corpus);
        runner::check(&corpus, &Filter::default());
        corpus::to_json(&corpus);
    }
}

fn vector_file(bytes: &[u8]) {
    // Most inputs end here; the folder around them need not be loaded to say so.
    if !decodes::<VectorFile>(bytes) {
        return;
    }
    let folder = |vectors: &[u8]| files(SCHEME, STATEMENTS, vectors);
    assert!(corpus::load_entry(&folder(bytes), "another").is_err(), "a folder is loaded that is not there");
    let corpus = match corpus::load(&folder(bytes)) {
        Ok(corpus) => corpus,
        Err(errors) => return errors.iter().for_each(|error| assert_placed(error, bytes, Scalars::Quoted)),
    };
    let file = |corpus: &corpus::Corpus| {
        let topic = corpus.entries[0].topics.iter().find(|topic| topic.name == "fuzzed");
        json!(topic.map(|topic| &topic.file))
    };
    let printed = file(&corpus);
    match corpus::load(&folder(printed.to_string().as_bytes())) {
        Ok(again) => assert_eq!(file(&again), printed, "the printed vectors load to others"),
        Err(errors) => panic!("the printed vectors do not load: {errors:?}\n{printed}"),
    }
    // Whoever takes a loaded corpus relies on what loading has checked.
    corpus::lint(&folder(bytes), &corpus);
    corpus::to_json(&corpus);
}

fn statements_file(bytes: &[u8]) {
    if !decodes::<Statements>(bytes) {
        return;
    }
    let folder = |statements: &[u8]| files(SCHEME, statements, VECTORS);
    let corpus = match corpus::load(&folder(bytes)) {
        Ok(corpus) => corpus,
        Err(errors) => return errors.iter().for_each(|error| assert_placed(error, bytes, Scalars::Quoted)),
    };
    let statements: &Statements = &corpus.entries[0].statements;
    let printed = json!(statements).to_string();
    match corpus::load(&folder(printed.as_bytes())) {
        Ok(again) => assert_eq!(again.entries[0].statements, *statements, "the printed statements load to others"),
        Err(errors) => panic!("the printed statements do not load: {errors:?}\n{printed}"),
    }
    corpus::lint(&folder(bytes), &corpus);
}

/// Whether a file of quoted scalars has this form.
fn decodes<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> bool {
    let decoded = Document::parse("fuzzed.yaml", bytes, Scalars::Quoted).and_then(|document| document.decode::<T>());
    decoded.inspect_err(|error| assert_placed(error, bytes, Scalars::Quoted)).is_ok()
}

fn files(scheme: &[u8], statements: &[u8], fuzzed: &[u8]) -> Files {
    let named =
        [("scheme.yaml", scheme), ("statements.yaml", statements), ("vectors.yaml", VECTORS), ("fuzzed.yaml", fuzzed)];
    let entry = |(name, bytes): (&str, &[u8])| (name.to_owned(), (name.to_owned(), Cow::Owned(bytes.to_vec())));
    let mut files = Files::default();
    files.0.insert("folder".to_owned(), named.into_iter().map(entry).collect());
    files
}

/// An error names a place in the file, wherever the file has a node to point at.
fn assert_placed(error: &Error, bytes: &[u8], scalars: Scalars) {
    // Where something is missing at the end, the place is after the last line.
    let lines = bytes.split(|&b| b == b'\n').count();
    let placed = (1..=lines + 1).contains(&error.line) && error.column >= 1;
    let empty = Document::parse("", bytes, scalars).is_err_and(|e| e.line == 0);
    assert!(placed || empty, "this error has no place in a file of {lines} lines: {error:?}");
    assert!(!error.to_string().is_empty());
}

/// Steps and references by which a value can become longer; a scheme may have so many that its
/// values fill the memory, which is not what is tested here.
fn growing_steps(printed: &str) -> usize {
    let growing = ["\"hex\"", "\"base64\"", "\"percent-encode\"", "\"pair\"", "\"stage."];
    growing.iter().map(|step| printed.matches(step).count()).sum()
}

/// A scheme that loads is valid: whatever arrives, evaluating it ends, and ends without panic.
fn evaluate(scheme: &Scheme) {
    let value = |kind: &CredentialKind| match kind {
        CredentialKind::Addresses => Credential::Addresses(vec!["203.0.113.7".to_owned()]),
        _ => Credential::Value("k".into()),
    };
    // Keys of pairs are left out: most are of no use to a message that nobody signed.
    let is_pair = |kind: &CredentialKind| matches!(kind, CredentialKind::Pair(_));
    let values = scheme.account.iter().filter(|(_, kind)| !is_pair(kind));
    let account = Account(values.map(|(name, kind)| (name.clone(), value(kind))).collect());
    let intent = Intent {
        method: "POST".into(),
        scheme: "https".into(),
        host: "example.com".into(),
        target: Target::Meant {
            path: "/a b".into(),
            query: vec![Pair("b".into(), Some("2".into())), Pair("a".into(), None)],
        },
        headers: vec![("Content-Type".into(), "application/x-www-form-urlencoded".into())],
        body: "a=1&b=%32".into(),
    };
    for operation in scheme.operations.values() {
        let program = Program::compile(scheme, operation).expect("a scheme that loads compiles");
        refuse_what_does_not_fit(scheme, &program);
        assert!(!Secrecy::of(scheme, operation).stage("\u{1}no such name"), "a secret that is no stage");
        let account = program.account(&account).expect("the account is made for the scheme");
        let parameters = program.parameters(&Parameters::default()).expect("no parameter is given");
        let time = Some(countersign::primitive::time::Instant(1_525_435_514_649_000_000));
        let mut scratch = Scratch::default();
        let mut sign = |time, nonce| {
            let input = SignInput { account: &account, parameters: &parameters, time, nonce, known: None };
            program.sign(input, &intent, &mut scratch, &mut |_, _| {})
        };
        // Signing that needs neither does without them.
        let _ = sign(None, None);
        let signed = sign(time, Some(b"n".as_slice()));
        let json = Request { body: r#"{"a":"1","b":2}"#.into(), ..intent.to_wire() };
        let server = Knowledge { accounts: std::slice::from_ref(&account), parameters: &parameters };
        for request in [Ok(intent.to_wire()), Ok(json), Ok(Request::default()), signed].iter().flatten() {
            let message = Arrival { request, now: time, client_address: Some([203, 0, 113, 7].into()) };
            // What it says is the scheme's business; a clock or number that is missing is an error.
            let _ = program.verify(server, &mut State::default(), message, &mut scratch, &mut |_, _| {});
        }
    }
}

/// Accounts and parameters that are not of the scheme are errors that say so; a name that the scheme does not know may
/// be a secret in the wrong place, and is not said.
fn refuse_what_does_not_fit(scheme: &Scheme, program: &Program) {
    let unknown = || "\u{1}no such name".to_owned();
    let list = || Credential::Addresses(vec!["no address".to_owned()]);
    let own = |(name, kind): (&String, &CredentialKind)| match kind {
        CredentialKind::Pair(_) => format!("{name}.public"),
        _ => name.clone(),
    };
    let names: Vec<String> = scheme.account.iter().map(own).collect();
    let kinds = names.iter().map(|name| (name.clone(), list()));
    for (name, value) in kinds.chain([(unknown(), Credential::Value("v".into()))]) {
        let account = Account([(name.clone(), value)].into_iter().collect());
        let refused = program.account(&account).expect_err("the account does not fit");
        let is_known = names.contains(&name);
        assert_eq!(refused.to_string().contains(&name), is_known, "{refused}, of {name:?}");
    }
    for (name, _) in scheme.account.iter().filter(|(_, kind)| **kind == CredentialKind::Addresses) {
        let account = Account([(name.clone(), Credential::Value("v".into()))].into_iter().collect());
        assert!(program.account(&account).is_err(), "one value where a list is due");
    }
    let parameters = Parameters::from_iter([(unknown(), "v".into())]);
    assert!(program.parameters(&parameters).is_err(), "a parameter that the scheme does not know");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_loads_without_an_input() {
        if let Err(errors) = corpus::load(&files(SCHEME, STATEMENTS, VECTORS)) {
            panic!("{}", errors.iter().map(Error::to_string).collect::<String>());
        }
    }
}
