//! The report for a terminal.

use super::diff::{diff, plain};
use crate::runner::{CaseResult, Difference, Run, Verdict};
use std::fmt::Write;

/// Columns of text, the first aligned left, the others right.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(i, cell)| {
            let width = widths[i];
            if i == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// How many failures are shown in full.
const SHOWN: usize = 10;

/// A table by scheme, the failures, and a closing line `N passed, N failed`.
pub fn run_text(run: &Run) -> String {
    let head = ["scheme", "vectors", "passed", "failed", "discrepancies", "readings", "time"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for scheme in &run.schemes {
        rows.push(vec![
            scheme.scheme.clone(),
            scheme.vectors().to_string(),
            scheme.passed().to_string(),
            scheme.failed().to_string(),
            scheme.discrepancies.to_string(),
            scheme.readings().to_string(),
            scheme.elapsed.map_or(String::new(), |time| format!("{:.1} ms", time.as_secs_f64() * 1e3)),
        ]);
    }
    let mut out = table(&rows);
    out.push_str(&failures_text(run, "check {}"));
    let discrepancies: usize = run.schemes.iter().map(|scheme| scheme.discrepancies).sum();
    let time = run.elapsed.as_secs_f64() * 1e3;
    let schemes = run.schemes.len();
    let _ =
        writeln!(out, "\n{schemes} schemes, {discrepancies} discrepancies of their documents on record, {time:.1} ms");
    let _ = writeln!(out, "{} passed, {} failed", run.passed(), run.failed());
    out
}

/// The failures, the worst kind first; of many, the names. `again` is the command that shows
/// just one, with `{}` for its name.
pub(super) fn failures_text(run: &Run, again: &str) -> String {
    let failures = run.failures();
    let mut out = String::new();
    for failure in failures.iter().take(SHOWN) {
        let again = again.replacen("{}", &failure.vector, 1);
        let _ = write!(out, "\n{}  again: countersign {again}\n", failure_text(failure));
    }
    if failures.len() > SHOWN {
        let _ = writeln!(out, "\nand {} more:", failures.len() - SHOWN);
    }
    for failure in failures.iter().skip(SHOWN) {
        let kind = failure.verdict.failure().map_or(String::new(), |kind| kind.to_string());
        let _ = writeln!(out, "  {}  {kind}{}", failure.vector, under(failure));
    }
    out
}

fn under(result: &CaseResult) -> String {
    result.reading.as_ref().map_or(String::new(), |reading| format!(" under the reading {reading}"))
}

/// What a verdict says beside differences.
pub(super) fn verdict_says(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Errored(why) => Some(format!("the subject reports an error: {why}")),
        Verdict::Crashed(why) | Verdict::TimedOut(why) => Some(why.clone()),
        Verdict::Broke(why) => Some(format!("the reply is not of the protocol: {why}")),
        Verdict::Known(reason) => Some(format!("a known divergence: {reason}")),
        Verdict::Stale(on_record, differences) if differences.is_empty() => {
            Some(format!("on record as a known divergence, and does not differ any more ({on_record})"))
        }
        Verdict::Stale(on_record, _) => Some(format!("differs otherwise than on record ({on_record})")),
        Verdict::Skipped(why) | Verdict::NotRun(why) => Some(why.clone()),
        Verdict::Passed | Verdict::Differs(_) => None,
    }
}

pub(super) fn failure_text(failure: &CaseResult) -> String {
    let kind = failure.verdict.failure().map_or(String::new(), |kind| format!(" ({kind})"));
    let mut out = format!("FAILED {}{}{kind}\n  {}\n", failure.vector, under(failure), failure.comment);
    out.push_str(&verdict_text(&failure.verdict));
    out
}

/// What a verdict says, the first difference with its place marked.
pub(super) fn verdict_text(verdict: &Verdict) -> String {
    let mut out = String::new();
    if let Some(says) = verdict_says(verdict) {
        let _ = writeln!(out, "  {says}");
    }
    // The first stage that differs tells most; what follows from it is only named.
    for (i, difference) in verdict.differences().iter().enumerate() {
        match difference {
            Difference::Value { what, expected, found } if i == 0 => {
                let _ = writeln!(out, "  {what} differs");
                for line in diff(expected.as_slice(), found.as_slice()) {
                    let _ = writeln!(out, "    {line}");
                }
            }
            Difference::Value { what, .. } => {
                let _ = writeln!(out, "  {what} differs as well");
            }
            Difference::Other { what, expected, found } => {
                let _ = writeln!(out, "  {}: expected {expected}, found {}", plain(what), plain(found));
            }
        }
    }
    out
}
