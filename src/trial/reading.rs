//! Permitted readings: what each expects of a vector where it differs from the decision.

use crate::case::{Expect, ExpectedResult, Judgement, Reply, Signed, SignedRequest};
use crate::corpus::{Entry, Readings, Topic, Vector};
use crate::trial::Reference;
use indexmap::IndexMap;

/// The expectation of a vector under a reading: its own, overlaid with what is on record.
pub fn expectation(entry: &Entry, topic: &Topic, vector: &Vector, reading: &str) -> Expect {
    let recorded = entry.readings.0.get(&format!("{}/{}", topic.name, vector.name));
    match recorded.and_then(|readings| readings.get(reading)) {
        Some(recorded) => overlaid(&vector.expect, recorded.clone()),
        None => vector.expect.clone(),
    }
}

fn overlaid(expect: &Expect, recorded: Expect) -> Expect {
    let mut expect = expect.clone();
    let Expect { stages, signed_request, results } = recorded;
    expect.stages.extend(stages);
    expect.signed_request = signed_request.or(expect.signed_request);
    if !results.is_empty() {
        expect.results = results;
    }
    expect
}

/// Returns what a reply says of all that is listed in an expectation.
pub(crate) fn answered(expect: &Expect, reply: &Reply) -> Expect {
    overlaid(expect, differing(expect, reply))
}

/// The part of an expectation that a reply has otherwise.
fn differing(expect: &Expect, reply: &Reply) -> Expect {
    match reply {
        Reply::Signed(signed) => signed_under(expect, signed),
        Reply::Verified(results) => results_under(expect, results),
        Reply::Skipped(_) | Reply::Error(_) => Expect::default(),
    }
}

/// Returns what `readings.yaml` must hold, by the reference.
pub fn expected_readings(entry: &Entry) -> Readings {
    let mut reference = Reference::new(entry.schemes());
    let mut readings = Readings::default();
    for (topic, vector) in entry.vectors() {
        let mut others = IndexMap::new();
        for reading in entry.scheme.readings.keys() {
            let reply = reference.answer(&entry.case(topic, vector, Some(reading)));
            let expect = differing(&vector.expect, &reply);
            if expect != Expect::default() {
                others.insert(reading.clone(), expect);
            }
        }
        if !others.is_empty() {
            readings.0.insert(format!("{}/{}", topic.name, vector.name), others);
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
            url: listed.url.as_ref().map(|_| found.url().into()),
            target: listed.target.as_ref().map(|_| found.target.clone()),
            headers: listed.headers.iter().map(header).collect(),
            body: listed.body.as_ref().map(|_| found.body.clone()),
        }
    });
    let signed_request = request.filter(|request| Some(request) != base.signed_request.as_ref());
    Expect { stages: stages.collect(), signed_request, results: Vec::new() }
}

fn results_under(base: &Expect, found: &[Judgement]) -> Expect {
    let under = |(expected, found): (&ExpectedResult, &Judgement)| ExpectedResult {
        stages: expected
            .stages
            .iter()
            .filter_map(|(name, _)| Some((name.clone(), found.stages.get(name)?.clone())))
            .collect(),
        ..found.into()
    };
    let results: Vec<_> = base.results.iter().zip(found).map(under).collect();
    Expect { results: if results == base.results { Vec::new() } else { results }, ..Expect::default() }
}
