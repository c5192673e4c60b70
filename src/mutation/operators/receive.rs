//! Mistakes of taking a message apart.

use super::operator::{Mutation, Operator, delete, deviate, one, operator, set};
use crate::mutation::site::{Block, Site, Spot};
use crate::primitive::time::TimeFormat;
use crate::scheme::{Binding, EditKind, Keep, Named};
use serde_json::json;

fn binding<'a>(site: &Site<'a>) -> Option<&'a Binding> {
    match site.spot {
        Spot::Binding(binding) => Some(binding),
        _ => None,
    }
}

fn has_lead(binding: &Binding) -> bool {
    binding.template.as_ref().is_some_and(|template| !template.starts_with('{'))
}

fn at_template(site: &Site<'_>, change: EditKind, is: impl Fn(&Binding) -> bool) -> Vec<Mutation> {
    match binding(site) {
        Some(binding) if is(binding) => one(site, change),
        _ => Vec::new(),
    }
}

fn splits(binding: &Binding) -> bool {
    binding.template.as_ref().is_some_and(|template| template.matches('{').count() > 1)
}

/// The signed time, of which derivation uses the other one.
fn kept(site: &Site<'_>, own: Keep, other: Keep) -> Vec<Mutation> {
    let is_time = site.path.names().last() == Some(&Named::Key("time".into()));
    let change = set(json!({ "keep": other }));
    if is_time { at_template(site, change, |binding| binding.keep == own) } else { Vec::new() }
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
        |site| kept(site, Keep::Text, Keep::Instant),
    ),
    operator("time-as-received", &["C72"], "signs the time as received", "write the time anew", |site| {
        kept(site, Keep::Instant, Keep::Text)
    }),
    operator(
        "one-time-form-only",
        &["C72"],
        "takes the time in one form only",
        "take every form that the document permits",
        forms,
    ),
    operator(
        "time-read-laxly",
        &["C72"],
        "reads the beginning of a time, whatever follows it",
        "take a time of exactly the documented form",
        |site| match binding(site) {
            Some(binding) if !binding.forms.is_empty() => one(site, deviate("lax-time")),
            _ => Vec::new(),
        },
    ),
    operator(
        "offset-ignored",
        &["V10"],
        "takes a time with an offset for one in UTC",
        "count the offset of a time from UTC",
        |site| match binding(site) {
            Some(binding) if binding.forms.iter().any(TimeFormat::has_offset) => one(site, deviate("offset-ignored")),
            _ => Vec::new(),
        },
    ),
    operator(
        "alternative-ignored",
        &["C72"],
        "does not look for the value in one of its places",
        "look in every place that the document names",
        |site| match site.spot {
            Spot::Part(_, count) if site.block == Block::Receive && count > 1 => one(site, delete()),
            _ => Vec::new(),
        },
    ),
    operator(
        "alternatives-swapped",
        &["C72"],
        "prefers the wrong one of two places",
        "prefer the place that the document prefers",
        |site| match site.spot {
            Spot::Part(i, count) if site.block == Block::Receive && i + 1 < count => one(site, EditKind::SwapWithNext),
            _ => Vec::new(),
        },
    ),
    operator("received-not-decoded", &["K03"], "does not decode what is received", "decode it", |site| {
        let decodes = site.step("base64-decode").or(site.step("hex-decode")).is_some();
        if site.block == Block::Receive && decodes { one(site, delete()) } else { Vec::new() }
    }),
];
