//! Mistakes of taking a message apart.

use super::operator::{Mutation, Operator, delete, deviate, one, operator, set};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::primitive::time::TimeFormat;
use crate::scheme::{Binding, Edit, EditKind, Keep, Misreading, Named, Operation, Path, Pipeline};
use serde_json::json;

/// Parts of a message that hold fields in percent-encoding.
const FIELDS: &[&str] = &["query", "form"];

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

fn lax(site: &Site<'_>, way: &str, is: fn(&TimeFormat) -> bool) -> Vec<Mutation> {
    at_template(site, deviate(way), |binding| binding.forms.iter().any(is))
}

/// Names of what is bound from these bindings, directly or by others; with the bindings.
fn bound_from<'a>(operation: &'a Operation, header: &str) -> (Vec<&'a str>, Vec<String>) {
    let (mut bindings, mut names): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
    for (name, binding) in &operation.receive {
        let mut parts = binding.first_of.iter().flat_map(Pipeline::all);
        let reads = parts.any(|part| {
            let is_header = part.source.field().is_some_and(|(space, name)| space == "header" && name == header);
            is_header || part.source.name_in("received").is_some_and(|name| names.iter().any(|known| known == name))
        });
        if reads {
            bindings.push(name);
            match &binding.template {
                Some(template) => names
                    .extend(template.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(str::to_owned)),
                None => names.push(name.clone()),
            }
        }
    }
    (bindings, names)
}

/// A header field that may be missing, with all that is compared with what it holds; given at the binding that reads it.
fn may_be_missing(site: &Site<'_>) -> Vec<Mutation> {
    let Some(binding) = binding(site) else { return Vec::new() };
    let [alternative] = &binding.first_of[..] else { return Vec::new() };
    let Some(("header", header)) = alternative.source.field() else { return Vec::new() };
    let (name, operation) = site.operation;
    let (bindings, names) = bound_from(operation, header);
    if bindings.first().is_none_or(|first| site.path.names().last() != Some(&Named::Key((*first).into()))) {
        return Vec::new();
    }
    let root = Path::of(name);
    let optional = |at: Path| Edit { at, change: set(json!({ "optional": true })) };
    let mut edits: Vec<Edit> = bindings.iter().map(|name| optional(root.key("receive").key(name))).collect();
    let mut compares = false;
    for (i, check) in operation.verify.iter().enumerate() {
        let reads =
            check.test.pipelines().into_iter().flat_map(|(_, pipeline)| pipeline.all()).any(|part| {
                part.source.name_in("received").is_some_and(|name| names.iter().any(|known| known == name))
            });
        let of_time = check.test.is("fresh") && bindings.contains(&"time");
        if reads || of_time {
            let word = check.test.word();
            let before = operation.verify[..i].iter().filter(|other| other.test.is(word)).count();
            let at = root.key("verify").then(Named::Nth(word.into(), before));
            edits.push(match word {
                "account" => Edit { at, change: deviate("absent-passes") },
                _ => optional(at),
            });
            compares |= ["equal", "any-equal", "signed"].contains(&word);
        }
    }
    match compares {
        true => vec![Mutation { at: site.path.clone(), edits, detail: String::new() }],
        false => Vec::new(),
    }
}

/// A wrong way to read the wire, where an operation reads such parts of it.
fn misread(site: &Site<'_>, way: Misreading, parts: &[&str]) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    let reads = |other: &Site<'_>| {
        let arrives = other.block != Block::Place;
        other.source().filter(|_| arrives).is_some_and(|source| {
            parts.iter().any(|part| source.is(part)) || source.field().is_some_and(|(part, _)| parts.contains(&part))
        })
    };
    match site.spot {
        Spot::Wire if sites(site.scheme, name, operation).iter().any(reads) => one(site, deviate(way.word())),
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
        "time-as-any-number",
        &["C72", "V13"],
        "takes any number for a time: with white space around it, a sign, a fraction or an exponent",
        "take digits alone",
        |site| lax(site, "any-number", TimeFormat::counts),
    ),
    operator(
        "time-as-any-digits",
        &["C72", "V13"],
        "takes white space, a sign and underscores for parts of a number, as int() of Python does",
        "take digits alone",
        |site| lax(site, "any-digits", TimeFormat::counts),
    ),
    operator(
        "time-of-any-form",
        &["C72"],
        "reads a time with a library that takes every form of RFC 3339: another offset, other digits of a fraction, \
         small letters",
        "take a time of exactly the documented form",
        |site| lax(site, "any-rfc3339", TimeFormat::is_rfc3339),
    ),
    operator(
        "header-may-be-missing",
        &["V29", "V23"],
        "checks what a header field holds only where a message has it, and takes a message without it",
        "refuse a message that lacks the header field",
        may_be_missing,
    ),
    operator(
        "broken-escapes-kept",
        &["V45"],
        "reads an escape that is broken as it stands",
        "refuse a % without two hexadecimal digits behind it",
        |site| misread(site, Misreading::BrokenEscapes, FIELDS),
    ),
    operator(
        "semicolons-separate",
        &["V45"],
        "separates fields at semicolons too",
        "separate fields at & alone",
        |site| misread(site, Misreading::Semicolons, FIELDS),
    ),
    operator("zero-byte-ends-a-value", &["V45"], "ends a value at a zero byte", "take every byte of a value", |site| {
        misread(site, Misreading::ZeroEnds, FIELDS)
    }),
    operator(
        "form-of-any-type",
        &["C71"],
        "reads the body as a form whatever its Content-Type says",
        "read a form where the Content-Type says that there is one",
        |site| misread(site, Misreading::AnyTypeIsForm, &["form"]),
    ),
    operator(
        "header-found-in-its-case-alone",
        &["C64"],
        "finds a header field in the letters of the document alone, and not in capitals or small ones",
        "compare names of header fields without regard to case",
        |site| misread(site, Misreading::HeadersExact, &["header"]),
    ),
    operator(
        "repeated-header-joined",
        &["V14", "C63"],
        "joins the values of a header field that stands there twice with a comma",
        "refuse a message with a header field twice that may stand there once",
        |site| misread(site, Misreading::HeadersJoined, &["header"]),
    ),
    operator(
        "first-of-repeated-members",
        &["V14"],
        "takes the first of a member of the JSON body that stands there twice",
        "refuse JSON with a member twice",
        |site| misread(site, Misreading::FirstMember, &["json"]),
    ),
    operator(
        "last-of-repeated-members",
        &["V14"],
        "takes the last of a member of the JSON body that stands there twice",
        "refuse JSON with a member twice",
        |site| misread(site, Misreading::LastMember, &["json"]),
    ),
    operator(
        "member-of-any-type",
        &["V45"],
        "takes a JSON number, or another value that is no text, for the text that it is written with",
        "take text alone",
        |site| misread(site, Misreading::AnyTypeIsText, &["json"]),
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
