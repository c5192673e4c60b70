//! The report on mutants, for a terminal and as JSON.

use super::prose::wrap;
use super::text::table;
use crate::mutation::{Kill, Strength};
use serde_json::{Value, json};
use std::fmt::Write;

/// Heads of the table's columns, in two lines each.
const HEADS: [[&str; 9]; 2] = [
    ["", "", "", "class", "equi-", "un-", "sur-", "margin", ""],
    ["scheme", "mutants", "killed", "alone", "valent", "viable", "vivors", "1", "alike"],
];

/// A table by scheme, then everything that is not declared, by name; for a terminal of so many columns.
pub fn mutants_text(strengths: &[Strength<'_>], all: bool, columns: usize) -> String {
    let mut rows: Vec<Vec<String>> = HEADS.map(|head| head.map(str::to_owned).to_vec()).into();
    for strength in strengths {
        let summary = &strength.summary;
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
        let name = strength.matrix.entry.name.clone();
        rows.push([name].into_iter().chain(counts.map(|count| count.to_string())).collect());
    }
    let mut out = table(&rows);
    let mut pairs = vec![["scheme", "pairs", "surviving"].map(str::to_owned).to_vec()];
    for (strength, (survivors, total)) in strengths.iter().filter_map(|one| Some((one, one.pairs.as_ref()?))) {
        pairs.push(vec![strength.matrix.entry.name.clone(), total.to_string(), survivors.len().to_string()]);
    }
    if pairs.len() > 1 {
        out.push('\n');
        out.push_str(&table(&pairs));
    }
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
    let idle: Vec<&str> = matrix.entry.operations_without_vectors().collect();
    for operation in &idle {
        let own = summary.survived.iter().filter(|&&i| mutants[i].operation == *operation).count();
        let says =
            format!("{name}: no vector is of the operation {operation}, so that its {own} mutants survive; write one");
        out.push('\n');
        wrap(&says, ["", "  "], columns, out);
    }
    for &i in summary.survived.iter().filter(|&&i| !idle.contains(&mutants[i].operation.as_str())) {
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
