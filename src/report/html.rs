//! The report on a run as one HTML page that asks for nothing from anywhere.
//!
//! The page reads without JavaScript, which only filters. Its Content-Security-Policy admits the one
//! style sheet and the one script by their hashes, so that nothing a subject says can be run.

mod failures;
mod parts;
mod sections;

use super::schemes;
use super::words::{self, Again};
use crate::case::FailureKind;
use crate::diagnosis::RunCause;
use crate::printable::count;
use crate::runner::Run;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, PreEscaped, html};
use parts::Section;
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page; the same run gives the same bytes, but for the time that it took.
pub fn run_html(run: &Run, causes: &[RunCause<'_>], again: Again<'_>) -> String {
    let subject = run.subject.as_ref().map_or_else(|| "The reference".into(), words::subject);
    let sections = [
        Some(schemes_table(run)),
        failures::causes(causes),
        failures::frameworks(causes),
        Some(failures::failures(run, again)),
        sections::beside(run),
        sections::known(run),
        sections::not_run(run),
        sections::conduct(run),
        sections::passed(run),
    ];
    let sections: Vec<Section> = sections.into_iter().flatten().collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (subject) " – Countersign" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the report" }
                header {
                    p.of { "Countersign: conformance of request signing" }
                    h1 { (subject) }
                    p.verdict.bad[!conforms(run)] { (verdict(run)) }
                    p.facts { (count(run.schemes.len(), "scheme")) ", " (format!("{:.2} s", run.elapsed.as_secs_f64())) }
                    nav aria-label="Sections" {
                        ul { @for section in &sections { li { a href={ "#" (section.id) } { (section.title) } } } }
                    }
                }
                main #main tabindex="-1" {
                    @for Section { id, title, content } in &sections {
                        @let head = format!("{id}-head");
                        section id=(id) aria-labelledby=(head) { h2 id=(head) { (title) } (content) }
                    }
                }
                footer { p { (words::NOT_SHOWN) } p { "Written by countersign " (env!("CARGO_PKG_VERSION")) "." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

/// Nothing may be fetched, and nothing run but what stands in this file.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    let (style, script) = (hash(STYLE), hash(SCRIPT));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
}

fn conforms(run: &Run) -> bool {
    let ran = run.not_run() < run.vectors();
    ran && run.failed() == 0 && run.conduct.breaches() == 0 && run.broken_off.is_none()
}

/// Returns what came out, in a sentence or two.
fn verdict(run: &Run) -> String {
    let ran = run.vectors() - run.not_run();
    let (failed, known, beside) = (run.failed(), run.known(), run.beside());
    let false_accepts =
        run.results().filter(|result| result.verdict.failure() == Some(FailureKind::FalseAccept)).count();
    let mut says = match (ran, failed, known + beside) {
        (0, ..) => "No vector ran.".to_owned(),
        (_, 0, 0) => format!("It conforms: {} ran, and all passed.", count(ran, "vector")),
        (_, 0, _) => {
            let passed = ran - known - beside;
            format!("{} ran; {passed} passed, {known} differ as they are known to.", count(ran, "vector"))
        }
        _ => format!("{failed} of {} failed.", count(ran, "vector")),
    };
    if false_accepts > 0 {
        says.push_str(&format!(" What must be refused is accepted {}.", count(false_accepts, "time")));
    }
    if beside > 0 {
        says.push_str(&format!(" {} where the expectation does not decide.", count(beside, "difference")));
    }
    if run.conduct.breaches() > 0 {
        says.push_str(&format!(" The subject broke the protocol {}.", count(run.conduct.breaches(), "time")));
    }
    if run.broken_off.is_some() {
        says.push_str(" The run was broken off.");
    }
    says
}

fn schemes_table(run: &Run) -> Section {
    let rows = schemes::rows(run, schemes::OF_PAGE);
    let discrepancies = run.schemes.iter().map(|scheme| scheme.discrepancies).sum();
    let totals = [run.vectors(), run.passed(), run.failed(), run.known(), run.not_run(), discrepancies];
    let content = html! {
        div.wide role="region" aria-labelledby="schemes-head" tabindex="0" {
            table {
                thead { tr { @for head in &rows[0] { th scope="col" { (head) } } } }
                tbody {
                    @for row in &rows[1..] {
                        tr {
                            th scope="row" { (row[0]) }
                            @for cell in &row[1..] { td.none[cell == "0"] { (cell) } }
                        }
                    }
                }
                @if rows.len() > 2 {
                    tfoot { tr { th scope="row" { "all" } @for total in totals { td { (total) } } } }
                }
            }
        }
        p.note {
            "Discrepancies are places of a scheme's documents that contradict themselves, another source, or \
             arithmetic; " code { "countersign list discrepancies" } " lists them."
        }
    };
    Section { id: "schemes", title: "Scheme by scheme".into(), content }
}
