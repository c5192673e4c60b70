//! Promotion: findings as vectors, with where they come from.

use super::{Finding, Fuzzed};
use crate::corpus::{self, Provenance, ProvenanceKind, Vector};
use crate::subject::{Reference, Subject};
use indexmap::IndexMap;

/// A file of vectors, one a finding; `None` where there is none. What is expected is what the
/// reference answers: it counts when a second implementation that shares no code agrees.
pub fn promoted(fuzzed: &Fuzzed<'_>) -> Option<String> {
    let mut accounts = IndexMap::new();
    let mut vectors: Vec<Vector> = Vec::new();
    for (i, finding) in fuzzed.findings.iter().enumerate() {
        let Some(mut vector) = vector(fuzzed, finding, i) else { continue };
        // Accounts of one name may differ between findings.
        let rename = |name: &str| format!("{}-{name}", vector.name);
        for (name, account) in &finding.input.accounts {
            accounts.insert(rename(name), account.clone());
        }
        let (sign, verify) = (&mut vector.given.sign, &mut vector.given.verify);
        let names = sign.iter_mut().map(|sign| &mut sign.account);
        let all = names.chain(verify.iter_mut().flat_map(|verify| &mut verify.accounts));
        let renamed: Vec<(&mut String, String)> = all
            .map(|name| {
                let new = format!("{}-{name}", vector.name);
                (name, new)
            })
            .collect();
        renamed.into_iter().for_each(|(name, new)| *name = new);
        vectors.push(vector);
    }
    let about = "Inputs on which an implementation differed from the reference.";
    (!vectors.is_empty()).then(|| corpus::vectors_yaml("countersign fuzz", about, &accounts, vectors.iter()))
}

fn vector(fuzzed: &Fuzzed<'_>, finding: &Finding, i: usize) -> Option<Vector> {
    let case = finding.input.case(fuzzed.entry);
    let operation = fuzzed.entry.scheme.operations.get(&case.operation)?;
    let reply = Reference::of(fuzzed.entry).answer(&case);
    let (name, version) = (&fuzzed.subject.name, &fuzzed.subject.version);
    let comment = match finding.verdict.differences().first() {
        Some(difference) => format!("{name} {version} differs: {difference}"),
        None => format!("{name} {version} has no answer to it."),
    };
    let mut vector = finding.input.vector(format!("{}-found-{}", case.operation, i + 1), comment, operation, &reply)?;
    let place = format!("countersign fuzz --scheme {} --seed {}", fuzzed.entry.name, fuzzed.seed);
    vector.source = Provenance { kind: ProvenanceKind::Generated, place };
    Some(vector)
}
