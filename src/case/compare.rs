//! Compares one reply with one expectation, stage by stage in the order of derivation.

use super::answer::{Judgement, Reply, Signed};
use super::difference::{AnswerPart, Compared, Difference, RequestPart};
use super::expect::{Ending, Expect, ExpectedResult, SignedRequest};
use crate::bytes::Bytes;
use crate::request::Request;
use indexmap::IndexMap;

/// Returns the differences, the first stage first; none where the reply is as expected.
pub fn compare(expect: &Expect, reply: &Reply) -> Vec<Difference> {
    let answer = |expected: &str, found: String| vec![Difference::other(AnswerPart::Answer, expected, found)];
    match reply {
        Reply::Signed(signed) if expect.results.is_empty() => compare_signed(expect, signed),
        Reply::Verified(results) if !expect.results.is_empty() => compare_results(&expect.results, results),
        Reply::Error(why) => answer("a result", format!("an error: {why}")),
        Reply::Skipped(why) => answer("a result", format!("skipped: {why}")),
        Reply::Signed(_) => answer("judgements", "a signature".into()),
        Reply::Verified(_) => answer("a signature", "judgements".into()),
    }
}

fn compare_signed(expect: &Expect, signed: &Signed) -> Vec<Difference> {
    let mut differences = compare_stages(None, &expect.stages, &signed.stages);
    match (&expect.signed_request, &signed.signed_request) {
        (Some(expected), Some(found)) => compare_request(expected, found, &mut differences),
        (Some(_), None) => differences.push(Difference::other(RequestPart::Whole, "one", "none")),
        (None, _) => {}
    }
    differences
}

fn compare_stages(
    message: Option<usize>,
    expected: &IndexMap<String, Bytes>,
    found: &IndexMap<String, Bytes>,
) -> Vec<Difference> {
    let compare_stage = |(name, expected): (&String, &Bytes)| {
        let what = Compared { message, part: AnswerPart::Stage(name.clone()) };
        match found.get(name) {
            Some(found) => Difference::of_bytes(what, expected, found),
            None => Some(Difference::other(what, expected.to_string(), "no such stage")),
        }
    };
    expected.iter().filter_map(compare_stage).collect()
}

fn compare_request(expected: &SignedRequest, found: &Request, differences: &mut Vec<Difference>) {
    let url = Bytes(found.url());
    let parts = [
        (RequestPart::Url, &expected.url, &url),
        (RequestPart::Target, &expected.target, &found.target),
        (RequestPart::Body, &expected.body, &found.body),
    ];
    for (part, expected, found) in parts {
        differences.extend(expected.as_ref().and_then(|expected| Difference::of_bytes(part, expected, found)));
    }
    for (name, expected) in &expected.headers {
        let values: Vec<&Bytes> =
            found.headers.iter().filter(|(n, _)| n.0.eq_ignore_ascii_case(&name.0)).map(|(_, v)| v).collect();
        let part = RequestPart::Header(name.clone());
        match values.as_slice() {
            [one] => differences.extend(Difference::of_bytes(part, expected, one)),
            several => differences.push(Difference::other(part, "once", format!("{} times", several.len()))),
        }
    }
}

pub(crate) fn compare_results(expected: &[ExpectedResult], found: &[Judgement]) -> Vec<Difference> {
    if expected.len() != found.len() {
        return vec![Difference::other(AnswerPart::Results, expected.len().to_string(), found.len().to_string())];
    }
    let several = expected.len() > 1;
    let results = expected.iter().zip(found).enumerate();
    results.flat_map(|(i, (expected, found))| compare_result(several.then_some(i + 1), expected, found)).collect()
}

fn compare_result(message: Option<usize>, expected: &ExpectedResult, found: &Judgement) -> Vec<Difference> {
    let other = |part: AnswerPart, expected: &str, found: String| {
        Difference::other(Compared { message, part }, expected, found)
    };
    let word = |accept: bool| if accept { "accept" } else { "reject" };
    let accept = expected.outcome == Ending::Accept;
    if accept != found.accept {
        let class = found.class.map_or(String::new(), |class| format!(" ({class})"));
        let part = AnswerPart::Outcome { expected: expected.outcome };
        return vec![other(part, word(accept), format!("{}{class}", word(found.accept)))];
    }
    let mut differences = Vec::new();
    let mut detail = |part: AnswerPart, expected: Option<String>, found: Option<String>| {
        // A detail that a subject does not give is not wrong; one that it gives must be right.
        if let (expected, Some(found)) = (expected, found) {
            let expected = expected.unwrap_or_else(|| "none".into());
            if expected != found {
                differences.push(other(part, &expected, found));
            }
        }
    };
    detail(AnswerPart::Class, expected.class.map(|c| c.to_string()), found.class.map(|c| c.to_string()));
    detail(AnswerPart::Status, expected.status.clone(), found.status.clone());
    detail(AnswerPart::Code, expected.code.clone(), found.code.clone());
    detail(AnswerPart::Message, expected.message.clone(), found.message.clone());
    if !found.reply.is_error() || !expected.reply.is_error() {
        let word = |reply| format!("{reply:?}").to_lowercase();
        detail(AnswerPart::Reply, Some(word(expected.reply)), Some(word(found.reply)));
    }
    differences.extend(compare_stages(message, &expected.stages, &found.stages));
    differences
}
