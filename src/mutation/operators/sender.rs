//! Mistakes about who sends a message, and what it claims of itself.

use super::check::{at, at_word, test};
use super::operator::{Mutation, Operator, deviate, one, operator, set, with};
use crate::mutation::site::{Block, Site, sites};
use crate::scheme::{Arg, Edit, EditKind, Node, Source, Tests};
use serde_json::{Value, json};

/// A list of addresses without one of them.
fn addresses(site: &Site<'_>) -> Vec<Mutation> {
    let Some(Arg::Texts(list)) = test(site).filter(|test| test.is("address")).map(Node::first) else {
        return Vec::new();
    };
    let without = |left_out: &String| {
        let rest: Vec<&String> = list.iter().filter(|a| *a != left_out).collect();
        with(site, set(json!({ "address": rest })), left_out)
    };
    list.iter().map(without).collect()
}

/// Addresses that an account lists, which may be any.
fn lists_any(test: &Node<Tests>) -> bool {
    test.is("address") && !matches!(test.first(), Arg::Texts(_))
}

/// One change wherever an operation reads the same source, signing apart; given once, at the first of these places.
fn wherever_read(site: &Site<'_>, is: fn(&Source) -> bool, new: Value) -> Vec<Mutation> {
    let (name, operation) = site.operation;
    let reads = |other: &Site<'_>| other.block != Block::Place && other.source().is_some_and(is);
    let paths: Vec<_> = sites(site.scheme, name, operation).into_iter().filter(reads).map(|other| other.path).collect();
    if paths.first() != Some(&site.path) || site.source().is_none() {
        return Vec::new();
    }
    let edits = paths.into_iter().map(|at| Edit { at, change: EditKind::Replace(new.clone()) }).collect();
    vec![Mutation { at: site.path.clone(), edits, detail: String::new() }]
}

/// What a server has configured, as a constant: the value that it has unless it is set.
fn constant(site: &Site<'_>) -> Vec<Mutation> {
    let read = site.source().filter(|_| site.block == Block::Verify).and_then(|source| source.name_in("parameter"));
    let default = read.and_then(|name| site.scheme.parameters[name].default.as_ref());
    default.map_or_else(Vec::new, |default| one(site, EditKind::Replace(json!({ "text": default }))))
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "unknown-address-passes",
        &["V26"],
        "lets a message pass whose address is not known",
        "refuse it",
        |site| at_word(site, "address", deviate("absent-passes")),
    ),
    operator(
        "neighbour-address-passes",
        &["V26"],
        "takes every address of the same /24",
        "compare whole addresses",
        |site| at_word(site, "address", deviate("same-network")),
    ),
    operator(
        "address-missing",
        &["V26"],
        "lacks one of the listed addresses",
        "list every address of the document",
        addresses,
    ),
    operator(
        "address-by-its-start",
        &["V42"],
        "takes an address whose text starts like a listed one",
        "compare addresses, and not the texts of them",
        |site| at(site, lists_any, deviate("text-prefix")),
    ),
    operator(
        "address-by-a-part",
        &["V42"],
        "takes an address whose text is a part of a listed one",
        "compare addresses, and not the texts of them",
        |site| at_word(site, "address", deviate("text-part")),
    ),
    operator("ipv4-alone", &["V42"], "knows addresses of IPv4 alone", "take listed addresses of IPv6 too", |site| {
        at(site, lists_any, deviate("ipv4-only"))
    }),
    operator(
        "mapped-address-folded",
        &["V42"],
        "takes an address of IPv4 that is written as one of IPv6 for that address",
        "compare addresses as they are",
        |site| at_word(site, "address", deviate("mapped")),
    ),
    operator(
        "forwarded-address-believed",
        &["V43"],
        "believes the header field X-Forwarded-For",
        "take the address of the connection, or what a proxy of your own says",
        |site| at_word(site, "address", deviate("forwarded")),
    ),
    operator(
        "method-override-believed",
        &["V43"],
        "takes the method from X-HTTP-Method-Override where that is there",
        "take the method of the request line",
        |site| {
            let method = json!({ "first-of": ["header.X-HTTP-Method-Override", "method"] });
            wherever_read(site, |source| source.is("method"), method)
        },
    ),
    operator(
        "forwarded-host-believed",
        &["V43"],
        "takes the host of the address from X-Forwarded-Host where that is there",
        "take the host that the message is sent to",
        |site| match site.block {
            Block::Verify => {
                let host = json!({ "first-of": ["header.X-Forwarded-Host", "host"] });
                let url = json!({ "concat": ["scheme", { "text": "://" }, host, "target"] });
                wherever_read(site, |source| source.is("url"), url)
            }
            Block::Receive | Block::Derive | Block::Place => Vec::new(),
        },
    ),
    operator(
        "setting-ignored",
        &["V44"],
        "uses a constant where a value is configured",
        "use the value that is configured",
        constant,
    ),
];
