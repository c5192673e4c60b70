//! Compares one reply with one expectation, stage by stage in the order of derivation.

use super::verdict::Kind;
use crate::bytes::Bytes;
use crate::corpus::{Expect, ExpectedResult, Outcome, SignedRequest, WireRequest};
use crate::subject::{Judgement, Reply, Signed};
use indexmap::IndexMap;
use std::fmt;

/// One thing that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Bytes differ.
    Value {
        /// What they are: `stage string_to_sign`.
        what: String,
        /// What was expected.
        expected: Bytes,
        /// What was found.
        found: Bytes,
    },
    /// Something else differs.
    Other {
        /// What it is.
        what: String,
        /// What was expected.
        expected: String,
        /// What was found.
        found: String,
    },
}

impl Difference {
    /// What kind of failure it is.
    pub fn kind(&self) -> Kind {
        match self {
            Difference::Value { .. } => Kind::WrongValue,
            Difference::Other { what, expected, .. } if what.ends_with(OUTCOME) => match expected.as_str() {
                "reject" => Kind::FalseAccept,
                _ => Kind::FalseReject,
            },
            Difference::Other { what, .. } if DETAILS.iter().any(|detail| what.ends_with(detail)) => Kind::WrongClass,
            Difference::Other { .. } => Kind::WrongValue,
        }
    }

    /// What differs: `stage string_to_sign`.
    pub fn what(&self) -> &str {
        match self {
            Difference::Value { what, .. } | Difference::Other { what, .. } => what,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Value { what, expected, found } => write!(f, "{what}: expected {expected}, found {found}"),
            Difference::Other { what, expected, found } => write!(f, "{what}: expected {expected}, found {found}"),
        }
    }
}

/// What tells acceptance from refusal.
const OUTCOME: &str = "outcome";
/// What tells one refusal from another.
const DETAILS: [&str; 5] = ["class", "status", "code", "message", "reply"];

/// What differs, the first stage first; empty where the reply is as expected.
pub fn compare(expect: &Expect, reply: &Reply) -> Vec<Difference> {
    match reply {
        Reply::Signed(signed) if expect.results.is_empty() => compare_signed(expect, signed),
        Reply::Verified(results) if !expect.results.is_empty() => compare_results(&expect.results, results),
        Reply::Error(why) => vec![other("answer", "a result", format!("an error: {why}"))],
        Reply::Skipped(why) => vec![other("answer", "a result", format!("skipped: {why}"))],
        Reply::Signed(_) => vec![other("answer", "judgements", "a signature".into())],
        Reply::Verified(_) => vec![other("answer", "a signature", "judgements".into())],
    }
}

pub(super) fn other(what: &str, expected: &str, found: String) -> Difference {
    Difference::Other { what: what.into(), expected: expected.into(), found }
}

pub(super) fn value(what: String, expected: &Bytes, found: &Bytes) -> Option<Difference> {
    (expected != found).then(|| Difference::Value { what, expected: expected.clone(), found: found.clone() })
}

fn compare_signed(expect: &Expect, signed: &Signed) -> Vec<Difference> {
    let mut differences = compare_stages("", &expect.stages, &signed.stages);
    match (&expect.signed_request, &signed.signed_request) {
        (Some(expected), Some(found)) => compare_request(expected, found, &mut differences),
        (Some(_), None) => differences.push(other("signed request", "one", "none".into())),
        (None, _) => {}
    }
    differences
}

fn compare_stages(lead: &str, expected: &IndexMap<String, Bytes>, found: &IndexMap<String, Bytes>) -> Vec<Difference> {
    let compare_stage = |(name, expected): (&String, &Bytes)| {
        let what = format!("{lead}stage {name}");
        match found.get(name) {
            Some(found) => value(what, expected, found),
            None => Some(other(&what, &expected.to_string(), "no such stage".into())),
        }
    };
    expected.iter().filter_map(compare_stage).collect()
}

fn compare_request(expected: &SignedRequest, found: &WireRequest, differences: &mut Vec<Difference>) {
    let url = Bytes(found.request().url());
    let parts = [
        ("url", &expected.url, &url),
        ("target", &expected.target, &found.target),
        ("body", &expected.body, &found.body),
    ];
    for (name, expected, found) in parts {
        differences.extend(expected.as_ref().and_then(|e| value(format!("signed request, {name}"), e, found)));
    }
    for (name, expected) in &expected.headers {
        let values: Vec<&Bytes> =
            found.headers.iter().filter(|(n, _)| n.0.eq_ignore_ascii_case(&name.0)).map(|(_, v)| v).collect();
        let what = format!("signed request, header {name}");
        match values.as_slice() {
            [one] => differences.extend(value(what, expected, one)),
            several => differences.push(other(&what, "once", format!("{} times", several.len()))),
        }
    }
}

pub(super) fn compare_results(expected: &[ExpectedResult], found: &[Judgement]) -> Vec<Difference> {
    if expected.len() != found.len() {
        return vec![other("results", &expected.len().to_string(), found.len().to_string())];
    }
    let several = expected.len() > 1;
    let steps = expected.iter().zip(found).enumerate();
    steps
        .flat_map(|(i, (expected, found))| {
            let lead = if several { format!("step {}, ", i + 1) } else { String::new() };
            compare_result(&lead, expected, found)
        })
        .collect()
}

fn compare_result(lead: &str, expected: &ExpectedResult, found: &Judgement) -> Vec<Difference> {
    let word = |accept: bool| if accept { "accept" } else { "reject" };
    let accept = expected.outcome == Outcome::Accept;
    if accept != found.accept {
        let class = found.class.map_or(String::new(), |class| format!(" ({class})"));
        return vec![other(&format!("{lead}{OUTCOME}"), word(accept), format!("{}{class}", word(found.accept)))];
    }
    let mut differences = Vec::new();
    let mut detail = |what: &str, expected: Option<String>, found: Option<String>| {
        // A detail that a subject does not give is not wrong; one that it gives must be right.
        if let (expected, Some(found)) = (expected, found) {
            let expected = expected.unwrap_or_else(|| "none".into());
            if expected != found {
                differences.push(other(&format!("{lead}{what}"), &expected, found));
            }
        }
    };
    detail("class", expected.class.map(|c| c.to_string()), found.class.map(|c| c.to_string()));
    detail("status", expected.status.clone(), found.status.clone());
    detail("code", expected.code.clone(), found.code.clone());
    detail("message", expected.message.clone(), found.message.clone());
    if !found.reply.is_error() || !expected.reply.is_error() {
        let word = |reply| format!("{reply:?}").to_lowercase();
        detail("reply", Some(word(expected.reply)), Some(word(found.reply)));
    }
    differences.extend(compare_stages(lead, &expected.stages, &found.stages));
    differences
}
