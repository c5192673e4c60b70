//! Mistakes of choice: another function of a standard library than the one that encodes as the document says.

use super::operator::{Mutation, Operator, at_path, one, operator, set};
use crate::mutation::site::{Block, Site, Spot};
use crate::scheme::{EditKind, Named, Step};
use serde_json::{Value, json};

/// Characters that every function keeps.
pub const LETTERS_AND_DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A function that percent-encodes.
struct Encoder {
    /// Names under which it is known.
    name: &'static str,
    /// Characters that it keeps, beside letters and digits.
    keeps: &'static str,
    /// A space becomes +.
    plus: bool,
    /// Its escapes have lower-case digits.
    lower: bool,
}

const fn encoder(name: &'static str, keeps: &'static str, plus: bool) -> Encoder {
    Encoder { name, keeps, plus, lower: false }
}

const ENCODERS: &[Encoder] = &[
    encoder("encodeURIComponent", "-._~!*'()", false),
    encoder("encodeURI", "-._~;,/?:@&=+$!*'()#", false),
    encoder("URLSearchParams, URLEncoder.encode or encode_www_form", "*-._", true),
    encoder("urlencode or http_build_query of PHP", "-._", true),
    encoder("quote_plus or urlencode of Python, QueryEscape or CGI.escape", "-._~", true),
    encoder("quote of Python", "-._~/", false),
    Encoder { name: "HttpUtility.UrlEncode", keeps: "-_.!*()", plus: true, lower: true },
];

impl Encoder {
    /// The step that does as it does; with the slashes that a path keeps, and of a path on the wire without a word on
    /// spaces, for it holds none.
    fn step(&self, keeps_slash: bool, is_path: bool) -> Value {
        let slash = (keeps_slash && !self.keeps.contains('/')).then_some('/');
        let kept = LETTERS_AND_DIGITS.chars().chain(self.keeps.chars()).chain(slash);
        json!({
            "keep": kept.map(String::from).collect::<Vec<_>>(),
            "plus": self.plus && !is_path,
            "case": if self.lower { "lower" } else { "upper" },
        })
    }
}

/// Other functions in place of the step that percent-encodes.
fn in_place(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    let mut steps = pipeline.steps.iter().filter(|step| step.is("percent-encode"));
    let (Some(step), None, Block::Derive) = (steps.next(), steps.next(), site.block) else { return Vec::new() };
    let keeps_slash = step.get("keep").texts().iter().any(|kept| kept == "/");
    let is_path = pipeline.source.is("raw_path");
    let path = || site.path.then(Named::Nth("percent-encode".into(), 0));
    let other = |encoder: &Encoder| {
        let Value::Object(options) = encoder.step(keeps_slash, is_path) else { unreachable!("options are a map") };
        at_path(path(), EditKind::Set(options), encoder.name)
    };
    ENCODERS.iter().map(other).collect()
}

/// Functions that encode names and values which the document takes as they are.
fn put_in(site: &Site<'_>) -> Vec<Mutation> {
    let Spot::Pipeline(pipeline) = site.spot else { return Vec::new() };
    let has = |word: &str| pipeline.steps.iter().any(|step: &Step| step.is(word));
    if site.block != Block::Derive || !has("pair") || has("percent-encode") {
        return Vec::new();
    }
    let path = || site.path.then(Named::Nth("pair".into(), 0));
    let with = |encoder: &Encoder| {
        let step = json!({ "percent-encode": encoder.step(false, false) });
        at_path(path(), EditKind::InsertBefore(step), encoder.name)
    };
    ENCODERS.iter().map(with).collect()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "other-encoder",
        &["C01", "C05", "C06", "C07", "C14"],
        "percent-encodes with a library function that keeps other characters",
        "percent-encode all but the characters that the document names, a space as %20",
        in_place,
    ),
    operator(
        "pairs-encoded-by-library",
        &["C01", "C14"],
        "passes names and values through a library function that percent-encodes",
        "take names and values as they are",
        put_in,
    ),
    operator("asterisk-bare", &["C06"], "leaves * bare", "encode * as %2A", |site| {
        let kept = site.step("percent-encode").map(|step| step.get("keep").texts());
        match kept.filter(|kept| !kept.iter().any(|one| one == "*")) {
            Some(kept) => {
                one(site, set(json!({ "keep": kept.iter().map(String::as_str).chain(["*"]).collect::<Vec<_>>() })))
            }
            None => Vec::new(),
        }
    }),
];
