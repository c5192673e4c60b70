//! Sources that are made of others, or of nothing.

use crate::primitive::Sink;
use crate::scheme::item::{Expression, Item, Kind, Opt, OptionKind, items};
use crate::scheme::machine::{BytesCode, Failure, Field, Gives, Machine, ManyCode, Out, Supply, Type, Whose, absent};
use bumpalo::collections::Vec as Gathered;

const PARTS: Opt = Opt::required("parts", OptionKind::Pipelines(Some(Type::Bytes)));
const FIXED: Gives = Gives { origin: Whose::Fixed, reads: &[], value: Supply::Bytes(|o, _| Ok(o.bytes(0))) };

pub const ITEMS: &[Item<Gives>] = items! {
    "text" | "literal" | "constant" Value [Opt::required("text", OptionKind::Text)]
        "fixed text" ("a document's constants")
        r#"{"text":"a"}"# => "a"
        FIXED, |c| {
            let text = c.option("text");
            let written = c.gives_string(c.literal(text), c.literal(text))?;
            Some(Expression { literal: Some(text.to_owned()), is_raw: false, ..written })
        };

    "hex" Value [Opt::required("digits", OptionKind::Hex)]
        "fixed bytes, as hexadecimal digits" ("RFC 4648 section 8")
        r#"{"hex":"61"}"# => "a"
        FIXED, |c| {
            let digits = c.option("digits");
            c.gives_bytes(format!("bytes.fromhex(\"{digits}\")"), format!("Buffer.from(\"{digits}\", \"hex\")"))
        };

    "concat" | "concatenate" Value [PARTS]
        "parts one after the other" ("every scheme that signs several values")
        r#"{"concat":["method",{"text":" "},"path"]}"# => "PUT /a b"
        made(Supply::Make(|o, m, out| parts(m, b"", o.codes(0), out))), |c| c.parts("");

    "template" Value [Opt::required("text", OptionKind::References)]
        "text with sources between braces, `{{` for a brace"
        ("header fields of several values")
        r#"{"template":"{{{method} {header.x-id}}"}"# => "{PUT 7}"
        made(Supply::Make(|o, m, out| parts(m, b"", o.codes(0), out))), |c| c.parts("");

    "lines" Value [PARTS]
        "parts with a line feed between them" ("AWS Signature Version 4, canonical request")
        r#"{"lines":["method","host"]}"# => "PUT\nexample.com"
        made(Supply::Make(|o, m, out| parts(m, b"\n", o.codes(0), out))), |c| c.parts("\n");

    "join" Options [Opt::required("with", OptionKind::TextOrValue), PARTS]
        "parts with a separator between them" ("AWS Signature Version 4, credential scope")
        r#"{"join":{"with":"/","parts":["method","host"]}}"# => "PUT/example.com"
        made(Supply::Make(|o, m, out| {
            let with = m.text_or_value(o)?;
            parts(m, with, o.codes(1), out)
        })), |c| c.parts(c.options["with"].as_str()?);

    "first-of" Value [Opt::required("alternatives", OptionKind::Pipelines(None))]
        "the first that is present" ("schemes with a replacement for a header field that proxies change")
        r#"{"first-of":["header.x-none","header.x-id"]}"# => "7"
        made(Supply::Either(
            |o, m| m.first_of(o.codes(0), Machine::maybe),
            |o, m| m.first_of(o.manys(0), Machine::many),
        ));

    "optional" Value [Opt::required("value", OptionKind::Pipeline(Type::Bytes))]
        "the value; where it is absent, empty bytes, and a field that is not added"
        ("AWS Signature Version 4, session token")
        r#"{"optional":"header.x-none"}"# => ""
        made(Supply::Bytes(|o, m| match m.maybe(o.code(0)) {
            Err(fault) if fault.is_absence() => Err(Failure::LEFT_OUT),
            found => found,
        })), |c| Some(c.inner[0].clone());

    "unless-empty" Value [Opt::required("value", OptionKind::Pipeline(Type::Bytes))]
        "the value; absent where it is empty" ("schemes that sign or send a digest only where there is a body")
        r#"{"first-of":[{"unless-empty":{"text":""}}, {"text":"none"}]}"# => "none"
        made(Supply::Bytes(|o, m| match m.bytes(o.code(0))? {
            [] => Err(absent("a value that is not empty", "", m.bump)),
            value => Ok(value),
        }));

    "empty-if" Value [Opt::required("value", OptionKind::Pipeline(Type::Bytes))]
        "empty bytes where the value is there; absent where it is absent"
        ("Amazon S3, REST authentication; Azure Storage, Shared Key")
        r#"{"first-of":[{"empty-if":"header.x-id"}, {"text":"none"}]}"# => ""
        made(Supply::Bytes(|o, m| m.bytes(o.code(0)).map(|_| &[][..])));

    "merge" Value [Opt::required("alternatives", OptionKind::Pipelines(Some(Type::Pairs)))]
        "fields of several sources, in order" ("RFC 5849 section 3.4.1.3.1")
        r#"[{"merge":["query","form"]}, "names", {"join":","}]"# => "x,y"
        made(Supply::Pairs(|o, m| merge(m, o.manys(0)))), |c| {
            let of = |part: &Expression| part.of(Kind::Bytes, c.language);
            let all: Vec<String> = c.inner.iter().map(of).collect();
            let spread: Vec<String> = all.iter().map(|part| format!("...{part}")).collect();
            c.gives_bytes(format!("[*{}]", all.join(", *")), format!("[{}]", spread.join(", ")))
        };

    "pairs" Value [Opt::required("fields", OptionKind::Fields)]
        "fields made here" ("RFC 5849 section 3.4.1.3.1, the protocol's parameters")
        r#"[{"pairs":{"a":"method"}}, {"pair":"{name}={value}"}, {"join":""}]"# => "a=PUT"
        made(Supply::Pairs(|o, m| pairs(m, o.fields(0))));
};

/// Returns what has the secrets of its parts, and reads what they read.
const fn made(value: Supply) -> Gives {
    Gives { origin: Whose::Others, reads: &[], value }
}

fn parts<'a>(
    machine: &mut Machine<'a>,
    with: &[u8],
    parts: &'a [BytesCode],
    out: &mut Out<'_, 'a>,
) -> Result<(), Failure<'a>> {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 && !with.is_empty() {
            out.put(with);
        }
        machine.feed(part, out)?;
    }
    Ok(())
}

fn merge<'a>(machine: &mut Machine<'a>, codes: &'a [ManyCode]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let mut merged: &'a [Field<'a>] = &[];
    for code in codes {
        // Most messages have fields in one place alone.
        merged = match (merged, machine.many(code)?) {
            (all, []) | ([], all) => all,
            (some, more) if !machine.limit.allows(some.len() + more.len()) => return Err(Failure::TOO_LONG),
            (some, more) => Gathered::from_iter_in(some.iter().chain(more).copied(), machine.bump).into_bump_slice(),
        };
    }
    Ok(merged)
}

fn pairs<'a>(machine: &mut Machine<'a>, fields: &'a [(Vec<u8>, BytesCode)]) -> Result<&'a [Field<'a>], Failure<'a>> {
    let mut made = Gathered::with_capacity_in(fields.len(), machine.bump);
    for (name, code) in fields {
        made.push(Field::new(name, Some(machine.bytes(code)?)));
    }
    Ok(made.into_bump_slice())
}
