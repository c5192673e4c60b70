//! Mistakes about the address that is signed: as a server sees it behind a proxy, or as a client writes it.

use super::operator::{Mutation, Operator, at_path, one, operator, with};
use crate::mutation::site::{Block, Site, Spot};
use crate::scheme::{Arg, EditKind, Step};
use serde_json::{Value, json};

/// A source from which something is derived.
fn is(site: &Site<'_>, words: &[&str]) -> bool {
    site.block == Block::Derive && site.source().is_some_and(|source| words.iter().any(|word| source.is(word)))
}

fn after(site: &Site<'_>, words: &[&str], step: Value) -> Vec<Mutation> {
    if is(site, words) { one(site, EditKind::InsertAfter(step)) } else { Vec::new() }
}

fn instead(site: &Site<'_>, words: &[&str], source: Value) -> Vec<Mutation> {
    if is(site, words) { one(site, EditKind::Replace(source)) } else { Vec::new() }
}

/// Other parts of the address in place of a whole one.
fn parts(site: &Site<'_>) -> Vec<Mutation> {
    let host = json!({ "concat": ["scheme", { "text": "://" }, "host"] });
    let without_query = json!({ "concat": ["scheme", { "text": "://" }, "host", "raw_path"] });
    let others: &[(&str, Value)] = if is(site, &["url"]) {
        &[
            ("without the query", without_query),
            ("path and query", json!("target")),
            ("path", json!("raw_path")),
            ("scheme and host", host),
        ]
    } else if is(site, &["target"]) {
        &[("without the query", json!("raw_path")), ("whole", json!("url"))]
    } else {
        &[]
    };
    others.iter().map(|(detail, source)| with(site, EditKind::Replace(source.clone()), detail)).collect()
}

