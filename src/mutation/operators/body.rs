//! Mistakes about the body: bytes that were taken apart and put together again before they are signed.

use super::operator::{Mutation, Operator, deviate, one, operator, with};
use crate::mutation::site::{Block, Site, Spot, sites};
use crate::scheme::{Body, EditKind, Misreading};
use serde_json::{Value, json};

/// The body where something is derived from it, of a scheme whose bodies may be of one of these kinds.
fn signed(site: &Site<'_>, kinds: &[Body]) -> bool {
    let is_body = site.block == Block::Derive && site.source().is_some_and(|source| source.is("body"));
    // A scheme that says nothing of its bodies takes any.
    let bodies = &site.scheme.domain.body;
    is_body && (bodies.contains(&Body::Bytes) || kinds.iter().any(|kind| bodies.contains(kind)))
}

fn after(site: &Site<'_>, kinds: &[Body], step: Value) -> Vec<Mutation> {
    if signed(site, kinds) { one(site, EditKind::InsertAfter(step)) } else { Vec::new() }
}

fn instead(site: &Site<'_>, kinds: &[Body], source: Value) -> Vec<Mutation> {
    if signed(site, kinds) { one(site, EditKind::Replace(source)) } else { Vec::new() }
}

/// Returns whether an operation signs the bytes of the body, which may be a form.
fn signs_form(site: &Site<'_>) -> bool {
    let (name, operation) = site.operation;
    site.scheme.domain.body.contains(&Body::Form)
        && sites(site.scheme, name, operation).iter().any(|other| signed(other, &[Body::Form]))
}

const ANY: &[Body] = &[Body::Json, Body::Form, Body::Multipart];
const TEXT: &[Body] = &[Body::Json, Body::Form];

/// Functions that write JSON, and the words of the step that does as they do.
const WRITERS: &[(&str, &str)] = &[
    ("JSON.stringify(…)", "stringify"),
    ("json.dumps(…)", "dumps"),
    ("json_encode(…)", "json-encode"),
    ("json.Marshal(…)", "marshal"),
    ("JSON.generate(…)", "generate"),
    ("Gson.toJson(…)", "gson"),
    ("JSON.stringify(…, null, 2)", "stringify-indented"),
    ("JSON.stringify(…), members sorted", "stringify-sorted"),
    ("json.dumps(…, ensure_ascii=False)", "dumps-unicode"),
    ("json.dumps(…, separators=(',', ':'))", "dumps-compact"),
    ("json.dumps(…, sort_keys=True)", "dumps-sorted"),
    ("json_encode(…, JSON_UNESCAPED_UNICODE)", "json-encode-unicode"),
    ("json_encode(…, JSON_HEX_TAG | JSON_HEX_AMP)", "json-encode-hex"),
    ("ActiveSupport to_json", "active-support"),
];

fn rewritten(site: &Site<'_>) -> Vec<Mutation> {
    if !signed(site, &[Body::Json]) {
        return Vec::new();
    }
    let by = |(detail, library): &(&str, &str)| {
        with(site, EditKind::InsertAfter(json!({ "rewrite-json": library })), detail)
    };
    WRITERS.iter().map(by).collect()
}

/// The fields of a form that a library has read, as it writes them; a body that is no form stays.
fn form_rewritten(site: &Site<'_>) -> Vec<Mutation> {
    let urls = json!({ "percent-encode": { "keep": ["alphanumeric", "*", "-", ".", "_"], "plus": true } });
    let python = json!({ "percent-encode": { "keep": ["unreserved"], "plus": true } });
    let javascript = json!({ "percent-encode": ["unreserved", "!", "'", "(", ")", "*"] });
    let php = json!({ "percent-encode": { "keep": ["alphanumeric", "-", ".", "_"], "plus": true } });
    let libraries: [(&str, &[&str], &Value); 7] = [
        ("new URLSearchParams(…)", &[], &urls),
        ("urlencode(parse_qsl(…))", &["drop-empty"], &python),
        ("urlencode(parse_qsl(…, True))", &[], &python),
        ("urlencode(parse_qs(…), True)", &["drop-empty", "group-names"], &python),
        ("urlencode(parse_qs(…, True), True)", &["group-names"], &python),
        ("querystring.stringify(…)", &["group-names"], &javascript),
        ("http_build_query($_POST)", &["as-dictionary"], &php),
    ];
    let by = |(library, steps, encode): (&str, &[&str], &Value)| {
        let steps = steps.iter().map(|step| json!(step));
        let written = [encode.clone(), json!({ "pair": "{name}={value}" }), json!({ "join": "&" })];
        let form: Vec<Value> = std::iter::once(json!("form")).chain(steps).chain(written).collect();
        let all = instead(site, &[Body::Form], json!({ "first-of": [[{ "unless-empty": form }], "body"] }));
        all.into_iter().map(|mutation| Mutation { detail: library.to_owned(), ..mutation }).collect::<Vec<_>>()
    };
    let plain = json!(["form", { "pair": "{name}={value}" }, { "join": "&" }]);
    let plain = instead(site, &[Body::Form], json!({ "first-of": [[{ "unless-empty": plain }], "body"] })).into_iter();
    let plain = plain.map(|mutation| Mutation { detail: "decoded, and not encoded again".into(), ..mutation });
    libraries.into_iter().flat_map(by).chain(plain).collect()
}

