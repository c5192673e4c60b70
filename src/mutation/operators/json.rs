//! Mistakes of reading and writing JSON and structured fields.

use super::operator::{Mutation, Operator, delete, deviate, one, operator};
use crate::mutation::site::{Site, sites};
use crate::scheme::{Edit, EditKind};

fn at_step(site: &Site<'_>, word: &str, change: EditKind) -> Vec<Mutation> {
    if site.step(word).is_some() { one(site, change) } else { Vec::new() }
}

/// A wrong way at every step of an operation that reads JSON, for one library reads it all; given once, at the first.
fn at_every_json(site: &Site<'_>, way: &str) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    let all = sites(site.scheme, name, operation);
    let paths: Vec<_> = all.iter().filter(|other| other.step("json").is_some()).map(|other| &other.path).collect();
    if paths.first() != Some(&&site.path) {
        return Vec::new();
    }
    let edits = paths.iter().map(|path| Edit { at: (*path).clone(), change: deviate(way) }).collect();
    vec![Mutation { at: site.path.clone(), edits, detail: String::new() }]
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "first-member-counts",
        &["V14"],
        "takes the first of a JSON member that stands there twice",
        "refuse JSON with a member twice",
        |site| at_every_json(site, "first-member"),
    ),
    operator(
        "last-member-counts",
        &["V14"],
        "takes the last of a JSON member that stands there twice",
        "refuse JSON with a member twice",
        |site| at_every_json(site, "last-member"),
    ),
    operator(
        "numbers-rewritten",
        &["C66"],
        "reads a JSON number and writes it anew, 1.50 as 1.5",
        "take a number as it is written",
        |site| at_step(site, "json", deviate("numbers-rewritten")),
    ),
    operator("json-not-minified", &["C66"], "takes JSON with its white space", "leave the white space out", |site| {
        at_step(site, "minify-json", delete())
    }),
    operator(
        "white-space-in-texts-left-out",
        &["C66"],
        "leaves out the white space inside the texts of JSON too",
        "leave out white space between values alone",
        |site| at_step(site, "minify-json", deviate("inside-texts")),
    ),
    operator(
        "component-parameters-ignored",
        &["C66"],
        "takes the items of a structured field without their parameters",
        "take each item with its parameters",
        |site| at_step(site, "inner-list", deviate("without-parameters")),
    ),
    operator(
        "members-sorted",
        &["C66"],
        "writes JSON anew, its members sorted by name",
        "keep the members in the order of the message",
        |site| at_step(site, "minify-json", deviate("sorted")),
    ),
];
