//! Parts of a request that may be signed, and keys that may have been used, as pipelines.

use super::fields::{self, SignatureField, credentials};
use crate::request::Request;
use crate::scheme::{Account, Destination};
use serde_json::{Value, json};

/// A part that may be signed. `covers` has a bit for each piece of the request that stands in it: two that share one are
/// not signed together.
#[derive(Debug, Clone)]
pub(super) struct SignedPart {
    /// Pipelines that all give its value in this request.
    pub(super) written: Vec<Value>,
    pub(super) value: Vec<u8>,
    pub(super) covers: u128,
    /// How seldom it is signed, from 1.
    pub(super) cost: usize,
}

/// A pipeline of a part, what it covers, and its cost.
pub(super) type WrittenPart = (Value, u128, usize);

const METHOD: u128 = 1;
const HOST: u128 = 1 << 1;
const PATH: u128 = 1 << 2;
const QUERY: u128 = 1 << 3;
const BODY: u128 = 1 << 4;
const SCHEME: u128 = 1 << 5;
/// The first bit of credentials and fields.
const OWN: u32 = 8;

/// Header fields that no scheme known here signs by themselves.
const USUAL: &[&str] = &[
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "cookie",
    "cache-control",
    "pragma",
    "referer",
    "origin",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// The most query, form and JSON fields of which each is likely to be signed by itself.
const FEW: usize = 6;

/// Parts beyond which no more are taken.
const MOST: usize = 48;

/// The parts of a request whose signature stands in a field; those first that schemes sign most.
pub(super) fn all(request: &Request, account: &Account, signature: &SignatureField) -> Vec<WrittenPart> {
    let mut all: Vec<WrittenPart> = vec![
        (json!("body"), BODY, 1),
        (json!("method"), METHOD, 1),
        (json!("target"), PATH | QUERY, 1),
        (json!("raw_path"), PATH, 1),
        (json!("raw_query"), QUERY, 1),
        (json!("url"), SCHEME | HOST | PATH | QUERY, 2),
        (json!([{ "concat": ["scheme", { "text": "://" }, "host", "raw_path"] }]), SCHEME | HOST | PATH, 2),
        (json!([{ "concat": ["host", "target"] }]), HOST | PATH | QUERY, 2),
        (json!([{ "concat": ["host", "raw_path"] }]), HOST | PATH, 2),
        (json!("host"), HOST, 2),
        (json!("path"), PATH, 2),
    ];
    let mut bit = OWN;
    let mut own = || {
        bit = (bit + 1).min(127);
        1 << (bit - 1)
    };
    let fields = fields::all(request);
    let not_headers = fields.iter().filter(|(part, ..)| *part != Destination::Header).count();
    for (part, name, value) in &fields {
        let source = fields::source(*part, name);
        let within = match part {
            Destination::Header => 0,
            Destination::Query => QUERY,
            _ => BODY,
        };
        let is_own = *part == signature.part && name.eq_ignore_ascii_case(&signature.name);
        let skipped = *part == Destination::Header && USUAL.iter().any(|usual| usual.eq_ignore_ascii_case(name));
        if !is_own && !skipped {
            let is_named = name.eq_ignore_ascii_case("content-type") || name.eq_ignore_ascii_case("content-length");
            let is_one_of_many = *part != Destination::Header && not_headers > FEW;
            let cost = if is_named || is_one_of_many { 2 } else { 1 };
            all.push((source.clone(), own() | within, cost));
        }
        // Members of a list, such as `t=1700000000,v1=…`.
        for at in [",", ";"] {
            for member in if skipped { Vec::new() } else { members(value, at) } {
                let steps = json!([source, { "split": at }, { "assign": "=" }, { "trim": "both" }, { "unquote": "value" }, { "first": member }]);
                all.push((steps, own(), 1));
            }
        }
    }
    for (name, _) in credentials(account) {
        let own = own();
        all.push((credential(name), own, 1));
        all.push((json!([{ "concat": [{ "text": "key=" }, credential(name)] }]), own, 2));
    }
    // A word before the signature, such as the version in `v0=…`.
    let word = signature.around[0].trim_end_matches(['=', ',', ' ', ':']);
    if !word.is_empty() && word.len() <= 8 && word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        all.push((json!({ "text": word }), own(), 1));
    }
    all.extend(query_and_form(&fields, signature));
    for hash in ["sha256", "md5", "sha1", "sha512"] {
        for encoding in ["hex", "base64"] {
            let cost = if (hash, encoding) == ("sha256", "hex") { 1 } else { 2 };
            all.push((json!(["body", hash, encoding]), BODY, cost));
        }
    }
    all.push((json!(["method", "lower"]), METHOD, 3));
    all.push((json!(["body", "minify-json"]), BODY, 3));
    all.push((json!(["body", "base64"]), BODY, 3));
    // Fields that are not there, for schemes that leave their line empty.
    for name in ["Content-MD5", "Content-Type", "Date"] {
        all.push((json!({ "optional": format!("header.{name}") }), 0, 1));
    }
    all
}

