//! Sources that are made of others, or of nothing.

use crate::scheme::item::{Item, Kind, Opt, items};
use crate::scheme::machine::{Gives, Origin, Supply, Type};

const PARTS: Opt = Opt::required("parts", Kind::Parts);
const ALTERNATIVES: Opt = Opt::required("alternatives", Kind::Alternatives);

pub const ITEMS: &[Item<Gives>] = items! {
    "text" Value [Opt::required("text", Kind::Text)]
        "fixed text" ("a document's constants")
        r#"{"text":"a"}"# => "a"
        made(Supply::Constant);

    "hex" Value [Opt::required("digits", Kind::Hex)]
        "fixed bytes, as hexadecimal digits" ("RFC 4648 section 8")
        r#"{"hex":"61"}"# => "a"
        made(Supply::Constant);

    "concat" Value [PARTS]
        "parts one after the other" ("every scheme that signs several values")
        r#"{"concat":["method",{"text":" "},"path"]}"# => "PUT /a b"
        made(Supply::Parts(Some("")));

    "lines" Value [PARTS]
        "parts with a line feed between them" ("AWS Signature Version 4, canonical request")
        r#"{"lines":["method","host"]}"# => "PUT\nexample.com"
        made(Supply::Parts(Some("\n")));

    "join" Options [Opt::required("with", Kind::Bytes), PARTS]
        "parts with a separator between them" ("AWS Signature Version 4, credential scope")
        r#"{"join":{"with":"/","parts":["method","host"]}}"# => "PUT/example.com"
        made(Supply::Parts(None));

    "first-of" Value [ALTERNATIVES]
        "the first that is present" ("schemes with a replacement for a header field that proxies change")
        r#"{"first-of":["header.x-none","header.x-id"]}"# => "7"
        made(Supply::FirstOf);

    "optional" Value [Opt::required("value", Kind::Pipeline(Type::Bytes))]
        "the value; where it is absent, empty bytes, and a field that is not added"
        ("AWS Signature Version 4, session token")
        r#"{"optional":"header.x-none"}"# => ""
        made(Supply::Optional);

    "merge" Value [ALTERNATIVES]
        "fields of several sources, in order" ("RFC 5849 section 3.4.1.3.1")
        r#"[{"merge":["query","form"]}, "names", {"join":","}]"# => "x,y"
        made(Supply::Merge);

    "pairs" Value [Opt::required("fields", Kind::Fields)]
        "fields made here" ("RFC 5849 section 3.4.1.3.1, the protocol's parameters")
        r#"[{"pairs":{"a":"method"}}, {"pair":"{name}={value}"}, {"join":""}]"# => "a=PUT"
        made(Supply::Fields);
};

/// What has the secrets of its parts, and reads what they read.
const fn made(value: Supply) -> Gives {
    Gives { origin: Origin::Others, reads: &[], value }
}
