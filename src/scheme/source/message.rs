//! Sources of the message.
//!
//! The examples are of this message: `PUT /a%20b?x=1&y=%2B` to example.com over https, with the header fields
//! `Host: example.com`, `Content-Type: application/json` and `X-Id: 7`, and the body `{"k":"v"}`.

use crate::scheme::item::{Item, Kind, Opt, SourceItem, Written};
use crate::scheme::machine::{Args, Destination, Gives, Load, LoadMany, Origin, Repeated, Supply};

/// A word that stands for bytes of the message.
const fn bytes(
    word: &'static str,
    reason: &'static str,
    example: &'static str,
    document: &'static str,
    (origin, reads): (Origin, &'static [Destination]),
    load: Load,
) -> SourceItem {
    let does = Gives { origin, reads, value: Supply::Bytes(load) };
    Item { word, options: &[], written: Written::Options, reason, example: (word, example), document, does }
}

/// A word that stands for fields of the message.
const fn fields(
    word: &'static str,
    reason: &'static str,
    example: (&'static str, &'static str),
    document: &'static str,
    reads: &'static [Destination],
    load: LoadMany,
) -> SourceItem {
    let does = Gives { origin: Origin::Message, reads, value: Supply::Pairs(load) };
    Item { word, options: &[], written: Written::Options, reason, example, document, does }
}

const BODY_OF: &[Destination] = &[Destination::Form, Destination::Json];
const TARGET_OF: &[Destination] = &[Destination::Query, Destination::Header];

pub static METHOD: SourceItem =
    bytes("method", "the method, exactly as sent", "PUT", "RFC 9110 section 9", (Origin::Address, &[]), |_, m| {
        Ok(m.view.method)
    });

pub static SCHEME: SourceItem =
    bytes("scheme", "the URI scheme", "https", "RFC 3986 section 3.1", (Origin::Address, &[]), |_, m| {
        Ok(m.view.scheme)
    });

pub static HOST: SourceItem = bytes(
    "host",
    "the value of the `Host` header field",
    "example.com",
    "RFC 9110 section 7.2",
    (Origin::Address, &[Destination::Header]),
    |_, m| m.view.header(b"host", Repeated::Refuse),
);

pub static URL: SourceItem = bytes(
    "url",
    "scheme, host and target as on the wire",
    "https://example.com/a%20b?x=1&y=%2B",
    "RFC 3986 section 3",
    (Origin::Message, TARGET_OF),
    |_, m| m.view.url(),
);

pub static TARGET: SourceItem = bytes(
    "target",
    "path and query as on the wire",
    "/a%20b?x=1&y=%2B",
    "RFC 9112 section 3.2",
    (Origin::Message, TARGET_OF),
    |_, m| Ok(m.view.target()),
);

pub static PATH: SourceItem =
    bytes("path", "the path, percent-decoded", "/a b", "RFC 3986 section 3.3", (Origin::Address, &[]), |_, m| {
        m.view.path()
    });

pub static RAW_PATH: SourceItem =
    bytes("raw_path", "the path as on the wire", "/a%20b", "RFC 3986 section 3.3", (Origin::Address, &[]), |_, m| {
        Ok(m.view.raw_path())
    });

pub static RAW_QUERY: SourceItem = bytes(
    "raw_query",
    "the query as on the wire, without the `?`",
    "x=1&y=%2B",
    "RFC 3986 section 3.4",
    (Origin::Message, TARGET_OF),
    |_, m| Ok(m.view.raw_query()),
);

pub static BODY: SourceItem = bytes(
    "body",
    "the bytes of the body",
    r#"{"k":"v"}"#,
    "RFC 9110 section 6.4",
    (Origin::Message, BODY_OF),
    |_, m| Ok(m.view.body),
);

pub static QUERY: SourceItem = fields(
    "query",
    "decoded fields of the query, in order",
    (r#"["query", {"pair":"{name}={value};"}, {"join":""}]"#, "x=1;y=+;"),
    "RFC 3986 section 3.4; WHATWG URL, application/x-www-form-urlencoded",
    &[Destination::Query],
    |_, m| m.view.query(),
);

pub static FORM: SourceItem = fields(
    "form",
    "decoded fields of a form body, in order; none where the body is no form",
    (r#"["form", "names", {"join":","}]"#, ""),
    "WHATWG URL, application/x-www-form-urlencoded",
    BODY_OF,
    |_, m| m.view.form(),
);

pub static MULTIPART: SourceItem = fields(
    "multipart",
    "names and contents of the parts of a multipart body; none where the body is no such",
    (r#"["multipart", "names", {"join":","}]"#, ""),
    "RFC 7578",
    BODY_OF,
    |_, m| m.view.multipart(),
);

pub static HEADERS: SourceItem = fields(
    "headers",
    "header fields in order",
    (r#"["headers", {"only":{"names":["x-id"],"caseless":true}}, {"pair":"{name}:{value}"}, {"join":""}]"#, "X-Id:7"),
    "RFC 9110 section 5",
    &[Destination::Header],
    |_, m| Ok(m.view.headers()),
);

const NAME: Opt = Opt::required("name", Kind::FieldName);
const ONCE: [Opt; 2] = [NAME, Opt::word("repeated", &["refuse", "first", "last"], "refuse")];

fn repeated(o: &Args) -> Repeated {
    match o.word(1) {
        0 => Repeated::Refuse,
        1 => Repeated::First,
        _ => Repeated::Last,
    }
}

/// One field of the message; twice in a message, it makes that malformed unless `repeated` says which counts.
const fn field(
    word: &'static str,
    options: &'static [Opt],
    reason: &'static str,
    example: (&'static str, &'static str),
    document: &'static str,
    reads: &'static [Destination],
    load: Load,
) -> SourceItem {
    let does = Gives { origin: Origin::Message, reads, value: Supply::Bytes(load) };
    Item { word, options, written: Written::Dotted, reason, example, document, does }
}

pub static HEADER_FIELD: SourceItem = field(
    "header",
    &ONCE,
    "the value of a header field, whose name compares without regard to case",
    (r#""header.x-id""#, "7"),
    "RFC 9110 section 5.1",
    &[Destination::Header],
    |o, m| m.view.header(o.bytes(0), repeated(o)),
);

pub static QUERY_FIELD: SourceItem = field(
    "query",
    &ONCE,
    "the value of a field of the query, decoded",
    (r#""query.y""#, "+"),
    "RFC 3986 section 3.4",
    &[Destination::Query],
    |o, m| {
        let fields = m.view.query()?;
        m.view.field(fields, o.bytes(0), repeated(o), "query")
    },
);

pub static FORM_FIELD: SourceItem = field(
    "form",
    &ONCE,
    "the value of a field of a form body, decoded",
    (r#"{"first-of":["form.k", {"text":"none"}]}"#, "none"),
    "WHATWG URL, application/x-www-form-urlencoded",
    BODY_OF,
    |o, m| {
        let fields = m.view.form()?;
        m.view.field(fields, o.bytes(0), repeated(o), "form")
    },
);

pub static JSON_MEMBER: SourceItem = field(
    "json",
    &[NAME],
    "the text of a top-level member of a JSON body",
    (r#""json.k""#, "v"),
    "RFC 8259 section 4",
    BODY_OF,
    |o, m| m.view.json(std::str::from_utf8(o.bytes(0)).unwrap_or_default()),
);
