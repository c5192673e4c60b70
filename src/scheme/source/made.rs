//! Sources that are made of others, or of nothing.

use crate::scheme::item::{Item, Kind, Opt, SourceItem, Written};
use crate::scheme::machine::{Gives, Origin, Supply, Type};

const fn made(
    word: &'static str,
    option: &'static [Opt],
    reason: &'static str,
    example: (&'static str, &'static str),
    document: &'static str,
    value: Supply,
) -> SourceItem {
    let does = Gives { origin: Origin::Others, reads: &[], value };
    Item { word, options: option, written: Written::Value, reason, example, document, does }
}

const PARTS: &[Opt] = &[Opt::required("parts", Kind::Parts)];
const ALTERNATIVES: &[Opt] = &[Opt::required("alternatives", Kind::Alternatives)];

pub static TEXT: SourceItem = made(
    "text",
    &[Opt::required("text", Kind::Text)],
    "fixed text",
    (r#"{"text":"a"}"#, "a"),
    "a document's constants",
    Supply::Constant,
);

pub static HEX: SourceItem = made(
    "hex",
    &[Opt::required("digits", Kind::Hex)],
    "fixed bytes, as hexadecimal digits",
    (r#"{"hex":"61"}"#, "a"),
    "RFC 4648 section 8",
    Supply::Constant,
);

pub static CONCAT: SourceItem = made(
    "concat",
    PARTS,
    "parts one after the other",
    (r#"{"concat":["method",{"text":" "},"path"]}"#, "PUT /a b"),
    "every scheme that signs several values",
    Supply::Parts(Some("")),
);

pub static LINES: SourceItem = made(
    "lines",
    PARTS,
    "parts with a line feed between them",
    (r#"{"lines":["method","host"]}"#, "PUT\nexample.com"),
    "AWS Signature Version 4, canonical request",
    Supply::Parts(Some("\n")),
);

pub static JOIN: SourceItem = Item {
    written: Written::Options,
    ..made(
        "join",
        &[Opt::required("with", Kind::Bytes), Opt::required("parts", Kind::Parts)],
        "parts with a separator between them",
        (r#"{"join":{"with":"/","parts":["method","host"]}}"#, "PUT/example.com"),
        "AWS Signature Version 4, credential scope",
        Supply::Parts(None),
    )
};

pub static FIRST_OF: SourceItem = made(
    "first-of",
    ALTERNATIVES,
    "the first that is present",
    (r#"{"first-of":["header.x-none","header.x-id"]}"#, "7"),
    "schemes with a replacement for a header field that proxies change",
    Supply::FirstOf,
);

pub static OPTIONAL: SourceItem = made(
    "optional",
    &[Opt::required("value", Kind::Pipeline(Type::Bytes))],
    "the value; where it is absent, empty bytes, and a field that is not added",
    (r#"{"optional":"header.x-none"}"#, ""),
    "AWS Signature Version 4, session token",
    Supply::Optional,
);

pub static MERGE: SourceItem = made(
    "merge",
    ALTERNATIVES,
    "fields of several sources, in order",
    (r#"[{"merge":["query","form"]}, "names", {"join":","}]"#, "x,y"),
    "RFC 5849 section 3.4.1.3.1",
    Supply::Merge,
);

pub static PAIRS: SourceItem = made(
    "pairs",
    &[Opt::required("fields", Kind::Fields)],
    "fields made here",
    (r#"[{"pairs":{"a":"method"}}, {"pair":"{name}={value}"}, {"join":""}]"#, "a=PUT"),
    "RFC 5849 section 3.4.1.3.1, the protocol's parameters",
    Supply::Fields,
);
