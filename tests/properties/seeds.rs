//! Seeds made from the corpora, one vector for each topic, operation, variant and result, in the form
//! that each target reads. The properties are held against them; `cargo run --example seeds` writes them for a fuzzer.

use crate::base::{BASES, SCHEMES};
use crate::corpora::{ENTRIES, FILES};
use crate::messages::{as_curl, as_har, as_http};
use crate::operators::first_of_each;
use crate::oracle::SYSTEMS;
use countersign::case::{Case, Reply, Task};
use countersign::corpus::{Entry, Topic, Vector};
use countersign::request::Request;
use countersign::scheme::{Credential, SchemeKind};
use countersign::subject::{Call, Response};
use countersign::trial::Reference;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What the names of made seeds start with.
pub const PREFIX: &str = "made-";

/// Number of seeds whose bytes are nothing but choices.
const CASES: u16 = 40;
/// The same of each system that has an oracle.
const OF_SYSTEM: u16 = 256;

/// Files by path below `seeds/`.
pub type Seeds = BTreeMap<PathBuf, Vec<u8>>;

/// Every seed that is made.
pub fn made() -> Seeds {
    let mut seeds = Seeds::new();
    for (folder, files) in FILES.iter().flat_map(|files| &files.0) {
        put(&mut seeds, "loaders", &format!("{folder}.yaml"), files["scheme.yaml"].1.to_vec());
    }
    for entry in ENTRIES.iter() {
        let mut reference = Reference::new(entry.schemes());
        for (name, vector, case) in chosen(entry) {
            replies(&mut seeds, &name, &case, reference.answer(&case));
            if entry.scheme.kind == SchemeKind::Primitive {
                values(&mut seeds, &name, vector, &case);
            }
            if let Some(request) = request(&case) {
                text(&mut seeds, &name, &request);
            }
        }
    }
    numbers(&mut seeds);
    seeds
}

fn put(seeds: &mut Seeds, target: &str, name: &str, bytes: Vec<u8>) {
    // The same bytes under two names are one seed.
    let is_new = !seeds.iter().any(|(path, known)| path.starts_with(target) && *known == bytes);
    if is_new {
        seeds.insert(PathBuf::from(target).join(format!("{PREFIX}{name}")), bytes);
    }
}

