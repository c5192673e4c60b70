//! Steps of mutants: wrong ways that real code went, each with its row of the bug classes.

use crate::primitive::Sink;
use crate::scheme::item::{Item, Kind, Opt, items};
use crate::scheme::machine::{Args, Does, Fault, Machine, OnBytes, Out, Pair, Side};
use unicode_normalization::UnicodeNormalization;

const TEXT: Opt = Opt::required("text", Kind::Text);

pub const ITEMS: &[Item<Does>] = items! {
    "latin1" Options []
        "text in Latin-1, `?` where it has no byte for a character; what is not UTF-8 stays" ("C10")
        r#"[{"text":"é"}, "latin1", "hex"]"# => "e9"
        Does::write(|_, bytes, out| {
            match std::str::from_utf8(bytes) {
                Ok(text) => text.chars().for_each(|c| out.put(&[u8::try_from(u32::from(c)).unwrap_or(b'?')])),
                Err(_) => out.put(bytes),
            }
            Ok(())
        });

    "nfc" Options []
        "text composed, Unicode normalisation form C; what is not UTF-8 stays" ("C73")
        r#"[{"text":"e\u0301"}, "nfc"]"# => "é"
        Does::write(|_, bytes, out| {
            match std::str::from_utf8(bytes) {
                Ok(text) => out.put(text.nfc().collect::<String>().as_bytes()),
                Err(_) => out.put(bytes),
            }
            Ok(())
        });

    "keep-first" Options []
        "of a repeated name, the first" ("C30")
        r#"[{"text":"a=1&a=2"}, {"split":"&"}, {"assign":"="}, "keep-first", {"pair":"{name}{value}"}, {"join":""}]"#
            => "a1"
        Does::Pairs(|_, machine, pairs| Ok(one_of_each_name(machine, pairs, <[usize]>::first)));

    "keep-last" Options []
        "of a repeated name, the last" ("C30")
        r#"[{"text":"a=1&a=2"}, {"split":"&"}, {"assign":"="}, "keep-last", {"pair":"{name}{value}"}, {"join":""}]"#
            => "a2"
        Does::Pairs(|_, machine, pairs| Ok(one_of_each_name(machine, pairs, <[usize]>::last)));

    "drop-empty" Options []
        "without pairs whose value is empty or missing" ("C34")
        r#"[{"text":"a=&b=2"}, {"split":"&"}, {"assign":"="}, "drop-empty", {"pair":"{name}{value}"}, {"join":""}]"#
            => "b2"
        Does::Pairs(|_, machine, pairs| {
            Ok(machine.keep(pairs, |_, pair| pair.value().is_some_and(|value| !value.is_empty())))
        });

    "drop-valueless" Options []
        "without pairs that have no value" ("C33")
        r#"[{"text":"a=1"}, {"split":"&"}, {"assign":"="}, "drop-valueless", {"pair":"{name}{value}"}, {"join":""}]"#
            => "a1"
        Does::Pairs(|_, machine, pairs| Ok(machine.keep(pairs, |_, pair| pair.value().is_some())));

    "drop-leading-zeros" Options []
        "a number without the zeros at its start" ("C74")
        r#"[{"text":"00a0"}, "drop-leading-zeros"]"# => "a0"
        Does::write(|_, bytes, out| {
            out.put(&bytes[bytes.iter().take_while(|&&b| b == b'0').count()..]);
            Ok(())
        });

    "drop-digit-zeros" Options []
        "each byte's digits without a leading zero" ("C74")
        r#"[{"text":"0a10"}, "drop-digit-zeros"]"# => "a10"
        Does::write(|_, bytes, out| {
            for pair in bytes.chunks(2) {
                out.put(if pair.len() == 2 && pair[0] == b'0' { &pair[1..] } else { pair });
            }
            Ok(())
        });

    "replace" Options [TEXT, Opt::required("by", Kind::Text)]
        "one text in the place of another, wherever it stands; an empty text stands nowhere" ("C76, C66")
        r#"[{"text":"a/b"}, {"replace":{"text":"/","by":"\\/"}}]"# => r"a\/b"
        Does::write(replace);

    "cut-at-equals" Options []
        "nothing from the first equals sign on" ("C35")
        r#"[{"text":"a=b"}, "cut-at-equals"]"# => "a"
        Does::Each(OnBytes::Write(|_, bytes, out| {
            out.put(bytes.split(|&b| b == b'=').next().unwrap_or_default());
            Ok(())
        }), Side::Value);

    "append" Short [TEXT]
        "something more at the end" ("V07")
        r#"[{"text":"a"}, {"append":"!"}]"# => "a!"
        Does::write(|o, bytes, out| {
            out.put(bytes);
            out.put(o.bytes(0));
            Ok(())
        });
};

fn one_of_each_name<'a>(
    machine: &mut Machine<'a>,
    pairs: &'a [Pair<'a>],
    which: fn(&[usize]) -> Option<&usize>,
) -> &'a [Pair<'a>] {
    // Sorted, equal names are neighbours.
    let positions = machine.bump.alloc_slice_fill_iter(0..pairs.len());
    positions.sort_unstable_by(|&a, &b| pairs[a].name().cmp(pairs[b].name()).then(a.cmp(&b)));
    let kept = machine.bump.alloc_slice_fill_copy(pairs.len(), false);
    for group in positions.chunk_by(|&a, &b| pairs[a].name() == pairs[b].name()) {
        which(group).into_iter().for_each(|&position| kept[position] = true);
    }
    machine.keep(pairs, |i, _| kept[i])
}

fn replace<'a>(o: &'a Args, mut bytes: &[u8], out: &mut Out<'_, 'a>) -> Result<(), Fault<'a>> {
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
}
