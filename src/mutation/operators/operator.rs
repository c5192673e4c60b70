//! What an operator is, and the edits that operators make.

use crate::mutation::site::{Block, Site, sites};
use crate::scheme::{Edit, EditKind, Path};
use serde_json::{Value, json};

/// A kind of mistake.
#[derive(Debug, Clone, Copy)]
pub struct Operator {
    /// Its id, kebab-case.
    pub id: &'static str,
    /// Behaviour of an implementation that makes it.
    pub says: &'static str,
    /// Advice on how to mend it.
    pub mend: &'static str,
    /// Rows of the table of bug classes; `explain` gives the citations.
    pub rows: &'static [&'static str],
    /// The edits that make it at a site; none where it does not apply.
    pub apply: fn(&Site<'_>) -> Vec<Mutation>,
}

/// A mistake at one place, or at every place where one field is read.
#[derive(Debug, Clone)]
pub struct Mutation {
    /// Path that names it: of the first edit.
    pub at: Path,
    /// The edits, in the order of the scheme; one, but for a field that is read several times.
    pub edits: Vec<Edit>,
    /// Name of this one among several that the operator makes at this site.
    pub detail: String,
}

pub(super) const fn operator(
    id: &'static str,
    rows: &'static [&'static str],
    says: &'static str,
    mend: &'static str,
    apply: fn(&Site<'_>) -> Vec<Mutation>,
) -> Operator {
    Operator { id, says, mend, rows, apply }
}

pub(super) fn one(site: &Site<'_>, change: EditKind) -> Vec<Mutation> {
    vec![with(site, change, "")]
}

pub(super) fn with(site: &Site<'_>, change: EditKind, detail: &str) -> Mutation {
    at_path(site.path.clone(), change, detail)
}

pub(super) fn at_path(path: Path, change: EditKind, detail: &str) -> Mutation {
    Mutation { at: path.clone(), edits: vec![Edit { at: path, change }], detail: detail.to_owned() }
}

/// One change at every place of receiving and verifying that reads the same source; given once, at
/// the first of them.
pub(super) fn everywhere(site: &Site<'_>, change: impl Fn(&Path) -> EditKind) -> Vec<Mutation> {
    let Some(source) = site.source() else { return Vec::new() };
    let (name, operation) = site.operation;
    let all = sites(site.scheme, name, operation);
    let same = |other: &&Site<'_>| {
        let reads = matches!(other.block, Block::Receive | Block::Verify);
        reads && other.source() == Some(source)
    };
    let paths: Vec<&Path> = all.iter().filter(same).map(|other| &other.path).collect();
    if paths.first() != Some(&&site.path) {
        return Vec::new();
    }
    let edits = paths.iter().map(|path| Edit { at: (*path).clone(), change: change(path) }).collect();
    vec![Mutation { at: site.path.clone(), edits, detail: String::new() }]
}

pub(super) fn set(value: Value) -> EditKind {
    match value {
        Value::Object(map) => EditKind::Set(map),
        _ => unreachable!("options are set by a map"),
    }
}

pub(super) fn deviate(word: &str) -> EditKind {
    set(json!({ "deviation": word }))
}

pub(super) fn delete() -> EditKind {
    EditKind::Delete
}
