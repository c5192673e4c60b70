//! Steps that write text in another form.

use super::encode::OF;
use crate::primitive::{Sink, text};
use crate::scheme::item::{Item, Kind, Opt, StepItem, Written};
use crate::scheme::machine::Does;
use bumpalo::collections::Vec as Gathered;

pub static LOWER: StepItem = Item {
    word: "lower",
    options: &[OF],
    written: Written::Short,
    reason: "names of header fields, hosts; ASCII letters only",
    example: (r#"[{"text":"Host"}, "lower"]"#, "host"),
    document: "RFC 9110 section 5.1",
    does: Does::WriteUnless(
        |_, bytes| !bytes.iter().any(u8::is_ascii_uppercase),
        |_, bytes, out| {
            text::each(bytes, u8::to_ascii_lowercase, out);
            Ok(())
        },
    ),
};

pub static UPPER: StepItem = Item {
    word: "upper",
    options: &[OF],
    written: Written::Short,
    reason: "methods; ASCII letters only",
    example: (r#"[{"text":"get"}, "upper"]"#, "GET"),
    document: "RFC 5849 section 3.4.1.1",
    does: Does::WriteUnless(
        |_, bytes| !bytes.iter().any(u8::is_ascii_lowercase),
        |_, bytes, out| {
            text::each(bytes, u8::to_ascii_uppercase, out);
            Ok(())
        },
    ),
};

pub static COLLAPSE_SPACE: StepItem = Item {
    word: "collapse-space",
    options: &[OF],
    written: Written::Short,
    reason: "runs of spaces and tabs become one space, none at either end",
    example: (r#"[{"text":" a   b "}, "collapse-space"]"#, "a b"),
    document: "AWS Signature Version 4, canonical headers",
    does: Does::Write(|_, bytes, out| {
        text::collapse_space(bytes, out);
        Ok(())
    }),
};

pub static NORMALIZE_PATH: StepItem = Item {
    word: "normalize-path",
    options: &[],
    written: Written::Options,
    reason: "removes dot segments and repeated slashes",
    example: (r#"[{"text":"/a/./b/..//c"}, "normalize-path"]"#, "/a/c"),
    document: "RFC 3986 section 5.2.4; AWS Signature Version 4",
    does: Does::Write(|_, path, out| {
        let mut normal = Gathered::with_capacity_in(path.len() + 1, out.bump);
        text::normalize_path(path, &mut normal);
        out.put(&normal);
        Ok(())
    }),
};

pub static PREFIX_UNLESS_EMPTY: StepItem = Item {
    word: "prefix-unless-empty",
    options: &[Opt::required("text", Kind::Text)],
    written: Written::Short,
    reason: "a `/` before a bucket, a `?` before sub-resources, nothing before nothing",
    example: (r#"[{"text":"acl"}, {"prefix-unless-empty":"?"}]"#, "?acl"),
    document: "Amazon S3, REST authentication",
    does: Does::WriteUnless(
        |_, bytes| bytes.is_empty(),
        |o, bytes, out| {
            out.put(o.bytes(0));
            out.put(bytes);
            Ok(())
        },
    ),
};
