//! Steps that write text in another form.

use super::encode::OF;
use crate::primitive::{Sink, text};
use crate::scheme::item::{Item, Opt, OptionKind, items};
use crate::scheme::machine::Does;
use bumpalo::collections::Vec as Gathered;

pub const ITEMS: &[Item<Does>] = items! {
    "lower" | "lowercase" | "tolower" | "to-lower" Short [OF]
        "ASCII letters only" ("RFC 9110 section 5.1")
        r#"[{"text":"Host"}, "lower"]"# => "host"
        Does::write_unless(|_, bytes| !bytes.iter().any(u8::is_ascii_uppercase), |_, bytes, out| {
            text::each(bytes, u8::to_ascii_lowercase, out);
            Ok(())
        }), |c| c.gives_string(c.text() + ".lower()", c.text() + ".replace(/[A-Z]/g, c => c.toLowerCase())");

    "upper" | "uppercase" | "toupper" | "to-upper" Short [OF]
        "ASCII letters only" ("RFC 5849 section 3.4.1.1")
        r#"[{"text":"get"}, "upper"]"# => "GET"
        Does::write_unless(|_, bytes| !bytes.iter().any(u8::is_ascii_lowercase), |_, bytes, out| {
            text::each(bytes, u8::to_ascii_uppercase, out);
            Ok(())
        }), |c| c.gives_string(c.text() + ".upper()", c.text() + ".replace(/[a-z]/g, c => c.toUpperCase())");

    "collapse-space" Short [OF]
        "runs of spaces and tabs become one space, none at either end" ("AWS Signature Version 4, canonical headers")
        r#"[{"text":" a   b "}, "collapse-space"]"# => "a b"
        Does::write(|_, bytes, out| {
            text::collapse_space(bytes, out);
            Ok(())
        }), |c| c.gives_string(
            format!("re.sub(rb\"[ \\t]+\", b\" \", {}).strip(b\" \")", c.text()),
            c.text() + ".replace(/[ \\t]+/g, \" \")\n.replace(/^ | $/g, \"\")",
        );

    "normalize-path" Options []
        "removes dot segments and repeated slashes" ("RFC 3986 section 5.2.4; AWS Signature Version 4")
        r#"[{"text":"/a/./b/..//c"}, "normalize-path"]"# => "/a/c"
        Does::write(|_, path, out| {
            let mut normal = Gathered::with_capacity_in(path.len() + 1, out.bump);
            text::normalize_path(path, &mut normal);
            out.put(&normal);
            Ok(())
        });

    "length" Options []
        "number of bytes, in decimal digits" ("RFC 9110 section 8.6")
        r#"[{"text":"é"}, "length"]"# => "2"
        Does::write(|_, bytes, out| {
            out.put(bumpalo::format!(in out.bump, "{}", bytes.len()).as_bytes());
            Ok(())
        }), |c| c.gives_text(format!("str(len({}))", c.bytes()), format!("String(Buffer.byteLength({}))", c.any()));

    "replace" | "substitute" Value [Opt::required("texts", OptionKind::Replacements)]
        "one text in the place of another, wherever it stands; where several begin, the first that is listed"
        ("escapes that a document undoes or adds")
        r#"[{"text":"a%3Ab%2F:"}, {"replace":{"%3A":":","%2F":"/",":":"-"}}]"# => "a:b/-"
        Does::write(|o, bytes, out| {
            replace(o.replacements(0), bytes, usize::MAX, out);
            Ok(())
        }), |c| {
            let [(from, to)] = c.options["texts"].as_object()?.iter().collect::<Vec<_>>()[..] else { return None };
            let (from, to) = (c.literal(from), c.literal(to.as_str()?));
            let javascript = if to.contains('$') { format!("() => {to}") } else { to.clone() };
            c.gives_string(
                format!("{}.replace({from}, {to})", c.text()),
                format!("{}.replaceAll({from}, {javascript})", c.text()),
            )
        };

    "prefix-unless-empty" Short [Opt::required("text", OptionKind::Text)]
        "this text before a value that is not empty" ("Amazon S3, REST authentication")
        r#"[{"text":"acl"}, {"prefix-unless-empty":"?"}]"# => "?acl"
        Does::write_unless(|_, bytes| bytes.is_empty(), |o, bytes, out| {
            out.put(o.bytes(0));
            out.put(bytes);
            Ok(())
        });
};

/// Writes `bytes` with texts replaced at the first `most` places where one of them stands.
pub(super) fn replace(texts: &[(Vec<u8>, Vec<u8>)], bytes: &[u8], most: usize, out: &mut impl Sink) {
    let (mut kept, mut at, mut replaced) = (0, 0, 0);
    while at < bytes.len() && replaced < most {
        match texts.iter().find(|(text, _)| bytes[at..].starts_with(text)) {
            Some((text, by)) => {
                out.put(&bytes[kept..at]);
                out.put(by);
                at += text.len();
                (kept, replaced) = (at, replaced + 1);
            }
            None => at += 1,
        }
    }
    out.put(&bytes[kept..]);
}
