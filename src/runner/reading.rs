//! Permitted readings: what each expects of a vector where it differs from the decision.

use crate::corpus::{Entry, Expect, ExpectedResult, Outcome, Readings, SignedRequest, Topic, Vector};
use crate::subject::{Case, Judgement, Reference, Reply, Signed, Subject};
use indexmap::IndexMap;

/// The expectation of a vector under a reading: its own, overlaid with what is on record.
pub fn expectation(entry: &Entry, topic: &Topic, vector: &Vector, reading: &str) -> Expect {
    let mut expect = vector.expect.clone();
    let recorded = entry.readings.0.get(&format!("{}/{}", topic.name, vector.name));
    if let Some(recorded) = recorded.and_then(|readings| readings.get(reading)) {
        let Expect { stages, signed_request, results } = recorded.clone();
        expect.stages.extend(stages);
        expect.signed_request = signed_request.or(expect.signed_request);
        if !results.is_empty() {
            expect.results = results;
        }
    }
    expect
}

/// What `readings.yaml` must hold, by the reference.
pub fn expected_readings(entry: &Entry) -> Readings {
    let mut reference = Reference::new([(entry.name.as_str(), &entry.scheme)]);
    let mut readings = Readings::default();
    for (topic, vector) in entry.vectors() {
        let mut differing = IndexMap::new();
        for reading in entry.scheme.readings.keys() {
            let expect = match reference.answer(&Case::of(&entry.name, topic, vector, Some(reading))) {
                Reply::Signed(signed) => signed_under(&vector.expect, &signed),
                Reply::Verified(results) => results_under(&vector.expect, &results),
                Reply::Skipped(_) | Reply::Error(_) => Expect::default(),
            };
            if expect != Expect::default() {
                differing.insert(reading.clone(), expect);
            }
        }
        if !differing.is_empty() {
            readings.0.insert(format!("{}/{}", topic.name, vector.name), differing);
        }
    }
    readings
}

/// The listed stages that differ, and the signed request where one of its listed parts does.
fn signed_under(base: &Expect, signed: &Signed) -> Expect {
    let differs = |(name, _): &(&String, &crate::bytes::Bytes)| signed.stages.get(*name) != base.stages.get(*name);
    let stages = base
        .stages
        .iter()
        .filter(differs)
        .filter_map(|(name, _)| Some((name.clone(), signed.stages.get(name)?.clone())));
    let request = base.signed_request.as_ref().zip(signed.signed_request.as_ref()).map(|(listed, found)| {
        let header = |(name, _): &(crate::bytes::Bytes, _)| {
            let value = found.headers.iter().find(|(n, _)| n.0.eq_ignore_ascii_case(&name.0)).map(|(_, v)| v.clone());
            (name.clone(), value.unwrap_or_default())
        };
        SignedRequest {
            url: listed.url.as_ref().map(|_| found.request().url().into()),
            target: listed.target.as_ref().map(|_| found.target.clone()),
            headers: listed.headers.iter().map(header).collect(),
            body: listed.body.as_ref().map(|_| found.body.clone()),
        }
    });
    let signed_request = request.filter(|request| Some(request) != base.signed_request.as_ref());
    Expect { stages: stages.collect(), signed_request, results: Vec::new() }
}

fn results_under(base: &Expect, found: &[Judgement]) -> Expect {
    let result = |(expected, found): (&ExpectedResult, &Judgement)| ExpectedResult {
        outcome: if found.accept { Outcome::Accept } else { Outcome::Reject },
        class: found.class,
        status: found.status.clone(),
        code: found.code.clone(),
        message: found.message.clone(),
        reply: found.reply,
        stages: expected
            .stages
            .iter()
            .filter_map(|(name, _)| Some((name.clone(), found.stages.get(name)?.clone())))
            .collect(),
    };
    let results: Vec<_> = base.results.iter().zip(found).map(result).collect();
    Expect { results: if results == base.results { Vec::new() } else { results }, ..Expect::default() }
}
