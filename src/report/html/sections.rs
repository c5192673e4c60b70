//! Of the page: what is known, what did not run, how the subject behaved, and what passed.

use super::parts::{Section, anchor, blocks, name, shown};
use crate::printable::count;
use crate::report::words;
use crate::runner::{CaseResult, Run, Verdict};
use maud::{Markup, html};

/// Known divergences, each with its reason.
pub(super) fn known(run: &Run) -> Option<Section> {
    let known = run.results().filter_map(|result| match &result.verdict {
        Verdict::Known(reason) => Some((result, reason)),
        _ => None,
    });
    let known: Vec<_> = known.collect();
    if known.is_empty() {
        return None;
    }
    let content = html! {
        dl.named {
            @for (result, reason) in &known {
                dt id=(anchor(result)) { (name(result)) }
                dd { (shown(reason)) }
            }
        }
    };
    Some(Section { id: "known", title: format!("Known divergences: {}", known.len()), content })
}

/// Returns differences where the expectation does not decide.
pub(super) fn beside(run: &Run) -> Option<Section> {
    let results = run.results().filter(|result| matches!(result.verdict, Verdict::Beside(_)));
    let lines: Vec<(&CaseResult, String)> = results.zip(words::beside(run)).collect();
    if lines.is_empty() {
        return None;
    }
    let content = html! { ul.plain { @for (result, line) in &lines { li id=(anchor(result)) { (shown(line)) } } } };
    Some(Section { id: "beside", title: format!("Differs where nothing decides: {}", lines.len()), content })
}

/// Returns what did not run, by the reason.
pub(super) fn not_run(run: &Run) -> Option<Section> {
    let reasons = words::not_run(run);
    if reasons.is_empty() {
        return None;
    }
    let content = html! {
        @for (why, results) in &reasons {
            details {
                summary { (shown(why)) span.count { (results.len()) } }
                ul.plain { @for result in results { li id=(anchor(result)) { (name(result)) } } }
            }
        }
    };
    Some(Section { id: "not-run", title: format!("Not run: {}", count(run.not_run(), "vector")), content })
}

/// Returns what the subject did beside answering.
pub(super) fn conduct(run: &Run) -> Option<Section> {
    run.subject.as_ref()?;
    let prose = words::conduct(run);
    let content = match prose.0.is_empty() {
        true => html! { p { "It kept to the protocol, was started once, and wrote nothing to standard error." } },
        false => blocks(&prose.0),
    };
    Some(Section { id: "conduct", title: "Conduct".into(), content })
}

/// Every vector that passed, scheme by scheme.
pub(super) fn passed(run: &Run) -> Option<Section> {
    let schemes = run.schemes.iter().map(|scheme| (&scheme.scheme, scheme.passed_vectors().collect::<Vec<_>>()));
    let schemes: Vec<_> = schemes.filter(|(_, vectors)| !vectors.is_empty()).collect();
    if schemes.is_empty() {
        return None;
    }
    let content = html! {
        @for (scheme, vectors) in &schemes {
            details {
                summary { (scheme) span.count { (vectors.len()) } }
                dl.named { @for results in vectors { (passed_vector(results)) } }
            }
        }
    };
    Some(Section { id: "passed", title: format!("Passed: {}", count(run.passed(), "vector")), content })
}

fn passed_vector(results: &[CaseResult]) -> Markup {
    let first = results.iter().find(|result| result.verdict == Verdict::Passed).unwrap_or(&results[0]);
    let readings = results.iter().filter(|result| result.reading.is_some()).count();
    html! {
        dt id=(anchor(first)) { (name(first)) }
        dd {
            (shown(&first.comment))
            @if readings > 0 && first.reading.is_none() { " Also as " (count(readings, "reading")) " would have it." }
        }
    }
}
