//! Mistakes of taking a message apart.

use super::operator::{Mutation, Operator, at_path, delete, deviate, everywhere, one, operator, set};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::primitive::time::TimeFormat;
use crate::scheme::{
    Binding, Check, Edit, EditKind, Keep, Misreading, Named, Operation, Path, Pipeline, QueryForm, Written,
};
use serde_json::{Value, json};

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

/// A step put in where a header field that is a list of signatures alone is taken apart.
fn in_list_of_signatures(site: &Site<'_>, step: &str) -> Vec<Mutation> {
    let has = |pipeline: &Pipeline, word: &str| pipeline.steps.iter().any(|step| step.is(word));
    match site.spot {
        Spot::Pipeline(list) if has(list, "assign") && has(list, "all") => {
            let at = site.path.then(Named::Nth("assign".into(), 0));
            vec![at_path(at, EditKind::InsertAfter(json!(step)), "")]
        }
        _ => Vec::new(),
    }
}

/// A field of the query or the form that may stand in the other one, in place of that or before it.
fn merged(site: &Site<'_>) -> Vec<Mutation> {
    let arrives = matches!(site.block, Block::Receive | Block::Verify);
    let field = site.source().filter(|_| arrives).and_then(|source| Some((source, source.field()?)));
    let Some((source, (part, name))) = field.filter(|(source, _)| source.item.written == Written::Dotted) else {
        return Vec::new();
    };
    let other = match part {
        "query" => format!("form.{name}"),
        "form" => format!("query.{name}"),
        _ => return Vec::new(),
    };
    let own = source.printed();
    let orders = [("its own first", json!([own, other])), ("the other first", json!([other, own]))];
    let order = |(detail, order): (&str, Value)| {
        let all = everywhere(site, |_| EditKind::Replace(json!({ "first-of": order })));
        all.into_iter().map(|one| Mutation { detail: detail.to_owned(), ..one }).collect::<Vec<_>>()
    };
    orders.into_iter().flat_map(order).collect()
}

