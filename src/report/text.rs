//! The report for a terminal.

use super::diff::diff;
use crate::runner::{Difference, Failure, Run};
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

/// A table by scheme, the failures, and a closing line `N passed, N failed`.
pub fn run_text(run: &Run) -> String {
    let head = ["scheme", "vectors", "passed", "failed", "discrepancies", "readings", "time"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for scheme in &run.schemes {
        rows.push(vec![
            scheme.scheme.clone(),
            scheme.vectors.to_string(),
            scheme.passed.to_string(),
            (scheme.vectors - scheme.passed).to_string(),
            scheme.discrepancies.to_string(),
            scheme.readings.to_string(),
            format!("{:.1} ms", scheme.elapsed.as_secs_f64() * 1e3),
        ]);
    }
    let mut out = table(&rows);
    let failures: Vec<&Failure> = run.schemes.iter().flat_map(|scheme| &scheme.failures).collect();
    for failure in &failures {
        out.push('\n');
        out.push_str(&failure_text(failure));
    }
    let failed = run.failed();
    let passed = run.vectors() - failed;
    let discrepancies: usize = run.schemes.iter().map(|scheme| scheme.discrepancies).sum();
    let time = run.elapsed.as_secs_f64() * 1e3;
    let schemes = run.schemes.len();
    let _ =
        writeln!(out, "\n{schemes} schemes, {discrepancies} discrepancies of their documents on record, {time:.1} ms");
    let _ = writeln!(out, "{passed} passed, {failed} failed");
    out
}

fn failure_text(failure: &Failure) -> String {
    let under = failure.reading.as_ref().map_or(String::new(), |reading| format!(" under the reading {reading}"));
    let mut out = format!("FAILED {}{under}\n", failure.vector);
    // The first stage that differs tells most; what follows from it is only named.
    for (i, difference) in failure.differences.iter().enumerate() {
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
                let _ = writeln!(out, "  {what}: expected {expected}, found {found}");
            }
        }
    }
    let _ = writeln!(out, "  again: countersign check {}", failure.vector);
    out
}