/// Names in a list of `name=value`.
fn members(value: &[u8], at: &str) -> Vec<String> {
    let pieces: Vec<&[u8]> = value.split(|b| at.as_bytes() == [*b]).collect();
    let name = |piece: &&[u8]| {
        let end = piece.iter().position(|b| *b == b'=')?;
        let name = piece[..end].trim_ascii();
        let is_name = !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
        is_name.then(|| String::from_utf8_lossy(name).into_owned())
    };
    if pieces.len() < 2 { Vec::new() } else { pieces.iter().filter_map(name).take(8).collect() }
}

/// Query and form without the signature, as schemes write them.
fn query_and_form(fields: &[(Destination, String, Vec<u8>)], signature: &SignatureField) -> Vec<WrittenPart> {
    let mut all = Vec::new();
    let has = |part: Destination| fields.iter().any(|(own, ..)| *own == part);
    let name = &signature.name;
    let mut sources = Vec::new();
    if has(Destination::Query) {
        sources.push((json!("query"), QUERY));
    }
    if has(Destination::Form) {
        sources.push((json!("form"), BODY));
    }
    if has(Destination::Query) && has(Destination::Form) {
        sources.push((json!({ "merge": [["query"], ["form"]] }), QUERY | BODY));
    }
    if has(Destination::Json) {
        sources.push((json!(["body", "members"]), BODY));
    }
    for (source, covers) in sources {
        let mut start = if source.is_array() { source.as_array().cloned().unwrap_or_default() } else { vec![source] };
        if signature.part != Destination::Header {
            start.push(json!({ "except": [name] }));
        }
        for empties in [None, Some(json!("drop-empty"))] {
            for sort in [Some(json!({ "sort": ["name"] })), None] {
                let encodings = [None, Some(json!({ "percent-encode": "unreserved" }))];
                for encoding in encodings {
                    for (template, between) in [
                        ("{name}={value}", "&"),
                        ("{name}{value}", ""),
                        ("{name}={value}", ""),
                        ("{value}", ""),
                        ("{name}={value}", "\n"),
                    ] {
                        let steps = [empties.clone(), encoding.clone(), sort.clone()].into_iter().flatten();
                        let end = [json!({ "pair": template }), json!({ "join": between })];
                        let plain = (template, between) == ("{name}={value}", "&");
                        let seldom = [sort.is_none(), empties.is_some(), encoding.is_some(), !plain];
                        let cost = 1 + seldom.iter().filter(|is| **is).count();
                        all.push((start.iter().cloned().chain(steps).chain(end).collect(), covers, cost));
                    }
                }
            }
        }
    }
    // What stands before the signature, where it is the last of its part.
    let raw = match signature.part {
        Destination::Query => vec![
            ("raw_query", QUERY, '&'),
            ("target", PATH | QUERY, '&'),
            ("target", PATH | QUERY, '?'),
            ("url", SCHEME | HOST | PATH | QUERY, '&'),
            ("url", SCHEME | HOST | PATH | QUERY, '?'),
        ],
        Destination::Form => vec![("body", BODY, '&')],
        _ => Vec::new(),
    };
    all.extend(
        raw.into_iter()
            .map(|(source, covers, mark)| (json!([source, { "before": format!("{mark}{name}=") }]), covers, 1)),
    );
    all
}

/// One part for each value; those that are empty are one, which may stand several times.
pub(super) fn merged(parts: Vec<SignedPart>) -> Vec<SignedPart> {
    let mut all: Vec<SignedPart> = Vec::new();
    for part in parts {
        match all.iter().position(|own| own.value == part.value) {
            Some(at) => {
                all[at].cost = all[at].cost.min(part.cost);
                all[at].written.extend(part.written);
            }
            None if all.len() < MOST => all.push(part),
            None => {}
        }
    }
    for part in all.iter_mut().filter(|part| part.value.is_empty()) {
        part.covers = 0;
    }
    all.sort_by_key(|part| part.cost);
    all
}

/// Keys that the values of an account may stand for, each with how seldom it does.
pub(super) fn keys(account: &Account) -> Vec<(Value, usize)> {
    let names: Vec<&String> = credentials(account).map(|(name, _)| name).collect();
    let mut all: Vec<(Value, usize)> = names.iter().map(|name| (json!([credential(name)]), 0)).collect();
    for (name, value) in credentials(account) {
        let source = credential(name);
        if let Some(prefix) = std::str::from_utf8(value).ok().and_then(|text| text.rfind('_').map(|at| &text[..=at])) {
            all.push((json!([source, { "strip-prefix": prefix }, "base64-decode"]), 1));
            all.push((json!([source, { "strip-prefix": prefix }]), 2));
        }
        for decoded in [json!("base64-decode"), json!({ "base64-decode": "url" }), json!("hex-decode")] {
            all.push((json!([source, decoded]), 1));
        }
        all.push((json!([{ "concat": [source, { "text": "&" }] }]), 2));
        all.push((json!([source, "sha256"]), 3));
        all.push((json!([source, "sha256", "hex"]), 3));
        all.push((json!([source, "md5", "hex"]), 3));
        for other in names.iter().filter(|other| **other != name) {
            all.push((json!([{ "join": { "with": "&", "parts": [source, credential(other)] } }]), 2));
        }
    }
    all
}

/// A credential as a source.
fn credential(name: &str) -> Value {
    json!(format!("credential.{name}"))
}
