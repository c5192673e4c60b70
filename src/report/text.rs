//! The report on a run for a terminal.

use super::diagnosis::{cause_text, in_frameworks};
use super::prose::wrap;
use super::schemes::{OF_CHECK, OF_TEST, rows};
use super::words::{self, Again, kind, under};
use crate::case::FailureKind;
use crate::corpus::Level;
use crate::diagnosis::RunCause;
use crate::printable;
use crate::runner::{CaseResult, Run};
use std::fmt::Write;

/// Columns of text, the first aligned left, the others right.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|cell| printable::text(cell)).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|cell| printable::columns(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells = row.iter().enumerate().map(|(i, cell)| {
            let room = " ".repeat(widths[i].saturating_sub(printable::columns(cell)));
            if i == 0 { format!("{cell}{room}") } else { format!("{room}{cell}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Number of failures that are shown in full.
const SHOWN: usize = 10;

/// The report on the reference: a table by scheme, causes, failures, and a closing line
/// `N passed, N failed`; for a terminal of so many columns.
pub fn check_text(run: &Run, causes: &[RunCause<'_>], again: Again<'_>, columns: usize) -> String {
    let mut out = table(&rows(run, OF_CHECK));
    out.push_str(&causes_text(causes, columns));
    out.push_str(&failures_text(run, again, columns));
    let discrepancies: usize = run.schemes.iter().map(|scheme| scheme.discrepancies).sum();
    let time = run.elapsed.as_secs_f64() * 1e3;
    let schemes = run.schemes.len();
    let counts = format!("{schemes} schemes, {discrepancies} discrepancies of their documents on record, {time:.1} ms");
    out.push('\n');
    wrap(&counts, ["", ""], columns, &mut out);
    let _ = writeln!(out, "{} passed, {} failed", run.passed(), run.failed());
    out
}

/// The report on a subject: who was tested, a table by scheme, causes, failures, what did not run,
/// how the subject behaved, and a closing line `N passed, N failed, N skipped`; for a terminal of so many columns.
pub fn test_text(run: &Run, causes: &[RunCause<'_>], again: Again<'_>, columns: usize) -> String {
    let mut out = run.subject.as_ref().map_or(String::new(), |subject| words::subject(subject) + "\n\n");
    out.push_str(&table(&rows(run, OF_TEST)));
    out.push_str(&causes_text(causes, columns));
    out.push_str(&failures_text(run, again, columns));
    for (i, (why, results)) in words::not_run(run).iter().enumerate() {
        out.push_str(if i == 0 { "\n" } else { "" });
        wrap(&printable::text(&format!("{} not run: {why}", results.len())), ["", "  "], columns, &mut out);
    }
    let beside = words::beside(run);
    for (i, line) in beside.iter().enumerate() {
        if i == 0 {
            let differs = "Differs from expectations that do not decide (with --level they do):";
            let _ = writeln!(out, "\n{differs}");
        }
        wrap(&printable::text(line), ["  ", "    "], columns, &mut out);
    }
    if !run.further.is_empty() {
        let _ = writeln!(out);
        wrap(words::ASKED, ["", ""], columns, &mut out);
    }
    let _ = writeln!(out);
    wrap(words::NOT_SHOWN, ["", ""], columns, &mut out);
    let conduct = words::conduct(run).text(columns);
    if !conduct.is_empty() {
        let _ = write!(out, "\n{conduct}");
    }
    let _ = writeln!(out, "\n{:.2} s", run.elapsed.as_secs_f64());
    let skipped = run.not_run() + run.known() + run.beside();
    let _ = writeln!(out, "{} passed, {} failed, {skipped} skipped", run.passed(), run.failed());
    out
}

fn causes_text(causes: &[RunCause<'_>], columns: usize) -> String {
    let mut out = String::new();
    for (i, cause) in causes.iter().enumerate() {
        let (name, operation) = (&cause.entry.name, &cause.cause.diagnosis.operation);
        let vectors = cause.failures.len();
        let head = format!("{}. {name}, {operation}: {vectors} of the failures", i + 1);
        let _ = writeln!(out, "\n{}", printable::text(&head));
        for line in cause_text(cause, columns.saturating_sub(3)).lines() {
            let _ = writeln!(out, "{}", format!("   {line}").trim_end());
        }
    }
    let frameworks = in_frameworks(causes.iter().map(|cause| &cause.cause.diagnosis)).text(columns);
    if !frameworks.is_empty() {
        let _ = write!(out, "\n{frameworks}");
    }
    out
}

/// The failures, the worst kind first; of many, the names.
fn failures_text(run: &Run, again: Again<'_>, columns: usize) -> String {
    let failures = run.failures();
    let mut out = String::new();
    for failure in failures.iter().take(SHOWN) {
        let _ = write!(out, "\n{}  again: {}\n", failure_text(failure, columns), again(failure));
    }
    if failures.len() > SHOWN {
        let _ = writeln!(out, "\nand {} more:", failures.len() - SHOWN);
    }
    for failure in failures.iter().skip(SHOWN) {
        let line = format!("  {}  {}{}", failure.vector, kind(failure), under(failure));
        let _ = writeln!(out, "{}", printable::text(&line));
    }
    out
}

/// One failure: its vector and kind, why the vector exists, and what went wrong.
pub(super) fn failure_text(failure: &CaseResult, columns: usize) -> String {
    let head = format!("FAILED {}{} ({})", failure.vector, under(failure), kind(failure));
    let mut out = format!("{}\n", printable::text(&head));
    if failure.level == Level::Decision {
        wrap(words::DECISION, ["  ", "  "], columns, &mut out);
    }
    wrap(&printable::text(&failure.comment), ["  ", "  "], columns, &mut out);
    if let (Some(FailureKind::FalseAccept), Some(gains)) = (failure.verdict.failure(), &failure.gains) {
        wrap(&printable::text(&format!("What an attacker gains: {gains}")), ["  ", "  "], columns, &mut out);
    }
    out + &words::verdict(&failure.verdict).compact(columns)
}