/// A header field that is bound as empty where it is missing, without the check that it is there.
fn absent_is_empty(site: &Site<'_>) -> Vec<Mutation> {
    let Some(binding) = binding(site).filter(|binding| binding.forms.is_empty() && binding.template.is_none()) else {
        return Vec::new();
    };
    let [alternative] = &binding.first_of[..] else { return Vec::new() };
    if alternative.source.name_in("header").is_none() || !alternative.steps.is_empty() {
        return Vec::new();
    }
    let Some(Named::Key(name)) = site.path.names().last() else { return Vec::new() };
    let bound = Edit { at: site.path.clone(), change: set(json!({ "first-of": [alternative, [{ "text": "" }]] })) };
    let is_guard = |check: &Check| {
        let value = check.test.get("value").pipeline().filter(|_| check.test.is("present"));
        value.is_some_and(|value| value.source.is(name) || value.source.name_in("received") == Some(name))
    };
    let present = site.operation.1.verify.iter().filter(|check| check.test.is("present"));
    let guards = present.enumerate().filter(|(_, check)| is_guard(check)).map(|(i, _)| {
        let at = Path::of(site.operation.0).key("verify").then(Named::Nth("present".into(), i));
        Edit { at, change: delete() }
    });
    vec![Mutation {
        at: site.path.clone(),
        edits: std::iter::once(bound).chain(guards).collect(),
        detail: String::new(),
    }]
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
        |site| {
            let word = at_template(site, deviate("any-word"), has_lead);
            let word = word.into_iter().map(|mutation| Mutation { detail: "which must be there".into(), ..mutation });
            at_template(site, deviate("any-prefix"), has_lead).into_iter().chain(word).collect()
        },
    ),
    operator(
        "scheme-word-optional",
        &["V30", "V31"],
        "takes credentials with or without the word before them",
        "refuse credentials without the word before them",
        |site| at_template(site, deviate("no-prefix"), has_lead),
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
    operator(
        "time-as-number-signed",
        &["C72", "V13"],
        "reads the time as a number, and signs that number as it would write it",
        "take digits alone, and sign the text that was received",
        |site| {
            let ways = [("lax-time", "parseInt"), ("any-number", "Number"), ("any-digits", "int")];
            let is_number = |binding: &Binding| binding.forms.iter().any(TimeFormat::counts);
            let by = |(way, detail): (&str, &str)| {
                let at = kept(site, Keep::Text, Keep::Instant);
                let both = set(json!({ "keep": Keep::Instant, "deviation": way }));
                let at = if at.is_empty() { at } else { at_template(site, both, is_number) };
                at.into_iter().map(|one| Mutation { detail: detail.to_owned(), ..one }).collect::<Vec<_>>()
            };
            ways.into_iter().flat_map(by).collect()
        },
    ),
    operator(
        "separator-with-space",
        &["V30"],
        "splits a header field at a comma and one space, and not at every comma",
        "take elements with any white space between them, or none",
        |site| match site.step("split").filter(|_| site.block == Block::Receive).map(|step| json!(step)) {
            Some(step) if step["split"]["at"] == "," => one(site, set(json!({ "at": ", " }))),
            _ => Vec::new(),
        },
    ),
    operator(
        "first-entry-only",
        &["V15"],
        "looks at the first entry of a list of signatures alone, whatever its version",
        "take a message one of whose signatures is right",
        |site| in_list_of_signatures(site, "first-item"),
    ),
    operator(
        "first-item-skipped",
        &["V30"],
        "passes over the first element of a list, whatever it is",
        "look at every element",
        |site| match site.spot {
            Spot::Pipeline(list) if site.block == Block::Receive && list.steps.iter().any(|step| step.is("assign")) => {
                let at = site.path.then(Named::Nth("assign".into(), 0));
                vec![at_path(at, EditKind::InsertAfter(json!("without-first")), "")]
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "plus-of-header-as-space",
        &["V45"],
        "reads + of a header field as a space, as in a form",
        "decode escapes alone",
        |site| match site.step("percent-decode").filter(|_| site.block == Block::Receive).map(|step| json!(step)) {
            Some(step) if step["percent-decode"]["plus"] == false => one(site, set(json!({ "plus": true }))),
            _ => Vec::new(),
        },
    ),
    operator(
        "form-of-exact-type-alone",
        &["C71"],
        "reads a form only where its Content-Type is the bare type, and not with a parameter such as charset",
        "compare the type without its parameters",
        |site| misread(site, Misreading::ExactTypeIsForm, &["form"]),
    ),
    operator(
        "decoded-before-taken-apart",
        &["C12", "V45"],
        "decodes the query or the form as a whole, and then takes it apart",
        "take fields apart first, and then decode names and values",
        |site| misread(site, Misreading::DecodedFirst, FIELDS),
    ),
    operator(
        "last-element-counts",
        &["V14"],
        "takes the last of an element that stands in a list twice",
        "take the first of an element, or refuse a list that has it twice",
        |site| match site.step("first") {
            Some(_) if site.block == Block::Receive => one(site, deviate("last")),
            _ => Vec::new(),
        },
    ),
    operator(
        "list-taken-for-one",
        &["V15"],
        "compares the whole of a list as if it were one signature, so that several are none",
        "take the list apart, and a message one of whose signatures is right",
        |site| in_list_of_signatures(site, "sole-item"),
    ),
    operator(
        "field-of-query-or-form",
        &["C71", "V14"],
        "takes a field from the query or the form, whichever has it, as merged parameters have",
        "take a field from the part of the message that the document names",
        merged,
    ),
    operator(
        "absent-counts-as-empty",
        &["V29"],
        "signs an empty value where a header field is missing",
        "refuse a message that lacks the header field",
        absent_is_empty,
    ),
    operator(
        "plus-kept",
        &["C71", "V45"],
        "leaves + as it is where it stands for a space",
        "read + of a form, or of a query like one, as a space",
        |site| {
            let ways = [
                ("in the query", Misreading::PlusKeptInQuery, "query"),
                ("in the form", Misreading::PlusKeptInForm, "form"),
            ];
            let reads_plus = |part: &str| part == "form" || site.operation.1.wire.query == QueryForm::Form;
            let way = |(detail, way, part): (&str, Misreading, &str)| {
                let own = if reads_plus(part) { misread(site, way, &[part]) } else { Vec::new() };
                own.into_iter().map(|one| Mutation { detail: detail.to_owned(), ..one }).collect::<Vec<_>>()
            };
            ways.into_iter().flat_map(way).collect()
        },
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
