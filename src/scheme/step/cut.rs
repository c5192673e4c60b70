//! Steps that cut something off: what is not there stays not there.

use super::encode::OF;
use crate::primitive::text;
use crate::scheme::item::{Item, Kind, Opt, StepItem, Written};
use crate::scheme::machine::Does;

pub static TRUNCATE: StepItem = Item {
    word: "truncate",
    options: &[Opt::required("bytes", Kind::Count)],
    written: Written::Short,
    reason: "keeps the leftmost bytes of a MAC",
    example: (r#"[{"text":"abcdef"}, {"truncate":4}]"#, "abcd"),
    document: "RFC 2104 section 5; RFC 4868 section 2.3",
    does: Does::Cut(|o, bytes| &bytes[..bytes.len().min(usize::try_from(o.count(0)).unwrap_or(usize::MAX))]),
};

pub static STRIP_PREFIX: StepItem = Item {
    word: "strip-prefix",
    options: &[Opt::required("text", Kind::Text)],
    written: Written::Short,
    reason: "takes off a mark such as `whsec_`; what lacks it stays",
    example: (r#"[{"text":"whsec_a"}, {"strip-prefix":"whsec_"}]"#, "a"),
    document: "Standard Webhooks, secrets",
    does: Does::Cut(|o, bytes| bytes.strip_prefix(o.bytes(0)).unwrap_or(bytes)),
};

pub static TRIM: StepItem = Item {
    word: "trim",
    options: &[OF],
    written: Written::Short,
    reason: "white space at either end of a value",
    example: (r#"[{"text":" a b "}, "trim"]"#, "a b"),
    document: "RFC 9110 section 5.5",
    does: Does::Cut(|_, bytes| bytes.trim_ascii()),
};

pub static UNQUOTE: StepItem = Item {
    word: "unquote",
    options: &[OF],
    written: Written::Short,
    reason: "takes off the double quotes around a value",
    example: (r#"[{"text":"\"a\""}, "unquote"]"#, "a"),
    document: "RFC 5849 section 3.5.1",
    does: Does::Cut(|_, bytes| bytes.strip_prefix(b"\"").and_then(|bytes| bytes.strip_suffix(b"\"")).unwrap_or(bytes)),
};

pub static DROP_DEFAULT_PORT: StepItem = Item {
    word: "drop-default-port",
    options: &[],
    written: Written::Options,
    reason: "a host without :80 for http and :443 for https",
    example: (r#"[{"text":"example.com:443"}, "drop-default-port"]"#, "example.com"),
    document: "RFC 5849 section 3.4.1.2",
    does: Does::CutBy(|view, host| text::without_default_port(host, view.scheme)),
};
