//! What was measured, as a table and as JSON.

use super::instructions::Counts;
use super::measure::Measured;
use serde_json::json;

pub struct Row {
    pub measured: Measured,
    pub instructions: Option<Counts>,
}

impl Row {
    pub fn json(&self, case: &str) -> String {
        let Measured { ns, limit_ns, ratio, allocations } = self.measured;
        let round = |number: f64, digits: i32| (number * 10f64.powi(digits)).round() / 10f64.powi(digits);
        json!({
            "case": case,
            "ns": round(ns, 1),
            "limit_ns": limit_ns.map(|ns| round(ns, 1)),
            "ratio": ratio.map(|ratio| round(ratio, 3)),
            "allocations": allocations,
            "instructions": self.instructions.map(|counts| counts.0),
            "limit_instructions": self.instructions.map(|counts| counts.1).filter(|_| limit_ns.is_some()),
        })
        .to_string()
    }
}

pub fn table(rows: &[(String, Row)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$} {:>12} {:>12} {:>7} {:>11} {:>14} {:>14}\n",
        "case", "ns", "limit ns", "ratio", "allocations", "instructions", "limit instr."
    );
    for (name, row) in rows {
        let Measured { ns, limit_ns, ratio, allocations } = row.measured;
        let number = |value: Option<f64>, digits: usize| value.map_or("-".into(), |value| format!("{value:.digits$}"));
        let counts = row.instructions;
        let (own, limit) = (counts.map(|c| c.0 as f64), counts.map(|c| c.1 as f64).filter(|_| limit_ns.is_some()));
        text += &format!(
            "{name:width$} {:>12} {:>12} {:>7} {allocations:>11} {:>14} {:>14}\n",
            number(Some(ns), 1),
            number(limit_ns, 1),
            number(ratio, 2),
            number(own, 0),
            number(limit, 0),
        );
    }
    text
}