pub(super) const OPERATORS: &[Operator] = &[
    operator(
        "body-rewritten",
        &["C66"],
        "reads the JSON of the body and signs what a library writes of it",
        "sign the bytes of the body as they are sent and as they arrive, before anything reads them",
        rewritten,
    ),
    operator(
        "body-read-as-latin-1",
        &["C10", "C66"],
        "reads the body as Latin-1 text and writes that as UTF-8",
        "sign the bytes of the body as they are",
        |site| after(site, TEXT, json!("latin1-as-utf8")),
    ),
    operator(
        "body-minified",
        &["C66"],
        "leaves out the white space of the JSON of the body",
        "sign the bytes of the body as they are",
        |site| after(site, &[Body::Json], json!("minify-json")),
    ),
    operator(
        "body-slashes-unescaped",
        &["C66"],
        "writes \\/ of the body as /",
        "sign the bytes of the body as they are",
        |site| after(site, &[Body::Json], json!({ "replace": { "\\/": "/" } })),
    ),
    operator(
        "body-slashes-escaped",
        &["C66"],
        "writes / of the body as \\/, as PHP's JSON does",
        "sign the bytes of the body as they are",
        |site| after(site, &[Body::Json], json!({ "replace": { "\\/": "\\/", "/": "\\/" } })),
    ),
    operator(
        "body-as-object-text",
        &["C66"],
        "signs the text [object Object] in place of the body, as a parsed body turns into text in JavaScript",
        "sign the bytes of the body, and not what was read of it",
        |site| instead(site, TEXT, json!({ "text": "[object Object]" })),
    ),
    operator(
        "payload-of-form-signed",
        &["C66", "C71"],
        "signs the value of the form field payload where a form is sent",
        "sign the whole body",
        |site| instead(site, &[Body::Form], json!({ "first-of": ["form.payload", "body"] })),
    ),
    operator(
        "body-form-rewritten",
        &["C66", "C71"],
        "takes a form apart and signs it as it would write it",
        "sign the bytes of the body as they are",
        form_rewritten,
    ),
    operator(
        "form-consumed",
        &["C71", "C69"],
        "signs an empty body where a form is sent, whose bytes a framework has read already",
        "take the bytes of the body before anything reads a form from them",
        |site| match site.spot {
            Spot::Wire if signs_form(site) => one(site, deviate(Misreading::FormConsumed.word())),
            _ => Vec::new(),
        },
    ),
    operator(
        "body-with-replacements",
        &["C67"],
        "signs the body read as text, with U+FFFD for bytes that are no UTF-8",
        "sign the bytes of the body, and not a text made of them",
        |site| after(site, ANY, json!("utf8-replaced")),
    ),
    operator(
        "byte-order-mark-stripped",
        &["C68"],
        "signs the body without the byte-order mark at its start",
        "sign every byte of the body",
        |site| after(site, TEXT, json!({ "strip-prefix": "\u{feff}" })),
    ),
    operator(
        "body-with-line-feed-at-its-end",
        &["C66", "V07"],
        "signs the body with a line feed at its end, as echo writes it",
        "sign the bytes of the body as they are",
        |site| after(site, ANY, json!({ "append": "\n" })),
    ),
    operator(
        "body-with-line-feeds",
        &["C66"],
        "signs the body with line feeds for its carriage returns and line feeds",
        "sign the bytes of the body, read in binary mode",
        |site| after(site, ANY, json!({ "replace": { "\r\n": "\n" } })),
    ),
];
