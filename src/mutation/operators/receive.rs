//! Mistakes of taking a message apart.

use super::{Mutation, Operator, delete, deviate, one, operator, set};
use crate::mutation::site::{Block, Node, Site};
use crate::scheme::{Action, Binding, Change};
use serde_json::json;

fn binding<'a>(site: &'a Site<'_>) -> Option<&'a Binding> {
    match &site.node {
        Node::Binding(binding) => Some(binding),
        _ => None,
    }
}

fn has_lead(binding: &Binding) -> bool {
    binding.template.as_ref().is_some_and(|template| !template.starts_with('{'))
}

fn at_template(site: &Site<'_>, change: Change, is: fn(&Binding) -> bool) -> Vec<Mutation> {
    match binding(site) {
        Some(binding) if is(binding) => one(site, change),
        _ => Vec::new(),
    }
}

fn splits(binding: &Binding) -> bool {
    binding.template.as_ref().is_some_and(|template| template.matches('{').count() > 1)
}

fn forms(site: &Site<'_>) -> Vec<Mutation> {
    match binding(site) {
        Some(binding) if binding.forms.len() > 1 => one(site, set(json!({ "as": [binding.forms[0]] }))),
        _ => Vec::new(),
    }
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "any-scheme-word",
        &["V30", "V31", "V20"],
        "takes any word before the credentials",
        "check the word before the credentials",
        |site| at_template(site, deviate("any-prefix"), has_lead),
    ),
    operator(
        "scheme-word-caseless",
        &["V30", "V31"],
        "compares the word before the credentials without regard to case",
        "compare the word exactly",
        |site| at_template(site, set(json!({ "caseless": true })), |b| has_lead(b) && !b.caseless),
    ),
    operator(
        "scheme-word-exact",
        &["V30", "V31"],
        "compares the word before the credentials with regard to case",
        "compare the word without regard to case",
        |site| at_template(site, set(json!({ "caseless": false })), |b| has_lead(b) && b.caseless),
    ),
    operator(
        "splits-at-the-last",
        &["V30"],
        "splits at the last separator and not at the first",
        "split at the first separator",
        |site| at_template(site, deviate("splits-at-last"), splits),
    ),
    operator(
        "time-reformatted",
        &["C72"],
        "signs the time as it would write it, not as it was received",
        "use the time as received",
        |site| {
            at_template(site, set(json!({ "keep": "instant" })), |b| {
                !b.forms.is_empty() && b.keep == crate::scheme::Keep::Text
            })
        },
    ),
    operator("time-as-received", &["C72"], "signs the time as received", "write the time anew", |site| {
        at_template(site, set(json!({ "keep": "text" })), |b| {
            !b.forms.is_empty() && b.keep == crate::scheme::Keep::Instant
        })
    }),
    operator(
        "one-time-form-only",
        &["C72"],
        "takes the time in one form only",
        "take every form that the document permits",
        forms,
    ),
    operator(
        "alternative-ignored",
        &["C72"],
        "does not look for the value in one of its places",
        "look in every place that the document names",
        |site| match site.node {
            Node::Part(_, count) if site.block == Block::Receive && count > 1 => one(site, delete()),
            _ => Vec::new(),
        },
    ),
    operator(
        "alternatives-swapped",
        &["C72"],
        "prefers the wrong one of two places",
        "prefer the place that the document prefers",
        |site| match site.node {
            Node::Part(i, count) if site.block == Block::Receive && i + 1 < count => {
                one(site, Change::SwapWithNext(true))
            }
            _ => Vec::new(),
        },
    ),
    operator("received-not-decoded", &["K03"], "does not decode what is received", "decode it", |site| {
        match &site.node {
            Node::Step(step)
                if site.block == Block::Receive && matches!(step.0, Action::Base64Decode(_) | Action::HexDecode(_)) =>
            {
                one(site, delete())
            }
            _ => Vec::new(),
        }
    }),
];