/// What libraries and code around them make of an address, or of path and query: the steps that do so, and whether they
/// do anything to a path alone.
fn reread(site: &Site<'_>) -> Vec<Mutation> {
    let library = |word: &str| json!({ "reread": word });
    let ways = [
        ("new URL(…).href", library("href"), true),
        ("Requests", library("requests"), true),
        ("urlunsplit(urlsplit(…))", library("urlunsplit"), false),
        ("new URLSearchParams(…)", library("search-params"), false),
        ("querystring", library("querystring"), false),
        ("urlencode(parse_qsl(…))", library("urlencode"), false),
        ("Symfony's getUri()", library("sorted"), false),
        ("urlencode(sorted(parse_qsl(…)), quote_via=quote)", library("sorted-quote"), false),
        ("urlencode(sorted(parse_qsl(…)))", library("sorted-form"), false),
        ("%40 and %3A undone", json!({ "replace": { "%40": "@", "%3A": ":" } }), true),
        ("? as %3F", json!({ "replace": { "?": "%3F" } }), false),
    ];
    let has_query = is(site, &["url", "target"]);
    let ways = ways.into_iter().filter(|(.., of_path)| has_query || *of_path && is(site, &["raw_path"]));
    ways.map(|(detail, step, _)| with(site, EditKind::InsertAfter(step), detail)).collect()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "http-for-https",
        &["C90"],
        "signs an address with http where https was asked for, as a server behind a proxy sees it",
        "sign the address that the client asked for",
        |site| match is(site, &["scheme"]) {
            true => one(site, EditKind::Replace(json!({ "text": "http" }))),
            false => after(site, &["url"], json!({ "replace-first": { "https://": "http://" } })),
        },
    ),
    operator(
        "https-for-http",
        &["C90"],
        "signs an address with https where http was asked for",
        "sign the address that was asked for, as the other side sees it",
        |site| match is(site, &["scheme"]) {
            true => one(site, EditKind::Replace(json!({ "text": "https" }))),
            false => after(site, &["url"], json!({ "replace-first": { "http://": "https://" } })),
        },
    ),
    operator(
        "default-port-of-http",
        &["C90", "C56"],
        "takes 80 for the port where the address has none, as a server behind a proxy sees it",
        "take the default port of the address that the client asked for",
        |site| match site.step("replace").map(Step::first) {
            Some(Arg::Replacements(all)) if site.block == Block::Derive && all.iter().any(|(_, to)| to == "443") => {
                one(site, EditKind::Replace(json!({ "replace": { "https": "80", "http": "80" } })))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "host-without-port",
        &["C56", "C90"],
        "signs the Host header field without its port",
        "sign the value of the Host header field as it is sent",
        |site| {
            let host = json!({ "pairs": { "Host": ["host", "without-port"] } });
            instead(site, &["headers"], json!({ "merge": [["headers", { "except": ["host", "Host"] }], [host]] }))
        },
    ),
    operator(
        "port-added",
        &["C56", "C90"],
        "writes the default port into the address",
        "leave the default port out",
        |site| after(site, &["url", "host"], json!("with-port")),
    ),
    operator(
        "port-left-out",
        &["C56", "C90"],
        "leaves the port out of the address",
        "write a port that is not the default one",
        |site| after(site, &["url", "host"], json!("without-port")),
    ),
    operator(
        "other-part-of-address",
        &["C59", "C90"],
        "signs another part of the address",
        "sign the part of the address that the document names",
        parts,
    ),
    operator(
        "address-with-slash-at-the-end",
        &["C54", "C90"],
        "adds a slash at the end of the address",
        "sign the address as it is asked for",
        |site| after(site, &["url", "target"], json!({ "append": "/" })),
    ),
    operator(
        "slash-at-the-end-left-out",
        &["C54", "C90"],
        "leaves out the slash at the end of the address",
        "sign the address as it is asked for",
        |site| after(site, &["url", "target", "path", "raw_path"], json!({ "strip-suffix": "/" })),
    ),
    operator(
        "path-always-root",
        &["C55", "C90"],
        "signs / for every path, as a handler sees it that is mounted there",
        "sign the path that the client asked for",
        |site| instead(site, &["path", "raw_path", "target"], json!({ "text": "/" })),
    ),
    operator(
        "forwarded-host-signed",
        &["C90"],
        "takes the host from X-Forwarded-Host where that is there",
        "sign the host that the client asked for",
        |site| instead(site, &["host"], json!({ "first-of": ["header.X-Forwarded-Host", "host"] })),
    ),
    operator(
        "address-reread",
        &["C14", "C53", "C54"],
        "signs an address as a library writes it that has read it",
        "sign the address as it stands on the wire, before anything reads it",
        reread,
    ),
    operator(
        "slashes-merged",
        &["C53", "C54"],
        "makes several slashes of the path one, as a server in front does",
        "sign the path as it is asked for",
        |site| after(site, &["path", "raw_path", "target", "url"], json!({ "reread": "one-slash" })),
    ),
    operator(
        "default-port-kept",
        &["C56"],
        "signs the default port where the address has it",
        "leave out the default port of the scheme",
        |site| match site.step("drop-default-port") {
            Some(_) if site.block == Block::Derive => one(site, EditKind::Delete),
            _ => Vec::new(),
        },
    ),
    operator(
        "port-dropped-as-default",
        &["C56"],
        "leaves out port 443 or 80, whatever the scheme of the address",
        "leave out the default port of the scheme alone",
        |site| match site.step("drop-default-port") {
            Some(_) if site.block == Block::Derive => {
                one(site, EditKind::Replace(json!({ "without-default-port": { "either": true } })))
            }
            _ => Vec::new(),
        },
    ),
    operator(
        "default-port-dropped",
        &["C56"],
        "leaves out the default port where the address has it",
        "sign the port as it stands in the address",
        |site| match site.spot {
            Spot::Pipeline(address) if site.block == Block::Derive => {
                let is = |word: &str| address.source.is(word);
                let drops = address.steps.iter().any(|step| step.is("drop-default-port"));
                let step = if is("url") { "without-default-port" } else { "drop-default-port" };
                match (is("url") || is("host")) && !drops {
                    true => vec![at_path(site.path.source(), EditKind::InsertAfter(json!(step)), "")],
                    false => Vec::new(),
                }
            }
            _ => Vec::new(),
        },
    ),
];
