//! Steps of mutants: wrong ways that real code went, each with its row of the bug classes.

use super::address;
use super::rewritten::{LIBRARIES, rewritten};
use super::text::replace;
use crate::primitive::{Sink, encoding, steps, text};
use crate::scheme::item::{Item, Opt, OptionKind, items};
use crate::scheme::machine::{Does, Field, Machine, OnBytes, Side};
use bumpalo::collections::Vec as Gathered;
use memchr::memmem;
use std::collections::HashMap;
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

const TEXT: Opt = Opt::required("text", OptionKind::Text);

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

    "low-bytes" Options []
        "of each UTF-16 unit of a text the low byte; what is not UTF-8 stays" ("C10")
        r#"[{"text":"é€"}, "low-bytes", "hex"]"# => "e9ac"
        Does::write(|_, bytes, out| {
            match std::str::from_utf8(bytes) {
                Ok(text) => text.encode_utf16().for_each(|unit| out.put(&unit.to_le_bytes()[..1])),
                Err(_) => out.put(bytes),
            }
            Ok(())
        });

    "us-ascii" Options []
        "text in ASCII, `?` where it has no byte for a character; what is not UTF-8 stays" ("C10")
        r#"[{"text":"aé"}, "us-ascii"]"# => "a?"
        Does::write(|_, bytes, out| {
            match std::str::from_utf8(bytes) {
                Ok(text) => text.chars().for_each(|c| out.put(&[u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')])),
                Err(_) => out.put(bytes),
            }
            Ok(())
        });

    "utf8-replaced" Options []
        "text with U+FFFD for bytes that are no UTF-8" ("C67")
        r#"[{"hex":"61ff"}, "utf8-replaced"]"# => "a\u{fffd}"
        Does::write_unless(|_, bytes| std::str::from_utf8(bytes).is_ok(), |_, bytes, out| {
            bytes.utf8_chunks().for_each(|chunk| {
                out.put(chunk.valid().as_bytes());
                if !chunk.invalid().is_empty() {
                    out.put("\u{fffd}".as_bytes());
                }
            });
            Ok(())
        });

    "rewrite-json" Short [Opt::word("library", LIBRARIES, "stringify")]
        "JSON that a library has read and writes anew; what is no JSON stays" ("C66")
        r#"[{"text":"{\"a\": 1.00}"}, {"rewrite-json":"stringify"}]"# => r#"{"a":1}"#
        Does::write(|o, bytes, out| {
            steps::count(bytes.len());
            match rewritten(bytes, o.word(0)) {
                Some(json) => out.put(json.as_bytes()),
                None => out.put(bytes),
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

    "drop-valueless" Options []
        "without pairs that have no value" ("C33")
        r#"[{"text":"a=1"}, {"split":"&"}, {"assign":"="}, "drop-valueless", {"pair":"{name}{value}"}, {"join":""}]"#
            => "a1"
        Does::Pairs(|_, machine, pairs| Ok(machine.keep(pairs, |_, pair| pair.value().is_some())));

    "first-item" Options []
        "the first item alone" ("V15")
        r#"[{"text":"a=1,b=2"}, {"split":","}, {"assign":"="}, "first-item", "names", {"join":","}]"# => "a"
        Does::Pairs(|_, _, pairs| Ok(&pairs[..pairs.len().min(1)]));

    "sole-item" Options []
        "the item where there is one, and nothing where there are several" ("V15")
        r#"[{"text":"a=1,b=2"}, {"split":","}, {"assign":"="}, "sole-item", "names", {"join":","}]"# => ""
        Does::Pairs(|_, _, pairs| Ok(if pairs.len() == 1 { pairs } else { &[] }));

    "without-first" Options []
        "all but the first item" ("V30")
        r#"[{"text":"a=1,b=2"}, {"split":","}, {"assign":"="}, "without-first", "names", {"join":","}]"# => "b"
        Does::Pairs(|_, _, pairs| Ok(pairs.get(1..).unwrap_or_default()));

    "skip" Short [Opt::required("bytes", OptionKind::Count)]
        "all but so many bytes at the start" ("K04")
        r#"[{"text":"whsec_a"}, {"skip":6}]"# => "a"
        Does::cut(|o, bytes| bytes.get(usize::try_from(o.count(0)).unwrap_or(usize::MAX)..).unwrap_or_default());

    "strip-characters" Short [TEXT]
        "without any of these characters at the start, as lstrip of Python does" ("K04")
        r#"[{"text":"whsec_sea"}, {"strip-characters":"whsec_"}]"# => "a"
        Does::cut(|o, bytes| &bytes[bytes.iter().take_while(|byte| o.bytes(0).contains(byte)).count()..]);

    "group-names" Options []
        "fields of one name together, in the place of the first" ("C94")
        r#"[{"text":"a=1&b=2&a=3"}, {"split":"&"}, {"assign":"="}, "group-names", {"pair":"{name}{value}"}, {"join":""}]"#
            => "a1a3b2"
        Does::Pairs(|_, machine, pairs| {
            let mut places = HashMap::new();
            pairs.iter().enumerate().rev().for_each(|(i, pair)| { places.insert(pair.name(), i); });
            let mut sorted = Gathered::from_iter_in(pairs.iter().copied(), machine.bump);
            sorted.sort_by_key(|pair| places[pair.name()]);
            Ok(sorted.into_bump_slice())
        });

    "hex-digits-decoded" Options []
        "bytes of hexadecimal digits, up to what is none, as Buffer.from does" ("K04")
        r#"[{"text":"7e7ex"}, "hex-digits-decoded"]"# => "~~"
        Does::write(|_, text, out| {
            let is_byte = |digits: &&[u8]| digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit);
            let bytes = text.chunks(2).take_while(is_byte).count();
            encoding::hex_decode(&text[..2 * bytes], out).map_err(|e| out.malformed(e))
        });

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

    "replace-first" Value [Opt::required("texts", OptionKind::Replacements)]
        "one text in the place of another, where one stands first and nowhere else" ("C83")
        r#"[{"text":"a/b/c"}, {"replace-first":{"/":":"}}]"# => "a:b/c"
        Does::write(|o, bytes, out| {
            replace(o.replacements(0), bytes, 1, out);
            Ok(())
        });

    "before-last" Value [Opt::required("at", OptionKind::Cut)]
        "what stands before the last such text; what lacks it stays" ("C85")
        r#"[{"text":"a:b:c"}, {"before-last":":"}]"# => "a:b"
        Does::cut(|o, bytes| memmem::rfind(bytes, o.bytes(0)).map_or(bytes, |at| &bytes[..at]));

    "after-last" Value [Opt::required("at", OptionKind::Cut)]
        "what stands after the last such text; nothing where there is none" ("C85")
        r#"[{"text":"a:b:c"}, {"after-last":":"}]"# => "c"
        Does::cut(|o, bytes| memmem::rfind(bytes, o.bytes(0)).map_or(&[], |at| &bytes[at + o.bytes(0).len()..]));

    "length-in-characters" Options []
        "number of UTF-16 units, as strings of JavaScript and Java count; of bytes, where they are no UTF-8" ("C86")
        r#"[{"text":"é😀"}, "length-in-characters"]"# => "3"
        Does::write(|_, bytes, out| {
            let length = std::str::from_utf8(bytes).map_or(bytes.len(), |text| text.encode_utf16().count());
            out.put(length.to_string().as_bytes());
            Ok(())
        });

    "drop-zero" Options []
        "without pairs whose value is empty, missing or `0`" ("C87")
        r#"[{"text":"a=&b=0&c=1"}, {"split":"&"}, {"assign":"="}, "drop-zero", {"pair":"{name}{value}"}, {"join":""}]"#
            => "c1"
        Does::Pairs(|_, machine, pairs| Ok(machine.keep(pairs, |_, pair| !matches!(pair.filled(), b"" | b"0"))));

    "cut-at-equals" Options []
        "nothing from the first equals sign on" ("C35")
        r#"[{"text":"a=b"}, "cut-at-equals"]"# => "a"
        Does::Each(OnBytes::Write(|_, bytes, out| {
            out.put(bytes.split(|&b| b == b'=').next().unwrap_or_default());
            Ok(())
        }), Side::Value);

    "php-names" Options []
        "names as PHP has them in its variables, with _ for spaces and points" ("C94")
        r#"[{"text":"a.b=1"}, {"split":"&"}, {"assign":"="}, "php-names", "names", {"join":","}]"# => "a_b"
        Does::Each(OnBytes::Write(|_, bytes, out| {
            bytes.iter().for_each(|byte| out.put(if b" .".contains(byte) { b"_" } else { std::slice::from_ref(byte) }));
            Ok(())
        }), Side::Name);

    "latin1-as-utf8" Options []
        "bytes read as Latin-1 text and written as UTF-8" ("C10")
        r#"[{"text":"é"}, "latin1-as-utf8", "hex"]"# => "c383c2a9"
        Does::write(|_, bytes, out| {
            let mut unit = [0; 2];
            bytes.iter().for_each(|&byte| out.put(char::from(byte).encode_utf8(&mut unit).as_bytes()));
            Ok(())
        });

    "with-port" Options []
        "an address or a host with the default port of its scheme, where it has none" ("C56")
        r#"[{"text":"https://example.com/a"}, "with-port"]"# => "https://example.com:443/a"
        Does::write(|_, address, out| {
            let (host, port) = host_and_port(address);
            out.put(&address[..host.end]);
            if port.is_empty() {
                out.put(if address.starts_with(b"http://") { b":80" } else { b":443" });
            }
            out.put(&address[host.end..]);
            Ok(())
        });

    "without-port" Options []
        "an address or a host without its port" ("C56")
        r#"[{"text":"http://example.com:8080/a"}, "without-port"]"# => "http://example.com/a"
        Does::write(|_, address, out| {
            let (host, port) = host_and_port(address);
            out.put(&address[..host.end]);
            out.put(&address[port.end..]);
            Ok(())
        });

    "without-default-port" Short [Opt::flag("either", false)]
        "an address without the default port of its scheme, or with `either` of any" ("C56")
        r#"[{"text":"http://example.com:80/a"}, "without-default-port"]"# => "http://example.com/a"
        Does::write(|o, address, out| {
            let (host, port) = host_and_port(address);
            let is_default = match &address[port.clone()] {
                b":443" => o.flag(0) || address.starts_with(b"https:"),
                b":80" => o.flag(0) || address.starts_with(b"http:"),
                _ => false,
            };
            out.put(&address[..host.end]);
            out.put(&address[if is_default { port.end } else { port.start }..]);
            Ok(())
        });

    "reread" Short [Opt::word("library", address::LIBRARIES, "href")]
        "an address, or path and query, that a library has read and writes anew" ("C14")
        r#"[{"text":"https://Example.com:443/a/../b?c='"}, {"reread":"href"}]"# => "https://example.com/b?c=%27"
        Does::write(|o, address, out| {
            steps::count(address.len());
            out.put(&address::reread(address, o.word(0)));
            Ok(())
        });

    "bytes-repr" Options []
        "bytes as `str` of Python writes them" ("C95")
        r#"[{"text":"it's"}, "bytes-repr"]"# => r#"b"it's""#
        Does::write(|_, bytes, out| {
            let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { b'"' } else { b'\'' };
            out.put(&[b'b', quote]);
            for byte in bytes {
                match *byte {
                    b'\n' => out.put(b"\\n"),
                    b'\r' => out.put(b"\\r"),
                    b'\t' => out.put(b"\\t"),
                    own if own == b'\\' || own == quote => out.put(&[b'\\', own]),
                    b' '..=b'~' => out.put(&[*byte]),
                    _ => out.put(format!("\\x{byte:02x}").as_bytes()),
                }
            }
            out.put(&[quote]);
            Ok(())
        });

    "as-float" Options []
        "a whole number with a zero behind a point" ("C72")
        r#"[{"text":"7"}, "as-float"]"# => "7.0"
        Does::write(|_, number, out| {
            out.put(number);
            out.put(if number.contains(&b'.') { b"" } else { b".0" });
            Ok(())
        });

    "numbers-first" Options []
        "fields whose names are whole numbers, by number, and then the others in their order" ("C94")
        r#"[{"text":"b=1&10=2&9=3"}, {"split":"&"}, {"assign":"="}, "numbers-first", "names", {"join":","}]"# => "9,10,b"
        Does::Pairs(|_, machine, pairs| {
            let mut sorted = Gathered::from_iter_in(pairs.iter().copied(), machine.bump);
            sorted.sort_by_key(|pair| index(pair.name()).map_or((1, 0), |number| (0, number)));
            Ok(sorted.into_bump_slice())
        });

    "as-dictionary" Options []
        "of a repeated name the last value, in the first place" ("C94")
        r#"[{"text":"a=1&b=2&a=3"}, {"split":"&"}, {"assign":"="}, "as-dictionary", {"pair":"{name}{value}"}, {"join":""}]"#
            => "a3b2"
        Does::Pairs(|_, machine, pairs| {
            let mut places = HashMap::new();
            let mut kept = Gathered::new_in(machine.bump);
            for pair in pairs {
                match places.get(pair.name()) {
                    Some(first) => kept[*first] = *pair,
                    None => {
                        places.insert(pair.name(), kept.len());
                        kept.push(*pair);
                    }
                }
            }
            Ok(kept.into_bump_slice())
        });

    "strip-suffix" Short [TEXT]
        "without a text at the end; what lacks it stays" ("C54")
        r#"[{"text":"/a/"}, {"strip-suffix":"/"}]"# => "/a"
        Does::cut(|o, bytes| bytes.strip_suffix(o.bytes(0)).unwrap_or(bytes));

    "break-lines" Short [Opt::required("after", OptionKind::Count)]
        "a line feed after so many bytes each, and after the last" ("C91")
        r#"[{"text":"abcde"}, {"break-lines":2}]"# => "ab\ncd\ne\n"
        Does::write(|o, bytes, out| {
            for line in bytes.chunks(usize::try_from(o.count(0)).unwrap_or(usize::MAX).max(1)) {
                out.put(line);
                out.put(b"\n");
            }
            Ok(())
        });

    "drop-empty-lines" Options []
        "lines without those that are empty" ("C92")
        r#"[{"text":"a\n\nb\n"}, "drop-empty-lines"]"# => "a\nb"
        Does::write(|_, bytes, out| {
            for (i, line) in bytes.split(|&b| b == b'\n').filter(|line| !line.is_empty()).enumerate() {
                out.put(if i > 0 { b"\n" } else { b"" });
                out.put(line);
            }
            Ok(())
        });

    "prepend" Short [TEXT]
        "something more at the start" ("C92")
        r#"[{"text":"a"}, {"prepend":"!"}]"# => "!a"
        Does::write(|o, bytes, out| {
            out.put(o.bytes(0));
            out.put(bytes);
            Ok(())
        });

    "append" Short [TEXT]
        "something more at the end" ("V07")
        r#"[{"text":"a"}, {"append":"!"}]"# => "a!"
        Does::write(|o, bytes, out| {
            out.put(bytes);
            out.put(o.bytes(0));
            Ok(())
        });
};

/// The number that a name is, where objects of JavaScript take it for the index of an array.
fn index(name: &[u8]) -> Option<u32> {
    let is_canonical = name == b"0" || !name.starts_with(b"0");
    text::digits(name).filter(|_| is_canonical)?.parse().ok().filter(|index| *index < u32::MAX)
}

/// Where host and port, with its colon, stand in an address or in a host.
fn host_and_port(address: &[u8]) -> (Range<usize>, Range<usize>) {
    let start = memmem::find(address, b"://").map_or(0, |at| at + 3);
    let end = address[start..].iter().position(|b| b"/?#".contains(b)).map_or(address.len(), |at| start + at);
    let digits = address[start..end].iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let colon = end - digits;
    match address[start..colon].last() {
        Some(b':') => (start..colon - 1, colon - 1..end),
        _ => (start..end, end..end),
    }
}

fn one_of_each_name<'a>(
    machine: &mut Machine<'a>,
    pairs: &'a [Field<'a>],
    which: fn(&[usize]) -> Option<&usize>,
) -> &'a [Field<'a>] {
    // Sorted, equal names are neighbours.
    let positions = machine.bump.alloc_slice_fill_iter(0..pairs.len());
    positions.sort_unstable_by(|&a, &b| pairs[a].name().cmp(pairs[b].name()).then(a.cmp(&b)));
    let kept = machine.bump.alloc_slice_fill_copy(pairs.len(), false);
    for group in positions.chunk_by(|&a, &b| pairs[a].name() == pairs[b].name()) {
        which(group).into_iter().for_each(|&position| kept[position] = true);
    }
    machine.keep(pairs, |i, _| kept[i])
}