/// The first vector of each kind, with a name for a file.
fn chosen(entry: &Entry) -> Vec<(String, &Vector, Case)> {
    let mut kinds = BTreeSet::new();
    let kind = |(topic, vector): &(&Topic, &Vector)| {
        let result = vector.expect.results.last().map(|result| format!("{:?} {:?}", result.outcome, result.class));
        (topic.name.clone(), vector.given.operation.clone(), vector.given.variant.clone(), result)
    };
    let first = entry.vectors().filter(|vector| kinds.insert(kind(vector)));
    let named = |(topic, vector): (&Topic, &'_ Vector)| entry.full_name(topic, vector).replace('/', "-");
    first.map(|(topic, v)| (named((topic, v)), v, entry.case(topic, v, None))).collect()
}

/// What a case has on the wire.
fn request(case: &Case) -> Option<Request> {
    match &case.task {
        Task::Sign(task) => Some(task.request.to_wire()),
        Task::Verify(task) => task.messages.last().map(|message| message.request.clone()),
    }
}

/// A message as text, the command that sends it, and an archive of it.
fn text(seeds: &mut Seeds, name: &str, request: &Request) {
    let host = request.header(b"host").next().unwrap_or_default();
    let http = as_http(request, host);
    put(seeds, "work", &format!("{name}.bin"), [&[0], http.as_slice()].concat());
    put(seeds, "messages", &format!("{name}.http"), http);
    // Commands are all of one form, and so are archives: a few do.
    if request.body.len() < 200
        && let (Some(command), Some(archive)) = (as_curl(request, host), as_har(request, host))
    {
        put(seeds, "messages", &format!("{name}.curl"), command.into_bytes());
        put(seeds, "messages", &format!("{name}.har"), archive.to_string().into_bytes());
    }
}

fn replies(seeds: &mut Seeds, name: &str, case: &Case, reply: Reply) {
    let line = |value: serde_json::Result<String>| value.expect("a message prints");
    let reply = line(serde_json::to_string(&Response::of(1.into(), reply)));
    put(seeds, "replies", &format!("{name}.reply"), reply.into_bytes());
    let message = line(serde_json::to_string(&Call::of(1, case)));
    if message.len() < 1000 {
        put(seeds, "replies", &format!("{name}.message"), message.into_bytes());
    }
}

/// Stages, bodies and credentials, as what is encoded and hashed.
fn values(seeds: &mut Seeds, name: &str, vector: &Vector, case: &Case) {
    let Task::Sign(task) = &case.task else { return };
    let key = task.account.0.values().find_map(|value| match value {
        Credential::Value(bytes) => Some(bytes.0.as_slice()),
        Credential::Addresses(_) => None,
    });
    let key = key.unwrap_or_default();
    let body = [("body", &task.request.body)].into_iter();
    let stages = vector.expect.stages.iter().map(|(stage, value)| (stage.as_str(), value));
    for (what, value) in body.chain(stages).filter(|(_, value)| (1..300).contains(&value.0.len())) {
        put(seeds, "encodings", &format!("{name}-{what}.bin"), [&[0, 0], value.as_slice()].concat());
        let key = &key[..key.len().min(255)];
        let hashed = [&[key.len() as u8, 7, 0], key, value.as_slice()].concat();
        put(seeds, "digests", &format!("{name}-{what}.bin"), hashed);
    }
}

/// Targets that choose among vectors: the number of the first of each operation.
fn numbers(seeds: &mut Seeds) {
    let mut known = BTreeSet::new();
    for (i, base) in BASES.iter().enumerate() {
        let compiled = &base.compiled;
        if known.insert((&compiled.name, &compiled.operation, &compiled.variant)) {
            let variant = compiled.variant.as_ref().map(|v| format!("-{v}")).unwrap_or_default();
            let name = format!("{}-{}{variant}.bin", compiled.name, compiled.operation);
            for target in ["injectivity", "operators", "tampering"] {
                put(seeds, target, &name, [&(i as u16).to_le_bytes()[..], &[1, 40, 2, 20, 0, 7, 3]].concat());
            }
        }
    }
    for (operator, [base, mutant]) in first_of_each() {
        let numbers = [base.to_le_bytes(), mutant.to_le_bytes()].concat();
        put(seeds, "operators", &format!("{operator}.bin"), [&numbers[..], &[0, 40, 2, 20, 0, 7, 3]].concat());
    }
    for (scheme, known) in SCHEMES.iter().enumerate() {
        for i in (0..known.accepted.len()).step_by(known.accepted.len().div_ceil(6)) {
            // `arbitrary` reads four bytes for the variant of an enum; zeros are its first.
            let [low, high] = (i as u16).to_le_bytes();
            let name = format!("{}.bin", known.accepted[i].name.replace('/', "-"));
            put(seeds, "verify", &name, vec![0, 0, 0, 0, scheme as u8, low, high]);
        }
    }
    // Inputs of the corpus all over, each changed in another way: what is signed, the message, what it meets.
    let mut random = fastrand::Rng::with_seed(1);
    for (which, (name, _)) in SYSTEMS.iter().enumerate() {
        for number in 0..OF_SYSTEM {
            let [low, high] = (number * 251).to_le_bytes();
            let choices = std::iter::repeat_with(|| random.u8(..)).take(96);
            let bytes = [which as u8, low, high, number as u8].into_iter().chain(choices).collect();
            put(seeds, "canonicalisation", &format!("{name}-{number}.bin"), bytes);
        }
    }
    for number in 0..CASES {
        let [low, high] = number.to_le_bytes();
        put(seeds, "checks", &format!("{number}.bin"), vec![low, high, b'a', b'b']);
        put(seeds, "loaders", &format!("folder-{number}.bin"), vec![0xff, low, high, 1, 40, 2, 20, 0, 7, 3]);
    }
}
