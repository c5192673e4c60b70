//! The report on mutants, for a terminal and as JSON.

use super::prose::wrap;
use super::text::table;
use crate::mutation::{Kill, Strength};
use serde_json::{Value, json};
use std::fmt::Write;

/// A table by scheme, then everything that is not declared, by name; for a terminal of so many columns.
pub fn mutants_text(strengths: &[Strength<'_>], all: bool, columns: usize) -> String {
    let head = [
        "scheme",
        "mutants",
        "killed",
        "by class only",
        "equivalent",
        "unviable",
        "survivors",
        "margin 1",
        "alike",
        "pairs",
        "surviving",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for strength in strengths {
        let summary = &strength.summary;
        let mut cells = vec![strength.matrix.entry.name.clone()];
        let counts = [
            strength.matrix.catalogue.mutants.len(),
            summary.killed,
            summary.by_class.len(),
            summary.equivalent.len(),
            strength.matrix.catalogue.unviable.len(),
            summary.survived.len(),
            summary.thin.len(),
            summary.classes.len(),
        ];
        cells.extend(counts.map(|count| count.to_string()));
        match &strength.pairs {
            Some((survivors, total)) => cells.extend([total.to_string(), survivors.len().to_string()]),
            None => cells.extend(["-".to_owned(), "-".to_owned()]),
        }
        rows.push(cells);
    }
    let mut out = table(&rows);
    for strength in strengths {
        details(strength, columns, &mut out);
        if all {
            every_mutant(strength, &mut out);
        }
    }
    out
}

fn details(strength: &Strength<'_>, columns: usize, out: &mut String) {
    let (matrix, summary) = (&strength.matrix, &strength.summary);
    let mutants = &matrix.catalogue.mutants;
    let name = &matrix.entry.name;
    for &i in &summary.survived {
        let _ = writeln!(out, "\n{name}: SURVIVES {}", mutants[i].id);
        wrap(&format!("an implementation that {}", mutants[i].operator.says), ["  ", "  "], columns, out);
    }
    for &i in &summary.thin {
        let (vector, _) = matrix.kills[i][0];
        let _ = writeln!(
            out,
            "\n{name}: margin 1 {}\n  only {} and its like kill it",
            mutants[i].id, matrix.vectors[vector]
        );
    }
    for class in &summary.classes {
        let ids: Vec<&str> = class.iter().map(|&i| mutants[i].id.as_str()).collect();
        let _ = writeln!(out, "\n{name}: no vector tells apart\n  {}", ids.join("\n  "));
    }
    for stale in &summary.stale {
        let _ = writeln!(out, "\n{name}: stale declaration: {stale}");
    }
    for pair in strength.pairs.iter().flat_map(|(survivors, _)| survivors) {
        let _ = writeln!(
            out,
            "\n{name}: together they SURVIVE\n  {}\n  {}",
            mutants[pair.first].id, mutants[pair.second].id
        );
    }
}

fn every_mutant(strength: &Strength<'_>, out: &mut String) {
    let matrix = &strength.matrix;
    let margins = matrix.margins();
    for (i, mutant) in matrix.catalogue.mutants.iter().enumerate() {
        let behaviour = matrix.kills[i].iter().filter(|(_, kill)| *kill == Kill::Behaviour).count();
        let class = matrix.kills[i].len() - behaviour;
        let _ = writeln!(
            out,
            "{}: {} killed by {behaviour}, by class only {class}, margin {}",
            matrix.entry.name, mutant.id, margins[i]
        );
    }
    for (id, why) in &matrix.catalogue.unviable {
        let _ = writeln!(out, "{}: {id} unviable: {why}", matrix.entry.name);
    }
}

/// `{"schemes": [{"scheme", "mutants", "killed", "equivalent", "unviable", "survived", "margin_below_2", "undistinguished"}]}`;
/// the last three count what is not declared. `killed` counts kills by class alone too, which stand in `by_class`.
pub fn mutants_json(strengths: &[Strength<'_>]) -> Value {
    let scheme = |strength: &Strength<'_>| {
        let summary = &strength.summary;
        let pairs =
            strength.pairs.as_ref().map(|(survivors, total)| json!({ "pairs": total, "survived": survivors.len() }));
        json!({
            "scheme": strength.matrix.entry.name,
            "mutants": strength.matrix.catalogue.mutants.len(),
            "killed": summary.killed + summary.by_class.len(),
            "by_class": summary.by_class.len(),
            "equivalent": summary.equivalent.len(),
            "unviable": strength.matrix.catalogue.unviable.len(),
            "survived": summary.survived.len(),
            "margin_below_2": summary.thin.len(),
            "undistinguished": summary.classes.len(),
            "second_order": pairs,
        })
    };
    json!({ "schemes": strengths.iter().map(scheme).collect::<Vec<_>>() })
}
