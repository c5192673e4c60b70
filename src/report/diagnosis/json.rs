//! A diagnosis as data.

use crate::bytes::Bytes;
use crate::corpus::Entry;
use crate::diagnosis::{
    self, Candidate, Conclusion, Diagnosis, Evidence, ExpectedStage, Explanation, OtherReason, Part, Undecided,
    Unexplained,
};
use serde_json::{Value, json};

/// Frameworks, each with code that takes the bytes of a body, where a diagnosis is about them; none otherwise.
pub(in crate::report) fn frameworks_json<'d>(diagnoses: impl IntoIterator<Item = &'d Diagnosis>) -> Vec<Value> {
    let one = |(name, code): &(&str, &str)| json!({ "framework": name, "code": code });
    diagnosis::frameworks(diagnoses.into_iter()).iter().map(one).collect()
}

/// A report on one diagnosis: what is said of a cause, and `frameworks`, each with its code, where a body was read and
/// written again.
pub fn diagnosis_json(entry: &Entry, diagnosis: &Diagnosis, notes: &[String]) -> Value {
    let mut value = cause_json(entry, diagnosis, notes);
    value["frameworks"] = json!(frameworks_json([diagnosis]));
    value
}

/// `{"scheme", "operation", "observations", "verdict", "tried", "candidates", "evidence", "tell_apart", "notes"}`;
/// `verdict` is `right`, `refused` (which has its class), `undecided` (which says what it lacks), `explained`,
/// `open` (too many candidates), `another-time`, `refuses-all`, `accepts-all`, `other-reasons` or `unexplained`.
pub(in crate::report) fn cause_json(entry: &Entry, diagnosis: &Diagnosis, notes: &[String]) -> Value {
    let tried = diagnosis.tried;
    let mut value = json!({
        "scheme": entry.name,
        "operation": diagnosis.operation,
        "observations": diagnosis.observations,
        "verdict": "right",
        "tried": { "candidates": tried.candidates(), "readings": tried.readings, "mutants": tried.mutants, "pairs": tried.pairs, "left": tried.left, "out_of_time": tried.out_of_time },
        "notes": notes,
    });
    match &diagnosis.verdict {
        Conclusion::Right => {}
        Conclusion::Refused(refused) => {
            value["verdict"] = json!("refused");
            value["refused"] = json!({ "class": refused.class, "detail": refused.detail });
        }
        Conclusion::Undecided(Undecided { lacks, refused, forms }) => {
            value["verdict"] = json!("undecided");
            value["lacks"] = json!(lacks);
            let refused = refused.as_ref().map(|refused| json!({ "class": refused.class, "detail": refused.detail }));
            value["refused"] = json!(refused);
            let forms = forms.as_ref().map(|(_, own, scheme)| json!([own.to_string(), scheme.to_string()]));
            value["forms"] = json!(forms);
        }
        Conclusion::Unexplained(Unexplained { vector, stages, nearest }) => {
            value["verdict"] = json!("unexplained");
            let stage = |stage: &ExpectedStage| json!({ "stage": stage.name, "expected": stage.expected, "same": stage.is_same });
            value["vector"] = json!(vector);
            value["stages"] = stages.iter().map(stage).collect();
            value["nearest"] = nearest
                .iter()
                .map(|near| json!({ "class": ids(&near.explanation), "explains": near.explains, "of": near.of, "against": near.against }))
                .collect();
        }
        Conclusion::Indifferent { accepts, messages, variant } => {
            value["verdict"] = json!(if *accepts { "accepts-all" } else { "refuses-all" });
            value["messages"] = json!(messages);
            value["variant"] = json!(variant);
        }
        Conclusion::AnotherTime { signed, sent } => {
            value["verdict"] = json!("another-time");
            value["signed"] = json!(String::from(signed.clone()));
            value["sent"] = json!(String::from(sent.clone()));
        }
        Conclusion::OtherReasons(reasons) => {
            value["verdict"] = json!("other-reasons");
            let reason = |reason: &OtherReason| json!({ "expected": reason.expected, "found": reason.found, "messages": reason.messages });
            value["reasons"] = reasons.iter().map(reason).collect();
        }
        Conclusion::Explained(explained) => {
            value["verdict"] = json!(if explained.is_open() { "open" } else { "explained" });
            value["candidates"] =
                explained.candidates.iter().map(|candidate| candidate_json(entry, candidate)).collect();
            value["evidence"] = evidence_json(&explained.evidence);
            value["tell_apart"] = json!(explained.tell_apart.as_ref().map(|apart| {
                let gives: Vec<String> = apart.gives.iter().map(super::gives_text).collect();
                json!({ "vector": apart.vector, "gives": gives })
            }));
        }
    }
    value
}

fn ids(explanation: &Explanation) -> Vec<&str> {
    explanation.0.iter().map(Part::id).collect()
}

fn candidate_json(entry: &Entry, candidate: &Candidate) -> Value {
    let parts = candidate.class[0].0.iter().map(|part| match part {
        Part::Mutant(mutant) => json!({
            "mutant": mutant.id,
            "says": diagnosis::mistake(entry, mutant),
            "mend": mutant.operator.mend,
            "field": diagnosis::field(entry, mutant),
            "code": diagnosis::right_code(entry, mutant).map(|[python, javascript]| {
                json!({ "python": python.join("\n"), "javascript": javascript.join("\n") })
            }),
            "bug_classes": mutant.operator.rows,
        }),
        Part::Reading(name) => {
            let reading = entry.scheme.readings.get(name);
            json!({ "reading": name, "says": reading.map(|r| &r.says), "discrepancy": reading.map(|r| &r.discrepancy) })
        }
    });
    json!({
        "class": candidate.class.iter().map(ids).collect::<Vec<_>>(),
        "parts": parts.collect::<Vec<_>>(),
        "explains": candidate.explains,
        "differing": candidate.differing,
        "shows_in": candidate.shows_in,
    })
}

fn evidence_json(evidence: &Evidence) -> Value {
    let stage = |stage: &str, expected: Option<&Bytes>, found: Option<&Bytes>| json!({ "stage": stage, "expected": expected, "found": found });
    match evidence {
        Evidence::Stage { stage: name, expected, found } => stage(name, Some(expected), found.as_ref()),
        Evidence::HiddenStage { stage: name } => stage(name, None, None),
        Evidence::Request => json!({ "request": true }),
        Evidence::Judgements { expected, found } => json!({ "expected": expected, "found": found }),
        Evidence::Error { by_implementation } => json!({ "error": { "by_implementation": by_implementation } }),
    }
}
