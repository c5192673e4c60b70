//! Mistakes about time: how old a message may be, and in which form a time is written.

use super::operator::{Mutation, Operator, deviate, one, operator};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::scheme::{Change, Edit, Path};
use serde_json::json;

fn at_fresh(site: &Site<'_>, deviation: &str) -> Vec<Mutation> {
    match site.spot {
        Spot::Check(check, ..) if check.test.is("fresh") => one(site, deviate(deviation)),
        _ => Vec::new(),
    }
}

/// A change of the time wherever the signer writes it; given once, at the first of these places.
fn wherever_written(site: &Site<'_>, step: &serde_json::Value) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    let writes = |site: &Site<'_>| {
        matches!(site.block, Block::Derive | Block::Place) && site.source().is_some_and(|source| source.is("time"))
    };
    let paths: Vec<Path> =
        sites(site.scheme, name, operation).into_iter().filter(writes).map(|other| other.path).collect();
    if paths.first() != Some(&site.path) {
        return Vec::new();
    }
    let edits = paths.into_iter().map(|at| Edit { at, change: Change::InsertAfter(step.clone()) }).collect();
    vec![Mutation { at: site.path.clone(), edits, detail: String::new() }]
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "old-messages-pass",
        &["V08", "V12"],
        "does not refuse old messages",
        "refuse a message older than the tolerance",
        |site| at_fresh(site, "old-passes"),
    ),
    operator(
        "future-messages-pass",
        &["V09"],
        "does not refuse messages from the future",
        "refuse a message ahead of the clock by more than the tolerance",
        |site| at_fresh(site, "future-passes"),
    ),
    operator(
        "tolerance-in-milliseconds",
        &["V10"],
        "takes the tolerance for milliseconds",
        "the tolerance is in seconds",
        |site| at_fresh(site, "milliseconds"),
    ),
    operator(
        "tolerance-exclusive",
        &["V11"],
        "refuses a message that is exactly as old as permitted",
        "the tolerance itself is permitted",
        |site| at_fresh(site, "exclusive"),
    ),
    operator(
        "whole-seconds-compared",
        &["V10", "V13"],
        "compares times in whole seconds",
        "compare times as exactly as they are given",
        |site| at_fresh(site, "whole-seconds"),
    ),
    operator(
        "zero-fraction-left-out",
        &["C72"],
        "leaves the fraction of a second out where it is zero",
        "write every digit of the form, zeros too",
        |site| wherever_written(site, &json!({ "replace": { ".000Z": "Z" } })),
    ),
];
