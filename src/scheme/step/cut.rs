//! Steps that cut something off: what is not there stays not there.

use super::encode::OF;
use crate::primitive::text;
use crate::scheme::item::{Item, Opt, OptionKind, items, pattern};
use crate::scheme::machine::Does;
use memchr::memmem;

const AT: Opt = Opt::required("at", OptionKind::Cut);

pub const ITEMS: &[Item<Does>] = items! {
    "truncate" | "substring" | "slice" Short [Opt::required("bytes", OptionKind::Count)]
        "keeps the leftmost bytes of a MAC" ("RFC 2104 section 5; RFC 4868 section 2.3")
        r#"[{"text":"abcdef"}, {"truncate":4}]"# => "abcd"
        Does::cut(|o, bytes| &bytes[..bytes.len().min(usize::try_from(o.count(0)).unwrap_or(usize::MAX))]), |c| {
            let (it, n) = (c.bytes(), &c.options["bytes"]);
            c.gives_bytes(format!("{it}[:{n}]"), format!("{it}.subarray(0, {n})"))
        };

    "strip-prefix" Short [Opt::required("text", OptionKind::Text)]
        "takes off a mark such as `whsec_`; what lacks it stays" ("Standard Webhooks, secrets")
        r#"[{"text":"whsec_a"}, {"strip-prefix":"whsec_"}]"# => "a"
        Does::cut(|o, bytes| bytes.strip_prefix(o.bytes(0)).unwrap_or(bytes)), |c| c.gives_string(
            format!("{}.removeprefix({})", c.text(), c.literal(c.option("text"))),
            format!("{}.replace(/^{}/, \"\")", c.text(), pattern(c.option("text"))),
        );

    "before" Value [AT]
        "what stands before the first such text; what lacks it stays"
        ("RFC 9110 section 4.2.1")
        r#"[{"text":"a:b:c"}, {"before":":"}]"# => "a"
        Does::cut(|o, bytes| memmem::find(bytes, o.bytes(0)).map_or(bytes, |at| &bytes[..at])), |c| {
            let (it, at) = (c.text(), c.literal(c.option("at")));
            c.gives_string(format!("{it}.split({at}, 1)[0]"), format!("{it}.split({at}, 1)[0]"))
        };

    "after" Value [AT]
        "what stands after the first such text; nothing where there is none" ("RFC 9110 section 4.2.1")
        r#"[{"text":"a:b:c"}, {"after":":"}]"# => "b:c"
        Does::cut(|o, bytes| memmem::find(bytes, o.bytes(0)).map_or(&[], |at| &bytes[at + o.bytes(0).len()..])), |c| {
            let (it, at) = (c.text(), c.literal(c.option("at")));
            c.gives_string(format!("{it}.partition({at})[2]"), format!("{it}.split({at}).slice(1).join({at})"))
        };

    "trim" | "strip" Short [OF]
        "white space at either end of a value" ("RFC 9110 section 5.5")
        r#"[{"text":" a b "}, "trim"]"# => "a b"
        Does::cut(|_, bytes| bytes.trim_ascii()), |c| c.gives_string(
            c.text() + ".strip(b\" \\t\\n\\f\\r\")",
            c.text() + ".replace(/^[ \\t\\n\\f\\r]+|[ \\t\\n\\f\\r]+$/g, \"\")",
        );

    "unquote" Short [OF]
        "takes off the double quotes around a value" ("RFC 5849 section 3.5.1")
        r#"[{"text":"\"a\""}, "unquote"]"# => "a"
        Does::cut(|_, bytes| bytes.strip_prefix(b"\"").and_then(|bytes| bytes.strip_suffix(b"\"")).unwrap_or(bytes));

    "drop-default-port" Options []
        "a host without :80 for http and :443 for https" ("RFC 5849 section 3.4.1.2")
        r#"[{"text":"example.com:443"}, "drop-default-port"]"# => "example.com"
        Does::cut_by(|view, host| text::without_default_port(host, view.scheme));
};
