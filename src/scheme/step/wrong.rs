//! Steps of mutants: wrong ways that real code went, each with its row of the bug classes.

use crate::primitive::Sink;
use crate::scheme::item::{Item, Kind, Opt, StepItem, Written};
use crate::scheme::machine::{Does, Many, Pair, Write};
use unicode_normalization::UnicodeNormalization;

/// All of them.
pub static STEPS: &[&StepItem] = &[
    &LATIN1,
    &NFC,
    &KEEP_FIRST,
    &KEEP_LAST,
    &DROP_EMPTY,
    &DROP_VALUELESS,
    &DROP_LEADING_ZEROS,
    &DROP_DIGIT_ZEROS,
    &REPLACE,
    &CUT_AT_EQUALS,
    &APPEND,
];

/// A step without options that writes bytes in another form.
const fn write(
    word: &'static str,
    reason: &'static str,
    example: (&'static str, &'static str),
    document: &'static str,
    write: Write,
) -> StepItem {
    Item { word, options: &[], written: Written::Options, reason, example, document, does: Does::Write(write) }
}

/// A step without options that leaves out pairs.
const fn pairs(
    word: &'static str,
    reason: &'static str,
    example: (&'static str, &'static str),
    document: &'static str,
    pairs: Many,
) -> StepItem {
    Item { word, options: &[], written: Written::Options, reason, example, document, does: Does::Pairs(pairs) }
}

static LATIN1: StepItem = write(
    "latin1",
    "text in Latin-1, `?` where it has no byte for a character; what is not UTF-8 stays",
    (r#"[{"text":"é"}, "latin1", "hex"]"#, "e9"),
    "C10",
    |_, bytes, out| {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.chars().for_each(|c| out.put(&[u8::try_from(u32::from(c)).unwrap_or(b'?')])),
            Err(_) => out.put(bytes),
        }
        Ok(())
    },
);

static NFC: StepItem = write(
    "nfc",
    "text composed, Unicode normalisation form C; what is not UTF-8 stays",
    (r#"[{"text":"e\u0301"}, "nfc"]"#, "é"),
    "C73",
    |_, bytes, out| {
        match std::str::from_utf8(bytes) {
            Ok(text) => out.put(text.nfc().collect::<String>().as_bytes()),
            Err(_) => out.put(bytes),
        }
        Ok(())
    },
);

fn again(pair: &Pair<'_>, others: &[Pair<'_>]) -> bool {
    others.iter().any(|other| other.name() == pair.name())
}

static KEEP_FIRST: StepItem = pairs(
    "keep-first",
    "of a repeated name, the first",
    (
        r#"[{"text":"a=1&a=2"}, {"split":"&"}, {"assign":"="}, "keep-first", {"pair":"{name}{value}"}, {"join":""}]"#,
        "a1",
    ),
    "C30",
    |_, machine, pairs| Ok(machine.keep(pairs, |i| !again(&pairs[i], &pairs[..i]))),
);

static KEEP_LAST: StepItem = pairs(
    "keep-last",
    "of a repeated name, the last",
    (
        r#"[{"text":"a=1&a=2"}, {"split":"&"}, {"assign":"="}, "keep-last", {"pair":"{name}{value}"}, {"join":""}]"#,
        "a2",
    ),
    "C30",
    |_, machine, pairs| Ok(machine.keep(pairs, |i| !again(&pairs[i], &pairs[i + 1..]))),
);

static DROP_EMPTY: StepItem = pairs(
    "drop-empty",
    "without pairs whose value is empty or missing",
    (
        r#"[{"text":"a=&b=2"}, {"split":"&"}, {"assign":"="}, "drop-empty", {"pair":"{name}{value}"}, {"join":""}]"#,
        "b2",
    ),
    "C34",
    |_, machine, pairs| Ok(machine.keep(pairs, |i| pairs[i].value().is_some_and(|value| !value.is_empty()))),
);

static DROP_VALUELESS: StepItem = pairs(
    "drop-valueless",
    "without pairs that have no value",
    (
        r#"[{"text":"a=1"}, {"split":"&"}, {"assign":"="}, "drop-valueless", {"pair":"{name}{value}"}, {"join":""}]"#,
        "a1",
    ),
    "C33",
    |_, machine, pairs| Ok(machine.keep(pairs, |i| pairs[i].value().is_some())),
);

static DROP_LEADING_ZEROS: StepItem = write(
    "drop-leading-zeros",
    "a number without the zeros at its start",
    (r#"[{"text":"00a0"}, "drop-leading-zeros"]"#, "a0"),
    "C74",
    |_, bytes, out| {
        out.put(&bytes[bytes.iter().take_while(|&&b| b == b'0').count()..]);
        Ok(())
    },
);

static DROP_DIGIT_ZEROS: StepItem = write(
    "drop-digit-zeros",
    "each byte's digits without a leading zero",
    (r#"[{"text":"0a10"}, "drop-digit-zeros"]"#, "a10"),
    "C74",
    |_, bytes, out| {
        for pair in bytes.chunks(2) {
            out.put(if pair.len() == 2 && pair[0] == b'0' { &pair[1..] } else { pair });
        }
        Ok(())
    },
);

static REPLACE: StepItem = Item {
    word: "replace",
    options: &[Opt::required("text", Kind::Text), Opt::required("by", Kind::Text)],
    written: Written::Options,
    reason: "one text in the place of another, wherever it stands; an empty text stands nowhere",
    example: (r#"[{"text":"a/b"}, {"replace":{"text":"/","by":"\\/"}}]"#, r"a\/b"),
    document: "C76, C66",
    does: Does::Write(|o, mut bytes, out| {
        let text = o.bytes(0);
        while let Some(first) = bytes.first() {
            match bytes.strip_prefix(text).filter(|_| !text.is_empty()) {
                Some(rest) => {
                    out.put(o.bytes(1));
                    bytes = rest;
                }
                None => {
                    out.put(&[*first]);
                    bytes = &bytes[1..];
                }
            }
        }
        Ok(())
    }),
};

static CUT_AT_EQUALS: StepItem = Item {
    word: "cut-at-equals",
    options: &[],
    written: Written::Options,
    reason: "nothing from the first equals sign on",
    example: (r#"[{"text":"a=b"}, "cut-at-equals"]"#, "a"),
    document: "C35",
    does: Does::WriteValue(|_, bytes, out| {
        out.put(bytes.split(|&b| b == b'=').next().unwrap_or_default());
        Ok(())
    }),
};

static APPEND: StepItem = Item {
    word: "append",
    options: &[Opt::required("text", Kind::Text)],
    written: Written::Short,
    reason: "something more at the end",
    example: (r#"[{"text":"a"}, {"append":"!"}]"#, "a!"),
    document: "V07",
    does: Does::Write(|o, bytes, out| {
        out.put(bytes);
        out.put(o.bytes(0));
        Ok(())
    }),
};
