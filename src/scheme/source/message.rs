//! Sources of the message.
//!
//! The examples are of this message: `PUT /a%20b?x=1&y=%2B` to example.com over https, with the header fields
//! `Host: example.com`, `Content-Type: application/json` and `X-Id: 7`, and the body `{"k":"v"}`.

use crate::scheme::item::{Item, Opt, OptionKind, items};
use crate::scheme::machine::{Args, Destination, Gives, Load, LoadMany, Repeated, Supply, Whose};

const TARGET: &[Destination] = &[Destination::Query, Destination::Header];
const HEADER: &[Destination] = &[Destination::Header];
const QUERY: &[Destination] = &[Destination::Query];
const BODY: &[Destination] = &[Destination::Form, Destination::Json];

const NAME: Opt = Opt::required("name", OptionKind::FieldName);
/// A field that stands twice makes a message malformed unless this says which counts.
const REPEATED: Opt = Opt::word("repeated", &["refuse", "first", "last"], "refuse");

pub const ITEMS: &[Item<Gives>] = items! {
    "method" Options []
        "the method, exactly as sent" ("RFC 9110 section 9")
        "method" => "PUT"
        address(&[], |_, m| Ok(m.view.method));

    "scheme" Options []
        "the URI scheme" ("RFC 3986 section 3.1")
        "scheme" => "https"
        address(&[], |_, m| Ok(m.view.scheme));

    "host" Options []
        "the value of the `Host` header field" ("RFC 9110 section 7.2")
        "host" => "example.com"
        address(HEADER, |_, m| m.view.header(b"host", Repeated::Refuse));

    "url" Options []
        "scheme, host and target as on the wire" ("RFC 3986 section 3")
        "url" => "https://example.com/a%20b?x=1&y=%2B"
        bytes(TARGET, |_, m| m.view.url());

    "target" Options []
        "path and query as on the wire" ("RFC 9112 section 3.2")
        "target" => "/a%20b?x=1&y=%2B"
        bytes(TARGET, |_, m| Ok(m.view.target()));

    "path" Options []
        "the path, percent-decoded" ("RFC 3986 section 3.3")
        "path" => "/a b"
        address(&[], |_, m| m.view.path());

    "raw_path" Options []
        "the path as on the wire" ("RFC 3986 section 3.3")
        "raw_path" => "/a%20b"
        address(&[], |_, m| Ok(m.view.raw_path()));

    "raw_query" Options []
        "the query as on the wire, without the `?`" ("RFC 3986 section 3.4")
        "raw_query" => "x=1&y=%2B"
        bytes(TARGET, |_, m| Ok(m.view.raw_query()));

    "query" Options []
        "decoded fields of the query, in order" ("RFC 3986 section 3.4; WHATWG URL, application/x-www-form-urlencoded")
        r#"["query", {"pair":"{name}={value};"}, {"join":""}]"# => "x=1;y=+;"
        fields(QUERY, |_, m| m.view.query());

    "form" Options []
        "decoded fields of a form body, in order; none where the body is no form"
        ("WHATWG URL, application/x-www-form-urlencoded")
        r#"["form", "names", {"join":","}]"# => ""
        fields(BODY, |_, m| m.view.form());

    "multipart" Options []
        "names and contents of the parts of a multipart body; none where the body is no such" ("RFC 7578")
        r#"["multipart", "names", {"join":","}]"# => ""
        fields(BODY, |_, m| m.view.multipart());

    "headers" Options []
        "header fields in order; where names are listed, theirs compare without regard to case" ("RFC 9110 section 5")
        r#"["headers", {"only":"x-id"}, {"pair":"{name}:{value}"}, {"join":""}]"# => "X-Id:7"
        fields(HEADER, |_, m| Ok(m.view.headers()));

    "body" Options []
        "the bytes of the body" ("RFC 9110 section 6.4")
        "body" => r#"{"k":"v"}"#
        bytes(BODY, |_, m| m.view.body());

    "header" Dotted [NAME, REPEATED]
        "the value of a header field, whose name compares without regard to case" ("RFC 9110 section 5.1")
        r#""header.x-id""# => "7"
        bytes(HEADER, |o, m| m.view.header(o.bytes(0), repeated(o)));

    "query" Dotted [NAME, REPEATED]
        "the value of a field, decoded" ("RFC 3986 section 3.4")
        r#""query.y""# => "+"
        bytes(QUERY, |o, m| {
            let fields = m.view.query()?;
            m.view.field(fields, o.bytes(0), repeated(o), "query")
        });

    "form" Dotted [NAME, REPEATED]
        "the value of a field, decoded" ("WHATWG URL, application/x-www-form-urlencoded")
        r#"{"first-of":["form.k", {"text":"none"}]}"# => "none"
        bytes(BODY, |o, m| {
            let fields = m.view.form()?;
            m.view.field(fields, o.bytes(0), repeated(o), "form")
        });

    "json" Dotted [NAME]
        "the text of a top-level member of a JSON body" ("RFC 8259 section 4")
        r#""json.k""# => "v"
        bytes(BODY, |o, m| m.view.json(std::str::from_utf8(o.bytes(0)).unwrap_or_default()));
};

/// Bytes of the message's address, read from these parts of the message.
const fn address(reads: &'static [Destination], load: Load) -> Gives {
    Gives { origin: Whose::Address, reads, value: Supply::Bytes(load) }
}

/// Bytes of the message, read from these parts of it.
const fn bytes(reads: &'static [Destination], load: Load) -> Gives {
    Gives { origin: Whose::Arrival, reads, value: Supply::Bytes(load) }
}

/// Fields of the message, read from these parts of it.
const fn fields(reads: &'static [Destination], load: LoadMany) -> Gives {
    Gives { origin: Whose::Arrival, reads, value: Supply::Pairs(load) }
}

fn repeated(o: &Args) -> Repeated {
    match o.word(1) {
        0 => Repeated::Refuse,
        1 => Repeated::First,
        _ => Repeated::Last,
    }
}
