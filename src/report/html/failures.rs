//! Of the page: what explains the failures, and the failures with their filters.

use super::parts::{Section, anchor, blocks, first, name, prose, rest, shown};
use crate::case::FailureKind;
use crate::corpus::Level;
use crate::diagnosis::RunCause;
use crate::printable::count;
use crate::report::diagnosis::{IN_FRAMEWORKS, diagnosed, in_frameworks};
use crate::report::words::{self, Again, kind};
use crate::runner::{CaseResult, Run};
use maud::{Markup, html};

/// Up to so many failures are shown unfolded.
const FEW: usize = 3;
/// Up to so many links to failures stand beside a cause; the others are folded.
const LINKS: usize = 6;

/// Returns what explains the failures.
pub(super) fn causes(causes: &[RunCause<'_>]) -> Option<Section> {
    if causes.is_empty() {
        return None;
    }
    let content = html! { ol.causes { @for one in causes { li { (cause(one)) } } } };
    Some(Section { id: "causes", title: format!("Causes: {}", causes.len()), content })
}

/// Returns how the bytes of a body are taken, where a cause is about them.
pub(super) fn frameworks(causes: &[RunCause<'_>]) -> Option<Section> {
    let told = in_frameworks(causes.iter().map(|cause| &cause.cause.diagnosis));
    let content = blocks(rest(&told));
    (!told.0.is_empty()).then(|| Section { id: "frameworks", title: IN_FRAMEWORKS.into(), content })
}

fn cause(cause: &RunCause<'_>) -> Markup {
    let says = diagnosed(cause.entry, &cause.cause.diagnosis);
    let (few, more) = cause.failures.split_at(cause.failures.len().min(LINKS));
    html! {
        h3 { (prose(first(&says))) }
        p.note {
            (cause.entry.name) ", " (cause.cause.diagnosis.operation) ": " (count(cause.failures.len(), "failure"))
        }
        (blocks(rest(&says)))
        p { "Seen in" }
        (links(few))
        @if !more.is_empty() {
            details { summary { "and " (more.len()) " more" } (links(more)) }
        }
    }
}

fn links(failures: &[&CaseResult]) -> Markup {
    html! {
        ul.links { @for failure in failures { li { a href={ "#" (anchor(failure)) } { (name(failure)) } } } }
    }
}

/// The failures by kind, the worst first.
pub(super) fn failures(run: &Run, again: Again<'_>) -> Section {
    let failures = run.failures();
    let is_open = failures.len() <= FEW;
    let kinds: Vec<&[&CaseResult]> =
        failures.chunk_by(|one, other| one.verdict.failure() == other.verdict.failure()).collect();
    let content = html! {
        @if failures.is_empty() { p { "None." } } @else { (filters(run, &kinds)) }
        @for failures in kinds.iter().copied() {
            div.kind {
                h3 { (plural(failures[0].verdict.failure())) span.count { (failures.len()) } }
                @if let Some(kind) = failures[0].verdict.failure() { p.note { (meaning(kind)) } }
                @for one in failures { (failure(one, is_open, again)) }
            }
        }
    };
    Section { id: "failures", title: format!("Failures: {}", failures.len()), content }
}

/// Shown by the script, since only the script makes them work.
fn filters(run: &Run, kinds: &[&[&CaseResult]]) -> Markup {
    let schemes: Vec<&str> =
        run.schemes.iter().filter(|scheme| scheme.failed() > 0).map(|scheme| scheme.scheme.as_str()).collect();
    let all = kinds.iter().map(|kind| kind.len()).sum::<usize>();
    html! {
        form #filters role="search" aria-label="Filter the failures" hidden {
            div.kinds role="group" aria-label="FailureKind of failure" {
                @for failures in kinds {
                    button type="button" aria-pressed="false" value=(kind(failures[0])) {
                        (kind(failures[0])) span.count { (failures.len()) }
                    }
                }
            }
            label { "Scheme"
                select name="scheme" {
                    option value="" { "all" }
                    @for scheme in schemes { option value=(scheme) { (scheme) } }
                }
            }
            label { "Name contains" input type="search" name="text" autocomplete="off" spellcheck="false"; }
            div.acts {
                output aria-live="polite" { (all) " of " (all) " shown" }
                button type="button" #unfold { "Unfold all" }
                button type="reset" { "Show all" }
            }
        }
    }
}

fn failure(result: &CaseResult, is_open: bool, again: Again<'_>) -> Markup {
    let (says, id) = (words::verdict(&result.verdict), anchor(result));
    html! {
        details.failure open[is_open] data-scheme=(result.case.scheme) data-kind=(kind(result)) data-name=(id) {
            summary {
                (name(result))
                span.says { (kind(result)) ": " (prose(first(&says))) }
            }
            // The address is inside of what is folded: a browser then unfolds it for a link.
            div.body id=(id) {
                @if result.level == Level::Decision { p { (words::DECISION) } }
                p { (shown(&result.comment)) }
                (blocks(rest(&says)))
                p.label { "Again" }
                pre { (shown(&again(result))) }
                p.note { a href={ "#" (id) } { "Link to this failure" } }
            }
        }
    }
}

fn plural(kind: Option<FailureKind>) -> &'static str {
    match kind {
        Some(FailureKind::FalseAccept) => "False accepts",
        Some(FailureKind::FalseReject) => "False rejects",
        Some(FailureKind::WrongValue) => "Wrong values",
        Some(FailureKind::WrongClass) => "Wrong classes",
        Some(FailureKind::Error) => "Errors",
        Some(FailureKind::Crash) => "Crashes",
        Some(FailureKind::TimeOut) => "Time-outs",
        Some(FailureKind::Protocol) => "Broken replies",
        Some(FailureKind::Stale) => "Stale divergences",
        None => "",
    }
}

fn meaning(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::FalseAccept => "What must be refused is accepted.",
        FailureKind::FalseReject => "What must be accepted is refused.",
        FailureKind::WrongValue => "A stage or the signed request differs.",
        FailureKind::WrongClass => "It is refused, as it must be, for another reason.",
        FailureKind::Error => "An error where there must be an answer.",
        FailureKind::Crash => "The subject ended before it replied.",
        FailureKind::TimeOut => "No reply came in time.",
        FailureKind::Protocol => "The reply is not of the protocol.",
        FailureKind::Stale => "On record as a known divergence, and none any more, or another.",
    }
}
